import { createPublicKey, type KeyObject } from 'node:crypto';
import { ConfigurationError, invalidOption } from '../configuration-error.ts';
import { parseOwnCertificate } from '../xml/own-certificate.ts';
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
  const { key, subject, fingerprint } = parseOwnCertificate(['signing', 'certificate'], certificate);
  const privateKey = readPrivateKey(pem);
  if (createPublicKey(privateKey).equals(key)) return { privateKey, certificate, fingerprint };
  const problem = `the certificate (${subject}) does not belong to the private key, so identity providers would refuse your requests: pass the two that belong together`;
  throw new ConfigurationError(`signing: ${problem}`, [{ path: ['signing', 'certificate'], message: problem }]);
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return privateKeyOf(pem);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw invalidOption(['signing', 'privateKey'], `cannot be used: ${cause.message}`, { cause: cause.cause });
  }
}
