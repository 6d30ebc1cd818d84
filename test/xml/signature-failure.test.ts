import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { refusal } from '../support/refusal.ts';
import { keyPair, MORE, MORE_2007, pemBody, type Signing, signMarked, verifyAll } from '../support/signing.ts';
import { marked, messages, refuse, swap, verifyOne } from './support.ts';

describe('verifySignature explains why a signature is invalid', () => {
  const altered = (from: string | RegExp, to: string): string => swap(from, to)(signMarked(marked));

  it('the content was altered', () => {
    const error = refusal(() => verifyAll(altered('alice', 'mallory')));
    expect([error.code, error.message]).toEqual(['signature_invalid', messages.signature_invalid]);
    expect(error.details).toMatchObject({ reason: 'altered' });
    expect(error.hint).toContain('<Message> was changed after CN=test identity provider signed it');
  });

  it.each([
    ['SignedInfo', swap('<ds:SignatureMethod', ' <ds:SignatureMethod')],
    ['SignatureValue', swap(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA')],
    ['the length of SignatureValue', swap(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>AAAA')],
    ['the digest', swap(/<ds:DigestValue>..../, '<ds:DigestValue>AAAA')],
  ])('%s was altered, and KeyInfo names the pinned key', (_, edit) => {
    const error = refusal(() => verifyAll(edit(signMarked(marked))));
    expect([error.code, error.message]).toEqual(['signature_invalid', messages.signature_invalid]);
    expect(error.details).toMatchObject({ reason: 'altered' });
    expect(error.hint).toContain('names the configured certificate CN=test identity provider');
  });

  it.each([
    ['junk', (value: string) => `${value}*`],
    ['a comment and misplaced padding', (value: string) => `${value}<!-- -->=`],
    ['the url alphabet', (value: string) => value.replace(/[+/]/, '-')],
    ['no padding', (value: string) => value.replace(/=+$/, '')],
    ['no text', () => ''],
    ['an element', (value: string) => `${value}<ds:X/>`],
  ])('B64-1: SignatureValue contains %s', (_, change) => {
    const xml = signMarked(marked).replace(/(?<=<ds:SignatureValue>)[^<]*/, change);
    refuse(xml, 'signature_invalid', '<SignatureValue> is not base64');
  });

  it('KEY-1: signed with a key that is not configured; the hint names both keys', () => {
    const untrusted = selfSigned({ commonName: 'untrusted', notAfter: new Date('2031-05-06T00:00:00Z') });
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: untrusted })));
    expect([error.code, error.message]).toEqual(['untrusted_certificate', messages.untrusted_certificate]);
    if (error.code !== 'untrusted_certificate') expect.fail();
    const { received, expected } = error.details;
    expect(received).toEqual({
      subject: 'CN=untrusted',
      fingerprint: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      validTo: '2031-05-06',
    });
    expect(expected).toEqual([
      { subject: 'CN=test identity provider', fingerprint: expect.any(String), validTo: '2049-12-31' },
    ]);
    for (const part of [
      'CN=untrusted',
      'valid until 2031-05-06',
      'Configured: CN=test identity provider',
      'valid until 2049-12-31',
    ]) {
      expect(error.hint).toContain(part);
    }
    expect(verifyOne(signMarked(marked, { keyPair: untrusted }), { certificates: [untrusted.certificate] })).toContain(
      'alice',
    );
  });

  it('KeyInfo names a certificate whose key did not sign', () => {
    const xml = signMarked(marked, {
      keyPair: keyPair('rsa', 'a'),
      keyInfo: certificateInfo(keyPair('rsa', 'b').certificate),
    });
    const error = refusal(() => verifyAll(xml));
    expect(error.code).toBe('signature_invalid');
    expect(error.details).toMatchObject({ reason: 'key_not_configured', received: { subject: 'CN=b' } });
  });

  it('KEY-1: KeyInfo contains the pinned certificate, but another key signed', () => {
    const xml = signMarked(marked, {
      keyPair: keyPair('rsa', 'untrusted'),
      keyInfo: certificateInfo(keyPair().certificate),
    });
    const error = refusal(() => verifyAll(xml));
    expect(error.code).toBe('signature_invalid');
    expect(error.hint).toContain('attached to a signature made with another key');
  });

  it.each([
    ['the content was altered', keyPair(), swap('alice', 'mallory'), 'was changed after the key with SHA-256'],
    [
      'the digest was altered',
      keyPair(),
      swap(/<ds:DigestValue>..../, '<ds:DigestValue>AAAA'),
      'names a certificate of a public key without certificate, SHA-256',
    ],
    [
      'another key signed',
      keyPair('rsa', 'untrusted'),
      (xml: string) => xml,
      'Configured: a public key without certificate, SHA-256',
    ],
  ])('a bare public key is pinned: %s', (_, signer, edit, reason) => {
    const pinned = createPublicKey(keyPair().certificate).export({ type: 'spki', format: 'pem' }).toString();
    const xml = signMarked(marked, { keyPair: signer });
    const error = refusal(() => verifyAll(edit(xml), { certificates: [pinned] }));
    expect(error.code).toBe(signer === keyPair() ? 'signature_invalid' : 'untrusted_certificate');
    expect(error.hint).toContain(reason);
    expect(error.hint).not.toMatch(/null|undefined/);
  });

  it('the message names no certificate', () => {
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: keyPair('rsa', 'untrusted'), keyInfo: null })));
    expect(error.code).toBe('signature_invalid');
    expect(error.details).toMatchObject({ reason: 'unknown_key_or_altered' });
    expect(error.hint).toContain('does not name its certificate');
  });

  it.each([
    ['EC algorithm, RSA key', `${MORE}ecdsa-sha256`, 'EC', 'rsa', 'rsa'],
    ['RSA algorithm, EC key', `${MORE}rsa-sha256`, 'RSA', 'p256', 'p256'],
    ['RSA-PSS algorithm, EC key', `${MORE_2007}sha256-rsa-MGF1`, 'RSA', 'p256', 'p256'],
    ['PKCS#1 algorithm, RSA-PSS key', `${MORE}rsa-sha256`, 'RSA', 'rsa-pss', 'rsa'],
  ] as const)('ALG-6: %s', (_, algorithm, kind, pinned, signer) => {
    const edit = (signature: string): string =>
      signature.replace(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${algorithm}"`);
    const { certificate } = keyPair(pinned);
    const xml = signMarked(marked, { keyPair: keyPair(signer), edit, keyInfo: null });
    refuse(xml, 'untrusted_certificate', `was made with an ${kind} key`, { certificates: [certificate] });
  });

  it('ALG-6: an ECDSA signature in DER, and one of another curve', () => {
    const pair = keyPair('p256');
    const signing: Signing = { keyPair: pair, algorithm: `${MORE}ecdsa-sha256` };
    const trust = { certificates: [pair.certificate] };
    expect(verifyOne(signMarked(marked, signing), trust)).toContain('alice');
    refuse(
      signMarked(marked, { ...signing, keyPair: keyPair('p384'), keyInfo: null }),
      'signature_invalid',
      'No configured key',
      trust,
    );
    const der = signMarked(marked, signing).replace(/(?<=<ds:SignatureValue>)[^<]*/, (value) => derOf(value));
    refuse(der, 'signature_invalid', 'does not verify', trust);
  });
});

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), 'utf8');
}

// The sender chooses the certificate in KeyInfo: every certificate must lead to a SamlError.
describe('explainUnverified throws a SamlError for a KeyInfo with', () => {
  const algorithms = [
    `${MORE}rsa-sha256`,
    `${MORE}rsa-sha512`,
    `${MORE_2007}sha256-rsa-MGF1`,
    `${MORE_2007}sha512-rsa-MGF1`,
    `${MORE}ecdsa-sha256`,
  ];
  it.each([
    'rsa-512.crt',
    'rsa-1024.crt',
    'rsa-pss.crt',
    // Its key is restricted to SHA-512: OpenSSL throws for another digest.
    'rsa-pss-sha512-only.crt',
    'dsa.crt',
    'ec-secp256k1.crt',
    'ec-p-521.crt',
    'ed25519.crt',
  ])('%s', (name) => {
    const keyInfo = certificateInfo(fixture(name));
    const certificates = [keyPair('rsa').certificate, keyPair('p256').certificate];
    for (const algorithm of algorithms) {
      const signer = algorithm.includes('ecdsa') ? keyPair('p256', 'untrusted') : keyPair('rsa', 'untrusted');
      const error = refusal(() =>
        verifyAll(signMarked(marked, { keyPair: signer, algorithm, keyInfo }), { certificates }),
      );
      expect(error.code).toBe('signature_invalid');
      expect(error.message).toBe('the signature of the SAML message is not valid');
      expect(error.details).toMatchObject({ reason: 'key_not_configured' });
    }
  });

  it('a key that is too weak to be pinned: it is named, and not used for verification', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weak = selfSigned({ privateKey, commonName: 'weak' });
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: weak })));
    expect(error.code).toBe('signature_invalid');
    expect(error.hint).toContain('CN=weak');
    expect(error.hint).toContain('its RSA key has 1024 bits, at least 2048 are required');
    const untrusted = refusal(() => verifyAll(signMarked(marked, { keyPair: keyPair('rsa', 'untrusted') })));
    expect(untrusted.code).toBe('untrusted_certificate');
  });

  it.each([
    ['no certificate', '<ds:X509Data/>'],
    ['an empty certificate', '<ds:X509Data><ds:X509Certificate/></ds:X509Data>'],
    ['bytes that are not DER', '<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>'],
    [
      'a certificate that is too long',
      `<ds:X509Data><ds:X509Certificate>${'A'.repeat(20_000)}</ds:X509Certificate></ds:X509Data>`,
    ],
  ])('%s', (_, keyInfo) => {
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: keyPair('rsa', 'untrusted'), keyInfo })));
    expect(error.details).toMatchObject({ reason: 'unknown_key_or_altered' });
  });

  it('a pinned key that is restricted to another digest', () => {
    const xml = signMarked(marked, { algorithm: `${MORE_2007}sha256-rsa-MGF1`, keyInfo: null });
    const error = refusal(() => verifyAll(xml, { certificates: [fixture('rsa-pss-sha512-only.crt')] }));
    expect(error.code).toBe('signature_invalid');
    expect(verifyAll(xml, { certificates: [fixture('rsa-pss-sha512-only.crt'), keyPair().certificate] })).toHaveLength(
      1,
    );
  });
});

describe('explainUnverified', () => {
  it('escapes control characters in the subject of a certificate', () => {
    const untrusted = keyPair('rsa', 'evil\u202E\u001B[31m');
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: untrusted })));
    expect(error.code).toBe('untrusted_certificate');
    expect(error.hint).toContain('evil');
    expect(error.hint).not.toMatch(/[\u202E\u001B]/);
  });
});

/** A KeyInfo with this certificate. */
function certificateInfo(pem: string): string {
  return `<ds:X509Data><ds:X509Certificate>${pemBody(pem)}</ds:X509Certificate></ds:X509Data>`;
}

/** The DER form of an ECDSA signature of XML Signature, which concatenates r and s. */
function derOf(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const integer = (part: Uint8Array): Buffer => Buffer.concat([Buffer.from([2, part.length + 1, 0]), part]);
  const both = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]).toString('base64');
}
