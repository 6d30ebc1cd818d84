import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyAgain } from '../../src/xml/second-verifier.ts';
import { DSIG, ENVELOPED, EXCLUSIVE, keyPair, MARK, MORE, type Signing, signMarked } from '../support/signing.ts';

const plain = `<p:a xmlns:p="urn:p" ID="_s">${MARK}<p:b>alice</p:b></p:a>`;
const keyOf = (name?: string): KeyObject => createPublicKey(keyPair('rsa', name).certificate);
const signed = (signing: Signing = {}, xml = plain) => signMarked(xml, { ...signing, keyInfo: null });
const strictly = { allowSha1: false };

describe('verifyAgain', () => {
  it('returns the digested bytes', () => {
    expect(verifyAgain(signed(), keyOf(), strictly)).toBe('<p:a xmlns:p="urn:p" ID="_s"><p:b>alice</p:b></p:a>');
  });

  const swap = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);
  const twice = (pattern: RegExp) => (text: string) => text.replace(pattern, (found) => found + found);
  // The key signed each of them: what is refused is the form.
  it.each<readonly [string, (signature: string) => string, string]>([
    ['two SignedInfo', twice(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s), 'other children of Signature'],
    ['two SignatureValue', twice(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s), 'other children of Signature'],
    ['an Object', swap('</ds:Signature>', '<ds:Object/></ds:Signature>'), 'other children of Signature'],
    ['text in the Signature', swap('<ds:SignatureValue>', 'x<ds:SignatureValue>'), 'text in Signature'],
    ['two References', twice(/<ds:Reference .*<\/ds:Reference>/s), 'other children of SignedInfo'],
    ['no Reference', swap(/<ds:Reference .*<\/ds:Reference>/s, ''), 'other children of SignedInfo'],
    ['two DigestValues', twice(/<ds:DigestValue>.*<\/ds:DigestValue>/s), 'other children of Reference'],
    ['no Transforms', swap(/<ds:Transforms>.*<\/ds:Transforms>/s, ''), 'other children of Reference'],
    [
      'three Transforms',
      swap('</ds:Transforms>', `<ds:Transform Algorithm="${EXCLUSIVE}"/></ds:Transforms>`),
      'other children of Transforms',
    ],
    ['another first Transform', swap(ENVELOPED, EXCLUSIVE), 'the signature is not enveloped'],
    [
      'another canonicalization',
      swap(`Method Algorithm="${EXCLUSIVE}"`, 'Method Algorithm="urn:x"'),
      'the canonicalization urn:x',
    ],
    ['HMAC', swap(`${MORE}rsa-sha256`, `${MORE}hmac-sha256`), `the algorithm ${MORE}hmac-sha256`],
    ['another digest', swap(/DigestMethod Algorithm="[^"]*"/, 'DigestMethod Algorithm="urn:x"'), 'the algorithm urn:x'],
    ['an algorithm of Object.prototype', swap(`${MORE}rsa-sha256`, 'constructor'), 'the algorithm constructor'],
    [
      'parameters of the algorithm',
      swap(/(<ds:SignatureMethod [^>]*)\/>/, '$1><ds:x/></ds:SignatureMethod>'),
      `the algorithm ${MORE}rsa-sha256`,
    ],
    ['another ID', swap('URI="#_s"', 'URI="#_t"'), 'the Reference names another element'],
    ['the whole document', swap('URI="#_s"', 'URI=""'), 'the Reference names another element'],
    ['elements in the DigestValue', swap('</ds:DigestValue>', '<ds:x/></ds:DigestValue>'), 'DigestValue is not base64'],
    [
      'a line separator in the DigestValue',
      swap('</ds:DigestValue>', '\u2028</ds:DigestValue>'),
      'DigestValue is not base64',
    ],
    ['a digest of other content', swap(/<ds:DigestValue>..../, '<ds:DigestValue>AAAA'), 'another digest'],
  ])('refuses %s', (_, edit, reason) => {
    expect(() => verifyAgain(signed({ edit }), keyOf(), strictly)).toThrow(new Error(reason));
  });

  it.each<readonly [string, string, string]>([
    ['no signature', plain.replace(MARK, ''), '0 signatures'],
    ['two signatures', signed().replace(/<ds:Signature .*<\/ds:Signature>/s, (found) => found + found), '2 signatures'],
    ['a signature that is no child', `<o ID="_o">${signed()}</o>`, '0 signatures'],
    ['changed content', signed().replace('alice', 'mallory'), 'another digest'],
    ['changed SignedInfo', signed().replace('<ds:DigestValue>', '<ds:DigestValue>AAAA'), 'invalid signature'],
    ['no ID', signed().replace(' ID="_s"', ' Id="_s"'), 'the Reference names another element'],
  ])('refuses %s', (_, xml, reason) => {
    expect(() => verifyAgain(xml, keyOf(), strictly)).toThrow(new Error(reason));
  });

  it('refuses what xmldom warns of', () => {
    expect(() => verifyAgain(signed().replace(' ID="_s"', ' ID=_s'), keyOf(), strictly)).toThrow('missed quot');
  });

  it('refuses another key, and a key of another type', () => {
    expect(() => verifyAgain(signed(), keyOf('other'), strictly)).toThrow(new Error('invalid signature'));
    const ec = createPublicKey(keyPair('p256').certificate);
    expect(() => verifyAgain(signed(), ec, strictly)).toThrow(new Error('a key of type ec'));
  });

  it('refuses SHA-1, unless it is allowed', () => {
    for (const sha1 of [signed({ algorithm: `${DSIG}rsa-sha1` }), signed({ digest: `${DSIG}sha1` })]) {
      expect(() => verifyAgain(sha1, keyOf(), strictly)).toThrow('sha1');
      expect(verifyAgain(sha1, keyOf(), { allowSha1: true })).toContain('alice');
    }
  });
});

it('the second verifier imports nothing of the strict one', () => {
  const imports = ['second-verifier.ts', 'second-canonicalization.ts'].flatMap((file) => {
    const source = readFileSync(new URL(`../../src/xml/${file}`, import.meta.url), 'utf8');
    return Array.from(source.matchAll(/ from '(.*)'/g), ([, from]) => from);
  });
  expect([...new Set(imports)].sort()).toEqual([
    './second-canonicalization.ts',
    '@xmldom/xmldom',
    'node:crypto',
    'xml-crypto',
  ]);
});
