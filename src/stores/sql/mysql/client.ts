import { invalidOption } from '../../../configuration-error.ts';
import { UserConflict } from '../../../provisioning/user-store.ts';
import { expectClient } from '../expect-options.ts';
import { column, type Runner, type SqlValue, type Work } from '../statement.ts';

/** The functions of a pool of `mysql2/promise` that the stores use. */
export interface MysqlPool {
  /** Runs one statement with `?` bound to `values`; resolves to an array that starts with the rows or the number of changed rows. */
  execute(sql: string, values: SqlValue[]): Promise<readonly [unknown, ...unknown[]]>;
  /** Takes a connection out of the pool, for a transaction. */
  getConnection(): Promise<MysqlConnection>;
}

/** A connection of the pool. */
export interface MysqlConnection {
  /** Runs one statement as text. */
  query(sql: string): Promise<unknown>;
  /** As that of {@link MysqlPool}. */
  execute(sql: string, values: SqlValue[]): Promise<readonly [unknown, ...unknown[]]>;
  /** Begins a transaction. */
  beginTransaction(): Promise<void>;
  /** Ends it: all is written. */
  commit(): Promise<void>;
  /** Ends it: nothing is written. */
  rollback(): Promise<void>;
  /** Gives the connection back. */
  release(): void;
  /** Closes a connection whose state is not known. */
  destroy(): void;
}

/** @throws ConfigurationError for anything but a pool of `mysql2/promise` */
export function expectPool(pool: unknown): void {
  const expected = 'a pool of mysql2/promise; of mysql2, pass pool.promise()';
  expectClient(pool, ['execute', 'getConnection'], expected);
  // The pool of mysql2 has functions of these names too, which take callbacks.
  if (column(pool, 'promise') !== null) throw invalidOption(['client'], `must be ${expected}`);
}

/** Runs the work of a store on this pool. */
export function runner(pool: MysqlPool): Runner {
  expectPool(pool);
  return {
    read: (work) => run(pool, work()),
    async write(work) {
      const connection = await pool.getConnection();
      try {
        await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        await connection.beginTransaction();
        const result = await run(connection, work());
        await connection.commit();
        connection.release();
        return result;
      } catch (error) {
        await giveBack(connection);
        throw lostRace(error) ? new UserConflict('another transaction was faster', { cause: error }) : error;
      }
    },
  };
}

async function giveBack(connection: MysqlConnection): Promise<void> {
  try {
    await connection.rollback();
    connection.release();
  } catch {
    // A connection whose transaction may be open must not be used again.
    connection.destroy();
  }
}

async function run<T>(client: Pick<MysqlConnection, 'execute'>, work: Work<T>): Promise<T> {
  let step = work.next();
  while (!step.done) {
    const { sql, values } = step.value;
    const [result] = await client.execute(sql, [...values]);
    step = work.next(Array.isArray(result) ? result : []);
  }
  return step.value;
}

/** A duplicate key, a deadlock or a lock timeout. */
function lostRace(error: unknown): boolean {
  return [1062, 1213, 1205].includes(Number(column(error, 'errno')));
}
