import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { createSso, memoryReplayCache } from '../../dist/index.js';
import { migrate, postgresConnectionStore, postgresUserStore } from '../../dist/stores/postgres.js';
import { createTestIdp, selfSigned } from '../../dist/testing/index.js';
import { median } from './measure.mjs';

const schema = 'saml_jit_bench';
const baseUrl = 'https://app.example.com/sso';
const roles = ['owner', 'admin', 'member'];
const parallel = 8;

/**
 * Logins from end to end on PostgreSQL (127.0.0.1, or what PGHOST and the like say): verify with cross-check, claim, find,
 * decide, write.
 *
 * @param {{ users: number, logins: number, tenants: number }} size
 * @returns rows of two tables: logins, and look-ups of connections
 */
export async function measureProvisioning({ users, logins, tenants }) {
  const pool = new pg.Pool({
    host: process.env.PGHOST ?? '127.0.0.1',
    user: process.env.PGUSER ?? 'postgres',
    database: process.env.PGDATABASE ?? 'test',
    max: parallel,
  });
  try {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await migrate(pool, { prefix: `${schema}.` });
    await seed(pool, users);
    return { logins: await measureLogins(pool, users, logins), tenants: await measureTenants(pool, tenants) };
  } finally {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
  }
}

const issuer = 'https://idp.example.test/metadata';

async function seed(pool, users) {
  await pool.query(
    `INSERT INTO ${schema}.users (id, organization_id, email, email_key, name, role, email_verified)
     SELECT 'u' || n, 'o' || n % 1000, 'p' || n || '@example.com', 'p' || n || '@example.com', 'P ' || n, 'member', true
     FROM generate_series(1, $1::int) n`,
    [users],
  );
  await pool.query(
    `INSERT INTO ${schema}.identities (user_id, organization_id, connection_id, issuer, subject)
     SELECT 'u' || n, 'o' || n % 1000, 'o' || n % 1000, $2, 's' || n FROM generate_series(1, $1::int) n`,
    [users, issuer],
  );
  await pool.query(`VACUUM ANALYZE ${schema}.users`);
  await pool.query(`VACUUM ANALYZE ${schema}.identities`);
}

async function measureLogins(pool, users, logins) {
  const idp = createTestIdp({ entityId: issuer, key: selfSigned() });
  const timed = timedStore(postgresUserStore(pool, { prefix: `${schema}.` }));
  const sso = createSso({
    baseUrl,
    secret: 'a secret of 32 characters, and for this benchmark alone',
    roles,
    users: timed.store,
    replayCache: memoryReplayCache({ maxEntries: 1_000_000 }),
    policy: { idpInitiated: 'allow' },
    connections: Array.from({ length: 1000 }, (_, n) => ({
      id: `o${n}`,
      organizationId: `o${n}`,
      idp: { metadata: idp.metadata() },
      acs: 'own',
    })),
  });
  // Spread over the table, so that its pages are not all at hand.
  const known = (i) => 1 + ((i * 7919) % users);
  const kinds = {
    'a known person, unchanged': (i) => person(known(i), {}),
    'a known person, other name': (i) => person(known(i), { name: `Q ${i}` }),
    'a new person': (i) => person(users + 1 + i, {}),
  };
  const rows = [];
  let made = 0;
  for (const [kind, who] of Object.entries(kinds)) {
    const messages = Array.from({ length: logins }, () => respond(idp, who(made++)));
    // The first are not counted: they warm up.
    const warmUp = Math.floor(logins / 5);
    for (const message of messages.slice(0, warmUp)) await login(sso, message);
    const half = warmUp + Math.floor((logins - warmUp) / 2);
    timed.reset();
    const spent = [];
    for (const message of messages.slice(warmUp, half)) {
      const begin = performance.now();
      await login(sso, message);
      spent.push(performance.now() - begin);
    }
    const whole = spent.reduce((sum, each) => sum + each, 0);
    const { find, write } = timed;
    const begin = performance.now();
    const rest = messages.slice(half);
    await Promise.all(
      Array.from({ length: parallel }, async (_, lane) => {
        for (let i = lane; i < rest.length; i += parallel) await login(sso, rest[i]);
      }),
    );
    const perSecond = (rest.length * 1000) / (performance.now() - begin);
    rows.push({
      kind,
      perSecond,
      median: median(spent),
      verify: (whole - find - write) / whole,
      find: find / whole,
      write: write / whole,
    });
  }
  return rows;
}

function person(n, { name = `P ${n}` }) {
  return { n, user: { id: `s${n}`, email: `p${n}@example.com`, name, role: 'member', nameId: `s${n}` } };
}

function respond(idp, { n, user }) {
  const connectionId = `o${n % 1000}`;
  const acsUrl = `${baseUrl}/acs/${connectionId}`;
  const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  const samlResponse = idp.respond({ user, acsUrl, audience: `${baseUrl}/metadata`, nameIdFormat });
  return { samlResponse, connectionId };
}

async function login(sso, message) {
  const { outcome, hint } = await sso.completeLogin(message);
  if (outcome === 'rejected') throw new Error(hint);
}

/** Time that the store takes, its round trips included. */
function timedStore(store) {
  const timed = { find: 0, write: 0, reset: () => Object.assign(timed, { find: 0, write: 0 }) };
  const measured =
    (part, method) =>
    async (...args) => {
      const begin = performance.now();
      try {
        return await method(...args);
      } finally {
        timed[part] += performance.now() - begin;
      }
    };
  timed.store = {
    find: measured('find', store.find),
    create: measured('write', store.create),
    update: measured('write', store.update),
  };
  return timed;
}

async function measureTenants(pool, tenants) {
  const store = postgresConnectionStore(pool, { prefix: `${schema}.` });
  const idp = createTestIdp({ key: selfSigned() });
  const settings = { idp: { metadata: idp.metadata() }, acs: 'own' };
  await store.put({ id: 't1', organizationId: 't1', ...settings }, null);
  // The row of one tenant, for all.
  await pool.query(
    `INSERT INTO ${schema}.connections (id, organization_id, issuer, domains, settings)
     SELECT 't' || n, 't' || n, issuer, domains,
       settings || jsonb_build_object('id', 't' || n, 'organizationId', 't' || n)
     FROM ${schema}.connections, generate_series(2, $1::int) n WHERE id = 't1'`,
    [tenants],
  );
  await pool.query(`VACUUM ANALYZE ${schema}.connections`);
  const sso = createSso({
    baseUrl,
    secret: 'a secret of 32 characters, and for this benchmark alone',
    users: postgresUserStore(pool, { prefix: `${schema}.` }),
    connections: store,
  });
  const look = async (n) => {
    const begin = performance.now();
    const { kind } = await sso.beginLogin({ connectionId: `t${n}` });
    if (kind === 'unavailable') throw new Error(`no connection t${n}`);
    return performance.now() - begin;
  };
  const rows = [];
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const before = heap();
  for (const distinct of [100, 1000, 5000]) {
    const cold = [];
    for (let i = 0; i < distinct; i++) cold.push(await look(1 + ((i * 7919) % tenants)));
    const warm = [];
    for (let i = 0; i < 500; i++) warm.push(await look(1 + (((distinct - 1 - (i % 50)) * 7919) % tenants)));
    rows.push({ distinct, cold: median(cold), warm: median(warm), heap: heap() - before });
  }
  return rows;
}
