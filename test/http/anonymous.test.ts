import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ssoRouter } from '../../src/http/express.ts';
import { type ConnectionStore, createSso, memoryUserStore, type SsoEvent } from '../../src/index.ts';
import { escapeHtml } from '../../src/lib/html.ts';
import { createTestIdp, type RespondOptions, selfSigned } from '../../src/testing/index.ts';

// What an anonymous visitor can cause must look the same, byte by byte, for customers and others.

const users = [{ id: 'alice', email: 'alice@acme.example' }];
const idp = createTestIdp({ users });
const row = (id: string, changes: object = {}) => ({
  id,
  organizationId: id,
  idp: {
    entityId: `https://idp.example/${id}`,
    certificates: [idp.certificate],
    sso: { redirect: 'https://idp.example/sso' },
  },
  ...changes,
});
const rows: readonly { readonly id: string; readonly organizationId: string }[] = [
  row('acme', { acs: 'own' }),
  row('disabled', { enabled: false }),
  row('free'),
  row('broken', { idp: { metadata: '' } }),
  { ...row('several-1'), organizationId: 'several' },
  { ...row('several-2'), organizationId: 'several' },
  row('home', {
    idp: { certificates: [idp.certificate], entityId: 'urn:home', sso: { redirect: 'http://127.0.0.1/' } },
  }),
];
const stored = rows.map((settings) => ({ settings }));
const connections: ConnectionStore = {
  async get(id) {
    if (id === 'away') throw new Error('connect ECONNREFUSED');
    return stored.find(({ settings }) => settings.id === id) ?? null;
  },
  async find(by) {
    if ('organizationId' in by) return stored.filter(({ settings }) => settings.organizationId === by.organizationId);
    if ('issuer' in by && by.issuer === 'urn:away') throw new Error('connect ECONNREFUSED');
    return stored.filter(({ settings: { id } }) => 'issuer' in by && by.issuer === `https://idp.example/${id}`);
  },
};

const accounts = memoryUserStore();
const events: SsoEvent[] = [];
const sso = createSso({
  baseUrl: 'https://app.example.com/sso',
  secret: 'a secret of at least 32 characters',
  connections,
  users: accounts,
  organization: async (id) => ({ sso: id !== 'free', seats: null }),
  onEvent: (event) => events.push(event),
});
let server: Server;

beforeAll(async () => {
  const add = (organizationId: string, email: string) =>
    accounts.put({ organizationId, email, name: organizationId, role: null });
  await Promise.all([
    add('free', 'bob@free.example'),
    add('disabled', 'carol@disabled.example'),
    add('several', 'dave@several.example'),
  ]);
  const app = express();
  app.use('/sso', ssoRouter(sso, { onLogin: () => undefined, bodyLimitBytes: 100_000 }));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  await once(server.close(), 'close');
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Everything that the client receives, but the date, the random reference, and what it said itself. */
async function ask(method: string, path: string, body = '', own = ''): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const headers = body === '' ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' };
  const client = httpRequest({ port, method, path: `/sso${path}`, headers, agent: false }).end(body);
  const [response]: IncomingMessage[] = await once(client, 'response');
  if (response === undefined) throw new Error('no response');
  const received = (await text(response)).replace(/\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/, 'REFERENCE');
  return {
    status: response.statusCode,
    headers: response.rawHeaders.map((value, index, all) => {
      if (value === response.headers.date) return 'DATE';
      return all[index - 1] === 'Content-Length' && received.includes(own) ? `${Number(value) - own.length}` : value;
    }),
    body: own === '' ? received : received.replace(own, ''),
  };
}

const post = (path: string, fields: Record<string, string> | string, own?: string): Promise<Answer> =>
  ask('POST', path, new URLSearchParams(fields).toString(), own);

const acsUrl = 'https://app.example.com/sso/acs';
const respond = (changes: Partial<RespondOptions> = {}): { SAMLResponse: string } => {
  const issuer = changes.issuer ?? 'https://idp.example/free';
  const asked = { user: 'alice', acsUrl, audience: 'https://app.example.com/sso/metadata' };
  return { SAMLResponse: idp.respond({ ...asked, issuer, assertionIssuer: issuer ?? undefined, ...changes }) };
};

describe('failures of POST /acs before the message is verified', () => {
  const failures: readonly [string, () => Promise<Answer>][] = [
    ['no form', () => post('/acs', '')],
    ['another form', () => post('/acs', { SAMLRequest: 'a' })],
    ['a field twice', () => post('/acs', 'SAMLResponse=a&SAMLResponse=b')],
    ['bad encoding', () => post('/acs', { SAMLResponse: '!' })],
    ['a form that is too large', () => post('/acs', { SAMLResponse: 'a'.repeat(200_000) })],
    ['no XML', () => post('/acs', { SAMLResponse: 'AAAA' })],
    ['a document type', () => post('/acs', { SAMLResponse: Buffer.from('<!DOCTYPE a><a/>').toString('base64') })],
    ['an unknown issuer', () => post('/acs', respond({ issuer: 'urn:unknown' }))],
    ['an issuer at which the store fails', () => post('/acs', respond({ issuer: 'urn:away' }))],
    [
      'the issuer of a disabled connection',
      () => post('/acs', respond({ issuer: 'https://idp.example/disabled', key: untrustedKey })),
    ],
    [
      'the issuer of a connection with its own address',
      () => post('/acs', respond({ issuer: 'https://idp.example/acme' })),
    ],
    ['an untrusted key with the Issuer of a customer', () => post('/acs', respond({ key: untrustedKey }))],
    ['no signature', () => post('/acs', respond({ signs: 'none' }))],
    [
      'a failure at the identity provider',
      () => post('/acs', respond({ user: null, status: { code: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } })),
    ],
    ['another audience', () => post('/acs', respond({ audience: 'urn:other' }))],
    ['an expired assertion', () => post('/acs', respond({ now: new Date('2020-01-01') }))],
    ['another address', () => post('/acs', respond({ acsUrl: 'https://other.example/acs' }))],
    ['a response by GET', () => ask('GET', '/acs?SAMLResponse=a')],
    ['an artifact by GET', () => ask('GET', '/acs?SAMLart=a')],
  ];
  const untrustedKey = selfSigned({ commonName: 'untrusted.example' });

  it('have the same response for any cause, and each emits an event with the cause', async () => {
    events.length = 0;
    const answers: Answer[] = [];
    for (const [, fail] of failures) answers.push(await fail());
    const [first] = answers;
    expect(first?.status).toBe(400);
    expect(first?.body).toContain('Reference: <code>REFERENCE</code>');
    // If the server stops reading, it closes the connection: that reveals the length of the form.
    const closing = failures.findIndex(([name]) => name.includes('too large'));
    answers.forEach((answer, index) => {
      if (index !== closing) expect(answer, failures[index]?.[0]).toEqual(first);
      else expect({ ...answer, headers: first?.headers }).toEqual(first);
    });
    const codes = events.map((event) => (event.type === 'failed' ? event.code : event.type));
    expect(codes).toHaveLength(failures.length);
    expect(new Set(codes).size).toBeGreaterThanOrEqual(12);
  });

  it.each(['acme', 'disabled', 'free', 'broken', 'away', 'missing', 'constructor', '%00', 'a%20b'])(
    'have the same response at /acs/%s as at the address of an unknown connection',
    async (id) => {
      const own = escapeHtml(new URLSearchParams({ connection: decodeURIComponent(id) }).toString());
      for (const fields of [{ SAMLResponse: 'AAAA' }, respond({ key: untrustedKey }), { RelayState: 'x' }]) {
        const answer = await post(`/acs/${id}`, fields, own);
        expect(answer).toEqual(await post('/acs/unknown', fields, 'connection=unknown'));
        expect(answer.status).toBe(400);
      }
      expect(await ask('HEAD', `/acs/${id}`)).toEqual(await ask('HEAD', '/acs/unknown'));
    },
  );
});

describe('GET /login that cannot begin a login', () => {
  const targets = [
    '/login',
    '/login?connection=missing',
    '/login?connection=disabled',
    '/login?connection=free',
    '/login?connection=broken',
    '/login?connection=home',
    '/login?organization=missing',
    '/login?organization=disabled',
    '/login?organization=free',
    '/login?organization=several',
    '/login?organization=broken',
    '/login?email=missing@acme.example',
    '/login?email=bob@free.example',
    '/login?email=carol@disabled.example',
    '/login?email=dave@several.example',
    '/login?email=nonsense',
  ];

  it('has the same response for customers and others', async () => {
    const first = await ask('GET', '/login');
    expect(first.status).toBe(400);
    expect(first.body).toContain('Reference: <code>REFERENCE</code>');
    for (const target of targets) expect(await ask('GET', target), target).toEqual(first);
    // The passing twin: here one begins.
    expect((await ask('GET', '/login?connection=acme')).status).toBe(303);
  });

  it('has the same response to HEAD, even if GET would begin a login', async () => {
    const first = await ask('HEAD', '/login');
    for (const target of [...targets, '/login?connection=acme'])
      expect(await ask('HEAD', target), target).toEqual(first);
  });
});
