import type { Account, AuditRecord, UserStore } from '../../../provisioning/user-store.ts';
import type { AccountInput } from '../../../stores/complete-store.ts';

/** One rule of a contract, for any test runner. */
export interface StoreCase {
  /** A sentence; unique in its list. */
  readonly name: string;
  /**
   * Rejects with the expected value, the received value, and what to change. A case about a capability that the store
   * does not have calls `context.skip` if there is one (Vitest and `node:test` pass a context to `run` by themselves),
   * and passes.
   */
  run(context?: CaseContext): Promise<void>;
}

/** The functions of a test runner that a case uses. */
export interface CaseContext {
  /** Marks the running test as skipped. */
  skip?(reason: string): void;
}

/** What a case requires of its store. */
export interface StoreNeeds {
  /** No two organizations share an e-mail. */
  readonly oneAccountPerEmail: boolean;
  /**
   * IDs (UUIDs) of the two organizations that the case uses, for a store with a foreign key that requires them to
   * exist. The store under test may name others.
   */
  readonly organizations: readonly string[];
}

/** A store, and the hooks by which a case prepares it and reads what it has written. */
export interface UserStoreUnderTest<U extends Account<string>> {
  readonly store: UserStore<U>;
  /** Set if the store supports only one of the two: cases that need the other one are skipped. */
  readonly oneAccountPerEmail?: boolean | undefined;
  /**
   * Writes a new account directly, as the application does: status, role, identities, provenance, `lastLoginAt`.
   * Resolves to the account as `find` returns it.
   */
  seed(account: AccountInput<string>): Promise<U>;
  /**
   * IDs, as text, of two new organizations that the case uses instead of those that it was set up with: for example for
   * a store whose IDs are numbers.
   */
  readonly organizations?: readonly [string, string] | undefined;
  /** All accounts of an organization, removed ones too. */
  accounts(organizationId: string): Promise<readonly U[]>;
  /** Audit records written so far, oldest first, those of other cases too if they are kept; left out: the store keeps none. */
  audit?: (() => Promise<readonly AuditRecord[]>) | undefined;
  /**
   * Suspends or removes an account directly, as the application does, in a transaction of its own. Default: `suspend`
   * and `remove` of the store.
   */
  setStatus?: ((userId: string, status: 'suspended' | 'removed') => Promise<void>) | undefined;
  /**
   * Makes the next write fail after it has begun, for example because its audit record cannot be written; left out: not
   * possible with this store.
   */
  failNextWrite?: (() => Promise<void>) | undefined;
  /** Called after each case, whether it passed or not. */
  close?: (() => Promise<void>) | undefined;
}

/** Makes a store for one case. It need not be empty: each case uses organizations, connections and addresses of its own. */
export type SetUp = (needs: StoreNeeds) => Promise<UserStoreUnderTest<Account>>;
