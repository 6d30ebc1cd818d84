import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refusal } from '../support/refusal.ts';
import { keyPair, MARK, MORE, MORE_2007, pemBody, signMarked, verifyAll } from '../support/signing.ts';

const marked = `<a ID="_s">${MARK}</a>`;

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), 'utf8');
}

// Whoever sends a message chooses the certificate in it: whatever it is, the refusal is a SamlError.
describe('explainUnverified survives a KeyInfo with', () => {
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
    // Its key is bound to SHA-512: asked for another digest, OpenSSL throws.
    'rsa-pss-sha512-only.crt',
    'dsa.crt',
    'ec-secp256k1.crt',
    'ec-p-521.crt',
    'ed25519.crt',
  ])('%s', (name) => {
    const keyInfo = `<ds:X509Data><ds:X509Certificate>${pemBody(fixture(name))}</ds:X509Certificate></ds:X509Data>`;
    const certificates = [keyPair('rsa').certificate, keyPair('p256').certificate];
    for (const algorithm of algorithms) {
      const signer = algorithm.includes('ecdsa') ? keyPair('p256', 'stranger') : keyPair('rsa', 'stranger');
      const error = refusal(() =>
        verifyAll(signMarked(marked, { keyPair: signer, algorithm, keyInfo }), { certificates }),
      );
      expect(error.code).toBe('signature_invalid');
      expect(error.message).toBe('the signature of the SAML message is not valid');
      expect(error.details).toMatchObject({ reason: 'key_not_configured' });
    }
  });

  it.each([
    ['no certificate', '<ds:X509Data/>'],
    ['an empty one', '<ds:X509Data><ds:X509Certificate/></ds:X509Data>'],
    ['no DER', '<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>'],
    ['too much', `<ds:X509Data><ds:X509Certificate>${'A'.repeat(20_000)}</ds:X509Certificate></ds:X509Data>`],
  ])('%s', (_, keyInfo) => {
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: keyPair('rsa', 'stranger'), keyInfo })));
    expect(error.details).toMatchObject({ reason: 'unknown_key_or_altered' });
  });

  it('a pinned key that is bound to another digest', () => {
    const xml = signMarked(marked, { algorithm: `${MORE_2007}sha256-rsa-MGF1`, keyInfo: null });
    const error = refusal(() => verifyAll(xml, { certificates: [fixture('rsa-pss-sha512-only.crt')] }));
    expect(error.code).toBe('signature_invalid');
    expect(verifyAll(xml, { certificates: [fixture('rsa-pss-sha512-only.crt'), keyPair().certificate] })).toHaveLength(
      1,
    );
  });
});

describe('explainUnverified', () => {
  it('makes the subject of a certificate safe to print', () => {
    const stranger = keyPair('rsa', 'evil\u202E\u001B[31m');
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: stranger })));
    expect(error.code).toBe('untrusted_certificate');
    expect(error.hint).toContain('evil');
    expect(error.hint).not.toMatch(/[\u202E\u001B]/);
  });
});
