import { randomBytes } from 'node:crypto';
import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { normalizeEmail } from '../../src/provisioning/email.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import type { AccountInput } from '../../src/stores/complete-store.ts';
import type { SetUp, UserStoreUnderTest } from '../../src/testing/contracts/user-store/under-test.ts';
import { blocks } from './recipe.ts';

/** The tables of a page in a schema of their own, as the application sees them. */
export interface Tables {
  /** Sets a case up on them. */
  underTest(
    store: UserStoreUnderTest<Account>['store'],
    needs: Parameters<SetUp>[0],
  ): Promise<UserStoreUnderTest<Account>>;
  drop(): Promise<void>;
}

interface Client {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

export const schema = `saml_jit_recipe_${randomBytes(4).toString('hex')}`;

/** Runs the SQL of a page. */
export async function createTables(page: string, database: PGlite | pg.Pool): Promise<Tables> {
  const db: Client = database;
  const shape = page === 'sql' ? words : times;
  const statements = [
    `create schema ${schema}`,
    `set search_path to ${schema}`,
    'create table organizations (id uuid primary key default gen_random_uuid())',
    ...blocks(page, 'sql').join('\n').split(/;$/m),
    // Fails one write, after it has begun; what setval has written is not rolled back.
    'create sequence armed',
    `create function fail() returns trigger language plpgsql as $$ begin
      if (select last_value = 2 from armed) then perform setval('armed', 1); raise 'failed on purpose'; end if;
      return new; end $$`,
    'create trigger fail after insert or update on users for each row execute function fail()',
  ];
  for (const statement of statements) if (statement.trim() !== '') await db.query(statement);
  return {
    underTest: async (store, { organizations }) => {
      for (const id of organizations) await db.query('insert into organizations values ($1)', [id]);
      return {
        store,
        oneAccountPerEmail: false,
        seed: (account) => seed(db, shape, account),
        accounts: (organizationId) => read(db, shape, 'organization_id = $1', organizationId),
        setStatus: async (id, status) => {
          const set = Object.entries(shape.columns(status)).map(([column, value]) => `${column} = ${value}`);
          await db.query(`update users set ${set.join(', ')}, version = version + 1 where id::text = $1`, [id]);
        },
        failNextWrite: async () => {
          await db.query("select setval('armed', 2)");
        },
      };
    },
    drop: async () => {
      await db.query(`drop schema ${schema} cascade`);
    },
  };
}

/** How a page keeps name and status in its table of users. */
interface Shape {
  readonly name: string;
  readonly status: string;
  /** What is written for a status: an SQL expression by column. */
  columns(status: Account['status']): Readonly<Record<string, string>>;
}

const since = (condition: boolean): string => (condition ? 'now()' : 'null');
const times: Shape = {
  name: 'full_name',
  status: `case when deleted_at is not null then 'removed' when deactivated_at is not null then 'suspended'
    when joined_at is null then 'invited' else 'active' end`,
  columns: (status) => ({
    joined_at: since(status !== 'invited'),
    deactivated_at: since(status === 'suspended'),
    deleted_at: since(status === 'removed'),
  }),
};
const words: Shape = { name: 'name', status: 'status', columns: (status) => ({ status: `'${status}'` }) };

async function seed(db: Client, shape: Shape, account: AccountInput<string>): Promise<Account> {
  const { email, name = null, role = null, status = 'active', emailVerified = true, identities = [] } = account;
  const columns = shape.columns(status);
  const { rows } = await db.query(
    `insert into users (organization_id, email, email_key, ${shape.name}, role, email_verified, last_login_at,
      ${Object.keys(columns).join(', ')})
      values ($1, $2, $3, $4, $5, $6, $7, ${Object.values(columns).join(', ')}) returning id::text as id`,
    [account.organizationId, email, normalizeEmail(email), name, role, emailVerified, account.lastLoginAt ?? null],
  );
  const [{ id }] = JSON.parse(JSON.stringify(rows));
  for (const { connectionId, issuer, subject, nameQualifier = '', spNameQualifier = '' } of identities) {
    await db.query(
      `insert into identities (connection_id, issuer, subject, name_qualifier, sp_name_qualifier, user_id)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (connection_id, issuer, subject, name_qualifier, sp_name_qualifier) do update set user_id = excluded.user_id`,
      [connectionId, issuer, subject, nameQualifier, spNameQualifier, id],
    );
  }
  const [user] = await read(db, shape, 'id::text = $1', id);
  if (user === undefined) throw new Error('the account that was seeded is gone');
  return user;
}

async function read(db: Client, shape: Shape, where: string, value: string): Promise<readonly Account[]> {
  const { rows } = await db.query(
    `select json_build_object('id', id, 'organizationId', organization_id, 'email', email, 'name', ${shape.name}, 'role', role,
      'emailVerified', email_verified, 'version', version::text, 'lastLoginAt', last_login_at, 'status', ${shape.status},
      'identities', coalesce((select json_agg(json_build_object('connectionId', connection_id, 'issuer', issuer,
        'subject', subject, 'nameQualifier', name_qualifier, 'spNameQualifier', sp_name_qualifier))
        from identities where user_id = users.id), '[]')) as account
    from users where ${where}`,
    [value],
  );
  const found: { account: Account & { lastLoginAt: string | null } }[] = JSON.parse(JSON.stringify(rows));
  return found.map(({ account }) => ({
    ...account,
    lastLoginAt: account.lastLoginAt === null ? null : new Date(account.lastLoginAt),
  }));
}
