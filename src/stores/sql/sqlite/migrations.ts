import { checkUsers } from '../check/check-users.ts';
import { refusedMigration } from '../check/setup-error.ts';
import { usersInSql } from '../check/users-in-sql.ts';
import { layoutOf } from '../layout.ts';
import { type Migration, prefixOf, type SchemaOptions } from '../options.ts';
import { column } from '../statement.ts';
import { describeSqliteError, sqliteInspector } from './check.ts';
import { expectDatabase, inTransaction, type SqliteDatabase } from './client.ts';
import { sqlite } from './dialect.ts';
import { sqliteTables } from './tables.ts';

/**
 * Creates the tables that do not exist. May run again, and in several processes at once. Before that it examines the
 * table of users as {@link check} does.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options those that the stores are given
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
  await examine(db, options, 'migrate');
  const table = sqlite.quote(`${prefixOf(options)}migrations`);
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
 * Examines whether the database fits the options of the stores: for the start of an application. It changes nothing,
 * and reads catalogs; rows only of the application's table, to find values that the stores cannot use.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options those that the stores are given
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
  expectDatabase(db);
  const layout = layoutOf(options, sqlite);
  const inspector = sqliteInspector((sql, ...values) => db.prepare(sql).all(...values), options, layout);
  await checkUsers(options, usersInSql(layout, sqlite, options.users?.idType ?? 'TEXT'), inspector, purpose);
}

/**
 * The SQL of {@link migrate}, for those who run their migrations themselves, in this order and each once.
 *
 * @param options those that the stores are given
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
