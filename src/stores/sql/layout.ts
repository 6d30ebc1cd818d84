import {
  type AccountField,
  accountFields,
  assertSql,
  assertUsersTable,
  expressionOf,
  identityColumns,
  ownColumns,
  plainColumn,
  withValue,
} from './columns.ts';
import { expectStoreOptions } from './expect-options.ts';
import { prefixOf, type SchemaOptions } from './options.ts';
import { command, type Dialect, query, type SqlValue, textColumn, type Work } from './statement.ts';

/** The values of an account that are written. */
export type FieldValues = Readonly<Partial<Record<AccountField, SqlValue>>>;

/** The tables, and the place of each field of an account. */
export interface Layout {
  /** A table of the library. */
  own(name: string): string;
  readonly table: string;
  readonly identities: string;
  readonly audit: string;
  readonly locks: string;
  readonly idColumn: string;
  /** Whether there is a column of normalized e-mails; else they are compared by their ASCII lower case. */
  readonly hasEmailKey: boolean;
  /** Whether there is a column or expression of the status; else every account of the table is living. */
  readonly hasStatus: boolean;
  /** Condition on the table `u` with one value; without a column of normalized e-mails, other accounts may meet it too. */
  readonly hasEmail: string;
  /** For conditions on the table `u`, followed by `join`. */
  columnOf(field: AccountField): string;
  readonly join: string;
  /** Columns of an account, and of one of its identities: a table `i`. */
  readonly selection: string;
  /** Inserts an account and returns its ID; without `id` the database makes one. */
  insert(values: FieldValues): Work<string>;
  update(userId: string, values: FieldValues): Work<void>;
}

/** One column that is written. */
interface Assignment {
  readonly column: string;
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Names the tables and the columns. @throws ConfigurationError for an invalid prefix or expression */
export function layoutOf(options: SchemaOptions, { quote, readTime, asText, upsert, lastId }: Dialect): Layout {
  expectStoreOptions(options);
  const { users } = options;
  if (users !== undefined) assertUsersTable(users);
  if (options.countsAsSeat !== undefined) assertSql(['countsAsSeat'], options.countsAsSeat);
  const prefix = prefixOf(options);
  const own = (name: string) => quote(prefix + name);
  const table = users === undefined ? own('users') : quote(users.table);
  const profiles = users === undefined ? null : own('profiles');
  const hasEmailKey = users === undefined || users.columns.emailKey !== undefined;
  const isInProfile = (field: AccountField) =>
    users !== undefined && users.columns[field] === undefined && field !== 'emailKey';
  const nameOf = (field: AccountField) => quote((users && plainColumn(users.columns, field)) ?? ownColumns[field]);
  const expressionFor = (field: AccountField) => expressionOf(users?.columns, field);
  const columnOf = (field: AccountField): string => {
    const expression = expressionFor(field);
    if (expression) return `(${expression.read})`;
    // The ASCII letters are folded when the row is read: LOWER of MySQL folds more.
    if (field === 'emailKey' && !hasEmailKey) return `u.${nameOf('email')}`;
    if (!isInProfile(field)) return `u.${nameOf(field)}`;
    return field === 'status' ? `COALESCE(p.${nameOf(field)}, 'active')` : `p.${nameOf(field)}`;
  };
  const readAs: Partial<Record<AccountField, (column: string) => string>> = {
    id: asText,
    organizationId: asText,
    version: asText,
    lastLoginAt: readTime,
    createdAt: readTime,
    ...(expressionFor('emailVerified') && { emailVerified: (read: string) => `CASE WHEN ${read} THEN 1 ELSE 0 END` }),
  };
  const selected = accountFields.map((field) => {
    const read = readAs[field]?.(columnOf(field)) ?? columnOf(field);
    return `${read} AS ${quote(field)}`;
  });
  const identities = own('identities');
  const id = nameOf('id');

  /** The columns of the table of users that the values are written to. */
  function assignments(values: FieldValues): readonly Assignment[] {
    const all = accountFields.flatMap((field): readonly Assignment[] => {
      const value = values[field];
      if (value === undefined || isInProfile(field) || (field === 'emailKey' && !hasEmailKey)) return [];
      const expression = expressionFor(field);
      if (!expression) return [{ column: nameOf(field), sql: '?', values: [value] }];
      return Object.entries(expression.write).map(([column, sql]) => {
        const written = withValue(sql, '?');
        const places = sql.match(/(?<!:):value\b/g)?.length ?? 0;
        return { column: quote(column), sql: written, values: Array<SqlValue>(places).fill(value) };
      });
    });
    // Several fields may write one column, in the same way.
    return [...new Map(all.map((each) => [each.column, each])).values()];
  }

  function* writeProfile(userId: string, values: FieldValues): Work<void> {
    const fields = accountFields.filter((field) => values[field] !== undefined && isInProfile(field));
    if (profiles === null || fields.length === 0) return;
    const written = fields.map((field) => values[field] ?? null);
    yield* command(upsert(profiles, ['user_id', ...fields.map(nameOf)]), userId, ...written);
  }

  return {
    own,
    table,
    identities,
    audit: own('audit'),
    locks: own('locks'),
    idColumn: id,
    hasEmailKey,
    hasStatus: users === undefined || users.columns.status !== undefined,
    hasEmail: hasEmailKey ? `u.${nameOf('emailKey')} = ?` : `LOWER(u.${nameOf('email')}) = LOWER(?)`,
    columnOf,
    join: profiles === null ? '' : ` LEFT JOIN ${profiles} p ON p.user_id = u.${id}`,
    selection: [...selected, ...[...identityColumns, 'living'].map((name) => `i.${name}`)].join(', '),
    *insert(values: FieldValues): Work<string> {
      const further = Object.entries(users?.insert ?? {}).map(([column, sql]) => ({
        column: quote(column),
        sql: `(${sql})`,
        values: [],
      }));
      const written = [...assignments(values), ...further];
      const columns = written.map(({ column }) => column).join(', ');
      const places = written.map(({ sql }) => sql).join(', ');
      yield* command(
        `INSERT INTO ${table} (${columns}) VALUES (${places})`,
        ...written.flatMap((each): readonly SqlValue[] => each.values),
      );
      let userId = values.id;
      if (userId === undefined) {
        const where = `${id} = ${lastId} AND ${nameOf('organizationId')} = ? AND ${nameOf('email')} = ?`;
        const rows = yield* query(
          `SELECT ${asText(id)} AS id FROM ${table} WHERE ${where}`,
          values.organizationId ?? null,
          values.email ?? null,
        );
        userId = textColumn(rows[0], 'id');
      }
      if (typeof userId !== 'string')
        throw new Error(`the database numbers no rows of ${table}: give the option newId`);
      yield* writeProfile(userId, values);
      return userId;
    },
    *update(userId: string, values: FieldValues): Work<void> {
      const written = assignments(values);
      const set = written.map(({ column, sql }) => `${column} = ${sql}`).join(', ');
      if (set !== '') {
        const bound = written.flatMap((each) => each.values);
        yield* command(`UPDATE ${table} SET ${set} WHERE ${id} = ?`, ...bound, userId);
      }
      yield* writeProfile(userId, values);
    },
  };
}
