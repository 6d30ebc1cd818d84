import type { Dialect } from '../statement.ts';

/** The SQL that MySQL 8 and MariaDB share. */
export const mysql: Dialect = {
  quote: (name) =>
    name
      .split('.')
      .map((part) => `\`${part.replaceAll('`', '``')}\``)
      .join('.'),
  // Texts, because drivers shift dates by a time zone of their own.
  time: (date) => date.toISOString().replace('T', ' ').replace('Z', ''),
  readTime: (column) => `DATE_FORMAT(${column}, '%Y-%m-%dT%H:%i:%s.%fZ')`,
  asText: (column) => `CAST(${column} AS CHAR)`,
  equals: (column) => `CAST(CONVERT(${column} USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)`,
  upsert: (table, columns) => {
    const changes = (columns.length > 1 ? columns.slice(1) : columns).map((name) => `${name} = VALUES(${name})`);
    const values = columns.map(() => '?').join(', ');
    return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ON DUPLICATE KEY UPDATE ${changes.join(', ')}`;
  },
  lastId: 'LAST_INSERT_ID()',
  forUpdate: ' FOR UPDATE',
};
