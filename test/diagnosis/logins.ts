import { type ConnectionStore, memoryUserStore } from '../../src/index.ts';
import { createTestIdp, type RespondOptions } from '../../src/testing/index.ts';
import { begin, entityId, jar, key, type Product, product, requestIdOf, roles } from '../sso/setup.ts';
import {
  type DiagnosisCase,
  type ExpectedHint,
  type LoginOverrides,
  respond,
  signIn,
  signInIdpInitiated,
} from './support.ts';

function browserCase(name: string, overrides: LoginOverrides, expected: ExpectedHint): DiagnosisCase {
  return {
    name,
    code: 'browser_mismatch',
    ...expected,
    reproduce: () => signIn(product(), overrides),
    fixed: () => signIn(product()),
  };
}

/** Begins a login and posts one response for each item of `answers`, with or without the cookie of the login. */
async function signInRepeatedly(
  app: Product,
  answers: readonly { respond?: Partial<RespondOptions>; keep: boolean }[],
): Promise<unknown> {
  const begun = await begin(app.sso, {});
  const { fields } = await app.idp.login(begun, 'alice-1');
  let result: unknown;
  for (const { respond: overrides, keep } of answers) {
    const samlResponse = overrides
      ? respond(app, { inResponseTo: requestIdOf(begun), ...overrides })
      : (fields['SAMLResponse'] ?? '');
    result = await app.sso.completeLogin({ samlResponse, cookies: keep ? jar(begun.cookie) : 'theme=dark' });
  }
  return result;
}

/** A browser with several tabs, each of which began a login: the login of the first is completed. */
async function signInFirstOfTabs(count: number): Promise<unknown> {
  const app = product();
  const kept = new Map<string, string>();
  const header = (): string => [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
  const store = (setCookie: string): void => {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(setCookie) ?? [];
    if (value === '') kept.delete(name);
    else kept.set(name, value);
  };
  const first = await begin(app.sso, {});
  const { fields } = await app.idp.login(first, 'alice-1');
  store(first.cookie);
  for (let tab = 1; tab < count; tab++) {
    app.pass(1);
    const next = await begin(app.sso, {}, { cookies: header() });
    store(next.cookie);
  }
  return app.sso.completeLogin({ samlResponse: fields['SAMLResponse'] ?? '', cookies: header() });
}

const idpInitiated = (policy: 'allow' | 'refuse' | 'restart') => product({}, { policy: { idpInitiated: policy } });

/** An identity provider that answers requests without InResponseTo. */
async function signInWithoutInResponseTo(app: Product): Promise<unknown> {
  const first = await signInIdpInitiated(app);
  if (first.outcome !== 'redirect') return first;
  return app.sso.completeLogin({ samlResponse: respond(app), cookies: jar(first.start.cookie) });
}

const metadata = createTestIdp({ key }).metadata();
const row = { id: 'acme', organizationId: 'acme', idp: { metadata }, policy: { idpInitiated: 'allow' } };

function storeOf(found: unknown): ConnectionStore {
  return { get: async () => ({ settings: found }), find: async () => [{ settings: row }] };
}

function storeFailureCase(name: string, options: Parameters<typeof product>[0], expected: ExpectedHint): DiagnosisCase {
  const allowed = { policy: { idpInitiated: 'allow' } } as const;
  return {
    name,
    code: 'store_failed',
    ...expected,
    reproduce: () => signInIdpInitiated(product(options, allowed)),
    fixed: () => signInIdpInitiated(product({}, allowed)),
  };
}

const unreachable = async (): Promise<never> => {
  throw new Error('connect ECONNREFUSED 10.0.0.5:5432');
};

export const logins: readonly DiagnosisCase[] = [
  {
    name: 'a login from the portal, which the connection refuses',
    code: 'unsolicited_not_allowed',
    cause: 'the connection "acme" refuses logins that start at the identity provider (policy.idpInitiated)',
    remedy: 'Start at the application\'s login page, or set it to "restart"',
    reproduce: () => signInIdpInitiated(idpInitiated('refuse')),
    fixed: () => signIn(idpInitiated('refuse')),
  },
  {
    name: 'an identity provider that answers requests without InResponseTo',
    code: 'unsolicited_not_allowed',
    cause: 'answered the request of less than 60 s ago without InResponseTo',
    remedy: 'enable SP-initiated login there), or set policy.idpInitiated of the connection "acme" to "allow"',
    reproduce: () => signInWithoutInResponseTo(idpInitiated('restart')),
    fixed: () => signInWithoutInResponseTo(idpInitiated('allow')),
  },
  {
    name: 'the page is posted again by Back',
    code: 'replayed',
    cause: 'The page was reloaded or posted twice (Back and Forward do that)',
    remedy: 'start the login again',
    reproduce: () => signInRepeatedly(product(), [{ keep: true }, { keep: true }]),
    fixed: () => signInRepeatedly(product(), [{ keep: true }]),
  },
  {
    name: 'the page is posted again by Back, after the login deleted the cookie',
    code: 'browser_mismatch',
    cause: 'the login is complete already (the page was reloaded, or the user pressed Back)',
    remedy: 'Start the login again, at the host of baseUrl (app.example.com)',
    reproduce: () => signInRepeatedly(product(), [{ keep: true }, { keep: false }]),
    fixed: () => signInRepeatedly(product(), [{ keep: true }]),
  },
  {
    name: 'a request answered by two responses',
    code: 'request_used',
    cause: 'The login request was already answered by another response',
    remedy: 'Start the login again',
    reproduce: () => signInRepeatedly(product(), [{ keep: true }, { keep: true, respond: {} }]),
    fixed: () => signInRepeatedly(product(), [{ keep: true, respond: {} }]),
  },
  browserCase(
    'no Cookie header arrives',
    { cookies: () => undefined },
    {
      cause: 'no cookie arrived at all',
      remedy: 'Start the login again, at the host of baseUrl (app.example.com)',
      values: ['an adapter that does not pass the Cookie header on', 'or it was begun in another browser'],
    },
  ),
  browserCase(
    'the cookie of the login is missing, others arrive',
    { cookies: () => 'theme=dark' },
    {
      cause: 'this browser sent others, and not this one',
      remedy: 'Start the login again',
      values: ['a proxy that drops Set-Cookie', '30 min of requestLifetimeSeconds'],
    },
  ),
  browserCase(
    'the cookie was altered',
    { cookies: (cookies) => `${cookies}x` },
    {
      cause: 'it was altered, or sealed with another secret',
      remedy: 'all processes must share one',
    },
  ),
  {
    name: 'login begun on 127.0.0.1 and answered on localhost',
    code: 'browser_mismatch',
    cause: 'on another host name than localhost:3000 (localhost and 127.0.0.1 are two)',
    remedy: 'Start the login again, at the host of baseUrl (localhost:3000)',
    reproduce: () => onLoopback('127.0.0.1'),
    fixed: () => onLoopback('localhost'),
  },
  {
    name: 'each process has a different secret',
    code: 'browser_mismatch',
    cause: 'it was altered, or sealed with another secret: all processes must share one',
    remedy: 'while you change it the old one stays as second entry',
    reproduce: () => twoProcesses('another secret of at least 32 characters'),
    fixed: () => twoProcesses(['another secret of at least 32 characters', 'a secret of more than 32 characters']),
  },
  {
    name: 'the first of five tabs, whose cookie was overwritten',
    code: 'browser_mismatch',
    cause: 'an older tab after 4 newer logins',
    remedy: 'Start the login again',
    reproduce: () => signInFirstOfTabs(5),
    fixed: () => signInFirstOfTabs(4),
  },
  {
    name: 'response and assertion have different InResponseTo',
    code: 'in_response_to_mismatch',
    cause: 'InResponseTo of the SubjectConfirmationData is "_another-request"',
    remedy: 'start the login again',
    reproduce: () => signIn(product(), { respond: { confirmationInResponseTo: '_another-request' } }),
    fixed: () => signIn(product()),
  },
  {
    name: 'a row that cannot be used',
    code: 'connection_unavailable',
    cause: 'invalid connection "acme"',
    remedy: 'Correct the row of the connection store',
    values: ['idp.metadata: Expected the SAML 2.0 metadata of one identity provider: the text is empty'],
    reproduce: () =>
      signInIdpInitiated(product({ connections: storeOf({ ...row, idp: { metadata: '' } }) }), {
        connectionId: 'acme',
      }),
    fixed: () => signInIdpInitiated(product({ connections: storeOf(row) })),
  },
  storeFailureCase(
    'the database is unreachable',
    { users: { ...memoryUserStore({ roles }), find: unreachable } },
    {
      cause: 'users.find failed: Error: connect ECONNREFUSED 10.0.0.5:5432',
      remedy: 'The response is used up: the user must start again',
    },
  ),
  storeFailureCase(
    'the replay cache is unreachable',
    { replayCache: { claim: unreachable } },
    {
      cause: 'replayCache.claim failed: Error: connect ECONNREFUSED 10.0.0.5:5432',
      remedy: 'No user was signed in. The user may try again',
    },
  ),
  storeFailureCase(
    'a replay cache that answers OK, as Redis does',
    { replayCache: { claim: (async () => 'OK') as never } },
    {
      cause: 'replayCache.claim failed: TypeError: replayCache.claim',
      remedy: 'must resolve to true (the first time) or false; received string',
    },
  ),
  storeFailureCase(
    'a connection store that finds one row, not a list',
    { connections: { get: async () => ({ settings: row }), find: (async () => ({ settings: row })) as never } },
    {
      cause: 'connections.find failed: TypeError: find of the ConnectionStore',
      remedy: 'must resolve to an array; received object',
    },
  ),
  storeFailureCase(
    'organization() returns undefined',
    { organization: (async () => undefined) as never },
    {
      cause: 'organization("acme") must resolve to { sso: boolean, seats: number | null }; received undefined',
      remedy: 'the user must start again',
    },
  ),
  storeFailureCase(
    'organization() returns a row of the database',
    { organization: (async () => ({ plan: 'gold' })) as never },
    {
      cause: 'received an object whose sso is undefined',
      remedy: 'must resolve to { sso: boolean, seats: number | null }',
    },
  ),
];

/** A browser does not send a cookie of 127.0.0.1 to localhost. */
async function onLoopback(host: string): Promise<unknown> {
  const app = product({ baseUrl: 'http://localhost:3000/sso' });
  const begun = await begin(app.sso, {});
  const { fields } = await app.idp.login(begun, 'alice-1');
  const cookies = host === 'localhost' ? jar(begun.cookie) : undefined;
  return app.sso.completeLogin({ samlResponse: fields['SAMLResponse'] ?? '', cookies });
}

async function twoProcesses(secret: string | readonly string[]): Promise<unknown> {
  const [one, two] = [product(), product({ secret })];
  const begun = await begin(one.sso, {});
  const samlResponse = respond(one, { inResponseTo: requestIdOf(begun), audience: entityId });
  return two.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) });
}
