import type { StateStore } from '../../../saml/state-store.ts';
import { retryLostRaces } from '../../retry-lost-races.ts';
import {
  expectStateKey,
  isStateId,
  type StoredState,
  statePage,
  stateRecord,
  storedState,
} from '../../state-record.ts';
import type { TableOptions } from '../options.ts';
import { expectPostgresClient, type PostgresClient, results, type Value } from './client.ts';
import { layoutOf } from './layout.ts';
import { postgresReplayCache } from './replay-cache.ts';

/** A record as PostgreSQL returns it. */
type Row = Omit<StoredState, 'expiresAt'> & { readonly expiresAt: number };

/**
 * A state store for all processes on one database, and a replay cache like that of {@link postgresReplayCache}. It
 * needs the tables that {@link migrate} makes. Each function is one statement, and uses the clock of the database. Each
 * `put` removes up to ten expired records.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options `prefix`
 * @throws ConfigurationError for an invalid option; every function rejects with the errors of the client
 * @example
 * ```ts
 * const state = postgresStateStore(pool);
 * const sso = createSso({ ...options, replayCache: state });
 * ```
 */
export function postgresStateStore(client: PostgresClient, options: TableOptions = {}): StateStore {
  expectPostgresClient(client);
  const { own } = layoutOf(options);
  const [table, keyTable] = [own('state'), own('state_keys')];
  const sql = stateStatements(table, keyTable);
  const select = async (text: string, values: readonly Value[]) =>
    (await results(client, text, values)).map((result) => {
      const row: Row = JSON.parse(result);
      return stateRecord({ ...row, expiresAt: new Date(row.expiresAt) });
    });

  return {
    claim: postgresReplayCache(client, options).claim,
    async get(kind, id) {
      return isStateId(id) ? ((await select(sql.get, [kind, id]))[0] ?? null) : null;
    },
    async find(kind, key, page) {
      expectStateKey(key);
      const { limit, after } = statePage(page);
      return select(sql.find, [kind, key, after, limit]);
    },
    async put(record, expectedVersion) {
      const { kind, id, organizationId, keys, text, version, expiresAt } = storedState(record, expectedVersion);
      const values = [kind, id, organizationId, keys.join(' '), text, version, expiresAt.getTime()];
      const write = expectedVersion === null ? sql.insert : sql.update;
      const all = expectedVersion === null ? values : [...values, expectedVersion];
      return retryLostRaces(async () => (await results(client, write, all)).length > 0);
    },
    async delete(kind, id) {
      if (isStateId(id)) await results(client, sql.remove, [kind, id]);
    },
  };
}

function stateStatements(
  table: string,
  keyTable: string,
): Readonly<Record<'get' | 'find' | 'insert' | 'update' | 'remove', string>> {
  const record = `json_build_object('kind', s.kind, 'id', s.id, 'organizationId', s.organization_id,
    'keys', s.look_up_keys, 'text', s.value, 'version', s.version,
    'expiresAt', round(extract(epoch FROM s.expires_at) * 1000))::text AS result`;
  const isLiving = 's.expires_at > now()';
  const columns: readonly (readonly [name: string, value: string])[] = [
    ['organization_id', '$3::text'],
    ['look_up_keys', "string_to_array($4::text, ' ')"],
    ['value', '$5::text'],
    ['version', '$6::bigint'],
    ['expires_at', 'to_timestamp($7::float8 / 1000)'],
  ];
  const names = columns.map(([name]) => name).join(', ');
  const values = columns.map(([, value]) => value).join(', ');
  const set = columns.map(([name, value]) => `${name} = ${value}`).join(', ');
  // The record is written first, and its row stays locked, so two writes of one record cannot wait for each other's
  // keys. The sweep waits for no lock.
  const writing = (write: string): string => `WITH written AS (${write} RETURNING kind, id, look_up_keys),
    replaced AS (DELETE FROM ${keyTable} k USING written w
      WHERE k.kind = w.kind AND k.id = w.id AND k.look_up_key <> ALL (w.look_up_keys)),
    added AS (INSERT INTO ${keyTable} (kind, look_up_key, id)
      SELECT w.kind, unnest(w.look_up_keys), w.id FROM written w ON CONFLICT DO NOTHING),
    swept AS (DELETE FROM ${table} WHERE (kind, id) IN (
      SELECT kind, id FROM ${table} WHERE expires_at <= now() AND (kind, id) <> ($1::text, $2::text)
      ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED))
    SELECT id AS result FROM written`;
  return {
    get: `SELECT ${record} FROM ${table} s WHERE s.kind = $1 AND s.id = $2 AND ${isLiving}`,
    find: `SELECT ${record} FROM ${keyTable} k JOIN ${table} s ON s.kind = k.kind AND s.id = k.id
      WHERE k.kind = $1 AND k.look_up_key = $2 AND k.id > $3 AND ${isLiving} AND $2 = ANY (s.look_up_keys)
      ORDER BY k.id LIMIT $4::int`,
    insert: writing(`INSERT INTO ${table} AS s (kind, id, ${names}) VALUES ($1::text, $2::text, ${values})
      ON CONFLICT (kind, id) DO UPDATE SET ${set} WHERE NOT (${isLiving})`),
    update: writing(`UPDATE ${table} AS s SET ${set}
      WHERE s.kind = $1::text AND s.id = $2::text AND s.version = $8::bigint AND ${isLiving}`),
    remove: `DELETE FROM ${table} WHERE kind = $1 AND id = $2 RETURNING id AS result`,
  };
}
