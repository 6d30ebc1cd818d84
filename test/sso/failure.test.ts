import { describe, expect, it } from 'vitest';
import { memoryUserStore, SamlError, SeatLimitReached, UserConflict } from '../../src/index.ts';
import { type Product, product, roles, unsolicited } from './setup.ts';

const allow = { policy: { idpInitiated: 'allow' } } as const;
const users = () => memoryUserStore({ roles });
const down = (): Promise<never> => Promise.reject(new TypeError('fetch failed'));

async function refusal(app: Product): Promise<unknown> {
  return await app.sso.completeLogin({ samlResponse: unsolicited(app) }).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: unknown) => error,
  );
}

describe('a function of the application that fails is named', () => {
  const account = { id: 'u', organizationId: 'acme', email: 'alice@acme.example', identities: [] };

  it.each<[string, Parameters<typeof product>[0], boolean, string]>([
    ['users.find', { users: { ...users(), find: down } }, true, 'TypeError: fetch failed'],
    [
      'users.find',
      { users: { ...users(), find: (async () => undefined) as never } },
      true,
      'find() must resolve to { bySubject, byEmail }',
    ],
    [
      'users.find',
      { users: { ...users(), find: (async () => ({ bySubject: null })) as never } },
      true,
      'find() must resolve to { bySubject, byEmail }',
    ],
    [
      'users.find',
      { users: { ...users(), find: (async () => ({ bySubject: { id: 'u' }, byEmail: null })) as never } },
      true,
      'received an object without organizationId, email, identities',
    ],
    [
      'users.find',
      {
        users: {
          ...users(),
          find: (async () => ({ bySubject: { ...account, organizationId: 'globex' }, byEmail: null })) as never,
        },
      },
      true,
      'UserStore: find() gave bySubject of another organization',
    ],
    ['users.create', { users: { ...users(), create: down } }, true, 'TypeError: fetch failed'],
    [
      'users.create',
      { users: { ...users(), create: (async () => undefined) as never } },
      true,
      'create() must give accounts, each with id, organizationId, email and identities; received undefined',
    ],
    ['users.decide', { users: { ...users(), decide: down } }, true, 'TypeError: fetch failed'],
    [
      'users.decide',
      { users: { ...users(), decide: (async () => ({ action: 'allow' })) as never } },
      true,
      'decide() must resolve to a Decision',
    ],
    [
      'users.decide',
      { users: { ...users(), decide: (async () => ({ action: 'create' })) as never } },
      true,
      'decide() must resolve to a Decision',
    ],
    [
      'users.decide',
      {
        users: {
          ...users(),
          decide: (_, proposed) =>
            proposed.action === 'create'
              ? { ...proposed, write: { ...proposed.write, organizationId: 'globex' } }
              : proposed,
        },
      },
      true,
      'UserStore: decide() created a user of another organization',
    ],
    [
      'users.seatsTaken',
      { users: { ...users(), seatsTaken: down }, organization: async () => ({ sso: true, seats: 1 }) },
      true,
      'TypeError: fetch failed',
    ],
    [
      'users.create or users.update',
      { users: { ...users(), create: () => Promise.reject(new UserConflict('taken')) } },
      true,
      'UserConflict: taken',
    ],
    ['organization()', { organization: down }, true, 'TypeError: fetch failed'],
    ['replayCache.claim', { replayCache: { claim: down } }, false, 'TypeError: fetch failed'],
    ['connections.find', { connections: { get: down, find: down } }, false, 'TypeError: fetch failed'],
  ])('%s', async (name, options, isUsedUp, problem) => {
    const app = product(options, allow);
    const error = await refusal(app);
    expect(error).toBeInstanceOf(SamlError);
    expect(error).toMatchObject({ code: 'store_failed', message: 'the login could not be completed' });
    const { hint, cause, reference } = error as SamlError;
    expect(hint).toMatch(new RegExp(`^${name.replace(/[()]/g, '\\$&')} failed: `));
    expect(hint).toContain(problem);
    expect(hint).toContain(isUsedUp ? 'The response is used up' : 'The user may try again');
    expect(cause).toBeInstanceOf(Error);
    expect(app.events).toMatchObject([
      { type: 'failed', code: 'store_failed', hint, reference, details: { function: name } },
    ]);
  });

  it('errors that a user store throws by contract are still handled', async () => {
    const store = users();
    const full = product(
      {
        users: { ...store, create: () => Promise.reject(new SeatLimitReached()) },
        organization: async () => ({ sso: true, seats: 1 }),
      },
      allow,
    );
    expect(await full.sso.completeLogin({ samlResponse: unsolicited(full) })).toMatchObject({
      outcome: 'rejected',
      reason: 'seat_limit_reached',
    });
    let attempts = 0;
    const racing: typeof store = {
      ...store,
      create: async (...input) => {
        if (attempts++ === 0) throw new UserConflict();
        return await store.create(...input);
      },
    };
    const app = product({ users: racing }, allow);
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({ outcome: 'created' });
    expect(attempts).toBe(2);
  });

  it('a store keeps its own `this`', async () => {
    const store = users();
    class Store {
      readonly #inner = store;
      find: typeof store.find = (...input) => this.#inner.find(...input);
      create: typeof store.create = (...input) => this.#inner.create(...input);
      update: typeof store.update = (...input) => this.#inner.update(...input);
      async seatsTaken(organizationId: string): Promise<number> {
        return (await this.#inner.list(organizationId)).length;
      }
      decide<T>(_: unknown, proposed: T): T {
        return this.#inner === store ? proposed : proposed;
      }
    }
    const app = product({ users: new Store() as never, organization: async () => ({ sso: true, seats: 5 }) }, allow);
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({ outcome: 'created' });
  });

  it('explain rejects with what the function threw', async () => {
    const app = product({ users: { ...users(), find: down } }, allow);
    await expect(app.sso.explain({ samlResponse: unsolicited(app) })).rejects.toThrow(new TypeError('fetch failed'));
  });
});

describe('an error of saml-jit itself', () => {
  // What the types forbid stands for a mistake of ours: no function of the application is called.
  const cookies = 5 as unknown as string;

  it('is not attributed to the application: it is thrown unchanged, with an event, and no user is signed in', async () => {
    const app = product({}, allow);
    const samlResponse = unsolicited(app, { inResponseTo: `_${'0'.repeat(32)}` });
    const error: unknown = await app.sso.completeLogin({ samlResponse, cookies }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).not.toBeInstanceOf(SamlError);
    expect(await app.users.list('acme')).toEqual([]);
    const [event, ...others] = app.events;
    expect(others).toEqual([]);
    if (event?.type !== 'failed') throw new Error(event?.type);
    expect(event).toMatchObject({ code: 'unexpected_error', security: false, hint: event.error.hint });
    expect(event.error.cause).toBe(error);
    expect(event.hint).toMatch(
      /^An error inside saml-jit, .*: TypeError: .* No user was signed in\. The user may try again\. /,
    );
    expect((await app.sso.completeLogin({ samlResponse: unsolicited(app) })).outcome).toBe('created');
  });

  it('also in beginLogin', async () => {
    const app = product();
    const error: unknown = await app.sso.beginLogin({}, { cookies }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(app.events).toMatchObject([
      { type: 'failed', code: 'unexpected_error', connectionId: 'acme', error: { cause: error } },
    ]);
  });
});
