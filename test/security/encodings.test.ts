import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SamlError, type SamlErrorCode } from '../../src/errors.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { genuine, options } from '../support/response.ts';

const xml = genuine('both');
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');
const utf16 = (text: string, order: 'le' | 'be'): Uint8Array => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};
const utf32 = (text: string): Uint8Array =>
  Buffer.concat(Array.from(text, (c) => Buffer.from([0, 0, 0, c.codePointAt(0) ?? 0])));
/** Bytes in the place of the name, in which case the digest cannot be right either. */
const withBytes = (hex: string): Uint8Array => {
  const [before = '', after = ''] = xml.split('>alice<');
  return Buffer.concat([Buffer.from(`${before}>al`), Buffer.from(hex, 'hex'), Buffer.from(`ice<${after}`)]);
};

// A genuine message in another dress: signed, and refused because two readers could read it differently.
const refused: readonly (readonly [string, string, SamlErrorCode, string])[] = [
  ['PRS-8: UTF-16, little end first', base64(utf16(xml, 'le')), 'invalid_encoding', 'UTF-16'],
  ['PRS-8: UTF-16, big end first', base64(utf16(xml, 'be')), 'invalid_encoding', 'UTF-16'],
  ['PRS-8: UTF-32', base64(utf32(xml)), 'malformed_xml', 'a character that XML 1.0 excludes'],
  [
    'PRS-8: a declaration of UTF-16 on UTF-8',
    base64(`<?xml version="1.0" encoding="UTF-16"?>${xml}`),
    'forbidden_xml',
    'only UTF-8 is accepted',
  ],
  [
    'PRS-8: a declaration of UTF-7',
    base64(`<?xml version="1.0" encoding="UTF-7"?>${xml}`),
    'forbidden_xml',
    'only UTF-8 is accepted',
  ],
  ['PRS-8: two byte order marks', base64(`\uFEFF\uFEFF${xml}`), 'malformed_xml', 'text outside the root element'],
  ['PRS-8: an overlong slash', base64(withBytes('c0af')), 'invalid_encoding', 'not UTF-8'],
  ['PRS-8: an overlong NUL', base64(withBytes('c080')), 'invalid_encoding', 'not UTF-8'],
  ['PRS-8: half a surrogate pair', base64(withBytes('eda080')), 'invalid_encoding', 'not UTF-8'],
  ['PRS-8: a byte of Latin-1', base64(withBytes('e9')), 'invalid_encoding', 'not UTF-8'],
  ['PRS-8: beyond Unicode', base64(withBytes('f4908080')), 'invalid_encoding', 'not UTF-8'],
  ['PRS-8: NUL', base64(withBytes('00')), 'malformed_xml', 'a character that XML 1.0 excludes'],
  ['PRS-9: XML 1.1', base64(`<?xml version="1.1"?>${xml}`), 'malformed_xml', 'the XML declaration'],
  ['B64-1: XML that is not encoded', xml, 'invalid_encoding', 'not base64-encoded'],
  ['B64-1: extra characters inside', base64(xml).replace(/^.{8}/, '$&*'), 'invalid_encoding', 'the character "*"'],
  ['B64-1: extra characters after the end', `${base64(xml)}!`, 'invalid_encoding', 'the character "!"'],
  [
    'B64-1: without padding',
    base64(`${xml} `.padEnd(xml.length + 3 - (xml.length % 3) + 1)).replace(/=+$/, ''),
    'invalid_encoding',
    'damaged or truncated',
  ],
  [
    'B64-1: two messages, each with its padding',
    `${base64('<a/>')}${base64(xml)}`,
    'invalid_encoding',
    'damaged or truncated',
  ],
  ['B64-1: base64 of base64', base64(base64(xml)), 'invalid_encoding', 'twice'],
  [
    'B64-2: deflated, as the other binding has it',
    base64(deflateRawSync(xml)),
    'invalid_encoding',
    'DEFLATE-compressed',
  ],
  ['B64-2: compressed by gzip', base64(gzipSync(xml)), 'invalid_encoding', 'not UTF-8'],
  // It is never inflated: 1 kB of it would be 100 MB.
  [
    'DOS-2: a deflated bomb',
    base64(deflateRawSync(`<a>${' '.repeat(50_000_000)}</a>`)),
    'invalid_encoding',
    'DEFLATE-compressed',
  ],
];

describe('a message in another encoding than base64 of XML in UTF-8', () => {
  it.each(refused)('%s', async (_, field, code, hint) => {
    const error: unknown = await validateResponse(field, options).catch((reason: unknown) => reason);
    if (!(error instanceof SamlError)) throw new Error('it was accepted', { cause: error });
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
    expect(error.message + error.hint).not.toContain('alice');
  });

  it.each([
    ['as it is', base64(xml)],
    ['with a byte order mark', base64(`\uFEFF${xml}`)],
    ['with a declaration of UTF-8', base64(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)],
    ['in lines', base64(xml).replace(/.{76}/g, '$&\r\n')],
    ['PRS-9: with line ends around the root as Windows has them', base64(`\r\n${xml}\r\n`)],
    ['PRS-9: with &#13; in base64', base64(genuine('assertion').replace(/(?<=<ds:SignatureValue>.{64})/, '&#13;\n'))],
  ])('the passing twin, %s', async (_, field) => {
    expect((await validateResponse(field, options)).subject?.nameId).toBe('alice');
  });
});
