import type { PGlite, Transaction } from '@electric-sql/pglite';
import type pg from 'pg';
import { describe } from 'vitest';
import type { UserStore } from '../../src/provisioning/user-store.ts';
import { testRecipe } from './databases.ts';
import { recipeModule } from './recipe.ts';

interface Sql {
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
}
const { sqlUserStore }: { sqlUserStore(db: Sql): UserStore } = await import(recipeModule('sql'));

const nested = (): never => {
  throw new TypeError('transactions are not nested');
};

function overPglite(db: PGlite): Sql {
  const within = (client: PGlite | Transaction): Sql['query'] =>
    async function query<Row>(text: string, values: readonly unknown[]) {
      return (await client.query<Row>(text, [...values])).rows;
    };
  return {
    query: within(db),
    transaction: (work) => db.transaction((tx) => work({ query: within(tx), transaction: nested })),
  };
}

function overPool(pool: pg.Pool): Sql {
  const within = (client: pg.Pool | pg.PoolClient): Sql['query'] =>
    async function query<Row>(text: string, values: readonly unknown[]) {
      const { rows } = await client.query(text, [...values]);
      return rows as unknown as Row[];
    };
  return {
    query: within(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work({ query: within(client), transaction: nested });
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

describe('docs/user-store.md', () => {
  testRecipe('sql', {
    overPglite: (db) => sqlUserStore(overPglite(db)),
    overPool: (pool) => sqlUserStore(overPool(pool)),
  });
});
