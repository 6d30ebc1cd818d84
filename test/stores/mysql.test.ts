import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from 'mysql2/promise';
import { afterAll, describe, expect, test } from 'vitest';
import { type AuditRecord, LastRoleHolder, UserConflict } from '../../src/provisioning/user-store.ts';
import {
  check,
  type MysqlPool,
  migrate,
  migrations,
  mysqlReplayCache,
  mysqlUserStore,
  type SqlUserStoreOptions,
  type UsersTable,
} from '../../src/stores/mysql.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import { now, type Role } from '../provisioning/support.ts';
import { configurationError } from '../support/configuration-error.ts';
import { mysqlMemberships, mysqlPlain, mysqlSoftDelete } from './layouts.ts';
import { outcomes, owner, readAudit, someone, testRaces } from './sql-support.ts';

const server = { host: '127.0.0.1', port: 3306, user: 'root', password: '' };
const name = `saml_jit_test_${randomUUID().slice(0, 8)}`;
const problem = await makeDatabase();

async function makeDatabase(): Promise<string | null> {
  const pool = createPool({ ...server, connectTimeout: 2000 });
  try {
    await pool.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
    return null;
  } catch (error) {
    return String(error);
  } finally {
    await pool.end();
  }
}

const members = {
  table: 'members',
  idType: 'INT UNSIGNED',
  columns: {
    id: 'id',
    organizationId: 'org',
    email: 'mail',
    emailKey: 'mail_key',
    name: 'full_name',
    role: 'access',
    status: 'state',
    emailVerified: 'proven',
    lastLoginAt: 'seen',
  },
};

/** The same for organizations with numbers, and with the time when an address was proven. */
const numberedMembers = {
  ...members,
  columns: {
    ...members.columns,
    emailVerified: {
      read: 'u.proven_at IS NOT NULL',
      write: { proven_at: 'CASE WHEN :value = 1 THEN CURRENT_TIMESTAMP(3) END' },
    },
  },
};

/** As an application may have it, but for the column `mail_key` and its index. */
function membersTable(table: string, oneAccountPerEmail: boolean, numbered = false): string {
  const space = oneAccountPerEmail ? '' : 'org, ';
  const [org, proven] = numbered
    ? ['BIGINT', 'proven_at DATETIME(3)']
    : ['CHAR(36)', 'proven BOOLEAN NOT NULL DEFAULT FALSE'];
  return `CREATE TABLE ${table} (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, org ${org} NOT NULL, mail VARCHAR(254) NOT NULL,
    full_name VARCHAR(1024), access ENUM('owner', 'admin', 'member'), state VARCHAR(20) NOT NULL,
    ${proven}, seen DATETIME(3), made TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    mail_key VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    living_mail_key VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin AS (IF(state = 'removed', NULL, mail_key)) STORED,
    UNIQUE KEY living (${space}living_mail_key), KEY mail_key (mail_key)
  ) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`;
}

if (problem === null) {
  suite();
} else if (process.env['CI']) {
  test('a MySQL server is required', () => expect.fail(problem));
} else {
  test.skip(`the MySQL stores: no server at ${server.host}:${server.port} (${problem})`, () => {});
}

function suite(): void {
  const pool = createPool({ ...server, database: name, connectionLimit: 10 });
  const second = createPool({ ...server, database: name, connectionLimit: 10 });
  const pools = [pool, second];
  afterAll(async () => {
    await pool.query(`DROP DATABASE ${name}`);
    await Promise.all(pools.map((each) => each.end()));
  });

  /** The tables of a prefix of their own, and a store over each pool. */
  async function setUp(options: SqlUserStoreOptions<Role> = {}) {
    const own = { prefix: `t${randomUUID().slice(0, 8)}_`, ...options };
    await migrate(pool, own);
    return { ...own, stores: pools.map((each) => mysqlUserStore<Role>(each, own)) };
  }

  const contract = (title: string, prefix: string, users?: UsersTable, make?: typeof mysqlSoftDelete) =>
    describe(`the contract of a user store, ${title}`, () => {
      const made = new Set<string>();
      const numbered = users === numberedMembers;
      let organizations = 0;
      const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
        const kind = `${prefix}${oneAccountPerEmail ? 'one' : 'each'}_`;
        const layout = make?.((table) => `${kind}${table}`, oneAccountPerEmail);
        const own = users && { ...users, table: `${kind}members` };
        const options = { oneAccountPerEmail, prefix: kind, users: layout?.users ?? own };
        if (!made.has(kind)) {
          if (own) await pool.query(membersTable(own.table, oneAccountPerEmail, numbered));
          for (const sql of layout?.sql ?? []) await pool.query(sql);
        }
        made.add(kind);
        await migrate(pool, options);
        await check(pool, options);
        const fault = { armed: false };
        const store = mysqlUserStore(failing(pool, fault), options);
        return {
          store,
          ...(numbered && { organizations: [`${++organizations}`, `${++organizations}`] }),
          seed: (account) => store.put(account),
          accounts: (organizationId) => store.list(organizationId),
          audit: () => auditRecords(pool, kind),
          failNextWrite: async () => {
            fault.armed = true;
          },
        };
      });
      for (const { name, run } of cases) test(name, run);
    });
  contract("in the library's tables", 'own_');
  contract("in the application's table", 'their_', members);
  contract("in the application's table, of organizations with numbers and times of proof", 'number_', numberedMembers);
  contract('in a table without a column for the e-mail key', 'plain_', undefined, mysqlPlain);
  contract('in a table with expressions and soft delete', 'soft_', undefined, mysqlSoftDelete);
  contract('in a table of memberships', 'memberships_', undefined, mysqlMemberships);

  describe('the contract of a replay cache', () => {
    const cases = replayCacheCases(async () => {
      const options = { prefix: 'replay_', now: () => new Date(time) };
      let time = Date.now();
      await migrate(pool, options);
      return {
        cache: mysqlReplayCache(pool, options),
        other: mysqlReplayCache(second, options),
        advance: async (seconds) => {
          time += seconds * 1000;
        },
      };
    });
    for (const { name, run } of cases) test(name, run);
  });

  test('a replay cache removes keys a day after they expired, so that a fast clock does not remove those of others', async () => {
    const { prefix } = await setUp();
    let time = 1_000_000;
    const cache = mysqlReplayCache(pool, { prefix, now: () => new Date(time) });
    for (let index = 0; index < 5; index++) await cache.claim(`key ${index}`, 60);
    time += 3_600_000;
    await cache.claim('of a process whose clock is an hour ahead', 60);
    time -= 3_600_000;
    expect(await cache.claim('key 0', 60)).toBe(false);
    time += 2 * 86_400_000;
    await cache.claim('last', 60);
    expect(await count(pool, `${prefix}replay`)).toBe(1);
  });

  describe('two processes, each with its own pool', () => {
    testRaces(() => setUp());
    test('an owner is not demoted while the other one is being suspended', async () => {
      const { stores } = await setUp();
      const owners = [await stores[0]?.put(owner(0)), await stores[0]?.put(owner(1))];
      await Promise.all([stores[1]?.suspend(owners[1]?.id ?? ''), outcomes(stores, 1, someone)]);
      const left = (await stores[0]?.list('acme'))?.filter(
        ({ role, status }) => role === 'owner' || status !== 'active',
      );
      // Either the suspension came first and the other owner stayed, or the demotion did while there were two.
      expect(left?.map(({ role }) => role)).toContain('owner');
    });
  });

  test('an audit record that cannot be written rolls the whole write back', async () => {
    const { prefix, stores } = await setUp();
    await pool.query(`RENAME TABLE ${prefix}audit TO ${prefix}elsewhere`);
    await expect(outcomes(stores, 1, someone)).rejects.toThrow("doesn't exist");
    expect([await count(pool, `${prefix}users`), await count(pool, `${prefix}identities`)]).toEqual([0, 0]);
    await pool.query(`RENAME TABLE ${prefix}elsewhere TO ${prefix}audit`);
    expect(await outcomes(stores, 1, someone)).toEqual({ created: 1 });
  });

  test('a lock that lasts too long is a conflict, and the connection is released', async () => {
    const { prefix, stores } = await setUp();
    const single = createPool({ ...server, database: name, connectionLimit: 1 });
    await single.query('SET innodb_lock_wait_timeout = 1');
    const store = mysqlUserStore<Role>(single, { prefix });
    const user = await store.put(owner(0));
    const holder = await pool.getConnection();
    await holder.beginTransaction();
    await holder.query(`SELECT id FROM ${prefix}users FOR UPDATE`);
    await expect(store.suspend(user.id)).rejects.toThrow(UserConflict);
    await holder.rollback();
    holder.release();
    await store.suspend(user.id);
    expect((await stores[0]?.get(user.id))?.status).toBe('suspended');
    await single.end();
  });

  test('a broken connection is not released to the pool', async () => {
    const { prefix, stores } = await setUp();
    const single = createPool({ ...server, database: name, connectionLimit: 1 });
    const [rows] = await single.query('SELECT CONNECTION_ID() AS id');
    const id = Array.isArray(rows) ? Number(Reflect.get(Object(rows[0]), 'id')) : 0;
    const store = mysqlUserStore<Role>(
      killing(single, () => pool.query(`KILL ${id}`)),
      { prefix },
    );
    await expect(store.put(owner(0))).rejects.toThrow();
    expect(await stores[0]?.list('acme')).toEqual([]);
    expect((await mysqlUserStore<Role>(single, { prefix }).put(owner(0))).status).toBe('active');
    await single.end();
  });

  test('an account whose id is not generated by AUTO_INCREMENT is refused, and never written to another account', async () => {
    const table = 'lettered';
    await pool.query(`CREATE TABLE ${table} (id VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT (UUID()) PRIMARY KEY, org CHAR(36) NOT NULL, mail VARCHAR(254)
      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, UNIQUE KEY once (org, mail)) CHARACTER SET utf8mb4`);
    const users = { table, columns: { id: 'id', organizationId: 'org', email: 'mail' } };
    const options = { prefix: 'lettered_', users, newId: randomUUID };
    await migrate(pool, options);
    const without = mysqlUserStore<Role>(pool, { prefix: 'lettered_', users });
    await expect(outcomes([without], 1, someone)).rejects.toThrow(
      new Error(`the database numbers no rows of \`${table}\`: give the option newId`),
    );
    expect(await count(pool, table)).toBe(0);
    expect(await outcomes([mysqlUserStore<Role>(pool, options)], 1, someone)).toEqual({ created: 1 });
  });

  test('lists, seats and role holders are those of one organization, where the column compares another as equal', async () => {
    await pool.query(`CREATE TABLE caseless (id BIGINT AUTO_INCREMENT PRIMARY KEY, org VARCHAR(36) CHARACTER SET utf8mb4 COLLATE
      utf8mb4_general_ci NOT NULL, mail VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, UNIQUE KEY once (org, mail))`);
    const users = { table: 'caseless', idType: 'BIGINT', columns: { id: 'id', organizationId: 'org', email: 'mail' } };
    await migrate(pool, { prefix: 'caseless_', users });
    const store = mysqlUserStore<Role>(pool, { prefix: 'caseless_', users });
    await store.put({ organizationId: 'acme', email: 'ann@acme.example' });
    await store.put({ organizationId: 'ACME', email: 'bob@acme.example' });
    const emails = (accounts: readonly { readonly email: string }[]) => accounts.map(({ email }) => email);
    expect(emails(await store.list('acme'))).toEqual(['ann@acme.example']);
    expect(emails(await store.listStale({ organizationId: 'ACME', olderThan: now }))).toEqual(['bob@acme.example']);
    expect(await store.seatsTaken?.('acme')).toBe(1);
    const owner = await store.put({ organizationId: 'acme', email: 'cat@acme.example', role: 'owner' });
    await store.put({ organizationId: 'ACME', email: 'dan@acme.example', role: 'owner' });
    const audit: AuditRecord = {
      at: now,
      organizationId: 'acme',
      identity: { connectionId: 'acme', issuer: 'idp', subject: 'cat' },
      connectionId: 'acme',
      assertionId: '_1',
      action: 'update',
      changes: [],
      notes: [],
    };
    const demotion = () => store.update(owner, { role: 'member', lastLoginAt: now }, { keepLast: 'owner', audit });
    await expect(demotion()).rejects.toThrow(LastRoleHolder);
    await store.put({ organizationId: 'acme', email: 'eve@acme.example', role: 'owner' });
    expect(await demotion()).toMatchObject({ role: 'member' });
  });

  describe('tables', () => {
    test('are created once, also by several processes concurrently', async () => {
      const options = { prefix: 'again_' };
      await Promise.all([...pools, ...pools].map((each) => migrate(each, options)));
      await migrate(pool, options);
      expect(await count(pool, 'again_migrations')).toBe(migrations(options).length);
    });
    test('can be created by hand', async () => {
      for (const { sql } of migrations({ prefix: 'hand_' })) await pool.query(sql);
      const store = mysqlUserStore<Role>(pool, { prefix: 'hand_' });
      expect(await outcomes([store], 1, someone)).toEqual({ created: 1 });
      await migrate(pool, { prefix: 'hand_' });
    });
    test('need an expression to write for the condition of verified e-mails', () => {
      const emailVerified = { ...numberedMembers.columns.emailVerified, write: { proven_at: '' } };
      const users = { ...numberedMembers, columns: { ...numberedMembers.columns, emailVerified } };
      expect(() => mysqlUserStore(pool, { users })).toThrow(
        configurationError('users.columns.emailVerified.write.proven_at must be an SQL expression, not ""'),
      );
    });
    test.each(['', '1a', 'a-b', 'a`b', 'x'.repeat(33)])('refuse the prefix %j', (prefix) => {
      expect(() => migrations({ prefix })).toThrow(
        configurationError(
          `prefix must be 1 to 32 letters, digits or _, no digit first; received ${JSON.stringify(prefix)}`,
        ),
      );
    });
  });

  test('a login that changes nothing is one query, and one transaction', async () => {
    const { prefix, stores } = await setUp();
    await outcomes(stores, 1, someone);
    const log: string[] = [];
    const store = mysqlUserStore<Role>(counting(pool, log), { prefix });
    expect(await outcomes([store], 1, someone, null, new Date(now.getTime() + 1))).toEqual({ unchanged: 1 });
    expect(log).toEqual(['SELECT', 'SET', 'SELECT', 'UPDATE', 'INSERT']);
  });

  test('a user that the application inserted is linked, and then stored in both tables', async () => {
    const table = `m${randomUUID().slice(0, 8)}`;
    await pool.query(membersTable(table, false));
    await pool.query(
      `INSERT INTO ${table} (org, mail, mail_key, full_name, access, state, proven)
       VALUES ('acme', 'P0@acme.example', 'p0@acme.example', 'Pat', 'admin', 'active', TRUE)`,
    );
    const { stores } = await setUp({ users: { ...members, table } });
    const [store] = stores;
    expect(await outcomes(stores, 1, someone)).toEqual({ updated: 1 });
    const linked = { name: 'Alice Adams', role: 'member', identities: [{ subject: 'p-0' }], lastLoginAt: now };
    expect(await store?.get('1')).toMatchObject(linked);
    expect(await store?.get('1x')).toBeNull();
    // The application removes by a statement of its own: the identity is free all the same.
    await pool.query(`UPDATE ${table} SET state = 'removed'`);
    expect(await outcomes(stores, 1, someone)).toEqual({ user_removed: 1 });
    const again = await store?.put({ ...owner(0), role: 'member' });
    expect(again?.id).toBe('2');
    await expect(store?.restore('1')).rejects.toThrow(UserConflict);
  });

  test('ids that are too large for a JavaScript number are distinct', async () => {
    const table = `m${randomUUID().slice(0, 8)}`;
    await pool.query(
      membersTable(table, false).replace('id INT UNSIGNED', 'id BIGINT').replace('org CHAR(36)', 'org BIGINT'),
    );
    const [first, second, organizationId] = ['1234567890123456800', '1234567890123456801', '1234567890123456769'];
    await pool.query(
      `INSERT INTO ${table} (id, org, mail, mail_key, full_name, access, state, proven) VALUES
       (${first}, ${organizationId}, 'boss@acme.example', 'boss@acme.example', 'Boss', 'owner', 'active', TRUE),
       (${second}, ${organizationId}, 'low@acme.example', 'low@acme.example', 'Low', 'member', 'active', TRUE)`,
    );
    const { stores } = await setUp({ users: { ...members, idType: 'BIGINT', table } });
    const [store] = stores;
    const who = { connectionId: 'acme', issuer: 'idp', subject: 'low' };
    const { byEmail: low } = (await store?.find({ ...who, organizationId, email: 'low@acme.example' })) ?? {};
    expect(low).toMatchObject({ id: second, organizationId, name: 'Low' });
    if (!store || !low) return;
    const audit = {
      at: now,
      organizationId,
      connectionId: 'acme',
      assertionId: '_a',
      identity: who,
      changes: [],
      notes: [],
    };
    const guard = { keepLast: null, audit: { ...audit, action: 'update' } } as const;
    const linked = await store.update(low, { addIdentity: who, lastLoginAt: now }, guard);
    expect(linked).toMatchObject({ id: second, name: 'Low' });
    expect((await store.get(first))?.identities).toEqual([]);
    const near = '1234567890123456800';
    expect(await store.find({ ...who, organizationId: near, email: 'low@acme.example' })).toEqual({
      bySubject: null,
      byEmail: null,
    });
    // Moved to another organization since it was read.
    const moved = store.update({ ...low, organizationId: near }, { role: 'owner', lastLoginAt: now }, guard);
    await expect(moved).rejects.toThrow(UserConflict);
  });
}

async function auditRecords(pool: Pool, prefix: string): Promise<readonly AuditRecord[]> {
  const at = "DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%s.%fZ') AS at";
  const columns = 'action, organization_id, connection_id, issuer, subject, assertion_id, changes, notes';
  const qualifiers = 'name_qualifier, sp_name_qualifier';
  const [rows] = await pool.query(`SELECT ${at}, ${columns}, ${qualifiers} FROM ${prefix}audit ORDER BY id`);
  return Array.isArray(rows) ? rows.map(readAudit) : [];
}

async function count(pool: Pool, table: string): Promise<unknown> {
  const [rows] = await pool.query(`SELECT COUNT(*) AS n FROM ${table}`);
  return Array.isArray(rows) ? Reflect.get(Object(rows[0]), 'n') : null;
}

/** The same pool, but `before` is awaited before each statement of a transaction. */
function watched(pool: MysqlPool, before: (sql: string) => unknown): MysqlPool {
  return {
    async execute(sql, values) {
      await before(sql);
      return pool.execute(sql, values);
    },
    async getConnection() {
      const connection = await pool.getConnection();
      return {
        async query(sql) {
          await before(sql);
          return connection.query(sql);
        },
        async execute(sql, values) {
          await before(sql);
          return connection.execute(sql, values);
        },
        beginTransaction: () => connection.beginTransaction(),
        commit: () => connection.commit(),
        rollback: () => connection.rollback(),
        release: () => connection.release(),
        destroy: () => connection.destroy(),
      };
    },
  };
}

/** The next audit record cannot be written, once `armed`. */
function failing(pool: MysqlPool, fault: { armed: boolean }): MysqlPool {
  return watched(pool, (sql) => {
    if (!fault.armed || !sql.includes('audit`')) return;
    fault.armed = false;
    throw new Error('the disk is full');
  });
}

/** The server ends the connection before identities are written. */
function killing(pool: MysqlPool, kill: () => Promise<unknown>): MysqlPool {
  return watched(pool, (sql) => (sql.startsWith('INSERT') && sql.includes('identities`') ? kill() : null));
}

/** The first word of each statement is written into `log`. */
function counting(pool: MysqlPool, log: string[]): MysqlPool {
  return watched(pool, (sql) => log.push(sql.split(' ')[0] ?? ''));
}
