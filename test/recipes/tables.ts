import { randomBytes } from 'node:crypto';
import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { emailKey } from '../../src/provisioning/email.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import type { AccountInput } from '../../src/stores/complete-store.ts';
import type { SetUp, UserStoreUnderTest } from '../../src/testing/store-cases/under-test.ts';
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
        seed: (account) => seed(db, account),
        accounts: (organizationId) => read(db, 'organization_id = $1', organizationId),
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

async function seed(db: Client, account: AccountInput<string>): Promise<Account> {
  const { email, name = null, role = null, status = 'active', emailVerified = true, identities = [] } = account;
  const since = (condition: boolean) => (condition ? new Date() : null);
  const { rows } = await db.query(
    `insert into users (organization_id, email, email_key, full_name, role, email_verified, last_login_at, joined_at,
      deactivated_at, deleted_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id::text as id`,
    [account.organizationId, email, emailKey(email), name, role, emailVerified, account.lastLoginAt ?? null].concat([
      since(status !== 'invited'),
      since(status === 'suspended'),
      since(status === 'removed'),
    ]),
  );
  const [{ id }] = JSON.parse(JSON.stringify(rows));
  for (const { connectionId, issuer, subject } of identities) {
    const key = [connectionId, issuer, subject];
    await db.query(
      `insert into identities (connection_id, issuer, subject, user_id) values ($1, $2, $3, $4)
        on conflict (connection_id, issuer, subject) do update set user_id = excluded.user_id`,
      [...key, id],
    );
  }
  const [user] = await read(db, 'id = $1', id);
  if (user === undefined) throw new Error('the account that was seeded is gone');
  return user;
}

async function read(db: Client, where: string, value: string): Promise<readonly Account[]> {
  const { rows } = await db.query(
    `select json_build_object('id', id, 'organizationId', organization_id, 'email', email, 'name', full_name, 'role', role,
      'emailVerified', email_verified, 'version', version::text, 'lastLoginAt', last_login_at,
      'status', case when deleted_at is not null then 'removed' when deactivated_at is not null then 'suspended'
        when joined_at is null then 'invited' else 'active' end,
      'identities', coalesce((select json_agg(json_build_object('connectionId', connection_id, 'issuer', issuer,
        'subject', subject)) from identities where user_id = users.id), '[]')) as account
    from users where ${where}`,
    [value],
  );
  const found: { account: Account & { lastLoginAt: string | null } }[] = JSON.parse(JSON.stringify(rows));
  return found.map(({ account }) => ({
    ...account,
    lastLoginAt: account.lastLoginAt === null ? null : new Date(account.lastLoginAt),
  }));
}
