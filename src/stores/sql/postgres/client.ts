import { UserConflict } from '../../../provisioning/user-store.ts';
import { expectClient } from '../expect-options.ts';

/**
 * The database client of the stores. A `Pool` or `Client` of `pg` and PGlite fit as they are; any other needs a few
 * lines. Each call may run on another connection of a pool: every statement is a transaction of its own.
 *
 * @example
 * ```ts
 * import postgres from 'postgres';
 *
 * const sql = postgres();
 * const client: PostgresClient = { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) };
 * ```
 */
export interface PostgresClient {
  /** Runs one statement with `$1`, `$2`, ... bound to `values`: texts, numbers and nulls. Rows are objects by column name. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** @throws ConfigurationError for anything but such a client */
export function expectPostgresClient(client: unknown): void {
  expectClient(client, ['query'], 'a Pool or Client of pg, a PGlite, or an object with query()');
}

/** A value of a statement: the types that every driver binds in the same way. */
export type Value = string | number | null;

// Another transaction was faster: unique_violation, serialization_failure, deadlock_detected.
const lostRaces = new Set(['23505', '40001', '40P01']);
// undefined_function, undefined_table, undefined_column, invalid_schema_name.
const outdated = new Set(['42883', '42P01', '42703', '3F000']);

/**
 * The column `result` of each row. One text column, because drivers convert other types differently.
 *
 * @throws UserConflict if another transaction was faster
 */
export async function results(client: PostgresClient, text: string, values: readonly Value[]): Promise<string[]> {
  try {
    const { rows } = await client.query(text, [...values]);
    return rows.map(resultOf);
  } catch (error) {
    const code = sqlState(error);
    if (lostRaces.has(code)) throw new UserConflict('another transaction was faster', { cause: error });
    if (outdated.has(code)) throw new Error(outdatedMessage, { cause: error });
    throw error;
  }
}

/** The five characters by which PostgreSQL names an error; empty for any other error. */
export function sqlState(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

const outdatedMessage =
  'the tables or functions of the PostgreSQL store are missing, or were made with other options: run ' +
  'migrate(client, options) of saml-jit/postgres with exactly the options of the store before it is used';

function resultOf(row: unknown): string {
  if (typeof row === 'object' && row !== null && 'result' in row && typeof row.result === 'string') return row.result;
  throw new TypeError(
    'query() of the PostgreSQL client must resolve to { rows }, one object by column name for each row',
  );
}
