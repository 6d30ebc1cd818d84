import type { ReplayCache } from '../../../saml/replay-cache.ts';
import { replayKey } from '../../replay-key.ts';
import type { TableOptions } from '../options.ts';
import { expectPostgresClient, type PostgresClient, results } from './client.ts';
import { layoutOf } from './layout.ts';

/**
 * A replay cache for all processes on one database. It needs the table that {@link migrate} makes, holds hashes of the
 * keys, and uses the clock of the database. Each claim is one statement, and deletes up to ten expired keys: no other
 * clean-up is needed. `claim` rejects with the error of the client: a login fails if the database does.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options `prefix`
 * @throws ConfigurationError for an invalid option; from `claim`, TypeError for a `ttlSeconds` that is not a positive number
 * @example
 * ```ts
 * import pg from 'pg';
 * import { createSso } from 'saml-jit';
 * import { postgresReplayCache } from 'saml-jit/postgres';
 *
 * const pool = new pg.Pool();
 * const sso = createSso({ ...options, replayCache: postgresReplayCache(pool) });
 * ```
 */
export function postgresReplayCache(client: PostgresClient, options: TableOptions = {}): ReplayCache {
  expectPostgresClient(client);
  const { own } = layoutOf(options);
  // The insert runs first, and the delete skips locked rows: two claims cannot wait for each other.
  const claim = `WITH swept AS (
      DELETE FROM ${own('replay')} WHERE key IN (
        SELECT key FROM ${own('replay')} WHERE expires_at <= now() AND key <> $1
        ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED))
    INSERT INTO ${own('replay')} AS r (key, expires_at) VALUES ($1, now() + $2::float8 * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE r.expires_at <= now()
    RETURNING key AS result`;
  return {
    async claim(key, ttlSeconds) {
      const hash = replayKey(key, ttlSeconds, 'base64');
      return (await results(client, claim, [hash, ttlSeconds])).length > 0;
    },
  };
}
