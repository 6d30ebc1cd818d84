import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { UserStore } from '../../src/provisioning/user-store.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import { listens } from '../support/services.ts';
import { createTables, schema, type Tables } from './tables.ts';

const server = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'test' };
const skipped = !(await listens(server.port)) && process.env['CI'] === undefined;

/** How a recipe is put over a database. */
export interface Recipe {
  overPglite(db: PGlite): UserStore;
  overPool(pool: pg.Pool): UserStore;
}

/** Runs the contract kit against a recipe on PGlite, and on the server of this machine, where logins really meet. */
export function testRecipe(page: string, recipe: Recipe): void {
  describe('PGlite', () => {
    const db = new PGlite();
    runCases(page, db, recipe.overPglite(db), () => db.close());
  });
  const reason = skipped ? ' (skipped: needs PostgreSQL on 127.0.0.1:5432)' : '';
  describe.skipIf(skipped)(`PostgreSQL${reason}`, () => {
    const pool = new pg.Pool({ ...server, max: 10, options: `-c search_path=${schema}` });
    runCases(page, pool, recipe.overPool(pool), () => pool.end());
  });
}

function runCases(page: string, db: PGlite | pg.Pool, store: UserStore, close: () => Promise<void>): void {
  let tables: Tables;
  beforeAll(async () => {
    tables = await createTables(page, db);
  }, 120_000);
  afterAll(async () => {
    await tables.drop();
    await close();
  });
  const cases = userStoreCases((needs) => tables.underTest(store, needs));
  for (const { name, run } of cases) test(name, run);
}
