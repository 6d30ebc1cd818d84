import { checkVerifiedColumn, type VerifiedColumn } from '../verified-column.ts';
import type { PostgresOptions, UserColumns } from './options.ts';

/** Where everything is: names are quoted, ready to stand in SQL. */
export interface Layout {
  /** The schema, unquoted: for names that are made of it. */
  readonly prefix: string;
  readonly schema: string;
  readonly users: string;
  readonly idType: string;
  /** Columns of the table of users, by field. */
  readonly columns: Columns;
  /** How the column of `emailVerified` is read and written; `undefined`: it is a boolean. */
  readonly verified: VerifiedColumn | undefined;
  /** The table of users is the application's: what it has no column for is in `accounts`. */
  readonly existing: boolean;
  readonly oneAccountPerEmail: boolean;
  readonly countsAsSeat: string;
  /** The application makes the ids. */
  readonly givesIds: boolean;
}

/** A field of an account that is one column. */
export type Field = keyof UserColumns;

/** Columns by field, quoted. */
export type Columns = Pick<UserColumns, 'id' | 'organizationId' | 'email'> & {
  readonly [F in Field]?: string | undefined;
};

/** What a row of users and its row of accounts are called, in a query or in a function. */
export interface Rows {
  readonly user: string;
  readonly account: string;
}

/** Columns of the library's own table of users, and of `accounts`. */
const ownColumns = {
  id: '"id"',
  organizationId: '"organization_id"',
  email: '"email"',
  emailKey: '"email_key"',
  name: '"name"',
  role: '"role"',
  status: '"status"',
  emailVerified: '"email_verified"',
  version: '"version"',
  provenance: '"provenance"',
  customAttributes: '"custom_attributes"',
  lastLoginAt: '"last_login_at"',
} as const;

const missing: { readonly [F in Field]?: string } = { status: "'active'", emailVerified: 'false', version: '1' };

/** Fields that a login writes. */
export const writtenFields: readonly Field[] = [
  'email',
  'emailKey',
  'name',
  'role',
  'status',
  'emailVerified',
  'version',
  'provenance',
  'customAttributes',
  'lastLoginAt',
];

/** Those that `accounts` has a column for. */
export const accountFields: readonly Field[] = writtenFields.filter(
  (field) => field !== 'email' && field !== 'emailKey',
);

/** The names in `queries`: the table of users is `u`, as `countsAsSeat` may rely on. */
export const inQuery: Rows = { user: 'u', account: 'a' };

/** @throws TypeError for a name that is no plain identifier */
export function layoutOf(options: PostgresOptions): Layout {
  const { schema = 'saml_jit', users, oneAccountPerEmail = false, newId } = options;
  const quotedSchema = identifier(schema, 'schema');
  if (schema.length > 40)
    throw new TypeError(`the schema "${schema}" is longer than 40 characters: choose a shorter name`);
  const columns = users === undefined ? ownColumns : quotedColumns(users.columns);
  const verified = users?.columns.emailVerified;
  const base = {
    prefix: schema,
    schema: quotedSchema,
    users: users === undefined ? `${quotedSchema}."users"` : tableName(users.table),
    idType: users === undefined ? 'text' : idType(users.idType),
    columns,
    verified: typeof verified === 'object' ? checkVerified(verified) : undefined,
    existing: users !== undefined,
    oneAccountPerEmail,
    givesIds: newId !== undefined,
  };
  const usable = `${fieldIn(columns, 'status', inQuery)} IN ('active', 'invited')`;
  return { ...base, countsAsSeat: condition(options.countsAsSeat ?? usable) };
}

/** An expression for the field. */
export function field(layout: Layout, name: Field, rows: Rows = inQuery): string {
  if (name === 'emailVerified' && layout.verified) return `coalesce((${layout.verified.isTrue}), false)`;
  return fieldIn(layout.columns, name, rows);
}

function fieldIn(columns: Columns, name: Field, { user, account }: Rows): string {
  const column = columns[name];
  if (column !== undefined) return `${user}.${column}`;
  // Folds ASCII letters alone, as normalizeEmail() does.
  if (name === 'emailKey') return `lower(${user}.${columns.email}::text COLLATE "C")`;
  const own = `${account}.${ownColumns[name]}`;
  return missing[name] === undefined ? own : `coalesce(${own}, ${missing[name]})`;
}

/** The column itself, to be written. */
export function target(layout: Layout, name: Field, { user, account }: Rows): string {
  const column = layout.columns[name];
  return column === undefined ? `${account}.${ownColumns[name]}` : `${user}.${column}`;
}

/** Name of the column of `accounts`. */
export function accountColumn(name: Field): string {
  return ownColumns[name];
}

/** `FROM` with both tables. */
export function accountTables({ users, schema, existing, columns }: Layout): string {
  return existing ? `${users} u LEFT JOIN ${schema}."accounts" a ON a.user_id = u.${columns.id}` : `${users} u`;
}

/** Neither removed ones nor tombstones. */
export function living(layout: Layout, rows: Rows = inQuery): string {
  return `${field(layout, 'status', rows)} <> 'removed'`;
}

function quotedColumns(columns: UserColumns): Columns {
  const quote = (name: Field): string | undefined => {
    const mapped = columns[name];
    const column = typeof mapped === 'object' ? mapped.column : mapped;
    return column === undefined ? undefined : identifier(column, `users.columns.${name}`);
  };
  const optional = Object.fromEntries(writtenFields.map((name) => [name, quote(name)]));
  const { id, organizationId, email } = columns;
  return {
    ...optional,
    id: identifier(id, 'users.columns.id'),
    organizationId: identifier(organizationId, 'users.columns.organizationId'),
    email: identifier(email, 'users.columns.email'),
  };
}

function tableName(text: string): string {
  const parts = String(text).split('.');
  if (parts.length > 2) throw new TypeError(`users.table must be a table or schema.table, not "${text}"`);
  return parts.map((part) => identifier(part, 'users.table')).join('.');
}

function idType(type: string): string {
  if (['text', 'uuid', 'bigint', 'integer'].includes(type)) return type;
  throw new TypeError(`users.idType must be text, uuid, bigint or integer, not "${type}"`);
}

function identifier(name: unknown, option: string): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name)) return `"${name}"`;
  throw new TypeError(`${option} must be a name of letters, digits and "_", not ${JSON.stringify(name)}`);
}

function condition(sql: string): string {
  return `(${withoutQuote(sql, 'countsAsSeat')})`;
}

function checkVerified(column: VerifiedColumn): VerifiedColumn {
  const { isTrue, setTrue, setFalse } = checkVerifiedColumn(column);
  for (const sql of [isTrue, setTrue, setFalse]) withoutQuote(sql, 'users.columns.emailVerified');
  return column;
}

// It stands inside of functions, which are quoted by such marks.
function withoutQuote(sql: string, option: string): string {
  if (sql.includes('$jit')) throw new TypeError(`${option} must not contain "$jit"`);
  return sql;
}
