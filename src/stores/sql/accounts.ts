import { asciiLowerCase } from '../../provisioning/email.ts';
import type { Identity } from '../../provisioning/user-store.ts';
import type { Layout } from './layout.ts';
import { identityKey, readAccounts, type Stored } from './rows.ts';
import { column, command, type Dialect, query, type SqlValue, textColumn, type Work } from './statement.ts';

/** Reads and locks accounts. */
export interface Accounts<R extends string> {
  /** The accounts that meet a condition on the table `u`, oldest first. */
  where(condition: string, ...values: readonly SqlValue[]): Work<readonly Stored<R>[]>;
  byId(userId: string): Work<Stored<R> | null>;
  /** The current account, locked until the transaction ends. */
  locked(userId: string): Work<Stored<R> | null>;
  /**
   * Accounts with the e-mail (in one organization; `null`: in any) or one of the identities. The result may contain others:
   * compare exactly.
   */
  candidates(
    emailKey: string | null,
    identities: readonly Identity[],
    organizationId: string | null,
  ): Work<readonly Stored<R>[]>;
  /**
   * Organizations in which living accounts have the e-mail. Nothing else is read, because anonymous visitors can cause
   * this query.
   */
  organizationsOf(emailKey: string): Work<readonly string[]>;
  /** Serializes transactions that count accounts of an organization. */
  lockOrganization(organizationId: string): Work<void>;
  count(condition: string, ...values: readonly SqlValue[]): Work<number>;
}

/** Makes the functions for the tables of the layout. */
export function accountsOf<R extends string>(
  layout: Layout,
  { quote, asText, forUpdate, upsert }: Dialect,
): Accounts<R> {
  const { table, identities, idColumn, columnOf, join, selection, locks } = layout;
  const joined = `${join} LEFT JOIN ${identities} i ON i.user_id = u.${idColumn}`;
  const order = `ORDER BY ${columnOf('createdAt')}, u.${idColumn}, i.id`;

  function* where(condition: string, ...values: readonly SqlValue[]): Work<readonly Stored<R>[]> {
    const from = `FROM ${table} u${joined}`;
    return readAccounts<R>(yield* query(`SELECT ${selection} ${from} WHERE ${condition} ${order}`, ...values));
  }

  function* one(userId: string, lock: string): Work<Stored<R> | null> {
    const found = readAccounts<R>(
      yield* query(`SELECT ${selection} FROM ${table} u${joined} WHERE u.${idColumn} = ? ${order}${lock}`, userId),
    );
    // A database may accept other text for the same ID, such as '7x' for 7.
    return found.find(({ account }) => account.id === userId) ?? null;
  }

  return {
    where,
    byId: (userId: string) => one(userId, ''),
    locked: (userId: string) => one(userId, forUpdate),
    *candidates(emailKey, wanted, organizationId): Work<readonly Stored<R>[]> {
      const keys = wanted.map(identityKey);
      const within = organizationId === null ? '' : ` AND ${columnOf('organizationId')} = ?`;
      // A union, so that each part can use its own index.
      const parts = [
        ...keys.map(() => `SELECT user_id AS id FROM ${identities} WHERE identity_key = ?`),
        ...(emailKey === null ? [] : [`SELECT u.${idColumn} AS id FROM ${table} u WHERE ${layout.hasEmail}${within}`]),
      ];
      if (parts.length === 0) return [];
      const from = `FROM (${parts.join(' UNION ')}) m JOIN ${table} u ON u.${idColumn} = m.id${joined}`;
      const values = [...keys, ...(emailKey === null ? [] : [emailKey, organizationId ?? []])].flat();
      return readAccounts<R>(yield* query(`SELECT ${selection} ${from} ${order}`, ...values));
    },
    *organizationsOf(emailKey: string): Work<readonly string[]> {
      const organization = asText(columnOf('organizationId'));
      const columns = `${organization} AS org, ${columnOf('emailKey')} AS email_key, ${columnOf('status')} AS status`;
      const sql = `SELECT DISTINCT ${columns} FROM ${table} u${join} WHERE ${layout.hasEmail}`;
      const rows = yield* query(sql, emailKey);
      const living = rows.filter(
        (row) =>
          asciiLowerCase(textColumn(row, 'email_key') ?? '') === emailKey && textColumn(row, 'status') !== 'removed',
      );
      return [...new Set(living.map((row) => textColumn(row, 'org') ?? ''))];
    },
    *lockOrganization(organizationId: string): Work<void> {
      if (forUpdate !== '') yield* command(upsert(locks, ['organization_id']), organizationId);
    },
    *count(condition: string, ...values: readonly SqlValue[]): Work<number> {
      const rows = yield* query(
        `SELECT COUNT(*) AS ${quote('n')} FROM ${table} u${join} WHERE ${condition}`,
        ...values,
      );
      return Number(column(rows[0], 'n'));
    },
  };
}
