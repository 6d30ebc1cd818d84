import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Canonicalization, canonicalize } from '../../src/xml/canonicalize.ts';
import { XML_NAMESPACE } from '../../src/xml/names.ts';
import { readXml } from '../../src/xml/read.ts';
import { documents, type Tree, writeDocument } from '../support/documents.ts';
import {
  hasLibxml2,
  hasXmllint,
  libxml2Subtrees,
  type Subtree,
  skipUnlessPresent,
  xmllint,
} from '../support/libxml2.ts';

// Thousands of cases each; the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const count = 10_000;
const batchSize = 500;
const seed = 20_260;

const methods: readonly Canonicalization[] = [{ method: 'exclusive', prefixes: new Set() }, { method: 'inclusive' }];

function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.slice(i * batchSize, (i + 1) * batchSize),
  );
}

/** Our canonical form of a document with comments, and its text without comments, because the oracle keeps them. */
function pair(tree: Tree, how: Canonicalization): { readonly ours: string; readonly source: string } {
  return { ours: canonicalize(readXml(writeDocument(tree)), how), source: writeDocument(tree, { comments: false }) };
}

describe.skipIf(skipUnlessPresent(hasXmllint))('canonicalize against xmllint (libxml2-utils)', () => {
  it.each(methods)(`writes ${count} documents with identical bytes, $method`, (how) => {
    for (const batch of batches(fc.sample(documents(), { numRuns: count, seed }))) {
      const pairs = batch.map((tree) => pair(tree, how));
      const theirs = xmllint(
        how.method,
        pairs.map(({ source }) => source),
      );
      if (theirs === pairs.map(({ ours }) => ours).join('')) continue;
      // Compared one by one, so that a failure names the document.
      for (const { ours, source } of pairs) expect(ours, source).toBe(xmllint(how.method, [source]));
    }
  });
});

describe.skipIf(skipUnlessPresent(hasLibxml2))('canonicalize against libxml2 (python3, libxml2.so)', () => {
  const subtrees = fc.record({
    tree: documents(),
    index: fc.nat(),
    exclusive: fc.boolean(),
    prefixes: fc.subarray(['#default', 'a', 'A', 'b', 'aB', 'é', '\uFFFD', '\u{10000}', 'unknown']),
  });

  it('writes 4,000 subtrees with identical bytes, with PrefixLists', () => {
    const cases: { readonly ours: string; readonly subtree: Subtree }[] = [];
    for (const { tree, index, exclusive, prefixes } of fc.sample(subtrees, { numRuns: 4000, seed })) {
      const all = [...readXml(writeDocument(tree)).descendants()];
      const apex = all[index % all.length];
      if (apex === undefined) continue;
      const inherits = (element: typeof apex): boolean =>
        element.parent !== null &&
        (element.parent.attributes.some(({ namespace }) => namespace === XML_NAMESPACE) || inherits(element.parent));
      // Inherited xml:* attributes are refused before canonicalization.
      if (!exclusive && inherits(apex)) continue;
      const how: Canonicalization = exclusive
        ? { method: 'exclusive', prefixes: new Set(prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))) }
        : { method: 'inclusive' };
      const xml = writeDocument(tree, { comments: false });
      const subtree = { xml, index: all.indexOf(apex), exclusive, prefixes: exclusive ? prefixes : [] };
      cases.push({ ours: canonicalize(apex, how), subtree });
    }
    expect(cases.length).toBeGreaterThan(3000);
    const theirs = libxml2Subtrees(cases.map(({ subtree }) => subtree));
    for (const [i, { ours, subtree }] of cases.entries()) expect(ours, JSON.stringify(subtree)).toBe(theirs[i]);
  });
});
