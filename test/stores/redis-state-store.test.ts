import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StateRecord, type StateStore, stateKey } from '../../src/saml/state-store.ts';
import { type IoredisClient, redisReplayCache, redisStateStore } from '../../src/stores/redis.ts';
import { stateStoreCases } from '../../src/testing/contracts/state-store/cases.ts';
import { configurationError } from '../support/configuration-error.ts';
import { listens } from '../support/services.ts';

const [host, port] = ['127.0.0.1', 6379];
const url = `redis://${host}:${port}`;
const prefix = `saml-jit-test:${randomUUID()}:`;
const skipped = process.env['CI'] === undefined && !(await listens(port));

const record = (id: string, seconds: number, key = 'ann'): StateRecord => ({
  kind: 'session',
  id,
  organizationId: null,
  keys: [stateKey('user', key)],
  value: { id },
  version: 1,
  expiresAt: new Date(Date.now() + seconds * 1000),
});

describe.skipIf(skipped)(`over a Redis server${skipped ? ` (skipped: none at ${url})` : ''}`, () => {
  const nodeRedis = createClient({ url });
  const pool = createClientPool({ url });
  const ioredis = new Redis(url, { lazyConnect: true });
  const prefixed = new Redis(url, { lazyConnect: true, keyPrefix: 'saml-jit-test:own:' });
  const options = { prefix };

  const namesOf = async (match: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of nodeRedis.scanIterator({ MATCH: match, COUNT: 1000 })) names.push(...page);
    return names;
  };

  beforeAll(async () => {
    await Promise.all([nodeRedis.connect(), pool.connect(), ioredis.connect(), prefixed.connect()]);
  });
  afterAll(async () => {
    const own = [...(await namesOf(`*${prefix}*`)), ...(await namesOf('saml-jit-test:own:*'))];
    if (own.length > 0) await nodeRedis.del(own);
    await Promise.all([nodeRedis.close(), pool.close(), ioredis.quit(), prefixed.quit()]);
  });

  const pairs: Record<string, () => { store: StateStore; other: StateStore }> = {
    'node-redis': () => ({ store: redisStateStore(nodeRedis, options), other: redisStateStore(ioredis, options) }),
    'a pool of node-redis': () => ({ store: redisStateStore(pool, options), other: redisStateStore(pool, options) }),
    'ioredis with a key prefix': () => ({ store: redisStateStore(prefixed), other: redisStateStore(prefixed) }),
  };
  describe.for(Object.entries(pairs))('%s keeps the contract of a state store', ([, make]) => {
    const cases = stateStoreCases(async () => ({ ...make(), advance: (seconds) => setTimeout(seconds * 1000) }));
    for (const { name, run } of cases) test.concurrent(name, run);
  });

  test('all keys expire by themselves, with the last record', async () => {
    const own = `${prefix}expiry:`;
    const store = redisStateStore(nodeRedis, { prefix: own });
    await store.put(record('a', 60), null);
    await store.put(record('b', 600), null);
    await store.put(record('c', 0.2), null);
    const left = async (name: string) => (await nodeRedis.pTTL(name)) / 1000;
    const names = await namesOf(`{${own}state}*`);
    expect(names).toHaveLength(5);
    for (const name of names) {
      const seconds = await left(name);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(600);
    }
    const ids = names.find((name) => name.endsWith(':ids')) ?? '';
    expect(await left(ids)).toBeGreaterThan(500);
    await setTimeout(300);
    await store.put(record('d', 60), null);
    expect(await nodeRedis.zRange(ids, 0, -1)).toEqual(['a', 'b', 'd']);
  });

  test('the names of one store have one hash tag, and its claims are those of a replay cache', async () => {
    const own = `${prefix}names:`;
    const store = redisStateStore(ioredis, { prefix: own });
    await store.put(record('a', 60), null);
    await store.claim('used', 60);
    expect(await redisReplayCache(nodeRedis, { prefix: `${own}replay:` }).claim('used', 60)).toBe(false);
    const key = stateKey('user', 'ann');
    expect((await namesOf(`*${own}*`)).sort()).toEqual([
      expect.stringMatching(/:names:replay:[\w-]{43}$/),
      `{${own}state}:session:a`,
      `{${own}state}=session:${key}:expiries`,
      `{${own}state}=session:${key}:ids`,
    ]);
  });

  test('a page is complete although many of its records were deleted', async () => {
    const store = redisStateStore(nodeRedis, { prefix: `${prefix}pages:` });
    const ids = Array.from({ length: 30 }, (_, index) => `${100 + index}`);
    for (const id of ids) await store.put(record(id, 60), null);
    for (const id of ids.slice(0, 20)) await store.delete('session', id);
    const found = await store.find('session', stateKey('user', 'ann'), { limit: 5 });
    expect(found.map(({ id }) => id)).toEqual(['120', '121', '122', '123', '124']);
  });

  test('a search skips deleted records with few commands, and removes them from the index', async () => {
    const own = `${prefix}stale:`;
    let commands = 0;
    const counting: IoredisClient = {
      call: (...args) => {
        commands++;
        return ioredis.call(...args);
      },
    };
    const store = redisStateStore(counting, { prefix: own });
    const ids = Array.from({ length: 300 }, (_, index) => `${1000 + index}`);
    await Promise.all(ids.map((id) => store.put(record(id, 60), null)));
    await Promise.all(ids.slice(0, -1).map((id) => store.delete('session', id)));
    const search = async () => {
      commands = 0;
      const found = await store.find('session', stateKey('user', 'ann'), { limit: 1 });
      expect(found.map(({ id }) => id)).toEqual(['1299']);
      return commands;
    };
    expect(await search()).toBeLessThanOrEqual(12);
    expect(await search()).toBe(2);
    for (const index of await namesOf(`{${own}state}=*`))
      expect(await nodeRedis.zRange(index, 0, -1)).toEqual(['1299']);
  });

  test('a search keeps the index entry of a record that was written after it was read as missing', async () => {
    const own = redisStateStore(ioredis, { prefix: `${prefix}again:` });
    let deleted = false;
    const call: IoredisClient['call'] = async (...args) => {
      const reply = await ioredis.call(...args);
      if (deleted && String(args[1]).includes('MGET')) {
        deleted = false;
        await own.put({ ...record('a', 60), version: 2 }, null);
      }
      return reply;
    };
    await own.put(record('a', 60), null);
    await own.delete('session', 'a');
    deleted = true;
    const page = [stateKey('user', 'ann'), { limit: 5 }] as const;
    expect(await redisStateStore({ call }, { prefix: `${prefix}again:` }).find('session', ...page)).toEqual([]);
    expect(await own.find('session', ...page)).toMatchObject([{ id: 'a', version: 2 }]);
  });

  test('a client that is closed fails', async () => {
    const closed = await createClient({ url }).connect();
    await closed.close();
    const store = redisStateStore(closed, options);
    await expect(store.get('session', 'a')).rejects.toThrow('The client is closed');
    await expect(store.put(record('a', 60), null)).rejects.toThrow('The client is closed');
  });
});

describe('with any client', () => {
  test('an error of the server fails the write', async () => {
    const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    const fail = () => Promise.reject(full);
    await expect(redisStateStore({ call: fail }).put(record('a', 60), null)).rejects.toBe(full);
    await expect(redisStateStore({ set: fail, eval: fail }).put(record('a', 60), null)).rejects.toBe(full);
  });

  test('reads replies that are buffers', async () => {
    const { version: _, keys, expiresAt, ...rest } = record('a', 60);
    const { value, ...stored } = rest;
    const text = JSON.stringify({ ...stored, keys, text: JSON.stringify(value), expiresAt: expiresAt.getTime() });
    const store = redisStateStore({ call: async () => [Buffer.from(`7 ${text}`)] });
    expect(await store.get('session', 'a')).toEqual({ ...record('a', 60), expiresAt, version: 7 });
  });

  test('clients, pools and clusters of both packages are accepted; another object is refused', () => {
    const clients = [
      createClient(),
      createClientPool({ url }),
      createCluster({ rootNodes: [{ url }] }),
      new Redis({ lazyConnect: true }),
      new Cluster([{ host, port }], { lazyConnect: true }),
    ];
    for (const client of clients) expect(redisStateStore(client)).toHaveProperty('put');
    const none: { set: never; eval: never } = JSON.parse('{}');
    expect(() => redisStateStore(none)).toThrow(
      configurationError('client must be a client of the package redis or ioredis, e.g. createClient() or new Redis()'),
    );
  });
});
