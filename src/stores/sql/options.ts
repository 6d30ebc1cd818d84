import { invalidOption } from '../../configuration-error.ts';
import type { ConnectionStoreOptions } from '../../connections/connection-store.ts';
import type { Account, UserStore } from '../../provisioning/user-store.ts';
import type { EditableUserStore } from '../complete-store.ts';
import type { UsersTable } from './columns.ts';

/** The location of the library's tables. */
export interface TableOptions {
  /**
   * Start of the name of each table: letters, digits and `_`, at most 32. In PostgreSQL a schema with a dot, which `migrate`
   * makes, may stand before it or alone: `sso.` or `auth.sso_`. Default `saml_jit.` in PostgreSQL, `saml_jit_` in MySQL and SQLite.
   */
  readonly prefix?: string | undefined;
}

/** Options that determine the tables: pass the same ones to `migrate`, `check` and the stores. */
export interface SchemaOptions extends TableOptions {
  /** The application's own table of users. Default: a table of the library. */
  readonly users?: UsersTable | undefined;
  /** No two organizations share an e-mail. Default `false`. */
  readonly oneAccountPerEmail?: boolean | undefined;
  /**
   * Which accounts take a seat: an SQL condition over the table of users, called `u`. Default: active and invited ones. It becomes
   * part of statements: never build it from input.
   *
   * @example "u.status = 'active' AND u.role <> 'guest'"
   */
  readonly countsAsSeat?: string | undefined;
  /**
   * Makes the `id` of a new account. Default: a random UUID; in the application's table, the default of the column or the next
   * number.
   */
  readonly newId?: (() => string) | undefined;
  /** The application's roles: `check` examines whether the column of the role takes each of them. */
  readonly roles?: readonly string[] | undefined;
}

/** Options of a connection store in SQL. */
export interface SqlConnectionStoreOptions extends TableOptions, ConnectionStoreOptions {}

/** Options of a state store or a replay cache in MySQL or SQLite. */
export interface SqlStateStoreOptions extends TableOptions {
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/** Options of a user store. */
export interface SqlUserStoreOptions<R extends string> extends SchemaOptions {
  /** `false`: logins that change nothing leave no audit record. Default `true`. */
  readonly auditLogins?: boolean | undefined;
  /** Replaces decisions, see `UserStore`. */
  readonly decide?: UserStore<Account<R>>['decide'] | undefined;
}

/** The user store of PostgreSQL, MySQL and SQLite: every capability of a `UserStore`, with `list` and `put`. */
export type SqlUserStore<R extends string> = EditableUserStore<R>;

/** One step of the schema. */
export interface Migration {
  /** From 1, in the order to run them. */
  readonly version: number;
  readonly name: string;
  /** Statements, each ended by a semicolon where there are several. They may run again: existing tables are not changed. */
  readonly sql: string;
}

/** @throws ConfigurationError for text that cannot start the name of a table */
export function prefixOf({ prefix = 'saml_jit_' }: TableOptions): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,31}$/.test(prefix)) return prefix;
  throw invalidOption(
    ['prefix'],
    `must be 1 to 32 letters, digits or _, no digit first; received ${JSON.stringify(prefix)}`,
  );
}
