import { runCase } from '../user-store/run.ts';
import type { StoreCase } from '../user-store/under-test.ts';
import { domainCases } from './domains.ts';
import { lookUpCases } from './look-ups.ts';
import { putCases } from './put.ts';
import { type ConnectionStoreUnderTest, openConnectionFixture } from './under-test.ts';

/**
 * The contract of a `ConnectionStore` as a list of cases for any test runner. Cases about `list`, `put` and `delete` are skipped
 * where the store does not have them.
 * Throws nothing; `run` of a case rejects if the store violates it.
 *
 * @param setUp called once per case; the store need not be empty
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { memoryConnectionStore } from 'saml-jit';
 * import { connectionStoreCases } from 'saml-jit/testing/contracts';
 *
 * const roles = ['owner', 'admin', 'member'];
 * const cases = connectionStoreCases(async () => ({ store: memoryConnectionStore({ roles }) }));
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function connectionStoreCases(setUp: () => Promise<ConnectionStoreUnderTest>): readonly StoreCase[] {
  return [...lookUpCases, ...putCases, ...domainCases].map(([name, body]) => ({
    name,
    run: (context = {}) => runCase(() => openConnectionFixture(setUp), body, context),
  }));
}
