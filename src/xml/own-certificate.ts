import { type ConfigurationPath, invalidOption } from '../configuration-error.ts';
import { SamlError } from '../errors.ts';
import { type Certificate, parseCertificate } from './certificates.ts';

/**
 * Parses a certificate of the application.
 *
 * @param path of the setting
 * @throws ConfigurationError that says what was received instead
 */
export function parseOwnCertificate(path: ConfigurationPath, text: string): Certificate {
  try {
    return parseCertificate(text);
  } catch (cause) {
    if (!(cause instanceof SamlError) || cause.code !== 'certificate_invalid') throw cause;
    const { reason } = cause.details;
    throw invalidOption(path, `must be the application's own X.509 certificate (PEM), but ${reason}`, { cause });
  }
}
