import type { ConnectionInput } from '../../../connections/input.ts';
import type { ConnectionStore } from '../../../connections/registry.ts';
import { parseConnection } from '../../../connections/schema.ts';
import type { TableOptions } from '../options.ts';
import { type PostgresClient, results } from './client.ts';
import { layoutOf } from './layout.ts';

/** What {@link postgresConnectionStore} returns: the connections, and how an application's settings page writes them. */
export interface PostgresConnectionStore extends ConnectionStore {
  /**
   * Adds the connection, or replaces the one of its `id`.
   *
   * @throws TypeError that lists every problem of the settings; nothing is written then
   */
  put(connection: ConnectionInput & { readonly id: string; readonly organizationId: string }): Promise<void>;
  /** Resolves to `false` if there is none. */
  delete(id: string): Promise<boolean>;
}

/**
 * Connections in the table that {@link migrate} makes. Each look-up is one statement on an index.
 *
 * @throws TypeError for an option that is not valid
 */
export function postgresConnectionStore(client: PostgresClient, options: TableOptions = {}): PostgresConnectionStore {
  const { own } = layoutOf({ prefix: options.prefix });
  const table = `${own('connections')}`;
  const select = async (condition: string, value: string): Promise<readonly unknown[]> => {
    const sql = `SELECT settings::text AS result FROM ${table} WHERE ${condition} ORDER BY id`;
    return (await results(client, sql, [value])).map((text): unknown => JSON.parse(text));
  };
  return {
    async get(id) {
      const [settings = null] = await select('id = $1', id);
      return settings;
    },
    async find(by) {
      if ('issuer' in by) return select('issuer = $1', by.issuer);
      if ('domain' in by) return select('domains @> ARRAY[$1::text]', by.domain);
      return select('organization_id = $1', by.organizationId);
    },
    async put(connection) {
      const { id, organizationId, idp, domains } = parseConnection(connection, {
        defaults: { id: null, organizationId: null },
      });
      await results(
        client,
        `INSERT INTO ${table} (id, organization_id, issuer, domains, settings)
        VALUES ($1, $2, $3, ARRAY(SELECT jsonb_array_elements_text($4::text::jsonb)), $5::text::jsonb)
        ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id, issuer = excluded.issuer,
          domains = excluded.domains, settings = excluded.settings
        RETURNING id AS result`,
        [id, organizationId, idp.entityId, JSON.stringify(domains), JSON.stringify(connection)],
      );
    },
    async delete(id) {
      return (await results(client, `DELETE FROM ${table} WHERE id = $1 RETURNING id AS result`, [id])).length > 0;
    },
  };
}
