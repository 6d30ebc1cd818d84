import { CamelCasePlugin, type Dialect, Kysely, PostgresDialect } from 'kysely';
import { describe } from 'vitest';
import type { UserStore } from '../../src/provisioning/user-store.ts';
import { testRecipe } from './databases.ts';
import { pgliteDialect } from './kysely-pglite.ts';
import { recipeModule } from './recipe.ts';

interface Recipe {
  kyselyUserStore(db: Kysely<unknown>): UserStore;
  organizationsOf(db: Kysely<unknown>): NonNullable<UserStore['organizationsOf']>;
}
const { kyselyUserStore, organizationsOf }: Recipe = await import(recipeModule('kysely'));

function storeOver(dialect: Dialect): UserStore {
  const db = new Kysely<unknown>({ dialect, plugins: [new CamelCasePlugin()] });
  return { ...kyselyUserStore(db), organizationsOf: organizationsOf(db) };
}

describe('docs/stores/kysely.md', () => {
  testRecipe('kysely', {
    overPglite: (db) => storeOver(pgliteDialect(db)),
    overPool: (pool) => storeOver(new PostgresDialect({ pool })),
  });
});
