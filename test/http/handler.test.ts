import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { type SsoAnswer, type SsoRequest, ssoHandler } from '../../src/http/handler.ts';
import type { HttpResponse } from '../../src/http/pages.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import { accepted, fakeSso, formStart, redirectStart, refused, rejected, restarted } from './fake-sso.ts';

type Fake = ReturnType<typeof fakeSso>;

function send(fake: Fake, target: string, request: Partial<SsoRequest> = {}): Promise<SsoAnswer<Account>> {
  const [path = '', query] = target.split('?');
  const readForm = () => Promise.resolve({ SAMLResponse: 'PHNhbWw+', RelayState: '/x' });
  return ssoHandler(fake.sso)({
    method: 'GET',
    path,
    query: new URLSearchParams(query),
    cookies: 'a=b',
    readForm,
    ...request,
  });
}

const post = (fake: Fake, target: string, request: Partial<SsoRequest> = {}) =>
  send(fake, target, { method: 'POST', ...request });

function responseOf(answer: SsoAnswer<Account>): HttpResponse {
  if (answer.kind === 'unmatched') throw new Error('unmatched');
  return answer.response;
}

function expectSafePage({ headers, body }: HttpResponse): void {
  expect(headers).toMatchObject({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'; base-uri 'none'$/);
  expect(body).not.toContain('secret of the operator');
}

describe('GET /login', () => {
  it.each([
    ['?email=alice%40acme.example', { email: 'alice@acme.example' }],
    ['?organization=acme', { organizationId: 'acme' }],
    ['?connection=acme-okta', { connectionId: 'acme-okta' }],
    ['?connection=acme-okta&organization=acme&email=a@b.example', { connectionId: 'acme-okta' }],
    ['?email=', {}],
    ['', {}],
  ])('begins a login with the hint of %s', async (query, hint) => {
    const fake = fakeSso();
    await send(fake, `/login${query}`);
    expect(fake.calls.begin).toEqual([[hint, { returnTo: undefined, cookies: 'a=b' }]]);
  });

  it('passes returnTo on', async () => {
    const fake = fakeSso();
    await send(fake, '/login?returnTo=%2Freports%3Fa%3Db');
    expect(fake.calls.begin).toEqual([[{}, { returnTo: '/reports?a=b', cookies: 'a=b' }]]);
  });

  it('redirects to the identity provider with the cookies', async () => {
    const response = responseOf(await send(fakeSso(), '/login'));
    expect(response).toMatchObject({
      status: 303,
      headers: { Location: 'https://idp.example/sso?SAMLRequest=x', 'Cache-Control': 'no-store' },
      cookies: ['__Host-saml-old=; Max-Age=0', '__Host-saml-new=sealed; Path=/'],
    });
  });

  it('posts to the identity provider with a page that runs its own script alone', async () => {
    const response = responseOf(await send(fakeSso({ start: formStart }), '/login'));
    expect(response).toMatchObject({ status: 200, cookies: ['__Host-saml-new=sealed; Path=/'], body: formStart.html });
    expectSafePage(response);
    expect(response.headers['Content-Security-Policy']).toBe(
      `default-src 'none'; script-src 'sha256-abc='; form-action https://idp.example https:; frame-ancestors 'none'; base-uri 'none'`,
    );
  });

  it.each([
    ['https://idp.example:8443/sso', 'https://idp.example:8443 https:'],
    ['http://127.0.0.1:9000/sso', 'http://127.0.0.1:9000 https:'],
    ['http://[::1]:9000/sso', 'http://[::1]:9000 https:'],
    ['https://a;sandbox;report-uri/sso', 'https:'],
    ['https://*/sso', 'https:'],
  ])('allows a form to go to the plain origin of %s only', async (action, allowed) => {
    const response = responseOf(await send(fakeSso({ start: { ...formStart, action } }), '/login'));
    expect(response.headers['Content-Security-Policy']).toBe(
      `default-src 'none'; script-src 'sha256-abc='; form-action ${allowed}; frame-ancestors 'none'; base-uri 'none'`,
    );
  });

  it('says the same to everybody for whom no login can begin', async () => {
    const pages = await Promise.all([
      send(
        fakeSso({ start: { kind: 'unavailable', reason: 'no_connection', reference: 'K7QX-M2RD' } }),
        '/login?email=nobody@acme.example',
      ),
      send(
        fakeSso({ start: { kind: 'unavailable', reason: 'sso_not_in_plan', reference: 'K7QX-M2RD' } }),
        '/login?email=bob@free.example',
      ),
      send(fakeSso({ start: { kind: 'unavailable', reason: 'choose_connection', reference: 'K7QX-M2RD' } }), '/login'),
    ]);
    const [first, ...others] = pages.map(responseOf);
    expect(first?.status).toBe(200);
    expect(first?.body).toContain(`Start from your company's portal`);
    expect(first && expectSafePage(first)).toBeUndefined();
    for (const other of others) expect(other).toEqual(first);
    expect(pages[1]).toMatchObject({ kind: 'unavailable', unavailable: { reason: 'sso_not_in_plan' } });
  });

  const choices = [
    { connectionId: 'acme-okta', organizationId: 'acme' },
    { connectionId: '"><script>', organizationId: 'globex' },
  ];

  it('lists the connections to choose from, keeping returnTo', async () => {
    const fake = fakeSso({
      start: { kind: 'unavailable', reason: 'choose_connection', reference: 'K7QX-M2RD', choices },
    });
    const response = responseOf(await send(fake, '/login?email=a@b.example&returnTo=%2Fx'));
    expectSafePage(response);
    expect(response.body).toContain('<a href="?connection=acme-okta&#38;returnTo=%2Fx">acme-okta</a>');
    expect(response.body).toContain('>&#34;&#62;&#60;script&#62;</a>');
    expect(response.body).not.toContain('<script');
  });

  it('never lists the customers to somebody who gave no hint', async () => {
    const answer = await send(
      fakeSso({ start: { kind: 'unavailable', reason: 'choose_connection', reference: 'K7QX-M2RD', choices } }),
      '/login',
    );
    expect(responseOf(answer).body).not.toContain('acme');
    expect(answer).toMatchObject({ unavailable: { choices: [] } });
  });
});

describe('POST /acs', () => {
  it('completes the login and redirects to returnTo', async () => {
    const fake = fakeSso();
    const answer = await post(fake, '/acs');
    expect(fake.calls.complete).toEqual([
      { samlResponse: 'PHNhbWw+', relayState: '/x', connectionId: undefined, cookies: 'a=b' },
    ]);
    expect(answer).toMatchObject({
      kind: 'login',
      login: accepted,
      response: { status: 303, headers: { Location: '/reports' }, cookies: ['__Host-saml-done=; Max-Age=0'] },
    });
  });

  it('takes the connection from the path', async () => {
    const fake = fakeSso();
    await post(fake, '/acs/acme%20okta');
    expect(fake.calls.complete[0]?.connectionId).toBe('acme okta');
  });

  it('writes a returnTo outside ASCII as a header can hold it', async () => {
    const fake = fakeSso({ result: { ...accepted, returnTo: '/über?a=b%20c\n' } as typeof accepted });
    expect(responseOf(await post(fake, '/acs')).headers['Location']).toBe('/%C3%BCber?a=b%20c%0A');
  });

  it('answers a login that the identity provider started with a fresh request', async () => {
    const response = responseOf(await post(fakeSso({ result: restarted }), '/acs'));
    expect(response).toMatchObject({ status: 303, headers: { Location: 'https://idp.example/sso?SAMLRequest=x' } });
    expect(response.cookies).toEqual([
      '__Host-saml-done=; Max-Age=0',
      ...redirectStart.expireCookies,
      redirectStart.cookie,
    ]);
  });

  it('shows a rejection by its message alone', async () => {
    const answer = await post(fakeSso({ result: rejected }), '/acs');
    const response = responseOf(answer);
    expect(answer).toMatchObject({ kind: 'rejected', rejection: rejected });
    expect(response).toMatchObject({ status: 403, cookies: ['__Host-saml-done=; Max-Age=0'] });
    expectSafePage(response);
    expect(response.body).toContain('<p>No &#60;seat&#62; is free.</p>');
    expect(response.body).not.toContain('seat_limit_reached');
  });

  it('shows an untrusted message by its code and message alone', async () => {
    const answer = await post(fakeSso({ result: refused }), '/acs');
    expect(answer).toMatchObject({ kind: 'error', error: refused, response: { status: 400, cookies: [] } });
    const response = responseOf(answer);
    expectSafePage(response);
    expect(response.body).toContain('<p>The SAML response was already used.</p><p><code>replayed</code></p>');
  });

  it.each([
    ['message_too_large', 413],
    ['store_failed', 500],
    ['signature_invalid', 400],
  ] as const)('answers %s with status %i', async (code, status) => {
    const answer = await post(fakeSso({ result: new SamlError(code, { hint: '' }) }), '/acs');
    expect(responseOf(answer).status).toBe(status);
  });

  it.each([[{}], [{ SAMLResponse: ['a', 'a'] }], [{ SAMLResponse: 'a', RelayState: ['b', 'b'] }]])(
    'refuses the form %j before anything else',
    async (form) => {
      const fake = fakeSso();
      const answer = await post(fake, '/acs', { readForm: () => Promise.resolve(form) });
      expect(answer).toMatchObject({ kind: 'error', error: { code: 'unexpected_message' }, response: { status: 400 } });
      expect(fake.calls.complete).toEqual([]);
    },
  );

  it('leaves errors that are not the fault of the message to the application', async () => {
    await expect(post(fakeSso({ result: new TypeError('a mistake') }), '/acs')).rejects.toThrow(
      new TypeError('a mistake'),
    );
  });
});

describe('GET /metadata', () => {
  it.each([
    ['/metadata', undefined],
    ['/metadata/', undefined],
    ['/metadata/acme', 'acme'],
  ])('serves %s', async (path, connectionId) => {
    const fake = fakeSso();
    expect(responseOf(await send(fake, path))).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'application/samlmetadata+xml' },
      body: '<EntityDescriptor/>',
    });
    expect(fake.calls.metadata).toEqual([connectionId]);
  });
});

describe('GET /metadata of a connection that is unknown', () => {
  it('is left alone', async () => {
    expect(await send(fakeSso(), '/metadata/unknown')).toEqual({ kind: 'unmatched' });
  });
});

describe('other requests', () => {
  it.each([
    ['POST', '/login', 'GET, HEAD'],
    ['PUT', '/metadata', 'GET, HEAD'],
    ['GET', '/acs', 'POST'],
    ['HEAD', '/acs/acme', 'POST'],
    ['get', '/login', 'GET, HEAD'],
  ])('answer 405 to %s %s', async (method, path, allow) => {
    const fake = fakeSso();
    const response = responseOf(await send(fake, path, { method }));
    expect(response).toMatchObject({ status: 405, headers: { Allow: allow } });
    expectSafePage(response);
    expect(fake.calls).toEqual({ begin: [], complete: [], metadata: [] });
  });

  it.each(['/acs', '/acs/acme'])('tell the operator of a response in the query of GET %s', async (path) => {
    const fake = fakeSso();
    const answer = await send(fake, `${path}?SAMLResponse=fVJN&RelayState=x`);
    if (answer.kind !== 'error') throw new Error(answer.kind);
    expect(answer.error).toMatchObject({
      code: 'unexpected_message',
      message: 'the SAML message is not a SAML 2.0 Response',
      hint: expect.stringContaining('Choose HTTP-POST as the binding of the ACS URL'),
    });
    expect(answer.response.status).toBe(400);
    expectSafePage(answer.response);
    expect(fake.calls.complete).toEqual([]);
  });

  it.each(['/', '', '/acsx', '/ACS', '/acs/a/b', '/login/x', '/acs/%zz', '//acs', '/__proto__'])(
    'leave %s alone',
    async (path) => {
      expect(await post(fakeSso(), path)).toEqual({ kind: 'unmatched' });
    },
  );
});
