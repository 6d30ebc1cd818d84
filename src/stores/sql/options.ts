import type { Account, UserStore } from '../../provisioning/user-store.ts';
import type { EditableUserStore } from '../complete-store.ts';
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

/** What the user stores of SQLite and MySQL are. */
export type SqlUserStore<R extends string> = EditableUserStore<R>;

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
