import type { Account, Changes, FieldChange, Identity, NewUser } from './account.ts';
import type { Decision } from './decision.ts';
import type { Situation } from './situation.ts';

export type { Account, Changes, FieldChange, Identity, NewUser, Provenance } from './account.ts';
export { sameIdentity } from './account.ts';
export { LastRoleHolder, SeatLimitReached, UserConflict } from './store-errors.ts';

/** One write of a login, for an audit table that is written in the same transaction. */
export interface AuditRecord {
  readonly at: Date;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly assertionId: string;
  readonly identity: Identity;
  readonly action: 'create' | 'update' | 'login';
  readonly changes: readonly FieldChange[];
  readonly notes: readonly string[];
}

/** How a login reads and writes users. An existing users table and one table of identities are enough to implement it. */
export interface UserStore<U extends Account<string> = Account<string>> {
  /**
   * Finds an account. `bySubject` is the account of this organization that has the identity. `byEmail` is the account with
   * this e-mail (compared by `normalizeEmail`; `null`: do not search by e-mail): in this organization if there is one, else in
   * another, if the application has one account per e-mail. A removed account is returned only if no other one matches.
   */
  find(
    key: Identity & { readonly organizationId: string; readonly email: string | null },
  ): Promise<{ bySubject: U | null; byEmail: U | null }>;
  /**
   * Creates an active user, atomically with the seat count. It is a conflict if an account of the organization that is not
   * removed has this identity or e-mail.
   * @throws UserConflict | SeatLimitReached
   */
  create(user: NewUser<U>, guard: { readonly seats: number | null; readonly audit: AuditRecord }): Promise<U>;
  /**
   * Applies the changes, atomically. It is a conflict if the user was suspended or removed in the meantime.
   * With `keepLast`, a role change that takes that role from its last holder in the organization fails.
   * @throws UserConflict | LastRoleHolder
   */
  update(
    user: U,
    changes: Changes<U>,
    guard: {
      readonly keepLast: U['role'] | null;
      readonly expectedVersion?: string | undefined;
      readonly audit: AuditRecord;
    },
  ): Promise<U>;
  /**
   * Returns the proposed decision, or another one that replaces it. The result is validated: an account of another
   * organization, a suspended or removed account, another identity, or a role above the ceiling is a TypeError. `changes` and
   * `fields` are recomputed from the values that it writes, and may be left as they are. Not called for a rejection that
   * precedes the look-up.
   */
  decide?(situation: Situation<U>, proposed: Decision<U>): Decision<U> | Promise<Decision<U>>;
  /** Organizations in which this e-mail is registered; used by the login page. */
  organizationsOf?(email: string): Promise<readonly string[]>;
  /** Number of seats that are taken: lets `explain` predict a full organization. Only `create` enforces the limit. */
  seatsTaken?(organizationId: string): Promise<number>;
  /** Active users whose last login was before `olderThan`, or who never logged in. */
  listStale?(query: { readonly organizationId: string; readonly olderThan: Date }): Promise<readonly U[]>;
  /**
   * The account with this ID, in any organization and with any status; `null` if it does not exist. Lets `sso.users.suspend`,
   * `sso.users.remove` and `sso.users.restore` check its organization.
   */
  get?(userId: string): Promise<U | null>;
  /** Prevents logins until the account is restored. */
  suspend?(userId: string): Promise<void>;
  /** Keeps the row with the status `removed`, so that a later login does not create the user again. */
  remove?(userId: string): Promise<void>;
  /** Makes a suspended or removed account active again. */
  restore?(userId: string): Promise<void>;
}
