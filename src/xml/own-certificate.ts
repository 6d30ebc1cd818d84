import { SamlError } from '../errors.ts';
import { type Certificate, parseCertificate } from './certificates.ts';

/** Parses a certificate of the application. @throws TypeError that names the setting and what was received instead */
export function parseOwnCertificate(setting: string, text: string): Certificate {
  try {
    return parseCertificate(text);
  } catch (cause) {
    if (!(cause instanceof SamlError)) throw cause;
    const { reason } = cause.details;
    throw new TypeError(`${setting} must be the application's own X.509 certificate (PEM), but ${reason}`, { cause });
  }
}
