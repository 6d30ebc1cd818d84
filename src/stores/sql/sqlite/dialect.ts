import type { Dialect } from '../statement.ts';

/** The SQL of SQLite. */
export const sqlite: Dialect = {
  quote: (name) =>
    name
      .split('.')
      .map((part) => `"${part.replaceAll('"', '""')}"`)
      .join('.'),
  time: (date) => date.toISOString(),
  readTime: (column) => column,
  asText: (column) => `CAST(${column} AS TEXT)`,
  equals: (column) => `${column} COLLATE BINARY = ?`,
  upsert: (table, columns) => {
    const [key, ...rest] = columns;
    const changes = rest.map((name) => `${name} = excluded.${name}`).join(', ');
    const values = columns.map(() => '?').join(', ');
    return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ON CONFLICT (${key}) DO UPDATE SET ${changes}`;
  },
  lastId: 'last_insert_rowid()',
  forUpdate: '',
};
