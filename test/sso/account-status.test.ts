import { describe, expect, it } from 'vitest';
import { type Account, type MemoryUserStore, memoryUserStore, type UserStore } from '../../src/index.ts';
import { login, type Product, product, type Role, roles, start } from './setup.ts';

type Users = MemoryUserStore<Role>;

/** The store, and `get` by reading these organizations. */
function withGet(users: Users): Users & Pick<UserStore<Account<Role>>, 'get'> {
  return {
    ...users,
    async get(userId) {
      const all = await Promise.all(['acme', 'globex'].map((id) => users.list(id)));
      return all.flat().find(({ id }) => id === userId) ?? null;
    },
  };
}

function staff(): Users {
  const person = (id: string, more: object = {}) => ({
    id,
    organizationId: 'acme',
    email: `${id}@acme.example`,
    ...more,
  });
  return memoryUserStore<Role>({
    roles,
    users: [
      person('ann', { lastLoginAt: start }),
      person('bob', { lastLoginAt: new Date(start.getTime() - 1) }),
      person('carl'),
      person('eve', { organizationId: 'globex', role: 'owner' }),
    ],
  });
}

const leaving = ({ events }: Product) =>
  events.filter(({ type }) => type === 'suspended' || type === 'removed' || type === 'restored');

describe('rule stale-accounts: users who left at the identity provider', () => {
  it('rule stale-accounts: listStale returns users of one organization without a login since the given time', async () => {
    const { sso } = product({ users: staff() });
    const stale = await sso.users.listStale({ organizationId: 'acme', olderThan: start });
    expect(stale.map(({ id }) => id)).toEqual(['bob', 'carl']);
    expect(await sso.users.listStale({ organizationId: 'globex', olderThan: start })).toMatchObject([{ id: 'eve' }]);
  });

  it('rule stale-accounts: a successful login confirms a user, a rejected one does not', async () => {
    const app = product({}, { policy: { requiredAttributes: {} } });
    const { user } = await login(app);
    app.pass(3600);
    const stale = () => app.sso.users.listStale({ organizationId: 'acme', olderThan: app.now() });
    expect(await stale()).toMatchObject([{ id: user.id }]);
    await login(app);
    expect(await stale()).toEqual([]);
    app.pass(3600);
    await app.sso.users.suspend(user.id, { organizationId: null });
    await expect(login(app)).rejects.toThrow('rejected');
    await app.sso.users.restore(user.id, { organizationId: null });
    expect(await stale()).toMatchObject([{ id: user.id }]);
  });

  it.each([
    ['suspend', 'suspended', 'suspended'],
    ['remove', 'removed', 'removed'],
    ['restore', 'restored', 'active'],
  ] as const)(
    'rule stale-accounts: %s writes, and then emits an event with the user and the administrator',
    async (verb, type, status) => {
      const users = withGet(staff());
      const order: string[] = [];
      const app = product({
        users: {
          ...users,
          [verb]: async (id: string) => {
            await users[verb](id);
            order.push('written');
          },
        },
        onEvent: (event) => {
          order.push(event.type);
          app.events.push(event);
        },
      });
      await app.sso.users[verb]('ann', { organizationId: 'acme', by: 'admin-7' });
      expect(app.events).toEqual([{ type, at: start, userId: 'ann', organizationId: 'acme', by: 'admin-7' }]);
      expect(order).toEqual(['written', type]);
      expect((await users.list('acme'))[0]?.status).toBe(status);
    },
  );

  it('rule stale-accounts: a removed user is rejected by logins until restored', async () => {
    const app = product();
    const { user } = await login(app);
    await app.sso.users.remove(user.id, { organizationId: null });
    await expect(login(app)).rejects.toThrow('rejected');
    expect(app.events.at(-1)).toMatchObject({ type: 'rejected', reason: 'user_removed' });
    await app.sso.users.restore(user.id, { organizationId: null });
    expect((await login(app)).outcome).toBe('unchanged');
  });
});

describe('the organization of the user', () => {
  it.each(['suspend', 'remove', 'restore'] as const)(
    "%s never changes another organization's user, and reports it as unknown",
    async (verb) => {
      const users = withGet(staff());
      const app = product({ users });
      const before = [await users.list('acme'), await users.list('globex')];
      const message = (id: string) => `${verb}: no user of the organization "acme" has the id "${id}"`;
      const action = { organizationId: 'acme' };
      await expect(app.sso.users[verb]('eve', action)).rejects.toThrow(new TypeError(message('eve')));
      await expect(app.sso.users[verb]('unknown', action)).rejects.toThrow(new TypeError(message('unknown')));
      expect([await users.list('acme'), await users.list('globex')]).toEqual(before);
      expect(app.events).toEqual([]);
    },
  );

  it('is read by get of the store, which is required unless the application passes null', async () => {
    const { get: _, ...users } = withGet(staff());
    const app = product({ users });
    await expect(app.sso.users.suspend('ann', { organizationId: 'acme' })).rejects.toThrow(
      /^suspend: the user store has no get\(userId\), .* pass organizationId: null\.$/,
    );
    expect((await users.list('acme'))[0]?.status).toBe('active');
    await app.sso.users.suspend('ann', { organizationId: null });
    expect((await users.list('acme'))[0]?.status).toBe('suspended');
    expect(leaving(app)).toMatchObject([{ userId: 'ann', organizationId: null, by: null }]);
    const telling = product({ users: withGet(staff()) });
    await telling.sso.users.suspend('eve', { organizationId: null });
    expect(leaving(telling)).toMatchObject([{ userId: 'eve', organizationId: 'globex' }]);
  });

  it('cannot be omitted', async () => {
    const { sso } = product({ users: withGet(staff()) });
    const nothing = {} as { organizationId: null };
    await expect(sso.users.suspend('ann', nothing)).rejects.toThrow(
      'suspend: name the organizationId of the user, or null',
    );
    await expect(sso.users.suspend('', { organizationId: 'acme' })).rejects.toThrow(
      "suspend: the user's id must be a string",
    );
  });
});

describe('a function that the store does not have', () => {
  const { find, create, update } = staff();
  const least: UserStore<Account<Role>> = { find, create, update };

  it.each(['suspend', 'remove', 'restore'] as const)('%s is a TypeError', async (verb) => {
    const app = product({ users: least });
    const message = `the user store has no ${verb}(), an optional function of a UserStore: add it to use sso.users.${verb}`;
    await expect(app.sso.users[verb]('ann', { organizationId: 'acme' })).rejects.toThrow(new TypeError(message));
    expect(app.events).toEqual([]);
  });

  it('listStale is a TypeError, also with an invalid time', async () => {
    await expect(
      product({ users: least }).sso.users.listStale({ organizationId: 'acme', olderThan: start }),
    ).rejects.toThrow(
      new TypeError(
        'the user store has no listStale(), an optional function of a UserStore: add it to use sso.users.listStale',
      ),
    );
    const { sso } = product({ users: staff() });
    await expect(sso.users.listStale({ organizationId: 'acme', olderThan: new Date('x') })).rejects.toThrow(
      'listStale: olderThan must be a valid Date',
    );
  });

  it('an error of the store is passed on, and no event is emitted', async () => {
    const users: UserStore<Account<Role>> = { ...staff(), suspend: () => Promise.reject(new Error('connection lost')) };
    const app = product({ users });
    await expect(app.sso.users.suspend('ann', { organizationId: null })).rejects.toThrow('connection lost');
    expect(app.events).toEqual([]);
  });
});
