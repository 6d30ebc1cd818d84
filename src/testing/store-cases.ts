import type { Account } from '../provisioning/user-store.ts';
import { auditCases } from './store-cases/audit.ts';
import { createCases } from './store-cases/create.ts';
import type { CaseBody } from './store-cases/define.ts';
import { emailCases } from './store-cases/emails.ts';
import { skipUnless } from './store-cases/expect.ts';
import { failureCases } from './store-cases/failures.ts';
import { leaverCases } from './store-cases/leavers.ts';
import { loginCases } from './store-cases/logins.ts';
import { ownerCases } from './store-cases/owners.ts';
import { runCase } from './store-cases/run.ts';
import { seatCases } from './store-cases/seats.ts';
import { subjectCases } from './store-cases/subjects.ts';
import type { StoreCase, StoreNeeds, UserStoreUnderTest } from './store-cases/under-test.ts';
import { updateCases } from './store-cases/update.ts';
import { valueCases } from './store-cases/values.ts';
import { versionCases } from './store-cases/versions.ts';
import { openWorld, type World } from './store-cases/world.ts';

const bodies: readonly CaseBody[] = [
  ...subjectCases,
  ...emailCases,
  ...createCases,
  ...seatCases,
  ...updateCases,
  ...versionCases,
  ...ownerCases,
  ...loginCases,
  ...leaverCases,
  ...valueCases,
  ...auditCases,
  ...failureCases,
];

/**
 * The contract of a `UserStore` as a list of cases for any test runner. Each case sets a store up for itself, and works with
 * its functions as well as with whole logins, many of them at once. The application's roles are, highest first, `owner`,
 * `admin` and `member`.
 *
 * @param setUp called once per case, so it should be cheap; the store need not be empty
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { memoryUserStore } from 'saml-jit';
 * import { userStoreCases } from 'saml-jit/testing';
 *
 * const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
 *   const store = memoryUserStore({ oneAccountPerEmail });
 *   return { store, seed: (account) => store.put(account), accounts: (id) => store.list(id) };
 * });
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export function userStoreCases<U extends Account<string>>(
  setUp: (needs: StoreNeeds) => Promise<UserStoreUnderTest<U>>,
): readonly StoreCase[] {
  return bodies.map((body) => ({
    name: body.name,
    run: (context = {}) => {
      const { oneAccountPerEmail: needed } = body;
      const play = async (world: World) => {
        const { oneAccountPerEmail: has = needed } = world;
        skipUnless(needed === null || has === needed, `the store has ${has ? '' : 'not '}one account per e-mail`);
        await body.play(world);
      };
      return runCase(() => openWorld(setUp, needed ?? false), play, context);
    },
  }));
}
