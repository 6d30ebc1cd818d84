import type { Layout } from '../layout.ts';
import { prefixOf, type SchemaOptions } from '../options.ts';
import type { Dialect } from '../statement.ts';
import type { UsersInSql } from './inspector.ts';
import { ownTables } from './own-tables.ts';

/** The table of users of MySQL or SQLite. */
export function usersInSql(options: SchemaOptions, layout: Layout, { quote }: Dialect, ownIdType: string): UsersInSql {
  const { users } = options;
  const { table, identities, columnOf, hasEmailKey, join, selection, idColumn } = layout;
  const hasStatus = users === undefined || users.columns.status !== undefined;
  const own = (name: string) => quote(prefixOf(options) + name);
  return {
    table,
    organizationId: columnOf('organizationId'),
    emailKey: hasEmailKey ? columnOf('emailKey') : `LOWER(${columnOf('email')})`,
    living: hasStatus ? `${columnOf('status')} <> 'removed'` : null,
    status: hasStatus ? columnOf('status') : null,
    idType: users?.idType ?? ownIdType,
    probe: `SELECT ${selection} FROM ${table} u${join} LEFT JOIN ${identities} i ON i.user_id = u.${idColumn} LIMIT 0`,
    ownTables: ownTables(own, {
      replay: ['key_hash', 'expires_at'],
      connection_domains: ['domain', 'connection_id'],
      ...(ownIdType.startsWith('VARCHAR') && { locks: ['organization_id'] }),
    }),
    migrations: own('migrations'),
  };
}
