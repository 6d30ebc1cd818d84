import { checkUsers } from '../check/check-users.ts';
import type { Inspector, TableColumn, UniqueIndex, UsersInSql } from '../check/inspector.ts';
import { ownTables } from '../check/own-tables.ts';
import type { SchemaOptions } from '../options.ts';
import { column, jsonColumn, textColumn } from '../statement.ts';
import { expectPostgresClient, type PostgresClient, sqlState } from './client.ts';
import { functionsOf } from './functions.ts';
import { accountTables, field, inQuery, isMapped, type Layout, layoutOf, living } from './layout.ts';
import { accountJson } from './queries.ts';
import { uniqueIndexName } from './tables.ts';

/**
 * Examines whether the database fits the options of the stores: for the start of an application. It changes nothing, and reads
 * catalogs; rows only of the application's table, to find values that the stores cannot use.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options those that the stores are given
 * @throws DatabaseSetupError with every issue
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import pg from 'pg';
 * import { check } from 'saml-jit/postgres';
 *
 * const pool = new pg.Pool();
 * await check(pool, { roles: ['admin', 'member'] });
 * ```
 */
export async function check(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  await checkUsers(options, usersInSql(layoutOf(options)), inspectorOf(client, options), 'check');
}

/** Examines the table of users before `migrate`. @throws DatabaseSetupError with every issue */
export async function checkBeforeMigrate(client: PostgresClient, options: SchemaOptions): Promise<void> {
  await checkUsers(options, usersInSql(layoutOf(options)), inspectorOf(client, options), 'migrate');
}

/** The SQLSTATE and the text of an error of PostgreSQL. */
export function describePostgresError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return sqlState(error) === '' ? text : `SQLSTATE ${sqlState(error)}: ${text}`;
}

function usersInSql(layout: Layout): UsersInSql {
  return {
    table: layout.users,
    organizationId: field(layout, 'organizationId'),
    emailKey: field(layout, 'emailKey', inQuery),
    living: isMapped(layout, 'status') ? living(layout) : null,
    status: isMapped(layout, 'status') ? field(layout, 'status') : null,
    idType: layout.idType,
    probe: `SELECT ${accountJson(layout)} FROM ${accountTables(layout)}
      WHERE '${functionsOf(layout).create}(jsonb)'::regprocedure IS NOT NULL LIMIT 0`,
    ownTables: ownTables(layout.own, { replay: ['key', 'expires_at'] }),
    migrations: layout.own('migrations'),
  };
}

function inspectorOf(client: PostgresClient, options: SchemaOptions): Inspector {
  expectPostgresClient(client);
  const layout = layoutOf(options);
  const table = `to_regclass('${layout.users}')`;
  const query = async (sql: string): Promise<readonly unknown[]> => (await client.query(sql)).rows;
  return {
    database: 'PostgreSQL',
    query,
    describeError: describePostgresError,
    async columns() {
      const rows = await query(
        `SELECT a.attname::text AS name, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), a.atttypmod) AS type,
          t.typtype::text AS type_kind, (a.attgenerated <> '')::int AS computed,
          (a.attnotnull OR t.typnotnull)::int AS required,
          (a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL)::int AS has_default,
          coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '[]')::text AS labels
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = ${table} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      );
      return rows.length === 0 ? null : rows.map(readColumn);
    },
    isSameType: ({ type }, idType) => type === idType || (idType === 'text' && type.startsWith('character varying')),
    idTypes: ['text', 'uuid', 'bigint', 'integer'],
    numbered: 'GENERATED ALWAYS AS IDENTITY, or give it a default',
    timeType: 'timestamptz',
    async uniqueIndexes() {
      // An index that migrate made for the other value of oneAccountPerEmail is dropped by migrate.
      const outdated = uniqueIndexName({ ...layout, oneAccountPerEmail: !layout.oneAccountPerEmail });
      const rows = await query(
        `SELECT c.relname::text AS name, (i.indpred IS NOT NULL)::int AS partial,
          (SELECT json_agg(json_build_object(
              'name', coalesce(a.attname::text, ''), 'expression', coalesce(pg_get_expr(d.adbin, d.adrelid),
                CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, k, true) END, '')))
            FROM generate_series(1, i.indnkeyatts) k
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = nullif(i.indkey[k - 1], 0)
            LEFT JOIN pg_attrdef d ON d.adrelid = i.indrelid AND d.adnum = a.attnum AND a.attgenerated <> '')::text AS parts
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = ${table} AND i.indisunique AND i.indisvalid AND c.relname <> '${outdated}'`,
      );
      return rows.map(readIndex);
    },
    createdIndex: uniqueIndexName(layout),
    createUniqueEmail: null,
    nullOf: (name) => (name === 'emailVerified' ? 'NULL::boolean' : 'NULL::text'),
  };
}

function readIndex(row: unknown): UniqueIndex {
  const parts = jsonColumn(row, 'parts');
  return {
    name: textColumn(row, 'name') ?? '',
    parts: (Array.isArray(parts) ? parts : []).map((part: unknown) => ({
      name: textColumn(part, 'name') ?? '',
      expression: textColumn(part, 'expression') ?? '',
    })),
    isPartial: Number(column(row, 'partial')) === 1,
  };
}

function readColumn(row: unknown): TableColumn {
  const type = textColumn(row, 'type') ?? '';
  const labels = jsonColumn(row, 'labels');
  return {
    name: textColumn(row, 'name') ?? '',
    type,
    kind: column(row, 'type_kind') === 'e' ? 'enum' : kindOf(type),
    isNullable: Number(column(row, 'required')) === 0,
    hasDefault: Number(column(row, 'has_default')) === 1,
    isComputed: Number(column(row, 'computed')) === 1,
    makesId: Number(column(row, 'has_default')) === 1,
    values: Array.isArray(labels) ? labels.map(String) : [],
  };
}

function kindOf(type: string): TableColumn['kind'] {
  if (type === 'boolean') return 'boolean';
  if (['smallint', 'integer', 'bigint'].includes(type)) return 'integer';
  if (type.startsWith('timestamp') || type === 'date') return 'time';
  return /^(text|character|citext)/.test(type) ? 'text' : 'other';
}
