import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { readXml } from '../../src/xml/read.ts';
import { documents, writeDocument } from '../support/documents.ts';
import { infosetOf, readOrRefuse, readWithSaxes } from '../support/saxes.ts';

// Thousands of cases each; the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

// Pieces of markup that turn a well-formed document into a nearly well-formed one.
const snippets = [
  ...'<>&;"\'=/:!?-]# \t\n\rax1\0\x0B\uFFFE\uD800\uDC00\u0085\u2028\uFEFF'.split(''),
  ...['<a>', '</a>', '<b/>', '<a', '/>', '</', '<!--', '-->', '--', '<![CDATA[', ']]>', '<!DOCTYPE a>', '<?pi?>'],
  ...[
    '<?xml version="1.0"?>',
    "<?xml version='1.0' encoding='utf-8' standalone='no' ?>",
    '<?xml version="1.0" encoding="latin1"?>',
  ],
  ...[
    '&amp;',
    '&lt',
    '&apos;',
    '&nbsp;',
    '&#0;',
    '&#9;',
    '&#x110000;',
    '&#x1F600;',
    '&#xD800;',
    '&#xFFFE;',
    '&#0000000097;',
  ],
  ...[
    ' a="1"',
    ' a="2"',
    " b='<'",
    ' xmlns="urn:a"',
    ' xmlns=""',
    ' xmlns:a="urn:a"',
    ' xmlns:b="urn:a"',
    ' xmlns:a=""',
  ],
  ...[' a:a="1"', ' b:a="1"', ' xmlns="relative"', ' xmlns:xml="urn:a"', ' xmlns:xmlns="urn:a"', ' xml:lang="en"'],
  ...[' xmlns:xml="http://www.w3.org/XML/1998/namespace"', ' xmlns:x="http://www.w3.org/XML/1998/namespace"'],
  ...[
    ' xmlns="http://www.w3.org/2000/xmlns/"',
    ' xmlns:x="http://www.w3.org/2000/xmlns/"',
    ' a:b:c="1"',
    '<xmlns:a/>',
    '<:a/>',
    '<a:/>',
  ],
];

const edit = fc.record({
  at: fc.nat(),
  remove: fc.oneof(fc.constant(0), fc.nat(6)),
  insert: fc.constantFrom('', ...snippets),
});
const mutated = fc.tuple(documents(), fc.array(edit, { minLength: 1, maxLength: 2 })).map(([tree, edits]) =>
  edits.reduce((xml, { at, remove, insert }) => {
    const start = at % (xml.length + 1);
    return xml.slice(0, start) + insert + xml.slice(start + remove);
  }, writeDocument(tree)),
);

const seed = 20_260;

describe('readXml and saxes', () => {
  it('read well-formed documents identically', () => {
    fc.assert(
      fc.property(documents(), (tree) => {
        const xml = writeDocument(tree);
        expect(infosetOf(readXml(xml))).toEqual(readWithSaxes(xml).infoset);
      }),
      { numRuns: 2000, seed },
    );
  });

  it('agree on well-formedness and content after random edits', () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutated, (xml) => {
        const ours = readOrRefuse(xml);
        if (!xml.isWellFormed()) {
          expect(ours).toBeInstanceOf(SamlError);
          return;
        }
        const theirs = readWithSaxes(xml);
        if (theirs.lax) return;
        if (ours instanceof SamlError) {
          refused++;
          // A document that saxes accepts is refused only for a known reason.
          if (theirs.infoset === null) return;
          expect(ours.code, ours.hint).toBe('forbidden_xml');
          expect(theirs.excluded, ours.hint).toBe(true);
        } else {
          accepted++;
          expect(theirs.error).toBeUndefined();
          expect(theirs.excluded).toBe(false);
          expect(infosetOf(ours)).toEqual(theirs.infoset);
        }
      }),
      { numRuns: 20_000, seed },
    );
    expect(accepted).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });
});
