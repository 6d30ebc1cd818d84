import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/stores/postgres.ts';
import { createTestIdp, selfSigned } from '../../src/testing/index.ts';
import { listens } from '../support/services.ts';
import {
  type Answer,
  begin,
  compileServer,
  complete,
  type Pending,
  type Server,
  startServer,
  stop,
} from './cluster.ts';
import type { ServerSettings } from './settings.ts';

const schema = `saml_jit_processes_${randomBytes(4).toString('hex')}`;
const postgres = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'test' };
const redisUrl = 'redis://127.0.0.1:6379';
const organizations = [
  'acme',
  'twice',
  'crowd',
  'ten-seats',
  'killed-alone',
  'killed-with-connection',
  ...numbered(10, (n) => `owners-${n}`),
];

const missing = [
  ...((await listens(postgres.port)) ? [] : ['PostgreSQL on 127.0.0.1:5432']),
  ...((await listens(6379)) ? [] : ['Redis on 127.0.0.1:6379']),
];
const skipped = missing.length > 0 && process.env['CI'] === undefined;

describe.skipIf(skipped)(`two server processes${skipped ? ` (needs ${missing.join(' and ')})` : ''}`, () => {
  const idp = createTestIdp({ key: selfSigned() });
  const settings: ServerSettings = { postgres, redis: redisUrl, schema, metadata: idp.metadata(), organizations };
  const pool = new pg.Pool({ ...postgres, max: 5 });
  let a: Server;
  let b: Server;

  beforeAll(async () => {
    compileServer();
    await migrate(pool, { prefix: `${schema}.` });
    [a, b] = await Promise.all([startServer(settings), startServer(settings)]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([stop(a), stop(b)]);
    await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    await pool.end();
    const redis = new Redis(redisUrl);
    const keys = await redis.keys(`${schema}:*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });

  it('complete a login that began on the other process', async () => {
    person('alice');
    const pending = await begin(a, idp, 'acme', 'alice');
    expect(await complete(b, pending)).toMatchObject({ outcome: 'created', user: { email: 'alice@example.com' } });
    expect(await complete(a, await begin(b, idp, 'acme', 'alice'))).toMatchObject({ outcome: 'unchanged' });
  });

  it('accept a response once if it is posted to both concurrently', async () => {
    person('twin');
    for (let round = 0; round < 20; round++) {
      const pending = await begin(a, idp, 'twice', 'twin');
      const both = await Promise.all([complete(a, pending), complete(b, pending)]);
      const refused = both.filter(({ outcome }) => outcome === 'error');
      expect(refused).toHaveLength(1);
      expect(refused[0]?.code).toMatch(/^(replayed|request_used)$/);
      expect(both.filter(succeeded)).toHaveLength(1);
    }
  });

  it('create one account for 200 concurrent first logins of one user', async () => {
    person('crowd');
    const pending = await Promise.all(numbered(200, (n) => begin(n % 2 ? a : b, idp, 'crowd', 'crowd')));
    const answers = await completeAll(pending);
    expect(answers.filter(succeeded)).toHaveLength(200);
    expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(new Set(answers.map(({ user }) => user?.id)).size).toBe(1);
    expect(await rows('users', 'crowd')).toBe(1);
    expect(await rows('identities', 'crowd')).toBe(1);
  });

  it('give 10 seats to 10 of 50 people', async () => {
    const people = numbered(50, (n) => person(`seat-${n}`));
    const pending = await Promise.all(people.map((id, n) => begin(n % 2 ? a : b, idp, 'ten-seats', id)));
    const answers = await completeAll(pending);
    expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(10);
    expect(answers.filter(({ reason }) => reason === 'seat_limit_reached')).toHaveLength(40);
    expect(await rows('users', 'ten-seats')).toBe(10);
  });

  it('keep one of the last two owners if both are demoted concurrently', async () => {
    for (const organizationId of organizations.filter((id) => id.startsWith('owners-'))) {
      const people = ['first', 'second'].map((name) => person(`${organizationId}-${name}`, 'owner'));
      for (const id of people) {
        expect(await complete(a, await begin(a, idp, organizationId, id))).toMatchObject({ user: { role: 'owner' } });
      }
      for (const id of people) idp.updateUser(id, { role: 'member' });
      const pending = await Promise.all(people.map((id) => begin(a, idp, organizationId, id)));
      // Both stop with all but the audit record done: without a lock of their own each still sees the other as owner.
      const release = await blockAudit();
      const both = completeAll(pending);
      await until(async () => (await waiting()) === 2);
      await release();
      const answers = await both;
      expect(answers.filter(succeeded)).toHaveLength(2);
      expect(answers.map(({ user }) => user?.role).sort()).toEqual(['member', 'owner']);
      expect(answers.flatMap(({ notes }) => notes)).toEqual(['last_holder_kept']);
    }
  });

  it.each([
    ['killed-alone', 'and its database finishes the statement'],
    ['killed-with-connection', 'and its database connection breaks'],
  ])('write all or nothing if one process is killed during a login: %s, %s', async (organizationId) => {
    const survivor = person(`survivor-of-${organizationId}`);
    const c = await startServer(settings);
    const pending = await begin(c, idp, organizationId, survivor);
    // Audit records cannot be written: the write fails after the user row, before it is complete.
    const release = await blockAudit();
    const lost = complete(c, pending).catch(() => null);
    await until(async () => (await waiting()) === 1);
    await stop(c);
    expect(await lost).toBeNull();
    const isBroken = organizationId === 'killed-with-connection';
    if (isBroken) await pool.query(`SELECT pg_terminate_backend(pid) ${blocked}`);
    await release();
    const written = isBroken ? 0 : 1;
    await until(async () => (await rows('users', organizationId)) === written);
    for (const table of ['users', 'identities', 'audit']) expect(await rows(table, organizationId)).toBe(written);

    expect(await complete(a, pending)).toMatchObject({ outcome: 'error' });
    const again = await complete(a, await begin(b, idp, organizationId, survivor));
    expect(again.outcome).toBe(isBroken ? 'created' : 'unchanged');
    expect(await rows('users', organizationId)).toBe(1);
  });

  function person(id: string, role = 'member'): string {
    idp.addUser({ id, email: `${id}@example.com`, firstName: id, lastName: 'Person', role });
    return id;
  }

  function completeAll(pending: readonly Pending[]): Promise<readonly Answer[]> {
    return Promise.all(pending.map((each, n) => complete(n % 2 ? b : a, each)));
  }

  async function rows(table: string, organizationId: string): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM "${schema}"."${table}" WHERE organization_id = $1`;
    return (await pool.query(sql, [organizationId])).rows[0].count;
  }

  async function blockAudit(): Promise<() => Promise<void>> {
    const blocker = await pool.connect();
    await blocker.query(`BEGIN; LOCK TABLE "${schema}".audit IN ACCESS EXCLUSIVE MODE`);
    return async () => {
      await blocker.query('ROLLBACK');
      blocker.release();
    };
  }

  /** Writes that wait for a lock. */
  async function waiting(): Promise<number> {
    return (await pool.query(`SELECT count(*)::int AS count ${blocked}`)).rows[0].count;
  }
});

const blocked = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"${schema}"%'`;

function succeeded({ outcome }: Answer): boolean {
  return outcome === 'created' || outcome === 'updated' || outcome === 'unchanged';
}

function numbered<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
