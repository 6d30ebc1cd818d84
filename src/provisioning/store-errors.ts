/**
 * Another account has the identity or the e-mail, or the account changed since it was read. The login reads again and decides
 * anew.
 */
export class UserConflict extends Error {
  override readonly name = 'UserConflict';
  readonly code = 'user_conflict';
}

/** All seats of the organization are taken. */
export class SeatLimitReached extends Error {
  override readonly name = 'SeatLimitReached';
  readonly code = 'seat_limit_reached';
}

/** The update would take the protected role from its last holder in the organization. */
export class LastRoleHolder extends Error {
  override readonly name = 'LastRoleHolder';
  readonly code = 'last_role_holder';
}

/** An error that a user store throws on purpose. */
export type UserStoreError = UserConflict | SeatLimitReached | LastRoleHolder;

const kinds = [
  { code: 'user_conflict', name: 'UserConflict' },
  { code: 'seat_limit_reached', name: 'SeatLimitReached' },
  { code: 'last_role_holder', name: 'LastRoleHolder' },
] as const satisfies readonly Pick<UserStoreError, 'code' | 'name'>[];

/**
 * The code of an error that a user store throws on purpose; `null` for any other error. Recognized by `code` and `name`: a
 * store may import these classes from another copy of this package, or run in another realm (as under Jest), where
 * `instanceof` is false.
 */
export function userStoreErrorCode(error: unknown): UserStoreError['code'] | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('name' in error)) return null;
  return kinds.find(({ code, name }) => code === error.code && name === error.name)?.code ?? null;
}
