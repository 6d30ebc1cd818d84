import type { VerifiedColumn } from '../verified-column.ts';

/** Options of {@link migrate}, {@link migrations} and every store: give all of them the same. */
export interface PostgresOptions {
  /** Schema of the tables; made if there is none. Letters, digits and `_`, at most 40. Default `saml_jit`. */
  readonly schema?: string | undefined;
  /** The application's own table of users. Default: `users` in the schema, made by {@link migrate}. */
  readonly users?: ExistingUsers | undefined;
  /** No two organizations share an e-mail. Default `false`. */
  readonly oneAccountPerEmail?: boolean | undefined;
  /**
   * Which accounts take a seat: an SQL condition over the table of users, called `u`. Default: active and invited ones.
   *
   * @example "u.status = 'active' AND u.role <> 'guest'"
   */
  readonly countsAsSeat?: string | undefined;
  /** Makes the `id` of a new user. Default: what the column `id` defaults to, in the library's own table a random UUID. */
  readonly newId?: (() => string) | undefined;
}

/** A table of users that the application has already. */
export interface ExistingUsers {
  /** With or without its schema: `public.users`. */
  readonly table: string;
  /** Type of the column `id`, which is the primary key. An `Account` has it as text. */
  readonly idType: 'text' | 'uuid' | 'bigint' | 'integer';
  readonly columns: UserColumns;
}

/**
 * Names of the columns, case-sensitive. What is left out is kept in the table `accounts` of the library's schema, where a
 * user without a row is active, has an unproven e-mail and no role.
 */
export interface UserColumns {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  /**
   * Text: the value of `emailKey`, written with each e-mail. Left out: e-mails are compared by their ASCII lower case, and
   * one whose domain is not ASCII is written with the domain in IDNA form.
   */
  readonly emailKey?: string | undefined;
  readonly name?: string | undefined;
  /** Text or an enum. */
  readonly role?: string | undefined;
  /**
   * `active`, `invited`, `suspended` or `removed`; text or an enum, not null. Left out: the e-mail of a removed user stays
   * taken, so that `recreate` needs the column.
   */
  readonly status?: string | undefined;
  /** Boolean, not null; or a column of another type, with the condition that it is compared by. */
  readonly emailVerified?: string | VerifiedColumn | undefined;
  /** Integer or bigint, not null. Counts the writes of logins; count it up when the application writes. */
  readonly version?: string | undefined;
  /** `jsonb` */
  readonly provenance?: string | undefined;
  /** `jsonb` */
  readonly customAttributes?: string | undefined;
  /** `timestamptz` */
  readonly lastLoginAt?: string | undefined;
}
