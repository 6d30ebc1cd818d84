import { emailIndex } from '../check/email-index.ts';
import type { Inspector, TableColumn, UniqueIndex } from '../check/inspector.ts';
import { plainColumn } from '../columns.ts';
import type { Layout } from '../layout.ts';
import type { SchemaOptions } from '../options.ts';
import { column, textColumn } from '../statement.ts';

/** Runs one statement with values; resolves to the rows. */
type Query = (sql: string, ...values: readonly (string | null)[]) => Promise<readonly unknown[]>;

/** How `check` reads MySQL and MariaDB. */
export function mysqlInspector(query: Query, options: SchemaOptions, layout: Layout): Inspector {
  const name = options.users?.table ?? layout.table.replaceAll('`', '');
  const [table = '', database = null] = name.split('.').reverse();
  const where = 'TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?';
  const index = emailIndex(options);
  const status = options.users ? plainColumn(options.users.columns, 'status') : 'status';
  const condition = status === undefined ? layout.columnOf('status').replaceAll('u.', '') : status;
  const living = `ADD living_email_key VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin AS (IF(${condition} = 'removed', NULL, ${index.email})) STORED`;
  const unique = (email: string) => `ADD UNIQUE KEY (${[...index.columns.slice(0, -1), email].join(', ')})`;
  return {
    database: 'MySQL',
    query: (sql) => query(sql),
    describeError: describeMysqlError,
    async columns() {
      const rows = await query(
        `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation_name,
          IS_NULLABLE AS nullable, COLUMN_DEFAULT AS given, EXTRA AS extra
        FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
        database,
        table,
      );
      return rows.length === 0 ? null : rows.map(readColumn);
    },
    isSameType: ({ type }, idType) => comparable(type) === comparable(idType),
    idTypes: null,
    numbered: 'AUTO_INCREMENT',
    timeType: 'DATETIME(3)',
    async uniqueIndexes() {
      // Only MySQL has a column EXPRESSION.
      const rows = await query(
        `SELECT s.*, c.GENERATION_EXPRESSION AS generated
        FROM information_schema.STATISTICS s LEFT JOIN information_schema.COLUMNS c
          ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
        WHERE s.NON_UNIQUE = 0 AND s.${where.replaceAll('TABLE_NAME', 's.TABLE_NAME')}`,
        database,
        table,
      );
      const indexes = new Map<string, UniqueIndex['parts'][number][]>();
      for (const row of rows) {
        const key = textColumn(row, 'INDEX_NAME') ?? '';
        const isWhole = column(row, 'SUB_PART') === null;
        const part = {
          name: (isWhole && textColumn(row, 'COLUMN_NAME')) || '',
          expression: (isWhole && (textColumn(row, 'EXPRESSION') ?? textColumn(row, 'generated'))) || '',
        };
        indexes.set(key, [...(indexes.get(key) ?? []), part]);
      }
      return [...indexes].map(([name, parts]) => ({ name, parts, isPartial: false }));
    },
    createdIndex: null,
    createUniqueEmail: `ALTER TABLE ${name} ${layout.hasStatus ? `${living}, ${unique('living_email_key')}` : unique(index.email)}`,
    nullOf: () => 'NULL',
  };
}

/** The SQLSTATE and the text of an error of MySQL. */
export function describeMysqlError(error: unknown): string {
  const state = textColumn(error, 'sqlState');
  const text = textColumn(error, 'sqlMessage') ?? textColumn(error, 'message') ?? String(error);
  return state === null ? text : `SQLSTATE ${state}: ${text}`;
}

function readColumn(row: unknown): TableColumn {
  const type = textColumn(row, 'type') ?? '';
  const collation = textColumn(row, 'collation_name');
  const extra = textColumn(row, 'extra') ?? '';
  return {
    name: textColumn(row, 'name') ?? '',
    type:
      collation === null || type.startsWith('enum')
        ? type
        : `${type} CHARACTER SET ${textColumn(row, 'charset')} COLLATE ${collation}`,
    kind: kindOf(type),
    isNullable: textColumn(row, 'nullable') === 'YES',
    hasDefault: column(row, 'given') !== null || /auto_increment|generated/i.test(extra),
    isComputed: /(virtual|stored|persistent) generated/i.test(extra),
    makesId: /auto_increment/i.test(extra),
    values: type.startsWith('enum') ? [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, value = '']) => value) : [],
  };
}

function kindOf(type: string): TableColumn['kind'] {
  if (type.startsWith('tinyint(1)')) return 'boolean';
  if (/^(tiny|small|medium|big)?int/.test(type)) return 'integer';
  if (type.startsWith('enum')) return 'enum';
  if (/^(date|timestamp)/.test(type)) return 'time';
  return /char|text/.test(type) ? 'text' : 'other';
}

/** A type as a foreign key compares it: without the display width of integers, with the collation of texts but not their length. */
function comparable(type: string): string {
  const lower = type.toLowerCase().replace(/^integer/, 'int');
  if (!/^(var)?char/.test(lower)) return lower.replace(/\(\d+\)/, '').trim();
  return `text ${/collate (\w+)/.exec(lower)?.[1] ?? 'utf8mb4_bin'}`;
}
