import fc from 'fast-check';

/** Text as a document may hold it: canonical XML knows only `value`, and nothing of a comment. */
interface Piece {
  readonly kind: 'text' | 'reference' | 'cdata' | 'comment';
  readonly value: string;
}

/** An element to be written. Prefixes are drawn from those in force where it stands, so every document is well-formed. */
export interface Tree {
  readonly name: string;
  readonly prefix: number;
  readonly declarations: readonly (readonly [prefix: string, uri: string])[];
  readonly attributes: readonly { readonly name: string; readonly prefix: number; readonly value: readonly Piece[] }[];
  readonly xmlAttribute: string | null;
  readonly children: readonly (Tree | Piece)[];
  /** Chooses quotes and white space inside tags. */
  readonly style: number;
}

/** What may differ between the users of these documents. */
export interface Vocabulary {
  readonly prefixes: readonly string[];
  readonly names: readonly string[];
  /** Absolute URIs. */
  readonly uris: readonly string[];
}

/** Names that sort, fold and parse differently in careless code; the last two of each order by code point only. */
export const vocabulary: Vocabulary = {
  prefixes: ['a', 'A', 'b', 'aB', 'ab', 'x-1.z', 'é', '名', 'xmlnsx', 'constructor', '\uFFFD', '\u{10000}'],
  names: ['a', 'A', 'b', 'aB', 'ab', '_x-1.z', 'é', '名', 'xmlnsfoo', 'toString', 'Id', '\uFFFD', '\u{10000}b'],
  uris: ['urn:a', 'urn:A', 'urn:b', 'urn:c', 'http://example.test/ns?a=1#b', 'https://example.test/%C3%A9'],
};

const character = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('&', '<', '>', '"', "'", '\t', '\n', '\r', ']', ' ', 'a', 'é') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(']]>', '\r\n', '\u0085', '\u2028', '\uFEFF', '\uFFFD', '\x7F', '\u{1F600}', '&amp;'),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 1 })
      .filter((c) => !/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/.test(c)),
  },
);
const text = fc.string({ unit: character, maxLength: 6 });
const piece = (...kinds: readonly Piece['kind'][]): fc.Arbitrary<Piece> =>
  fc.record({ kind: fc.constantFrom(...kinds), value: text });

/** Documents of nested and rebound namespaces, with every way to write a character. */
export function documents({ prefixes, names, uris }: Vocabulary = vocabulary): fc.Arbitrary<Tree> {
  const uri = fc.constantFrom(...uris);
  const declaration = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...prefixes), uri) },
    { weight: 2, arbitrary: fc.tuple(fc.constant(''), uri) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(''), fc.constant('')) },
  );
  const { tree } = fc.letrec<{ tree: Tree; child: Tree | Piece }>((tie) => ({
    tree: fc.record({
      name: fc.constantFrom(...names),
      prefix: fc.nat(20),
      declarations: fc.uniqueArray(declaration, { maxLength: 4, selector: ([prefix]) => prefix }),
      attributes: fc.array(
        fc.record({
          name: fc.constantFrom(...names),
          prefix: fc.nat(20),
          value: fc.array(piece('text', 'reference'), { maxLength: 2 }),
        }),
        { maxLength: 4 },
      ),
      xmlAttribute: fc.option(fc.constantFrom('xml:lang', 'xml:space', 'xml:base'), { freq: 6 }),
      children: fc.array(tie('child'), { maxLength: 3 }),
      style: fc.nat(7),
    }),
    child: fc.oneof({ maxDepth: 4 }, piece('text', 'reference', 'cdata', 'comment'), tie('tree')),
  }));
  return tree;
}

/** Options of {@link writeDocument}. */
export interface WriteOptions {
  /** Default `true`. */
  readonly comments?: boolean | undefined;
  /** Namespaces by prefix that will be in force around the document. */
  readonly scope?: ReadonlyMap<string, string> | undefined;
  /** An attribute added to the root. */
  readonly attribute?: string | undefined;
  /** Markup put among the children of the root, and where. */
  readonly insert?: { readonly markup: string; readonly at: number } | undefined;
}

/** The document as text. */
export function writeDocument(tree: Tree, options: WriteOptions = {}): string {
  return writeElement(tree, options.scope ?? new Map(), options.comments ?? true, options);
}

function writeElement(
  tree: Tree,
  outer: ReadonlyMap<string, string>,
  comments: boolean,
  { attribute: extra, insert }: WriteOptions = {},
): string {
  const scope = new Map([...outer, ...tree.declarations]);
  const declared = [...scope].filter(([prefix, uri]) => prefix !== '' && uri !== '').map(([prefix]) => prefix);
  const qualify = (index: number, name: string): string => {
    const prefix = declared[index % (declared.length + 1)];
    return prefix === undefined ? name : `${prefix}:${name}`;
  };
  const quote = tree.style & 1 ? "'" : '"';
  const space = tree.style & 2 ? '\n\t ' : ' ';
  const attributes = new Map<string, string>();
  for (const [prefix, uri] of tree.declarations)
    attributes.set(
      `{xmlns}${prefix}`,
      attribute(`xmlns${prefix && ':'}${prefix}`, [{ kind: 'text', value: uri }], quote),
    );
  for (const { name, prefix, value } of tree.attributes) {
    const qualified = qualify(prefix, name);
    const colon = qualified.indexOf(':');
    const expanded = colon === -1 ? name : `{${scope.get(qualified.slice(0, colon))}}${name}`;
    if (!attributes.has(expanded)) attributes.set(expanded, attribute(qualified, value, quote));
  }
  if (tree.xmlAttribute !== null)
    attributes.set('{xml}', attribute(tree.xmlAttribute, [{ kind: 'text', value: 'default' }], quote));

  if (extra !== undefined) attributes.set('', extra);

  const name = qualify(tree.prefix, tree.name);
  const written = [...attributes.values()];
  // Declarations need not come first.
  if (tree.style & 4) written.reverse();
  const start = `<${[name, ...written].join(space)}`;
  const children = tree.children.map((child) =>
    'kind' in child ? writePiece(child, comments) : writeElement(child, scope, comments),
  );
  if (insert !== undefined) children.splice(insert.at % (children.length + 1), 0, insert.markup);
  const content = children.join('');
  return content === '' && tree.style & 1
    ? `${start}/>`
    : `${start}>${content}</${name}${tree.style & 2 ? ' \n' : ''}>`;
}

function attribute(name: string, value: readonly Piece[], quote: string): string {
  const written = value.map((piece) =>
    piece.kind === 'text'
      ? escapeText(piece.value).replaceAll(quote, quote === '"' ? '&quot;' : '&apos;')
      : refer(piece.value),
  );
  return `${name}=${quote}${written.join('')}${quote}`;
}

function writePiece({ kind, value }: Piece, comments: boolean): string {
  if (kind === 'comment') return comments ? `<!--${value.replaceAll('-', '=')}-->` : '';
  if (kind === 'cdata') return `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
  return kind === 'text' ? escapeText(value) : refer(value);
}

function escapeText(value: string): string {
  return value.replace(/[&<]|(?<=\])>|^>/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : '&gt;'));
}

function refer(value: string): string {
  return Array.from(value, (c, i) => (i % 2 ? `&#${c.codePointAt(0)};` : `&#x${c.codePointAt(0)?.toString(16)};`)).join(
    '',
  );
}
