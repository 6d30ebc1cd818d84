import { createVerify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { decodePost, redirectUrl } from '../../src/saml/bindings.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { defaultLimits } from '../../src/xml/limits.ts';

const xml = '<samlp:Response xmlns:samlp="urn:p">ål</samlp:Response>';
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

function failure(run: () => unknown): SamlError {
  try {
    run();
  } catch (error) {
    if (error instanceof SamlError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('decodePost', () => {
  it.each([
    ['plain', base64(xml)],
    ['broken into lines', base64(xml).replace(/.{20}/g, '$&\r\n')],
    ['with white space around', ` ${base64(xml)}\n`],
  ])('decodes base64 %s', (_, field) => {
    expect(decodePost(field)).toBe(xml);
  });

  it('keeps a byte order mark', () => {
    expect(decodePost(base64(`\uFEFF${xml}`))).toBe(`\uFEFF${xml}`);
  });

  it('decodes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(decodePost(base64(`<${text}`))).toBe(`<${text}`);
      }),
    );
  });

  const request = '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"/>';
  it.each([
    ['nothing', '', 'it is empty: the form was posted without it, or a filter in between removed it'],
    ['white space', ' \r\n', 'it is empty: the form was posted without it, or a filter in between removed it'],
    [
      'XML',
      xml,
      'the field contains XML that is not base64-encoded: HTTP-POST requires base64, also for a saved response that is used in a test',
    ],
    [
      'a field encoded twice',
      `${encodeURIComponent(base64('<a>?>?>'))}%3D`,
      'it is still URL-encoded: the sender, or a gateway in between, encoded the form field twice',
    ],
    [
      'base64url',
      Buffer.from('<a>?>?>?>').toString('base64url'),
      'it is base64url: the standard alphabet, which the sender must use, has + and /',
    ],
    [
      'a Redirect-binding message',
      base64(deflateRawSync(request)),
      'it is DEFLATE-compressed, as the HTTP-Redirect binding sends it: send responses by HTTP-POST',
    ],
    [
      'a truncated field',
      base64(xml).slice(0, 21),
      'it is damaged or truncated: 21 characters that do not form whole bytes. Look for a proxy, firewall or body parser that limits the size of forms',
    ],
    [
      'padding in the middle',
      'PGE+==PGE+',
      'it is damaged or truncated: 10 characters that do not form whole bytes. Look for a proxy, firewall or body parser that limits the size of forms',
    ],
    [
      'spaces for plus signs',
      base64('<a>~>~').replaceAll('+', ' '),
      'it contains spaces in place of +: the sender did not URL-encode the form field',
    ],
    [
      'base64 of base64',
      base64(base64(xml)),
      'it is base64-encoded twice: the sender, or a gateway in between, must encode it once',
    ],
    [
      'another alphabet',
      'PGE*',
      'it contains the character "*": it was damaged in transit, or copied with surrounding text',
    ],
    [
      'a control character',
      'PGE\u0007',
      'it contains the character "\\u{7}": it was damaged in transit, or copied with surrounding text',
    ],
    ['UTF-16', base64(Buffer.from('\uFEFF<a/>', 'utf16le')), 'the XML is in UTF-16; SAML requires UTF-8'],
    [
      'Latin-1',
      base64(Buffer.from('<a>é</a>', 'latin1')),
      'the decoded bytes are not UTF-8: the message was damaged, or the identity provider writes another encoding',
    ],
    [
      'a surrogate in UTF-8',
      base64(Buffer.from('3ceda0803e', 'hex')),
      'the decoded bytes are not UTF-8: the message was damaged, or the identity provider writes another encoding',
    ],
  ])('refuses %s, and names it in the hint', (_, field, reason) => {
    const error = failure(() => decodePost(field));
    expect(error.code).toBe('invalid_encoding');
    expect(error.message).toBe('the SAML message is not valid base64 or UTF-8');
    expect(error.hint).toBe(`Expected base64 of XML in UTF-8 as the HTTP-POST binding sends it, but ${reason}.`);
  });

  it('refuses deflated data whatever its bytes look like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const field = base64(deflateRawSync(`<a>${text}</a>`));
        expect(failure(() => decodePost(field)).hint).toContain('DEFLATE-compressed');
      }),
    );
  });

  it('refuses a message larger than the limit, before decoding if possible', () => {
    const limits = { ...defaultLimits, bytes: 100 };
    expect(decodePost(base64('<'.repeat(100)), limits)).toHaveLength(100);
    const lines = base64('<'.repeat(100)).replace(/.{60}/g, '$&\r\n');
    expect(decodePost(lines, limits)).toHaveLength(100);
    for (const field of [base64('<'.repeat(101)), '*'.repeat(1000)]) {
      const error = failure(() => decodePost(field, limits));
      expect(error.code).toBe('message_too_large');
      expect(error.message).toBe('the SAML message exceeds a size limit');
      expect(error.hint).toContain('the limit is 100 bytes of XML (option limits.bytes)');
    }
  });
});

const inflate = (value: string | null): string => inflateRawSync(Buffer.from(value ?? '', 'base64')).toString();

// Patterns that backtrack would take minutes.
describe('decodePost takes reasonable time for a field as long as the limit', () => {
  it.each([
    ['blanks before something odd', `A${' '.repeat(1_500_000)}!`],
    ['blanks alone', ' '.repeat(1_500_000)],
    ['dashes', `${'-'.repeat(1_500_000)}!`],
    ['padding', `_${'='.repeat(1_500_000)}!`],
    ['percent signs', '%'.repeat(1_500_000)],
  ])('of %s', (_, field) => {
    expect(failure(() => decodePost(field)).code).toBe('invalid_encoding');
  });
});

describe('redirectUrl', () => {
  it('deflates the message into the query', () => {
    const url = new URL(
      redirectUrl('https://idp.example.test/sso', { message: 'SAMLRequest', xml, relayState: `a&b='+ é` }),
    );
    expect(`${url.origin}${url.pathname}`).toBe('https://idp.example.test/sso');
    expect([...url.searchParams.keys()]).toEqual(['SAMLRequest', 'RelayState']);
    expect(inflate(url.searchParams.get('SAMLRequest'))).toBe(xml);
    expect(url.searchParams.get('RelayState')).toBe(`a&b='+ é`);
  });

  it.each([
    ['https://idp.example.test/sso?idpid=C0%2b1', 'https://idp.example.test/sso?idpid=C0%2b1&SAMLRequest='],
    ['https://idp.example.test/sso?', 'https://idp.example.test/sso?SAMLRequest='],
    ['https://idp.example.test', 'https://idp.example.test/?SAMLRequest='],
    ['http://localhost:7000/sso#top', 'http://localhost:7000/sso?SAMLRequest='],
  ])('keeps the query of the endpoint %s', (endpoint, start) => {
    const url = redirectUrl(endpoint, { message: 'SAMLRequest', xml });
    expect(url.startsWith(start)).toBe(true);
    expect(inflate(new URL(url).searchParams.get('SAMLRequest'))).toBe(xml);
  });

  it.each([
    ['rsa', undefined, 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'SHA256'],
    ['rsa', 'sha512', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'SHA512'],
    ['p384', undefined, 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384', 'SHA384'],
    ['p384', 'sha256', 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', 'SHA256'],
  ] as const)('signs the octets of the query with a %s key and the hash %s', (keyType, chosen, algorithm, hash) => {
    const signing = { ...selfSigned({ keyType }), hash: chosen };
    const url = redirectUrl('https://idp.example.test/sso?x=1', {
      message: 'SAMLRequest',
      xml,
      relayState: `it's`,
      signing,
    });
    // As a receiver does: the raw text between the first parameter and the signature.
    const [, signed = '', signature = ''] = /[?&](SAMLRequest=.*)&Signature=([^&]*)$/.exec(url) ?? [];
    const key = { key: signing.certificate, dsaEncoding: 'ieee-p1363' } as const;
    const verify = (octets: string): boolean =>
      createVerify(hash).update(octets).verify(key, decodeURIComponent(signature), 'base64');
    expect(verify(signed)).toBe(true);
    expect(verify(signed.replace('it', 'at'))).toBe(false);
    const query = new URL(url).search;
    expect(query).toContain(signed);
    expect([...new URLSearchParams(query).keys()]).toEqual(['x', 'SAMLRequest', 'RelayState', 'SigAlg', 'Signature']);
    expect(new URLSearchParams(query).get('SigAlg')).toBe(algorithm);
  });

  it('refuses algorithms that are not allowed', () => {
    const signing = { ...selfSigned({ keyType: 'p256' }), hash: 'sha1' as 'sha256' };
    expect(() => redirectUrl('https://idp.example.test', { message: 'SAMLRequest', xml, signing })).toThrow(
      new TypeError('algorithm not allowed: http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1'),
    );
  });

  it.each(['javascript:alert(1)', 'data:text/html,', '/sso', ''])('refuses the endpoint %j', (endpoint) => {
    const expected = new TypeError(`not an http or https URL: ${endpoint}`);
    expect(() => redirectUrl(endpoint, { message: 'SAMLRequest', xml })).toThrow(expected);
  });
});
