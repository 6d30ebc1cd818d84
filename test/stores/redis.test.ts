import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReplayCache } from '../../src/saml/replay-cache.ts';
import { redisReplayCache } from '../../src/stores/redis.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { configurationError } from '../support/configuration-error.ts';
import { listens } from '../support/services.ts';

const host = '127.0.0.1';
const port = 6379;
const url = `redis://${host}:${port}`;
const prefix = `saml-jit-test:${randomUUID()}:`;
// Where it is part of the set-up, that it is missing is a failure.
const skipped = process.env['CI'] === undefined && !(await listens(port));

describe.skipIf(skipped)(`over a Redis server${skipped ? ` (skipped: none at ${url})` : ''}`, () => {
  const nodeRedis = createClient({ url });
  const pool = createClientPool({ url });
  const ioredis = new Redis(url, { lazyConnect: true });
  const second = new Redis(url, { lazyConnect: true, keyPrefix: prefix });
  const options = { prefix };

  beforeAll(async () => {
    await Promise.all([nodeRedis.connect(), pool.connect(), ioredis.connect(), second.connect()]);
  });
  afterAll(async () => {
    for await (const keys of nodeRedis.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
      if (keys.length > 0) await nodeRedis.del(keys);
    }
    await Promise.all([nodeRedis.close(), pool.close(), ioredis.quit(), second.quit()]);
  });

  const pairs: Record<string, () => { cache: ReplayCache; other: ReplayCache }> = {
    'node-redis': () => ({ cache: redisReplayCache(nodeRedis, options), other: redisReplayCache(ioredis, options) }),
    'a pool of node-redis': () => ({ cache: redisReplayCache(pool, options), other: redisReplayCache(pool, options) }),
    // A key prefix of the client has the same effect.
    ioredis: () => ({ cache: redisReplayCache(ioredis, options), other: redisReplayCache(second, { prefix: '' }) }),
  };
  describe.for(Object.entries(pairs))('%s keeps the contract of a replay cache', ([, make]) => {
    const cases = replayCacheCases(async () => ({ ...make(), advance: (seconds) => setTimeout(seconds * 1000) }));
    for (const { name, run } of cases) test.concurrent(name, run);
  });

  test('a claim stores a hash of the key, which expires by itself', async () => {
    await redisReplayCache(ioredis, { prefix: `${prefix}own:` }).claim('x'.repeat(10_000), 60);
    const { keys } = await nodeRedis.scan('0', { MATCH: `${prefix}own:*`, COUNT: 1_000_000 });
    expect(keys).toEqual([expect.stringMatching(/:own:[\w-]{43}$/)]);
    const left = await nodeRedis.pTTL(keys[0] ?? '');
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  test('a client that is closed refuses the claim', async () => {
    const closed = await createClient({ url }).connect();
    await closed.close();
    await expect(redisReplayCache(closed, options).claim('a', 1)).rejects.toThrow('The client is closed');
    const quit = new Redis(url);
    await quit.quit();
    await expect(redisReplayCache(quit, options).claim('a', 1)).rejects.toThrow('Connection is closed');
  });
});

describe('with any client', () => {
  const answering = (reply: unknown) => {
    const sent: unknown[][] = [];
    const answer = async (...args: unknown[]) => {
      sent.push(args);
      return reply;
    };
    return { sent, ioredis: redisReplayCache({ call: answer }), nodeRedis: redisReplayCache({ set: answer }) };
  };

  test('one SET NX PX per claim, in milliseconds, rounded up', async () => {
    const { sent, ioredis, nodeRedis } = answering('OK');
    for (const cache of [ioredis, nodeRedis]) for (const ttl of [60, 0.0001, 1.2341]) await cache.claim('a', ttl);
    const key = 'saml-jit:replay:ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs';
    const milliseconds = [60_000, 1, 1235];
    expect(sent).toEqual([
      ...milliseconds.map((each) => ['set', key, '1', 'PX', each, 'NX']),
      ...milliseconds.map((each) => [key, '1', { NX: true, PX: each }]),
    ]);
  });

  test.each([
    ['OK', true],
    [Buffer.from('OK'), true],
    [null, false],
    [undefined, false],
    ['QUEUED', false],
  ])('the answer %s is a claim: %s', async (reply, claimed) => {
    const { ioredis, nodeRedis } = answering(reply);
    expect([await ioredis.claim('a', 1), await nodeRedis.claim('a', 1)]).toEqual([claimed, claimed]);
  });

  test('an error of the server refuses the claim', async () => {
    const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    const fail = () => Promise.reject(full);
    await expect(redisReplayCache({ call: fail }).claim('a', 1)).rejects.toBe(full);
    await expect(redisReplayCache({ set: fail }).claim('a', 1)).rejects.toBe(full);
  });

  test.each([0, -1, Number.NaN, Infinity])(
    'a claim for %s seconds is a TypeError, and sends no command',
    async (ttl) => {
      const { sent, nodeRedis } = answering('OK');
      const mistake = new TypeError('ttlSeconds must be a positive, finite number');
      await expect(nodeRedis.claim('a', ttl)).rejects.toThrow(mistake);
      expect(sent).toEqual([]);
    },
  );

  test('clients, pools and clusters of both packages are accepted; another object is refused', () => {
    const clients = [
      createClient(),
      createClientPool(),
      createCluster({ rootNodes: [{ url }] }),
      new Redis({ lazyConnect: true }),
      new Cluster([{ host, port }], { lazyConnect: true }),
    ];
    for (const client of clients) expect(redisReplayCache(client)).toHaveProperty('claim');
    expect(clients.map((client) => 'call' in client)).toEqual([false, false, false, true, true]);
    const none: { set: never } = JSON.parse('{}');
    expect(() => redisReplayCache(none)).toThrow(
      configurationError('client must be a client of the package redis or ioredis, e.g. createClient() or new Redis()'),
    );
  });
});
