import { UserConflict } from '../../../provisioning/user-store.ts';
import { expectClient } from '../expect-options.ts';
import { column, type Runner, type SqlValue, type Work } from '../statement.ts';

/** The functions of a `DatabaseSync` of `node:sqlite` or a `Database` of better-sqlite3 that the stores use. */
export interface SqliteDatabase {
  /** Runs statements without values. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): SqliteStatement;
}

/** A prepared statement. */
export interface SqliteStatement {
  /** Runs it with `?` bound to `values`. */
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  /** The same, and returns the rows as objects by column name. */
  all(...values: SqlValue[]): unknown[];
}

/** @throws ConfigurationError for anything but such a database */
export function expectDatabase(db: unknown): void {
  expectClient(db, ['exec', 'prepare'], 'a DatabaseSync of node:sqlite or a Database of better-sqlite3');
}

/** Runs the work of a store on this database. */
export function runner(db: SqliteDatabase): Runner {
  expectDatabase(db);
  const prepare = preparer(db);
  function run<T>(work: Work<T>): T {
    let step = work.next();
    while (!step.done) {
      const { sql, values, reads } = step.value;
      const statement = prepare(sql);
      if (reads) {
        step = work.next(statement.all(...values));
      } else {
        statement.run(...values);
        step = work.next([]);
      }
    }
    return step.value;
  }
  return {
    read: async (work) => run(work()),
    write: async (work) => inTransaction(db, () => run(work())),
  };
}

/** Runs work as one transaction. */
export function inTransaction<T>(db: SqliteDatabase, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      db.exec('ROLLBACK');
    } catch {
      // Some errors, as of a full disk, have rolled back already.
    }
    if (!isDuplicate(error)) throw error;
    throw new UserConflict('another account has a value that must be unique', { cause: error });
  }
}

/** Of node:sqlite, or of better-sqlite3. */
function isDuplicate(error: unknown): boolean {
  const [extendedCode, code] = [column(error, 'errcode'), column(error, 'code')];
  const [primaryKey, unique] = [1555, 2067];
  return (
    extendedCode === primaryKey ||
    extendedCode === unique ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY' ||
    code === 'SQLITE_CONSTRAINT_UNIQUE'
  );
}

/** Compiles each statement once. */
export function preparer(db: SqliteDatabase): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>();
  return (sql) => {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  };
}
