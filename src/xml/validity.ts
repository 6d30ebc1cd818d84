const dayMs = 86_400_000;

/** A certificate with at most this number of days left is expiring. */
export const expiringDays = 30;

/** The period of validity of a certificate; `null` for a bare public key. */
export interface ValidityPeriod {
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
}

/** The state of a certificate at a given time. */
export interface Validity {
  readonly state: 'valid' | 'expiring' | 'expired' | 'not_yet_valid';
  /** Days until the end, rounded up; 0 or less after the end, `null` for a bare public key. */
  readonly daysLeft: number | null;
}

/** Compares a time with a period of validity, whose limits are inclusive (RFC 5280, 4.1.2.5). */
export function validityAt({ validFrom, validTo }: ValidityPeriod, now: Date): Validity {
  if (validFrom === null || validTo === null) return { state: 'valid', daysLeft: null };
  const left = validTo.getTime() - now.getTime();
  // Adding 0 turns -0, half a day after the end, into 0.
  const daysLeft = Math.ceil(left / dayMs) + 0;
  if (left < 0) return { state: 'expired', daysLeft };
  if (validFrom.getTime() > now.getTime()) return { state: 'not_yet_valid', daysLeft };
  return { state: daysLeft <= expiringDays ? 'expiring' : 'valid', daysLeft };
}
