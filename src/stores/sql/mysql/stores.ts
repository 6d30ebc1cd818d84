import type { CompleteConnectionStore } from '../../../connections/connection-store.ts';
import type { StateStore } from '../../../saml/state-store.ts';
import { sqlConnectionStore } from '../connections.ts';
import type { SqlConnectionStoreOptions, SqlStateStoreOptions, SqlUserStore, SqlUserStoreOptions } from '../options.ts';
import { sqlStateStore } from '../state-store.ts';
import { sqlUserStore } from '../user-store.ts';
import { type MysqlPool, runner } from './client.ts';
import { mysql } from './dialect.ts';
import { mysqlReplayCache } from './replay-cache.ts';

/**
 * Users in MySQL or MariaDB, in tables of the library's own or in the application's. Run {@link migrate} with the same
 * options before. Each write is one transaction (READ COMMITTED). Unique indexes keep accounts apart; a row of the
 * table of locks for each organization guards seats and last role holders. A deadlock or a lock timeout is a
 * `UserConflict`.
 *
 * @param pool a pool of `mysql2/promise`
 * @param options those of `migrate`, and `auditLogins` and `decide`
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
 * @param pool a pool of `mysql2/promise`
 * @param options `prefix`, and the roles that `put` accepts
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
 * A state store for all processes on one database, and a replay cache like that of {@link mysqlReplayCache}, in the
 * tables that {@link migrate} makes. Each write is one transaction. Writes remove records that expired a day ago, ten
 * at a time.
 *
 * @param pool a pool of `mysql2/promise`
 * @param options `prefix`; `now` replaces the clock
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
