import { describe, expect, test } from 'vitest';
import type { ProvisioningPolicy } from '../../src/connections/connection.ts';
import type { Decision } from '../../src/provisioning/decision.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import { type ProvisionInput, type ProvisionResult, predict, provision } from '../../src/provisioning/provision.ts';
import { type AuditRecord, SeatLimitReached, UserConflict, type UserStore } from '../../src/provisioning/user-store.ts';
import type { AccountInput } from '../../src/stores/complete-store.ts';
import { memoryUserStore } from '../../src/stores/memory.ts';
import { account, connection, identity, now, profile, type Role, roles, type User } from './support.ts';

type Memory = ReturnType<typeof memory>;

function memory(...users: AccountInput<Role>[]) {
  const audits: AuditRecord[] = [];
  let count = 0;
  const store = memoryUserStore<Role>({
    roles,
    users,
    newId: () => `new${++count}`,
    onAudit: (record) => audits.push(record),
  });
  return Object.assign(store, { audits });
}

/** The same store, but others get their turn between its calls, and after each reading all wait for `readers`. */
function slow(store: Memory, readers = 1): UserStore<User> {
  let waiting: (() => void)[] = [];
  return {
    ...store,
    async find(key) {
      const found = await store.find(key);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length < readers) return;
        for (const go of waiting) go();
        waiting = [];
        readers = 1;
      });
      return found;
    },
  };
}

function login(
  store: UserStore<User>,
  person: Partial<Profile> = {},
  more: Partial<ProvisionInput<User>> = {},
): Promise<ProvisionResult<User>> {
  return provision({
    store,
    connection: connection(),
    organization: { sso: true, seats: null },
    roles,
    profile: profile(person),
    now,
    assertionId: '_a1',
    ...more,
  });
}

const withPolicy = (policy: Partial<ProvisioningPolicy>) => ({ connection: connection({}, policy) });
const bob = { subject: 'bob-1', email: 'bob@acme.example', name: 'Bob' };
const outcomes = (results: readonly ProvisionResult<User>[]) => results.map(({ outcome }) => outcome).sort();

describe('one login', () => {
  test('rules new-user, unchanged-login and field-sync: created, unchanged, updated; each writes an audit record', async () => {
    const store = memory();
    const created = await login(store);
    expect(created).toMatchObject({
      outcome: 'created',
      identity,
      user: { id: 'new1', role: 'member', lastLoginAt: now },
    });
    const later = new Date(now.getTime() + 1000);
    const unchanged = await login(store, {}, { now: later });
    expect(unchanged).toMatchObject({ outcome: 'unchanged', changes: [], user: { id: 'new1', lastLoginAt: later } });
    const changes = [{ field: 'name', from: 'Alice Adams', to: 'Alice Baker' }];
    expect(await login(store, { name: 'Alice Baker' })).toMatchObject({
      outcome: 'updated',
      changes,
      user: { name: 'Alice Baker' },
    });
    expect(store.audits.map(({ action }) => action)).toEqual(['create', 'login', 'update']);
    expect(store.audits[2]).toEqual({
      at: now,
      connectionId: 'acme-okta',
      organizationId: 'acme',
      assertionId: '_a1',
      identity,
      action: 'update',
      changes,
      notes: [],
    });
  });
  test('a rejection before the look-up does not call the store, and has no identity', async () => {
    const store: UserStore<User> = { ...memory(), find: () => Promise.reject(new Error('asked')) };
    const refused = await login(store, {}, { connection: connection({ enabled: false }) });
    expect(refused).toMatchObject({ outcome: 'rejected', reason: 'connection_disabled', identity: null });
    await expect(login(store)).rejects.toThrow('asked');
  });
  test('a rejection after the look-up has the identity, and writes nothing', async () => {
    const store = memory(account({ status: 'suspended' }));
    expect(await login(store)).toMatchObject({ outcome: 'rejected', reason: 'user_suspended', identity });
    expect(store.audits).toEqual([]);
  });
  test('rule verified-domains: the store is queried only for e-mails inside the verified domains', async () => {
    const asked: (string | null)[] = [];
    const store = memory();
    const spy: UserStore<User> = {
      ...store,
      find: (key) => {
        asked.push(key.email);
        return store.find(key);
      },
    };
    await login(spy, { email: 'alice@globex.example' });
    await login(spy, { email: 'alice@acme.example' });
    await login(spy, { subject: 'x', email: 'alice@globex.example' }, { connection: connection({ domains: [] }) });
    expect(asked).toEqual([null, 'alice@acme.example', 'alice@globex.example']);
  });
  test('rule other-organization: with one account per e-mail, another organization is not touched', async () => {
    const store = memoryUserStore({
      roles,
      oneAccountPerEmail: true,
      users: [account({ id: 'u9', organizationId: 'globex', identities: [] })],
    });
    const before = await store.list('globex');
    expect(await login(store)).toMatchObject({ outcome: 'rejected', reason: 'email_in_other_organization' });
    expect(await store.list('globex')).toEqual(before);
    expect(await store.list('acme')).toEqual([]);
  });
  test('rule field-sync: without verified domains accounts are created and updated with unverified e-mails; domains that are verified later verify them', async () => {
    const store = memory();
    const open = { connection: connection({ domains: [] }) };
    const unproven = { emailVerified: false };
    expect(await login(store, {}, open)).toMatchObject({ outcome: 'created', user: unproven });
    expect(await login(store, {}, open)).toMatchObject({ outcome: 'unchanged', user: unproven });
    const married = { name: 'Alice Baker', email: 'baker@acme.example', roleValues: ['admin'] };
    expect(await login(store, married, open)).toMatchObject({
      outcome: 'updated',
      changes: [{ field: 'email' }, { field: 'name' }, { field: 'role' }],
      user: { id: 'new1', name: 'Alice Baker', email: 'baker@acme.example', role: 'admin', ...unproven },
    });
    expect(await login(store, married)).toMatchObject({
      outcome: 'updated',
      changes: [{ field: 'emailVerified', from: 'false', to: 'true' }],
      user: { id: 'new1', emailVerified: true },
    });
    expect(await login(store, married)).toMatchObject({ outcome: 'unchanged' });
    expect(await login(store, married, open)).toMatchObject({ outcome: 'unchanged', user: { emailVerified: true } });
  });
  test('rule known-by-email: after a change of the identity provider users keep their accounts if their e-mails are verified', async () => {
    const base = connection();
    const later = { connection: { ...base, idp: { ...base.idp, entityId: 'https://new-idp.acme.example' } } };
    const renamed = { subject: '4711' };
    const proven = memory();
    await login(proven);
    expect(await login(proven, renamed, later)).toMatchObject({
      outcome: 'updated',
      user: { id: 'new1', identities: [identity, { issuer: 'https://new-idp.acme.example', subject: '4711' }] },
    });
    const unproven = memory();
    await login(unproven, {}, { connection: connection({ domains: [] }) });
    expect(await login(unproven, renamed, later)).toMatchObject({ reason: 'link_needs_verification' });
    await login(unproven);
    expect(await login(unproven, renamed, later)).toMatchObject({ outcome: 'updated', user: { id: 'new1' } });
  });
  test('rule changed-subject: rebind removes the old identity', async () => {
    const store = memory(account({ identities: [{ ...identity, subject: 'alice-0' }] }));
    expect(await login(store)).toMatchObject({ outcome: 'rejected', reason: 'subject_conflict' });
    expect(await login(store, {}, withPolicy({ rebind: true }))).toMatchObject({
      outcome: 'updated',
      user: { id: 'u1', identities: [identity] },
    });
  });
  test('rule removed-user: with recreate, a second account is created and the removed one is kept', async () => {
    const store = memory(account());
    await store.remove('u1');
    expect(await login(store)).toMatchObject({ outcome: 'rejected', reason: 'user_removed' });
    expect(await login(store, {}, withPolicy({ recreate: true }))).toMatchObject({
      outcome: 'created',
      user: { id: 'new1' },
    });
    expect(await login(store)).toMatchObject({ outcome: 'unchanged', user: { id: 'new1' } });
    expect((await store.list('acme')).map(({ status }) => status)).toEqual(['removed', 'active']);
    await expect(store.restore('u1')).rejects.toThrow(UserConflict);
  });
  test('rule seat-limit: seats are counted before the role is resolved, and by the store if seatsTaken is missing', async () => {
    const store = memory(account({ id: 'u2', email: 'bob@acme.example', identities: [] }));
    const full = { organization: { sso: true, seats: 1 } };
    expect(await login(store, { roleValues: ['root'] }, full)).toMatchObject({ reason: 'seat_limit_reached' });
    const uncounted: UserStore<User> = { find: store.find, create: store.create, update: store.update };
    expect(await login(uncounted, { roleValues: ['root'] }, full)).toMatchObject({ reason: 'role_unknown' });
    expect(await login(uncounted, {}, full)).toMatchObject({ outcome: 'rejected', reason: 'seat_limit_reached' });
    expect(await login(store, {}, { organization: { sso: true, seats: 2 } })).toMatchObject({ outcome: 'created' });
    const ownRule: UserStore<User> = { ...uncounted, create: () => Promise.reject(new SeatLimitReached()) };
    expect(await login(ownRule, { ...bob, subject: 'c', email: 'c@acme.example' })).toMatchObject({
      reason: 'seat_limit_reached',
    });
  });
  test('rule last-role-holder: the last owner remains owner; other fields are updated', async () => {
    const store = memory(account({ role: 'owner' }));
    expect(await login(store, { name: 'Alice Baker' })).toMatchObject({
      outcome: 'updated',
      user: { role: 'owner', name: 'Alice Baker' },
      changes: [{ field: 'name' }],
      notes: ['last_holder_kept'],
    });
    expect(await login(store, { name: 'Alice Baker' })).toMatchObject({
      outcome: 'unchanged',
      changes: [],
      notes: ['last_holder_kept'],
    });
    expect(store.audits.map(({ action, notes }) => [action, ...notes])).toEqual([
      ['update', 'last_holder_kept'],
      ['login', 'last_holder_kept'],
    ]);
    await store.put(account({ id: 'u2', role: 'owner', email: 'bob@acme.example', identities: [] }));
    expect(await login(store)).toMatchObject({ outcome: 'updated', user: { role: 'member' } });
  });
  test('rule last-role-holder: a suspended, removed or foreign owner does not count; without protected role any account can be demoted', async () => {
    const other = { role: 'owner', identities: [] } as const;
    const store = memory(
      account({ role: 'owner' }),
      account({ ...other, id: 'u2', email: 'b@acme.example', status: 'suspended' }),
      account({ ...other, id: 'u3', email: 'c@acme.example', status: 'removed' }),
      account({ ...other, id: 'u4', organizationId: 'globex' }),
    );
    expect(await login(store)).toMatchObject({ notes: ['last_holder_kept'] });
    expect(await login(store, {}, withPolicy({ protectedRole: null }))).toMatchObject({
      outcome: 'updated',
      user: { role: 'member' },
    });
  });
  test('rule concurrent-logins: only a login that changes something requires the newest version', async () => {
    const versions: (string | undefined)[] = [];
    const store = memory(account());
    const [before] = await store.list('acme');
    const spy: UserStore<User> = {
      ...store,
      update: (user, changes, guard) => {
        versions.push(guard.expectedVersion);
        return store.update(user, changes, guard);
      },
    };
    await login(spy);
    await login(spy, { name: 'Alice Baker' });
    expect(versions).toEqual([undefined, before?.version]);
  });
  test('predict returns what a login would do, and writes nothing', async () => {
    const store = memory(account());
    const input = {
      store,
      connection: connection(),
      organization: { sso: true, seats: null },
      roles,
      profile: profile({ name: 'New' }),
      now,
    };
    expect(await predict(input)).toMatchObject({
      decision: { action: 'update', user: { id: 'u1' }, write: { name: 'New' } },
      fields: [{ field: 'email' }, { field: 'name', current: 'Alice Adams', proposed: 'New', reason: 'set' }, {}],
    });
    expect(await predict({ ...input, organization: { sso: false, seats: null } })).toMatchObject({
      decision: { reason: 'sso_not_in_plan' },
      fields: [],
    });
    expect(store.audits).toEqual([]);
    expect((await store.list('acme'))[0]).toMatchObject({ name: 'Alice Adams' });
  });
});

describe('concurrent logins', () => {
  test('rule concurrent-logins: concurrent first logins of one user create one account', async () => {
    for (const readers of [2, 20]) {
      const store = memory();
      const racing = slow(store, readers);
      const results = await Promise.all(Array.from({ length: readers }, () => login(racing)));
      expect(outcomes(results)).toEqual(['created', ...Array.from({ length: readers - 1 }, () => 'unchanged')]);
      expect(await store.list('acme')).toHaveLength(1);
    }
  });
  test('rule concurrent-logins: concurrent first logins of one user need only the last seat', async () => {
    const store = memory();
    const seats = { organization: { sso: true, seats: 1 } };
    const racing = slow(store, 2);
    expect(outcomes(await Promise.all([login(racing, {}, seats), login(racing, {}, seats)]))).toEqual([
      'created',
      'unchanged',
    ]);
  });
  test('rule concurrent-logins: a login is accepted if another login of the same user takes the last seat between the look-up and the count', async () => {
    const store = memory();
    const seats = { organization: { sso: true, seats: 1 } };
    const overtaken: UserStore<User> = {
      ...store,
      async seatsTaken(organizationId) {
        await login(store, {}, seats);
        return store.seatsTaken(organizationId);
      },
    };
    expect(await login(overtaken, {}, seats)).toMatchObject({ outcome: 'unchanged' });
    expect(await login(overtaken, bob, seats)).toMatchObject({ outcome: 'rejected', reason: 'seat_limit_reached' });
  });

  test('rule concurrent-logins: concurrent first logins succeed with a store that checks seats before conflicts', async () => {
    const store = memory();
    const seats = { organization: { sso: true, seats: 1 } };
    const hasty: UserStore<User> = {
      ...slow(store, 2),
      create: async (user, guard) => {
        if ((await store.seatsTaken('acme')) >= 1) throw new SeatLimitReached();
        return store.create(user, guard);
      },
    };
    expect(outcomes(await Promise.all([login(hasty, {}, seats), login(hasty, {}, seats)]))).toEqual([
      'created',
      'unchanged',
    ]);
  });
  test('rule concurrent-logins: concurrent logins of a known user all succeed, and the change is written once', async () => {
    const store = memory(account());
    const racing = slow(store, 10);
    const results = await Promise.all(Array.from({ length: 10 }, () => login(racing, { name: 'Alice Baker' })));
    expect(outcomes(results)).toEqual([...Array.from({ length: 9 }, () => 'unchanged'), 'updated']);
  });
  test('rule concurrent-logins: of two users with the same new e-mail one gets it, and the other keeps the old one', async () => {
    const store = memory(
      account({ email: 'a@acme.example' }),
      account({ id: 'u2', email: 'b@acme.example', identities: [{ ...identity, subject: 'bob-1' }] }),
    );
    const racing = slow(store, 2);
    const results = await Promise.all([login(racing), login(racing, { subject: 'bob-1' })]);
    expect(results.map((each) => (each.outcome === 'rejected' ? each.reason : each.notes.join()))).toEqual([
      '',
      'email_conflict',
    ]);
    expect((await store.list('acme')).map(({ email }) => email)).toEqual(['alice@acme.example', 'b@acme.example']);
  });
  test('rule last-seat: of two new users with one free seat exactly one is created', async () => {
    const store = memory();
    const seats = { organization: { sso: true, seats: 1 } };
    const racing = slow(store, 2);
    const results = await Promise.all([login(racing, {}, seats), login(racing, bob, seats)]);
    expect(outcomes(results)).toEqual(['created', 'rejected']);
    expect(results.find(({ outcome }) => outcome === 'rejected')).toMatchObject({ reason: 'seat_limit_reached' });
    expect(await store.list('acme')).toHaveLength(1);
  });
  test('rule concurrent-demotions: if the last two owners are demoted concurrently, one remains owner', async () => {
    const store = memory(
      account({ role: 'owner' }),
      account({ id: 'u2', email: bob.email, role: 'owner', identities: [{ ...identity, subject: bob.subject }] }),
    );
    const racing = slow(store, 2);
    const results = await Promise.all([login(racing), login(racing, bob)]);
    expect(results.map((each) => (each.outcome === 'rejected' ? each.reason : each.user.role)).sort()).toEqual([
      'member',
      'owner',
    ]);
    expect((await store.list('acme')).map(({ role }) => role).sort()).toEqual(['member', 'owner']);
  });
  test.each(['suspend', 'remove'] as const)(
    'rule store-failure: %s between read and write: not updated',
    async (verb) => {
      for (const name of ['Alice Adams', 'Alice Baker']) {
        const store = memory(account());
        let first = true;
        const racing: UserStore<User> = {
          ...store,
          async find(key) {
            const found = await store.find(key);
            if (first) await store[verb]('u1');
            first = false;
            return found;
          },
        };
        const reason = verb === 'suspend' ? 'user_suspended' : 'user_removed';
        expect(await login(racing, { name })).toMatchObject({ outcome: 'rejected', reason });
        expect((await store.list('acme'))[0]).toMatchObject({ name: 'Alice Adams' });
      }
    },
  );
  test('rule concurrent-logins: a conflict that persists is an error after five attempts', async () => {
    let readings = 0;
    const store = memory();
    const stuck: UserStore<User> = {
      ...store,
      find: (key) => {
        readings++;
        return store.find(key);
      },
      create: () => Promise.reject(new UserConflict('index of another table')),
    };
    await expect(login(stuck)).rejects.toThrow(new UserConflict('index of another table'));
    expect(readings).toBe(5);
  });
});

describe('rule store-failure: a store that fails', () => {
  test.each(['find', 'create', 'seatsTaken'] as const)(
    '%s: the error is passed on, nothing is written',
    async (verb) => {
      const store = memory();
      const failing: UserStore<User> = { ...store, [verb]: () => Promise.reject(new Error('connection lost')) };
      await expect(login(failing, {}, { organization: { sso: true, seats: 5 } })).rejects.toThrow('connection lost');
      expect(await store.list('acme')).toEqual([]);
    },
  );
  test('an error of update or onAudit is passed on', async () => {
    const store = memory(account());
    const failing: UserStore<User> = { ...store, update: () => Promise.reject(new Error('connection lost')) };
    await expect(login(failing)).rejects.toThrow('connection lost');
    const unaudited = memoryUserStore<Role>({
      onAudit: () => {
        throw new Error('disk full');
      },
    });
    await expect(login(unaudited)).rejects.toThrow('disk full');
    expect(await unaudited.list('acme')).toEqual([]);
  });
});

describe('rule store-override: UserStore.decide replaces the decision', () => {
  const deciding = (store: Memory, answer: (proposed: Decision<User>) => Decision<User>): UserStore<User> => ({
    ...store,
    decide: (_, proposed) => Promise.resolve(answer(proposed)),
  });

  test('it may reject a login or change the values that are written; the changes are computed again', async () => {
    const refused = deciding(memory(), () => ({
      action: 'reject',
      reason: 'not_invited',
      message: 'no',
      hint: 'because',
    }));
    expect(await login(refused)).toMatchObject({
      outcome: 'rejected',
      reason: 'not_invited',
      message: 'no',
      hint: 'because',
    });
    const renaming = deciding(memory(), (proposed) =>
      proposed.action === 'create' ? { ...proposed, write: { ...proposed.write, name: 'A. Adams' } } : proposed,
    );
    expect(await login(renaming)).toMatchObject({ outcome: 'created', user: { name: 'A. Adams' } });
    expect(await login(renaming, { name: 'Alice Adams' })).toMatchObject({
      outcome: 'updated',
      changes: [{ field: 'name', from: 'A. Adams', to: 'Alice Adams' }],
    });
    const quiet = deciding(memory(account()), (proposed) =>
      proposed.action === 'update' ? { ...proposed, write: { lastLoginAt: now } } : proposed,
    );
    expect(await login(quiet, { name: 'Other' })).toMatchObject({
      outcome: 'unchanged',
      changes: [],
      user: { name: 'Alice Adams' },
    });
  });
  test('an e-mail that it writes is not verified because the previous one was', async () => {
    const moved = (email: string, domains: string[], more: { emailVerified?: boolean } = {}) => {
      const store = deciding(memory(account()), (proposed) =>
        proposed.action === 'none' ? { ...proposed, write: { email, ...more, lastLoginAt: now } } : proposed,
      );
      return login(store, {}, { connection: connection({ domains }) });
    };
    const ceo = 'ceo@acme.example';
    expect(await moved(ceo, [])).toMatchObject({
      changes: [{ field: 'email' }, { field: 'emailVerified', from: 'true', to: 'false' }],
      user: { email: ceo, emailVerified: false },
    });
    expect(await moved(ceo, ['acme.example'])).toMatchObject({ user: { email: ceo, emailVerified: true } });
    expect(await moved(ceo, [], { emailVerified: true })).toMatchObject({ user: { email: ceo, emailVerified: true } });
    expect(await moved('ALICE@acme.example', [])).toMatchObject({ user: { emailVerified: true } });
  });
  test('it may accept a login that the rules reject', async () => {
    const user = account({ emailVerified: false, identities: [] });
    const store = deciding(memory(user), () => ({
      action: 'update',
      user,
      write: { addIdentity: identity, lastLoginAt: now },
      changes: [],
      notes: [],
    }));
    expect(await login(store)).toMatchObject({ outcome: 'updated', changes: [{ field: 'identity' }] });
  });

  const create = {
    organizationId: 'acme',
    email: 'alice@acme.example',
    emailVerified: true,
    name: null,
    role: 'member',
    identity,
    customAttributes: {},
    lastLoginAt: now,
  } as const;
  const creating = (changes: object): Decision<User> => ({
    action: 'create',
    write: { ...create, ...changes },
    changes: [],
    notes: [],
  });
  const updating = (user: User, write: object = {}): Decision<User> => ({
    action: 'update',
    user,
    write: { ...write, lastLoginAt: now },
    changes: [],
    notes: [],
  });
  const removed = account({ status: 'removed' });
  const inOtherOrganization = account({ id: 'u9', organizationId: 'globex', identities: [] });
  test.each<[string, Decision<User>, User[], string]>([
    ['another organization', creating({ organizationId: 'globex' }), [], 'created a user of another organization'],
    [
      'another identity',
      creating({ identity: { ...identity, subject: 'x' } }),
      [],
      'created a user with another identity',
    ],
    ['above the ceiling', creating({ role: 'owner' }), [], 'wrote the role "owner", above the ceiling'],
    ['an unknown role', creating({ role: 'root' }), [], 'wrote the role "root", which the application does not have'],
    [
      'another domain',
      creating({ email: 'a@globex.example' }),
      [],
      'wrote an e-mail address that is invalid or outside the verified domains',
    ],
    ['a known person', creating({}), [account()], 'created a known person anew'],
    ['a removed person', creating({}), [removed], 'created a known person anew'],
    [
      'a removed e-mail',
      creating({}),
      [account({ status: 'removed', identities: [] })],
      'created a removed person anew',
    ],
    ['revival', updating(removed), [removed], 'signed in a removed user'],
    ['a suspended user', updating(account()), [account({ status: 'suspended' })], 'signed in a suspended user'],
    [
      'a user that was not found',
      updating(account({ id: 'u7' })),
      [account()],
      'signed the person in as a user that find() did not return',
    ],
    [
      "another organization's user",
      updating(inOtherOrganization),
      [inOtherOrganization],
      'signed the person in as a user that find() did not return',
    ],
    [
      'another user than the known one',
      updating(account({ id: 'u2' })),
      [account({ email: 'old@acme.example' }), account({ id: 'u2', identities: [] })],
      'signed a known person in as another user',
    ],
    [
      'a role above the ceiling',
      updating(account(), { role: 'owner' }),
      [account()],
      'wrote the role "owner", above the ceiling',
    ],
    [
      'another identity added',
      updating(account(), { addIdentity: { ...identity, subject: 'x' } }),
      [account()],
      'added another identity',
    ],
    [
      'a strange identity removed',
      updating(account(), { removeIdentity: { ...identity, subject: 'x' } }),
      [account()],
      'removed an identity that the user does not have',
    ],
  ])('it may not write %s', async (_, answer, users, message) => {
    const store = memory(...users);
    const oneAccount: UserStore<User> = memoryUserStore({ users, oneAccountPerEmail: true });
    const input = withPolicy({ roleCeiling: 'admin' });
    await expect(login({ ...oneAccount, decide: () => answer }, {}, input)).rejects.toThrow(
      new TypeError(`UserStore: decide() ${message}`),
    );
    await expect(
      login(
        deciding(store, () => answer),
        {},
        input,
      ),
    ).rejects.toThrow(new TypeError(`UserStore: decide() ${message}`));
    expect(store.audits).toEqual([]);
  });
});
