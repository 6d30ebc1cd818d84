import { describe, expect, it, vi } from 'vitest';
import { type ConnectionInput, memoryReplayCache, memoryUserStore, reject, SamlError } from '../../src/index.ts';
import { createTestIdp, selfSigned } from '../../src/testing/index.ts';
import { acsUrl, begin, entityId, jar, key, login, product, requestIdOf, unsolicited, untrustedKey } from './setup.ts';

/** What a refused login throws. */
async function refusal(promise: Promise<unknown>): Promise<SamlError> {
  const error = await promise.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof SamlError) return error;
  throw error;
}

/** A login up to the point where the browser posts the response. */
async function pending(app: ReturnType<typeof product>, options = {}) {
  const begun = await begin(app.sso, {}, options);
  const { fields } = await app.idp.login(begun, 'alice-1');
  return { begun, input: { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) } };
}

describe('a login through the login page', () => {
  it('creates the user in the organization, with e-mail, name and role of the assertion', async () => {
    const app = product();
    const result = await login(app, 'alice-1', { returnTo: '/reports?year=2026' });
    expect(result).toMatchObject({
      outcome: 'created',
      user: {
        email: 'alice@acme.example',
        name: 'Alice Liddell',
        role: 'admin',
        organizationId: 'acme',
        status: 'active',
      },
      returnTo: '/reports?year=2026',
      connectionId: 'acme',
      organizationId: 'acme',
      profile: { subject: 'alice-1', subjectSource: 'nameId' },
      samlSession: { connectionId: 'acme', issuer: app.idp.entityId, nameId: 'alice-1' },
    });
    expect(JSON.parse(JSON.stringify(result.samlSession))).toEqual(
      Object.fromEntries(Object.entries(result.samlSession).filter(([, value]) => value !== undefined)),
    );
    expect(result.expireCookies).toHaveLength(1);
    expect(result.expireCookies[0]).toMatch(/^__Host-saml-[0-3]=; .*Max-Age=0$/);
    expect(await app.users.list('acme')).toHaveLength(1);
  });

  it('is unchanged the second time, and updates what changed at the identity provider', async () => {
    const app = product();
    await login(app);
    expect((await login(app)).outcome).toBe('unchanged');
    app.idp.updateUser('alice-1', { lastName: 'Hargreaves', role: 'owner' });
    const updated = await login(app);
    expect(updated.outcome).toBe('updated');
    expect(updated.changes).toEqual([
      { field: 'name', from: 'Alice Liddell', to: 'Alice Hargreaves' },
      { field: 'role', from: 'admin', to: 'owner' },
    ]);
  });

  it('redirects to the default returnTo if it has none, and ignores RelayState', async () => {
    const app = product({ returnTo: { default: '/home', allow: ['/app'] } });
    const { input } = await pending(app, { returnTo: 'https://evil.example/' });
    expect(await app.sso.completeLogin({ ...input, relayState: '/app/x' })).toMatchObject({
      outcome: 'created',
      returnTo: '/home',
    });
  });

  it('reports each outcome in one event, without the message', async () => {
    const app = product();
    const { input } = await pending(app);
    await app.sso.completeLogin(input);
    expect(app.events).toMatchObject([
      {
        type: 'login',
        outcome: 'created',
        connectionId: 'acme',
        organizationId: 'acme',
        identity: { issuer: app.idp.entityId, subject: 'alice-1' },
        at: app.now(),
      },
    ]);
    expect(JSON.stringify(app.events)).not.toContain(input.samlResponse.slice(0, 40));
  });

  it('does not fail because the application cannot log', async () => {
    const app = product({
      onEvent: () => {
        throw new Error('disk full');
      },
    });
    expect((await login(app)).outcome).toBe('created');
  });

  it('does not end the process because the application cannot log in time', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const app = product({ onEvent: async () => Promise.reject(new Error('disk full')) });
    expect((await login(app)).outcome).toBe('created');
    await expect(app.sso.completeLogin({ samlResponse: 'AAAA' })).rejects.toMatchObject({ code: 'malformed_xml' });
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('works in a single-tenant application without roles, organization and policy', async () => {
    const idp = createTestIdp({ key, users: [{ id: '1', email: 'a@b.example', firstName: 'A', lastName: 'B' }] });
    const app = product({ connections: { idp: { metadata: idp.metadata() } }, roles: undefined, now: undefined });
    const begun = await begin(app.sso, {});
    const { fields } = await idp.login(begun, '1');
    expect(
      await app.sso.completeLogin({ samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) }),
    ).toMatchObject({
      outcome: 'created',
      user: { organizationId: 'default', role: null, name: 'A B' },
    });
  });
});

describe('a login is completed only in the browser that began it', () => {
  it('it is completed in any of several tabs', async () => {
    const app = product();
    const one = await pending(app, { returnTo: '/one' });
    const two = await pending(app, { returnTo: '/two', cookies: one.input.cookies });
    const cookies = `theme=dark; ${one.input.cookies}; ${two.input.cookies}`;
    expect(await app.sso.completeLogin({ ...two.input, cookies })).toMatchObject({
      outcome: 'created',
      returnTo: '/two',
    });
    expect(await app.sso.completeLogin({ ...one.input, cookies })).toMatchObject({
      outcome: 'unchanged',
      returnTo: '/one',
    });
  });

  it.each([
    ['without any cookie', (_: string) => undefined, 'missing'],
    ['with the cookie of another login', async (_: string) => jar((await begin(product().sso, {})).cookie), 'missing'],
    ['with a cookie of a sibling domain', (cookies: string) => `\u00a0${cookies}`, 'missing'],
    ['with an altered cookie', (cookies: string) => `${cookies.slice(0, -2)}xx`, 'invalid'],
    ['with the cookie twice', (cookies: string) => `${cookies}; ${cookies}`, 'invalid'],
  ])('it is refused %s', async (_, change, state) => {
    const app = product();
    const { input } = await pending(app);
    const error = await refusal(app.sso.completeLogin({ ...input, cookies: await change(input.cookies) }));
    expect(error).toMatchObject({
      code: 'browser_mismatch',
      message: 'the login was not started in this browser, or took too long',
      details: { state },
    });
    expect(await app.users.list('acme')).toHaveLength(0);
    // Nothing was claimed: the right browser still gets in.
    expect((await app.sso.completeLogin(input)).outcome).toBe('created');
  });

  it('it is refused after its lifetime', async () => {
    const app = product({ requestLifetimeSeconds: 60 }, {}, {});
    const { input } = await pending(app);
    app.pass(60);
    expect(await refusal(app.sso.completeLogin(input))).toMatchObject({
      code: 'browser_mismatch',
      details: { state: 'expired' },
    });
  });

  it('it is completed after a rotation of secrets, while the old secret is configured', async () => {
    const replayCache = memoryReplayCache();
    const old = product({ replayCache });
    const { input } = await pending(old);
    const connections = { id: 'acme', organizationId: 'acme', idp: { metadata: old.idp.metadata() } };
    const fresh = 'another secret of more than 32 characters';
    const rotated = product({ secret: [fresh, 'a secret of more than 32 characters'], connections });
    const dropped = product({ secret: fresh, connections });
    expect(await refusal(dropped.sso.completeLogin(input))).toMatchObject({
      code: 'browser_mismatch',
      details: { state: 'invalid' },
    });
    expect((await rotated.sso.completeLogin(input)).outcome).toBe('created');
  });

  it('an invalid message is reported before a missing cookie', async () => {
    const app = product();
    const response = unsolicited(app, {
      inResponseTo: `_${'0'.repeat(32)}`,
      audience: 'https://staging.example.com/sso/metadata',
    });
    expect((await refusal(app.sso.completeLogin({ samlResponse: response }))).code).toBe('audience_mismatch');
  });
});

describe('single use of responses', () => {
  it('refuses the same response a second time, even concurrently', async () => {
    const app = product();
    const { input } = await pending(app);
    const results = await Promise.allSettled([1, 2, 3].map(() => app.sso.completeLogin(input)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const error = await refusal(app.sso.completeLogin(input));
    expect(error).toMatchObject({ code: 'replayed', message: 'the SAML response was already used' });
    expect(app.events.at(-1)).toMatchObject({ type: 'failed', security: true, connectionId: 'acme' });
    expect(await app.users.list('acme')).toHaveLength(1);
  });

  it('refuses a second response to one request', async () => {
    const app = product();
    const { begun, input } = await pending(app);
    const { fields } = await app.idp.login(begun, 'alice-1');
    await app.sso.completeLogin(input);
    const second = app.sso.completeLogin({ ...input, samlResponse: fields['SAMLResponse'] ?? '' });
    expect(await refusal(second)).toMatchObject({
      code: 'request_used',
      message: 'the login request was already answered',
    });
  });

  it('remembers an assertion while it could be used, including the clock skew', async () => {
    const claims: number[] = [];
    const app = product({
      replayCache: { claim: async (_, seconds) => claims.push(seconds) > 0 },
      clockSkewSeconds: 30,
    });
    const { input } = await pending(app);
    await app.sso.completeLogin(input);
    const result = await login(app);
    const untilEnd = (result.assertion.notOnOrAfter.getTime() - app.now().getTime()) / 1000;
    expect(claims.slice(-2)).toEqual([untilEnd + 30, 1800]);
  });

  it('remembers an assertion until its last confirmation ends, even if this is for another address', async () => {
    const claims: number[] = [];
    const app = product(
      { replayCache: { claim: async (_, seconds) => claims.push(seconds) > 0 } },
      { policy: { idpInitiated: 'allow' } },
    );
    const later = new Date(app.now().getTime() + 7_200_000).toISOString();
    const second = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="${acsUrl}/acme" NotOnOrAfter="${later}"/></saml:SubjectConfirmation>`;
    const samlResponse = unsolicited(app, {
      notOnOrAfter: new Date(app.now().getTime() + 86_000_000),
      mutateBeforeSigning: (xml) => xml.replace('</saml:Subject>', `${second}</saml:Subject>`),
    });
    await app.sso.completeLogin({ samlResponse });
    expect(claims).toEqual([7200 + 60]);
  });

  it('remembers an assertion for 30 days if it is valid for 30 days and the connection accepts it', async () => {
    const claims: number[] = [];
    const replayCache = { claim: async (_: string, seconds: number) => claims.push(seconds) > 0 };
    const policy = { idpInitiated: 'allow' } as const;
    const lifetime = 30 * 86_400;
    const app = product({ replayCache }, { policy, security: { maxAssertionLifetimeSeconds: lifetime } });
    const end = new Date(app.now().getTime() + lifetime * 1000);
    const samlResponse = unsolicited(app, { notOnOrAfter: end, confirmationNotOnOrAfter: end });
    expect((await app.sso.completeLogin({ samlResponse })).outcome).toBe('created');
    expect(claims).toEqual([lifetime + 60]);
    const strict = product({}, { policy });
    await expect(strict.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'conditions_invalid' });
  });

  it('refuses an assertion of an SP-initiated login that is sent again, unsolicited, after the request has expired', async () => {
    const app = product(
      { replayCache: memoryReplayCache({ now: () => app.now() }) },
      { policy: { idpInitiated: 'allow' } },
    );
    const end = new Date(app.now().getTime() + 86_000_000);
    const second = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="${acsUrl}" NotOnOrAfter="${end.toISOString()}"/></saml:SubjectConfirmation>`;
    const begun = await begin(app.sso, { connectionId: 'acme' });
    const samlResponse = unsolicited(app, {
      signs: 'assertion',
      inResponseTo: requestIdOf(begun),
      notOnOrAfter: end,
      confirmationNotOnOrAfter: end,
      mutateBeforeSigning: (xml) => xml.replace('</saml:Subject>', `${second}</saml:Subject>`),
    });
    expect(await app.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) })).toHaveProperty(
      'outcome',
      'created',
    );
    app.pass(7200);
    // The Response around it is not signed.
    const xml = Buffer.from(samlResponse, 'base64').toString();
    const again = Buffer.from(xml.replace(/ InResponseTo="[^"]*"/, '')).toString('base64');
    await expect(app.sso.completeLogin({ samlResponse: again })).rejects.toMatchObject({ code: 'replayed' });
  });

  it('refuses a Response without Destination if the connection requires one', async () => {
    const policy = { idpInitiated: 'allow' } as const;
    const app = product({}, { policy, security: { requireDestination: true } });
    const refused = app.sso.completeLogin({ samlResponse: unsolicited(app, { destination: null }) });
    await expect(refused).rejects.toMatchObject({
      code: 'destination_mismatch',
      hint: expect.stringContaining('security.requireDestination'),
    });
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toHaveProperty('outcome', 'created');
    const tolerant = product({}, { policy });
    const accepted = tolerant.sso.completeLogin({ samlResponse: unsolicited(tolerant, { destination: null }) });
    expect(await accepted).toHaveProperty('outcome', 'created');
  });

  it('remembers a response no longer than the lifetime of the request that it answers or causes', async () => {
    const claims: number[] = [];
    const app = product({ replayCache: { claim: async (_, seconds) => claims.push(seconds) > 0 } });
    const long = {
      notOnOrAfter: new Date(app.now().getTime() + 86_000_000),
      confirmationNotOnOrAfter: new Date(app.now().getTime() + 86_000_000),
    };
    expect((await app.sso.completeLogin({ samlResponse: unsolicited(app, long) })).outcome).toBe('redirect');
    const { begun, input } = await pending(app);
    const id = requestIdOf(begun);
    app.pass(600);
    const samlResponse = unsolicited(app, { ...long, inResponseTo: id });
    expect((await app.sso.completeLogin({ ...input, samlResponse })).outcome).toBe('created');
    expect(claims).toEqual([1800, 1200, 1200]);
  });

  it('claims nothing for a message that is refused', async () => {
    const claim = vi.fn(async () => true);
    const app = product({ replayCache: { claim } });
    await refusal(app.sso.completeLogin({ samlResponse: unsolicited(app, { key: untrustedKey }) }));
    await refusal(app.sso.completeLogin({ samlResponse: unsolicited(app, { audience: 'https://other.example' }) }));
    expect(claim).not.toHaveBeenCalled();
    await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it('fails closed when the replay cache fails', async () => {
    const app = product({ replayCache: { claim: async () => Promise.reject(new Error('redis is down')) } });
    const { input } = await pending(app);
    const error = await refusal(app.sso.completeLogin(input));
    expect(error).toMatchObject({ code: 'store_failed', message: 'the login could not be completed' });
    expect(error.hint).toContain('redis is down');
    expect(await app.users.list('acme')).toHaveLength(0);
  });
});

describe('a login that starts at the identity provider', () => {
  it('is answered with an AuthnRequest (restart, the default), and then completes', async () => {
    const app = product({ returnTo: { allow: ['/app'] } });
    const first = await app.sso.completeLogin({ samlResponse: unsolicited(app), relayState: '/app/reports' });
    if (first.outcome !== 'redirect') throw new Error(first.outcome);
    expect(await app.users.list('acme')).toHaveLength(0);
    expect(app.events).toMatchObject([{ type: 'restarted', connectionId: 'acme' }]);
    const { fields } = await app.idp.login(first.start, 'alice-1');
    const second = await app.sso.completeLogin({
      samlResponse: fields['SAMLResponse'] ?? '',
      cookies: jar(first.start.cookie),
    });
    expect(second).toMatchObject({ outcome: 'created', returnTo: '/app/reports' });
  });

  it('is restarted once only', async () => {
    const app = product();
    const first = await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    if (first.outcome !== 'redirect') throw new Error(first.outcome);
    const again = { samlResponse: unsolicited(app), cookies: jar(first.start.cookie) };
    expect(await refusal(app.sso.completeLogin(again))).toMatchObject({
      code: 'unsolicited_not_allowed',
      message: 'a login must start at the application',
    });
    // A person who comes back to the portal later is no loop.
    app.pass(61);
    expect((await app.sso.completeLogin({ ...again, samlResponse: unsolicited(app) })).outcome).toBe('redirect');
  });

  it('is restarted once, also for a browser without cookies', async () => {
    const app = product();
    const first = await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    if (first.outcome !== 'redirect' || first.start.kind !== 'redirect') throw new Error(first.outcome);
    const relayState = new URL(first.start.url).searchParams.get('RelayState') ?? '';
    const again = app.sso.completeLogin({ samlResponse: unsolicited(app), relayState });
    expect((await refusal(again)).code).toBe('unsolicited_not_allowed');
  });

  it('is not restarted if the message is invalid', async () => {
    const app = product();
    expect((await refusal(app.sso.completeLogin({ samlResponse: unsolicited(app, { key: untrustedKey }) }))).code).toBe(
      'untrusted_certificate',
    );
  });

  it('is accepted immediately if the connection allows it', async () => {
    const app = product({ returnTo: { allow: ['/app'] } }, { policy: { idpInitiated: 'allow' } });
    const samlResponse = unsolicited(app);
    expect(await app.sso.completeLogin({ samlResponse, relayState: '/app/x' })).toMatchObject({
      outcome: 'created',
      returnTo: '/app/x',
    });
    expect((await refusal(app.sso.completeLogin({ samlResponse }))).code).toBe('replayed');
    expect(
      await app.sso.completeLogin({ samlResponse: unsolicited(app), relayState: 'https://evil.example/' }),
    ).toMatchObject({ returnTo: '/' });
  });

  it('is refused if the connection refuses it, while a login through the login page works', async () => {
    const app = product({}, { policy: { idpInitiated: 'refuse' } });
    expect((await refusal(app.sso.completeLogin({ samlResponse: unsolicited(app) }))).code).toBe(
      'unsolicited_not_allowed',
    );
    expect((await login(app)).outcome).toBe('created');
  });
});

describe('the connection that validates the response', () => {
  const shared = createTestIdp({
    key,
    users: [{ id: 'u', email: 'u@acme.example', role: 'member' }],
    entityId: 'https://shared-idp.example',
  });
  const connection = (id: string, more: Partial<ConnectionInput> = {}): ConnectionInput => ({
    id,
    organizationId: id,
    idp: { metadata: shared.metadata() },
    policy: { idpInitiated: 'allow' },
    ...more,
  });
  const respond = (overrides: Partial<Parameters<typeof shared.respond>[0]> = {}): string =>
    shared.respond({ user: 'u', acsUrl, audience: entityId, now: new Date('2026-11-24T08:00:00Z'), ...overrides });

  it('is the connection with the Issuer', async () => {
    const { sso } = product({ connections: [connection('acme')] });
    expect(await sso.completeLogin({ samlResponse: respond() })).toMatchObject({
      outcome: 'created',
      connectionId: 'acme',
    });
  });

  it('does not exist for an unknown Issuer', async () => {
    const { sso } = product({ connections: [connection('acme')] });
    const error = await refusal(
      sso.completeLogin({
        samlResponse: respond({ issuer: 'https://unknown.example', assertionIssuer: 'https://unknown.example' }),
      }),
    );
    expect(error).toMatchObject({
      code: 'unknown_issuer',
      message: 'the SAML message comes from an identity provider that is not configured',
    });
    expect(error.hint).toContain('https://unknown.example');
  });

  it('is determined by its own ACS URL if several connections have one Issuer, and otherwise refused', async () => {
    const { sso, users } = product({
      connections: [connection('acme', { acs: 'own' }), connection('globex', { acs: 'own' })],
    });
    expect((await refusal(sso.completeLogin({ samlResponse: respond() }))).code).toBe('unknown_issuer');
    const own = respond({ acsUrl: `${acsUrl}/globex` });
    // Posted to the neighbour's address it is refused, although the same key signed it.
    expect((await refusal(sso.completeLogin({ samlResponse: own, connectionId: 'acme' }))).code).toBe(
      'destination_mismatch',
    );
    expect(await sso.completeLogin({ samlResponse: own, connectionId: 'globex' })).toMatchObject({
      outcome: 'created',
      organizationId: 'globex',
    });
    expect(await users.list('acme')).toHaveLength(0);
  });

  it('cannot use the shared ACS URL if it has its own, even if the request named the shared one', async () => {
    const { sso, users } = product({
      connections: [connection('acme'), connection('globex', { acs: 'own' })],
    });
    const begun = await begin(sso, { connectionId: 'globex' });
    const id = requestIdOf(begun);
    const answer = (address: string) => ({
      samlResponse: respond({ acsUrl: address, inResponseTo: id }),
      cookies: jar(begun.cookie),
    });
    // As if the AssertionConsumerServiceURL of the unsigned request had been changed.
    const refused = await refusal(sso.completeLogin(answer(acsUrl)));
    expect(refused).toMatchObject({
      code: 'destination_mismatch',
      message: 'the SAML message was sent to another address',
    });
    expect(refused.hint).toContain('ends in /acs/globex');
    expect((await refusal(sso.completeLogin(answer(`${acsUrl}/globex`)))).code).toBe('destination_mismatch');
    expect(await users.list('globex')).toHaveLength(0);
    const own = { ...answer(`${acsUrl}/globex`), connectionId: 'globex' };
    expect(await sso.completeLogin(own)).toMatchObject({ outcome: 'created', organizationId: 'globex' });
  });

  it('is the connection of the request, even if others have the same Issuer', async () => {
    const { sso } = product({ connections: [connection('acme'), connection('globex')], now: undefined });
    const begun = await begin(sso, { connectionId: 'globex' });
    const { fields } = await shared.login(begun, 'u');
    const input = { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) };
    expect((await refusal(sso.completeLogin({ ...input, connectionId: 'acme' }))).code).toBe('browser_mismatch');
    expect(await sso.completeLogin(input)).toMatchObject({ outcome: 'created', organizationId: 'globex' });
  });

  it('is unavailable if it was deleted during the login (rule changed-connection)', async () => {
    const rows = new Map([['acme', { settings: connection('acme') }]]);
    const store = { get: async (id: string) => rows.get(id) ?? null, find: async () => [...rows.values()] };
    const app = product({ connections: store, now: undefined });
    const begun = await begin(app.sso, { connectionId: 'acme' });
    const { fields } = await shared.login(begun, 'u');
    const input = { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) };
    rows.clear();
    expect(await refusal(app.sso.completeLogin(input))).toMatchObject({ code: 'connection_unavailable' });
    rows.set('acme', { settings: connection('acme', { enabled: false }) });
    expect(await app.sso.completeLogin(input)).toMatchObject({ outcome: 'rejected', reason: 'connection_disabled' });
  });

  it.each<[string, Partial<ConnectionInput>, object]>([
    [
      'policy',
      { policy: { requiredAttributes: { tenant: 't' } } },
      { outcome: 'rejected', reason: 'attribute_mismatch' },
    ],
    ['verified domains', { domains: ['other.example'] }, { outcome: 'rejected', reason: 'domain_not_allowed' }],
    ['organization', { organizationId: 'globex' }, { outcome: 'created', user: { organizationId: 'globex' } }],
  ])('rule changed-connection: the %s of now, though the request was made under another', async (_, changes, ends) => {
    const rows = new Map([['acme', { settings: connection('acme') }]]);
    const store = { get: async (id: string) => rows.get(id) ?? null, find: async () => [...rows.values()] };
    const app = product({ connections: store, now: undefined });
    const begun = await begin(app.sso, { connectionId: 'acme' });
    const { fields } = await shared.login(begun, 'u');
    rows.set('acme', { settings: connection('acme', changes) });
    const input = { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) };
    expect(await app.sso.completeLogin(input)).toMatchObject(ends);
  });

  it('rule changed-connection: uses its current keys: a signature with a key that was removed during the login is refused', async () => {
    const rows = new Map([['acme', { settings: connection('acme') }]]);
    const store = { get: async (id: string) => rows.get(id) ?? null, find: async () => [...rows.values()] };
    const app = product({ connections: store, now: undefined });
    const begun = await begin(app.sso, { connectionId: 'acme' });
    const { fields } = await shared.login(begun, 'u');
    const idp = { entityId: shared.entityId, ssoUrl: shared.ssoUrl, certificate: untrustedKey.certificate };
    rows.set('acme', { settings: connection('acme', { idp }) });
    const input = { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) };
    expect((await refusal(app.sso.completeLogin(input))).code).toBe('untrusted_certificate');
  });

  it('is not affected by an invalid row of the store, which is reported', async () => {
    const rows = [{ id: 'broken', idp: {} }, connection('acme')].map((settings) => ({ settings }));
    const store = { get: async () => null, find: async () => rows };
    const { sso, events } = product({ connections: store });
    expect((await sso.completeLogin({ samlResponse: respond() })).outcome).toBe('created');
    expect(events[0]).toMatchObject({ type: 'warning', warning: 'connection_invalid' });
  });
});

describe('refusals by policy', () => {
  const allowing = { policy: { idpInitiated: 'allow' } } as const;
  it('are results whose hint and details do not slip into a response body', async () => {
    const app = product({}, { domains: ['other.example'], policy: { idpInitiated: 'allow' } });
    const result = await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    if (result.outcome !== 'rejected') throw new Error(result.outcome);
    if (result.reason !== 'domain_not_allowed') throw new Error(result.reason);
    expect(result.hint).toContain('other.example');
    expect(result.details?.domains).toEqual(['other.example']);
    expect(JSON.stringify(result)).not.toContain(result.hint);
    expect(JSON.stringify(result)).not.toContain('other.example');
    expect({ ...result }).not.toHaveProperty('details');
    const { hint, details } = result;
    expect(app.events.at(-1)).toMatchObject({ type: 'rejected', reason: 'domain_not_allowed', hint, details });

    const passing = product({}, { ...allowing, domains: ['acme.example'] });
    expect(await passing.sso.completeLogin({ samlResponse: unsolicited(passing) })).not.toHaveProperty('details');
  });

  it('have no details if the application rejected without them', async () => {
    const users = {
      ...memoryUserStore({ roles: ['owner', 'admin', 'member'] }),
      decide: () => reject('not_invited', 'Contractors have no access.'),
    };
    const app = product({ users }, allowing);
    const result = await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'not_invited', hint: 'Contractors have no access.' });
    expect(Reflect.get(result, 'details')).toBeUndefined();
    expect(app.events.at(-1)).not.toHaveProperty('details');
  });

  it('one customer cannot access the users of another', async () => {
    const globexIdp = createTestIdp({
      key: untrustedKey,
      entityId: 'https://globex-idp.example',
      users: [{ id: 'bob', email: 'alice@acme.example', role: 'owner' }],
    });
    const app = product();
    const both = product({
      users: app.users,
      connections: [
        { id: 'acme', organizationId: 'acme', idp: { metadata: app.idp.metadata() }, domains: ['acme.example'] },
        {
          id: 'globex',
          organizationId: 'globex',
          idp: { metadata: globexIdp.metadata() },
          domains: ['globex.example'],
          policy: { idpInitiated: 'allow' },
        },
      ],
    });
    await login(app);
    const asserted = globexIdp.respond({ user: 'bob', acsUrl, audience: entityId, now: app.now() });
    expect(await both.sso.completeLogin({ samlResponse: asserted })).toMatchObject({
      outcome: 'rejected',
      reason: 'domain_not_allowed',
      organizationId: 'globex',
    });
    // Globex signs what claims to come from Acme's identity provider.
    const forged = globexIdp.respond({
      user: 'bob',
      acsUrl,
      audience: entityId,
      now: app.now(),
      issuer: app.idp.entityId,
      assertionIssuer: app.idp.entityId,
    });
    expect((await refusal(both.sso.completeLogin({ samlResponse: forged }))).code).toBe('untrusted_certificate');
    expect(await app.users.list('acme')).toMatchObject([{ name: 'Alice Liddell', role: 'admin' }]);
  });

  it('rule scim-managed: in an organization whose accounts SCIM manages, no account is created, and known users sign in', async () => {
    const app = product({ organization: async () => ({ sso: true, seats: null, scim: true }) }, allowing);
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({
      outcome: 'rejected',
      reason: 'not_provisioned',
    });
    await app.users.put({ organizationId: 'acme', email: 'alice@acme.example', name: 'Alice by SCIM', role: 'member' });
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({
      outcome: 'updated',
      user: { name: 'Alice by SCIM', role: 'member' },
      changes: [{ field: 'identity' }],
      notes: ['scim_kept'],
    });
    const wrong = { sso: true, seats: null, scim: 'yes' } as unknown as { sso: true; seats: null };
    const unsure = product({ organization: async () => wrong }, allowing);
    const error = await refusal(unsure.sso.completeLogin({ samlResponse: unsolicited(unsure) }));
    expect(error).toMatchObject({ code: 'store_failed' });
    expect(error.hint).toContain('organization("acme"): scim must be true or false; received string');
    const uncounted = product({ organization: async () => ({ sso: true, seats: Number.NaN }) }, allowing);
    const unlimited = await refusal(uncounted.sso.completeLogin({ samlResponse: unsolicited(uncounted) }));
    expect(unlimited.hint).toContain('organization("acme"): seats must be null or a number; received NaN');
  });

  it('fail closed when the store or the organization fails (rule store-failure)', async () => {
    const app = product(
      { organization: async () => Promise.reject(new Error('no database')) },
      { policy: { idpInitiated: 'allow' } },
    );
    const samlResponse = unsolicited(app);
    expect((await refusal(app.sso.completeLogin({ samlResponse }))).code).toBe('store_failed');
    expect((await refusal(app.sso.completeLogin({ samlResponse }))).code).toBe('replayed');
  });
});

describe('a NameID format that the connection asks for', () => {
  const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

  it('is required: a NameID in another format, which a user may choose, finds no account', async () => {
    const idp = createTestIdp({ key, users: [{ id: 'alice-1', email: 'alice@acme.example', role: 'admin' }] });
    const app = product(
      {},
      { idp: { metadata: idp.metadata(), nameIdFormat: 'emailAddress' }, policy: { idpInitiated: 'allow' } },
    );
    const named = { nameId: 'alice@acme.example', nameIdFormat: emailAddress };
    expect((await app.sso.completeLogin({ samlResponse: unsolicited(app, named) })).outcome).toBe('created');
    for (const nameIdFormat of ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'urn:made:up', null]) {
      const error = await refusal(
        app.sso.completeLogin({ samlResponse: unsolicited(app, { ...named, nameIdFormat }) }),
      );
      expect(error).toMatchObject({
        code: 'name_id_format_mismatch',
        message: 'the assertion names its subject in another format than the one asked for',
      });
      expect(error.hint).toContain(emailAddress);
    }
  });
});

describe('an attacker who registered the address first, in an organization with two connections', () => {
  it('does not get the account of the owner of the e-mail address', async () => {
    const open = createTestIdp({
      key,
      entityId: 'https://open-idp.example',
      users: [{ id: 'mallory', email: 'ceo@acme.example', role: 'member' }],
    });
    const users = [{ id: 'ceo', email: 'ceo@acme.example', role: 'owner' }];
    const app = product({}, {}, { users });
    const policy = { idpInitiated: 'allow' } as const;
    const { sso, users: accounts } = product({
      connections: [
        {
          id: 'open',
          organizationId: 'acme',
          idp: { metadata: open.metadata() },
          policy: { ...policy, roleCeiling: 'member', sync: { role: 'onCreate' } },
        },
        {
          id: 'proven',
          organizationId: 'acme',
          idp: { metadata: app.idp.metadata() },
          domains: ['acme.example'],
          policy,
        },
      ],
    });
    const asMallory = () =>
      sso.completeLogin({
        samlResponse: open.respond({ user: 'mallory', acsUrl, audience: entityId, now: app.now() }),
      });
    expect(await asMallory()).toMatchObject({ outcome: 'created', user: { emailVerified: false, role: 'member' } });
    const asCeo = () => sso.completeLogin({ samlResponse: unsolicited(app, { user: 'ceo' }) });
    expect(await asCeo()).toMatchObject({ outcome: 'rejected', reason: 'link_needs_verification' });
    expect(await asMallory()).toMatchObject({ outcome: 'unchanged', user: { role: 'member' } });
    // The passing twin: the same account, proven.
    const [account] = await accounts.list('acme');
    if (account === undefined) throw new Error('no account');
    await accounts.put({ ...account, emailVerified: true, identities: [] });
    expect(await asCeo()).toMatchObject({ outcome: 'updated', user: { role: 'owner' } });
  });
});

describe('a disabled connection', () => {
  it('is rejected, and uses no space in the replay cache', async () => {
    const claim = vi.fn(async () => true);
    const app = product({ replayCache: { claim } }, { enabled: false });
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({
      outcome: 'rejected',
      reason: 'connection_disabled',
    });
    expect(claim).not.toHaveBeenCalled();
    const enabled = product({ replayCache: { claim } }, { policy: { idpInitiated: 'allow' } });
    expect((await enabled.sso.completeLogin({ samlResponse: unsolicited(enabled) })).outcome).toBe('created');
    expect(claim).toHaveBeenCalledTimes(1);
  });
});

describe('warnings do not prevent a login', () => {
  it('an expired certificate is still pinned', async () => {
    const expired = selfSigned({
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2025-01-01T00:00:00Z'),
    });
    const app = product({}, {}, { key: expired });
    expect((await login(app)).outcome).toBe('created');
    expect(app.events[0]).toMatchObject({ type: 'warning', warning: 'certificate_expired', connectionId: 'acme' });
  });

  it('is reported once per login where Response and Assertion are both signed by it', async () => {
    const notAfter = new Date('2025-01-01T00:00:00Z');
    const app = product({}, { policy: { idpInitiated: 'allow' } }, { key: selfSigned({ notAfter }) });
    for (const count of [1, 2]) {
      await app.sso.completeLogin({ samlResponse: unsolicited(app, { signs: 'both' }) });
      const warnings = app.events.filter((event) => event.type === 'warning');
      expect(warnings.map(({ warning }) => warning)).toEqual(Array(count).fill('certificate_expired'));
    }
  });

  it('is announced before it expires: 30 days, 7 days and 1 day ahead, once each, by the clock of the options', async () => {
    const notAfter = new Date('2027-01-03T08:00:00Z'); // 40 days from the start
    const app = product({}, { policy: { idpInitiated: 'allow' } }, { key: selfSigned({ notAfter }) });
    const seen: unknown[] = [];
    for (let dayNumber = 0; dayNumber <= 40; dayNumber++) {
      for (const signs of ['both', 'assertion'] as const)
        await app.sso.completeLogin({ samlResponse: unsolicited(app, { signs }) });
      for (const event of app.events.splice(0))
        if (event.type === 'warning') seen.push([dayNumber, event.warning, event.connectionId]);
      app.pass(86_400);
    }
    expect(seen).toEqual([10, 33, 39].map((dayNumber) => [dayNumber, 'certificate_expiring', 'acme']));
  });

  it('is not announced by explain, nor for a message that is refused', async () => {
    const notAfter = new Date('2026-11-29T08:00:00Z');
    const app = product({}, { policy: { idpInitiated: 'allow' } }, { key: selfSigned({ notAfter }) });
    const samlResponse = unsolicited(app);
    expect(await app.sso.explain({ samlResponse })).toHaveProperty('verdict', 'accept');
    await expect(app.sso.completeLogin({ samlResponse: unsolicited(app, { audience: 'urn:x' }) })).rejects.toThrow();
    const warnings = () => app.events.filter((event) => event.type === 'warning');
    expect(warnings()).toEqual([]);
    await app.sso.completeLogin({ samlResponse });
    expect(warnings()).toMatchObject([{ warning: 'certificate_expiring' }]);
  });
});

describe('a requested fresh authentication', () => {
  it('must not be older than the request', async () => {
    const app = product();
    const { begun, input } = await pending(app, { forceAuthn: true });
    const id = requestIdOf(begun);
    const stale = unsolicited(app, { inResponseTo: id, authnInstant: new Date(app.now().getTime() - 61_000) });
    expect(await refusal(app.sso.completeLogin({ ...input, samlResponse: stale }))).toMatchObject({
      code: 'authn_context_mismatch',
    });
    expect(await app.sso.completeLogin(input)).toMatchObject({ outcome: 'created', forceAuthn: true });
  });

  it('is distinguished from an ordinary login with the same target', async () => {
    const app = product();
    expect(await login(app, 'alice-1', { returnTo: '/wire-transfer' })).toMatchObject({
      returnTo: '/wire-transfer',
      forceAuthn: false,
    });
  });
});
