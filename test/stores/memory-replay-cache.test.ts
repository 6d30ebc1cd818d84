import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryReplayCache } from '../../src/stores/memory-replay-cache.ts';
import { configurationError } from '../support/configuration-error.ts';

function clocked(maxEntries?: number) {
  const clock = { seconds: 1_000_000 };
  const cache = memoryReplayCache({ maxEntries, now: () => new Date(clock.seconds * 1000) });
  return { cache, clock };
}

describe('memoryReplayCache', () => {
  test('a claim counts once, until it expires', async () => {
    const { cache, clock } = clocked();
    expect(await cache.claim('a', 10)).toBe(true);
    expect(await cache.claim('a', 10)).toBe(false);
    expect(await cache.claim('b', 10)).toBe(true);
    clock.seconds += 9.999;
    expect(await cache.claim('a', 1)).toBe(false);
    clock.seconds += 0.001;
    expect(await cache.claim('a', 10)).toBe(true);
  });

  test('of concurrent claims one succeeds', async () => {
    const { cache } = clocked();
    const claims = await Promise.all(Array.from({ length: 50 }, () => cache.claim('a', 10)));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('a full cache rejects new keys and keeps all others, until a key expires', async () => {
    const { cache, clock } = clocked(2);
    await cache.claim('a', 10);
    await cache.claim('b', 20);
    await expect(cache.claim('c', 10)).rejects.toThrow('the replay cache is full: 2 keys have not expired yet');
    expect(await cache.claim('a', 10)).toBe(false);
    clock.seconds += 10;
    expect(await cache.claim('c', 10)).toBe(true);
    await expect(cache.claim('d', 10)).rejects.toThrow('the replay cache is full');
    expect(await cache.claim('b', 10)).toBe(false);
  });

  test('it behaves like a plain table of expiry times', async () => {
    const step = fc.record({ key: fc.nat(30).map(String), ttl: fc.integer({ min: 1, max: 40 }), wait: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 25 }),
        async (steps, maxEntries) => {
          const { cache, clock } = clocked(maxEntries);
          const table = new Map<string, number>();
          for (const { key, ttl, wait } of steps) {
            clock.seconds += wait;
            for (const [each, expires] of table) if (expires <= clock.seconds) table.delete(each);
            const expected = table.has(key) ? false : table.size >= maxEntries ? 'full' : true;
            if (expected === true) table.set(key, clock.seconds + ttl);
            expect(await cache.claim(key, ttl).catch(() => 'full')).toBe(expected);
          }
        },
      ),
    );
  });

  test('removes expired keys and claims new ones among 100,000', async () => {
    const { cache, clock } = clocked(100_000);
    for (let i = 0; i < 100_000; i++) await cache.claim(`key ${i}`, 1 + ((i * 7919) % 5000));
    for (let i = 0; i < 1000; i++) await cache.claim('one too many', 1).catch(() => undefined);
    clock.seconds += 5000;
    expect(await cache.claim('key 1', 1)).toBe(true);
  });

  test.each([0, -1, Number.NaN, Infinity])('a claim for %s seconds is a TypeError', async (ttl) => {
    const { cache } = clocked();
    await expect(cache.claim('a', ttl)).rejects.toThrow(new TypeError('ttlSeconds must be a positive number'));
  });

  test.each([0, 1.5, Number.NaN])('maxEntries of %s is a ConfigurationError', (maxEntries) => {
    expect(() => memoryReplayCache({ maxEntries })).toThrow(
      configurationError('maxEntries must be a positive integer'),
    );
  });
});
