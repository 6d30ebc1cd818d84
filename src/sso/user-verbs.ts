import type { Account } from '../provisioning/user-store.ts';

/** Which accounts {@link UserVerbs.listStale} lists. */
export interface StaleQuery {
  readonly organizationId: string;
  /** Accounts whose last login was before this time, or that had none. */
  readonly olderThan: Date;
}

/** Whose account `suspend`, `remove` and `restore` change, and on whose behalf. */
export interface AccountAction {
  /**
   * The organization that the user must belong to, taken from the operator's own account: the store is asked
   * (`UserStore.get`). `null`: the application has checked it.
   */
  readonly organizationId: string | null;
  /** Who does it, for the event. */
  readonly by?: string | undefined;
}

/** `sso.users`: the status of accounts, changed by an operator of the application and not by a login. */
export interface UserVerbs<U extends Account<string>> {
  /**
   * Lists active accounts of an organization whose last login was before a time. It contains users who were deleted at the
   * identity provider, and users on leave: check before you remove one.
   *
   * @param query organization and time
   * @throws TypeError if the user store has no `listStale`
   *
   * @example
   * ```ts
   * const olderThan = new Date(Date.now() - 90 * 86_400_000);
   * const stale = await sso.users.listStale({ organizationId: 'acme', olderThan });
   * ```
   */
  listStale(query: StaleQuery): Promise<readonly U[]>;
  /**
   * Locks an account until it is restored, and emits `suspended`: end the user's sessions then.
   *
   * @param userId id of the account in the user store
   * @param action the organization that the account must belong to, and who does it
   * @throws TypeError if no user of that organization has the id; or if the user store lacks `suspend`, or `get` when an
   * organization is named
   *
   * @example
   * ```ts
   * await sso.users.suspend(user.id, { organizationId: 'acme', by: operator.email });
   * ```
   */
  suspend(userId: string, action: AccountAction): Promise<void>;
  /**
   * Marks an account as removed, so that no login restores it, and emits `removed`: end the user's sessions then.
   *
   * @param userId as for `suspend`
   * @param action as for `suspend`
   * @throws TypeError as `suspend`
   *
   * @example
   * ```ts
   * await sso.users.remove(user.id, { organizationId: 'acme', by: operator.email });
   * ```
   */
  remove(userId: string, action: AccountAction): Promise<void>;
  /**
   * Makes a suspended or removed account active again, and emits `restored`.
   *
   * @param userId as for `suspend`
   * @param action as for `suspend`
   * @throws TypeError as `suspend`; and what the store throws if another account has the e-mail address now
   *
   * @example
   * ```ts
   * await sso.users.restore(user.id, { organizationId: 'acme', by: operator.email });
   * ```
   */
  restore(userId: string, action: AccountAction): Promise<void>;
}
