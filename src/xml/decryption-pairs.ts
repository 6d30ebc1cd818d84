import { type DecryptionKey, resolveDecryptionKeys } from './decryption-keys.ts';
import { parseOwnCertificate } from './own-certificate.ts';

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

/** A decryption key and the certificate that identity providers encrypt to. Keys are `KeyObject`s, which JSON does not show. */
export interface DecryptionPair extends DecryptionKey {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/**
 * Reads the decryption keys of an application, newest first.
 *
 * @throws TypeError that describes what was received instead, without repeating any part of it
 */
export function resolveDecryptionPairs(pairs: readonly KeyAndCertificate[]): readonly DecryptionPair[] {
  const keys = resolveDecryptionKeys(pairs.map(({ privateKey }) => privateKey));
  return keys.map((key, index) => {
    const certificate = pairs[index]?.certificate ?? '';
    const { key: publicKey, fingerprint } = parseOwnCertificate('certificate', certificate);
    if (!key.publicKey.equals(publicKey)) {
      throw new TypeError(
        `the certificate${pairs.length > 1 ? ` at index ${index}` : ''} does not belong to its private key: what identity providers encrypt with it could not be decrypted`,
      );
    }
    return { ...key, certificate, fingerprint };
  });
}
