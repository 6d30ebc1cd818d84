import type { ReplayCache } from '../../../saml/replay-cache.ts';
import { replayKey } from '../../replay-key.ts';
import { expectStoreOptions } from '../expect-options.ts';
import { prefixOf, type SqlStateStoreOptions } from '../options.ts';
import { column, type SqlValue } from '../statement.ts';
import { expectPool, type MysqlPool } from './client.ts';
import { mysql } from './dialect.ts';

const aDay = 86_400_000;

/**
 * A replay cache for all processes on one database. It holds hashes of the keys, and once a minute deletes those that
 * expired a day ago.
 * `claim` rejects with the error of the database, and with a TypeError for a `ttlSeconds` that is not a positive
 * number.
 *
 * @param pool a pool of `mysql2/promise`
 * @param options `prefix`; `now` replaces the clock
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
export function mysqlReplayCache(pool: MysqlPool, options: SqlStateStoreOptions = {}): ReplayCache {
  expectPool(pool);
  expectStoreOptions(options);
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
        // Only claims that expired a day ago: a process whose clock is fast must not delete claims of others. A failed
        // deletion is repeated next time.
        await changes(`DELETE FROM ${table} WHERE expires_at <= ?`, time - aDay).catch(() => false);
      }
      if (await changes(`INSERT IGNORE INTO ${table} (key_hash, expires_at) VALUES (?, ?)`, hash, expires)) return true;
      // Of several at once, one finds the expired claim.
      return changes(`UPDATE ${table} SET expires_at = ? WHERE key_hash = ? AND expires_at <= ?`, expires, hash, time);
    },
  };
}
