import { replayCacheCases } from '../replay-cache.ts';
import { runCase } from '../user-store/run.ts';
import type { StoreCase } from '../user-store/under-test.ts';
import { expiryCases } from './expiry.ts';
import { keyCases } from './keys.ts';
import { putCases } from './put.ts';
import { openStateBench, type StateStoreUnderTest } from './under-test.ts';
import { valueCases } from './values.ts';

/**
 * The contract of a `StateStore` as a list of cases for any test runner, including those of a `ReplayCache`, which it
 * is too. Where `advance` waits, all of them take about ten seconds.
 *
 * @param setUp called once per case; the store need not be empty
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { setTimeout } from 'node:timers/promises';
 * import { memoryStateStore } from 'saml-jit';
 * import { stateStoreCases } from 'saml-jit/testing/contracts';
 *
 * const cases = stateStoreCases(async () => ({
 *   store: memoryStateStore(),
 *   advance: (seconds) => setTimeout(seconds * 1000),
 * }));
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function stateStoreCases(setUp: () => Promise<StateStoreUnderTest>): readonly StoreCase[] {
  const bodies = [...putCases, ...keyCases, ...expiryCases, ...valueCases];
  const cases = bodies.map(
    ([name, play]): StoreCase => ({
      name,
      run: (context = {}) => runCase(() => openStateBench(setUp), play, context),
    }),
  );
  const claims = replayCacheCases(async () => {
    const underTest = await setUp();
    return {
      cache: underTest.store,
      other: underTest.other,
      advance: (seconds) => underTest.advance(seconds),
      close: async () => underTest.close?.(),
    };
  });
  return [...cases, ...claims];
}
