import type { CompleteConnectionStore, StoredConnection } from '../../../connections/connection-store.ts';
import { connectionPage, domainTaken, parseStorable } from '../../../connections/storable.ts';
import type { SqlConnectionStoreOptions } from '../options.ts';
import { expectPostgresClient, type PostgresClient, results, type Value } from './client.ts';
import { layoutOf } from './layout.ts';

/** The facts that a write depends on. */
interface Before {
  readonly latest: number | null;
  readonly version: number | null;
  readonly takenDomain: string | null;
}

const attempts = 100;

/**
 * Connections in the tables that {@link migrate} makes. Each look-up is one statement on an index; a write is two.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options `prefix`, and the roles that `put` accepts
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * const connections = postgresConnectionStore(pool, { roles: ['admin', 'member'] });
 * await connections.put({ id: 'acme', organizationId: 'acme', idp: { metadata } }, null);
 * ```
 */
export function postgresConnectionStore(
  client: PostgresClient,
  options: SqlConnectionStoreOptions = {},
): CompleteConnectionStore {
  expectPostgresClient(client);
  const { own } = layoutOf(options);
  const [table, versions] = [own('connections'), own('connection_versions')];
  const select = async (condition: string, ...values: readonly Value[]): Promise<readonly StoredConnection[]> => {
    const row = `json_build_object('settings', settings, 'version', version)::text`;
    const sql = `SELECT ${row} AS result FROM ${table} WHERE ${condition}`;
    return (await results(client, sql, values)).map((text): StoredConnection => JSON.parse(text));
  };
  const domains = 'ARRAY(SELECT jsonb_array_elements_text($3::text::jsonb))';
  const readSql = `SELECT json_build_object(
      'latest', (SELECT latest FROM ${versions} WHERE id = 1),
      'version', (SELECT version FROM ${table} WHERE id = $1),
      'takenDomain', (SELECT d FROM ${table} c, unnest(c.domains) d
        WHERE c.domains && ${domains} AND d = ANY (${domains}) AND c.organization_id <> $2 AND c.id <> $1 LIMIT 1)
    )::text AS result`;
  // A write takes effect only if no other was made since `latest` was read, so that none misses the domains of another.
  const turn = `WITH turn AS (
      UPDATE ${versions} SET latest = latest + 1 WHERE id = 1 AND latest = $6::bigint RETURNING latest)`;
  const insertSql = `${turn}
    INSERT INTO ${table} (id, organization_id, issuer, domains, settings, version)
    SELECT $1, $2, $4, ${domains}, $5::text::jsonb, turn.latest FROM turn
    ON CONFLICT (id) DO NOTHING RETURNING id AS result`;
  const updateSql = `${turn}
    UPDATE ${table} c SET organization_id = $2, issuer = $4, domains = ${domains}, settings = $5::text::jsonb,
      version = turn.latest
    FROM turn WHERE c.id = $1 AND c.version = $7::bigint RETURNING c.id AS result`;

  return {
    async get(id) {
      return (await select('id = $1', id))[0] ?? null;
    },
    async find(by) {
      if ('issuer' in by) return select('issuer = $1 ORDER BY id', by.issuer);
      if ('domain' in by) return select('domains @> ARRAY[$1::text] ORDER BY id', by.domain);
      return select('organization_id = $1 ORDER BY id', by.organizationId);
    },
    async list(page) {
      const { limit, after } = connectionPage(page);
      return select('id > $1 ORDER BY id LIMIT $2::int', after, limit);
    },
    async put(connection, expectedVersion) {
      const { id, organizationId, idp, domains: names } = parseStorable(connection, options);
      const key = [id, organizationId, JSON.stringify(names)];
      for (let attempt = 0; attempt < attempts; attempt++) {
        const [result] = await results(client, readSql, key);
        const { latest, version, takenDomain }: Before = JSON.parse(result ?? '{}');
        if (latest === null) throw new Error(`the table ${versions} has no row: run migrate()`);
        if (version !== expectedVersion) return false;
        if (takenDomain !== null) throw domainTaken(connection, takenDomain);
        const values = [...key, idp.entityId, JSON.stringify(connection), latest];
        const written =
          expectedVersion === null
            ? await results(client, insertSql, values)
            : await results(client, updateSql, [...values, expectedVersion]);
        if (written.length > 0) return true;
      }
      throw new Error('other writes of connections were faster a hundred times');
    },
    async delete(id) {
      await results(client, `DELETE FROM ${table} WHERE id = $1 RETURNING id AS result`, [id]);
    },
  };
}
