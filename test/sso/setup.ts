import type { ConnectionInput, LoginAccepted, LoginStart, SsoEvent, SsoOptions } from '../../src/index.ts';
import { type Account, createSso, memoryUserStore, type Sso } from '../../src/index.ts';
import { readAuthnRequest, receivePost, receiveRedirect } from '../../src/testing/idp/request.ts';
import { createTestIdp, type RespondOptions, selfSigned, type TestIdp } from '../../src/testing/index.ts';

export const roles = ['owner', 'admin', 'member'] as const;
export type Role = (typeof roles)[number];
export const start = new Date('2026-11-24T08:00:00Z');

// One key for all: making one takes a tenth of a second.
export const key = selfSigned();
export const untrustedKey = selfSigned({ commonName: 'untrusted.example' });

export interface Product {
  readonly sso: Sso<Account<Role>>;
  readonly idp: TestIdp;
  readonly users: ReturnType<typeof memoryUserStore<Role>>;
  readonly events: SsoEvent[];
  /** Moves the clock. */
  readonly pass: (seconds: number) => void;
  readonly now: () => Date;
}

/** One product with one customer, `acme`, whose identity provider knows Alice. */
export function product(
  options: Partial<SsoOptions<Account<Role>>> = {},
  connection: Partial<ConnectionInput> = {},
  idpOptions: Parameters<typeof createTestIdp>[0] = {},
): Product {
  let time = start.getTime();
  const now = (): Date => new Date(time);
  const idp = createTestIdp({
    users: [{ id: 'alice-1', email: 'alice@acme.example', firstName: 'Alice', lastName: 'Liddell', role: 'admin' }],
    now,
    key,
    ...idpOptions,
  });
  const users = memoryUserStore<Role>({ roles });
  const events: SsoEvent[] = [];
  const sso = createSso<Account<Role>>({
    baseUrl: 'https://app.example.com/sso',
    secret: 'a secret of more than 32 characters',
    roles,
    users,
    connections: { id: 'acme', organizationId: 'acme', idp: { metadata: idp.metadata() }, ...connection },
    onEvent: (event) => events.push(event),
    now,
    ...options,
  });
  return {
    sso,
    idp,
    users,
    events,
    now,
    pass: (seconds) => {
      time += seconds * 1000;
    },
  };
}

export const acsUrl = 'https://app.example.com/sso/acs';
export const entityId = 'https://app.example.com/sso/metadata';

/** An unsolicited response. */
export function unsolicited({ idp }: Product, overrides: Partial<RespondOptions> = {}): string {
  return idp.respond({ user: 'alice-1', acsUrl, audience: entityId, ...overrides });
}

/** The cookies that a browser keeps of Set-Cookie values. */
export function jar(...setCookies: readonly string[]): string {
  return setCookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; ');
}

/** ID of the AuthnRequest that a login begins with. */
export function requestIdOf(begun: LoginStart): string {
  const { root } =
    begun.kind === 'redirect'
      ? receiveRedirect(new URL(begun.url).search)
      : receivePost(begun.fields['SAMLRequest'] ?? '', begun.fields['RelayState']);
  return readAuthnRequest(root).id;
}

export async function begin(
  sso: Sso<Account<Role>>,
  ...args: Parameters<Sso<Account<Role>>['beginLogin']>
): Promise<LoginStart> {
  const begun = await sso.beginLogin(...args);
  if (begun.kind === 'unavailable') throw new Error(`unavailable: ${begun.reason}`);
  return begun;
}

/** A whole login through the login page. */
export async function login(
  { sso, idp }: Product,
  user = 'alice-1',
  options: Parameters<Sso<Account<Role>>['beginLogin']>[1] = {},
): Promise<LoginAccepted<Account<Role>>> {
  const begun = await begin(sso, {}, options);
  const { fields } = await idp.login(begun, user);
  const result = await sso.completeLogin({ samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) });
  if (result.outcome === 'rejected' || result.outcome === 'redirect') throw new Error(result.outcome);
  return result;
}
