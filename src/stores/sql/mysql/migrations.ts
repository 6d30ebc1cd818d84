import { checkUsers } from '../check/check-users.ts';
import { refusedMigration } from '../check/setup-error.ts';
import { usersInSql } from '../check/users-in-sql.ts';
import { layoutOf } from '../layout.ts';
import { type Migration, prefixOf, type SchemaOptions } from '../options.ts';
import { column } from '../statement.ts';
import { describeMysqlError, mysqlInspector } from './check.ts';
import { expectPool, type MysqlPool } from './client.ts';
import { mysql } from './dialect.ts';
import { mysqlTables } from './tables.ts';

/**
 * Creates the tables that do not exist. May run again, and in several processes at once: they wait for each other, for
 * a minute. Before that it examines the table of users as {@link check} does.
 *
 * @param pool a pool of `mysql2/promise`
 * @param options those that the stores are given
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
  await examine(pool, options, 'migrate');
  const prefix = prefixOf(options);
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
 * Examines whether the database fits the options of the stores: for the start of an application. It changes nothing,
 * and reads catalogs; rows only of the application's table, to find values that the stores cannot use.
 *
 * @param pool a pool of `mysql2/promise`
 * @param options those that the stores are given
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
  expectPool(pool);
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
 * @param options those that the stores are given
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
