import type { Account } from '../../../provisioning/user-store.ts';
import { accountStatusCases } from './account-status.ts';
import { auditCases } from './audit.ts';
import { createCases } from './create.ts';
import type { CaseBody } from './define.ts';
import { emailCases } from './emails.ts';
import { skipUnless } from './expect.ts';
import { failureCases } from './failures.ts';
import { openFixture, type UserStoreFixture } from './fixture.ts';
import { loginCases } from './logins.ts';
import { ownerCases } from './owners.ts';
import { runCase } from './run.ts';
import { seatCases } from './seats.ts';
import { subjectCases } from './subjects.ts';
import type { StoreCase, StoreNeeds, UserStoreUnderTest } from './under-test.ts';
import { updateCases } from './update.ts';
import { valueCases } from './values.ts';
import { versionCases } from './versions.ts';

const bodies: readonly CaseBody[] = [
  ...subjectCases,
  ...emailCases,
  ...createCases,
  ...seatCases,
  ...updateCases,
  ...versionCases,
  ...ownerCases,
  ...loginCases,
  ...accountStatusCases,
  ...valueCases,
  ...auditCases,
  ...failureCases,
];

/**
 * The contract of a `UserStore` as a list of cases for any test runner. Each case sets up its own store, and calls its
 * functions as well as complete logins, many of them concurrently. The application's roles are, highest first, `owner`,
 * `admin` and `member`.
 * Throws nothing; `run` of a case rejects if the store violates it.
 *
 * @param setUp called once per case, so it should be cheap; the store need not be empty
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { memoryUserStore } from 'saml-jit';
 * import { userStoreCases } from 'saml-jit/testing/contracts';
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
      const runBody = async (fixture: UserStoreFixture) => {
        const { oneAccountPerEmail: has = needed } = fixture;
        skipUnless(needed === null || has === needed, `the store has ${has ? '' : 'not '}one account per e-mail`);
        await body.run(fixture);
      };
      return runCase(() => openFixture(setUp, needed ?? false), runBody, context);
    },
  }));
}
