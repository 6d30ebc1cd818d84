import { createPublicKey, type KeyObject } from 'node:crypto';
import { parseOwnCertificate } from '../xml/own-certificate.ts';
import { privateKeyOf } from '../xml/sign.ts';
import type { KeyAndCertificate } from './types.ts';

/** The pair that signs requests: its key is parsed once. */
export interface SigningPair {
  readonly privateKey: KeyObject;
  readonly certificate: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/** Reads the pair that signs requests. @throws TypeError where no identity provider could verify what it signs */
export function signingPair({ privateKey: pem, certificate }: KeyAndCertificate): SigningPair {
  const { key, subject, fingerprint } = parseOwnCertificate('signing.certificate', certificate);
  const privateKey = privateKeyOf(pem);
  if (createPublicKey(privateKey).equals(key)) return { privateKey, certificate, fingerprint };
  throw new TypeError(
    `signing: the certificate (${subject}) does not belong to the private key beside it, so identity providers would refuse your requests: pass the two that belong together`,
  );
}
