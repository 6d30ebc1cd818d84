import { createHash } from 'node:crypto';
import { invalidOption } from '../configuration-error.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';

/**
 * The functions of a client of the package `redis` (node-redis) that are used: one from `createClient`, a pool, a
 * cluster.
 */
export interface NodeRedisClient {
  /** Sets a key, with `NX` only if it is absent; resolves to `OK`, or to `null` if it exists. */
  set(key: string, value: string, options: { readonly NX: true; readonly PX: number }): Promise<unknown>;
}

/** The functions of a client of the package `ioredis` that are used: a `Redis` or a `Cluster`. */
export interface IoredisClient {
  /** Sends a command. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** Options of {@link redisReplayCache}. */
export interface RedisReplayCacheOptions {
  /** The prefix of all names. Default `saml-jit:replay:`. Processes that share logins share it. */
  readonly prefix?: string | undefined;
}

/**
 * A replay cache in Redis, for any number of processes: each claim is one `SET NX PX`, which is atomic. The names of
 * keys are hashes, so that long keys take no more space than short ones. Keys expire by themselves.
 *
 * Set `maxmemory-policy` to `noeviction`: under any other policy a full Redis removes unexpired keys, and their
 * assertions can be replayed. Under `noeviction` it returns an error, and the login is refused. The policy is not
 * checked, because many hosts do not let clients read it.
 *
 * `claim` rejects with the errors of the client, and with a TypeError for a `ttlSeconds` that is not a positive, finite number.
 *
 * @param client connected by you, and closed by you
 * @param options `prefix` begins the name of each key
 * @throws ConfigurationError for an object that is not a client of either package
 * @example
 * ```ts
 * import { createClient } from 'redis';
 * import { redisReplayCache } from 'saml-jit/redis';
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379', disableOfflineQueue: true });
 * client.on('error', console.error);
 * await client.connect();
 * const replayCache = redisReplayCache(client);
 * ```
 */
export function redisReplayCache(
  client: NodeRedisClient | IoredisClient,
  options: RedisReplayCacheOptions = {},
): ReplayCache {
  const { prefix = 'saml-jit:replay:' } = options;
  const setIfAbsent = setter(client);
  return {
    async claim(key, ttlSeconds) {
      if (!(ttlSeconds > 0 && ttlSeconds < Infinity))
        throw new TypeError('ttlSeconds must be a positive, finite number');
      const hash = createHash('sha256').update(key).digest('base64url');
      // Any other result means that the claim failed. A client may be configured to return buffers.
      return String(await setIfAbsent(prefix + hash, Math.ceil(ttlSeconds * 1000))) === 'OK';
    },
  };
}

// Both packages have `set`, with different arguments; only ioredis has `call`.
function setter(client: NodeRedisClient | IoredisClient): (key: string, milliseconds: number) => Promise<unknown> {
  if ('call' in client) return (key, milliseconds) => client.call('set', key, '1', 'PX', milliseconds, 'NX');
  if (typeof client.set === 'function') return (key, PX) => client.set(key, '1', { NX: true, PX });
  throw invalidOption(
    ['client'],
    'must be a client of the package redis or ioredis, e.g. createClient() or new Redis()',
  );
}
