import fc from 'fast-check';
import { describe, it } from 'vitest';
import { escapeHtml } from '../../src/lib/html.ts';

describe('escapeHtml', () => {
  it('escapes every character that ends text or a quoted value', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"'\r\n]/.test(escapeHtml(text))));
  });
});
