import type { Layout } from '../layout.ts';
import type { Dialect } from '../statement.ts';
import type { UsersInSql } from './inspector.ts';
import { ownTables } from './own-tables.ts';

/** The table of users of MySQL or SQLite. @param idType of the column `id` that the options or the library name */
export function usersInSql(layout: Layout, { forUpdate }: Dialect, idType: string): UsersInSql {
  const { own, table, identities, columnOf, hasEmailKey, hasStatus, join, selection, idColumn } = layout;
  return {
    table,
    organizationId: columnOf('organizationId'),
    emailKey: hasEmailKey ? columnOf('emailKey') : `LOWER(${columnOf('email')})`,
    living: hasStatus ? `${columnOf('status')} <> 'removed'` : null,
    status: hasStatus ? columnOf('status') : null,
    idType,
    probe: `SELECT ${selection} FROM ${table} u${join} LEFT JOIN ${identities} i ON i.user_id = u.${idColumn} LIMIT 0`,
    ownTables: ownTables(own, {
      replay: ['key_hash', 'expires_at'],
      connection_domains: ['domain', 'connection_id'],
      // Where transactions exclude each other anyway, no row is locked.
      ...(forUpdate !== '' && { locks: ['organization_id'] }),
    }),
    migrations: own('migrations'),
  };
}
