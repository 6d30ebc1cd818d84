import { SamlError } from '../../src/errors.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import type { SsoEventBody } from '../../src/sso/events.ts';
import type {
  CompleteLoginInput,
  FormStart,
  LoginRejected,
  LoginResult,
  LoginStart,
  LoginUnavailable,
  Sso,
} from '../../src/sso/types.ts';
import { UnknownConnection } from '../../src/sso/unknown-connection.ts';
import { defaultLimits } from '../../src/xml/limits.ts';

const at = new Date('2026-03-01T09:00:00Z');
const profile = { email: 'alice@acme.example' } as LoginRejected['profile'];

export const redirectStart: LoginStart = {
  kind: 'redirect',
  url: 'https://idp.example/sso?SAMLRequest=x',
  cookie: '__Host-saml-new=sealed; Path=/',
};

export const formStart: FormStart = {
  kind: 'form',
  html: '<!doctype html><form method="post"></form>',
  action: 'https://idp.example/sso',
  fields: { SAMLRequest: 'x' },
  scriptHash: `'sha256-abc='`,
  cookie: '__Host-saml-new=sealed; Path=/',
};

const alice: Account = {
  id: 'u1',
  organizationId: 'acme',
  email: 'alice@acme.example',
  name: 'Alice',
  role: null,
  status: 'active',
  emailVerified: true,
  identities: [],
};

export const accepted: LoginResult<Account> = {
  outcome: 'created',
  forceAuthn: false,
  user: alice,
  changes: [],
  notes: [],
  profile,
  assertion: {
    id: '_a',
    issuer: 'https://idp.example',
    issueInstant: at,
    subject: null,
    attributes: new Map(),
    attributeList: [],
    session: {},
    authnInstant: at,
    audiences: [],
    notOnOrAfter: at,
  },
  samlSession: { connectionId: 'acme', issuer: 'https://idp.example', nameId: null, nameIdFormat: null },
  returnTo: '/reports',
  connectionId: 'acme',
  organizationId: 'acme',
  expireCookies: ['__Host-saml-done=; Max-Age=0'],
};

export const rejected: LoginResult<Account> = {
  outcome: 'rejected',
  reason: 'seat_limit_reached',
  message: 'no <seat> is free',
  hint: 'secret of the operator',
  reference: 'K7QX-M2RD',
  profile,
  connectionId: 'acme',
  organizationId: 'acme',
  expireCookies: ['__Host-saml-done=; Max-Age=0'],
};

export const restarted: LoginResult<Account> = {
  outcome: 'redirect',
  start: redirectStart,
  connectionId: 'acme',
  organizationId: 'acme',
  expireCookies: ['__Host-saml-done=; Max-Age=0'],
};

/** No login begins for this reason. */
export function unavailable(
  reason: LoginUnavailable['reason'],
  choices?: LoginUnavailable['choices'],
): LoginUnavailable {
  return { kind: 'unavailable', reason, reference: 'K7QX-M2RD', choices };
}

const unused = () => Promise.reject(new Error('not used'));

/** An Sso with given results, which records its calls. */
export function fakeSso(
  answers: {
    start?: LoginStart | LoginUnavailable | Error;
    result?: LoginResult<Account> | Error;
    metadata?: Error;
  } = {},
) {
  const calls: { begin: unknown[][]; complete: CompleteLoginInput[]; metadata: unknown[] } = {
    begin: [],
    complete: [],
    metadata: [],
  };
  const events: SsoEventBody[] = [];
  const sso: Sso<Account> = {
    basePath: '/sso',
    limits: defaultLimits,
    defaultReturnTo: '/home?a=b&c',
    async beginLogin(...input) {
      calls.begin.push(input);
      const start = answers.start ?? redirectStart;
      if (start instanceof Error) throw start;
      return start;
    },
    async completeLogin(input) {
      calls.complete.push(input);
      const result = answers.result ?? accepted;
      if (result instanceof Error) throw result;
      return result;
    },
    async metadata(input) {
      calls.metadata.push(input?.connectionId);
      if (input?.connectionId === 'unknown') throw new UnknownConnection('unknown');
      if (answers.metadata !== undefined) throw answers.metadata;
      return '<EntityDescriptor/>';
    },
    emit: (event) => void events.push(event),
    explain: unused,
    connections: { get: unused, list: unused, save: unused, lookup: unused, serviceProvider: unused },
    users: { listStale: unused, suspend: unused, remove: unused, restore: unused },
  };
  return { sso, calls, events };
}

export const refused: SamlError = new SamlError('replayed', {
  hint: 'secret of the operator',
  details: { assertionId: '_a' },
});
