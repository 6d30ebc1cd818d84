import { describe, expect, it } from 'vitest';
import type { ConnectionInput, ConnectionStore, LoginTarget, SamlError, SsoEvent } from '../../src/index.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { configurationError } from '../support/configuration-error.ts';
import { key, type Product, product, start } from './setup.ts';

const connection = (id: string, more: Partial<ConnectionInput> = {}): ConnectionInput => ({
  id,
  organizationId: id,
  idp: { metadata: createTestIdp({ key, entityId: `urn:${id}` }).metadata() },
  ...more,
});
const storeOf = (...rows: readonly unknown[]): ConnectionStore => ({
  async get(id) {
    const settings = rows.find((row) => typeof row === 'object' && row !== null && 'id' in row && row.id === id);
    return settings === undefined ? null : { settings };
  },
  find: async () => rows.map((settings) => ({ settings })),
});

function withoutOrganizationsOf() {
  const { organizationsOf: _, ...users } = product().users;
  return users;
}

/** The result of a login that cannot begin, for the page and the operator; one that begins fails the test. */
async function unavailable(app: Product, who: LoginTarget) {
  const answer = await app.sso.beginLogin(who);
  if (answer.kind !== 'unavailable') throw new Error(`it began: ${answer.kind}`);
  const events = app.events.filter(
    (event): event is SsoEvent & { type: 'unavailable' } => event.type === 'unavailable',
  );
  expect(events).toHaveLength(1);
  const [event] = events;
  if (event === undefined) throw new Error('no event');
  expect(answer.reference).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  expect(event.reference).toBe(answer.reference);
  return { answer, event };
}

async function refusal(promise: Promise<unknown>): Promise<SamlError> {
  return await promise.then(
    () => Promise.reject(new Error('it began')),
    (error: SamlError) => error,
  );
}

describe('a login that cannot begin emits one event, with its cause', () => {
  const several = () =>
    product({ connections: [connection('acme', { domains: ['acme.example'] }), connection('globex')] });

  it.each<[string, () => Product, LoginTarget, string]>([
    ['a connection that does not exist', several, { connectionId: 'initech' }, 'There is no connection "initech"'],
    [
      'an organization without connection',
      several,
      { organizationId: 'initech' },
      'The organization "initech" has no connection',
    ],
    ['nothing that names one of several', several, {}, 'there is not exactly one in the option connections but 2'],
    [
      'nothing, with a store',
      () => product({ connections: storeOf(connection('acme')) }),
      {},
      'Nothing names the connection, and there is not exactly one in the option connections. Name',
    ],
    ['what is not an e-mail address', several, { email: 'alice' }, '"alice" is not an e-mail address'],
    [
      'an e-mail address that is not registered',
      several,
      { email: 'a@b.example' },
      'users.organizationsOf found no organization of "a@b.example".',
    ],
    [
      'one of a verified domain',
      several,
      { email: 'new@acme.example' },
      'The domain "acme.example" is verified by the connection "acme": with discoverByDomain its connection would be used',
    ],
    [
      'an e-mail address, and a user store without organizationsOf',
      () => product({ users: withoutOrganizationsOf() }),
      { email: 'a@b.example' },
      'The user store has no organizationsOf(email)',
    ],
    [
      'an e-mail address of an organization without connection',
      () => product({ users: { ...product().users, organizationsOf: async () => ['initech'] } }),
      { email: 'a@b.example' },
      '"a@b.example" is registered in the organization "initech", and no connection belongs to it',
    ],
    [
      'an e-mail address that another organization registered',
      () =>
        product(
          { users: { ...product().users, organizationsOf: async () => ['globex'] } },
          { domains: ['acme.example'] },
        ),
      { email: 'a@acme.example' },
      '"a@acme.example" is registered in the organization "globex". The domain "acme.example" is verified by the connection "acme" of another organization',
    ],
  ])('%s', async (_, make, who, hint) => {
    const { answer, event } = await unavailable(make(), who);
    expect(answer).toEqual({ kind: 'unavailable', reason: 'no_connection', reference: event.reference });
    expect(event).toEqual({
      type: 'unavailable',
      at: start,
      reason: 'no_connection',
      connectionId: null,
      organizationId: null,
      hint: expect.stringContaining(hint),
      reference: answer.reference,
    });
  });

  it('a disabled connection: the page is the same as for an unknown one, and the event differs', async () => {
    const { answer, event } = await unavailable(product({}, { enabled: false }), { connectionId: 'acme' });
    expect(answer).toEqual({ kind: 'unavailable', reason: 'no_connection', reference: event.reference });
    expect(event).toMatchObject({ reason: 'connection_disabled', connectionId: 'acme', organizationId: 'acme' });
    expect(event.hint).toBe('Disabled (enabled: false): "acme". Enable the connection to allow logins.');
  });

  it('invalid rows of a store: the page is the same, and the event differs', async () => {
    const app = product({ connections: storeOf({ ...connection('acme'), idp: {} }) });
    const { answer, event } = await unavailable(app, { organizationId: 'acme' });
    expect(answer).toEqual({ kind: 'unavailable', reason: 'no_connection', reference: event.reference });
    expect(event).toMatchObject({ reason: 'connection_invalid', hint: expect.stringContaining('connection_invalid') });
    expect(app.events[0]).toMatchObject({ type: 'warning', warning: 'connection_invalid', connectionId: 'acme' });
  });

  it('a plan without single sign-on', async () => {
    const app = product({ organization: async () => ({ sso: false, seats: null }) });
    const { answer, event } = await unavailable(app, {});
    expect(answer.reason).toBe('sso_not_in_plan');
    expect(event).toMatchObject({
      reason: 'sso_not_in_plan',
      connectionId: 'acme',
      hint: 'organization() says sso: false for "acme". Change the plan.',
    });
  });

  it('several connections', async () => {
    const connections = [connection('acme'), connection('acme-2', { organizationId: 'acme' })];
    const { answer, event } = await unavailable(product({ connections }), { organizationId: 'acme' });
    expect(answer.choices).toHaveLength(2);
    expect(event).toMatchObject({ reason: 'choose_connection', connectionId: null, organizationId: 'acme' });
    expect(event.hint).toContain('Several connections are possible: "acme", "acme-2"');
  });

  it("the event contains the visitor's input escaped and truncated", async () => {
    const { event } = await unavailable(product(), { organizationId: `\u202E\n${'x'.repeat(900)}` });
    expect(event.hint).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(event.hint.length).toBeLessThan(500);
  });

  it('a login that begins emits no event', async () => {
    const app = product();
    expect((await app.sso.beginLogin({ connectionId: 'acme' })).kind).toBe('redirect');
    expect(app.events).toEqual([]);
  });
});

describe('a function of the application that fails while a login begins', () => {
  const down = () => Promise.reject(new TypeError('fetch failed'));

  it.each<[string, Parameters<typeof product>[0], LoginTarget]>([
    ['connections.get', { connections: { get: down, find: down } }, { connectionId: 'acme' }],
    ['connections.find', { connections: { get: down, find: down } }, { organizationId: 'acme' }],
    ['users.organizationsOf', { users: { ...product().users, organizationsOf: down } }, { email: 'a@acme.example' }],
    ['organization()', { organization: down }, {}],
  ])('%s is store_failed, with an event', async (name, options, who) => {
    const app = product(options);
    const error = await refusal(app.sso.beginLogin(who));
    expect(error).toMatchObject({ code: 'store_failed', message: 'the login could not be completed' });
    expect(error.hint).toBe(`${name} failed: TypeError: fetch failed. No login was begun. The user may try again.`);
    expect(error.cause).toEqual(new TypeError('fetch failed'));
    const { hint, reference } = error;
    expect(app.events).toMatchObject([
      { type: 'failed', code: 'store_failed', hint, reference, details: { function: name } },
    ]);
  });

  it.each<[Parameters<typeof product>[0], string]>([
    [
      { organization: (async () => undefined) as never },
      'organization("acme") must resolve to { sso: boolean, seats: number | null }',
    ],
    [
      { users: { ...product().users, organizationsOf: (async () => 'acme') as never } },
      'organizationsOf() must resolve to a list',
    ],
  ])('a function that returns a value of the wrong form is store_failed', async (options, message) => {
    const app = product(options);
    const error = await refusal(app.sso.beginLogin({ email: 'a@acme.example' }).then(() => app.sso.beginLogin({})));
    expect(error).toMatchObject({ code: 'store_failed' });
    expect(error.hint).toContain(message);
  });

  it('a row that is not valid is connection_unavailable, with an event', async () => {
    const app = product({ connections: storeOf({ ...connection('acme'), idp: {} }) });
    const error = await refusal(app.sso.beginLogin({ connectionId: 'acme' }));
    expect(error).toMatchObject({ code: 'connection_unavailable' });
    expect(app.events).toMatchObject([{ type: 'failed', code: 'connection_unavailable', reference: error.reference }]);
  });
});

describe('beginLogin refuses an invalid target', () => {
  it.each<[object, string]>([
    [{ connection: 'acme' }, 'beginLogin: unknown key "connection", did you mean connectionId?'],
    [{ organization: 'acme' }, 'beginLogin: unknown key "organization", did you mean organizationId?'],
    [{ tenant: 'acme' }, 'beginLogin: unknown key "tenant", expected email, connectionId, organizationId'],
    [
      { email: 'a@b.example', connectionId: 'acme' },
      'beginLogin: pass one of email, connectionId, organizationId; received email and connectionId',
    ],
    [{ email: undefined }, 'beginLogin: email must be a string; received undefined'],
    [{ email: ['a@b.example'] }, 'beginLogin: email must be a string; received object'],
  ])('%j', async (who, message) => {
    const app = product();
    await expect(app.sso.beginLogin(who as LoginTarget)).rejects.toThrow(expect.objectContaining({ message }));
    await expect(app.sso.beginLogin(who as LoginTarget)).rejects.toBeInstanceOf(TypeError);
    expect(app.events).toEqual([]);
  });

  it('beginLogin refuses unknown keys of its options', async () => {
    const { sso } = product();
    const misspelt: object = { returnto: '/x' };
    await expect(sso.beginLogin({}, misspelt)).rejects.toThrow(
      configurationError('beginLogin: unknown key "returnto", did you mean returnTo?'),
    );
    expect((await sso.beginLogin({}, { returnTo: '/x', forceAuthn: undefined, cookies: undefined })).kind).toBe(
      'redirect',
    );
  });

  it('beginLogin refuses a missing target', async () => {
    const nothing = undefined as unknown as LoginTarget;
    await expect(product().sso.beginLogin(nothing)).rejects.toThrow(
      'beginLogin: name the connection, e.g. { email }; {} takes the only one',
    );
  });
});

describe('connection_invalid', () => {
  it('is reported once for each row and login, however often it is found', async () => {
    const bad = { ...connection('bad'), idp: {} };
    const connections = storeOf(bad, connection('acme', { domains: ['acme.example'] }));
    const app = product({
      connections,
      users: { ...product().users, organizationsOf: async () => ['acme', 'globex'] },
    });
    const warnings = () => app.events.filter(({ type }) => type === 'warning');
    expect((await app.sso.beginLogin({ email: 'a@acme.example' })).kind).toBe('redirect');
    expect(warnings()).toMatchObject([{ warning: 'connection_invalid', connectionId: 'bad' }]);
    // The next login reports it again.
    await app.sso.beginLogin({ email: 'a@acme.example' });
    expect(warnings()).toHaveLength(2);
  });
});
