import { type ConfigurationPath, invalidOption } from '../../configuration-error.ts';
import type { Account } from '../../provisioning/user-store.ts';

/** The fields of an account, each with the name of its column in the tables of the library. */
export const ownColumns = {
  id: 'id',
  organizationId: 'organization_id',
  email: 'email',
  emailKey: 'email_key',
  name: 'name',
  role: 'role',
  status: 'status',
  emailVerified: 'email_verified',
  version: 'version',
  provenance: 'provenance',
  customAttributes: 'custom_attributes',
  lastLoginAt: 'last_login_at',
  createdAt: 'created_at',
} as const;

/** The statuses of an account, as a column has them. */
export const accountStatuses: readonly Account['status'][] = ['active', 'invited', 'suspended', 'removed'];

/** @throws TypeError for an unknown status, which names it */
export function readStatus(status: string | null): Account['status'] {
  const known = accountStatuses.find((each) => each === status);
  if (known) return known;
  throw new TypeError(`a user has the status "${status}"; write one of ${accountStatuses.join(', ')} into that column`);
}

/** The columns of an identity. A missing qualifier is stored as an empty text. */
export const identityColumns: readonly string[] = [
  'connection_id',
  'issuer',
  'subject',
  'name_qualifier',
  'sp_name_qualifier',
];

/** A field of an account that has a column. `emailKey` is the result of `normalizeEmail(email)`. */
export type AccountField = keyof typeof ownColumns;

/** All fields. */
export const accountFields: readonly AccountField[] = Object.keys(ownColumns).filter(isField);

/** Fields that may be an expression. The others are compared by indexes, or written as they are. */
export const expressionFields = ['name', 'role', 'status', 'emailVerified'] as const;

/**
 * A field that the application stores differently: an SQL expression that reads it, and what is written instead. The
 * expressions become part of statements: never build them from input.
 *
 * @example
 * const status: ColumnExpression = {
 *   read: "CASE WHEN u.deleted_at IS NOT NULL THEN 'removed' WHEN u.is_active THEN 'active' ELSE 'suspended' END",
 *   write: { is_active: ":value = 'active'", deleted_at: "CASE WHEN :value = 'removed' THEN CURRENT_TIMESTAMP END" },
 * };
 */
export interface ColumnExpression {
  /**
   * SQL expression over columns of the row, whose table is called `u`: text, or for `emailVerified` a condition, in which
   * NULL counts as false.
   */
  readonly read: string;
  /**
   * SQL expression by column. `:value` stands for the new value of the field: text or NULL, for `emailVerified` a boolean (0 or 1
   * in MySQL and SQLite).
   */
  readonly write: Readonly<Record<string, string>>;
}

/**
 * The columns that hold the fields of an account, by name, case-sensitive. Fields left out are stored in the table `profiles` of
 * the library, where a user without a row is active, has an unverified e-mail and no role.
 */
export interface UserColumns {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string;
  /** The result of `normalizeEmail(email)`. */
  readonly emailKey?: string | undefined;
  readonly name?: string | ColumnExpression | undefined;
  readonly role?: string | ColumnExpression | undefined;
  readonly status?: string | ColumnExpression | undefined;
  readonly emailVerified?: string | ColumnExpression | undefined;
  readonly version?: string | undefined;
  /** Holds JSON. */
  readonly provenance?: string | undefined;
  /** Holds JSON. */
  readonly customAttributes?: string | undefined;
  readonly lastLoginAt?: string | undefined;
  readonly createdAt?: string | undefined;
}

/** The application's own table of users. */
export interface UsersTable {
  /** Name of the table; a dot separates it from its schema (PostgreSQL) or database (MySQL). */
  readonly table: string;
  /**
   * SQL type of the `id` column, which the tables of the library refer to; in MySQL with character set and collation. Default:
   * the type of the library's own table.
   */
  readonly idType?: string | undefined;
  /** Without `emailKey`, e-mails are compared by their ASCII lower case. */
  readonly columns: UserColumns;
  /**
   * Further columns of a new user, as SQL expressions: those that have no default. They become part of statements: never build
   * them from input.
   *
   * @example { locale: "'en'", created_by: "'sso'" }
   */
  readonly insert?: Readonly<Record<string, string>> | undefined;
}

/** The expression of a field; `undefined` if it is a plain column or has none. */
export function expressionOf(columns: UserColumns | undefined, field: AccountField): ColumnExpression | undefined {
  const mapped: string | ColumnExpression | undefined = columns?.[field];
  return typeof mapped === 'object' ? mapped : undefined;
}

/** The plain column of a field. */
export function plainColumn(columns: UserColumns, field: AccountField): string | undefined {
  const mapped: string | ColumnExpression | undefined = columns[field];
  return typeof mapped === 'string' ? mapped : undefined;
}

/** The SQL expression with `:value` replaced. `::value`, a cast, stays. */
export function withValue(sql: string, value: string): string {
  return sql.replaceAll(/(?<!:):value\b/g, () => value);
}

/** The expression with another name, or none, in place of the table `u`. */
export function renameTable(sql: string, name: string): string {
  return sql.replaceAll(/\bu\./g, () => (name === '' ? '' : `${name}.`));
}

/** A column that the options name, and where. */
interface NamedColumn {
  readonly path: readonly string[];
  readonly name: string;
  /** What an expression writes. */
  readonly sql?: string;
}

/** Each column that a field is written to: a plain one, or those of its expression. */
export function writtenColumns(columns: UserColumns): readonly NamedColumn[] {
  return accountFields.flatMap((field) => {
    const path = ['users', 'columns', field];
    const plain = plainColumn(columns, field);
    if (plain !== undefined) return [{ path, name: plain }];
    const written = Object.entries(expressionOf(columns, field)?.write ?? {});
    return written.map(([name, sql]) => ({ path: [...path, 'write', name], name, sql }));
  });
}

/** Each column that a new account is written to, with those of `insert`. */
export function namedColumns({ columns, insert = {} }: UsersTable): readonly NamedColumn[] {
  const inserted = Object.keys(insert).map((name) => ({ path: ['users', 'insert', name], name }));
  return [...writtenColumns(columns), ...inserted];
}

/**
 * @throws ConfigurationError for an expression that is missing, or stands where none is possible, and for a column that is
 * named twice
 */
export function assertUsersTable(users: UsersTable): void {
  const { columns, insert = {} } = users;
  for (const field of accountFields) {
    const expression = expressionOf(columns, field);
    if (expression === undefined) continue;
    const path = ['users', 'columns', field];
    if (!expressionFields.some((each) => each === field)) {
      throw invalidOption(path, 'must be the name of a column, not an expression');
    }
    assertSql([...path, 'read'], expression.read);
    assertAll([...path, 'write'], expression.write);
    if (Object.keys(expression.write).length === 0) {
      throw invalidOption([...path, 'write'], 'must have an SQL expression for at least one column');
    }
  }
  assertAll(['users', 'insert'], insert);
  const places = new Map<string, NamedColumn>();
  for (const written of namedColumns(users)) {
    const { path, name } = written;
    const other = places.get(name);
    // Two fields may write the same, such as the time of the change.
    const isSame = written.sql !== undefined && !written.sql.includes(':value') && written.sql === other?.sql;
    if (other !== undefined && !isSame) {
      const place = other.path.join('.');
      throw invalidOption(path, `must not name the column "${name}", which ${place} names too: leave out one of them`);
    }
    places.set(name, written);
  }
}

function assertAll(path: ConfigurationPath, expressions: unknown): void {
  if (typeof expressions !== 'object' || expressions === null) {
    throw invalidOption(path, `must be an object of SQL expressions by column, not ${JSON.stringify(expressions)}`);
  }
  for (const [column, sql] of Object.entries(expressions)) assertSql([...path, column], sql);
}

/** @throws ConfigurationError for anything but text that is not blank */
export function assertSql(path: ConfigurationPath, sql: unknown): void {
  if (typeof sql === 'string' && sql.trim() !== '') return;
  throw invalidOption(path, `must be an SQL expression, not ${JSON.stringify(sql)}`);
}

function isField(name: string): name is AccountField {
  return name in ownColumns;
}
