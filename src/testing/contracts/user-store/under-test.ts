import type { Account, AuditRecord, UserStore } from '../../../provisioning/user-store.ts';
import type { AccountInput } from '../../../stores/complete-store.ts';

/** One rule of a contract, for any test runner. */
export interface StoreCase {
  /** A sentence; unique in its list. */
  readonly name: string;
  /**
   * Rejects with what was expected, what came instead, and what to change. A case about something that the store does not
   * have calls `context.skip` if there is one (Vitest and `node:test` pass a context to `run` by themselves), and passes.
   */
  run(context?: CaseContext): Promise<void>;
}

/** What a test runner lets a test do. */
export interface CaseContext {
  /** Marks the test that runs as skipped. */
  skip?(reason: string): void;
}

/** What a case asks of the store that it is about to get. */
export interface StoreNeeds {
  /** No two organizations share an e-mail. */
  readonly oneAccountPerEmail: boolean;
  /**
   * IDs (UUIDs) of the two organizations that the case uses, where a foreign key wants them to exist; unless the store under
   * test names others.
   */
  readonly organizations: readonly string[];
}

/** A store, and the hooks by which a case prepares it and looks at what it has written. */
export interface UserStoreUnderTest<U extends Account<string>> {
  readonly store: UserStore<U>;
  /** What the store does, if that is never what was asked for: cases that depend on it are then skipped. */
  readonly oneAccountPerEmail?: boolean | undefined;
  /**
   * Writes a new account directly, as the application would by hand: status, role, identities, provenance, `lastLoginAt`.
   * Resolves to it as `find` would give it.
   */
  seed(account: AccountInput<string>): Promise<U>;
  /**
   * IDs of two new organizations that the case uses instead of those that it was set up with, as text: for a store whose IDs
   * are numbers, say.
   */
  readonly organizations?: readonly [string, string] | undefined;
  /** All accounts of an organization, removed ones too. */
  accounts(organizationId: string): Promise<readonly U[]>;
  /** Audit records written so far, oldest first, those of other cases too if they are kept; left out: the store keeps none. */
  audit?: (() => Promise<readonly AuditRecord[]>) | undefined;
  /**
   * Suspends or removes an account directly, as the application would by hand, in a transaction of its own; left out: by
   * `suspend` and `remove` of the store.
   */
  setStatus?: ((userId: string, status: 'suspended' | 'removed') => Promise<void>) | undefined;
  /** Lets the next write fail after it has begun (its audit record cannot be written, say); left out: cannot be done. */
  failNextWrite?: (() => Promise<void>) | undefined;
  /** Called after each case, whether it passed or not. */
  close?: (() => Promise<void>) | undefined;
}

/** Makes a store for one case. It need not be empty: each case uses organizations, connections and addresses of its own. */
export type SetUp = (needs: StoreNeeds) => Promise<UserStoreUnderTest<Account>>;
