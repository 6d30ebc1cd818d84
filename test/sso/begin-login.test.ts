import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LoginUnavailable } from '../../src/index.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { readXml } from '../../src/xml/read.ts';
import { acsUrl, begin, entityId, key, product } from './setup.ts';

const other = createTestIdp({ entityId: 'https://globex-idp.example/metadata' });
const globex = {
  id: 'globex',
  organizationId: 'globex',
  idp: { metadata: other.metadata() },
  domains: ['globex.example'],
};

function two(options: Parameters<typeof product>[0] = {}): ReturnType<typeof product> {
  const { idp } = product();
  return product({
    connections: [
      { id: 'acme', organizationId: 'acme', idp: { metadata: idp.metadata() }, domains: ['acme.example'] },
      globex,
    ],
    ...options,
  });
}

/** The result for the page; the event has more details. */
function unavailable(reason: LoginUnavailable['reason']): object {
  return { kind: 'unavailable', reason, reference: expect.stringMatching(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/) };
}

describe('the AuthnRequest', () => {
  it('goes to the identity provider by HTTP-Redirect, deflated, and names this application', async () => {
    const { sso, idp } = product();
    const begun = await begin(sso, {});
    if (begun.kind !== 'redirect') throw new Error(begun.kind);
    const url = new URL(begun.url);
    expect(`${url.origin}${url.pathname}`).toBe(idp.ssoUrl);
    const request = readXml(
      inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString(),
    );
    expect(request.qualifiedName).toBe('samlp:AuthnRequest');
    expect(request.get('AssertionConsumerServiceURL')).toBe(acsUrl);
    expect(request.get('Destination')).toBe(idp.ssoUrl);
    expect(request.get('IssueInstant')).toBe('2026-11-24T08:00:00Z');
    expect(request.get('ForceAuthn')).toBeUndefined();
    expect(request.elements()[0]?.text).toBe(entityId);
    expect(begun.cookie).toMatch(/^__Host-saml-[0-3]=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=None; Max-Age=1800$/);
  });

  it('goes by HTTP-POST where there is no Redirect endpoint, as a page that submits itself', async () => {
    const { sso, idp } = product({}, {}, { ssoBindings: ['post'] });
    const begun = await begin(sso, {});
    if (begun.kind !== 'form') throw new Error(begun.kind);
    expect(begun.action).toBe(idp.ssoUrl);
    expect(begun.html).toContain(begun.fields['SAMLRequest']);
    const { fields } = await idp.login(begun, 'alice-1');
    expect(fields['SAMLResponse']).toBeDefined();
  });

  it('asks for a fresh authentication', async () => {
    const { sso } = product();
    const begun = await begin(sso, {}, { forceAuthn: true });
    if (begun.kind !== 'redirect') throw new Error(begun.kind);
    const xml = inflateRawSync(
      Buffer.from(new URL(begun.url).searchParams.get('SAMLRequest') ?? '', 'base64'),
    ).toString();
    expect(xml).toContain('ForceAuthn="true"');
  });
});

describe('which connection beginLogin uses (rule connection-discovery)', () => {
  it('the only connection, without a target', async () =>
    expect((await product().sso.beginLogin({})).kind).toBe('redirect'));
  it('none of several connections, without a target', async () =>
    expect(await two().sso.beginLogin({})).toEqual(unavailable('no_connection')));
  it('the connection with the id', async () =>
    expect((await two().sso.beginLogin({ connectionId: 'globex' })).kind).toBe('redirect'));
  it('none, if no connection has the id', async () =>
    expect(await two().sso.beginLogin({ connectionId: 'constructor' })).toEqual(unavailable('no_connection')));
  it('the connection of the organization', async () =>
    expect((await two().sso.beginLogin({ organizationId: 'acme' })).kind).toBe('redirect'));

  it('the connection of a registered e-mail, case-insensitive', async () => {
    const { sso, users, idp } = two();
    users.put({ organizationId: 'acme', email: 'alice@acme.example', name: 'Alice', role: 'member' });
    const begun = await begin(sso, { email: 'ALICE@Acme.example' });
    expect(begun.kind === 'redirect' && begun.url.startsWith(idp.ssoUrl)).toBe(true);
  });

  it('none by the domain of an unknown e-mail', async () =>
    expect(await two().sso.beginLogin({ email: 'new@acme.example' })).toEqual(unavailable('no_connection')));
  it('the connection of the domain of an unknown e-mail, with discoverByDomain', async () =>
    expect((await two({ discoverByDomain: true }).sso.beginLogin({ email: 'new@ACME.example' })).kind).toBe(
      'redirect',
    ));
  it.each(['', 'x', 'a@b@acme.example', 'a b@acme.example'])('none by the invalid e-mail %j', async (email) =>
    expect((await two({ discoverByDomain: true }).sso.beginLogin({ email })).kind).toBe('unavailable'),
  );

  it.each(['ann@\uFF41cme.example', 'ann@acm\u212F.example', 'ann@acme\u3002example'])(
    'none by an address that only looks like the address of another user: %s',
    async (email) => {
      const { sso, users } = two({ discoverByDomain: true });
      users.put({ organizationId: 'acme', email: 'ann@acme.example', name: 'Ann', role: 'member' });
      expect(await sso.beginLogin({ email })).toEqual(unavailable('no_connection'));
      expect((await sso.beginLogin({ email: 'ANN@acme.example' })).kind).toBe('redirect');
    },
  );

  it('none by an e-mail that another organization registered, if the domain is verified', async () => {
    // `globex` let its identity provider assert an address of `acme`, which verified the domain.
    const { sso, users, idp } = two();
    users.put({ organizationId: 'globex', email: 'bob@acme.example', name: 'Bob', role: 'member' });
    const nowhere = unavailable('no_connection');
    expect(await sso.beginLogin({ email: 'bob@acme.example' })).toEqual(nowhere);
    const discovering = two({ discoverByDomain: true });
    discovering.users.put({ organizationId: 'globex', email: 'bob@acme.example', name: 'Bob', role: 'member' });
    const found = await discovering.sso.beginLogin({ email: 'bob@acme.example' });
    expect(found.kind === 'redirect' && found.url.startsWith(discovering.idp.ssoUrl)).toBe(true);
    users.put({ organizationId: 'acme', email: 'bob@acme.example', name: 'Bob', role: 'member' });
    const begun = await sso.beginLogin({ email: 'bob@acme.example' });
    expect(begun.kind === 'redirect' && begun.url.startsWith(idp.ssoUrl)).toBe(true);
    users.put({ organizationId: 'globex', email: 'eve@globex.example', name: 'Eve', role: 'member' });
    expect((await sso.beginLogin({ email: 'eve@globex.example' })).kind).toBe('redirect');
  });

  describe('a connection of a store, which customers may edit', () => {
    const stored = (url: string, binding: 'redirect' | 'post') => {
      const row = {
        id: 'acme',
        organizationId: 'acme',
        idp: { entityId: 'https://idp', certificates: [key.certificate], sso: { [binding]: url } },
      };
      return product({ connections: { get: async () => ({ settings: row }), find: async () => [] } }).sso;
    };
    it.each([
      ['https://app.example.com/api/members/42/delete', 'post', 'an address of this application'],
      ['https://app.example.com/logout', 'redirect', 'an address of this application'],
      ['http://127.0.0.1:631/admin', 'post', "the user's own machine"],
      ['http://localhost:8080/', 'redirect', "the user's own machine"],
      ['http://printer.office.localhost/', 'post', "the user's own machine"],
    ] as const)('sends no browser to %s by %s', async (url, binding, reason) => {
      const error: unknown = await stored(url, binding)
        .beginLogin({ connectionId: 'acme' })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'connection_unavailable',
        message: 'single sign-on is not available for this connection',
      });
      expect(error).toHaveProperty('hint', expect.stringContaining(reason));
    });
    it.each(['redirect', 'post'] as const)('sends the browser to an identity provider by %s', async (binding) => {
      const begun = await stored('https://app.example.com.idp.example/sso', binding).beginLogin({
        connectionId: 'acme',
      });
      expect(begun.kind).toBe(binding === 'post' ? 'form' : 'redirect');
    });
  });

  it('returns the choices if the organization has several connections', async () => {
    const second = { id: 'acme-2', organizationId: 'acme', idp: { metadata: other.metadata() } };
    const { idp } = product();
    const { sso } = product({
      connections: [{ id: 'acme', organizationId: 'acme', idp: { metadata: idp.metadata() } }, second],
    });
    expect(await sso.beginLogin({ organizationId: 'acme' })).toEqual({
      ...unavailable('choose_connection'),
      choices: [
        { connectionId: 'acme', organizationId: 'acme' },
        { connectionId: 'acme-2', organizationId: 'acme' },
      ],
    });
  });

  it('no disabled connection', async () =>
    expect(await product({}, { enabled: false }).sso.beginLogin({})).toEqual(unavailable('no_connection')));
  it('none of an organization whose plan has no single sign-on', async () =>
    expect(await product({ organization: async () => ({ sso: false, seats: null }) }).sso.beginLogin({})).toEqual(
      unavailable('sso_not_in_plan'),
    ));
});
