// One of several server processes of a product: Express, Postgres for users, Redis for the replay cache.
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ssoRouter } from '../../src/http/express.ts';
import { createSso } from '../../src/index.ts';
import { postgresUserStore } from '../../src/stores/postgres.ts';
import { redisReplayCache } from '../../src/stores/redis.ts';
import { baseUrl, roles, type ServerSettings } from './settings.ts';

const settings: ServerSettings = JSON.parse(process.argv[2] ?? '{}');
const pool = new pg.Pool({ ...settings.postgres, max: 10 });
const redis = new Redis(settings.redis);

const sso = createSso({
  baseUrl,
  secret: 'the same secret of 32 characters in each process',
  roles,
  users: postgresUserStore<(typeof roles)[number]>(pool, { prefix: `${settings.schema}.` }),
  replayCache: redisReplayCache(redis, { prefix: `${settings.schema}:` }),
  organization: async (id) => ({ sso: true, seats: id === 'ten-seats' ? 10 : null }),
  connections: settings.organizations.map((id) => ({
    id,
    organizationId: id,
    idp: { metadata: settings.metadata },
    acs: 'own' as const,
  })),
});

const app = express();
app.use(
  '/sso',
  ssoRouter(sso, {
    onLogin: ({ login, res }) => void res.json({ outcome: login.outcome, user: login.user, notes: login.notes }),
    onRejected: ({ rejection, res }) => void res.status(403).json({ outcome: 'rejected', reason: rejection.reason }),
    onError: ({ error, res }) => void res.status(400).json({ outcome: 'error', code: error.code }),
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
// On a busy machine the client reuses connections after more than the 5 seconds of Node.js.
server.keepAliveTimeout = 60_000;
