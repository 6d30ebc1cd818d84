import { afterAll, beforeAll, describe, test } from 'vitest';
import {
  migrate,
  type PostgresClient,
  type PostgresOptions,
  postgresReplayCache,
  postgresUserStore,
} from '../../src/stores/postgres.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import {
  accountsOf,
  auditRecords,
  type Database,
  existingUsers,
  makeExistingUsers,
  onEachDatabase,
  seed,
  type TableKind,
} from './postgres-databases.ts';

onEachDatabase((open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  }, 60_000);
  afterAll(() => database.close());

  describe.each<{ readonly tables: string; readonly existing: TableKind | null }>([
    { tables: 'own tables', existing: null },
    { tables: 'an existing table', existing: 'uuid, boolean' },
    { tables: 'an existing table, of organizations with numbers and times of verification', existing: 'bigint, time' },
  ])('user store over $tables', ({ existing }) => {
    let organizations = 0;
    const options = new Map<boolean, PostgresOptions>();

    beforeAll(async () => {
      for (const oneAccountPerEmail of [false, true]) {
        const schema = database.schema();
        if (existing) await makeExistingUsers(database.client, schema, existing);
        const users = existing ? existingUsers(schema, existing) : undefined;
        await migrate(database.client, { schema, oneAccountPerEmail, users });
        options.set(oneAccountPerEmail, { schema, oneAccountPerEmail, users });
      }
    }, 60_000);

    const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
      const { client } = database;
      const chosen = options.get(oneAccountPerEmail) ?? {};
      const { fallible, failNextWrite } = failing(client);
      const store = postgresUserStore(fallible, chosen);
      return {
        store,
        ...(existing === 'bigint, time' && { organizations: [`${++organizations}`, `${++organizations}`] }),
        seed: async (account) => (await store.get(await seed(client, chosen, account))) ?? missing(),
        accounts: (organizationId) => accountsOf(client, chosen, organizationId),
        audit: () => auditRecords(client, chosen.schema ?? ''),
        // As an application that knows nothing of the library's locks.
        setStatus: async (id, status) => {
          const { schema } = chosen;
          const statement = existing
            ? `UPDATE ${schema}."Person" SET state = $2 WHERE "personId" = $1`
            : `UPDATE ${schema}.users SET status = $2 WHERE id = $1`;
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
      await migrate(database.client, { schema });
    }, 60_000);

    const cases = replayCacheCases(async () => {
      const { client } = database;
      const sooner = `UPDATE ${schema}.replay SET expires_at = expires_at - $1 * interval '1 second'`;
      return {
        cache: postgresReplayCache(client, { schema }),
        other: postgresReplayCache({ query: (text, values) => client.query(text, values) }, { schema }),
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

function missing(): never {
  throw new Error('the account was not written');
}
