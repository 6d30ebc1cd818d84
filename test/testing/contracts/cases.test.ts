import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ReplayCache } from '../../../src/saml/replay-cache.ts';
import { memoryUserStore } from '../../../src/stores/memory.ts';
import { memoryReplayCache } from '../../../src/stores/memory-replay-cache.ts';
import { replayCacheCases } from '../../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../../src/testing/contracts/user-store/cases.ts';
import type { StoreCase } from '../../../src/testing/contracts/user-store/under-test.ts';
import { cacheDefects } from './cache-defects.ts';
import { naiveStore } from './naive-store.ts';
import { defects } from './store-defects.ts';

/** Names of the cases that fail. */
async function failing(cases: readonly StoreCase[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of cases) await run().catch(() => names.push(name));
  return names;
}

const memory = () => {
  const store = memoryUserStore<string>();
  const seed: typeof store.put = (account) => store.put(account);
  return { store, seed, accounts: (organizationId: string) => store.list(organizationId) };
};
const find = (cases: readonly StoreCase[], name: string): StoreCase => {
  const found = cases.find((each) => each.name === name);
  if (!found) throw new Error(`there is no case "${name}"`);
  return found;
};

describe('userStoreCases', () => {
  test('each case has a unique name', () => {
    const names = userStoreCases(async () => memory()).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(names.length);
  });

  test('an incomplete store fails', async () => {
    expect(await failing(userStoreCases(async () => naiveStore()))).toEqual([
      'find: the same subject at another issuer or connection is another person',
      'find: subjects that differ in a NameQualifier are two people',
      'find: subjects that differ in an SPNameQualifier are two people',
      'find: subjects that differ in the NameQualifier are two people',
      'find: subjects that differ in the SPNameQualifier are two people',
      'find: subjects that differ in which of the qualifiers they have are two people',
      'find: subjects that differ in the case of a qualifier are two people',
      'find: subjects that differ in a trailing space of a qualifier are two people',
      'find: subjects that differ in the last of 1,024 characters of a qualifier are two people',
      'find: subject and qualifiers are not joined',
      'update: identities that differ in a qualifier are added, removed and replaced',
      'find: a later write does not change an account that was read before',
      'find: an e-mail in any spelling of ASCII letters and domain',
      'create: an e-mail in another spelling is taken',
      "one account per e-mail: another organization's account is found and not changed",
      'one account per e-mail: an update cannot take the e-mail of another organization',
      'one account per e-mail: of two concurrent organizations one succeeds',
      'create: an active account with all values that were passed',
      'create: an identity in use is a conflict',
      'create: with a qualifier, an identity in use is a conflict',
      'create: the e-mail or identity of an invited or suspended account is a conflict',
      'create: the e-mail and identity of a removed account are free',
      'find: removed accounts if no living one matches',
      'seats: a conflict takes precedence over the limit',
      'seats: 30 concurrent first logins with 5 seats create exactly 5 accounts',
      'seats: 20 concurrent first logins of one person with one free seat all succeed',
      'update: the fields that are present, and no others',
      'update: identities are added, removed and replaced',
      "update: another account's identity or e-mail is a conflict",
      'update: of two concurrent updates with one e-mail or identity, one succeeds',
      'update: its own e-mail in another spelling is no conflict',
      'update: the e-mail and identity of a removed account are free',
      'update: an account that was suspended or removed after the read is a conflict',
      'update: a field that is written counts as set by the identity provider',
      'update: does not overwrite a newer state',
      'update: of 10 that read the same state, exactly one is written',
      'update: each write makes a new version, except a login without changes',
      'last owner: keeps the protected role',
      'last owner: suspended, removed and invited owners, and those of other organizations, do not count',
      'last owner: of two concurrent demotions one fails',
      'last owner: of 10 owners demoted by concurrent logins one keeps the role, and all sign in',
      'login: 50 concurrent first logins of one person create one account, and all succeed',
      'login: concurrent first logins of two people with one e-mail create one account',
      'login: concurrent first logins by two connections create one account with both identities',
      'login: an invitation is consumed once, and its role is kept',
      'login: an e-mail that another account has is not taken over',
      'login: rejects removed and suspended people',
      'login: with policy.recreate a removed person gets a new account',
      'suspend, remove: a conflict between read and write',
      'suspend, remove: the status is kept, at any moment of an update',
      'suspend: changes the version',
      'remove: keeps the row, and its e-mail is free',
      'restore: a conflict if the e-mail was taken',
      'restore: an identity that another account has now stays with that account',
      'one account per e-mail: restore is a conflict if another organization took it',
      'listStale: active users without a login since a time',
      'organizationsOf: where an e-mail is registered, each once',
      'values: further attributes of any name, with none, one or several values',
      'values: the longest e-mail address',
      'audit: no record of a refused write',
      'failure: a create that fails midway writes nothing, and the person can log in again',
      'failure: an update that fails midway does not change the account',
      'failure: a failed login does not change lastLoginAt',
      'failure: one of several concurrent logins fails, and the others succeed',
    ]);
  });

  test.each(Object.entries(defects))('a store that %s fails', async (_, { setUp, caughtBy }) => {
    await expect(find(userStoreCases(setUp), caughtBy).run()).rejects.toThrow('expected: ');
  });

  test('a failure states the expected value, the received value, and what to change', async () => {
    const cases = userStoreCases(async () => naiveStore());
    const login = find(cases, 'login: 50 concurrent first logins of one person create one account, and all succeed');
    const message = await login.run().catch((error: Error) => error.message);
    expect(message).toBe(
      'Let unique indexes decide, on (organization, e-mail key) and on (connection, issuer, subject), and throw UserConflict ' +
        'where they are violated: the login then reads again.\n' +
        'expected: { created: 1, unchanged: 49 }\nreceived: { created: 50 }',
    );
  });

  test('an unexpected error of a store is reported, and is the cause', async () => {
    const broken = new RangeError('no such table');
    const store = { ...memory().store, find: () => Promise.reject(broken) };
    const cases = userStoreCases(async () => ({ ...memory(), store }));
    const error: unknown = await find(cases, 'find: null for an unknown subject and e-mail')
      .run()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: 'No step of this case should throw.\nexpected: no rejection\nreceived: RangeError: no such table',
      cause: broken,
    });
  });

  test('a case for a function that the store does not have is skipped if the runner supports it; each store is closed', async () => {
    let open = 0;
    const cases = userStoreCases(async () => {
      open += 1;
      const { store, ...hooks } = memory();
      const { find, create, update } = store;
      const close = async () => {
        open -= 1;
      };
      return { ...hooks, store: { find, create, update }, oneAccountPerEmail: false, close };
    });
    const skipped: Record<string, number> = {};
    const skip = (reason: string) => {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    };
    for (const { run } of cases) await run({ skip });
    expect(skipped).toEqual({
      'the store has no listStale': 2,
      'the store has no organizationsOf': 1,
      'the store has no remove': 1,
      'the store has no restore': 3,
      'the store has no seatsTaken': 1,
      'the store has no suspend': 3,
      'the store has no suspend and remove, and the test no setStatus': 1,
      'the store has not one account per e-mail': 5,
      'the store keeps no audit records': 4,
      'the store under test has no failNextWrite': 5,
    });
    expect(await failing(cases)).toEqual([]);
    expect(open).toBe(0);
  });

  test('cases for several accounts per e-mail are skipped for a store that has only one', async () => {
    const cases = userStoreCases(async () => {
      const store = memoryUserStore<string>({ oneAccountPerEmail: true });
      const seed: typeof store.put = (account) => store.put(account);
      return { store, oneAccountPerEmail: true, seed, accounts: (organizationId) => store.list(organizationId) };
    });
    expect(await failing(cases)).toEqual([]);
  });

  test('a store whose organizations have numbers as ids provides two of them', async () => {
    let last = 0;
    const used = new Set<string>();
    const numbered = (id: string) => {
      if (!/^[1-9]\d*$/.test(id)) throw new Error(`invalid input syntax for type bigint: "${id}"`);
      used.add(id);
      return id;
    };
    const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
      const store = memoryUserStore<string>({ oneAccountPerEmail });
      return {
        store: {
          ...store,
          find: (key) => store.find({ ...key, organizationId: numbered(key.organizationId) }),
          create: (user, guard) => store.create({ ...user, organizationId: numbered(user.organizationId) }, guard),
        },
        organizations: [String(++last), String(++last)],
        seed: (account) => store.put({ ...account, organizationId: numbered(account.organizationId) }),
        accounts: (organizationId) => store.list(numbered(organizationId)),
      };
    });
    expect(await failing(cases)).toEqual([]);
    expect(used.size).toBeGreaterThan(cases.length);
  });

  test.each<[string, readonly unknown[]]>([
    ['numbers', [1, 2]],
    ['the same twice', ['1', '1']],
    ['one', ['1']],
    ['three', ['1', '2', '3']],
  ])('organizations that are no two IDs are a mistake of the test: %s', async (_, organizations) => {
    const cases = userStoreCases(async () => ({ ...memory(), organizations: organizations as [string, string] }));
    await expect(cases[0]?.run()).rejects.toThrow(
      new TypeError(`organizations must be two IDs as text, such as ['1', '2']; received ${inspect(organizations)}`),
    );
  });

  test('an application may suspend by its own function', async () => {
    const statuses: string[] = [];
    const cases = userStoreCases(async () => {
      const { store, ...hooks } = memory();
      const { suspend, remove, restore, ...rest } = store;
      return {
        ...hooks,
        store: rest,
        setStatus: async (userId, status) => {
          statuses.push(status);
          await (status === 'suspended' ? suspend(userId) : remove(userId));
        },
      };
    });
    await find(cases, 'suspend, remove: the status is kept, at any moment of an update').run();
    expect(new Set(statuses)).toEqual(new Set(['suspended', 'removed']));
  });

  test('a store is also closed after a failure', async () => {
    let closed = 0;
    const cases = userStoreCases(async () => ({ ...naiveStore(), close: async () => void closed++ }));
    const failures = await failing(cases);
    expect(failures.length).toBeLessThan(cases.length);
    expect(closed).toBe(cases.length);
  });

  test('organizations are passed before the case begins, for a table that requires them', async () => {
    const organizations = new Set<string>();
    const cases = userStoreCases(async (needs) => {
      for (const id of needs.organizations) organizations.add(id);
      const { store, ...hooks } = memory();
      const create: typeof store.create = (user, guard) => {
        if (!organizations.has(user.organizationId)) throw new Error('violates foreign key constraint');
        return store.create(user, guard);
      };
      return { ...hooks, store: { ...store, create } };
    });
    expect(await failing(cases.filter(({ name }) => !name.startsWith('one account')))).toEqual([]);
    expect(organizations.size).toBe(
      2 * (cases.length - cases.filter(({ name }) => name.startsWith('one account')).length),
    );
  });
});

describe('replayCacheCases', () => {
  const cases = (make: (now: () => Date) => ReplayCache) =>
    replayCacheCases(async () => {
      let seconds = 0;
      const cache = make(() => new Date(seconds * 1000));
      return {
        cache,
        other: cache,
        advance: async (passed) => {
          seconds += passed;
        },
      };
    });

  test.each(Object.entries(cacheDefects))('a cache that %s fails', async (_, { make, caughtBy }) => {
    await expect(find(cases(make), caughtBy).run()).rejects.toThrow('expected: ');
  });

  test('two caches without shared state fail, and the case is skipped for a single cache', async () => {
    const advance = async () => undefined;
    const apart = replayCacheCases(async () => ({ cache: memoryReplayCache(), other: memoryReplayCache(), advance }));
    const names = apart.map(({ name }) => name).filter((name) => name.includes('process'));
    expect((await failing(apart)).filter((name) => name.includes('process'))).toEqual(names);
    const alone = replayCacheCases(async () => ({ cache: memoryReplayCache(), advance }));
    const skipped: string[] = [];
    for (const { name, run } of alone.filter((each) => each.name.includes('process'))) {
      await run({ skip: (reason) => skipped.push(`${name}: ${reason}`) });
    }
    expect(skipped).toEqual(names.map((name) => `${name}: there is no second client`));
  });
});
