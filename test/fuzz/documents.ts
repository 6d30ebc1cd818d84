import { type Piece, type Tree, vocabulary, writeDocument } from '../support/documents.ts';
import { dictionary, markupTokens } from './mutators/dictionary.ts';
import type { Mutator } from './mutators/mutator.ts';
import { tokenMutators } from './mutators/tokens.ts';
import type { Random } from './random.ts';

const characters = [
  ...'&<>"\'\t\n\r] aé'.split(''),
  ...[']]>', '\r\n', '\u0085', '\u2028', '\uFEFF', '\uFFFD', '\x7F', '\u{1F600}', '\u{10FFFF}', '&amp;', '--', '?>'],
];

/** Any document of the grammar: nested and rebound namespaces, every way to write a character. */
export function makeDocument(random: Random): string {
  const aside = random.oneIn(4)
    ? random.pick(['<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>\n", '\uFEFF', '<!-- c -->', '\n'])
    : '';
  return aside + writeDocument(tree(random, 0));
}

const attributes = markupTokens.filter((token) => /^ \S/.test(token));
const contents = markupTokens.filter((token) => !attributes.includes(token));
/** Where which tokens have a chance: in content, before the end of a tag, at the start of a value. */
const contexts = [
  { pattern: />(?!$)/g, skip: 1, tokens: contents },
  { pattern: />(?!$)/g, skip: 1, tokens: [']]>', ']>', '&', '&#0;', '\r', '\0'] },
  { pattern: /\/?>/g, skip: 0, tokens: attributes },
  { pattern: /=["']/g, skip: 2, tokens: contents },
] as const;

const insertMarkup: Mutator = {
  name: 'token: insert markup',
  apply: (xml, random) => {
    const { pattern, skip, tokens } = random.pick(contexts);
    const match = random.maybe([...xml.matchAll(pattern)]);
    if (match === undefined) return xml;
    const at = match.index + skip;
    return xml.slice(0, at) + random.pick(tokens) + xml.slice(at);
  },
};

/** A document that is often almost well-formed. */
export function makeNearDocument(random: Random): { readonly xml: string; readonly trace: readonly string[] } {
  let xml = makeDocument(random);
  const trace: string[] = [];
  for (let edits = random.pick([1, 1, 2, 3]); edits > 0; edits--) {
    const mutator = random.oneIn(2) ? insertMarkup : random.pick(tokenMutators);
    trace.push(mutator.name);
    xml = mutator.apply(xml, random, [xml]);
  }
  if (random.oneIn(10)) xml = Array.from({ length: random.below(12) }, () => random.pick(dictionary)).join('');
  return { xml, trace };
}

function tree(random: Random, depth: number): Tree {
  const { names, prefixes, uris } = vocabulary;
  const declarations = new Map<string, string>();
  for (let count = random.below(4); count > 0; count--) {
    const prefix = random.oneIn(3) ? '' : random.pick(prefixes);
    declarations.set(prefix, prefix === '' && random.oneIn(3) ? '' : random.pick(uris));
  }
  return {
    name: random.pick(names),
    prefix: random.below(20),
    declarations: [...declarations],
    attributes: Array.from({ length: random.below(4) }, () => ({
      name: random.pick(names),
      prefix: random.below(20),
      value: Array.from({ length: random.below(3) }, () => piece(random, ['text', 'reference'])),
    })),
    xmlAttribute: random.oneIn(8) ? random.pick(['xml:lang', 'xml:space', 'xml:base']) : null,
    children: Array.from({ length: depth > 4 ? 0 : random.below(4) }, () =>
      random.oneIn(2) ? piece(random, ['text', 'reference', 'cdata', 'comment']) : tree(random, depth + 1),
    ),
    style: random.below(8),
  };
}

function piece(random: Random, kinds: readonly Piece['kind'][]): Piece {
  return {
    kind: random.pick(kinds),
    value: Array.from({ length: random.below(6) }, () => random.pick(characters)).join(''),
  };
}
