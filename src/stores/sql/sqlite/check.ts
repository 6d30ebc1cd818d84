import { emailIndex } from '../check/email-index.ts';
import type { Inspector, TableColumn, UniqueIndex } from '../check/inspector.ts';
import { renameTable } from '../columns.ts';
import type { Layout } from '../layout.ts';
import type { SchemaOptions } from '../options.ts';
import { column, textColumn } from '../statement.ts';

/** How `check` reads SQLite. */
export function sqliteInspector(
  query: (sql: string, ...values: readonly string[]) => readonly unknown[],
  options: SchemaOptions,
  layout: Layout,
): Inspector {
  const name = options.users?.table ?? layout.table.replaceAll('"', '');
  const index = emailIndex(options);
  const living = layout.hasStatus ? ` WHERE ${renameTable(layout.columnOf('status'), '')} <> 'removed'` : '';
  const indexed = index.columns.join(', ');
  return {
    database: 'SQLite',
    query: async (sql) => query(sql),
    describeError: describeSqliteError,
    async columns() {
      const rows = query('SELECT * FROM pragma_table_xinfo(?)', name);
      const keys = rows.filter((row) => Number(column(row, 'pk')) > 0).length;
      return rows.length === 0 ? null : rows.map((row) => readColumn(row, keys));
    },
    isSameType: ({ type }, idType) => affinity(type) === affinity(idType),
    idTypes: null,
    numbered: 'INTEGER PRIMARY KEY',
    timeType: 'TEXT',
    async uniqueIndexes() {
      const indexes = query(
        `SELECT l.name, l.partial, m.sql FROM pragma_index_list(?) l LEFT JOIN sqlite_master m ON m.name = l.name WHERE l."unique" = 1`,
        name,
      );
      return indexes.map((each): UniqueIndex => {
        const indexName = textColumn(each, 'name') ?? '';
        const columns = query('SELECT name FROM pragma_index_info(?)', indexName);
        // The expression of an index is only found in its definition.
        const definition = textColumn(each, 'sql')?.replace(/\bWHERE\b.*/is, '') ?? '';
        const expression = definition.slice(definition.indexOf('('));
        const parts = columns.map((row) => {
          const part = textColumn(row, 'name');
          return part === null ? { name: '', expression } : { name: part, expression: '' };
        });
        return { name: indexName, parts, isPartial: Number(column(each, 'partial')) === 1 };
      });
    },
    createdIndex: null,
    createUniqueEmail: `CREATE UNIQUE INDEX ${name}_living ON ${name} (${indexed})${living}`,
    nullOf: () => 'NULL',
  };
}

/** The code and the text of an error of node:sqlite or better-sqlite3. */
export function describeSqliteError(error: unknown): string {
  const code = textColumn(error, 'errcode') ?? textColumn(error, 'code');
  const text = textColumn(error, 'message') ?? String(error);
  return code === null ? text : `SQLite error ${code}: ${text}`;
}

/** @param keys number of columns of the primary key */
function readColumn(row: unknown, keys: number): TableColumn {
  const type = textColumn(row, 'type') ?? '';
  // A primary key of exactly this type is the row ID, which SQLite makes.
  const isRowId = keys === 1 && Number(column(row, 'pk')) === 1 && /^integer$/i.test(type);
  // 2: virtual, 3: stored.
  const isComputed = Number(column(row, 'hidden')) >= 2;
  return {
    name: textColumn(row, 'name') ?? '',
    type,
    kind: /bool/i.test(type) ? 'boolean' : kinds[affinity(type)],
    isNullable: Number(column(row, 'notnull')) === 0,
    hasDefault: column(row, 'dflt_value') !== null || isRowId || isComputed,
    isComputed,
    makesId: isRowId,
    values: [],
  };
}

const kinds = { integer: 'integer', text: 'text', other: 'other' } as const;

/** The affinity of a declared type (https://www.sqlite.org/datatype3.html, 3.1). */
function affinity(type: string): keyof typeof kinds {
  if (/int/i.test(type)) return 'integer';
  return /char|clob|text/i.test(type) ? 'text' : 'other';
}
