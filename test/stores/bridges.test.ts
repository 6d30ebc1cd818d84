import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserConflict } from '../../src/provisioning/user-store.ts';
import {
  drizzleClient,
  migrate,
  type PostgresClient,
  type PrismaLike,
  postgresReplayCache,
  postgresUserStore,
  prismaClient,
} from '../../src/stores/postgres.ts';
import { login, newUser, record } from './postgres-support.ts';

const db = new PGlite();
afterAll(() => db.close(), 60_000);

/** As a `PrismaClient` with a driver adapter: rows alone, and errors with the SQLSTATE inside. */
const prisma: PrismaLike = {
  async $queryRawUnsafe(text, ...values) {
    try {
      return (await db.query(text, values)).rows;
    } catch (error) {
      const cause = { originalCode: Reflect.get(Object(error), 'code'), originalMessage: String(error) };
      const meta = { driverAdapterError: { name: 'DriverAdapterError', cause } };
      throw Object.assign(new Error(`Raw query failed. ${String(error)}`), { code: 'P2010', meta });
    }
  },
};

/** As postgres.js under Drizzle. */
const unsafe = { $client: { unsafe: async (text: string, values?: unknown[]) => (await db.query(text, values)).rows } };

describe.each<readonly [string, PostgresClient]>([
  ['prismaClient', prismaClient(prisma)],
  ['drizzleClient over PGlite', drizzleClient(drizzle(db))],
  ['drizzleClient over postgres.js', drizzleClient(unsafe)],
])('%s', (name, client) => {
  const options = { prefix: `${name.replaceAll(/\W/g, '_')}.` };
  beforeAll(() => migrate(client, options), 60_000);

  test('carries migrate, logins and the replay cache', async () => {
    const store = postgresUserStore(client, options);
    expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'created' });
    expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'unchanged' });
    const cache = postgresReplayCache(client, options);
    expect([await cache.claim('key', 60.5), await cache.claim('key', 60.5)]).toEqual([true, false]);
  });

  test('two users of one e-mail are a UserConflict', async () => {
    const store = postgresUserStore(client, options);
    const guard = { seats: null, audit: record('create', 'acme', 'bob') };
    await store.create(newUser('acme', 'bob'), guard);
    await expect(store.create(newUser('acme', 'bob'), guard)).rejects.toThrow(UserConflict);
    expect(await store.get('no user')).toBeNull();
  });

  test('an error of the database keeps its text', async () => {
    await expect(client.query('SELECT 1 FROM nowhere')).rejects.toThrow('relation "nowhere" does not exist');
  });
});

test('prismaClient leaves errors without SQLSTATE alone', async () => {
  const lost = Object.assign(new Error('cannot reach the database'), { code: 'P1001' });
  const client = prismaClient({ $queryRawUnsafe: () => Promise.reject(lost) });
  await expect(client.query('SELECT 1')).rejects.toBe(lost);
});
