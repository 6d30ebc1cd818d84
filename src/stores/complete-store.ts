import type { Account, UserStore } from '../provisioning/user-store.ts';

/** An account written by hand. Fields left out are not changed; a new account is `active`, verified and without role. */
export type AccountInput<R extends string> = Partial<Account<R>> & Pick<Account<R>, 'organizationId' | 'email'>;

/** A user store with every capability. */
export interface CompleteUserStore<R extends string> extends UserStore<Account<R>> {
  organizationsOf(email: string): Promise<readonly string[]>;
  seatsTaken(organizationId: string): Promise<number>;
  listStale(query: { readonly organizationId: string; readonly olderThan: Date }): Promise<readonly Account<R>[]>;
  get(userId: string): Promise<Account<R> | null>;
  /** @throws TypeError for an unknown id, here and below */
  suspend(userId: string): Promise<void>;
  remove(userId: string): Promise<void>;
  /** Makes the account active again. @throws UserConflict if its e-mail or an identity was taken meanwhile */
  restore(userId: string): Promise<void>;
}

/** A user store with every capability, and two functions for the application's own pages. */
export interface EditableUserStore<R extends string> extends CompleteUserStore<R> {
  /** All accounts of an organization, removed ones too, oldest first. */
  list(organizationId: string): Promise<readonly Account<R>[]>;
  /**
   * Writes an account by hand, for example an invitation: changes the account with the `id`, or adds one. Name in
   * `provenance` the fields that count as set by hand. Counts no seats and writes no audit record. @throws UserConflict
   */
  put(account: AccountInput<R>): Promise<Account<R>>;
}
