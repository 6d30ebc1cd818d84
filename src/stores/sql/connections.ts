import { createHash } from 'node:crypto';
import type { ConnectionInput } from '../../connections/input.ts';
import type { ConnectionQuery, ConnectionStore } from '../../connections/registry.ts';
import { parseConnection } from '../../connections/schema.ts';
import { prefixOf, type TableOptions } from './options.ts';
import { command, type Dialect, jsonColumn, query, type Runner, type SqlValue, type Work } from './statement.ts';

/** The connections of an application, and how its settings page writes them. */
export interface SqlConnectionStore extends ConnectionStore {
  /**
   * Adds the connection, or replaces the one of its `id`.
   *
   * @throws TypeError that lists every problem of the settings; nothing is written then
   */
  put(connection: ConnectionInput & { readonly id: string; readonly organizationId: string }): Promise<void>;
  /** Resolves to `false` if there is none. */
  delete(id: string): Promise<boolean>;
}

/** The connection store of a database. */
export function sqlConnectionStore(
  options: TableOptions,
  { quote, upsert }: Dialect,
  { read, write }: Runner,
): SqlConnectionStore {
  const prefix = prefixOf(options);
  const [table, domains] = [quote(`${prefix}connections`), quote(`${prefix}connection_domains`)];

  function* select(condition: string, value: SqlValue): Work<readonly unknown[]> {
    const rows = yield* query(`SELECT c.settings FROM ${table} c WHERE ${condition} ORDER BY c.id`, value);
    return rows.map((row) => jsonColumn(row, 'settings'));
  }
  function* findBy(by: ConnectionQuery): Work<readonly unknown[]> {
    if ('issuer' in by) return yield* select('c.issuer_key = ?', hash(by.issuer));
    if ('organizationId' in by) return yield* select('c.organization_id = ?', by.organizationId);
    return yield* select(`c.id IN (SELECT d.connection_id FROM ${domains} d WHERE d.domain = ?)`, by.domain);
  }
  function* remove(id: string): Work<boolean> {
    const found = yield* query(`SELECT id FROM ${table} WHERE id = ?`, id);
    yield* command(`DELETE FROM ${domains} WHERE connection_id = ?`, id);
    yield* command(`DELETE FROM ${table} WHERE id = ?`, id);
    return found.length > 0;
  }
  function* put(connection: ConnectionInput): Work<void> {
    const { id, organizationId, idp, domains: names } = parseConnection(connection);
    const columns = ['id', 'organization_id', 'issuer_key', 'settings'];
    yield* command(upsert(table, columns), id, organizationId, hash(idp.entityId), JSON.stringify(connection));
    yield* command(`DELETE FROM ${domains} WHERE connection_id = ?`, id);
    for (const name of names) {
      yield* command(`INSERT INTO ${domains} (domain, connection_id) VALUES (?, ?)`, name, id);
    }
  }

  return {
    get: async (id) => (await read(() => select('c.id = ?', id)))[0] ?? null,
    find: (by) => read(() => findBy(by)),
    put: (connection) => write(() => put(connection)),
    delete: (id) => write(() => remove(id)),
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
