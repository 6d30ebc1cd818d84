import { drizzle as overPool } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as overPglite } from 'drizzle-orm/pglite';
import { describe } from 'vitest';
import type { UserStore } from '../../src/provisioning/user-store.ts';
import { testRecipe } from './databases.ts';
import { recipeModule } from './recipe.ts';

type Schema = Record<string, unknown>;
type Database = PgDatabase<PgQueryResultHKT, Schema>;
interface Recipe {
  schema: Schema;
  drizzleUserStore(db: Database): UserStore;
  organizationsOf(db: Database): NonNullable<UserStore['organizationsOf']>;
}
const { schema, drizzleUserStore, organizationsOf }: Recipe = await import(recipeModule('drizzle'));

function storeOver(db: Database): UserStore {
  return { ...drizzleUserStore(db), organizationsOf: organizationsOf(db) };
}

describe('docs/stores/drizzle.md', () => {
  testRecipe('drizzle', {
    overPglite: (db) => storeOver(overPglite(db, { schema })),
    overPool: (pool) => storeOver(overPool(pool, { schema })),
  });
});
