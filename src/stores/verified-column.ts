/**
 * A column that tells by a condition whether the e-mail address of a user is verified, as one that holds the time of that.
 *
 * @example
 * const emailVerified: VerifiedColumn = {
 *   column: 'email_verified_at',
 *   isTrue: 'u.email_verified_at IS NOT NULL',
 *   setTrue: 'CURRENT_TIMESTAMP',
 *   setFalse: 'NULL',
 * };
 */
export interface VerifiedColumn {
  /** Name of the column, which logins write. */
  readonly column: string;
  /** SQL condition over the table of users, called `u`; NULL counts as false. */
  readonly isTrue: string;
  /** SQL expression: what a login writes for a verified address. */
  readonly setTrue: string;
  /** SQL expression: what a login writes for an address that is not verified. */
  readonly setFalse: string;
}

/** @throws TypeError for an expression that is missing */
export function checkVerifiedColumn(verified: VerifiedColumn): VerifiedColumn {
  for (const key of ['isTrue', 'setTrue', 'setFalse'] as const) {
    const expression: unknown = verified[key];
    if (typeof expression === 'string' && expression.trim() !== '') continue;
    throw new TypeError(
      `users.columns.emailVerified.${key} must be an SQL expression, not ${JSON.stringify(expression)}`,
    );
  }
  return verified;
}
