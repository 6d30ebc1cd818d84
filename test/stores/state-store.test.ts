import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StateRecord, type StateStore, stateKey } from '../../src/saml/state-store.ts';
import { type MysqlPool, migrate as migrateMysql, mysqlStateStore } from '../../src/stores/mysql.ts';
import { migrate as migratePostgres, postgresStateStore } from '../../src/stores/postgres.ts';
import { migrate as migrateSqlite, sqliteStateStore } from '../../src/stores/sqlite.ts';
import { stateStoreCases } from '../../src/testing/contracts/state-store/cases.ts';
import type { StateStoreUnderTest } from '../../src/testing/contracts/state-store/under-test.ts';
import { type Database, onEachDatabase, rowsOf } from './postgres-databases.ts';
import { onMysql, onSqlite } from './store-databases.ts';

function keepsTheContract(setUp: () => Promise<StateStoreUnderTest>): void {
  describe('keeps the contract of a state store', () => {
    for (const { name, run } of stateStoreCases(setUp)) test(name, run);
  });
}

/** A clock that a test moves on. */
function testClock() {
  const clock = { time: Date.now() };
  return {
    now: () => new Date(clock.time),
    advance: async (seconds: number) => {
      clock.time += seconds * 1000;
    },
  };
}

const record = (id: string, expiresAt: Date): StateRecord => ({
  kind: 'session',
  id,
  organizationId: 'acme',
  keys: [stateKey('user', 'ann')],
  value: { id },
  version: 1,
  expiresAt,
});

/** What holds where each process has its own clock. */
async function aFastClockKeepsWhatIsUnexpired(make: (now: () => Date) => StateStore): Promise<void> {
  const { now, advance } = testClock();
  const store = make(now);
  const fast = make(() => new Date(now().getTime() + 3_600_000));
  const inAMinute = new Date(now().getTime() + 60_000);
  await store.put(record('ann', inAMinute), null);
  expect(await fast.get('session', 'ann')).toBeNull();
  for (let index = 0; index < 20; index++) await fast.put(record(`fast-${index}`, inAMinute), null);
  expect(await store.get('session', 'ann')).toMatchObject({ value: { id: 'ann' } });
  expect(await store.find('session', stateKey('user', 'ann'), { limit: 1 })).toHaveLength(1);
  await advance(86_400 + 61);
  const later = new Date(now().getTime() + 60_000);
  for (let index = 0; index < 12; index++) await store.put(record(`later-${index}`, later), null);
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
    store: postgresStateStore(database.client, { prefix: `${schema}.` }),
    other: postgresStateStore(database.client, { prefix: `${schema}.` }),
    advance: (seconds) => setTimeout(seconds * 1000),
  }));

  test('each function is one statement; a put removes ten expired records with their keys', async () => {
    const { client } = database;
    const fresh = database.schema();
    await migratePostgres(client, { prefix: `${fresh}.` });
    const store = postgresStateStore(client, { prefix: `${fresh}.` });
    const inAMinute = new Date(Date.now() + 60_000);
    for (let index = 0; index < 25; index++) await store.put(record(`${index}`, inAMinute), null);
    await client.query(`UPDATE ${fresh}.state SET expires_at = now() - interval '1 second'`);
    const left: unknown[] = [];
    for (const id of ['a', 'b', '24']) {
      database.statements();
      expect(await store.put(record(id, inAMinute), null)).toBe(true);
      expect(database.statements()).toBe(1);
      const [row] = await rowsOf(
        client,
        `SELECT (SELECT count(*)::int FROM ${fresh}.state) AS records, (SELECT count(*)::int FROM ${fresh}.state_keys) AS keys`,
      );
      left.push(row);
    }
    expect(left).toEqual([16, 7, 3].map((count) => ({ records: count, keys: count })));
    database.statements();
    await store.get('session', 'a');
    await store.find('session', stateKey('user', 'ann'), { limit: 1 });
    await store.put({ ...record('a', inAMinute), version: 2 }, 1);
    await store.delete('session', 'a');
    await store.claim('a', 60);
    expect(database.statements()).toBe(5);
    expect(await store.get('session', '\0')).toBeNull();
    await store.delete('session', '\0');
    expect(database.statements()).toBe(0);
  });

  test('a record is not found by a key that it no longer has', async () => {
    const { client } = database;
    const store = postgresStateStore(client, { prefix: `${schema}.` });
    await store.put(record('overtaken', new Date(Date.now() + 60_000)), null);
    const key = stateKey('user', 'eve');
    await client.query(`INSERT INTO ${schema}.state_keys (kind, look_up_key, id) VALUES ('session', $1, 'overtaken')`, [
      key,
    ]);
    expect(await store.find('session', key, { limit: 1 })).toEqual([]);
  });

  test('fails if the database fails', async () => {
    const broken = postgresStateStore({ query: () => Promise.reject(new Error('connection lost')) });
    await expect(broken.get('session', 'a')).rejects.toThrow('connection lost');
    await expect(broken.put(record('a', new Date()), null)).rejects.toThrow('connection lost');
    await expect(broken.claim('a', 60)).rejects.toThrow('connection lost');
    const missing = postgresStateStore(database.client, { prefix: `${'saml_jit_nowhere'}.` });
    await expect(missing.get('session', 'a')).rejects.toThrow('run migrate(client, options)');
  });
});

onMysql((pools) => {
  const setUp = async () => {
    const [pool, second] = pools();
    await migrateMysql(pool);
    return { pool, second };
  };
  keepsTheContract(async () => {
    const { pool, second } = await setUp();
    const { now, advance } = testClock();
    return { store: mysqlStateStore(pool, { now }), other: mysqlStateStore(second, { now }), now, advance };
  });

  test('removes records a day after they expired, so that a fast clock does not remove those of others', async () => {
    const { pool } = await setUp();
    const prefix = 'fast_';
    await migrateMysql(pool, { prefix });
    await aFastClockKeepsWhatIsUnexpired((now) => mysqlStateStore(pool, { prefix, now }));
    for (const table of ['state', 'state_keys']) {
      const [rows] = await pool.query(`SELECT COUNT(*) AS n FROM fast_${table} WHERE id NOT LIKE 'later-%'`);
      expect(rows).toEqual([{ n: 0 }]);
    }
  });

  test('a sweep that fails does not fail the write', async () => {
    const { pool } = await setUp();
    const failing: MysqlPool = {
      execute: (sql, values) =>
        sql.includes('ORDER BY expires_at LIMIT') ? Promise.reject(new Error('lost')) : pool.execute(sql, values),
      getConnection: () => pool.getConnection(),
    };
    const store = mysqlStateStore(failing);
    expect(await store.put(record('unswept', new Date(Date.now() + 60_000)), null)).toBe(true);
  });
});

onSqlite((open) => {
  keepsTheContract(async () => {
    const databases = open();
    const [db, second] = databases;
    await migrateSqlite(db);
    const { now, advance } = testClock();
    const close = async () => databases.forEach((each) => void each.close());
    return { store: sqliteStateStore(db, { now }), other: sqliteStateStore(second, { now }), now, advance, close };
  });

  test('removes records a day after they expired, so that a fast clock does not remove those of others', async () => {
    const [db] = open();
    await migrateSqlite(db);
    await aFastClockKeepsWhatIsUnexpired((now) => sqliteStateStore(db, { now }));
    for (const table of ['state', 'state_keys']) {
      const rows = db.prepare(`SELECT COUNT(*) AS n FROM saml_jit_${table} WHERE id NOT LIKE 'later-%'`).all();
      expect(rows.map((row) => ({ ...Object(row) }))).toEqual([{ n: 0 }]);
    }
  });
});
