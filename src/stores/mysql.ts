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
import { describeMysqlError, mysqlInspector } from './sql/mysql/check.ts';
import { mysql } from './sql/mysql/dialect.ts';
import { mysqlTables } from './sql/mysql/tables.ts';
import {
  type Migration,
  prefixOf,
  type SchemaOptions,
  type SqlUserStore,
  type SqlUserStoreOptions,
  type TableOptions,
} from './sql/options.ts';
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

const aDay = 86_400_000;

/** Options of {@link mysqlReplayCache}. */
export interface MysqlReplayCacheOptions extends TableOptions {
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Users in MySQL or MariaDB, in tables of the library's own or in the application's. Run {@link migrate} with the same
 * options before. Each write is one transaction (READ COMMITTED). Unique indexes keep accounts apart; a row of the table of
 * locks for each organization guards seats and last role holders. A deadlock or a lock timeout is a `UserConflict`.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * const pool = mysql.createPool(process.env.DATABASE_URL);
 * await migrate(pool);
 * const users = mysqlUserStore<'owner' | 'admin' | 'member'>(pool);
 * ```
 */
export function mysqlUserStore<R extends string = string>(
  pool: MysqlPool,
  options: SqlUserStoreOptions<R> = {},
): SqlUserStore<R> {
  return sqlUserStore<R>(options, mysql, runner(pool));
}

/**
 * Connections in the tables that {@link migrate} makes.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import mysql from 'mysql2/promise';
 * import { mysqlConnectionStore } from 'saml-jit/mysql';
 *
 * const pool = mysql.createPool('mysql://app@127.0.0.1/app');
 * const connections = mysqlConnectionStore(pool, { roles: ['admin', 'member'] });
 * await connections.put({ id: 'acme', organizationId: 'acme', idp: { metadata } }, null);
 * ```
 */
export function mysqlConnectionStore(
  pool: MysqlPool,
  options: SqlConnectionStoreOptions = {},
): CompleteConnectionStore {
  return sqlConnectionStore(options, mysql, runner(pool));
}

/**
 * A replay cache for all processes on one database. It holds hashes of the keys, and once a minute deletes those that
 * expired a day ago.
 * `claim` rejects with the error of the database, and with a TypeError for a `ttlSeconds` that is not a positive number.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import mysql from 'mysql2/promise';
 * import { createSso } from 'saml-jit';
 * import { mysqlReplayCache } from 'saml-jit/mysql';
 *
 * const pool = mysql.createPool('mysql://app@127.0.0.1/app');
 * const sso = createSso({ ...options, replayCache: mysqlReplayCache(pool) });
 * ```
 */
export function mysqlReplayCache(pool: MysqlPool, options: MysqlReplayCacheOptions = {}): ReplayCache {
  const { now = () => new Date() } = options;
  const table = mysql.quote(`${prefixOf(options)}replay`);
  let sweepAt = 0;
  async function changes(sql: string, ...values: SqlValue[]): Promise<boolean> {
    const [result] = await pool.execute(sql, values);
    return Number(column(result, 'affectedRows')) > 0;
  }
  return {
    async claim(key, ttlSeconds) {
      const hash = replayKey(key, ttlSeconds, 'hex');
      const time = now().getTime();
      const expires = time + Math.ceil(ttlSeconds * 1000);
      if (time >= sweepAt) {
        sweepAt = time + 60_000;
        // Only claims that expired a day ago: a process whose clock is fast must not delete claims of others. A failed deletion is repeated
        // next time.
        await changes(`DELETE FROM ${table} WHERE expires_at <= ?`, time - aDay).catch(() => false);
      }
      if (await changes(`INSERT IGNORE INTO ${table} (key_hash, expires_at) VALUES (?, ?)`, hash, expires)) return true;
      // Of several at once, one finds the expired claim.
      return changes(`UPDATE ${table} SET expires_at = ? WHERE key_hash = ? AND expires_at <= ?`, expires, hash, time);
    },
  };
}

/**
 * A state store for all processes on one database, and a replay cache like that of {@link mysqlReplayCache}, in the tables that {@link migrate}
 * makes. Each write is one transaction. Writes remove records that expired a day ago, ten at a time.
 *
 * @throws ConfigurationError for an invalid prefix; every function rejects with the errors of the database
 * @example
 * ```ts
 * const state = mysqlStateStore(pool);
 * const sso = createSso({ ...options, replayCache: state });
 * ```
 */
export function mysqlStateStore(pool: MysqlPool, options: SqlStateStoreOptions = {}): StateStore {
  return sqlStateStore(options, mysql, runner(pool), mysqlReplayCache(pool, options));
}

/**
 * Creates the tables that do not exist. May run again, and in several processes at once: they wait for each other, for a minute.
 * Before that it examines the table of users as {@link check} does.
 *
 * @throws DatabaseSetupError with every issue of the table of users, or with the error of the database; completed steps stay
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import mysql from 'mysql2/promise';
 * import { migrate, mysqlUserStore } from 'saml-jit/mysql';
 *
 * const pool = mysql.createPool('mysql://app@127.0.0.1/app');
 * const options = { roles: ['admin', 'member'] };
 * await migrate(pool, options);
 * const users = mysqlUserStore<'admin' | 'member'>(pool, options);
 * ```
 */
export async function migrate(pool: MysqlPool, options: SchemaOptions = {}): Promise<void> {
  const prefix = prefixOf(options);
  await examine(pool, options, 'migrate');
  const table = mysql.quote(`${prefix}migrations`);
  const connection = await pool.getConnection();
  // Names of locks have 64 characters and hold for the whole server.
  const lock = `CONCAT('${prefix}', LEFT(SHA2(DATABASE(), 256), 32))`;
  try {
    const [got] = await connection.execute(`SELECT GET_LOCK(${lock}, 60) AS got`, []);
    if (firstNumber(got, 'got') !== 1) {
      throw new Error('another process has been migrating for a minute: wait for it, or end it, and try again');
    }
    try {
      await connection.query(
        `CREATE TABLE IF NOT EXISTS ${table} (version INT PRIMARY KEY, name VARCHAR(64) NOT NULL)`,
      );
      for (const { version, name, sql } of migrations(options)) {
        const [done] = await connection.execute(`SELECT COUNT(*) AS n FROM ${table} WHERE version = ?`, [version]);
        if (firstNumber(done, 'n') > 0) continue;
        try {
          await connection.query(sql);
        } catch (error) {
          throw refusedMigration(name, describeMysqlError(error), error);
        }
        await connection.execute(`INSERT INTO ${table} (version, name) VALUES (?, ?)`, [version, name]);
      }
    } finally {
      await connection.query(`SELECT RELEASE_LOCK(${lock})`);
    }
  } finally {
    connection.release();
  }
}

/**
 * Examines whether the database fits the options of the stores: for the start of an application. It changes nothing, and reads
 * catalogs; rows only of the application's table, to find values that the stores cannot use.
 *
 * @throws DatabaseSetupError with every issue
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import mysql from 'mysql2/promise';
 * import { check } from 'saml-jit/mysql';
 *
 * const pool = mysql.createPool('mysql://app@127.0.0.1/app');
 * await check(pool, { roles: ['admin', 'member'] });
 * ```
 */
export async function check(pool: MysqlPool, options: SchemaOptions = {}): Promise<void> {
  await examine(pool, options, 'check');
}

async function examine(pool: MysqlPool, options: SchemaOptions, purpose: 'migrate' | 'check'): Promise<void> {
  const layout = layoutOf(options, mysql);
  const inspector = mysqlInspector(
    async (sql, ...values) => {
      const [rows] = await pool.execute(sql, [...values]);
      return Array.isArray(rows) ? rows : [];
    },
    options,
    layout,
  );
  await checkUsers(
    options,
    usersInSql(layout, mysql, options.users?.idType ?? 'VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'),
    inspector,
    purpose,
  );
}

/**
 * The SQL of {@link migrate}, for those who run their migrations themselves, in this order and each once.
 *
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { migrations } from 'saml-jit/mysql';
 *
 * for (const { version, name, sql } of migrations()) console.log(`-- ${version} ${name}\n${sql}`);
 * ```
 */
export function migrations(options: SchemaOptions = {}): readonly Migration[] {
  return mysqlTables(options);
}

function firstNumber(rows: unknown, name: string): number {
  return Number(column(Array.isArray(rows) ? rows[0] : null, name));
}

function runner(pool: MysqlPool): Runner {
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
