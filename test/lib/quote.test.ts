import { expect, it } from 'vitest';
import { printable, shown } from '../../src/lib/quote.ts';

it('escapes control, format and bidirectional characters, and cuts long text', () => {
  expect(printable('a\nb\u202Ec\u200Bd\uFEFF')).toBe('a\\u{a}b\\u{202e}c\\u{200b}d\\u{feff}');
  expect(printable('ünïcode 日本 "x"')).toBe('ünïcode 日本 "x"');
  expect(printable('abcdef', 3)).toBe('abc…');
});

it('quotes a value of a message', () => {
  expect(shown('a "b"\n')).toBe('"a \\"b\\"\\n"');
  expect(shown('')).toBe('""');
  expect(shown(undefined)).toBe('absent');
  expect(shown('x'.repeat(500))).toHaveLength(202);
});
