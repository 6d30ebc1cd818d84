import { certificateStatus } from '../connections/certificate-status.ts';
import type { Connection } from '../connections/connection.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { printable } from '../lib/quote.ts';
import type { LoginWarning } from '../saml/login-warnings.ts';
import { expiringDays } from '../xml/validity.ts';

/** Returns warnings about certificates that signed a login and expire soon. */
export type CertificateWatch = (connection: Connection, signedBy: readonly string[], now: Date) => LoginWarning[];

const stages = [1, 7, expiringDays];
const maxRemembered = 10_000;

/**
 * Makes a watch that warns when 30 days, 7 days and 1 day are left: once each for a certificate of a connection, at the
 * first login in that period. Only certificates that sign are watched, by their fingerprints: another pinned one may be a
 * former certificate, or the next. Memory is bounded: the oldest entries are dropped, and their warning is repeated.
 */
export function certificateWatch(): CertificateWatch {
  const warned = boundedCache<string, number>(maxRemembered);
  return (connection, signedBy, now) => {
    const pinned = certificateStatus(connection, now);
    return pinned.flatMap(({ fingerprint, subject, state, daysLeft, validTo }) => {
      if (state !== 'expiring' || daysLeft === null || validTo === null || !signedBy.includes(fingerprint)) return [];
      const stage = stages.find((days) => daysLeft <= days) ?? expiringDays;
      const key = JSON.stringify([connection.id, fingerprint]);
      if ((warned.get(key) ?? Number.POSITIVE_INFINITY) <= stage) return [];
      warned.set(key, stage);
      const next = pinned.find((other) => other.validTo !== null && other.validTo > validTo);
      const remedy =
        next === undefined
          ? 'Ask its administrator for the next one, and add it to idp.certificates before the identity provider signs with it'
          : `${printable(next.subject ?? '')} (SHA-256 ${next.fingerprint}), valid until ${next.validTo?.toISOString()}, is pinned too: check that it is the next one of the identity provider`;
      return [
        {
          warning: 'certificate_expiring',
          hint: `The certificate ${printable(subject ?? '')} (SHA-256 ${fingerprint}) that the identity provider signs with expires at ${validTo.toISOString()}, in ${daysLeft === 1 ? 'a day or less' : `${daysLeft} days`}. ${remedy}. The present one verifies signatures after that time, too.`,
        },
      ];
    });
  };
}
