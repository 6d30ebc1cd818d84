import type { Account, UserStore } from '../../provisioning/user-store.ts';
import type { AccountInput } from '../memory.ts';
import type { UsersTable } from './columns.ts';

/** What all tables of the library have in common. */
export interface TableOptions {
  /** Begins the name of each table: 1 to 32 letters, digits and `_`. Default `saml_jit_`. */
  readonly prefix?: string | undefined;
}

/** What decides which tables there are: the same for `migrate` as for the stores. */
export interface SchemaOptions extends TableOptions {
  /** The application's own users table. Default: a table of the library. */
  readonly users?: UsersTable | undefined;
  /** No two organizations share an e-mail. Default `false`. */
  readonly oneAccountPerEmail?: boolean | undefined;
}

/** Options of a user store. */
export interface SqlUserStoreOptions<R extends string> extends SchemaOptions {
  /**
   * Which accounts take a seat: an SQL condition over the table of users, called `u`. Default: active and invited ones.
   *
   * @example "u.status = 'active' AND u.role <> 'guest'"
   */
  readonly countsAsSeat?: string | undefined;
  /** Makes the `id` of a new account; `null`: the database does, by a key that counts up. Default: a random UUID. */
  readonly newId?: (() => string) | null | undefined;
  /** `false`: logins that change nothing leave no audit record. Default `true`. */
  readonly auditLogins?: boolean | undefined;
  /** The last word on each decision, see `UserStore`. */
  readonly decide?: UserStore<Account<R>>['decide'] | undefined;
}

/** A user store with every capability, and what an application needs beside. */
export interface SqlUserStore<R extends string> extends UserStore<Account<R>> {
  organizationsOf(email: string): Promise<readonly string[]>;
  seatsTaken(organizationId: string): Promise<number>;
  listStale(query: { readonly organizationId: string; readonly olderThan: Date }): Promise<readonly Account<R>[]>;
  get(userId: string): Promise<Account<R> | null>;
  /** @throws TypeError for an unknown id, here and below */
  suspend(userId: string): Promise<void>;
  remove(userId: string): Promise<void>;
  /** Makes it active again. @throws UserConflict if its e-mail or an identity was taken meanwhile */
  restore(userId: string): Promise<void>;
  /** All accounts of an organization, removed ones too, oldest first. */
  list(organizationId: string): Promise<readonly Account<R>[]>;
  /**
   * Writes an account by hand, an invitation say: with the `id` of an account changes that one, else adds one. Record in
   * `provenance` what shall count as set by hand. Counts no seats and writes no audit record. @throws UserConflict
   */
  put(account: AccountInput<R>): Promise<Account<R>>;
}

/** One step of the schema. */
export interface Migration {
  /** Counts from 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** @throws TypeError for what cannot begin the name of a table */
export function prefixOf({ prefix = 'saml_jit_' }: TableOptions): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,31}$/.test(prefix)) return prefix;
  throw new TypeError(
    `prefix must be 1 to 32 letters, digits or _, no digit first; received ${JSON.stringify(prefix)}`,
  );
}
