import type { Layout } from '../layout.ts';
import type { SchemaOptions } from '../options.ts';
import type { UsersInSql } from './inspector.ts';

/** The table of users of MySQL or SQLite. */
export function usersInSql({ users }: SchemaOptions, layout: Layout, ownIdType: string): UsersInSql {
  const { table, identities, columnOf, hasEmailKey, join, selection, idColumn } = layout;
  const hasStatus = users === undefined || users.columns.status !== undefined;
  return {
    table,
    organizationId: columnOf('organizationId'),
    emailKey: hasEmailKey ? columnOf('emailKey') : `LOWER(${columnOf('email')})`,
    living: hasStatus ? `${columnOf('status')} <> 'removed'` : null,
    idType: users?.idType ?? ownIdType,
    probe: `SELECT ${selection} FROM ${table} u${join} LEFT JOIN ${identities} i ON i.user_id = u.${idColumn} LIMIT 0`,
  };
}
