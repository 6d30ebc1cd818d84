import { describe, expect, it } from 'vitest';
import { messages } from '../../src/error-codes.ts';
import { SamlError, type SamlErrorCode } from '../../src/errors.ts';
import { cookiesOf, isCookie } from '../../src/http/responses.ts';
import { type SsoHandlerOptions, ssoHandler } from '../../src/http/sso-handler.ts';
import type { HttpAnswer, HttpRequest } from '../../src/http/types.ts';
import { createSso, memoryUserStore, type SsoEvent } from '../../src/index.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import { markVerified } from '../../src/sso/verified.ts';
import { accepted, fakeSso, formStart, redirectStart, refused, rejected, restarted, unavailable } from './fake-sso.ts';

const secret = { hint: 'secret of the operator' };

type Fake = ReturnType<typeof fakeSso>;

interface Sent extends Partial<Omit<HttpRequest, 'header'>> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: SsoHandlerOptions;
}

const bytes = (text: string) => async () => new TextEncoder().encode(text);

function send(fake: Fake, target: string, { headers, options, ...request }: Sent = {}): Promise<HttpAnswer | null> {
  const [path = '', query = ''] = target.split('?');
  const sent = new Map(Object.entries({ cookie: 'a=b', ...headers }));
  return ssoHandler(
    fake.sso,
    options,
  )({
    method: 'GET',
    path,
    query,
    header: (name) => sent.get(name),
    body: bytes('SAMLResponse=PHNhbWw%2B&RelayState=%2Fx'),
    ...request,
  });
}

const post = (fake: Fake, target: string, request: Sent = {}) => send(fake, target, { method: 'POST', ...request });

/** A response, with headers by name and cookies apart. */
interface Shown {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
}

function responseOf(answer: HttpAnswer | null): Shown {
  if (answer === null) throw new Error('not a route');
  const { response } = answer;
  const headers = Object.fromEntries(response.headers.filter(([name]) => !isCookie(name)));
  return { ...response, headers, cookies: cookiesOf(response) };
}

function expectSafePage({ headers, body }: Shown): void {
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

/** All of an answer but the random reference. */
function withoutReference({ body, ...rest }: Shown): Shown {
  return { ...rest, body: body.replace(/[A-Z0-9]{4}-[A-Z0-9]{4}/, 'REFERENCE') };
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
    expect(fake.calls.begin).toEqual([[hint, { returnTo: undefined, forceAuthn: false, cookies: 'a=b' }]]);
  });

  it('passes returnTo on', async () => {
    const fake = fakeSso();
    await send(fake, '/login?returnTo=%2Freports%3Fa%3Db');
    expect(fake.calls.begin).toEqual([[{}, { returnTo: '/reports?a=b', forceAuthn: false, cookies: 'a=b' }]]);
  });

  it('redirects to the identity provider with the cookies', async () => {
    const response = responseOf(await send(fakeSso(), '/login'));
    expect(response).toMatchObject({
      status: 303,
      headers: { Location: 'https://idp.example/sso?SAMLRequest=x', 'Cache-Control': 'no-store' },
      cookies: ['__Host-saml-new=sealed; Path=/'],
    });
  });

  it('posts to the identity provider with a page that can run its own script only', async () => {
    const response = responseOf(await send(fakeSso({ start: formStart }), '/login'));
    expect(response).toMatchObject({ status: 200, cookies: ['__Host-saml-new=sealed; Path=/'], body: formStart.html });
    expectSafePage(response);
    expect(response.headers['Content-Security-Policy']).toBe(
      `default-src 'none'; script-src 'sha256-abc='; form-action https://idp.example https:; sandbox allow-forms allow-scripts; frame-ancestors 'none'; base-uri 'none'`,
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
      `default-src 'none'; script-src 'sha256-abc='; form-action ${allowed}; sandbox allow-forms allow-scripts; frame-ancestors 'none'; base-uri 'none'`,
    );
  });

  it('sends the same response whenever no login can begin, for any reason', async () => {
    const several = [{ connectionId: 'acme-okta', organizationId: 'acme' }];
    const starts = [
      unavailable('no_connection'),
      unavailable('sso_not_in_plan'),
      unavailable('choose_connection', several),
      new SamlError('connection_unavailable', { ...secret, details: { reason: 'not_found', received: 'acme' } }),
      new SamlError('store_failed', { ...secret, details: { function: 'users.find' } }),
    ];
    const answers = await Promise.all(starts.map((start) => send(fakeSso({ start }), '/login?email=a@acme.example')));
    const pages = answers.map(responseOf);
    const [first] = pages.map(withoutReference);
    expect(first?.status).toBe(400);
    expect(first?.body).toContain('Open this application from your company&#39;s portal.');
    for (const page of pages) {
      expectSafePage(page);
      expect(withoutReference(page)).toEqual(first);
    }
    expect(pages[0]?.body).toContain('K7QX-M2RD');
    expect(answers.map((answer) => answer?.kind)).toEqual([
      'unavailable',
      'unavailable',
      'unavailable',
      'error',
      'error',
    ]);
    expect(answers[1]).toMatchObject({ unavailable: { reason: 'sso_not_in_plan' } });
  });

  const choices = [
    { connectionId: 'acme-okta', organizationId: 'acme' },
    { connectionId: '"><script>', organizationId: 'globex' },
  ];

  it('lists no connections to an anonymous visitor by default, and hands them to the application', async () => {
    const answer = await send(
      fakeSso({ start: unavailable('choose_connection', choices) }),
      '/login?email=a@b.example',
    );
    expect(responseOf(answer).body).not.toContain('acme-okta');
    expect(answer).toMatchObject({ kind: 'unavailable', unavailable: { choices } });
  });

  it('lists the connections to choose from by option, keeping returnTo and forceAuthn', async () => {
    const fake = fakeSso({ start: unavailable('choose_connection', choices) });
    const options = { showChoices: true };
    const response = responseOf(await send(fake, '/login?email=a@b.example&returnTo=%2Fx&forceAuthn=1', { options }));
    expectSafePage(response);
    expect(response.status).toBe(200);
    expect(response.body).toContain('<a href="?connection=acme-okta&#38;returnTo=%2Fx&#38;forceAuthn=1">acme-okta</a>');
    expect(response.body).toContain('>&#34;&#62;&#60;script&#62;</a>');
    expect(response.body).not.toContain('<script');
  });

  it('never lists the customers for a request without a target', async () => {
    const options = { showChoices: true };
    const answer = await send(fakeSso({ start: unavailable('choose_connection', choices) }), '/login', { options });
    expect(responseOf(answer).body).not.toContain('acme');
    expect(answer).toMatchObject({ unavailable: { choices: [] } });
  });

  it.each([
    ['forceAuthn=1', true, true],
    ['forceAuthn=true', true, true],
    ['forceAuthn=0', true, false],
    ['forceAuthn', true, false],
    ['forceAuthn=1', false, false],
  ])('with %s, where the option is %s, asks for a fresh authentication: %s', async (query, allowed, asks) => {
    const fake = fakeSso();
    await send(fake, `/login?${query}`, { options: { allowForceAuthn: allowed } });
    expect(fake.calls.begin).toEqual([[{}, { returnTo: undefined, forceAuthn: asks, cookies: 'a=b' }]]);
    const ordinary = fakeSso();
    await send(ordinary, `/login?${query}`);
    expect(ordinary.calls.begin).toEqual([[{}, { returnTo: undefined, forceAuthn: false, cookies: 'a=b' }]]);
  });

  it('throws errors that are not a SamlError of the login', async () => {
    await expect(send(fakeSso({ start: new RangeError('a mistake') }), '/login')).rejects.toThrow(
      new RangeError('a mistake'),
    );
  });
});

describe('GET /login from another page than a link', () => {
  const fetched = (dest?: string, mode?: string, site = 'cross-site'): Record<string, string> => ({
    ...(dest !== undefined && { 'sec-fetch-dest': dest }),
    ...(mode !== undefined && { 'sec-fetch-mode': mode }),
    'sec-fetch-site': site,
  });

  it.each([
    ['an image', fetched('image', 'no-cors')],
    ['a frame', fetched('iframe', 'navigate')],
    ['an object', fetched('object', 'navigate')],
    ['fetch', fetched('empty', 'cors')],
    ['fetch without CORS', fetched('empty', 'no-cors')],
    ['fetch of the own origin', fetched('empty', 'cors', 'same-origin')],
    ['what claims to be a service worker of another origin', fetched('empty', 'navigate', 'same-site')],
    ['a document that is no navigation', fetched('document', 'no-cors')],
    ['a destination alone', fetched('script')],
    ['an empty destination', fetched('', 'navigate')],
  ])('begins no login and sets no cookie for %s', async (_what, headers) => {
    const fake = fakeSso();
    const answer = await send(fake, '/login?connection=acme&returnTo=%2Fx', { headers });
    expect(answer).toMatchObject({ kind: 'response' });
    expect(responseOf(answer)).toMatchObject({ status: 403, cookies: [] });
    expectSafePage(responseOf(answer));
    expect(responseOf(answer).body).toContain('Open it as a page');
    expect(fake.calls.begin).toEqual([]);
    expect(fake.events).toEqual([
      {
        type: 'warning',
        connectionId: null,
        warning: 'login_not_navigated',
        hint: expect.stringContaining('/sso/login was requested by fetch, in a frame or as an image'),
      },
    ]);
  });

  it.each([
    ['a link or an address typed in', fetched('document', 'navigate')],
    ['a browser without these headers', {}],
    ['fetch of Node.js, which no page can use', fetched(undefined, 'cors')],
    ['a service worker that passes a navigation on', fetched('empty', 'navigate', 'same-origin')],
    ['one that adds options', fetched('empty', 'same-origin', 'same-origin')],
  ])('begins one for %s', async (_what, headers) => {
    const fake = fakeSso();
    expect(responseOf(await send(fake, '/login', { headers })).cookies).toHaveLength(1);
    expect(fake.events).toEqual([]);
  });

  it('warns once', async () => {
    const fake = fakeSso();
    const handle = ssoHandler(fake.sso);
    const header = (name: string) => ({ 'sec-fetch-dest': 'image' })[name];
    for (let request = 0; request < 3; request++)
      await handle({ method: 'GET', path: '/login', query: '', header, body: bytes('') });
    expect(fake.events).toHaveLength(1);
  });

  it('begins no login for HEAD, for any target', async () => {
    const fakes = [fakeSso(), fakeSso({ start: unavailable('no_connection') })];
    for (const fake of fakes) {
      expect(await send(fake, '/login?email=a@acme.example', { method: 'HEAD' })).toEqual({
        kind: 'response',
        response: { status: 200, headers: [['Cache-Control', 'no-store']], body: '' },
      });
      expect(fake.calls.begin).toEqual([]);
    }
  });
});

describe('POST /acs', () => {
  it('completes the login and redirects to returnTo', async () => {
    const fake = fakeSso();
    const answer = await post(fake, '/acs');
    expect(fake.calls.complete).toEqual([
      { samlResponse: 'PHNhbWw+', relayState: '/x', connectionId: undefined, cookies: 'a=b' },
    ]);
    expect(answer).toMatchObject({ kind: 'login', login: accepted });
    expect(responseOf(answer)).toMatchObject({
      status: 303,
      headers: { Location: '/reports' },
      cookies: ['__Host-saml-done=; Max-Age=0'],
    });
  });

  it('takes the connection from the path', async () => {
    const fake = fakeSso();
    await post(fake, '/acs/acme%20okta');
    expect(fake.calls.complete[0]?.connectionId).toBe('acme okta');
  });

  it('encodes a returnTo with characters outside ASCII for the header', async () => {
    const fake = fakeSso({ result: { ...accepted, returnTo: '/über?a=b%20c\n' } as typeof accepted });
    expect(responseOf(await post(fake, '/acs')).headers['Location']).toBe('/%C3%BCber?a=b%20c%0A');
  });

  it('answers an IdP-initiated login with a new request', async () => {
    const response = responseOf(await post(fakeSso({ result: restarted }), '/acs'));
    expect(response).toMatchObject({ status: 303, headers: { Location: 'https://idp.example/sso?SAMLRequest=x' } });
    expect(response.cookies).toEqual(['__Host-saml-done=; Max-Age=0', redirectStart.cookie]);
  });

  it('shows a rejection by its message and reference, with a fresh login', async () => {
    const answer = await post(fakeSso({ result: rejected }), '/acs');
    const response = responseOf(answer);
    expect(answer).toMatchObject({ kind: 'rejected', rejection: rejected, samlResponse: 'PHNhbWw+' });
    expect(response).toMatchObject({ status: 403, cookies: ['__Host-saml-done=; Max-Age=0'] });
    expectSafePage(response);
    expect(response.body).toContain('<p>No &#60;seat&#62; is free.</p>');
    expect(response.body).toContain('<a href="login">Try again</a>');
    expect(response.body).toContain('Reference: <code>K7QX-M2RD</code>');
    expect(response.body).not.toContain('seat_limit_reached');
  });

  it('hands an untrusted message to the application, with its diagnosis, and shows the reference', async () => {
    const answer = await post(fakeSso({ result: refused }), '/acs');
    expect(answer).toMatchObject({ kind: 'error', error: refused, samlResponse: 'PHNhbWw+' });
    expect(responseOf(answer)).toMatchObject({ status: 400, cookies: [] });
    expectSafePage(responseOf(answer));
    expect(responseOf(answer).body).toContain(`Reference: <code>${refused.reference}</code>`);
  });

  it.each(Object.keys(messages) as SamlErrorCode[])(
    'shows %s like any other failure before the message is verified',
    async (code) => {
      const page = async (error: SamlError) =>
        withoutReference(responseOf(await post(fakeSso({ result: error }), '/acs')));
      const details: Readonly<Record<never, never>> = { state: 'missing' };
      const error = new SamlError(code, { ...secret, details });
      expect(await page(error)).toEqual(await page(new SamlError('invalid_encoding', { hint: '' })));
    },
  );

  describe('once the message was verified', () => {
    const verified = (code: SamlErrorCode, details = {}): SamlError => {
      const error = new SamlError(code, { hint: 'secret of the operator', details });
      markVerified(error);
      return error;
    };

    it.each([
      ['replayed', {}],
      ['request_used', {}],
      ['browser_mismatch', { state: 'missing' }],
    ] as const)('reports for %s that the login may be complete, and offers to continue', async (code, details) => {
      const response = responseOf(await post(fakeSso({ result: verified(code, details) }), '/acs'));
      expectSafePage(response);
      expect(response.status).toBe(400);
      expect(response.body).toContain('<h1>Already signed in?</h1>');
      expect(response.body).toContain('<a href="/home?a=b&#38;c">Continue</a>');
      expect(response.body).toContain('<a href="login">Sign in again</a>');
      expect(response.body).not.toContain('failed');
    });

    it.each([
      ['store_failed', {}, 500],
      ['browser_mismatch', { state: 'expired' }, 400],
      ['unsolicited_not_allowed', {}, 400],
      ['verifiers_disagree', {}, 400],
    ] as const)('shows %s %j with status %i', async (code, details, status) => {
      const response = responseOf(await post(fakeSso({ result: verified(code, details) }), '/acs'));
      expect(response.status).toBe(status);
      expect(response.body).toContain('<h1>Sign-in failed</h1>');
    });
  });

  it.each([
    ['/acs', 'login'],
    ['/acs/', '../login'],
    ['/acs/acme', '../login?connection=acme'],
    ['/acs/acme%20%22okta/', '../../login?connection=acme+%22okta'],
  ])('offers a new login after %s, at %s', async (path, target) => {
    const { body } = responseOf(await post(fakeSso({ result: refused }), path));
    expect(body).toContain(`<a href="${target}">Try again</a>`);
  });

  it.each([
    ['', undefined],
    ['SAMLResponse=a&SAMLResponse=a', undefined],
    ['SAMLResponse=a&RelayState=b&RelayState=b', 'a'],
  ])('refuses the form %j before anything else, and reports it', async (form, samlResponse) => {
    const fake = fakeSso();
    const answer = await post(fake, '/acs', { body: bytes(form) });
    if (answer?.kind !== 'error') throw new Error(answer?.kind);
    const { error } = answer;
    expect(answer).toMatchObject({ samlResponse, error: { code: 'unexpected_message' }, response: { status: 400 } });
    expect(fake.calls.complete).toEqual([]);
    expect(fake.events).toEqual([
      {
        type: 'failed',
        ...{ connectionId: null, organizationId: null, assertionId: null },
        ...{ code: error.code, hint: error.hint, details: error.details, reference: error.reference },
        error,
        security: false,
      },
    ]);
    expect(answer.response.body).toContain(error.reference);
  });

  it.each([
    ['by default', {}, 4 * 1024 * 1024],
    ['by option', { bodyLimitBytes: 1000 }, 1000],
  ])('requests a body of at most %s bytes, and reports a larger one', async (_what, options, limit) => {
    const fake = fakeSso();
    const asked: number[] = [];
    const body = (maxBytes: number) => {
      asked.push(maxBytes);
      return Promise.reject(new RangeError('too large'));
    };
    const answer = await post(fake, '/acs', { body, options });
    if (answer?.kind !== 'error') throw new Error(answer?.kind);
    const { error } = answer;
    expect(asked).toEqual([limit]);
    expect(answer).toMatchObject({ kind: 'error', samlResponse: undefined, response: { status: 400 } });
    expect(error).toMatchObject({
      code: 'message_too_large',
      message: 'the SAML message exceeds a size limit',
      hint: `The posted form is larger than ${limit} bytes. Raise bodyLimitBytes together with limits.bytes.`,
    });
    expect(fake.events).toMatchObject([{ type: 'failed', code: 'message_too_large', reference: error.reference }]);
  });

  it('passes on any other error of an adapter that reads the body', async () => {
    const aborted = new Error('the request was aborted');
    await expect(post(fakeSso(), '/acs', { body: () => Promise.reject(aborted) })).rejects.toThrow(aborted);
  });

  it('throws errors that are not a SamlError of the message', async () => {
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

describe('GET /metadata of a connection', () => {
  it('returns null for an unknown connection', async () => {
    expect(await send(fakeSso(), '/metadata/unknown')).toBeNull();
  });

  it('throws the error of a store that fails', async () => {
    const mistake = new TypeError('rows is not iterable');
    await expect(send(fakeSso({ metadata: mistake }), '/metadata/acme')).rejects.toThrow(mistake);
    await expect(send(fakeSso({ metadata: mistake }), '/metadata')).rejects.toThrow(mistake);
  });

  it('answers 400 for an invalid connection, which sso.metadata has already reported', async () => {
    const broken = new SamlError('connection_unavailable', { ...secret, details: { reason: 'invalid', id: 'acme' } });
    const fake = fakeSso({ metadata: broken });
    const answer = await send(fake, '/metadata/acme');
    expect(answer).toMatchObject({ kind: 'error', error: broken, response: { status: 400 } });
    expectSafePage(responseOf(answer));
    expect(fake.events).toEqual([]);
  });

  it('emits one event for an invalid row or a store that fails', async () => {
    for (const get of [async () => ({ settings: { id: 'acme' } }), () => Promise.reject(new Error('database down'))]) {
      const events: SsoEvent[] = [];
      const sso = createSso<Account>({
        baseUrl: 'https://app.example.com/sso',
        secret: 'a secret of at least 32 characters',
        users: memoryUserStore(),
        connections: { get, find: async () => [] },
        onEvent: (event) => events.push(event),
      });
      const answer = await send({ ...fakeSso(), sso }, '/metadata/acme');
      const reference = answer?.kind === 'error' ? answer.error.reference : 'none';
      expect(events).toMatchObject([{ type: 'failed', reference }]);
    }
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

  it.each([
    ['/acs?SAMLResponse=fVJN&RelayState=x', 'Choose HTTP-POST as the binding of the ACS URL'],
    ['/acs/acme?SAMLResponse=fVJN', 'Choose HTTP-POST as the binding of the ACS URL'],
    ['/acs?SAMLart=AAQAAMFb&RelayState=x', 'choose HTTP-POST, not HTTP-Artifact, as the binding of the ACS URL'],
  ])('report a message in the query of GET %s to the operator', async (target, hint) => {
    const fake = fakeSso();
    const answer = await send(fake, target);
    if (answer?.kind !== 'error') throw new Error(answer?.kind);
    expect(answer.error).toMatchObject({
      code: 'unexpected_message',
      message: 'the SAML message is not a SAML 2.0 Response',
      hint: expect.stringContaining(hint),
    });
    expect(answer.response.status).toBe(400);
    expectSafePage(responseOf(answer));
    expect(fake.calls.complete).toEqual([]);
    expect(fake.events).toMatchObject([
      { type: 'failed', code: 'unexpected_message', reference: answer.error.reference },
    ]);
  });

  it.each(['/', '', '/acsx', '/ACS', '/acs/a/b', '/login/x', '/acs/%zz', '//acs', '/__proto__'])(
    'return null for %s',
    async (path) => {
      expect(await post(fakeSso(), path)).toBeNull();
    },
  );
});
