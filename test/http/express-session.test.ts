import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request } from 'express';
import session from 'express-session';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SsoRouterOptions, ssoRouter } from '../../src/http/express.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import { fakeSso } from './fake-sso.ts';

type OnLogin = SsoRouterOptions<Account>['onLogin'];

const servers: Server[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await once(server.close(), 'close');
  }
});

/** As docs/express.md says: a new session, with the user in it. */
const openSession = (req: Request, userId: string): Promise<void> =>
  new Promise((resolve, reject) => {
    req.session.regenerate((error: unknown) => {
      if (error) return reject(error);
      Object.assign(req.session, { userId });
      req.session.save((failure: unknown) => (failure ? reject(failure) : resolve()));
    });
  });

async function login(onLogin: OnLogin, prepare: (app: Express) => void = () => undefined) {
  const fake = fakeSso();
  const app = express();
  prepare(app);
  app.use('/sso', ssoRouter(fake.sso, { onLogin }));
  app.get('/me', (req, res) => void res.json(Object(req.session).userId ?? null));
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (cookie: string) => {
    const response = await fetch(`${base}/sso/acs`, {
      method: 'POST',
      body: new URLSearchParams({ SAMLResponse: 'PHNhbWw+' }),
      redirect: 'manual',
      headers: { cookie },
    });
    const cookies = response.headers.getSetCookie().flatMap((line) => line.split(';')[0] ?? []);
    const me = await fetch(`${base}/me`, { headers: { cookie: cookies.at(-1) ?? cookie } });
    return { status: response.status, cookies, me: me.ok ? await me.json() : null };
  };
  return { fake, send, hints: () => fake.events.map((event) => 'warning' in event && [event.warning, event.hint]) };
}

const sessions =
  (saveUninitialized: boolean) =>
  (app: Express): void => {
    app.use(session({ secret: 'keyboard cat', resave: false, saveUninitialized }));
  };

describe('a login that opens no session', () => {
  it('is reported once', async () => {
    const { send, hints } = await login(() => undefined);
    await send('');
    await send('');
    await vi.waitFor(() => expect(hints()).toHaveLength(1));
    expect(hints()).toEqual([
      ['no_session_cookie', expect.stringContaining('The answer set no cookie and changed no session.')],
    ]);
  });

  it('is not reported in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const { send, hints } = await login(() => undefined);
    await send('');
    expect(hints()).toEqual([]);
  });

  it.each<[string, OnLogin]>([
    ['a cookie', ({ res }) => void res.cookie('session', '1')],
    ['a body of its own', ({ res }) => void res.json({ token: 'x' })],
    ['a cookie and a redirect of its own', ({ res }) => void res.cookie('session', '1').redirect('/welcome')],
  ])('is not reported if onLogin answers with %s', async (_what, onLogin) => {
    const { send, hints } = await login(onLogin);
    await send('');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hints()).toEqual([]);
  });
});

describe('express-session', () => {
  it.each([false, true])('opens a session with promises, saveUninitialized: %s', async (saveUninitialized) => {
    const { send, hints } = await login(
      ({ req, login: { user } }) => openSession(req, user.id),
      sessions(saveUninitialized),
    );
    expect(await send('')).toMatchObject({ status: 303, me: 'u1' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(hints()).toEqual([]);
  });

  it.each([
    [false, 'The answer set no cookie and changed no session.'],
    [true, 'The session was replaced after the answer had been sent.'],
  ])('is reported when its callback is not awaited, saveUninitialized: %s', async (saveUninitialized, problem) => {
    const onLogin: OnLogin = ({ req, login: { user } }) => {
      req.session.regenerate(() => Object.assign(req.session, { userId: user.id }));
    };
    const { send, hints } = await login(onLogin, sessions(saveUninitialized));
    expect(await send('')).toMatchObject({ status: 303, me: null });
    await vi.waitFor(() => expect(hints()).toHaveLength(1), { timeout: 3000 });
    expect(hints()).toEqual([['no_session_cookie', expect.stringContaining(problem)]]);
    expect(hints()[0]).toEqual(['no_session_cookie', expect.stringContaining('return a promise')]);
  });

  it('may change an existing session', async () => {
    const { send, hints } = await login(({ req, login: { user } }) => {
      Object.assign(req.session, { userId: user.id, count: Math.random() });
    }, sessions(false));
    const first = await send('');
    expect(first.me).toBe('u1');
    const again = await send(first.cookies.at(-1) ?? '');
    expect(again.cookies).not.toContainEqual(expect.stringContaining('connect.sid'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hints()).toEqual([]);
  });
});
