import { SamlError } from '../errors.ts';
import { type Certificate, parseCertificate } from './certificates.ts';

/** A certificate of the application's own. @throws TypeError that names the setting and says what was given instead */
export function ownCertificate(setting: string, text: string): Certificate {
  try {
    return parseCertificate(text);
  } catch (cause) {
    if (!(cause instanceof SamlError) || cause.code !== 'certificate_invalid') throw cause;
    const { reason } = cause.details;
    throw new TypeError(`${setting} must be the application's own X.509 certificate (PEM), but ${reason}`, { cause });
  }
}
