import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import { afterEach, describe, expect, it } from 'vitest';
import { type SsoRouterOptions, ssoRouter } from '../../src/http/express.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import { configurationError } from '../support/configuration-error.ts';
import { fakeSso, formStart, refused, rejected, unavailable } from './fake-sso.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await once(server.close(), 'close');
  }
});

async function listen(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const onLogin = () => undefined;
const failed: ErrorRequestHandler = (error, _req, res, _next) => res.status(500).send(`application: ${error.message}`);

const post = (url: string, form: Record<string, string> | string): Promise<Response> =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });

/** About 5,000 groups: 650 kB of XML. */
const large = Buffer.alloc(650_000, '<saml:AttributeValue>group</saml:AttributeValue>').toString('base64');

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('ssoRouter with %s', (_name, framework) => {
  async function start(
    fake: ReturnType<typeof fakeSso> = fakeSso(),
    options: Partial<SsoRouterOptions<Account>> = {},
    before: (app: Express) => void = () => undefined,
  ): Promise<string> {
    const app = framework();
    before(app);
    app.use('/sso', ssoRouter(fake.sso, { onLogin, ...options }));
    app.get('/sso/other', (_req, res) => void res.send('of the application'));
    app.use(failed);
    return `${await listen(app)}/sso`;
  }

  it('begins a login', async () => {
    const fake = fakeSso();
    const response = await fetch(`${await start(fake)}/login?email=a%40b.example&returnTo=/x?y=z`, {
      redirect: 'manual',
      headers: { cookie: 'a=b' },
    });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('https://idp.example/sso?SAMLRequest=x');
    expect(response.headers.getSetCookie()).toEqual(['__Host-saml-new=sealed; Path=/']);
    expect(response.headers.get('connection')).toBe('keep-alive');
    expect(fake.calls.begin).toEqual([
      [{ email: 'a@b.example' }, { returnTo: '/x?y=z', forceAuthn: false, cookies: 'a=b' }],
    ]);
  });

  it('serves the self-submitting page', async () => {
    const response = await fetch(`${await start(fakeSso({ start: formStart }))}/login`);
    expect(response.headers.get('content-security-policy')).toContain(`script-src 'sha256-abc='`);
    expect(await response.text()).toBe(formStart.html);
  });

  it('serves metadata, to HEAD without a body', async () => {
    const base = await start();
    const response = await fetch(`${base}/metadata`);
    expect(response.headers.get('content-type')).toBe('application/samlmetadata+xml');
    expect(await response.text()).toBe('<EntityDescriptor/>');
    const head = await fetch(`${base}/metadata`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('passes requests for other paths to the next handler', async () => {
    expect(await (await fetch(`${await start()}/other`)).text()).toBe('of the application');
  });

  it('hands the login to the application and redirects to returnTo', async () => {
    const logins: unknown[] = [];
    const base = await start(undefined, {
      onLogin: async ({ login, req, res }) => {
        await Promise.resolve();
        res.cookie('session', 'opened');
        logins.push([login.user.id, req.path]);
      },
    });
    const response = await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/reports']);
    expect(response.headers.getSetCookie()).toEqual(['__Host-saml-done=; Max-Age=0', 'session=opened; Path=/']);
    expect(logins).toEqual([['u1', '/acs']]);
  });

  it('adds nothing to a response of the application except the cookie that expires', async () => {
    const base = await start(undefined, { onLogin: ({ res }) => void res.redirect('/welcome') });
    const response = await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/welcome']);
    expect(response.headers.getSetCookie()).toEqual(['__Host-saml-done=; Max-Age=0']);
  });

  it.each<[string, SsoRouterOptions<Account>['onLogin']]>([
    ['res.set', ({ res }) => void res.set('Set-Cookie', 'session=opened')],
    ['res.set, and answers', ({ res }) => void res.set('Set-Cookie', 'session=opened').redirect('/welcome')],
    ['res.writeHead', ({ res }) => void res.writeHead(200, { 'set-cookie': ['session=opened'] }).end()],
    [
      'a message and res.writeHead',
      ({ res }) => void res.writeHead(200, 'OK', { 'Set-Cookie': 'session=opened' }).end(),
    ],
    [
      'res.writeHead with a list',
      ({ res }) => void res.writeHead(200, ['Set-Cookie', 'session=opened', 'A', 'b']).end(),
    ],
    ['res.cookie', ({ res }) => void res.cookie('session', 'opened')],
  ])('keeps its own cookies if the hook sets cookies by %s', async (_how, onLogin) => {
    const response = await post(`${await start(undefined, { onLogin })}/acs`, { SAMLResponse: 'PHNhbWw+' });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    expect(cookies.toSorted()).toEqual(['__Host-saml-done=', 'session=opened']);
  });

  it('keeps all cookies if the hook passes a list with two spellings of Set-Cookie', async () => {
    const onLogin: SsoRouterOptions<Account>['onLogin'] = ({ res }) =>
      void res.writeHead(200, ['Set-Cookie', 'session=opened', 'set-cookie', 'other=1']).end();
    const response = await post(`${await start(undefined, { onLogin })}/acs`, { SAMLResponse: 'PHNhbWw+' });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    expect(cookies.toSorted()).toEqual(['__Host-saml-done=', 'other=1', 'session=opened']);
  });

  it('keeps its own cookies if the hook removes all', async () => {
    const base = await start(undefined, { onLogin: ({ res }) => res.removeHeader('Set-Cookie') });
    const response = await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' });
    expect(response.headers.getSetCookie()).toEqual(['__Host-saml-done=; Max-Age=0']);
  });

  it('shows its own pages for a rejection and for an untrusted message', async () => {
    const page = async (result: typeof rejected | Error) => {
      const response = await post(`${await start(fakeSso({ result }))}/acs`, { SAMLResponse: 'PHNhbWw+' });
      return `${response.status} ${await response.text()}`;
    };
    expect(await page(rejected)).toMatch(/^403 [\s\S]*No &#60;seat&#62; is free\./);
    expect(await page(refused)).toMatch(/^400 [\s\S]*Reference: <code>[A-Z0-9]{4}-[A-Z0-9]{4}<\/code>/);
  });

  it('lets the application answer a rejection, an error and a login that cannot begin', async () => {
    const options: Partial<SsoRouterOptions<Account>> = {
      onRejected: ({ rejection, res }) =>
        void res.status(402).send(rejection.outcome === 'rejected' && rejection.reason),
      onError: ({ error, res }) => void res.status(418).send(error.hint),
      onUnavailable: ({ unavailable, res }) => void res.status(404).send(unavailable.reason),
    };
    const text = async (response: Response) => `${response.status} ${await response.text()}`;
    const acs = async (result: typeof rejected | Error) =>
      text(await post(`${await start(fakeSso({ result }), options)}/acs`, { SAMLResponse: 'PHNhbWw+' }));
    expect(await acs(rejected)).toBe('402 seat_limit_reached');
    expect(await acs(refused)).toBe('418 secret of the operator');
    const none = fakeSso({ start: unavailable('no_connection') });
    expect(await text(await fetch(`${await start(none, options)}/login`))).toBe('404 no_connection');
  });

  it('calls onError with the message, and keeps the default page', async () => {
    const seen: unknown[] = [];
    const watching: Partial<SsoRouterOptions<Account>> = {
      onError: ({ error, samlResponse }) => void seen.push([error.code, samlResponse]),
      onRejected: ({ rejection, samlResponse }) => void seen.push([rejection.reason, samlResponse]),
    };
    const base = await start(fakeSso({ result: refused }), watching);
    expect((await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(400);
    expect((await post(`${base}/acs`, {})).status).toBe(400);
    const rejecting = await start(fakeSso({ result: rejected }), watching);
    expect((await post(`${rejecting}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(403);
    expect(seen).toEqual([
      ['replayed', 'PHNhbWw+'],
      ['unexpected_message', undefined],
      ['seat_limit_reached', 'PHNhbWw+'],
    ]);
  });

  it('passes its options on', async () => {
    const fake = fakeSso();
    await fetch(`${await start(fake, { allowForceAuthn: true })}/login?forceAuthn=1`, { redirect: 'manual' });
    expect(fake.calls.begin).toMatchObject([[{}, { forceAuthn: true }]]);
    const choices = [{ connectionId: 'acme-okta', organizationId: 'acme' }];
    const several = await start(fakeSso({ start: unavailable('choose_connection', choices) }), { showChoices: true });
    expect(await (await fetch(`${several}/login?organization=acme`)).text()).toContain('acme-okta');
  });

  it('begins no login for an image of another page', async () => {
    const fake = fakeSso();
    const response = await fetch(`${await start(fake)}/login`, {
      redirect: 'manual',
      headers: { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' },
    });
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    expect(fake.calls.begin).toEqual([]);
  });

  describe('warns once', () => {
    const warnings = ({ events }: ReturnType<typeof fakeSso>) =>
      events.flatMap((event) => (event.type === 'warning' ? [[event.warning, event.hint]] : []));
    const acs = (url: string) => post(url, { SAMLResponse: 'PHNhbWw+' });
    const signedIn: SsoRouterOptions<Account> = { onLogin: ({ res }) => void res.cookie('session', '1') };

    it.each([
      ['/', '/sso/acs', '/'],
      ['/', '/sso/acs/acme', '/'],
      ['/', '/sso/login', '/'],
    ])('when the router is mounted at %s and %s arrives', async (mount, path, shown) => {
      const fake = fakeSso();
      const app = framework();
      app.use(mount, ssoRouter(fake.sso, signedIn));
      const base = await listen(app);
      for (let times = 0; times < 2; times++) expect((await acs(`${base}${path}`)).status).toBe(404);
      expect(warnings(fake)).toEqual([
        [
          'path_mismatch',
          `A request for "${path}" arrived at the router, which is mounted at "${shown}" and does not serve it. Mount it with app.use(sso.basePath, ssoRouter(sso, ...)).`,
        ],
      ]);
    });

    it('when the router is mounted at another path than that of baseUrl', async () => {
      const fake = fakeSso();
      const app = framework();
      app.use('/auth', ssoRouter(fake.sso, signedIn));
      const base = await listen(app);
      for (let times = 0; times < 2; times++) await fetch(`${base}/auth/login`, { redirect: 'manual' });
      expect(warnings(fake)).toEqual([
        ['path_mismatch', expect.stringContaining('identity providers post to "/sso/acs", the path of baseUrl')],
      ]);
    });

    it.each([
      ['at the path of baseUrl', '/sso', '/sso/login'],
      ['behind a proxy that adds a prefix', '/backend/sso', '/backend/sso/login'],
      ['behind a proxy that removes the path', '/', '/login'],
      ['where other paths arrive', '/', '/other/acs'],
      ['where paths arrive that only look alike', '/', '/sso/acs/a/b'],
    ])('not if the router is mounted %s', async (_where, mount, path) => {
      const fake = fakeSso();
      const app = framework();
      app.use(mount, ssoRouter(fake.sso, signedIn));
      await fetch(`${await listen(app)}${path}`, { redirect: 'manual' });
      expect(warnings(fake)).toEqual([]);
    });

    it('when a body parser in front refused the form, and passes its error to the error handler of the application', async () => {
      const fake = fakeSso();
      const base = await start(fake, signedIn, (app) => app.use(framework.urlencoded({ extended: false })));
      for (let times = 0; times < 2; times++) {
        const response = await post(`${base}/acs`, { SAMLResponse: large });
        expect(await response.text()).toBe('application: request entity too large');
      }
      expect(warnings(fake)).toEqual([
        ['form_parsed_before', expect.stringContaining('and failed (entity.too.large). Mount the router before')],
      ]);
    });

    it('when a body parser in front left the body empty', async () => {
      const fake = fakeSso();
      const swallow: RequestHandler = (req, _res, next) => void req.on('end', next).resume();
      const base = await start(fake, signedIn, (app) => app.use(swallow));
      for (let times = 0; times < 2; times++) expect((await acs(`${base}/acs`)).status).toBe(400);
      expect(warnings(fake)).toEqual([
        ['form_parsed_before', expect.stringContaining('and left its body empty. Mount the router before')],
      ]);
    });

    it('not about body parsers if the error has another cause, or if the form was read', async () => {
      const fake = fakeSso();
      const parsers: RequestHandler[] = [
        framework.urlencoded({ extended: false }),
        (req, _res, next) => (req.query['fail'] ? next(new Error('of the application')) : next()),
      ];
      const base = await start(fake, signedIn, (app) => app.use(parsers));
      expect((await acs(`${base}/acs?fail=1`)).status).toBe(500);
      expect((await acs(`${base}/acs`)).status).toBe(303);
      expect((await post(`${base}/acs`, { SAMLRequest: 'a' })).status).toBe(400);
      expect((await post(`${base}/other`, { SAMLResponse: large })).status).toBe(500);
      expect(warnings(fake)).toEqual([]);
    });
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('no session');
      },
    ],
    [
      'later',
      async () => {
        await Promise.resolve();
        throw new Error('no session');
      },
    ],
  ])('hands what the application throws %s to its error handler', async (_when, throwing) => {
    const response = await post(`${await start(undefined, { onLogin: throwing })}/acs`, { SAMLResponse: 'PHNhbWw+' });
    expect([response.status, await response.text()]).toEqual([500, 'application: no session']);
  });

  it('hands other errors of the login to the error handler', async () => {
    const base = await start(fakeSso({ result: new TypeError('a mistake') }));
    expect(await (await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' })).text()).toBe('application: a mistake');
  });

  it('answers 405 to a wrong method', async () => {
    const response = await fetch(`${await start()}/acs`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('reads a response with 5,000 groups', async () => {
    const fake = fakeSso();
    const base = await start(fake);
    expect((await post(`${base}/acs/acme`, { SAMLResponse: large, RelayState: 'a b&c=d' })).status).toBe(303);
    expect(fake.calls.complete).toEqual([
      { samlResponse: large, relayState: 'a b&c=d', connectionId: 'acme', cookies: undefined },
    ]);
  });

  it.each([
    ['express.urlencoded()', () => framework.urlencoded({ extended: false, limit: '4mb' })],
    ['express.urlencoded({ extended: true })', () => framework.urlencoded({ extended: true, limit: '4mb' })],
  ])('takes the body that %s parsed in front, with a raised limit', async (_parser, parser) => {
    const fake = fakeSso();
    const base = await start(fake, {}, (app) => app.use(parser()));
    expect((await post(`${base}/acs`, { SAMLResponse: large })).status).toBe(303);
    expect(fake.calls.complete[0]?.samlResponse).toBe(large);
  });

  it('takes the bytes that express.raw() read in front, up to the limit', async () => {
    const fake = fakeSso();
    const raw = framework.raw({ type: () => true, limit: '8mb' });
    const base = await start(fake, { bodyLimitBytes: 1000 }, (app) => app.use(raw));
    expect((await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(303);
    expect(fake.calls.complete[0]?.samlResponse).toBe('PHNhbWw+');
    const response = await post(`${base}/acs`, `SAMLResponse=${'a'.repeat(1000)}`);
    expect(response.status).toBe(400);
    expect(fake.events.at(-1)).toMatchObject({ type: 'failed', code: 'message_too_large' });
  });

  it('reads the body itself behind a parser for another kind of body', async () => {
    const fake = fakeSso();
    const base = await start(fake, {}, (app) => app.use(framework.json()));
    expect((await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(303);
    expect(fake.calls.complete[0]?.samlResponse).toBe('PHNhbWw+');
  });

  it('receives a large response only if mounted before the default parser', async () => {
    const fake = fakeSso();
    const behind = await start(fake, {}, (app) => app.use(framework.urlencoded({ extended: false })));
    const refusedByParser = await post(`${behind}/acs`, { SAMLResponse: large });
    expect([refusedByParser.status, await refusedByParser.text()]).toEqual([
      500,
      'application: request entity too large',
    ]);
    expect((await post(`${behind}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(303);

    const app = framework();
    app.use('/sso', ssoRouter(fake.sso, { onLogin }));
    app.use(framework.urlencoded({ extended: false }));
    expect((await post(`${await listen(app)}/sso/acs`, { SAMLResponse: large })).status).toBe(303);
  });

  it.each([
    ['read here', undefined],
    ['parsed in front', () => framework.urlencoded({ extended: true })],
  ])('refuses a field that was sent twice, %s', async (_where, parser) => {
    const fake = fakeSso();
    const base = await start(fake, {}, (app) => parser && app.use(parser()));
    for (const form of ['SAMLResponse=a&SAMLResponse=b', 'SAMLResponse=a&RelayState=&RelayState=']) {
      const response = await post(`${base}/acs`, form);
      expect(response.status).toBe(400);
      expect(fake.events.at(-1)).toMatchObject({ type: 'failed', code: 'unexpected_message' });
    }
    expect(fake.calls.complete).toEqual([]);
  });

  it.each([
    ['an empty body', ''],
    ['a JSON body', '{"SAMLResponse":"a"}'],
    ['another form', 'SAMLRequest=a'],
  ])('refuses %s', async (_what, body) => {
    const fake = fakeSso();
    const response = await fetch(`${await start(fake)}/acs`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(fake.events.at(-1)).toMatchObject({ type: 'failed', code: 'unexpected_message' });
  });

  it('refuses a body over the limit, and takes one at the limit', async () => {
    const fake = fakeSso();
    const base = await start(fake, { bodyLimitBytes: 1000 });
    const field = (bytes: number): string => `SAMLResponse=${'a'.repeat(bytes - 'SAMLResponse='.length)}`;
    expect((await post(`${base}/acs`, field(1000))).status).toBe(303);
    const response = await post(`${base}/acs`, field(1001));
    expect(response.status).toBe(400);
    expect(fake.events.at(-1)).toMatchObject({ type: 'failed', code: 'message_too_large' });
    expect(response.headers.get('connection')).toBe('close');
  });

  it.each([
    ['announced', { 'Content-Length': '100000000' }],
    ['chunked', { 'Transfer-Encoding': 'chunked' }],
  ])('refuses a body that never ends, %s, without waiting for it', async (_how, headers) => {
    const { port } = new URL(await start(undefined, { bodyLimitBytes: 1000 }));
    const client = httpRequest({ port, path: '/sso/acs', method: 'POST', headers });
    client.on('error', () => undefined);
    client.write('SAMLResponse='.padEnd(2000, 'a'));
    const [response]: IncomingMessage[] = await once(client, 'response');
    expect(response?.statusCode).toBe(400);
    response?.resume();
    await once(client, 'close');
  });

  it('handles a client that disconnects in the middle of its body', async () => {
    const fake = fakeSso();
    const errors: unknown[] = [];
    const base = await start(fake, { onError: ({ error }) => void errors.push(error) });
    const server = servers.at(-1);
    const { port } = new URL(base);
    const socket = connect(Number(port), '127.0.0.1');
    const arrived = server && once(server, 'request');
    socket.write('POST /sso/acs HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nSAMLResponse=');
    const [request] = (await arrived) ?? [];
    socket.destroy();
    await new Promise((resolve) => request.on('close', resolve));
    expect((await post(`${base}/acs`, { SAMLResponse: 'PHNhbWw+' })).status).toBe(303);
    expect(fake.calls.complete.length).toBe(1);
    expect(errors).toEqual([]);
  });

  it('waits for a slow body without blocking other requests', async () => {
    const fake = fakeSso();
    const base = await start(fake);
    const { port } = new URL(base);
    const slow = httpRequest({ port, path: '/sso/acs', method: 'POST' });
    slow.write('SAMLResponse=slow');
    expect((await post(`${base}/acs`, { SAMLResponse: 'quick' })).status).toBe(303);
    slow.end('er');
    const [response]: IncomingMessage[] = await once(slow, 'response');
    expect(response?.statusCode).toBe(303);
    response?.resume();
    expect(fake.calls.complete.map((call) => call.samlResponse)).toEqual(['quick', 'slower']);
  });

  it('is a TypeError without onLogin, or with an invalid limit', () => {
    const { sso } = fakeSso();
    expect(() => ssoRouter(sso, {} as SsoRouterOptions<Account>)).toThrow(
      configurationError('onLogin must be a function'),
    );
    for (const bodyLimitBytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => ssoRouter(sso, { onLogin, bodyLimitBytes })).toThrow(
        configurationError('bodyLimitBytes must be a positive integer'),
      );
    }
  });
});
