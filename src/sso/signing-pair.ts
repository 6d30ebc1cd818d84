import { createPublicKey, type KeyObject } from 'node:crypto';
import { ownCertificate } from '../xml/own-certificate.ts';
import { privateKeyOf } from '../xml/sign.ts';
import type { KeyAndCertificate } from './types.ts';

/** Key and certificate that sign requests. The key is parsed once. */
export interface SigningPair {
  readonly privateKey: KeyObject;
  readonly certificate: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/** Reads the option `signing`. @throws TypeError if key and certificate do not belong together, or cannot be used */
export function signingPair({ privateKey: pem, certificate }: KeyAndCertificate): SigningPair {
  const { key, subject, fingerprint } = ownCertificate('signing.certificate', certificate);
  const privateKey = privateKeyOf(pem);
  if (createPublicKey(privateKey).equals(key)) return { privateKey, certificate, fingerprint };
  throw new TypeError(
    `signing: the certificate (${subject}) does not belong to the private key beside it, so identity providers would refuse your requests: pass the two that belong together`,
  );
}
