import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, type PostgresClient, postgresUserStore, type SchemaOptions } from '../../src/stores/postgres.ts';
import {
  type Database,
  existingUsers,
  inSchema,
  makeExistingUsers,
  onEachDatabase,
  rowsOf,
} from './postgres-databases.ts';
import { identityOf, login, newUser, now, record } from './postgres-support.ts';

const people = 100_000;
// Organization 00000000-0000-0000-0000-000000000007 has the people 7, 1007, 2007, ...
const organization = '00000000-0000-0000-0000-000000000007';
const columns = "(SELECT n, lpad((n % 1000)::text, 32, '0')::uuid AS org FROM generate_series(1, $1::int) n) people";

onEachDatabase((open) => {
  describe.each([
    { tables: 'own tables', existing: false },
    { tables: 'an existing table', existing: true },
  ])(`with 100,000 users in $tables`, ({ existing }) => {
    let database: Database;
    let schema: string;
    let options: SchemaOptions;
    let watched: readonly string[];

    beforeAll(async () => {
      database = await open();
      const { client } = database;
      schema = database.schema();
      if (existing) await makeExistingUsers(client, schema);
      options = { ...inSchema(schema), users: existing ? existingUsers(schema) : undefined };
      await migrate(client, options);
      await client.query(
        existing
          ? `INSERT INTO ${schema}."Person" ("personId", "tenantId", mail, mail_key, role, mail_verified)
             SELECT n, org, n || '@acme.example', n || '@acme.example', 'member', true FROM ${columns}`
          : `INSERT INTO ${schema}.users (id, organization_id, email, email_key, role, email_verified)
             SELECT n::text, org::text, n || '@acme.example', n || '@acme.example', 'member', true FROM ${columns}`,
        [people],
      );
      await client.query(
        `INSERT INTO ${schema}.identities (user_id, organization_id, connection_id, issuer, subject)
         SELECT ${existing ? 'n' : 'n::text'}, org::text, 'okta', 'https://idp.acme.example', n::text FROM ${columns}`,
        [people],
      );
      if (existing)
        await client.query(`INSERT INTO ${schema}.profiles (user_id) SELECT "personId" FROM ${schema}."Person"`);
      watched = [existing ? 'Person' : 'users', 'identities', 'profiles'];
      for (const table of watched.slice(0, existing ? 3 : 2)) await client.query(`ANALYZE ${schema}."${table}"`);
    }, 120_000);
    afterAll(() => database.close());

    test('find, listStale, organizationsOf and seatsTaken are planned without a sequential scan', async () => {
      const plans: string[] = [];
      const explaining: PostgresClient = {
        async query(text, values) {
          const rows = await rowsOf<Record<string, string>>(database.client, `EXPLAIN ${text}`, values);
          plans.push(rows.flatMap((row) => Object.values(row)).join('\n'));
          return { rows: [] };
        },
      };
      const store = postgresUserStore(explaining, options);
      await store.find({ ...identityOf('7007'), organizationId: organization, email: '7007@acme.example' });
      await store.listStale({ organizationId: organization, olderThan: now });
      await store.organizationsOf('7007@acme.example');
      await store.seatsTaken(organization);
      expect(plans).toHaveLength(4);
      for (const plan of plans) {
        expect(plan).toMatch(/Index (Only )?Scan/);
        expect(plan).not.toContain('Seq Scan');
      }
    });

    test('nothing that a login or an administrator does reads a table from end to end', async () => {
      await database.session(async (client) => {
        const store = postgresUserStore(client, options);
        const guarded = { keepLast: 'owner', audit: record('update', organization, 'x') };
        const before = await sequentialScans(client);
        // More often than PostgreSQL plans anew: from the sixth time on a plan is for any values.
        for (let round = 1; round <= 10; round++) {
          expect(await login(store, organization, `${round}007`)).toMatchObject({ outcome: 'updated' });
          expect(await login(store, organization, `${round}007`)).toMatchObject({ outcome: 'unchanged' });
          const created = await login(store, organization, `new-${round}`, { seats: 1000, role: 'owner' });
          if (created.outcome !== 'created') throw new Error(created.outcome);
          const next = await store.create(newUser(organization, `next-${round}`, { role: 'owner' }), {
            seats: 1000,
            audit: record('create', organization, 'x'),
          });
          await store.update(next, { role: 'member', email: `moved-${round}@acme.example`, lastLoginAt: now }, guarded);
          await store.remove(next.id);
          await store.restore(next.id);
        }
        expect(await sequentialScans(client)).toEqual(before);
        // The count is one that counts.
        await client.query(`SELECT count(*) FROM ${schema}.identities WHERE issuer = 'x'`);
        expect(await sequentialScans(client)).not.toEqual(before);
      });
    });

    async function sequentialScans(client: PostgresClient): Promise<readonly unknown[]> {
      await client.query('SELECT pg_stat_force_next_flush()');
      const sql = `SELECT relname, seq_scan::int FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = ANY ($2) ORDER BY relname`;
      return rowsOf(client, sql, [schema, watched]);
    }
  });
});
