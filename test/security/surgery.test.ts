import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import type { Assertion } from '../../src/saml/assertion.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { assertionXml, genuine, modes, validate } from '../support/response.ts';

// Thousands of cases each; the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const seed = 20_260;

/** The result of validation; any error except a SamlError fails the test. */
async function verdict(xml: string, crossCheck = false): Promise<Assertion | SamlError> {
  try {
    return await validate(xml, { crossCheck });
  } catch (error) {
    if (error instanceof SamlError) return error;
    throw error;
  }
}

/** A change to a document; the numbers choose modulo what there is. */
interface Cut {
  readonly kind: 'delete' | 'unwrap' | 'forge' | 'wrap' | 'copy' | 'move' | 'insert';
  readonly target: number;
  readonly into: number;
  readonly at: number;
}

const forged = assertionXml({ nameId: 'mallory', id: '_evil' });
const markups = [
  forged,
  forged.replace('_evil', '_a'),
  forged.replace('_evil', '_r'),
  '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">mallory</saml:NameID>',
  '<x ID="_a"/>',
  '<x Id="_r"/>',
  'mallory',
];

/** An element as editable text: tags as written, children in order. */
interface Part {
  readonly start: string;
  readonly end: string;
  readonly children: (Part | string)[];
}

function parts(element: XmlElement): Part {
  const declarations: string[] = [];
  for (
    let entry = element.namespaces;
    entry !== (element.parent?.namespaces ?? null) && entry !== null;
    entry = entry.outer
  ) {
    declarations.push(` xmlns${entry.prefix && ':'}${entry.prefix}="${entry.uri}"`);
  }
  const attributes = element.attributes.map(
    ({ prefix, localName, value }) => ` ${prefix && `${prefix}:`}${localName}="${value}"`,
  );
  return {
    start: `<${element.qualifiedName}${declarations.join('')}${attributes.join('')}>`,
    end: `</${element.qualifiedName}>`,
    children: element.children.map((child) => (typeof child === 'string' ? child : parts(child))),
  };
}

function text(part: Part | string): string {
  return typeof part === 'string' ? part : part.start + part.children.map(text).join('') + part.end;
}

function all(root: Part): { readonly part: Part; readonly parent: Part | null }[] {
  const found: { part: Part; parent: Part | null }[] = [];
  const visit = (part: Part, parent: Part | null): void => {
    found.push({ part, parent });
    for (const child of part.children) if (typeof child !== 'string') visit(child, part);
  };
  visit(root, null);
  return found;
}

/** Makes one change. The new root: `wrap` puts the old one into a copy of some start tag, with an ID of its own. */
function operate(root: Part, { kind, target, into, at }: Cut): Part {
  const elements = all(root);
  const { part, parent } = elements[target % elements.length] ?? { part: root, parent: null };
  const put = (what: string): void => {
    const { children } = elements[into % elements.length]?.part ?? root;
    children.splice(at % (children.length + 1), 0, what);
  };
  const replaceBy = (...what: readonly (Part | string)[]): void => {
    parent?.children.splice(parent.children.indexOf(part), 1, ...what);
  };
  if (kind === 'wrap') return { ...part, start: part.start.replace(/ ID="[^"]*"/, ' ID="_new"'), children: [root] };
  if (kind === 'insert') put(markups[target % markups.length] ?? '');
  if (kind === 'copy' || kind === 'move') put(text(part));
  if (kind === 'delete' || kind === 'move') replaceBy();
  if (kind === 'unwrap') replaceBy(...part.children);
  if (kind === 'forge') part.children.splice(0, 1, 'mallory');
  return root;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  kind: fc.constantFrom('delete', 'unwrap', 'forge', 'wrap', 'copy', 'move', 'insert'),
  target: fc.nat(200),
  into: fc.nat(200),
  at: fc.nat(5),
});

// Whatever is done to a signed message: it is refused, or says exactly what it said.
describe.each(modes)('a response with %s signed', (mode) => {
  const xml = genuine(mode);

  it('results in the signed claims or an error after changes of its elements', async () => {
    const original = await validate(xml);
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async (cuts) => {
        const patient = text(cuts.reduce(operate, parts(readXml(xml))));
        const result = await verdict(patient);
        if (result instanceof SamlError) return;
        accepted++;
        expect(result).toEqual(original);
        // What the strict verifier accepts, the second one does.
        expect(await verdict(patient, true)).toEqual(original);
      }),
      { numRuns: 3000, seed },
    );
    // Cuts that touch nothing signed, such as in KeyInfo, are harmless: the property was not empty.
    expect(accepted).toBeGreaterThan(0);
    expect(await verdict(text(parts(readXml(xml))))).toEqual(original);
  });

  it('results in the signed claims or an error after edits of its text', async () => {
    const original = await validate(xml);
    const snippets = [
      '',
      '<!-- -->',
      '<![CDATA[',
      ']]>',
      '&#97;',
      ' ',
      '\n',
      'a',
      '"',
      '<',
      '>',
      '/',
      '=',
      'mallory',
      ' ID="_a"',
      ' xmlns="urn:x"',
      ' xmlns:saml="urn:x"',
      '_',
      '\0',
      '\u0301',
    ];
    const edit = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.constantFrom(...snippets) });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
        const edited = edits.reduce((document, { at, remove, insert }) => {
          const start = at % document.length;
          return document.slice(0, start) + insert + document.slice(start + remove);
        }, xml);
        const result = await verdict(edited);
        if (!(result instanceof SamlError)) expect(result).toEqual(original);
      }),
      { numRuns: 3000, seed },
    );
  });
});
