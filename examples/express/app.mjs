import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { createSso, memoryUserStore } from 'saml-jit';
import { ssoRouter } from 'saml-jit/express';
import { dashboardPage, loginPage, refusedPage } from './views.mjs';

/**
 * The product: what an application adds to its own Express server. `organizations` and `connections` are rows of its
 * database; the users are in memory here, in the application's own table elsewhere.
 */
export function createProduct({ origin, secret, organizations, connections, onEvent, now }) {
  const users = memoryUserStore({ roles: ['owner', 'admin', 'member'], oneAccountPerEmail: true });
  const sessions = new Map();

  const sso = createSso({
    baseUrl: `${origin}/sso`,
    secret,
    connections,
    users,
    roles: ['owner', 'admin', 'member'],
    organization: async (id) => organizations.get(id),
    onEvent,
    now,
  });

  const app = express();

  app.use(
    '/sso',
    ssoRouter(sso, {
      onLogin({ login, res }) {
        const id = randomUUID();
        sessions.set(id, login.user);
        res.cookie('session', id, { httpOnly: true, sameSite: 'lax', secure: origin.startsWith('https:') });
      },
      onRejected({ rejection, res }) {
        res.status(403).send(refusedPage(rejection.message));
      },
      onUnavailable({ res }) {
        res.send(loginPage({ notice: 'Is this your first time here? Then start from your company’s portal.' }));
      },
    }),
  );

  app.get('/', async (req, res) => {
    const session = sessions.get(sessionOf(req));
    if (!session) return res.send(loginPage());
    const all = await users.list(session.organizationId);
    const user = all.find(({ id, status }) => id === session.id && status === 'active');
    if (!user) return res.send(loginPage());
    res.send(dashboardPage({ user, organization: organizations.get(user.organizationId), users: all }));
  });

  app.post('/logout', (req, res) => {
    sessions.delete(sessionOf(req));
    res.clearCookie('session').redirect(303, '/');
  });

  app.get('/style.css', (_req, res) => res.sendFile(fileURLToPath(new URL('style.css', import.meta.url))));

  return { app, users };
}

const sessionOf = (req) => /(?:^|; )session=([^;]*)/.exec(req.headers.cookie ?? '')?.[1];
