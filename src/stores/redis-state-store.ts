import { invalidOption } from '../configuration-error.ts';
import type { StateKind, StateStore } from '../saml/state-store.ts';
import { type IoredisClient, type NodeRedisClient, redisReplayCache } from './redis-replay-cache.ts';
import { expectStateKey, isStateId, type StoredState, statePage, stateRecord, storedState } from './state-record.ts';

/**
 * The functions of a client of the package `redis` (node-redis) that a state store uses, in addition to those of a
 * replay cache.
 */
export interface NodeRedisStateClient extends NodeRedisClient {
  /** Runs a Lua script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** Options of {@link redisStateStore}. */
export interface RedisStateStoreOptions {
  /** The prefix of all names. Default `saml-jit:`. Processes that share state share it. */
  readonly prefix?: string | undefined;
}

// Every script names all keys that it touches, and all of them have the hash tag of the prefix: a cluster keeps them together.
const get = `return redis.call('MGET', unpack(KEYS))`;
const remove = `return redis.call('DEL', KEYS[1])`;
const page = `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])`;
// KEYS: the ids by name and by expiry of a look-up key, and records; ARGV: the ids of these. In one script, because a record may be written
// after it was found missing.
const forget = `
for i, id in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[i + 2]) == 0 then
    redis.call('ZREM', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
  end
end
return 1`;
// KEYS: the record; for each of its look-up keys the ids by name and by expiry.
// ARGV: expected version or '', the record, its expiry in milliseconds, its id.
const put = `
local stored = redis.call('GET', KEYS[1])
local version = stored and string.match(stored, '^%d+') or ''
if version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
for i = 2, #KEYS, 2 do
  local ids, expiries = KEYS[i], KEYS[i + 1]
  redis.call('ZADD', ids, 0, ARGV[4])
  redis.call('ZADD', expiries, ARGV[3], ARGV[4])
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', now, 'LIMIT', 0, 10)) do
    redis.call('ZREM', ids, id)
    redis.call('ZREM', expiries, id)
  end
  local last = redis.call('ZREVRANGE', expiries, 0, 0, 'WITHSCORES')[2]
  if last then
    redis.call('PEXPIREAT', ids, last)
    redis.call('PEXPIREAT', expiries, last)
  end
end
return 1`;

/** Number of ids that a search reads at least after its first page. */
const leastFurtherSize = 100;

/**
 * A state store in Redis, for any number of processes, and a replay cache like {@link redisReplayCache}. Writes are Lua scripts,
 * which are atomic; everything expires by itself, by the clock of Redis. The keys of records have one hash tag, so that in a
 * cluster they are on one node.
 *
 * Set `maxmemory-policy` to `noeviction` and persistence as for {@link redisReplayCache}.
 *
 * @param client connected by you, and closed by you
 * @param options `prefix` begins the name of each key
 * @throws ConfigurationError for an object that is not a client of the package redis or ioredis; every function rejects with the errors of
 * the client
 * @example
 * ```ts
 * const state = redisStateStore(client);
 * const sso = createSso({ ...options, replayCache: state });
 * ```
 */
export function redisStateStore(
  client: NodeRedisStateClient | IoredisClient,
  options: RedisStateStoreOptions = {},
): StateStore {
  const { prefix = 'saml-jit:' } = options;
  const { claim } = redisReplayCache(client, { prefix: `${prefix}replay:` });
  const run = scriptRunner(client);
  const recordName = (kind: StateKind, id: string) => `{${prefix}state}:${kind}:${id}`;
  // No kind contains an equals sign, so no record has such a name.
  const indexNames = (kind: StateKind, key: string): readonly [ids: string, expiries: string] => [
    `{${prefix}state}=${kind}:${key}:ids`,
    `{${prefix}state}=${kind}:${key}:expiries`,
  ];

  async function read(names: readonly string[]): Promise<readonly (StoredState | null)[]> {
    return names.length === 0 ? [] : texts(await run(get, names, [])).map(readState);
  }

  return {
    claim,
    async get(kind, id) {
      if (!isStateId(id)) return null;
      const [stored] = await read([recordName(kind, id)]);
      return stored ? stateRecord(stored) : null;
    },
    async find(kind, key, wanted) {
      expectStateKey(key);
      const { limit, after } = statePage(wanted);
      const index = indexNames(kind, key);
      const found: StoredState[] = [];
      let from = after === '' ? '-' : `(${after}`;
      // An index may contain records that were deleted or have other keys now, until they expire: the record is
      // authoritative. Therefore each further read of a search requests more entries.
      for (let size = limit; ; size = Math.max(limit, leastFurtherSize)) {
        const ids = texts(await run(page, [index[0]], [from, String(size)])).map(String);
        const stored = await read(ids.map((id) => recordName(kind, id)));
        found.push(...stored.filter((record) => record !== null).filter(({ keys }) => keys.includes(key)));
        const missing = ids.filter((_, position) => stored[position] === null);
        if (missing.length > 0) {
          await run(forget, [...index, ...missing.map((id) => recordName(kind, id))], missing);
        }
        if (ids.length < size || found.length >= limit) return found.slice(0, limit).map(stateRecord);
        from = `(${ids.at(-1)}`;
      }
    },
    async put(record, expectedVersion) {
      const stored = storedState(record, expectedVersion);
      const { kind, id, keys, version, expiresAt, ...rest } = stored;
      const names = [recordName(kind, id), ...keys.flatMap((key) => indexNames(kind, key))];
      const text = JSON.stringify({ ...rest, kind, id, keys, expiresAt: expiresAt.getTime() });
      const expected = expectedVersion === null ? '' : String(expectedVersion);
      const reply = await run(put, names, [expected, `${version} ${text}`, String(expiresAt.getTime()), id]);
      return String(reply) === '1';
    },
    async delete(kind, id) {
      if (isStateId(id)) await run(remove, [recordName(kind, id)], []);
    },
  };
}

type RunScript = (script: string, keys: readonly string[], values: readonly string[]) => Promise<unknown>;

function scriptRunner(client: NodeRedisStateClient | IoredisClient): RunScript {
  if ('call' in client) return (script, keys, values) => client.call('eval', script, keys.length, ...keys, ...values);
  if (typeof client.eval === 'function')
    return (script, keys, values) => client.eval(script, { keys: [...keys], arguments: [...values] });
  throw invalidOption(
    ['client'],
    'must be a client of the package redis or ioredis, e.g. createClient() or new Redis()',
  );
}

function texts(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** The version, a space, and JSON; `null` if there is no record. A client may be configured to return buffers. */
function readState(reply: unknown): StoredState | null {
  if (reply === null || reply === undefined) return null;
  const text = String(reply);
  const space = text.indexOf(' ');
  const rest: Omit<StoredState, 'version' | 'expiresAt'> & { readonly expiresAt: number } = JSON.parse(
    text.slice(space + 1),
  );
  return { ...rest, version: Number(text.slice(0, space)), expiresAt: new Date(rest.expiresAt) };
}
