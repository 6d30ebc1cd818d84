import { afterAll, beforeAll, describe, test } from 'vitest';
import {
  check,
  migrate,
  type PostgresClient,
  postgresReplayCache,
  postgresUserStore,
  type SchemaOptions,
} from '../../src/stores/postgres.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import { postgresMemberships, postgresSoftDelete } from './layouts.ts';
import {
  auditRecords,
  type Database,
  existingUsers,
  inSchema,
  makeExistingUsers,
  onEachDatabase,
  type TableKind,
} from './postgres-databases.ts';

onEachDatabase((open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  }, 60_000);
  afterAll(() => database.close());

  describe.each<{
    readonly tables: string;
    readonly existing: TableKind | null;
    readonly make?: typeof postgresSoftDelete;
  }>([
    { tables: 'own tables', existing: null },
    { tables: 'an existing table', existing: 'uuid, boolean' },
    { tables: 'an existing table, of organizations with numbers and times of verification', existing: 'bigint, time' },
    { tables: 'an existing table with expressions and soft delete', existing: null, make: postgresSoftDelete },
    { tables: 'memberships of users', existing: null, make: postgresMemberships },
  ])('user store over $tables', ({ existing, make }) => {
    let organizations = 0;
    const layouts = new Map<boolean, SchemaOptions & { readonly schema: string }>();

    beforeAll(async () => {
      for (const oneAccountPerEmail of [false, true]) {
        const schema = database.schema();
        if (existing) await makeExistingUsers(database.client, schema, existing);
        const layout = make?.((table) => `${schema}.${table}`, oneAccountPerEmail);
        if (layout) await database.client.query(`CREATE SCHEMA ${schema}`);
        for (const sql of layout?.sql ?? []) await database.client.query(sql);
        const users = layout?.users ?? (existing ? existingUsers(schema, existing) : undefined);
        const options = { ...inSchema(schema), oneAccountPerEmail, users };
        await migrate(database.client, options);
        await check(database.client, options);
        layouts.set(oneAccountPerEmail, { ...options, schema });
      }
    }, 60_000);

    const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
      const { client } = database;
      const { schema = '', ...options } = layouts.get(oneAccountPerEmail) ?? {};
      const { fallible, failNextWrite } = failing(client);
      const store = postgresUserStore(fallible, options);
      return {
        store,
        ...(existing === 'bigint, time' && { organizations: [`${++organizations}`, `${++organizations}`] }),
        seed: (account) => store.put(account),
        accounts: (organizationId) => store.list(organizationId),
        audit: () => auditRecords(client, schema),
        // Like an application that does not take the library's locks.
        setStatus: async (id, status) => {
          if (make === postgresSoftDelete) {
            const set = status === 'removed' ? 'deleted_at = now()' : 'is_active = false';
            await client.query(`UPDATE ${schema}.staff SET ${set} WHERE id = $1`, [id]);
            return;
          }
          const table = make ? 'memberships' : 'users';
          const statement = existing
            ? `UPDATE ${schema}."Person" SET state = $2 WHERE "personId" = $1`
            : `UPDATE ${schema}.${table} SET status = $2 WHERE id = $1`;
          await client.query(statement, [id, status]);
        },
        failNextWrite,
      };
    });
    for (const { name, run } of cases) test(name, run);
  });

  describe('replay cache', () => {
    let schema: string;
    beforeAll(async () => {
      schema = database.schema();
      await migrate(database.client, inSchema(schema));
    }, 60_000);

    const cases = replayCacheCases(async () => {
      const { client } = database;
      const sooner = `UPDATE ${schema}.replay SET expires_at = expires_at - $1 * interval '1 second'`;
      return {
        cache: postgresReplayCache(client, inSchema(schema)),
        other: postgresReplayCache({ query: (text, values) => client.query(text, values) }, inSchema(schema)),
        advance: async (seconds) => void (await client.query(sooner, [seconds])),
      };
    });
    for (const { name, run } of cases) test(name, run);
  });
});

/** A client over which the next write fails at its end: the audit record cannot be written. */
function failing(client: PostgresClient) {
  let fails = false;
  const fallible: PostgresClient = {
    query(text, values) {
      if (!fails || !/"(create|update)_user_/.test(text)) return client.query(text, values);
      fails = false;
      const input = JSON.parse(String(values?.[0]));
      return client.query(text, [JSON.stringify({ ...input, audit: { ...input.audit, action: null } })]);
    },
  };
  const failNextWrite = async () => {
    fails = true;
  };
  return { fallible, failNextWrite };
}
