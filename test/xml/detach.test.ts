import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detach } from '../../src/xml/detach.ts';

test('gives the same text, whatever its characters', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', size: 'medium' }), (text) => detach(text) === text));
  expect(detach('\uFEFFa\u0085\u{1F600} and more')).toBe('\uFEFFa\u0085\u{1F600} and more');
});
