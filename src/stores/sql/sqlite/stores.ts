import type { CompleteConnectionStore } from '../../../connections/connection-store.ts';
import type { StateStore } from '../../../saml/state-store.ts';
import { sqlConnectionStore } from '../connections.ts';
import type { SqlConnectionStoreOptions, SqlStateStoreOptions, SqlUserStore, SqlUserStoreOptions } from '../options.ts';
import { sqlStateStore } from '../state-store.ts';
import { sqlUserStore } from '../user-store.ts';
import { runner, type SqliteDatabase } from './client.ts';
import { sqlite } from './dialect.ts';
import { sqliteReplayCache } from './replay-cache.ts';

/**
 * Users in SQLite, in tables of the library's own or in the application's. Run {@link migrate} with the same options
 * before. Each write is one transaction (`BEGIN IMMEDIATE`) without an interruption, so it is atomic for all processes
 * on one file.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options those of `migrate`, and `auditLogins` and `decide`
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
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options `prefix`, and the roles that `put` accepts
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
 * A state store for all processes on one file, and a replay cache like that of {@link sqliteReplayCache}, in the tables
 * that {@link migrate} makes. Each write is one transaction. Writes remove records that expired a day ago, ten at a
 * time.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options `prefix`; `now` replaces the clock
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
