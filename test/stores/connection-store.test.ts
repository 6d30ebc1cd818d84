import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompleteConnectionStore, ConnectionStoreOptions } from '../../src/connections/connection-store.ts';
import { migrate as migrateMysql, mysqlConnectionStore } from '../../src/stores/mysql.ts';
import { migrate as migratePostgres, postgresConnectionStore } from '../../src/stores/postgres.ts';
import { migrate as migrateSqlite, sqliteConnectionStore } from '../../src/stores/sqlite.ts';
import { connectionStoreCases } from '../../src/testing/contracts/connection-store/cases.ts';
import type { ConnectionStoreUnderTest } from '../../src/testing/contracts/connection-store/under-test.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { configurationError } from '../support/configuration-error.ts';
import { type Database, onEachDatabase } from './postgres-databases.ts';
import { onMysql, onSqlite } from './store-databases.ts';

const roles = ['owner', 'admin', 'member'];
const { certificate } = selfSigned();
const acme = {
  id: 'acme',
  organizationId: 'acme',
  domains: ['acme.example', 'bücher.example'],
  idp: { entityId: 'https://idp.acme.example', ssoUrl: 'https://idp.acme.example/sso', certificate },
};

function keepsTheContract(setUp: () => Promise<ConnectionStoreUnderTest>): void {
  describe('keeps the contract of a connection store', () => {
    for (const { name, run } of connectionStoreCases(setUp)) test(name, run);
  });
}

/** What each of the databases refuses in the same words. */
async function refuses(make: (options?: ConnectionStoreOptions) => CompleteConnectionStore): Promise<void> {
  const store = make();
  await store.put(acme, null);
  const rival = { ...acme, id: 'rival', organizationId: 'rival', domains: ['rival.example', 'Acme.example'] };
  await expect(store.put(rival, null)).rejects.toThrow(
    configurationError(
      'invalid connection "rival":\n  domains[1]: acme.example is a verified domain of another organization: remove it here, or from the connections of that organization',
    ),
  );
  expect(await store.put({ ...acme, id: 'a-2', policy: { defaultRole: 'anything' } }, null)).toBe(true);
  const policy = { defaultRole: 'anything' };
  await expect(make({ roles }).put({ ...acme, id: 'a-3', policy }, null)).rejects.toThrow(
    '"anything" is not a role of the application (owner, admin, member)',
  );
  for (const text of ['a\0b', 'half \ud83d']) {
    const mapping = { name: ['displayName', text] };
    await expect(store.put({ ...acme, id: 'a-4', idp: { ...acme.idp, mapping } }, null)).rejects.toThrow(
      configurationError(
        'invalid connection:\n  idp.mapping.name[1]: contains a zero character or one half of a surrogate pair, which databases do not store',
      ),
    );
  }
  const mapping = { name: ['displayName', 'whole \u{1f600}'] };
  expect(await store.put({ ...acme, id: 'a-4', idp: { ...acme.idp, mapping } }, null)).toBe(true);
  const longest = 'o'.repeat(255);
  await expect(store.put({ ...acme, id: 'a-5', organizationId: `${longest}o`, domains: [] }, null)).rejects.toThrow(
    configurationError('invalid connection "a-5":\n  organizationId: is longer than 255 characters'),
  );
  expect(await store.put({ ...acme, id: 'a-5', organizationId: longest, domains: [] }, null)).toBe(true);
}

onEachDatabase((open) => {
  let database: Database;
  let schema: string;
  beforeAll(async () => {
    database = await open();
    schema = database.schema();
    await migratePostgres(database.client, { prefix: `${schema}.` });
  }, 60_000);
  afterAll(() => database.close());

  keepsTheContract(async () => ({
    store: postgresConnectionStore(database.client, { prefix: `${schema}.`, roles }),
    other: postgresConnectionStore(database.client, { prefix: `${schema}.`, roles }),
  }));

  test('put refuses invalid connections', async () => {
    const fresh = database.schema();
    await migratePostgres(database.client, { prefix: `${fresh}.` });
    await refuses((options) => postgresConnectionStore(database.client, { prefix: `${fresh}.`, ...options }));
  });

  test('a look-up is one statement, a write is two', async () => {
    const store = postgresConnectionStore(database.client, { prefix: `${schema}.` });
    const count = async (work: () => Promise<unknown>) => {
      database.statements();
      await work();
      return database.statements();
    };
    expect(await count(() => store.put({ ...acme, id: 'trips' }, null))).toBe(2);
    const { version = 0 } = (await store.get('trips')) ?? {};
    expect(await count(() => store.put({ ...acme, id: 'trips' }, version))).toBe(2);
    expect(await count(() => store.get('trips'))).toBe(1);
    expect(await count(() => store.find({ domain: 'acme.example' }))).toBe(1);
    expect(await count(() => store.list({ limit: 10 }))).toBe(1);
    expect(await count(() => store.delete('trips'))).toBe(1);
  });

  test('connections that were stored before versions existed are read and replaced', async () => {
    const { client } = database;
    const fresh = database.schema();
    await migratePostgres(client, { prefix: `${fresh}.` });
    await client.query(`ALTER TABLE ${fresh}.connections DROP COLUMN version`);
    await client.query(`DROP TABLE ${fresh}.connection_versions`);
    await client.query(
      `INSERT INTO ${fresh}.connections (id, organization_id, issuer, domains, settings) VALUES ('acme', 'acme', 'i', '{acme.example}', $1::text::jsonb)`,
      [JSON.stringify(acme)],
    );
    await client.query(`UPDATE ${fresh}.migrations SET hash = '' WHERE name = 'connections'`);
    await migratePostgres(client, { prefix: `${fresh}.` });
    const store = postgresConnectionStore(client, { prefix: `${fresh}.` });
    expect(await store.get('acme')).toEqual({ settings: acme, version: 1 });
    expect(await store.put(acme, 1)).toBe(true);
    expect(await store.get('acme')).toEqual({ settings: acme, version: 2 });
  });

  test('put fails if the row of versions is missing', async () => {
    const fresh = database.schema();
    await migratePostgres(database.client, { prefix: `${fresh}.` });
    await database.client.query(`DELETE FROM ${fresh}.connection_versions`);
    const store = postgresConnectionStore(database.client, { prefix: `${fresh}.` });
    await expect(store.put(acme, null)).rejects.toThrow('has no row: run migrate()');
  });
});

onMysql((pools) => {
  keepsTheContract(async () => {
    const [pool, second] = pools();
    await migrateMysql(pool);
    return { store: mysqlConnectionStore(pool, { roles }), other: mysqlConnectionStore(second, { roles }) };
  });

  test('put refuses invalid connections', async () => {
    const [pool] = pools();
    await migrateMysql(pool, { prefix: 'other_' });
    await refuses((options) => mysqlConnectionStore(pool, { prefix: 'other_', ...options }));
    await pool.query('DELETE FROM other_connection_versions');
    await expect(mysqlConnectionStore(pool, { prefix: 'other_' }).put(acme, null)).rejects.toThrow(
      'has no row: run migrate()',
    );
  });
});

onSqlite((open) => {
  keepsTheContract(async () => {
    const databases = open();
    const [db, second] = databases;
    await migrateSqlite(db);
    const close = async () => databases.forEach((each) => void each.close());
    return { store: sqliteConnectionStore(db, { roles }), other: sqliteConnectionStore(second, { roles }), close };
  });

  test('put refuses invalid connections', async () => {
    const [db] = open();
    await migrateSqlite(db);
    await refuses((options) => sqliteConnectionStore(db, options));
  });
});
