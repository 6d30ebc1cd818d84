import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readKeyValue } from '../../src/xml/key-value.ts';
import { readXml } from '../../src/xml/read.ts';
import { refusal } from '../support/refusal.ts';
import { DSIG } from '../support/signing.ts';

const DSIG11 = 'http://www.w3.org/2009/xmldsig11#';
const base64 = (value = ''): string => Buffer.from(value, 'base64url').toString('base64');
const keyValue = (content: string): string =>
  `<ds:KeyValue xmlns:ds="${DSIG}" xmlns:dsig11="${DSIG11}">${content}</ds:KeyValue>`;
const rsaKeyValue = ({ n, e }: { n?: string | undefined; e?: string | undefined }): string =>
  keyValue(
    `<ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue>`,
  );
const ecKeyValue = (oid: string, point: Buffer): string =>
  keyValue(
    `<dsig11:ECKeyValue><dsig11:NamedCurve URI="urn:oid:${oid}"/><dsig11:PublicKey>${point.toString('base64')}</dsig11:PublicKey></dsig11:ECKeyValue>`,
  );
const pointOf = ({ x = '', y = '' }: JsonWebKey): Buffer =>
  Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
const read = (xml: string): string => readKeyValue(readXml(xml));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const rsaJwk = rsa.export({ format: 'jwk' });
const curves = [
  ['P-256', '1.2.840.10045.3.1.7'],
  ['P-384', '1.3.132.0.34'],
  ['P-521', '1.3.132.0.35'],
] as const;

describe('readKeyValue reads', () => {
  test('an RSAKeyValue', () => {
    expect(createPublicKey(read(rsaKeyValue(rsaJwk))).equals(rsa)).toBe(true);
  });

  test('an RSAKeyValue in lines, with the leading zero byte of a signed integer', () => {
    const n = Buffer.concat([Buffer.from([0]), Buffer.from(rsaJwk.n ?? '', 'base64url')]).toString('base64url');
    const xml = rsaKeyValue({ ...rsaJwk, n }).replace(/(?<=Modulus>)[^<]+/, (text) =>
      text.replace(/.{1,64}/g, '\n    $&'),
    );
    expect(createPublicKey(read(xml)).equals(rsa)).toBe(true);
  });

  test.each(curves)('an ECKeyValue on %s', (namedCurve, oid) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve });
    const xml = ecKeyValue(oid, pointOf(publicKey.export({ format: 'jwk' })));
    expect(createPublicKey(read(xml)).equals(publicKey)).toBe(true);
  });
});

describe('readKeyValue refuses', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = pointOf(p256);
  const [, oid] = curves[0];
  const offCurve = Buffer.from(point);
  offCurve[64] = (offCurve[64] ?? 0) ^ 1;

  test.each([
    ['no key', keyValue(''), 'it does not contain exactly one key'],
    ['two keys', rsaKeyValue(rsaJwk).replace('</ds:KeyValue>', '<ds:RSAKeyValue/></ds:KeyValue>'), 'exactly one key'],
    ['a DSAKeyValue', keyValue('<ds:DSAKeyValue/>'), 'it contains <DSAKeyValue>, expected RSAKeyValue or ECKeyValue'],
    [
      'an RSAKeyValue of another namespace',
      keyValue('<RSAKeyValue/>'),
      'it contains <RSAKeyValue>, expected RSAKeyValue or ECKeyValue',
    ],
    ['no Modulus', keyValue('<ds:RSAKeyValue/>'), '<RSAKeyValue> does not contain exactly one <Modulus>'],
    [
      'two Exponents',
      rsaKeyValue(rsaJwk).replace('</ds:RSAKeyValue>', '<ds:Exponent>Aw==</ds:Exponent></ds:RSAKeyValue>'),
      '<RSAKeyValue> does not contain exactly one <Exponent>',
    ],
    [
      'junk in the Modulus',
      rsaKeyValue(rsaJwk).replace('<ds:Modulus>', '<ds:Modulus>!'),
      '<Modulus> is empty, not valid base64, or too long',
    ],
    ['a Modulus of 20,000 characters', rsaKeyValue({ ...rsaJwk, n: 'A'.repeat(20_000) }), 'or too long'],
    ['an empty Modulus', rsaKeyValue({ ...rsaJwk, n: '' }), '<Modulus> is empty'],
    ['another curve', ecKeyValue('1.3.132.0.10', point), 'the NamedCurve of <ECKeyValue> is not P-256'],
    [
      'no NamedCurve',
      ecKeyValue(oid, point).replace(/<dsig11:NamedCurve [^>]*>/, ''),
      'the NamedCurve of <ECKeyValue> is not P-256',
    ],
    ['a compressed point', ecKeyValue(oid, Buffer.from([2, ...point.subarray(1, 33)])), 'not an uncompressed point'],
    ['a point of another length', ecKeyValue(oid, point.subarray(0, 64)), 'not an uncompressed point of P-256'],
    ['a point that is not on the curve', ecKeyValue(oid, offCurve), '<ECKeyValue> is not a valid public key'],
  ])('%s', (_, xml, reason) => {
    const { code, hint } = refusal(() => read(xml));
    expect(code).toBe('certificate_invalid');
    expect(hint).toContain(reason);
    expect(hint).toContain('Publish the X.509 certificate in the metadata of the identity provider instead.');
  });
});
