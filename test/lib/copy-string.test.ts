import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyString } from '../../src/lib/copy-string.ts';

test('gives the same text, whatever its characters', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', size: 'medium' }), (text) => copyString(text) === text));
  expect(copyString('\uFEFFa\u0085\u{1F600} and more')).toBe('\uFEFFa\u0085\u{1F600} and more');
});
