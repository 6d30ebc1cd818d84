import { type ConfigurationPath, invalidOption } from '../configuration-error.ts';
import { SamlError } from '../errors.ts';
import { type Certificate, parseCertificate } from './certificates.ts';

/**
 * A certificate of the application itself.
 *
 * @param path of the setting
 * @throws ConfigurationError that says what was given instead
 */
export function ownCertificate(path: ConfigurationPath, text: string): Certificate {
  try {
    return parseCertificate(text);
  } catch (cause) {
    if (!(cause instanceof SamlError) || cause.code !== 'certificate_invalid') throw cause;
    const { reason } = cause.details;
    throw invalidOption(path, `must be the application's own X.509 certificate (PEM), but ${reason}`, { cause });
  }
}
