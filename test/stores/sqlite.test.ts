import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserConflict } from '../../src/provisioning/user-store.ts';
import {
  check,
  migrate,
  migrations,
  type SqliteDatabase,
  type SqlUserStoreOptions,
  sqliteReplayCache,
  sqliteUserStore,
} from '../../src/stores/sqlite.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import { now, type Role } from '../provisioning/support.ts';
import { configurationError } from '../support/configuration-error.ts';
import { sqliteMemberships, sqlitePlain, sqliteSoftDelete } from './layouts.ts';
import { outcomes, owner, readAudit, someone, testRaces } from './sql-support.ts';
import { type Database, openSqlite } from './sqlite-database.ts';

const open = openSqlite;

const members = {
  table: 'members',
  idType: 'INTEGER',
  columns: {
    id: 'id',
    organizationId: 'org',
    email: 'mail',
    emailKey: 'mail_key',
    name: 'full_name',
    role: 'access',
    status: 'state',
    emailVerified: 'proven',
  },
};

/** The same for organizations with numbers, and with the time when an address was proven. */
const numberedMembers = {
  ...members,
  columns: {
    ...members.columns,
    emailVerified: {
      read: 'u.proven_at IS NOT NULL',
      write: { proven_at: 'CASE WHEN :value = 1 THEN CURRENT_TIMESTAMP END' },
    },
  },
};

function membersTable(oneAccountPerEmail: boolean, numbered = false): string {
  const [org, proven] = numbered ? ['INTEGER', 'proven_at TEXT'] : ['TEXT', 'proven INTEGER NOT NULL DEFAULT 0'];
  return `
    CREATE TABLE members (id INTEGER PRIMARY KEY AUTOINCREMENT, org ${org} NOT NULL, mail TEXT NOT NULL, mail_key TEXT NOT NULL,
      full_name TEXT, access TEXT, state TEXT NOT NULL, ${proven}, "more ""columns""" TEXT DEFAULT 'x');
    CREATE UNIQUE INDEX members_mail ON members (${oneAccountPerEmail ? '' : 'org, '}mail_key) WHERE state <> 'removed'`;
}

if (open === null) {
  if (process.env['SAML_JIT_REQUIRE_SQLITE']) {
    test('SQLite is required', () => expect.fail('node:sqlite needs Node 22 or later'));
  } else {
    test.skip('the SQLite stores: node:sqlite needs Node 22 or later', () => {});
  }
} else {
  suite(open);
}

function suite(open: (file: string) => Database): void {
  const folder = mkdtempSync(join(tmpdir(), 'saml-jit-sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const newFile = () => join(folder, randomUUID());

  async function memory(options: SqlUserStoreOptions<string> = {}, schema = '') {
    const db = open(':memory:');
    db.exec(schema);
    await migrate(db, options);
    await check(db, options);
    return db;
  }

  const contract = (
    name: string,
    options: SqlUserStoreOptions<string>,
    schema: (oneAccountPerEmail: boolean) => string,
  ) =>
    describe(`the contract of a user store, ${name}`, () => {
      let organizations = 0;
      const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
        const db = await memory({ ...options, oneAccountPerEmail }, schema(oneAccountPerEmail));
        const fault = { armed: false };
        const store = sqliteUserStore(failing(db, fault), { ...options, oneAccountPerEmail });
        return {
          store,
          ...(options.users === numberedMembers && { organizations: [`${++organizations}`, `${++organizations}`] }),
          seed: (account) => store.put(account),
          accounts: (organizationId) => store.list(organizationId),
          audit: async () => db.prepare('SELECT * FROM saml_jit_audit ORDER BY id').all().map(readAudit),
          failNextWrite: async () => {
            fault.armed = true;
          },
          close: async () => db.close(),
        };
      });
      for (const { name, run } of cases) test(name, run);
    });
  contract("in the library's tables", {}, () => '');
  contract("in the application's table", { users: members }, (one) => membersTable(one));
  for (const [title, make] of [
    ['with expressions and soft delete', sqliteSoftDelete],
    ['of memberships', sqliteMemberships],
    ['without a column for the e-mail key', sqlitePlain],
  ] as const) {
    const made = (one: boolean) => make((table) => table, one);
    contract(`in a table ${title}`, { users: made(false).users }, (one) => made(one).sql.join(';'));
  }
  contract(
    "in the application's table, of organizations with numbers and times of proof",
    { users: numberedMembers },
    (one) => membersTable(one, true),
  );

  describe('the contract of a replay cache', () => {
    const cases = replayCacheCases(async () => {
      const file = newFile();
      const [db, second] = [open(file), open(file)];
      await migrate(db);
      let time = Date.now();
      const options = { now: () => new Date(time) };
      return {
        cache: sqliteReplayCache(db, options),
        other: sqliteReplayCache(second, options),
        advance: async (seconds) => {
          time += seconds * 1000;
        },
        close: async () => {
          db.close();
          second.close();
        },
      };
    });
    for (const { name, run } of cases) test(name, run);
  });

  test('a replay cache removes keys a day after they expired, so that a fast clock does not remove those of others', async () => {
    const db = await memory();
    let time = 1_000_000;
    const cache = sqliteReplayCache(db, { now: () => new Date(time) });
    for (let index = 0; index < 5; index++) await cache.claim(`key ${index}`, 60);
    time += 3_600_000;
    await cache.claim('of a process whose clock is an hour ahead', 60);
    time -= 3_600_000;
    expect(await cache.claim('key 0', 60)).toBe(false);
    time += 2 * 86_400_000;
    await cache.claim('last', 60);
    expect(count(db, 'saml_jit_replay')).toBe(1);
  });

  describe('two processes with one file', () => {
    async function two() {
      const file = newFile();
      const databases = [open(file), open(file)];
      await Promise.all(databases.map((db) => migrate(db)));
      const stores = databases.map((db) => sqliteUserStore<Role>(db));
      return { databases, stores };
    }

    testRaces(two);
    test('a login fails if another process locks the file, and nothing is written', async () => {
      const { databases, stores } = await two();
      databases[1]?.exec('BEGIN IMMEDIATE');
      await expect(outcomes(stores.slice(0, 1), 1, someone)).rejects.toThrow('database is locked');
      databases[1]?.exec('COMMIT');
      expect(await outcomes(stores.slice(0, 1), 1, someone)).toEqual({ created: 1 });
    });
  });

  test('an audit record that cannot be written rolls the whole write back', async () => {
    const db = await memory();
    const store = sqliteUserStore<Role>(db);
    db.exec('ALTER TABLE saml_jit_audit RENAME TO elsewhere');
    await expect(outcomes([store], 1, someone)).rejects.toThrow('no such table');
    expect([count(db, 'saml_jit_users'), count(db, 'saml_jit_identities')]).toEqual([0, 0]);
    db.exec('ALTER TABLE elsewhere RENAME TO saml_jit_audit');
    expect(await outcomes([store], 1, someone)).toEqual({ created: 1 });
  });

  test('a login that changes nothing is one query and one transaction of three statements', async () => {
    const db = await memory();
    const log: string[] = [];
    const store = sqliteUserStore<Role>(counting(db, log));
    await outcomes([store], 1, someone);
    log.length = 0;
    expect(await outcomes([store], 1, someone)).toEqual({ unchanged: 1 });
    expect(log).toEqual(['SELECT', 'BEGIN', 'SELECT', 'INSERT', 'COMMIT']);
    log.length = 0;
    await outcomes([store], 1, someone, null, new Date(now.getTime() + 1));
    expect(log).toEqual(['SELECT', 'BEGIN', 'SELECT', 'UPDATE', 'INSERT', 'COMMIT']);
    log.length = 0;
    const quiet = sqliteUserStore<Role>(counting(db, log), { auditLogins: false });
    await outcomes([quiet], 1, someone);
    expect(log).toEqual(['SELECT', 'BEGIN', 'SELECT', 'UPDATE', 'COMMIT']);
  });

  describe('tables', () => {
    test('are created once, even if migrate runs again', async () => {
      const db = await memory();
      const tables = () => db.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'saml_jit_%'").all().length;
      const before = tables();
      await migrate(db);
      expect(tables()).toBe(before);
      expect(count(db, 'saml_jit_migrations')).toBe(migrations().length);
    });
    test('can be created by hand, with another prefix', async () => {
      const db = open(':memory:');
      for (const { sql } of migrations({ prefix: 'sso_' })) db.exec(sql);
      const store = sqliteUserStore<Role>(db, { prefix: 'sso_' });
      expect(await outcomes([store], 1, someone)).toEqual({ created: 1 });
      await migrate(db, { prefix: 'sso_' });
    });
    test.each(['', '1a', 'a-b', 'a"b', 'x'.repeat(33)])('refuse the prefix %j', (prefix) => {
      expect(() => migrations({ prefix })).toThrow(
        configurationError(
          `prefix must be 1 to 32 letters, digits or _, no digit first; received ${JSON.stringify(prefix)}`,
        ),
      );
    });
    test('refuse a blank condition for seats', () => {
      const countsAsSeat = ' ';
      expect(() => sqliteUserStore(open(':memory:'), { countsAsSeat })).toThrow(
        configurationError('countsAsSeat must be an SQL expression, not " "'),
      );
    });
    test('have indexes for all look-ups', async () => {
      const db = await memory();
      const queries: string[] = [];
      const store = sqliteUserStore({
        exec: (sql) => db.exec(sql),
        prepare(sql) {
          queries.push(sql);
          return db.prepare(sql);
        },
      });
      await store.find({ organizationId: 'a', email: 'a@b.example', connectionId: 'c', issuer: 'i', subject: 's' });
      await store.seatsTaken('a');
      for (const sql of queries) {
        const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(sql.includes('UNION') ? ['k', 'e'] : ['a']));
        const steps = plan.map((row) => String(Reflect.get(Object(row), 'detail')));
        expect(steps.filter((step) => /^SCAN (u|i|saml)/.test(step))).toEqual([]);
      }
    });
  });

  test('a user that the application inserted is linked, and then stored in both tables', async () => {
    const options = { users: members } as const;
    const db = await memory(options, membersTable(false));
    db.exec(
      "INSERT INTO members (org, mail, mail_key, full_name, access, state, proven) VALUES ('acme', 'P0@acme.example', 'p0@acme.example', 'Pat', 'admin', 'active', 1)",
    );
    const store = sqliteUserStore<Role>(db, options);
    expect(await outcomes([store], 1, someone)).toEqual({ updated: 1 });
    expect(await store.get('1')).toMatchObject({
      name: 'Alice Adams',
      role: 'member',
      identities: [{ subject: 'p-0' }],
    });
    expect(db.prepare('SELECT full_name, access, state FROM members').all()).toEqual([
      { full_name: 'Alice Adams', access: 'member', state: 'active' },
    ]);
    // The application removes by a statement of its own: the identity is free all the same.
    db.exec("UPDATE members SET state = 'removed'");
    expect(await outcomes([store], 1, someone)).toEqual({ user_removed: 1 });
    const again = await store.put({ ...owner(0), role: 'member' });
    expect(again.id).toBe('2');
    await expect(store.restore('1')).rejects.toThrow(UserConflict);
  });

  test('a violation of a unique index of the application is a UserConflict', async () => {
    const schema = `${membersTable(false)}; CREATE UNIQUE INDEX names ON members (full_name)`;
    const db = await memory({ users: members }, schema);
    const store = sqliteUserStore<Role>(db, { users: members });
    await store.put({ ...owner(0), name: 'Pat' });
    await expect(store.put({ ...owner(1), name: 'Pat' })).rejects.toThrow(UserConflict);
  });

  test.each([
    ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+01:00', '2026-01-02T02:04:05.000Z'],
    ['yesterday', undefined],
  ])('a time that the application wrote as %s is read as %s', async (written, expected) => {
    const db = open(newFile());
    db.exec(`CREATE TABLE timed (id INTEGER PRIMARY KEY, org TEXT NOT NULL, mail TEXT NOT NULL, seen TEXT);
      CREATE UNIQUE INDEX timed_mail ON timed (org, mail);`);
    const columns = { id: 'id', organizationId: 'org', email: 'mail', lastLoginAt: 'seen' };
    const users = { table: 'timed', idType: 'INTEGER', columns };
    await migrate(db, { users });
    const store = sqliteUserStore<Role>(db, { users });
    const { id } = await store.put({ organizationId: 'acme', email: 'ann@acme.example' });
    db.prepare('UPDATE timed SET seen = ?').run(written);
    expect((await store.get(id))?.lastLoginAt?.toISOString()).toBe(expected);
    db.close();
  });

  test('get and suspend handle an unknown id, and decide of the application is kept', async () => {
    const db = await memory();
    const store = sqliteUserStore<Role>(db, { decide: (_, proposed) => proposed });
    await expect(store.suspend('nobody')).rejects.toThrow('no user has the id "nobody"');
    expect(await store.get('nobody')).toBeNull();
    expect(store.decide).toBeTypeOf('function');
    expect(sqliteUserStore(db).decide).toBeUndefined();
  });

  test('countsAsSeat is an SQL condition', async () => {
    const db = await memory();
    const store = sqliteUserStore<Role>(db, { countsAsSeat: "u.role <> 'owner'" });
    await store.put(owner(0));
    expect(await store.seatsTaken('acme')).toBe(0);
    await store.put({ ...owner(1), role: 'member' });
    expect(await store.seatsTaken('acme')).toBe(1);
  });
}

function count(db: SqliteDatabase, table: string): unknown {
  return Reflect.get(Object(db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).all()[0]), 'n');
}

/** The same database, with the first word of each statement written into `log`. */
function counting(db: SqliteDatabase, log: string[]): SqliteDatabase {
  const note = (sql: string) => log.push(sql.split(' ')[0] ?? '');
  return {
    exec(sql) {
      note(sql);
      return db.exec(sql);
    },
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        all(...values) {
          note(sql);
          return statement.all(...values);
        },
        run(...values) {
          note(sql);
          return statement.run(...values);
        },
      };
    },
  };
}

/** The same database, but the next audit record cannot be written once `armed`. */
function failing(db: SqliteDatabase, fault: { armed: boolean }): SqliteDatabase {
  return {
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        all: (...values) => statement.all(...values),
        run(...values) {
          if (fault.armed && sql.includes('_audit')) {
            fault.armed = false;
            throw new Error('the disk is full');
          }
          return statement.run(...values);
        },
      };
    },
  };
}
