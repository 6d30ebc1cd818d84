import { type ConfigurationPath, invalidOption } from '../configuration-error.ts';
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
export function resolveDecryptionPairs(
  input: KeyAndCertificate | readonly KeyAndCertificate[],
): readonly DecryptionPair[] {
  const isList = Array.isArray(input);
  const pairs: readonly KeyAndCertificate[] = [input].flat();
  const pathOf = (index: number): ConfigurationPath => (isList ? [index] : []);
  const keys = resolveDecryptionKeys(
    pairs.map(({ privateKey }) => privateKey),
    (index) => [...pathOf(index), 'privateKey'],
  );
  return keys.map((key, index) => {
    const certificate = pairs[index]?.certificate ?? '';
    const path = [...pathOf(index), 'certificate'];
    const { key: publicKey, fingerprint } = parseOwnCertificate(path, certificate);
    if (!key.publicKey.equals(publicKey)) {
      throw invalidOption(
        path,
        'does not belong to the private key; identity providers would encrypt what cannot be decrypted',
      );
    }
    return { ...key, certificate, fingerprint };
  });
}
