import { randomUUID } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { createPool } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as mysql from '../../src/stores/mysql.ts';
import * as postgres from '../../src/stores/postgres.ts';
import type { UserColumns } from '../../src/stores/sql/columns.ts';
import type { SchemaOptions } from '../../src/stores/sql/options.ts';
import * as sqlite from '../../src/stores/sqlite.ts';
import { listens } from '../support/services.ts';
import { openSqlite } from './sqlite-database.ts';

/** A database, and what differs between the dialects. */
interface Bench {
  readonly options: SchemaOptions;
  readonly idType: string;
  readonly otherIdType: string;
  /** Definition of the columns of a table that fits. */
  readonly columns: Readonly<Record<string, string>>;
  /** The same definition of the role as an enum; `null`: there are no enums. */
  readonly enumOf: ((values: readonly string[]) => string) | null;
  /** Definition of the unique index; `null`: `migrate` creates it. */
  readonly unique: ((table: string) => string) | null;
  readonly errorCode: RegExp;
  run(sql: string): Promise<unknown>;
  check(options: SchemaOptions): Promise<void>;
  migrate(options: SchemaOptions): Promise<void>;
}

const mapped = {
  id: 'id',
  organizationId: 'org',
  email: 'mail',
  emailKey: 'mail_key',
  role: 'access',
  status: 'state',
  emailVerified: 'verified',
} as const satisfies UserColumns;

const db = new PGlite();

async function openPostgres(): Promise<Bench> {
  const prefix = `c${randomUUID().slice(0, 8)}`;
  return {
    options: { prefix: `${prefix}.` },
    idType: 'bigint',
    otherIdType: 'uuid',
    columns: {
      id: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
      org: 'text NOT NULL',
      mail: 'text NOT NULL',
      mail_key: 'text NOT NULL',
      access: 'text',
      state: "text NOT NULL DEFAULT 'active'",
      verified: 'boolean NOT NULL DEFAULT false',
    },
    enumOf: (values) => `${prefix}_access_${values.length}`,
    unique: null,
    errorCode: /SQLSTATE 42703: column u\.absent does not exist/,
    async run(sql) {
      const enumType = /c\w+_access_(\d)/.exec(sql);
      const labels = ['owner', 'admin', 'member'].slice(0, Number(enumType?.[1]));
      if (enumType)
        await db.exec(`CREATE TYPE ${enumType[0]} AS ENUM (${labels.map((each) => `'${each}'`).join(', ')})`);
      return db.exec(sql);
    },
    check: (options) => postgres.check(db, options),
    migrate: (options) => postgres.migrate(db, options),
  };
}

const server = { host: '127.0.0.1', port: 3306, user: 'root', password: '' };
const database = `saml_jit_check_${randomUUID().slice(0, 8)}`;
const hasMysql = process.env['CI'] !== undefined || (await listens(server.port));
const pool = createPool({ ...server, database, connectionLimit: 2 });

beforeAll(async () => {
  if (!hasMysql) return;
  const first = createPool(server);
  await first.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await first.end();
});
afterAll(async () => {
  if (hasMysql) await pool.query(`DROP DATABASE ${database}`);
  await Promise.all([pool.end(), db.close()]);
}, 60_000);

async function openMysql(): Promise<Bench> {
  return {
    options: { prefix: `c${randomUUID().slice(0, 8)}_` },
    idType: 'INT UNSIGNED',
    otherIdType: 'BIGINT',
    columns: {
      id: 'INT UNSIGNED AUTO_INCREMENT PRIMARY KEY',
      org: 'VARCHAR(191) NOT NULL',
      mail: 'VARCHAR(254) NOT NULL',
      mail_key: 'VARCHAR(254) NOT NULL',
      access: 'VARCHAR(20)',
      state: "VARCHAR(20) NOT NULL DEFAULT 'active'",
      verified: 'BOOLEAN NOT NULL DEFAULT FALSE',
      living_mail_key: "VARCHAR(254) AS (IF(state = 'removed', NULL, mail_key)) STORED",
    },
    enumOf: (values) => `ENUM(${values.map((each) => `'${each}'`).join(', ')})`,
    unique: (table) => `ALTER TABLE ${table} ADD UNIQUE KEY living (org, living_mail_key)`,
    errorCode: /SQLSTATE 42S22: Unknown column 'u\.absent'/,
    run: (sql) => pool.query(sql),
    check: (options) => mysql.check(pool, options),
    migrate: (options) => mysql.migrate(pool, options),
  };
}

async function openSqliteBench(): Promise<Bench> {
  const db = openSqlite?.(':memory:');
  if (db === undefined) throw new Error('no SQLite');
  return {
    options: {},
    idType: 'INTEGER',
    otherIdType: 'TEXT',
    columns: {
      id: 'INTEGER PRIMARY KEY',
      org: 'TEXT NOT NULL',
      mail: 'TEXT NOT NULL',
      mail_key: 'TEXT NOT NULL',
      access: 'TEXT',
      state: "TEXT NOT NULL DEFAULT 'active'",
      verified: 'BOOLEAN NOT NULL DEFAULT FALSE',
    },
    enumOf: null,
    unique: (table) => `CREATE UNIQUE INDEX living ON ${table} (org, mail_key) WHERE state <> 'removed'`,
    errorCode: /SQLite error \w+: no such column: u\.absent/,
    run: async (sql) => db.exec(sql),
    check: (options) => sqlite.check(db, options),
    migrate: (options) => sqlite.migrate(db, options),
  };
}

const dialects = [
  { name: 'PostgreSQL', open: openPostgres, isHere: true },
  { name: 'MySQL', open: openMysql, isHere: hasMysql },
  { name: 'SQLite', open: openSqliteBench, isHere: openSqlite !== null },
];

/** How a table differs from one that fits. */
interface Difference {
  readonly columns?: Readonly<Record<string, string>>;
  readonly options?: (table: string) => Omit<SchemaOptions, 'users'>;
  readonly users?: { readonly idType?: string; readonly insert?: Readonly<Record<string, string>> };
  readonly mapping?: Partial<UserColumns>;
  readonly withoutIndex?: boolean;
  readonly rows?: readonly string[];
}

for (const { name, open, isHere } of dialects) {
  describe.skipIf(!isHere)(name, () => {
    /** Creates a table and its options. */
    async function setUp(bench: Bench, difference: Difference) {
      const table = `members_${randomUUID().slice(0, 8)}`;
      const columns = { ...bench.columns, ...difference.columns };
      const defined = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
      await bench.run(`CREATE TABLE ${table} (${defined.join(', ')})`);
      if (bench.unique && !difference.withoutIndex) await bench.run(bench.unique(table));
      for (const values of difference.rows ?? []) {
        await bench.run(`INSERT INTO ${table} (org, mail, mail_key, state) VALUES (${values})`);
      }
      const users = {
        table,
        idType: bench.idType,
        ...difference.users,
        columns: { ...mapped, ...difference.mapping },
      };
      return { ...bench.options, users, ...difference.options?.(table) };
    }

    /** The issues of `migrate` and, where they do not depend on it, of `check`: the same. */
    async function issuesOf(difference: Difference, alsoByCheck = true) {
      const bench = await open();
      const options = await setUp(bench, difference);
      const [byMigrate, byCheck] = [await issuesFrom(bench.migrate(options)), await issuesFrom(bench.check(options))];
      if (alsoByCheck) expect(byCheck).toEqual(byMigrate);
      return byMigrate;
    }

    /** The issues of `check` after `migrate`. */
    async function checkIssues(difference: Difference) {
      const bench = await open();
      const options = await setUp(bench, difference);
      await bench.migrate(options);
      return issuesFrom(bench.check(options));
    }

    /** The twin: both pass. */
    async function passes(difference: Difference) {
      const bench = await open();
      const options = await setUp(bench, difference);
      await bench.migrate(options);
      await bench.check(options);
    }

    async function issuesFrom(work: Promise<void>) {
      const error = await work.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(postgres.DatabaseSetupError);
      if (!(error instanceof postgres.DatabaseSetupError)) throw error;
      for (const { message, suggestion } of error.issues) expect(error.message).toContain(`${message}; ${suggestion}`);
      return error.issues;
    }

    test('a table that fits passes, before and after migrate', () => passes({}));

    test('a table that does not exist', async () => {
      const bench = await open();
      const users = { table: 'nowhere', idType: bench.idType, columns: mapped };
      expect(await issuesFrom(bench.migrate({ ...bench.options, users }))).toEqual([
        expect.objectContaining({ path: ['users', 'table'], message: 'there is no table nowhere' }),
      ]);
    });

    test('a mapped column that does not exist', async () => {
      expect(await issuesOf({ mapping: { role: 'acces' } })).toEqual([
        {
          path: ['users', 'columns', 'role'],
          message: expect.stringMatching(/^the table members_\w+ has no column "acces"$/),
          suggestion: 'did you mean "access"?',
        },
      ]);
      await passes({ mapping: { role: 'access' } });
    });

    test('a wrong idType', async () => {
      const bench = await open();
      const [issue, ...more] = await issuesOf({ users: { idType: bench.otherIdType } });
      expect(more).toEqual([]);
      expect(issue).toMatchObject({ path: ['users', 'idType'] });
      expect(issue?.message).toMatch(
        new RegExp(`the column "id" of the table \\w+ has the type .*, not ${bench.otherIdType}$`),
      );
      expect(issue?.suggestion.toLowerCase()).toMatch(/^set users.idtype to '(bigint|int(\(10\))? unsigned|integer)'$/);
    });

    test('an id without default, and no newId', async () => {
      const bench = await open();
      const type =
        name === 'MySQL' ? 'VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY' : 'TEXT PRIMARY KEY';
      const idType =
        name === 'MySQL'
          ? 'VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
          : name === 'SQLite'
            ? 'TEXT'
            : 'text';
      const texts = { columns: { id: type }, users: { idType } };
      expect(bench.idType).not.toBe(idType);
      expect(await issuesOf(texts)).toEqual([
        expect.objectContaining({
          path: ['newId'],
          message: expect.stringContaining('the column "id" of the table members_'),
        }),
      ]);
      await passes({ ...texts, options: () => ({ newId: randomUUID }) });
    });

    test('a boolean where a status is expected', async () => {
      const withoutStatus =
        name === 'MySQL' ? { living_mail_key: 'VARCHAR(254) AS (IF(state, mail_key, NULL)) STORED' } : {};
      const columns = { state: 'BOOLEAN NOT NULL DEFAULT TRUE', ...withoutStatus };
      const [issue, ...more] = await issuesOf({ columns, withoutIndex: true });
      expect(more).toEqual([]);
      expect(issue).toMatchObject({
        path: ['users', 'columns', 'status'],
        suggestion: expect.stringContaining("read: \"CASE WHEN u.state THEN 'active' ELSE 'suspended' END\""),
      });
      expect(issue?.message).toMatch(
        /the column "state" of the table \w+ has the type .*, and a status is one of active, invited, /,
      );
      const write = { state: "CASE WHEN :value = 'active' THEN TRUE ELSE FALSE END" };
      const read = "CASE WHEN u.state THEN 'active' ELSE 'suspended' END";
      await passes({
        columns: name === 'SQLite' ? { ...columns, state: 'BOOLEAN' } : columns,
        mapping: { status: { read, write } },
      });
    });

    test('a number where a role is expected', async () => {
      expect(await issuesOf({ columns: { access: 'INTEGER' } })).toEqual([
        {
          path: ['users', 'columns', 'role'],
          message: expect.stringMatching(
            /^the column "access" of the table members_\w+ has the type int.*, and a role is a text$/i,
          ),
          suggestion: expect.stringContaining('read: "CASE u.access WHEN 1 THEN \'admin\' END"'),
        },
      ]);
      const read = "CASE u.access WHEN 1 THEN 'admin' END";
      const role = { read, write: { access: "CASE :value WHEN 'admin' THEN 1 END" } };
      await passes({ columns: { access: 'INTEGER' }, mapping: { role } });
    });

    test('a time of deletion where a status is expected', async (context) => {
      if (name === 'SQLite') return context.skip();
      const type = name === 'MySQL' ? 'DATETIME(3)' : 'timestamptz';
      const generated =
        name === 'MySQL' ? { living_mail_key: 'VARCHAR(254) AS (IF(state IS NULL, mail_key, NULL)) STORED' } : {};
      const [issue, ...more] = await issuesOf({ columns: { state: type, ...generated }, withoutIndex: true }, false);
      expect(more).toEqual([]);
      expect(issue).toMatchObject({
        path: ['users', 'columns', 'status'],
        suggestion: expect.stringContaining("read: \"CASE WHEN u.state IS NULL THEN 'active' ELSE 'removed' END\""),
      });
    });

    test('an e-mail verified at a time, where a boolean is expected', async () => {
      const columns = { verified: name === 'MySQL' ? 'DATETIME(3)' : name === 'SQLite' ? 'DATETIME' : 'timestamptz' };
      expect(await issuesOf({ columns })).toEqual([
        expect.objectContaining({
          path: ['users', 'columns', 'emailVerified'],
          suggestion: expect.stringContaining("read: 'u.verified IS NOT NULL'"),
        }),
      ]);
      const write = { verified: `CASE WHEN :value${name === 'PostgreSQL' ? '' : ' = 1'} THEN CURRENT_TIMESTAMP END` };
      await passes({ columns, mapping: { emailVerified: { read: 'u.verified IS NOT NULL', write } } });
    });

    test('an invalid countsAsSeat', async () => {
      const { errorCode } = await open();
      const [issue, ...more] = await issuesOf({ options: () => ({ countsAsSeat: 'u.absent = 1' }) });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['countsAsSeat']);
      expect(issue?.message).toMatch(/^the database refused the SQL for the table \W?members_\w+\W?: /);
      expect(issue?.message).toMatch(errorCode);
      await passes({ options: () => ({ countsAsSeat: "u.state = 'active'" }) });
    });

    test('an invalid expression of a column', async () => {
      const { errorCode } = await open();
      const [issue, ...more] = await issuesOf({
        mapping: { role: { read: 'u.absent', write: { access: ':value' } } },
      });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['users', 'columns', 'role', 'read']);
      expect(issue?.message).toMatch(errorCode);
      await passes({ mapping: { role: { read: 'u.access', write: { access: ':value' } } } });
    });

    test('an enum without the roles', async (context) => {
      const { enumOf } = await open();
      if (enumOf === null) return context.skip();
      const roles = ['owner', 'admin', 'member'];
      const options = () => ({ roles });
      const [issue, ...more] = await issuesOf({ columns: { access: enumOf(['owner', 'admin']) }, options });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['users', 'columns', 'role']);
      expect(issue?.message).toMatch(/^the enum .* of the column "access" of the table \w+ lacks member$/);
      await passes({ columns: { access: enumOf(roles) }, options });
    });

    test('a column that is NOT NULL and has no default', async () => {
      const columns = { locale: 'VARCHAR(5) NOT NULL' };
      const [issue, ...more] = await issuesOf({ columns });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['users', 'insert', 'locale']);
      expect(issue?.message).toMatch(/^the column "locale" \(.*\) of the table \w+ is NOT NULL and has no default$/);
      await passes({ columns, users: { insert: { locale: "'en'" } } });
      await passes({ columns: { locale: "VARCHAR(5) NOT NULL DEFAULT 'en'" } });
    });

    test('no unique index', async () => {
      const bench = await open();
      const options = await setUp(bench, { withoutIndex: true });
      const [issue, ...more] = await issuesFrom(bench.check(options));
      expect(more).toEqual([]);
      expect(issue?.message).toMatch(
        /the table \W?members_\w+\W? has no unique index that keeps accounts of one e-mail apart/,
      );
      if (bench.unique === null) {
        expect(issue?.suggestion).toBe('run migrate with the options of the store');
      } else {
        const statement = issue?.suggestion.replace(/^run /, '') ?? '';
        // The generated column exists already.
        await bench.run(
          statement.replace(/ADD living_email_key .* STORED, /, '').replace('living_email_key', 'living_mail_key'),
        );
      }
      await bench.migrate(options);
      await bench.check(options);
    });

    test('a unique index on the e-mail alone, where organizations may share an e-mail', async () => {
      const alone = name === 'MySQL' ? 'mail_key' : 'lower(mail)';
      const create = (table: string) => `CREATE UNIQUE INDEX ${table}_alone ON ${table} (${alone})`;
      const bench = await open();
      const options = await setUp(bench, {});
      const { table } = options.users;
      await bench.run(create(table));
      for (const work of [bench.migrate, bench.check]) {
        expect((await issuesFrom(work(options)))[0]).toEqual({
          path: ['oneAccountPerEmail'],
          message: expect.stringMatching(
            /^the unique index members_\w+_alone of the table \W?members_\w+\W? refuses an e-mail that another organization has$/,
          ),
          suggestion: 'set oneAccountPerEmail to true, or add the column of the organization to the index',
        });
      }
      await bench.run(
        name === 'MySQL' ? `ALTER TABLE ${table} DROP INDEX ${table}_alone` : `DROP INDEX ${table}_alone`,
      );
      const harmless =
        name === 'MySQL' ? ['(org, mail)'] : ["(mail_key) WHERE access = 'staff'", "((org || ':' || lower(mail)))"];
      for (const [number, definition] of harmless.entries()) {
        await bench.run(`CREATE UNIQUE INDEX ${table}_${number} ON ${table} ${definition}`);
      }
      await bench.migrate(options);
      await bench.check(options);
      const [other, once] = [await open(), { oneAccountPerEmail: true }];
      const shared = { ...(await setUp(other, { withoutIndex: true })), ...once };
      await other.run(`CREATE UNIQUE INDEX ${shared.users.table}_alone ON ${shared.users.table} (mail_key)`);
      await other.migrate(shared);
      await other.check(shared);
    });

    test('a column that is computed', async () => {
      const columns = { shown: `VARCHAR(254) ${name === 'PostgreSQL' ? 'GENERATED ALWAYS ' : ''}AS (mail) STORED` };
      expect(await issuesOf({ columns, mapping: { name: 'shown' } })).toEqual([
        {
          path: ['users', 'columns', 'name'],
          message: expect.stringMatching(
            /^the column "shown" of the table members_\w+ is computed by the database and cannot be written$/,
          ),
          suggestion: 'name a column that it is computed from, for some fields by an expression { read, write }',
        },
      ]);
      await passes({
        columns: { ...columns, full_name: 'VARCHAR(254)' },
        mapping: { name: { read: 'u.shown', write: { full_name: ':value' } } },
      });
    });

    test('an expression that writes from a column', async () => {
      const columns = { full_name: 'VARCHAR(254)', greeting: 'VARCHAR(254)' };
      const read = 'u.full_name';
      expect(
        await issuesOf({
          columns,
          mapping: { name: { read, write: { full_name: 'u.full_name' } } },
          users: { insert: { greeting: 'mail' } },
        }),
      ).toEqual([
        {
          path: ['users', 'columns', 'name', 'write', 'full_name'],
          message: expect.stringMatching(/^the database refused the SQL for the table \W?members_\w+\W?: .*u\W?\b/),
          suggestion: 'correct the SQL of users.columns.name.write.full_name; it cannot name columns',
        },
        {
          path: ['users', 'insert', 'greeting'],
          message: expect.stringMatching(/^the database refused the SQL for the table \W?members_\w+\W?: .*mail/),
          suggestion: 'correct the SQL of users.insert.greeting; it cannot name columns',
        },
      ]);
      await passes({
        columns,
        mapping: { name: { read, write: { full_name: ':value' } } },
        users: { insert: { greeting: "'hello'" } },
      });
    });

    test('an id whose default the store cannot read', async (context) => {
      if (name === 'PostgreSQL') return context.skip();
      const text = 'VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
      const [type, idType, random] =
        name === 'MySQL' ? [text, text, 'UUID()'] : ['TEXT', 'TEXT', 'lower(hex(randomblob(16)))'];
      const difference = { columns: { id: `${type} DEFAULT (${random}) PRIMARY KEY` }, users: { idType } };
      expect(await issuesOf(difference)).toEqual([
        {
          path: ['newId'],
          message: expect.stringMatching(
            /^the database does not number the column "id" of the table members_\w+, and the store has no newId$/,
          ),
          suggestion: expect.stringMatching(/or make the column (AUTO_INCREMENT|INTEGER PRIMARY KEY)$/),
        },
      ]);
      await passes({ ...difference, options: () => ({ newId: randomUUID }) });
    });

    test('a time of the wrong type', async () => {
      const mapping = { lastLoginAt: 'seen' };
      expect(await issuesOf({ columns: { seen: 'BIGINT' }, mapping })).toEqual([
        {
          path: ['users', 'columns', 'lastLoginAt'],
          message: expect.stringMatching(
            /^the column "seen" of the table members_\w+ has the type bigint.*, not that of a time$/i,
          ),
          suggestion: expect.stringMatching(
            /^change its type to (timestamptz|DATETIME\(3\)|TEXT), or leave lastLoginAt out of users\.columns$/,
          ),
        },
      ]);
      await passes({
        columns: { seen: name === 'MySQL' ? 'DATETIME(3)' : name === 'SQLite' ? 'DATETIME' : 'timestamp' },
        mapping,
      });
    });

    test('accounts that share an e-mail, as a list', async () => {
      const rows = [
        "'acme', 'Ann@acme.example', 'ann@acme.example', 'active'",
        "'acme', 'ann@acme.example', 'ann@acme.example', 'invited'",
        "'acme', 'bob@acme.example', 'bob@acme.example', 'active'",
        "'globex', 'ann@acme.example', 'ann@acme.example', 'active'",
      ];
      const [issue] = await issuesOf({ withoutIndex: true, rows }, false);
      expect(issue?.path).toEqual(['users', 'table']);
      expect(issue?.message).toMatch(/ share an e-mail: ann@acme\.example in organization acme \(2 accounts\)$/);
      await passes({ rows: rows.slice(1) });
    });

    test('accounts that are not removed, without a normalized e-mail', async () => {
      const columns = { mail_key: name === 'MySQL' ? 'VARCHAR(254)' : 'text' };
      const row = (key: string, status: string) => `'acme', 'ann@acme.example', ${key}, '${status}'`;
      const [issue, ...more] = await checkIssues({ columns, rows: [row('NULL', 'active')] });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['users', 'columns', 'emailKey']);
      expect(issue?.message).toMatch(
        /^the column "mail_key" of the table \W?members_\w+\W? is NULL for living accounts/,
      );
      expect(issue?.suggestion).toBe('fill it by normalizeEmail() of saml-jit and make the column NOT NULL');
      await passes({ columns, rows: [row("'ann@acme.example'", 'active'), row('NULL', 'removed')] });
    });

    test('NULL and unknown statuses', async () => {
      const columns = { state: 'VARCHAR(20)' };
      const row = (person: string, status: string) => `'acme', '${person}', '${person}', ${status}`;
      const [issue, ...more] = await checkIssues({ columns, rows: [row('ann', 'NULL'), row('bob', "'blocked'")] });
      expect(more).toEqual([]);
      expect(issue?.path).toEqual(['users', 'columns', 'status']);
      expect(issue?.message).toMatch(/^the column "state" of the table \W?members_\w+\W? has unknown values: /);
      for (const value of ['NULL', 'blocked']) expect(issue?.message).toContain(value);
      await passes({ columns, rows: [row('ann', "'active'"), row('bob', "'removed'")] });
    });

    test.each(['audit', 'replay', 'connections', 'connection_versions', 'state_keys'])(
      'the table %s of the library is missing',
      async (missing) => {
        const bench = await open();
        const options = await setUp(bench, {});
        await bench.migrate(options);
        await bench.check(options);
        const table = `${bench.options.prefix ?? 'saml_jit_'}${missing}`;
        await bench.run(`DROP TABLE ${table}`);
        const [issue, ...more] = await issuesFrom(bench.check(options));
        expect(more).toEqual([]);
        expect(issue?.message.replaceAll(/["`]/g, '')).toContain(`the table ${table} of the library is missing`);
        const migrations = /delete the rows of (\S+) and run migrate/.exec(issue?.suggestion ?? '')?.[1];
        await bench.run(`DELETE FROM ${migrations}`);
        await bench.migrate(options);
        await bench.check(options);
      },
    );

    test('tables of the library that are missing, or were created with other options', async () => {
      const bench = await open();
      const options = await setUp(bench, {});
      const { role: _, ...withoutRole } = mapped;
      await expect(bench.check({ ...bench.options })).rejects.toThrow('run migrate with the options of the store');
      await bench.migrate(options);
      await bench.check(options);
      const other = { ...options, users: { ...options.users, columns: withoutRole } };
      const [issue] = await issuesFrom(bench.check(other));
      expect(issue).toMatchObject({ path: [], suggestion: 'run migrate with the options of the store' });
    });
  });
}

describe('PostgreSQL only', () => {
  const columns = mapped;
  async function tableWith(id: string, key = 'mail_key') {
    const bench = await openPostgres();
    const table = `members_${randomUUID().slice(0, 8)}`;
    const defined = Object.entries({ ...bench.columns, id }).map(([column, type]) => `${column} ${type}`);
    await db.exec(`CREATE TABLE ${table} (${defined.join(', ')}, old_key text)`);
    return { options: { ...bench.options, users: { table, columns: { ...columns, emailKey: key } } }, table };
  }

  test('a type of the id that idType cannot name', async () => {
    const { options } = await tableWith('char(26) PRIMARY KEY');
    await expect(postgres.check(db, { ...options, newId: randomUUID })).rejects.toThrow(
      /users\.idType: the column "id" of the table \w+ has the type character\(26\), not text; change its type to one of text, uuid, bigint, integer$/,
    );
    const twin = await tableWith('varchar(26) PRIMARY KEY');
    await postgres.migrate(db, { ...twin.options, newId: randomUUID });
    await postgres.check(db, { ...twin.options, newId: randomUUID });
  });

  test('a provenance that is not jsonb', async () => {
    const { options, table } = await tableWith('text PRIMARY KEY DEFAULT gen_random_uuid()');
    await db.exec(`ALTER TABLE ${table} ADD COLUMN origin json`);
    const withOrigin = { ...options, users: { ...options.users, columns: { ...columns, provenance: 'origin' } } };
    await expect(postgres.check(db, withOrigin)).rejects.toThrow(
      /users\.columns\.provenance: .* has the type json, not jsonb;/,
    );
    await db.exec(`ALTER TABLE ${table} ALTER COLUMN origin TYPE jsonb`);
    await postgres.migrate(db, withOrigin);
    await postgres.check(db, withOrigin);
  });

  test('a bit where a boolean is expected', async () => {
    const { options, table } = await tableWith('text PRIMARY KEY DEFAULT gen_random_uuid()');
    await db.exec(`ALTER TABLE ${table} ADD COLUMN proven bit(1) NOT NULL DEFAULT b'0'`);
    const verifiedBy = (emailVerified: UserColumns['emailVerified']) => ({
      ...options,
      users: { table, columns: { ...columns, emailVerified } },
    });
    await expect(postgres.check(db, verifiedBy('proven'))).rejects.toThrow(
      'has the type bit(1), not a boolean; give an expression: { read: "u.proven = b\'1\'"',
    );
    const write = { proven: "CASE WHEN :value THEN b'1' ELSE b'0' END" };
    const twin = verifiedBy({ read: "u.proven = b'1'", write });
    await postgres.migrate(db, twin);
    await postgres.check(db, twin);
    const store = postgres.postgresUserStore(db, twin);
    const account = { organizationId: 'acme', email: 'ann@acme.example' };
    expect(await store.put({ ...account, emailVerified: true })).toMatchObject({ emailVerified: true });
  });

  test('accounts that share an e-mail, next to a unique index on e-mails as they are written', async () => {
    const { options, table } = await tableWith('text PRIMARY KEY DEFAULT gen_random_uuid()');
    const { emailKey: _, ...withoutKey } = columns;
    const folded = { ...options, users: { table, columns: withoutKey, insert: { mail_key: "''" } } };
    await db.exec(`CREATE UNIQUE INDEX ON ${table} (org, mail)`);
    await db.exec(
      `INSERT INTO ${table} (org, mail, mail_key) VALUES ('acme', 'Ann@acme.example', ''), ('acme', 'ann@acme.example', '')`,
    );
    await expect(postgres.migrate(db, folded)).rejects.toThrow(
      'share an e-mail: ann@acme.example in organization acme (2 accounts)',
    );
    await db.exec(`DELETE FROM ${table} WHERE mail LIKE 'A%'`);
    await postgres.migrate(db, folded);
    await postgres.check(db, folded);
  });

  test('an index of migrate that has other columns', async () => {
    const { options, table } = await tableWith('text PRIMARY KEY DEFAULT gen_random_uuid()', 'old_key');
    const before = { ...options, users: { ...options.users, insert: { mail_key: "''" } } };
    await postgres.migrate(db, before);
    await postgres.check(db, before);
    const changed = { ...options, users: { table, columns } };
    const error = await postgres.check(db, changed).catch((reason: unknown) => String(reason));
    const [, index] = /apart; drop the index (\w+), which has other columns, and run migrate/.exec(String(error)) ?? [];
    await db.exec(`DROP INDEX ${index}`);
    await postgres.migrate(db, changed);
    await postgres.check(db, changed);
  });
});

describe.skipIf(!hasMysql)('MySQL only', () => {
  async function tableWith(difference: Readonly<Record<string, string>>, index: string) {
    const bench = await openMysql();
    const table = `members_${randomUUID().slice(0, 8)}`;
    const defined = Object.entries({ ...bench.columns, ...difference }).map(([column, type]) => `${column} ${type}`);
    await pool.query(`CREATE TABLE ${table} (${defined.join(', ')}, UNIQUE KEY (${index}))`);
    return { ...bench.options, users: { table, idType: bench.idType, columns: mapped } };
  }

  test('a unique index on the beginning of e-mails', async () => {
    await expect(mysql.check(pool, await tableWith({}, 'org, living_mail_key(20)'))).rejects.toThrow(
      'has no unique index that keeps accounts of one e-mail apart',
    );
    const twin = await tableWith({}, 'org, living_mail_key');
    await mysql.migrate(pool, twin);
    await mysql.check(pool, twin);
  });

  test('a bit where a boolean is expected', async () => {
    const options = await tableWith({ verified: "BIT(1) NOT NULL DEFAULT b'0'" }, 'org, living_mail_key');
    await expect(mysql.check(pool, options)).rejects.toThrow(
      "has the type bit(1), not a boolean; give an expression: { read: \"u.verified = b'1'\", write: { verified: \"CASE WHEN :value THEN b'1' ELSE b'0' END\" } }",
    );
    const emailVerified = {
      read: "u.verified = b'1'",
      write: { verified: "CASE WHEN :value THEN b'1' ELSE b'0' END" },
    };
    const twin = { ...options, users: { ...options.users, columns: { ...mapped, emailVerified } } };
    await mysql.migrate(pool, twin);
    await mysql.check(pool, twin);
  });
});
