import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { SsoEvent } from '../../src/index.ts';
import { begin, jar, login, type Product, product, start, unsolicited } from './setup.ts';

const name = 'saml-jit:event';
const subscribers: ((message: unknown) => void)[] = [];

function listen(subscriber: (message: unknown) => void): void {
  subscribers.push(subscriber);
  subscribe(name, subscriber);
}

afterEach(() => {
  for (const subscriber of subscribers.splice(0)) unsubscribe(name, subscriber);
});

const allow = { policy: { idpInitiated: 'allow' } } as const;
const identity = ({ idp }: Product) => ({ connectionId: 'acme', issuer: idp.entityId, subject: 'alice-1' });
const common = { at: start, connectionId: 'acme', organizationId: 'acme', assertionId: expect.stringMatching(/^_/) };

describe('rule one-event: each outcome emits one event', () => {
  it('rule one-event: created, unchanged and updated: the user, the connection, the assertion and the changes', async () => {
    const app = product();
    const { user } = await login(app);
    await login(app);
    app.idp.updateUser('alice-1', { role: 'member' });
    const { assertion } = await login(app);
    const login_ = { ...common, type: 'login', userId: user.id, identity: identity(app), notes: [] };
    expect(app.events).toEqual([
      {
        ...login_,
        outcome: 'created',
        changes: [
          { field: 'email', from: null, to: 'alice@acme.example' },
          { field: 'name', from: null, to: 'Alice Liddell' },
          { field: 'role', from: null, to: 'admin' },
          { field: 'identity', from: null, to: 'alice-1' },
        ],
      },
      { ...login_, outcome: 'unchanged', changes: [] },
      {
        ...login_,
        outcome: 'updated',
        assertionId: assertion.id,
        changes: [{ field: 'role', from: 'admin', to: 'member' }],
      },
    ]);
  });

  it('rule one-event: rejected: the reason, and the identity once there is one', async () => {
    const app = product({}, { ...allow, domains: ['other.example'] });
    await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    const hint = expect.stringContaining('other.example');
    expect(app.events).toEqual([
      {
        ...common,
        type: 'rejected',
        reason: 'domain_not_allowed',
        reference: expect.stringMatching(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/),
        identity: identity(app),
        hint,
        details: { email: 'alice@acme.example', domains: ['other.example'] },
      },
    ]);
    const disabled = product({}, { enabled: false });
    await disabled.sso.completeLogin({ samlResponse: unsolicited(disabled) });
    expect(disabled.events).toMatchObject([{ type: 'rejected', reason: 'connection_disabled', identity: null }]);
  });

  it('rule one-event: restarted, and then the event of the login', async () => {
    const app = product();
    const result = await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    expect(result.outcome).toBe('redirect');
    expect(app.events).toEqual([{ ...common, type: 'restarted' }]);
  });

  it('rule one-event: failed: the event names the assertion if the message is valid', async () => {
    const app = product({}, allow);
    const samlResponse = unsolicited(app);
    await app.sso.completeLogin({ samlResponse });
    await expect(app.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'replayed' });
    await expect(app.sso.completeLogin({ samlResponse: 'AAAA' })).rejects.toMatchObject({ code: 'malformed_xml' });
    app.pass(86_400);
    await expect(app.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'expired' });
    const failed = { type: 'failed', connectionId: 'acme', organizationId: 'acme' };
    expect(app.events.slice(1)).toMatchObject([
      { ...failed, assertionId: expect.any(String), error: { code: 'replayed' }, security: true },
      { type: 'failed', connectionId: null, organizationId: null, assertionId: null, error: { code: 'malformed_xml' } },
      { ...failed, assertionId: null, error: { code: 'expired' }, security: false },
    ]);
  });

  it('rule store-failure: a store that fails: the event reports that the response cannot be used again, and names the assertion', async () => {
    const { users } = product();
    const app = product({ users: { ...users, create: () => Promise.reject(new Error('connection lost')) } }, allow);
    const samlResponse = unsolicited(app);
    await expect(app.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'store_failed' });
    const hint = expect.stringContaining('The response is used up');
    expect(app.events).toMatchObject([
      { ...common, type: 'failed', security: false, error: { code: 'store_failed', hint } },
    ]);
    expect(await users.list('acme')).toEqual([]);
    await expect(app.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'replayed' });
  });

  it('rule one-event: no event carries the message, the cookie, or a key', async () => {
    const app = product();
    const begun = await begin(app.sso, {});
    const { fields } = await app.idp.login(begun, 'alice-1');
    const samlResponse = fields['SAMLResponse'] ?? '';
    await app.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) });
    await expect(app.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) })).rejects.toThrow();
    const text = JSON.stringify(app.events);
    expect(text).toContain('alice-1');
    for (const secret of [
      samlResponse.slice(0, 60),
      begun.cookie.slice(30, 90),
      'PRIVATE KEY',
      '<saml',
      'a secret of',
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('the diagnostics channel', () => {
  it('publishes the same event object to onEvent and to subscribers', async () => {
    const published: unknown[] = [];
    listen((event) => published.push(event));
    const app = product();
    await login(app);
    expect(published).toHaveLength(1);
    expect(published[0]).toBe(app.events[0]);
    expect(Object.isFrozen(published[0])).toBe(true);
    const silent = product({ onEvent: undefined });
    await login(silent);
    expect(published).toHaveLength(2);
  });

  it('creates no event without listeners', async () => {
    let asked = 0;
    const clock = () => {
      asked++;
      return start;
    };
    const users = { ...product().users, suspend: async () => {} };
    const { sso } = product({ users, onEvent: undefined, now: clock });
    const before = asked;
    expect(channel(name).hasSubscribers).toBe(false);
    await sso.users.suspend('u1', { organizationId: null });
    expect(asked).toBe(before);
    listen(() => {});
    await sso.users.suspend('u1', { organizationId: null });
    expect(asked).toBe(before + 1);
  });

  it('does not fail a login if a subscriber throws, and calls the others', async () => {
    const received: unknown[] = [];
    listen(() => {
      throw new Error('no collector');
    });
    listen((event) => received.push(event));
    const app = product();
    // Node.js reports what a subscriber throws as an uncaught exception: see docs/events.md.
    const uncaught = await withoutUncaught(async () => {
      expect((await login(app)).outcome).toBe('created');
    });
    expect(uncaught).toEqual([new Error('no collector')]);
    expect(received).toHaveLength(1);
    expect(app.events).toHaveLength(1);
  });
});

/** Uncaught errors in the meantime. */
async function withoutUncaught(action: () => Promise<void>): Promise<unknown[]> {
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  try {
    await action();
    await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  }
  return thrown;
}

type Type = SsoEvent['type'];
type Of<T extends Type> =
  Extract<SsoEvent, { type: T | 'suspended' }> extends infer E
    ? E extends { type: infer X }
      ? T extends X
        ? E
        : never
      : never
    : never;

/** Field of each event, and its OpenTelemetry attribute. The compiler holds this table to the union of events. */
const attributes: { readonly [T in Type]: { readonly [F in Exclude<keyof Of<T>, 'type' | 'at'>]: string } } = {
  login: {
    outcome: 'saml_jit.outcome',
    connectionId: 'saml_jit.connection.id',
    organizationId: 'saml_jit.organization.id',
    assertionId: 'saml_jit.assertion.id',
    userId: 'enduser.id',
    identity: 'saml_jit.identity.issuer, saml_jit.identity.subject',
    changes: 'saml_jit.changes',
    notes: 'saml_jit.notes',
  },
  rejected: {
    reason: 'error.type',
    connectionId: 'saml_jit.connection.id',
    organizationId: 'saml_jit.organization.id',
    assertionId: 'saml_jit.assertion.id',
    identity: 'saml_jit.identity.issuer, saml_jit.identity.subject',
    hint: 'saml_jit.hint',
    details: 'saml_jit.details',
    reference: 'saml_jit.reference',
  },
  restarted: {
    connectionId: 'saml_jit.connection.id',
    organizationId: 'saml_jit.organization.id',
    assertionId: 'saml_jit.assertion.id',
  },
  unavailable: {
    reason: 'error.type',
    connectionId: 'saml_jit.connection.id',
    organizationId: 'saml_jit.organization.id',
    hint: 'saml_jit.hint',
    reference: 'saml_jit.reference',
  },
  failed: {
    connectionId: 'saml_jit.connection.id',
    organizationId: 'saml_jit.organization.id',
    assertionId: 'saml_jit.assertion.id',
    code: 'error.type',
    hint: 'saml_jit.hint',
    details: 'saml_jit.details',
    reference: 'saml_jit.reference',
    error: 'exception.message, exception.stacktrace',
    security: 'saml_jit.security',
  },
  warning: { connectionId: 'saml_jit.connection.id', warning: 'saml_jit.warning', hint: 'saml_jit.hint' },
  suspended: { userId: 'enduser.id', organizationId: 'saml_jit.organization.id', by: 'saml_jit.by' },
  removed: { userId: 'enduser.id', organizationId: 'saml_jit.organization.id', by: 'saml_jit.by' },
  restored: { userId: 'enduser.id', organizationId: 'saml_jit.organization.id', by: 'saml_jit.by' },
};

it('docs/events.md describes every event and each of its fields, with its attribute', () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const sections = page.split(/^### /m).slice(1);
  const documented = sections.flatMap((section) => {
    const [heading = ''] = section.split('\n');
    const rows = [...section.matchAll(/^\| `(\w+)` \| (`[^|]*`) \|/gm)];
    const fields = Object.fromEntries(rows.map(([, field = '', cell = '']) => [field, cell.replaceAll('`', '')]));
    return [...heading.matchAll(/`(\w+)`/g)].map(([, type = '']) => [type, fields] as const);
  });
  expect(Object.fromEntries(documented)).toEqual(attributes);
});
