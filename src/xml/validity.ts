const dayMs = 86_400_000;

/** A certificate that has no more days left than this is expiring. */
export const expiringDays = 30;

/** The period in which a certificate is valid; `null` for a bare public key, which has none. */
export interface ValidityPeriod {
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
}

/** Where a time is in such a period. */
export interface Validity {
  readonly state: 'valid' | 'expiring' | 'expired' | 'not_yet_valid';
  /** Days until the end, rounded up; 0 or less when it has passed, `null` for a bare public key. */
  readonly daysLeft: number | null;
}

/** Compares a period of validity, whose limits are inclusive (RFC 5280, 4.1.2.5), with a time. */
export function validityAt({ validFrom, validTo }: ValidityPeriod, now: Date): Validity {
  if (validFrom === null || validTo === null) return { state: 'valid', daysLeft: null };
  const left = validTo.getTime() - now.getTime();
  // Without the sum, half a day after the end would be -0.
  const daysLeft = Math.ceil(left / dayMs) + 0;
  if (left < 0) return { state: 'expired', daysLeft };
  if (validFrom.getTime() > now.getTime()) return { state: 'not_yet_valid', daysLeft };
  return { state: daysLeft <= expiringDays ? 'expiring' : 'valid', daysLeft };
}
