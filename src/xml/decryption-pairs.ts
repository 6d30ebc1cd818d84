import { type ConfigurationPath, invalidOption } from '../configuration-error.ts';
import { type DecryptionKey, resolveDecryptionKeys } from './decryption-keys.ts';
import { ownCertificate } from './own-certificate.ts';

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

/** A decryption key and the certificate that identity providers encrypt for. Its keys are `KeyObject`s: JSON shows none. */
export interface DecryptionPair extends DecryptionKey {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/**
 * Reads the decryption keys of an application, newest first.
 *
 * @throws TypeError that says what was given instead, without repeating any of it
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
    const { key: publicKey, fingerprint } = ownCertificate(path, certificate);
    if (!key.publicKey.equals(publicKey)) {
      throw invalidOption(
        path,
        'does not belong to the private key; identity providers would encrypt what cannot be decrypted',
      );
    }
    return { ...key, certificate, fingerprint };
  });
}
