import type { ReplayCache } from '../../../saml/replay-cache.ts';
import { replayKey } from '../../replay-key.ts';
import { expectStoreOptions } from '../expect-options.ts';
import { prefixOf, type SqlStateStoreOptions } from '../options.ts';
import { expectDatabase, preparer, type SqliteDatabase } from './client.ts';
import { sqlite } from './dialect.ts';

const aDay = 86_400_000;

/**
 * A replay cache for all processes on one file. It holds hashes of the keys, and each claim deletes up to ten that
 * expired a day ago. `claim` rejects with the error of the database, and with a TypeError for a `ttlSeconds` that is
 * not a positive number.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3
 * @param options `prefix`; `now` replaces the clock
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
export function sqliteReplayCache(db: SqliteDatabase, options: SqlStateStoreOptions = {}): ReplayCache {
  expectDatabase(db);
  expectStoreOptions(options);
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
