import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, expect, test } from 'vitest';
import { check, migrate, postgresUserStore } from '../../src/stores/postgres.ts';
import { postgresMemberships } from './layouts.ts';
import { login } from './postgres-support.ts';

const db = new PGlite();
afterAll(() => db.close(), 60_000);

test('the recipe of docs/stores/sql.md: one person in two organizations has two accounts and one row of users', async () => {
  const page = readFileSync(new URL('../../docs/stores/sql.md', import.meta.url), 'utf8');
  const recipe = page.split('### One person in several organizations')[1] ?? '';
  await db.exec(/^```sql\n([\s\S]*?)^```$/m.exec(recipe)?.[1] ?? '');
  const { users } = postgresMemberships((table) => table, false);
  await migrate(db, { users });
  await check(db, { users });
  const store = postgresUserStore(db, { users });
  const organizations = [randomUUID(), randomUUID()];
  for (const id of organizations) expect(await login(store, id, 'ann')).toMatchObject({ outcome: 'created' });
  for (const id of organizations) expect(await login(store, id, 'ann')).toMatchObject({ outcome: 'unchanged' });
  expect((await store.organizationsOf('Ann@acme.example')).toSorted()).toEqual(organizations.toSorted());
  const { rows } = await db.query(
    'SELECT u.email, count(*)::int AS memberships FROM users u JOIN memberships m ON m.user_id = u.id GROUP BY u.email',
  );
  expect(rows).toEqual([{ email: 'ann@acme.example', memberships: 2 }]);
});
