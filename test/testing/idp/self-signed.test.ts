import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KeyType, selfSigned } from '../../../src/testing/idp/self-signed.ts';

describe('selfSigned', () => {
  const kinds: readonly [KeyType, string, string | undefined][] = [
    ['rsa', 'rsa', undefined],
    ['rsa-pss', 'rsa-pss', undefined],
    ['p256', 'ec', 'prime256v1'],
    ['p384', 'ec', 'secp384r1'],
    ['p521', 'ec', 'secp521r1'],
  ];
  it.each(kinds)(
    'creates a certificate for a %s key with a valid signature',
    (keyType, asymmetricKeyType, namedCurve) => {
      const { privateKey, certificate } = selfSigned({ keyType, commonName: 'idp.example.test' });
      const read = new X509Certificate(certificate);
      expect(read.verify(read.publicKey)).toBe(true);
      expect(read.checkIssued(read)).toBe(true);
      expect(read.checkPrivateKey(privateKey)).toBe(true);
      expect(read.subject).toBe('CN=idp.example.test');
      expect(read.publicKey.asymmetricKeyType).toBe(asymmetricKeyType);
      expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe(namedCurve);
    },
  );

  it('supports validity dates before and after 2050', () => {
    const { certificate } = selfSigned({
      keyType: 'p256',
      notBefore: new Date('2001-02-03T04:05:06Z'),
      notAfter: new Date('2050-01-01T00:00:00Z'),
    });
    const read = new X509Certificate(certificate);
    expect(new Date(read.validFrom)).toEqual(new Date('2001-02-03T04:05:06Z'));
    expect(new Date(read.validTo)).toEqual(new Date('2050-01-01T00:00:00Z'));
  });

  it('uses the given key, also as PEM, and then always creates the same certificate', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const first = selfSigned({ privateKey: pem });
    expect(new X509Certificate(first.certificate).publicKey.equals(createPublicKey(privateKey))).toBe(true);
    expect(selfSigned({ privateKey }).certificate).toBe(first.certificate);
  });

  it('creates a new key and serial number each time', () => {
    const [first, second] = [selfSigned({ keyType: 'p256' }), selfSigned({ keyType: 'p256' })].map(
      ({ certificate }) => new X509Certificate(certificate),
    );
    expect(first?.serialNumber).not.toBe(second?.serialNumber);
    expect(first?.fingerprint256).not.toBe(second?.fingerprint256);
  });

  it('refuses keys that SAML messages are not signed with', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(() => selfSigned({ privateKey })).toThrow(new TypeError('SAML messages are not signed with ed25519 keys'));
  });
});
