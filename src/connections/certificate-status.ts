import { parseTrustedKey } from '../xml/certificates.ts';
import { validityAt } from '../xml/validity.ts';
import type { Connection } from './connection.ts';

/** A pinned certificate and its validity. */
export interface CertificateStatus {
  /** SHA-256, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string;
  /** E.g. `CN=idp.example.com, O=Example`; `null` for a bare public key. */
  readonly subject: string | null;
  /** `null`, like the next: a bare public key has no period of validity. */
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly state: 'valid' | 'expiring' | 'expired' | 'not_yet_valid';
  /** Days until `validTo`, rounded up; 0 or less when it has passed, `null` for a bare public key. */
  readonly daysLeft: number | null;
}

/**
 * The validity of each pinned certificate of a connection, in the order of `idp.certificates`. `expiring` means that at
 * most 30 days are left. An expired one still verifies signatures: SAML pins the key, not its lifetime
 * (SAML Metadata Interoperability Profile 2.6.1). Throws nothing.
 *
 * @param connection as `parseConnection` returns it
 * @param now the time at which the certificates are examined
 *
 * @example
 * ```ts
 * import { certificateStatus, parseConnection } from 'saml-jit';
 *
 * const connection = parseConnection(row);
 * const ending = certificateStatus(connection, new Date()).filter(({ state }) => state !== 'valid');
 * ```
 */
export function certificateStatus(connection: Connection, now: Date): readonly CertificateStatus[] {
  return connection.idp.certificates.map((text) => {
    const { fingerprint, subject, validFrom, validTo } = parseTrustedKey(text);
    return { fingerprint, subject, validFrom, validTo, ...validityAt({ validFrom, validTo }, now) };
  });
}
