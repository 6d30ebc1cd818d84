import { type KeyPair, selfSigned } from '../../src/testing/idp/self-signed.ts';

const made = new Map<string, KeyPair>();

/** The decryption key of an application; one of each name is made, as that takes time. */
export function decryptionPair(name = 'application'): KeyPair {
  const known = made.get(name) ?? selfSigned({ commonName: name });
  made.set(name, known);
  return known;
}

/** Its private key in PEM. */
export function pemOf({ privateKey }: KeyPair): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
