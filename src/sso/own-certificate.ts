import { createPublicKey, type KeyObject } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { type Certificate, parseCertificate } from '../xml/certificates.ts';
import { privateKeyOf } from '../xml/sign.ts';
import type { KeyAndCertificate } from './types.ts';

/** A certificate of the application's own. @throws TypeError that names the option and says what was given instead */
export function ownCertificate(option: string, certificate: string): Certificate {
  try {
    return parseCertificate(certificate);
  } catch (cause) {
    if (!(cause instanceof SamlError)) throw cause;
    const { reason } = cause.details;
    throw new TypeError(`${option}.certificate must be the application's own X.509 certificate (PEM), but ${reason}`, {
      cause,
    });
  }
}

/** The pair that signs requests: its key is parsed once. */
export interface SigningPair {
  readonly privateKey: KeyObject;
  readonly certificate: string;
}

/** Reads the pair that signs requests. @throws TypeError where no identity provider could verify what it signs */
export function signingPair({ privateKey: pem, certificate }: KeyAndCertificate): SigningPair {
  const { key, subject } = ownCertificate('signing', certificate);
  const privateKey = privateKeyOf(pem);
  if (createPublicKey(privateKey).equals(key)) return { privateKey, certificate };
  throw new TypeError(
    `signing: the certificate (${subject}) does not belong to the private key beside it, so identity providers would refuse your requests: pass the two that belong together`,
  );
}
