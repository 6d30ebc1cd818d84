import express, { type Express } from 'express';
import { ssoRouter } from '../../src/http/express.ts';
import {
  type Account,
  type ConnectionInput,
  createSso,
  memoryUserStore,
  type Sso,
  type SsoEvent,
} from '../../src/index.ts';

/** An application that is served at `origin`, as docs/express.md says. */
export interface Application {
  readonly app: Express;
  readonly sso: Sso<Account<string>>;
  readonly events: SsoEvent[];
}

/** @param before mounts what stands in front of the routes */
export function application(
  origin: string,
  connections: readonly ConnectionInput[],
  before: (app: Express) => void = () => undefined,
): Application {
  const events: SsoEvent[] = [];
  const sso = createSso({
    baseUrl: `${origin}/sso`,
    secret: 'a secret of at least 32 characters',
    connections,
    users: memoryUserStore(),
    onEvent: (event) => events.push(event),
  });
  const app = express();
  before(app);
  const router = ssoRouter(sso, {
    onLogin: ({ login, res }) => void res.cookie('session', login.user.email, { secure: true, sameSite: 'lax' }),
  });
  app.use(['/sso', '/stand-in'], router);
  app.get(['/', '/reports'], (req, res) => {
    const user = /(?:^|; )session=([^;]*)/.exec(req.headers.cookie ?? '')?.[1];
    res.send(`<p>${req.path} of ${user === undefined ? 'no user' : decodeURIComponent(user)}</p>`);
  });
  return { app, sso, events };
}
