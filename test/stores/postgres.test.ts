import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserConflict } from '../../src/provisioning/user-store.ts';
import {
  type ColumnExpression,
  check,
  migrate,
  migrations,
  type PostgresClient,
  postgresReplayCache,
  postgresUserStore,
  type SchemaOptions,
} from '../../src/stores/postgres.ts';
import { configurationError } from '../support/configuration-error.ts';
import {
  auditRecords,
  type Database,
  inSchema,
  makeExistingUsers,
  onEachDatabase,
  rowsOf,
} from './postgres-databases.ts';
import { identityOf, login, newUser, now, record } from './postgres-support.ts';

onEachDatabase((open) => {
  let database: Database;
  let client: PostgresClient;
  let schema: string;

  beforeAll(async () => {
    database = await open();
    ({ client } = database);
    schema = database.schema();
    await migrate(client, inSchema(schema));
  }, 60_000);
  afterAll(() => database.close());

  describe('migrate', () => {
    test('can run again, and several times concurrently', async () => {
      const fresh = database.schema();
      await Promise.all([1, 2, 3].map(() => migrate(client, inSchema(fresh))));
      await login(postgresUserStore(client, inSchema(fresh)), 'acme', 'ann');
      await migrate(client, inSchema(fresh));
      const applied = await rowsOf(client, `SELECT version, name FROM ${fresh}.migrations ORDER BY version`);
      expect(applied).toEqual(migrations(inSchema(fresh)).map(({ version, name }) => ({ version, name })));
      expect(await login(postgresUserStore(client, inSchema(fresh)), 'acme', 'ann')).toMatchObject({
        outcome: 'unchanged',
      });
    });

    test('prints SQL that can be run by hand, and continues from there', async () => {
      const fresh = database.schema();
      for (const { sql } of migrations(inSchema(fresh)))
        await client.query(`DO $hand$ BEGIN EXECUTE $sql$${sql}$sql$; END $hand$`);
      const store = postgresUserStore(client, inSchema(fresh));
      expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'created' });
      await migrate(client, inSchema(fresh));
      expect(await login(store, 'acme', 'ann')).toMatchObject({ outcome: 'unchanged' });
    });

    test('fails completely if two accounts share an e-mail, and works once they do not', async () => {
      const fresh = database.schema();
      await migrate(client, inSchema(fresh));
      const store = postgresUserStore(client, inSchema(fresh));
      for (const organization of ['acme', 'globex']) await login(store, organization, 'ann');
      const strict = { ...inSchema(fresh), oneAccountPerEmail: true };
      await expect(migrate(client, strict)).rejects.toThrow(/share an e-mail: ann@acme.example \(2 accounts\);/);
      expect(await login(store, 'initech', 'ann')).toMatchObject({ outcome: 'created' });
      await client.query(`DELETE FROM ${fresh}.users WHERE organization_id <> 'acme'`);
      await migrate(client, strict);
      const refused = login(postgresUserStore(client, strict), 'globex', 'ann');
      expect(await refused).toMatchObject({ reason: 'email_in_other_organization' });
      // The functions of the options before are still there: a process that has not been restarted goes on.
      expect(await login(store, 'acme', 'bob')).toMatchObject({ outcome: 'created' });
    });

    test('distinguishes accounts with one e-mail, with the longest prefix', async () => {
      const options = { prefix: `${database.schema().padEnd(32, 'x')}.${'y'.repeat(8)}` };
      await migrate(client, options);
      await migrate(client, options);
      await check(client, options);
      const store = postgresUserStore(client, options);
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => login(store, 'acme', 'ann')));
      expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    });

    test('is named by the error if it has not run with the options of the store', async () => {
      const missing = postgresUserStore(client, inSchema('saml_jit_nowhere'));
      await expect(missing.organizationsOf('ann@acme.example')).rejects.toThrow('run migrate(client, options)');
      const others = postgresUserStore(client, { ...inSchema(schema), countsAsSeat: "u.role = 'owner'" });
      await expect(login(others, 'others', 'ann')).rejects.toThrow('run migrate(client, options)');
    });

    test.each([
      [{ prefix: 'a"b' }, 'prefix must be 1 to 32 letters'],
      [{ prefix: '' }, 'prefix must be 1 to 32 letters'],
      [{ prefix: 'a.b.c' }, 'prefix must be 1 to 32 letters'],
      [{ prefix: `${'x'.repeat(33)}.` }, 'prefix must be 1 to 32 letters'],
      [{ prefix: `${'x'.repeat(32)}.${'y'.repeat(9)}` }, 'prefix must have at most 40 characters, its schema included'],
      [{ countsAsSeat: '$jit_body$' }, 'countsAsSeat must not contain "$jit"'],
      [{ countsAsSeat: ' ' }, 'countsAsSeat must be an SQL expression, not " "'],
      [
        { users: { table: 'a.b.c', idType: 'text', columns: { id: 'i', organizationId: 'o', email: 'e' } } },
        'users.table',
      ],
      [{ users: { table: 'a', idType: 'text', columns: { id: 'i;', organizationId: 'o', email: 'e' } } }, 'columns.id'],
      [
        { users: { table: 'a', idType: 'text', columns: { id: 'i', organizationId: 'o', email: 'e', role: '' } } },
        'columns.role',
      ],
      [verifiedBy({ read: ' ' }), 'users.columns.emailVerified.read must be an SQL expression, not " "'],
      [verifiedBy({ write: { v: '' } }), 'users.columns.emailVerified.write.v must be an SQL expression, not ""'],
      [
        verifiedBy({ write: {} }),
        'users.columns.emailVerified.write must have an SQL expression for at least one column',
      ],
      [verifiedBy({ read: '$jit_body$' }), 'users.columns.emailVerified.read must not contain "$jit"'],
      [verifiedBy({ write: { 'a;b': ':value' } }), 'users.columns.emailVerified.write must be a name'],
    ] as const)('refuses %j', (options, message) => {
      expect(() => migrations(options)).toThrow(configurationError(expect.stringContaining(message)));
    });
  });

  describe('round trips', () => {
    test('a first login 2, a returning one 2, a changed one 2', async () => {
      const store = postgresUserStore(client, inSchema(schema));
      database.statements();
      expect(await login(store, 'trips', 'ann')).toMatchObject({ outcome: 'created' });
      expect(database.statements()).toBe(2);
      expect(await login(store, 'trips', 'ann')).toMatchObject({ outcome: 'unchanged' });
      expect(database.statements()).toBe(2);
      expect(await login(store, 'trips', 'ann', { name: 'Ann Baker' })).toMatchObject({ outcome: 'updated' });
      expect(database.statements()).toBe(2);
    });

    test('each function of the store is one statement, with every guard set', async () => {
      const store = postgresUserStore(client, inSchema(schema));
      database.statements();
      const user = await store.create(newUser('one', 'ann', { role: 'owner' }), {
        seats: 5,
        audit: record('create', 'one', 'ann'),
      });
      expect(database.statements()).toBe(1);
      const guard = { keepLast: 'owner', expectedVersion: user.version, audit: record('update', 'one', 'ann') };
      await store.update(user, { name: 'X', role: 'owner', addIdentity: identityOf('ann-2'), lastLoginAt: now }, guard);
      expect(database.statements()).toBe(1);
      await store.find({ ...identityOf('ann'), organizationId: 'one', email: 'ann@acme.example' });
      expect(database.statements()).toBe(1);
      await store.remove(user.id);
      expect(database.statements()).toBe(1);
      await postgresReplayCache(client, inSchema(schema)).claim('trips', 60);
      expect(database.statements()).toBe(1);
    });
  });

  describe('concurrent logins', () => {
    test('50 concurrent first logins of one user create one account', async () => {
      const store = postgresUserStore(client, inSchema(schema));
      const results = await Promise.all(Array.from({ length: 50 }, () => login(store, 'crowd', 'ann')));
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(49).fill('unchanged')]);
      const count = `SELECT count(*)::int AS count FROM ${schema}`;
      expect(await rowsOf(client, `${count}.users WHERE organization_id = 'crowd'`)).toEqual([{ count: 1 }]);
      expect(await rowsOf(client, `${count}.identities WHERE organization_id = 'crowd'`)).toEqual([{ count: 1 }]);
      expect(await rowsOf(client, `${count}.audit WHERE organization_id = 'crowd'`)).toEqual([{ count: 50 }]);
    });

    test('of 50 concurrent new users with 10 seats exactly 10 are created', async () => {
      const { seatsTaken: _, ...store } = postgresUserStore(client, inSchema(schema));
      const people = Array.from({ length: 50 }, (__, index) => `person-${index}`);
      const results = await Promise.all(people.map((person) => login(store, 'seats', person, { seats: 10 })));
      expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(10);
      expect(results.filter((result) => 'reason' in result && result.reason === 'seat_limit_reached')).toHaveLength(40);
      const rows = await rowsOf(
        client,
        `SELECT count(*)::int AS count FROM ${schema}.users WHERE organization_id = 'seats'`,
      );
      expect(rows).toEqual([{ count: 10 }]);
    });

    test('if the last two owners are demoted concurrently, one remains owner', async () => {
      const store = postgresUserStore(client, inSchema(schema));
      for (const organization of ['owners-1', 'owners-2', 'owners-3']) {
        for (const person of ['ann', 'bob']) await login(store, organization, person, { role: 'owner' });
        const results = await Promise.all(['ann', 'bob'].map((person) => login(store, organization, person)));
        const roles = results.map((result) => ('user' in result ? result.user.role : null));
        expect(roles.sort()).toEqual(['member', 'owner']);
      }
    });
  });

  describe('seats', () => {
    test('are counted by countsAsSeat, in create and in seatsTaken', async () => {
      const options = { ...inSchema(schema), countsAsSeat: "u.status = 'active' AND u.role <> 'member'" };
      await migrate(client, options);
      const store = postgresUserStore(client, options);
      expect(await login(store, 'guests', 'ann', { seats: 1 })).toMatchObject({ outcome: 'created' });
      expect(await store.seatsTaken('guests')).toBe(0);
      expect(await login(store, 'guests', 'bob', { seats: 1, role: 'admin' })).toMatchObject({ outcome: 'created' });
      expect(await store.seatsTaken('guests')).toBe(1);
      const guard = { seats: 1, audit: record('create', 'guests', 'eve') };
      await expect(store.create(newUser('guests', 'eve'), guard)).rejects.toThrow('all seats are taken');
    });

    test('cannot be counted in a transaction with REPEATABLE READ, which fails', async () => {
      const level = 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL';
      await database.session(async (session) => {
        const store = postgresUserStore(session, inSchema(schema));
        const create = () => store.create(newUser('rr', 'ann'), { seats: 1, audit: record('create', 'rr', 'ann') });
        await session.query(`${level} REPEATABLE READ`);
        await expect(create()).rejects.toThrow('REPEATABLE READ');
        await session.query(`${level} READ COMMITTED`);
        expect((await create()).id).not.toBe('');
      });
    });
  });

  describe('audit', () => {
    test('is append-only', async () => {
      await login(postgresUserStore(client, inSchema(schema)), 'audited', 'ann');
      for (const change of [
        `UPDATE ${schema}.audit SET action = 'x'`,
        `DELETE FROM ${schema}.audit`,
        `TRUNCATE ${schema}.audit`,
      ]) {
        await expect(client.query(change)).rejects.toThrow('append-only');
      }
    });

    test('omits logins that change nothing, with auditLogins: false', async () => {
      const store = postgresUserStore(client, { ...inSchema(schema), auditLogins: false });
      for (const name of ['Ann', 'Ann', 'Ann Baker']) await login(store, 'quiet', 'ann', { name });
      const records = (await auditRecords(client, schema)).filter(({ organizationId }) => organizationId === 'quiet');
      expect(records.map(({ action }) => action)).toEqual(['create', 'update']);
    });

    test('that cannot be written rolls the whole write back', async () => {
      const store = postgresUserStore(client, inSchema(schema));
      const ann = await store.create(newUser('half', 'ann'), { seats: null, audit: record('create', 'half', 'ann') });
      await client.query(
        `ALTER TABLE ${schema}.audit ADD CONSTRAINT nothing CHECK (organization_id <> 'half') NOT VALID`,
      );
      const guard = { keepLast: null, audit: record('update', 'half', 'ann') };
      // Moved to another organization since it was read.
      await expect(store.update({ ...ann, organizationId: 'elsewhere' }, { lastLoginAt: now }, guard)).rejects.toThrow(
        UserConflict,
      );
      const changes = { name: 'X', addIdentity: identityOf('ann-2'), lastLoginAt: now };
      await expect(store.update(ann, changes, guard)).rejects.toThrow('nothing');
      await expect(login(store, 'half', 'bob')).rejects.toThrow('nothing');
      await client.query(`ALTER TABLE ${schema}.audit DROP CONSTRAINT nothing`);
      expect(await store.get(ann.id)).toEqual(ann);
      expect(await login(store, 'half', 'bob')).toMatchObject({ outcome: 'created' });
    });
  });

  describe('an existing table without any column for the library', () => {
    test('stores the other fields in the table profiles', async () => {
      const fresh = database.schema();
      await makeExistingUsers(client, fresh);
      const columns = { id: 'personId', organizationId: 'tenantId', email: 'mail', name: 'fullName', role: 'role' };
      const options = { ...inSchema(fresh), users: { table: `${fresh}.Person`, idType: 'bigint', columns } } as const;
      const acme = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
      await client.query(
        `INSERT INTO ${fresh}."Person" ("tenantId", mail, "fullName", role) VALUES ($1, 'Ann@Acme.Example', 'Ann', 'owner')`,
        [acme],
      );
      await migrate(client, options);
      const store = postgresUserStore(client, options);
      // Beyond what a JavaScript number can hold.
      const id = '9007199254740993';
      const found = await store.find({ ...identityOf('ann'), organizationId: acme, email: 'ann@acme.example' });
      const common = { id, organizationId: acme, email: 'Ann@Acme.Example', name: 'Ann', role: 'owner' };
      expect(found.byEmail).toEqual({
        ...common,
        status: 'active',
        emailVerified: false,
        version: '1',
        identities: [],
        lastLoginAt: null,
      });
      expect(await login(store, acme, 'ann', { role: 'owner' })).toMatchObject({ reason: 'link_needs_verification' });

      await client.query(
        `INSERT INTO ${fresh}.profiles (user_id, email_verified) SELECT "personId", true FROM ${fresh}."Person"`,
      );
      expect(await login(store, acme, 'ann', { role: 'owner' })).toMatchObject({ outcome: 'updated', user: { id } });
      expect(await login(store, acme, 'ann', { role: 'owner' })).toMatchObject({ outcome: 'unchanged' });
      expect(await login(store, acme, 'bob')).toMatchObject({ outcome: 'created', user: { id: '9007199254740994' } });
      await store.remove(id);
      expect(await login(store, acme, 'ann')).toMatchObject({ reason: 'user_removed' });
      await expect(
        store.create(newUser(acme, 'ann'), { seats: null, audit: record('create', acme, 'ann') }),
      ).rejects.toThrow(UserConflict);
      await store.restore(id);
      await expect(store.suspend('nobody')).rejects.toThrow('no user has the id "nobody"');
      expect(await store.get('nobody')).toBeNull();
      // What the application deletes takes its identities along.
      await client.query(`DELETE FROM ${fresh}."Person"`);
      expect(await rowsOf(client, `SELECT * FROM ${fresh}.identities`)).toEqual([]);
    });
  });

  describe('replay cache', () => {
    test('removes ten expired keys with each claim, and stores only hashes of keys', async () => {
      const fresh = database.schema();
      await migrate(client, inSchema(fresh));
      const cache = postgresReplayCache(client, inSchema(fresh));
      for (let key = 0; key < 25; key++) await cache.claim(`key ${key}`, 60);
      await client.query(`UPDATE ${fresh}.replay SET expires_at = now() - interval '1 second'`);
      const left: number[] = [];
      for (const key of ['a', 'b', 'c', 'key 24']) {
        expect(await cache.claim(key, 60)).toBe(true);
        const [row] = await rowsOf<{ count: number }>(client, `SELECT count(*)::int AS count FROM ${fresh}.replay`);
        left.push(row?.count ?? 0);
      }
      expect(left).toEqual([16, 7, 3, 4]);
      expect(await rowsOf(client, `SELECT key FROM ${fresh}.replay WHERE length(key) <> 44`)).toEqual([]);
    });

    test('fails if the database fails', async () => {
      const broken = postgresReplayCache({ query: () => Promise.reject(new Error('connection lost')) });
      await expect(broken.claim('key', 60)).rejects.toThrow('connection lost');
      const odd = postgresReplayCache({ query: async () => ({ rows: [['an array']] }) });
      await expect(odd.claim('key', 60)).rejects.toThrow('must resolve to { rows }');
    });
  });
});

describe('a table of the application', () => {
  const db = new PGlite();
  const users = {
    table: 'members',
    idType: 'integer',
    columns: { id: 'id', organizationId: 'org', email: 'mail', status: 'state', lastLoginAt: 'seen' },
  };
  const store = postgresUserStore(db, { users });
  beforeAll(async () => {
    await db.exec(`CREATE TABLE members (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, org text NOT NULL, mail text NOT NULL,
      state text NOT NULL DEFAULT 'active', seen timestamp)`);
    await migrate(db, { users });
  }, 60_000);
  afterAll(() => db.close());

  test('with times without a zone is read in UTC, in any time zone of the session', async () => {
    await db.exec("SET TIME ZONE 'Asia/Tokyo'");
    const lastLoginAt = new Date('2026-03-01T12:00:00Z');
    const user = await store.put({ organizationId: 'acme', email: 'ann@acme.example', lastLoginAt });
    expect(user.lastLoginAt).toEqual(lastLoginAt);
    const stale = (olderThan: string) => store.listStale?.({ organizationId: 'acme', olderThan: new Date(olderThan) });
    expect(await stale('2026-03-01T12:00:00.000Z')).toEqual([]);
    expect(await stale('2026-03-01T12:00:00.001Z')).toEqual([user]);
    await expect(stale('yesterday')).rejects.toThrow(RangeError);
  });

  test('with an unknown status: the error names it', async () => {
    const { id } = await store.put({ organizationId: 'globex', email: 'bob@acme.example' });
    expect(await store.get(id)).toMatchObject({ status: 'active' });
    await db.exec("UPDATE members SET state = 'frozen' WHERE org = 'globex'");
    const message = 'a user has the status "frozen"; write one of active, invited, suspended, removed into that column';
    await expect(store.get(id)).rejects.toThrow(new TypeError(message));
    await expect(login(store, 'globex', 'bob')).rejects.toThrow(new TypeError(message));
  });
});

/** A table whose e-mails are verified as the changes say. */
function verifiedBy(changes: Partial<ColumnExpression>): SchemaOptions {
  const emailVerified = { read: 'u.v IS NOT NULL', write: { v: 'CASE WHEN :value THEN now() END' }, ...changes };
  const columns = { id: 'i', organizationId: 'o', email: 'e', emailVerified };
  return { users: { table: 'a', idType: 'text', columns } };
}
