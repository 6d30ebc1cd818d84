import { randomUUID } from 'node:crypto';
import type { Connection } from '../../../connections/connection.ts';
import type { Profile } from '../../../provisioning/profile.ts';
import { type ProvisionResult, provision } from '../../../provisioning/provision.ts';
import type { Account, AuditRecord, Changes, Identity, NewUser, UserStore } from '../../../provisioning/user-store.ts';
import type { AccountInput } from '../../../stores/complete-store.ts';
import { byJson, comparableAccount } from './compare.ts';
import { rejects, same, show } from './expect.ts';
import { later, newTestNames, now, roles, type TestNames } from './test-names.ts';
import type { SetUp, UserStoreUnderTest } from './under-test.ts';

/** The guard of an `update`; fields left out: as for a login that changes something, without conditions. */
type Guard = Partial<Parameters<UserStore['update']>[2]>;

/** Settings of a login that do not belong to the user. */
interface LoginOptions {
  readonly seats?: number | null;
  readonly connection?: Connection;
  readonly now?: Date;
}

/** A store under test, and the names that a case uses. Values left out are those of Ann, who is active and verified. */
export interface UserStoreFixture extends TestNames {
  readonly store: UserStore;
  readonly oneAccountPerEmail: boolean | undefined;
  readonly keepsAudit: boolean;
  readonly failNextWrite: (() => Promise<void>) | undefined;
  /** Suspends or removes an account; left out: not possible with this store. */
  readonly setStatus: UserStoreUnderTest<Account>['setStatus'];
  readonly close: () => Promise<void>;
  seed(changes?: Partial<AccountInput<string>>): Promise<Account>;
  /** Default: those of Acme. */
  accounts(organizationId?: string): Promise<readonly Account[]>;
  /** Audit records of this case; empty if the store keeps none. */
  records(): Promise<readonly AuditRecord[]>;
  find(
    subject: string,
    email: string | null,
    changes?: Partial<Identity & { readonly organizationId: string }>,
  ): ReturnType<UserStore['find']>;
  create(changes?: Partial<NewUser<Account>>, seats?: number | null): Promise<Account>;
  update(user: Account, changes: Partial<Changes<Account>>, guard?: Guard): Promise<Account>;
  /** A login that changes nothing but `lastLoginAt`. */
  touch(user: Account, lastLoginAt?: Date): Promise<Account>;
  /** A complete login, without the SAML message. */
  login(profile?: Partial<Profile>, options?: LoginOptions): Promise<ProvisionResult<Account>>;
  /** Asserts that the write is refused with this error and that nothing was written. */
  refused(
    write: () => Promise<unknown>,
    error: abstract new (...args: never[]) => Error,
    advice: string,
  ): Promise<void>;
}

/** Sets a store up for one case. */
export async function openFixture(setUp: SetUp, oneAccountPerEmail: boolean): Promise<UserStoreFixture> {
  const organizations = [randomUUID(), randomUUID()] as const;
  const underTest = await setUp({ oneAccountPerEmail, organizations });
  const [acme, globex] = twoOrganizations(underTest.organizations ?? organizations);
  const names = newTestNames(acme, globex);
  const { assertionId, record, newUser } = names;
  const { store } = underTest;

  const records = async (): Promise<readonly AuditRecord[]> => {
    const all = (await underTest.audit?.()) ?? [];
    return all.filter(({ organizationId }) => organizationId === acme || organizationId === globex);
  };
  const snapshot = async (): Promise<object> => {
    const accounts = [...(await underTest.accounts(acme)), ...(await underTest.accounts(globex))];
    return { accounts: accounts.map(comparableAccount).sort(byJson), audit: await records() };
  };

  return {
    ...names,
    store,
    oneAccountPerEmail: underTest.oneAccountPerEmail,
    keepsAudit: underTest.audit !== undefined,
    // The hooks may be methods of an instance.
    failNextWrite: underTest.failNextWrite && (async () => underTest.failNextWrite?.()),
    setStatus: statusSetter(underTest),
    close: async () => underTest.close?.(),
    async seed(changes = {}) {
      const { identity, customAttributes: _, lastLoginAt: __, ...ann } = newUser();
      return underTest.seed({ ...ann, status: 'active', identities: [identity], ...changes });
    },
    accounts: (organizationId = acme) => underTest.accounts(organizationId),
    records,
    find: (subject, email, changes = {}) =>
      store.find({ organizationId: acme, email, ...names.identity(subject), ...changes }),
    async create(changes = {}, seats = null) {
      const user = newUser(changes);
      const { organizationId, identity } = user;
      return store.create(user, { seats, audit: record('create', { organizationId, identity }) });
    },
    async update(user, changes, guard = {}) {
      const audit = record('update', { organizationId: user.organizationId });
      return store.update(user, { lastLoginAt: later, ...changes }, { keepLast: null, audit, ...guard });
    },
    async touch(user, lastLoginAt = later) {
      return store.update(user, { lastLoginAt }, { keepLast: null, audit: record('login') });
    },
    login: (profile = {}, options = {}) =>
      provision<Account>({
        store,
        connection: options.connection ?? names.connection(),
        organization: { sso: true, seats: options.seats ?? null },
        roles,
        profile: names.profile(profile),
        now: options.now ?? now,
        assertionId,
      }),
    async refused(write, error, advice) {
      const before = await snapshot();
      await rejects(write(), error, advice);
      same(await snapshot(), before, 'A write that is refused must leave nothing behind: roll all of it back.');
    },
  };
}

function twoOrganizations(ids: readonly unknown[]): readonly [string, string] {
  const [first, second] = ids;
  if (typeof first === 'string' && typeof second === 'string' && first !== second && ids.length === 2)
    return [first, second];
  throw new TypeError(`organizations must be two IDs as text, such as ['1', '2']; received ${show(ids)}`);
}

function statusSetter(underTest: UserStoreUnderTest<Account>): UserStoreFixture['setStatus'] {
  const { store } = underTest;
  if (underTest.setStatus) return async (userId, status) => underTest.setStatus?.(userId, status);
  if (!store.suspend || !store.remove) return undefined;
  return async (userId, status) => (status === 'suspended' ? store.suspend?.(userId) : store.remove?.(userId));
}
