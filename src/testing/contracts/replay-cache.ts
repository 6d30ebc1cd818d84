import { randomUUID } from 'node:crypto';
import type { ReplayCache } from '../../saml/replay-cache.ts';
import { rejects, same, skipUnless } from './user-store/expect.ts';
import { runCase } from './user-store/run.ts';
import type { StoreCase } from './user-store/under-test.ts';

/** A replay cache, and its clock. */
export interface ReplayCacheUnderTest {
  readonly cache: ReplayCache;
  /**
   * A second client of the same storage, like that of another process. Absent: cases about several processes are
   * skipped.
   */
  readonly other?: ReplayCache | undefined;
  /** Advances the time by this number of seconds, at most 1.5: by a clock of the test, or by waiting. */
  advance(seconds: number): Promise<void>;
  /** Called after each case, passed or failed. */
  close?: (() => Promise<void>) | undefined;
}

/** A cache, and a name that no other case uses. */
interface Fixture extends ReplayCacheUnderTest {
  readonly key: string;
}

/**
 * The contract of a `ReplayCache` as a list of cases for any test runner. Where `advance` waits, all of them take about
 * five seconds.
 * Throws nothing; `run` of a case rejects if the cache violates it.
 *
 * @param setUp called once per case; the cache need not be empty
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { setTimeout } from 'node:timers/promises';
 * import { memoryReplayCache } from 'saml-jit';
 * import { replayCacheCases } from 'saml-jit/testing/contracts';
 *
 * const cases = replayCacheCases(async () => ({
 *   cache: memoryReplayCache(),
 *   advance: (seconds) => setTimeout(seconds * 1000),
 * }));
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function replayCacheCases(setUp: () => Promise<ReplayCacheUnderTest>): readonly StoreCase[] {
  return bodies.map(([name, body]) => ({
    name,
    run: (context = {}) => runCase(() => openFixture(setUp), body, context),
  }));
}

async function openFixture(setUp: () => Promise<ReplayCacheUnderTest>): Promise<Fixture> {
  const underTest = await setUp();
  return {
    cache: underTest.cache,
    other: underTest.other,
    key: `case ${randomUUID()} `,
    // The hooks may be methods of an instance.
    advance: (seconds) => underTest.advance(seconds),
    close: async () => underTest.close?.(),
  };
}

const once = 'claim must resolve to true the first time, and to false while that claim lasts.';
const atomic = 'Read and write in one atomic operation: SET NX, or insert ... on conflict do nothing.';
const exactly = 'Compare keys exactly, or compare a cryptographic hash of them.';
const oddKeys = [
  '',
  '\0',
  '\n',
  "'; drop table x; --",
  '\\',
  '%',
  '__proto__',
  'é',
  'e\u0301',
  'É',
  '\u{1F600}',
  ' ',
  '  ',
];

const bodies: readonly (readonly [name: string, body: (fixture: Fixture) => Promise<void>])[] = [
  [
    'claim: true the first time, then false',
    async ({ cache, key }) => {
      same(await cache.claim(key, 60), true, once);
      same([await cache.claim(key, 60), await cache.claim(key, 60)], [false, false], once);
    },
  ],
  [
    'claim: different keys are independent',
    async ({ cache, key }) => {
      same([await cache.claim(`${key}a`, 60), await cache.claim(`${key}b`, 60)], [true, true], exactly);
      same([await cache.claim(`${key}a`, 60), await cache.claim(`${key}b`, 60)], [false, false], once);
    },
  ],
  [
    'claim: of 50 concurrent claims exactly one is true',
    async ({ cache, key }) => {
      const claims = await Promise.all(Array.from({ length: 50 }, () => cache.claim(key, 60)));
      same(claims.filter(Boolean).length, 1, atomic);
    },
  ],
  [
    'claim: of 50 concurrent claims of two processes exactly one is true',
    async ({ cache, other, key }) => {
      skipUnless(other, 'there is no second client');
      const claims = Array.from({ length: 50 }, (_, index) => (index % 2 ? cache : other).claim(key, 60));
      same((await Promise.all(claims)).filter(Boolean).length, 1, atomic);
    },
  ],
  [
    'claim: a claim of one process holds for the other',
    async ({ cache, other, key }) => {
      skipUnless(other, 'there is no second client');
      await cache.claim(`${key}a`, 60);
      await other.claim(`${key}b`, 60);
      const advice = 'Both must use one storage, and name keys in the same way.';
      same([await other.claim(`${key}a`, 60), await cache.claim(`${key}b`, 60)], [false, false], advice);
    },
  ],
  [
    'claim: keys of any characters are distinct',
    async ({ cache, key }) => {
      for (const odd of oddKeys) same(await cache.claim(key + odd, 60), true, exactly);
      for (const odd of oddKeys) same(await cache.claim(key + odd, 60), false, once);
      same([await cache.claim(`${key}A`, 60), await cache.claim(`${key}a`, 60)], [true, true], exactly);
    },
  ],
  [
    'claim: keys of 10 KB that differ in the last character',
    async ({ cache, key }) => {
      const long = key + 'x'.repeat(10_240);
      same([await cache.claim(`${long}1`, 60), await cache.claim(`${long}2`, 60)], [true, true], exactly);
      same([await cache.claim(`${long}1`, 60), await cache.claim(`${long}2`, 60)], [false, false], once);
    },
  ],
  [
    'claim: true again after it has expired',
    async ({ cache, key, advance }) => {
      same(await cache.claim(key, 0.05), true, 'A claim may last for a fraction of a second.');
      await advance(1.1);
      same(await cache.claim(key, 60), true, 'Ignore an expired claim, even if it was not deleted yet.');
      same(await cache.claim(key, 60), false, once);
    },
  ],
  [
    'claim: of 20 concurrent claims of an expired key exactly one is true',
    async ({ cache, other = cache, key, advance }) => {
      await cache.claim(key, 0.05);
      await advance(1.1);
      const claims = Array.from({ length: 20 }, (_, index) => (index % 2 ? cache : other).claim(key, 60));
      same((await Promise.all(claims)).filter(Boolean).length, 1, atomic);
    },
  ],
  [
    'claim: lasts for fractions of a second, never shorter',
    async ({ cache, key, advance }) => {
      await cache.claim(`${key}a`, 0.9);
      same(await cache.claim(`${key}b`, 0.0001), true, 'A claim may last for less than a millisecond: round it up.');
      await advance(0.1);
      same(await cache.claim(`${key}a`, 60), false, 'Never shorten a claim: round its time up.');
    },
  ],
  [
    'claim: a refused claim does not change the expiry of the first',
    async ({ cache, key, advance }) => {
      await cache.claim(`${key}short`, 0.2);
      await cache.claim(`${key}long`, 86_400);
      const refused = [await cache.claim(`${key}short`, 86_400), await cache.claim(`${key}long`, 0.05)];
      same(refused, [false, false], once);
      await advance(1.3);
      const advice = 'A refused claim must not change the expiry of the existing one.';
      same([await cache.claim(`${key}short`, 60), await cache.claim(`${key}long`, 60)], [true, false], advice);
    },
  ],
  [
    'claim: lasts for 30 days and more',
    async ({ cache, key, advance }) => {
      same(await cache.claim(key, 2_592_300), true, once);
      await advance(1.1);
      const advice = 'Keep the time of expiry in 64 bits: 30 days do not fit into 31 bits of milliseconds.';
      same(await cache.claim(key, 60), false, advice);
    },
  ],
  [
    'claim: no unexpired key is dropped among 1,000 others',
    async ({ cache, key, advance }) => {
      await cache.claim(key, 60);
      await Promise.all(
        Array.from({ length: 1000 }, (_, index) => cache.claim(`${key}${index}`, 0.05 + (index % 2) * 60)),
      );
      await advance(0.2);
      await Promise.all(Array.from({ length: 100 }, (_, index) => cache.claim(`${key}more ${index}`, 60)));
      const again = await Promise.all(
        Array.from({ length: 500 }, (_, index) => cache.claim(`${key}${2 * index + 1}`, 60)),
      );
      const advice = 'Delete expired claims only; a full cache must throw.';
      same([await cache.claim(key, 60), again.filter(Boolean).length], [false, 0], advice);
    },
  ],
  [
    'claim: a ttlSeconds of 0 is a TypeError, and claims nothing',
    async ({ cache, key }) => {
      const advice = 'Throw a TypeError for a ttlSeconds that is not a positive number.';
      for (const ttl of [0, -1, Number.NaN]) await rejects(cache.claim(key, ttl), TypeError, advice);
      same(await cache.claim(key, 60), true, 'Check ttlSeconds before anything is written.');
    },
  ],
];
