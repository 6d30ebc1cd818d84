import { createHash } from 'node:crypto';
import type { Connection } from '../../connections/connection.ts';
import type {
  CompleteConnectionStore,
  ConnectionQuery,
  StorableConnection,
  StoredConnection,
} from '../../connections/connection-store.ts';
import { isConnectionId } from '../../connections/schema.ts';
import { connectionPage, domainTaken, parseStorable } from '../../connections/storable.ts';
import { retryLostRaces } from '../retry-lost-races.ts';
import { expectStoreOptions } from './expect-options.ts';
import { prefixOf, type SqlConnectionStoreOptions } from './options.ts';
import {
  column,
  command,
  type Dialect,
  jsonColumn,
  query,
  type Runner,
  type SqlValue,
  textColumn,
  type Work,
} from './statement.ts';

/** The connection store of a database. */
export function sqlConnectionStore(
  options: SqlConnectionStoreOptions,
  { quote }: Dialect,
  { read, write }: Runner,
): CompleteConnectionStore {
  expectStoreOptions(options);
  const prefix = prefixOf(options);
  const [table, domains] = [quote(`${prefix}connections`), quote(`${prefix}connection_domains`)];
  const versions = quote(`${prefix}connection_versions`);

  function* select(condition: string, value: SqlValue, limit = ''): Work<readonly StoredConnection[]> {
    const sql = `SELECT c.settings, c.version FROM ${table} c WHERE ${condition} ORDER BY c.id${limit}`;
    return (yield* query(sql, value)).map((row) => ({
      settings: jsonColumn(row, 'settings'),
      version: Number(column(row, 'version')),
    }));
  }
  function* findBy(by: ConnectionQuery): Work<readonly StoredConnection[]> {
    if ('issuer' in by) return yield* select('c.issuer_key = ?', hash(by.issuer));
    if ('organizationId' in by) return yield* select('c.organization_id = ?', by.organizationId);
    return yield* select(`c.id IN (SELECT d.connection_id FROM ${domains} d WHERE d.domain = ?)`, by.domain);
  }

  /** A new version. Its row stays locked until the transaction ends: one write of connections at a time, so that none misses another's domains. */
  function* nextVersion(): Work<number> {
    yield* command(`UPDATE ${versions} SET latest = latest + 1 WHERE id = 1`);
    const [row] = yield* query(`SELECT latest FROM ${versions} WHERE id = 1`);
    if (row === undefined) throw new Error(`the table ${versions} has no row: run migrate()`);
    return Number(column(row, 'latest'));
  }

  /** A domain that a connection of another organization has. */
  function* takenDomain({ id, organizationId, domains: wanted }: Connection): Work<string | null> {
    if (wanted.length === 0) return null;
    const [row] = yield* query(
      `SELECT d.domain FROM ${domains} d JOIN ${table} c ON c.id = d.connection_id
      WHERE d.domain IN (${wanted.map(() => '?').join(', ')}) AND c.organization_id <> ? AND c.id <> ? LIMIT 1`,
      ...wanted,
      organizationId,
      id,
    );
    return textColumn(row, 'domain');
  }

  function* put(input: StorableConnection, expectedVersion: number | null): Work<boolean> {
    const connection = parseStorable(input, options);
    const { id, organizationId, idp, domains: names } = connection;
    const version = yield* nextVersion();
    const [stored] = yield* select('c.id = ?', id);
    if ((stored?.version ?? null) !== expectedVersion) return false;
    const taken = yield* takenDomain(connection);
    if (taken !== null) throw domainTaken(input, taken);
    const values = [organizationId, hash(idp.entityId), JSON.stringify(input), version, id];
    yield* command(
      stored === undefined
        ? `INSERT INTO ${table} (organization_id, issuer_key, settings, version, id) VALUES (?, ?, ?, ?, ?)`
        : `UPDATE ${table} SET organization_id = ?, issuer_key = ?, settings = ?, version = ? WHERE id = ?`,
      ...values,
    );
    yield* command(`DELETE FROM ${domains} WHERE connection_id = ?`, id);
    for (const name of names) {
      yield* command(`INSERT INTO ${domains} (domain, connection_id) VALUES (?, ?)`, name, id);
    }
    return true;
  }

  function* remove(id: string): Work<void> {
    yield* nextVersion();
    yield* command(`DELETE FROM ${domains} WHERE connection_id = ?`, id);
    yield* command(`DELETE FROM ${table} WHERE id = ?`, id);
  }

  return {
    // MySQL takes 'acme ' for 'acme'.
    get: async (id) => (isConnectionId(id) ? ((await read(() => select('c.id = ?', id)))[0] ?? null) : null),
    find: (by) => read(() => findBy(by)),
    async list(page) {
      const { limit, after } = connectionPage(page);
      return read(() => select('c.id > ?', after, ` LIMIT ${limit}`));
    },
    put: (connection, expectedVersion) => retryLostRaces(() => write(() => put(connection, expectedVersion))),
    delete: (id) => retryLostRaces(() => write(() => remove(id))),
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
