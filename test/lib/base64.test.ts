import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../src/lib/base64.ts';

describe('decodeBase64', () => {
  test.each([
    ['QQ==', 'A'],
    ['QUI=', 'AB'],
    ['QUJD', 'ABC'],
    [' Q\tU\r\nJD\n', 'ABC'],
    ['', ''],
  ])('reads %j', (text, expected) => {
    expect(decodeBase64(text)).toEqual(Buffer.from(expected));
  });

  test.each([
    ['padding is missing', 'QQ'],
    ['one padding character of two', 'QQ='],
    ['too much padding', 'QUI=='],
    ['unused bits are not zero', 'QR=='],
    ['unused bits are not zero', 'QUJ='],
    ['the url alphabet', '-_-_'],
    ['padding in the middle', 'QQ==QQ=='],
    ['a character outside the alphabet', 'QU*D'],
    ['white space that is not of XML', 'QU\u00A0JD'],
    ['a character whose low byte is in the alphabet', '\u0151UJD'],
    ['a character whose low byte is white space', 'QU\u0120JD'],
    ['half a surrogate pair', 'QUJD\uD800 '],
    ['nothing of it is base64', `${'A '.repeat(4)}%`],
    ['one character', 'Q'],
    ['only padding', '===='],
  ])('refuses: %s (%j)', (_, text) => {
    expect(decodeBase64(text)).toBeNull();
  });

  test('decodes any bytes, wrapped or not, and accepts no second encoding of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(decodeBase64(text.replace(/.{1,64}/g, '$&\r\n'))).toEqual(Buffer.from(bytes));
        const i = at % (text.length + 1);
        expect(decodeBase64(`${text.slice(0, i)}!${text.slice(i)}`)).toBeNull();
      }),
    );
  });

  test('decodes a megabyte in one call', () => {
    const bytes = Buffer.alloc(1024 * 1024, 'saml');
    const text = bytes.toString('base64').replace(/.{76}/g, '$&\n');
    expect(bytes.equals(decodeBase64(text) ?? Buffer.alloc(0))).toBe(true);
  });
});
