import { type ConfigurationPath, invalidOption } from '../../../configuration-error.ts';
import {
  type AccountField,
  accountFields,
  assertSql,
  assertUsersTable,
  type ColumnExpression,
  expressionFields,
  expressionOf,
  ownColumns,
  plainColumn,
  renameTable,
  type UsersTable,
} from '../columns.ts';
import { expectStoreOptions } from '../expect-options.ts';
import type { SchemaOptions, TableOptions } from '../options.ts';

/** The tables, and the place of each field of an account. Names are quoted, ready to be used in SQL. */
export interface Layout {
  readonly schema: string;
  /** Start of names that are not those of tables of the library: indexes and triggers of the application's table, locks. */
  readonly prefix: string;
  /** A table, an index or a function of the library, with its schema. */
  own(name: string): string;
  /** An index or a trigger of the library, without schema. */
  unqualified(name: string): string;
  readonly users: string;
  readonly idType: string;
  /** Columns of the table of users, by field. */
  readonly columns: Columns;
  readonly expressions: { readonly [F in AccountField]?: ColumnExpression | undefined };
  /** SQL expressions by column of the table of users, for new users. */
  readonly insert: readonly (readonly [column: string, sql: string])[];
  /** The table of users is the application's: fields without a column are stored in `profiles`. */
  readonly existing: boolean;
  readonly oneAccountPerEmail: boolean;
  readonly countsAsSeat: string;
}

/** Plain columns by field, quoted. */
type Columns = { readonly [F in 'id' | 'organizationId' | 'email']: string } & {
  readonly [F in AccountField]?: string | undefined;
};

/** Names of a row of users and its row of profiles, in a query or in a function. */
export interface Rows {
  readonly user: string;
  readonly profile: string;
}

const defaults: { readonly [F in AccountField]?: string } = {
  status: "'active'",
  emailVerified: 'false',
  version: '1',
};

/** Fields that a login writes. */
export const writtenFields: readonly AccountField[] = accountFields.filter(
  (field) => !['id', 'organizationId', 'createdAt'].includes(field),
);

/** Those that `profiles` has a column for. */
export const profileFields: readonly AccountField[] = writtenFields.filter(
  (field) => field !== 'email' && field !== 'emailKey',
);

/** The names in queries: the table of users is `u`, as the expressions of options assume. */
export const inQuery: Rows = { user: 'u', profile: 'p' };

/** The schema and the rest of `prefix`. @throws ConfigurationError for an invalid prefix */
function namespaceOf({ prefix = 'saml_jit.' }: TableOptions): {
  readonly schema: string;
  readonly start: string;
} {
  const match = /^(?:([A-Za-z_][A-Za-z0-9_]{0,31})\.)?([A-Za-z_][A-Za-z0-9_]{0,31})?$/.exec(prefix);
  if (match === null || prefix === '') {
    throw invalidOption(
      ['prefix'],
      'must be 1 to 32 letters, digits or _, no digit first, or a schema of the same form and a dot before it; ' +
        `received ${JSON.stringify(prefix)}`,
    );
  }
  const [, schema = 'public', start = ''] = match;
  // PostgreSQL cuts names of indexes to 63 characters: longer ones would be one and the same.
  if (schema.length + start.length > 40)
    throw invalidOption(['prefix'], 'must have at most 40 characters, its schema included');
  return { schema, start };
}

/** @throws ConfigurationError for an invalid name or expression */
export function layoutOf(options: SchemaOptions): Layout {
  expectStoreOptions(options);
  const { users, oneAccountPerEmail = false } = options;
  if (users !== undefined) assertUsersTable(users);
  if (options.countsAsSeat !== undefined) assertSql(['countsAsSeat'], options.countsAsSeat);
  const { schema, start } = namespaceOf(options);
  const own = (name: string): string => `"${schema}"."${start}${name}"`;
  const base = {
    schema: `"${schema}"`,
    prefix: [schema, ...(start === '' ? [] : [start.replace(/_$/, '')])].join('_'),
    own,
    unqualified: (name: string) => `"${start}${name}"`,
    users: users === undefined ? own('users') : tableName(users.table),
    idType: users === undefined ? 'text' : idType(users.idType),
    columns: users === undefined ? quotedOwnColumns() : quotedColumns(users),
    expressions: Object.fromEntries(expressionFields.map((name) => [name, expressionOf(users?.columns, name)])),
    insert: Object.entries(users?.insert ?? {}).map(([column, sql]) => {
      return [identifier(['users', 'insert'], column), withoutQuote(['users', 'insert', column], sql)] as const;
    }),
    existing: users !== undefined,
    oneAccountPerEmail,
  };
  for (const [name, expression] of Object.entries(base.expressions)) {
    if (expression === undefined) continue;
    const path = ['users', 'columns', name];
    withoutQuote([...path, 'read'], expression.read);
    for (const [column, sql] of Object.entries(expression.write)) {
      identifier([...path, 'write'], column);
      withoutQuote([...path, 'write', column], sql);
    }
  }
  const usable = `${field({ ...base, countsAsSeat: '' }, 'status')} IN ('active', 'invited')`;
  const { countsAsSeat = usable } = options;
  return { ...base, countsAsSeat: `(${withoutQuote(['countsAsSeat'], countsAsSeat)})` };
}

/** An SQL expression for the field. */
export function field(layout: Layout, name: AccountField, rows: Rows = inQuery): string {
  const { users, columns, expressions } = layout;
  const { user, profile } = rows;
  const expression = expressions[name];
  if (expression !== undefined) {
    const read = name === 'emailVerified' ? `coalesce((${expression.read}), false)` : `(${expression.read})`;
    // In a function the row is a variable, but an expression is written for the table.
    return user === inQuery.user
      ? read
      : `(SELECT ${read} FROM ${users} u WHERE u.${columns.id} = ${user}.${columns.id})`;
  }
  const column = columns[name];
  // A column that may be null would otherwise compare with no expected version.
  if (column !== undefined && name === 'version') return `coalesce(${user}.${column}, ${defaults.version})`;
  if (column !== undefined) return `${user}.${column}`;
  // Folds the ASCII letters only, as normalizeEmail() does.
  if (name === 'emailKey') return `lower(${user}.${columns.email}::text COLLATE "C")`;
  const own = `${profile}."${ownColumns[name]}"`;
  return defaults[name] === undefined ? own : `coalesce(${own}, ${defaults[name]})`;
}

/** The plain column of the field, to be written. */
export function target({ columns }: Layout, name: AccountField, { user, profile }: Rows): string {
  const column = columns[name];
  return column === undefined ? `${profile}."${ownColumns[name]}"` : `${user}.${column}`;
}

/** Columns of the table of users that hold the field, quoted. */
export function physicalColumns({ columns, expressions }: Layout, name: AccountField): readonly string[] {
  const expression = expressions[name];
  if (expression !== undefined) return Object.keys(expression.write).map((column) => `"${column}"`);
  const column = columns[name];
  return column === undefined ? [] : [column];
}

/** Whether the table of users holds the field. */
export function isMapped(layout: Layout, name: AccountField): boolean {
  return physicalColumns(layout, name).length > 0;
}

/** The field over unqualified columns, for the definition of an index. */
export function inIndex(layout: Layout, name: AccountField): string {
  const expression = layout.expressions[name];
  return expression ? `(${renameTable(expression.read, '')})` : field(layout, name).replaceAll('u."', '"');
}

/** `FROM` with both tables. */
export function accountTables({ users, own, existing, columns }: Layout): string {
  return existing ? `${users} u LEFT JOIN ${own('profiles')} p ON p.user_id = u.${columns.id}` : `${users} u`;
}

/** Condition: not removed. */
export function living(layout: Layout, rows: Rows = inQuery): string {
  return `${field(layout, 'status', rows)} <> 'removed'`;
}

function quotedOwnColumns(): Columns {
  const { id, organizationId, email } = ownColumns;
  const quoted = Object.fromEntries(accountFields.map((name) => [name, `"${ownColumns[name]}"`]));
  return { ...quoted, id: `"${id}"`, organizationId: `"${organizationId}"`, email: `"${email}"` };
}

function quotedColumns({ columns }: UsersTable): Columns {
  const optional = accountFields.map((name) => {
    const column = plainColumn(columns, name);
    return [name, column === undefined ? undefined : identifier(['users', 'columns', name], column)] as const;
  });
  const { id, organizationId, email } = columns;
  return {
    ...Object.fromEntries(optional),
    id: identifier(['users', 'columns', 'id'], id),
    organizationId: identifier(['users', 'columns', 'organizationId'], organizationId),
    email: identifier(['users', 'columns', 'email'], email),
  };
}

function tableName(text: string): string {
  const parts = String(text).split('.');
  if (parts.length > 2) throw invalidOption(['users', 'table'], `must be a table or schema.table, not "${text}"`);
  return parts.map((part) => identifier(['users', 'table'], part)).join('.');
}

function idType(type = 'text'): string {
  if (['text', 'uuid', 'bigint', 'integer'].includes(type)) return type;
  throw invalidOption(['users', 'idType'], `must be text, uuid, bigint or integer, not "${type}"`);
}

function identifier(path: ConfigurationPath, name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name)) return `"${name}"`;
  throw invalidOption(path, `must be a name of letters, digits and "_", not ${JSON.stringify(name)}`);
}

// The bodies of functions are quoted by such marks.
function withoutQuote(path: ConfigurationPath, sql: string): string {
  if (sql.includes('$jit')) throw invalidOption(path, 'must not contain "$jit"');
  return sql;
}
