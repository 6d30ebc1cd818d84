import { replayCacheCases } from '../replay-cache.ts';
import { runCase } from '../user-store/run.ts';
import type { StoreCase } from '../user-store/under-test.ts';
import { expiryCases } from './expiry.ts';
import { keyCases } from './keys.ts';
import { putCases } from './put.ts';
import { openStateFixture, type StateStoreUnderTest } from './under-test.ts';
import { valueCases } from './values.ts';

/**
 * The contract of a `StateStore` as a list of cases for any test runner, with those of the `ReplayCache` that it is as well.
 * Where `advance` waits, all of them take about ten seconds.
 * Throws nothing; `run` of a case rejects if the store violates it.
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
    ([name, body]): StoreCase => ({
      name,
      run: (context = {}) => runCase(() => openStateFixture(setUp), body, context),
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
