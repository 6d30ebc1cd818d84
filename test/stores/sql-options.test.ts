import { createPool as createCallbackPool } from 'mysql2';
import { createPool } from 'mysql2/promise';
import { afterAll, describe, expect, test } from 'vitest';
import * as mysql from '../../src/stores/mysql.ts';
import * as postgres from '../../src/stores/postgres.ts';
import * as sqlite from '../../src/stores/sqlite.ts';
import { configurationError } from '../support/configuration-error.ts';

// No statement is run: the mistakes are found before.
const db = { query: () => expect.fail() };
const pool = createPool({ host: '127.0.0.1' });
const sqliteDatabase = { exec: () => expect.fail(), prepare: () => expect.fail() };
afterAll(() => pool.end());

/** Every function that takes a client and options, as JavaScript can call them. */
const functions: Readonly<Record<string, { readonly client: unknown; readonly calls: Record<string, unknown> }>> = {
  PostgreSQL: {
    client: db,
    calls: {
      postgresUserStore: postgres.postgresUserStore,
      postgresConnectionStore: postgres.postgresConnectionStore,
      postgresStateStore: postgres.postgresStateStore,
      postgresReplayCache: postgres.postgresReplayCache,
      check: postgres.check,
      migrate: postgres.migrate,
    },
  },
  MySQL: {
    client: pool,
    calls: {
      mysqlUserStore: mysql.mysqlUserStore,
      mysqlConnectionStore: mysql.mysqlConnectionStore,
      mysqlStateStore: mysql.mysqlStateStore,
      mysqlReplayCache: mysql.mysqlReplayCache,
      check: mysql.check,
      migrate: mysql.migrate,
    },
  },
  SQLite: {
    client: sqliteDatabase,
    calls: {
      sqliteUserStore: sqlite.sqliteUserStore,
      sqliteConnectionStore: sqlite.sqliteConnectionStore,
      sqliteStateStore: sqlite.sqliteStateStore,
      sqliteReplayCache: sqlite.sqliteReplayCache,
      check: sqlite.check,
      migrate: sqlite.migrate,
    },
  },
};

async function call(run: unknown, client: unknown, options?: unknown): Promise<unknown> {
  return typeof run === 'function' ? run(client, options) : expect.fail('not a function');
}

const columns = { id: 'id', organizationId: 'org', email: 'mail' };
const invalid = (text: string) => configurationError(`invalid options of the store:\n  ${text}`);

describe.each(Object.entries(functions))('%s', (_, { client, calls }) => {
  test.each(Object.entries(calls))(
    '%s refuses options that it does not know, and values of the wrong type',
    async (_, run) => {
      await expect(call(run, client, { prefiks: 'a_' })).rejects.toThrow(
        invalid('prefiks: unknown key, did you mean prefix?'),
      );
      await expect(call(run, client, { prefix: null })).rejects.toThrow(
        invalid('prefix: expected string, received null'),
      );
      await expect(call(run, client, null)).rejects.toThrow(invalid('expected object, received null'));
    },
  );

  test.each(Object.entries(calls))('%s refuses what is not a client', async (_, run) => {
    for (const none of [undefined, null, {}, 'postgres://']) {
      await expect(call(run, none)).rejects.toThrow(/^client must be a (Pool|pool|DatabaseSync) /);
    }
  });

  const { check } = calls;
  test.each([
    [{ users: 'members' }, 'users: expected object, received string'],
    [{ users: { columns } }, 'users.table: is required'],
    [{ users: { table: 'members' } }, 'users.columns: is required'],
    [
      { users: { table: 'members', columns: { ...columns, id: undefined } } },
      'users.columns.id: must be the name of a column, or for some fields an expression { read, write }',
    ],
    [
      { users: { table: 'members', columns: { ...columns, rolle: 'role' } } },
      'users.columns.rolle: unknown key, did you mean users.columns.role?',
    ],
    [
      { users: { table: 'members', columns, insert: ['a'] } },
      'users.insert: expected an object ({...}), received array',
    ],
    [{ oneAccountPerEmail: 'yes' }, 'oneAccountPerEmail: expected boolean, received string'],
    [{ newId: 'uuid' }, 'newId: must be a function'],
    [{ roles: 'admin' }, 'roles: expected a list ([...]), received string'],
  ])('check refuses %o', async (options, message) => {
    await expect(call(check, client, options)).rejects.toThrow(invalid(message));
  });

  test('check refuses a field without column: null', async () => {
    const users = { table: 'members', columns: { ...columns, name: null } };
    const message =
      'users.columns.name: must be the name of a column, or for some fields an expression { read, write }';
    await expect(call(check, client, { users })).rejects.toThrow(invalid(message));
  });

  test('check refuses a column that is named twice', async () => {
    const shared = { table: 'members', columns: { ...columns, emailKey: 'mail' } };
    await expect(call(check, client, { users: shared })).rejects.toThrow(
      configurationError(
        'users.columns.emailKey must not name the column "mail", which users.columns.email names too: leave out one of them',
      ),
    );
    const status = { read: 'u.state', write: { state: ':value' } };
    const inserted = { table: 'members', columns: { ...columns, status }, insert: { state: "'active'" } };
    await expect(call(check, client, { users: inserted })).rejects.toThrow(
      configurationError(
        'users.insert.state must not name the column "state", which users.columns.status.write.state names too: leave out one of them',
      ),
    );
  });
});

test('a client may be a function with query()', async () => {
  const client = Object.assign(() => {}, { query: () => expect.fail() });
  expect(await call(postgres.postgresUserStore, client)).toHaveProperty('find');
});

test('two fields may write the same expression to one column', async () => {
  const writes = (time: string) => ({
    name: { read: 'u.name', write: { name: ':value', changed_at: 'CURRENT_TIMESTAMP' } },
    role: { read: 'u.role', write: { role: ':value', changed_at: time } },
  });
  const users = (time: string) => ({ table: 'members', idType: 'text', columns: { ...columns, ...writes(time) } });
  expect(postgres.migrations({ users: users('CURRENT_TIMESTAMP') }).length).toBeGreaterThan(1);
  expect(() => postgres.migrations({ users: users('now()') })).toThrow(
    'users.columns.role.write.changed_at must not name the column "changed_at"',
  );
});

test('a callback pool of mysql2 is refused, and the result of its promise() is accepted', async () => {
  const callbacks = createCallbackPool({ host: '127.0.0.1' });
  await expect(call(mysql.mysqlUserStore, callbacks)).rejects.toThrow(
    configurationError('client must be a pool of mysql2/promise; of mysql2, pass pool.promise()'),
  );
  expect(await call(mysql.mysqlUserStore, callbacks.promise())).toHaveProperty('find');
  callbacks.end();
});
