import { PGlite } from '@electric-sql/pglite';
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres';
import { drizzle } from 'drizzle-orm/pglite';
import pg from 'pg';
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
import { server, skipped } from './postgres-databases.ts';
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

/** `unsafe` of postgres.js as it is typed: generic, with values of certain types, and more than a promise. */
interface Sql {
  unsafe<T extends readonly object[] = Record<string, unknown>[]>(
    query: string,
    parameters?: (string | number | bigint | boolean | null | Date | Uint8Array)[],
    options?: { readonly prepare?: boolean },
  ): Promise<T & { readonly count: number }>;
}

/** As postgres.js under Drizzle. */
const sql: Sql = {
  unsafe: async <T extends readonly object[]>(query: string, parameters?: unknown[]) => {
    const result: unknown = (await db.query(query, parameters)).rows;
    return result as T & { readonly count: number };
  },
};

const pool = new pg.Pool(server);
afterAll(() => pool.end());

describe.each<readonly [string, PostgresClient]>([
  ['prismaClient', prismaClient(prisma)],
  ['drizzleClient over PGlite', drizzleClient(drizzle(db))],
  ['drizzleClient over postgres.js', drizzleClient({ $client: sql })],
  ['drizzleClient over node-postgres', drizzleClient(drizzleNodePostgres(pool))],
])('%s', (name, client) => {
  const isServer = name.endsWith('node-postgres');
  if (isServer && skipped) return test.skip('needs PostgreSQL on 127.0.0.1:5432');
  const schema = name.replaceAll(/\W/g, '_').toLowerCase();
  const options = { prefix: `${schema}.` };
  beforeAll(async () => {
    if (isServer) await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await migrate(client, options);
  }, 60_000);
  afterAll(async () => {
    if (isServer) await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  test('supports migrate, logins and the replay cache', async () => {
    const store = postgresUserStore(client, options);
    expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'created' });
    expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'unchanged' });
    const cache = postgresReplayCache(client, options);
    expect([await cache.claim('key', 60.5), await cache.claim('key', 60.5)]).toEqual([true, false]);
  });

  test('two users with one e-mail are a UserConflict', async () => {
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
