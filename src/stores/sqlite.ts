import type { CompleteConnectionStore } from '../connections/connection-store.ts';
import { UserConflict } from '../provisioning/user-store.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import type { StateStore } from '../saml/state-store.ts';
import { replayKey } from './replay-key.ts';
import { checkUsers } from './sql/check/check-users.ts';
import { refusedMigration } from './sql/check/setup-error.ts';
import { usersInSql } from './sql/check/users-in-sql.ts';
import { type SqlConnectionStoreOptions, sqlConnectionStore } from './sql/connections.ts';
import { layoutOf } from './sql/layout.ts';
import {
  type Migration,
  prefixOf,
  type SchemaOptions,
  type SqlUserStore,
  type SqlUserStoreOptions,
  type TableOptions,
} from './sql/options.ts';
import { describeSqliteError, sqliteInspector } from './sql/sqlite/check.ts';
import { sqlite } from './sql/sqlite/dialect.ts';
import { sqliteTables } from './sql/sqlite/tables.ts';
import { type SqlStateStoreOptions, sqlStateStore } from './sql/state-store.ts';
import { column, type Runner, type SqlValue, type Work } from './sql/statement.ts';
import { sqlUserStore } from './sql/user-store.ts';

export type { AccountInput, CompleteUserStore, EditableUserStore } from './complete-store.ts';
export { DatabaseSetupError, type SetupIssue } from './sql/check/setup-error.ts';
export type { ColumnExpression, UserColumns, UsersTable } from './sql/columns.ts';
export type { SqlValue } from './sql/statement.ts';
export type {
  Migration,
  SchemaOptions,
  SqlConnectionStoreOptions,
  SqlStateStoreOptions,
  SqlUserStore,
  SqlUserStoreOptions,
  TableOptions,
};

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

const aDay = 86_400_000;

/** Options of {@link sqliteReplayCache}. */
export interface SqliteReplayCacheOptions extends TableOptions {
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Users in SQLite, in tables of the library's own or in the application's. Run {@link migrate} with the same options before.
 * Each write is one transaction (`BEGIN IMMEDIATE`) without an interruption, so it is atomic for all processes on one file.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * const db = new DatabaseSync('app.db');
 * db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000');
 * await migrate(db);
 * const users = sqliteUserStore<'owner' | 'admin' | 'member'>(db);
 * ```
 */
export function sqliteUserStore<R extends string = string>(
  db: SqliteDatabase,
  options: SqlUserStoreOptions<R> = {},
): SqlUserStore<R> {
  return sqlUserStore<R>(options, sqlite, runner(db));
}

/**
 * Connections in the tables that {@link migrate} makes.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { sqliteConnectionStore } from 'saml-jit/sqlite';
 *
 * const db = new DatabaseSync('app.db');
 * const connections = sqliteConnectionStore(db, { roles: ['admin', 'member'] });
 * await connections.put({ id: 'acme', organizationId: 'acme', idp: { metadata } }, null);
 * ```
 */
export function sqliteConnectionStore(
  db: SqliteDatabase,
  options: SqlConnectionStoreOptions = {},
): CompleteConnectionStore {
  return sqlConnectionStore(options, sqlite, runner(db));
}

/**
 * A replay cache for all processes on one file. It holds hashes of the keys, and each claim deletes up to ten that expired a day
 * ago.
 * `claim` rejects with the error of the database, and with a TypeError for a `ttlSeconds` that is not a positive number.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { createSso } from 'saml-jit';
 * import { sqliteReplayCache } from 'saml-jit/sqlite';
 *
 * const db = new DatabaseSync('app.db');
 * const sso = createSso({ ...options, replayCache: sqliteReplayCache(db) });
 * ```
 */
export function sqliteReplayCache(db: SqliteDatabase, options: SqliteReplayCacheOptions = {}): ReplayCache {
  const { now = () => new Date() } = options;
  const table = sqlite.quote(`${prefixOf(options)}replay`);
  const prepare = preparer(db);
  const sweep = `DELETE FROM ${table} WHERE key_hash IN (SELECT key_hash FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)`;
  const claim = `INSERT INTO ${table} (key_hash, expires_at) VALUES (?, ?)
    ON CONFLICT (key_hash) DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= ?`;
  return {
    async claim(key, ttlSeconds) {
      const hash = replayKey(key, ttlSeconds, 'hex');
      const time = now().getTime();
      const { changes } = prepare(claim).run(hash, time + Math.ceil(ttlSeconds * 1000), time);
      // Only claims that expired a day ago: a process whose clock is fast must not delete claims of others.
      prepare(sweep).run(time - aDay);
      return Number(changes) === 1;
    },
  };
}

/**
 * A state store for all processes on one file, and a replay cache like that of {@link sqliteReplayCache}, in the tables that {@link migrate}
 * makes. Each write is one transaction. Writes remove records that expired a day ago, ten at a time.
 *
 * @throws ConfigurationError for an invalid prefix; every function rejects with the errors of the database
 * @example
 * ```ts
 * const state = sqliteStateStore(db);
 * const sso = createSso({ ...options, replayCache: state });
 * ```
 */
export function sqliteStateStore(db: SqliteDatabase, options: SqlStateStoreOptions = {}): StateStore {
  return sqlStateStore(options, sqlite, runner(db), sqliteReplayCache(db, options));
}

/**
 * Creates the tables that do not exist. May run again, and in several processes at once. Before that it examines the table of
 * users as {@link check} does.
 *
 * @throws DatabaseSetupError with every issue of the table of users, or with the error of the database; nothing is changed then
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { migrate, sqliteUserStore } from 'saml-jit/sqlite';
 *
 * const db = new DatabaseSync('app.db');
 * const options = { roles: ['admin', 'member'] };
 * await migrate(db, options);
 * const users = sqliteUserStore<'admin' | 'member'>(db, options);
 * ```
 */
export async function migrate(db: SqliteDatabase, options: SchemaOptions = {}): Promise<void> {
  const table = sqlite.quote(`${prefixOf(options)}migrations`);
  await examine(db, options, 'migrate');
  inTransaction(db, () => {
    db.exec(`CREATE TABLE IF NOT EXISTS ${table} (version INTEGER PRIMARY KEY, name TEXT NOT NULL)`);
    const done = db.prepare(`SELECT version FROM ${table}`).all();
    const versions = new Set(done.map((row) => Number(column(row, 'version'))));
    for (const { version, name, sql } of migrations(options)) {
      if (versions.has(version)) continue;
      try {
        db.exec(sql);
      } catch (error) {
        throw refusedMigration(name, describeSqliteError(error), error);
      }
      db.prepare(`INSERT INTO ${table} (version, name) VALUES (?, ?)`).run(version, name);
    }
  });
}

/**
 * Examines whether the database fits the options of the stores: for the start of an application. It changes nothing, and reads
 * catalogs; rows only of the application's table, to find values that the stores cannot use.
 *
 * @throws DatabaseSetupError with every issue
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { check } from 'saml-jit/sqlite';
 *
 * const db = new DatabaseSync('app.db');
 * await check(db, { roles: ['admin', 'member'] });
 * ```
 */
export async function check(db: SqliteDatabase, options: SchemaOptions = {}): Promise<void> {
  await examine(db, options, 'check');
}

async function examine(db: SqliteDatabase, options: SchemaOptions, purpose: 'migrate' | 'check'): Promise<void> {
  const layout = layoutOf(options, sqlite);
  const inspector = sqliteInspector((sql, ...values) => db.prepare(sql).all(...values), options, layout);
  await checkUsers(options, usersInSql(layout, sqlite, options.users?.idType ?? 'TEXT'), inspector, purpose);
}

/**
 * The SQL of {@link migrate}, for those who run their migrations themselves, in this order and each once.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { migrations } from 'saml-jit/sqlite';
 *
 * for (const { version, name, sql } of migrations()) console.log(`-- ${version} ${name}\n${sql}`);
 * ```
 */
export function migrations(options: SchemaOptions = {}): readonly Migration[] {
  return sqliteTables(options);
}

function runner(db: SqliteDatabase): Runner {
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

function inTransaction<T>(db: SqliteDatabase, work: () => T): T {
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

function preparer(db: SqliteDatabase): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>();
  return (sql) => {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  };
}
