import type { Connection } from '../../src/connections/connection.ts';
import { resolvePolicy } from '../../src/connections/policy.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import { type ProvisionResult, provision } from '../../src/provisioning/provision.ts';
import type { Account, AuditRecord, NewUser, UserStore } from '../../src/provisioning/user-store.ts';

export const now = new Date('2026-03-01T12:00:00.123Z');
const issuer = 'https://idp.acme.example';

/** The identity that logins of `person` bring. */
export function identityOf(person: string) {
  return { connectionId: 'okta', issuer, subject: person };
}

/** A whole login of `person@acme.example`. */
export function login(
  store: UserStore<Account>,
  organizationId: string,
  person: string,
  { role = 'member', name = 'Ann', seats = null }: { role?: string; name?: string; seats?: number | null } = {},
): Promise<ProvisionResult<Account>> {
  const profile: Profile = {
    subject: person,
    subjectSource: 'nameId',
    email: `${person}@acme.example`,
    emailProblem: null,
    name,
    nameIsFallback: false,
    nameIsEmpty: false,
    roleValues: [role],
    groups: { kind: 'absent' },
    custom: {},
    customProblems: {},
    required: {},
    receivedAttributes: [],
  };
  return provision({
    store,
    connection: { ...connection, organizationId },
    organization: { sso: true, seats },
    roles: ['owner', 'admin', 'member'],
    profile,
    now,
    assertionId: '_assertion',
  });
}

const connection: Connection = {
  id: 'okta',
  organizationId: 'acme',
  enabled: true,
  idp: {
    entityId: issuer,
    sso: { redirect: `${issuer}/sso` },
    certificates: [],
    requireSigned: 'either',
    allowSha1: false,
    signRequests: false,
    nameIdFormat: null,
    preset: 'generic',
    mapping: { custom: {} },
  },
  domains: ['acme.example'],
  policy: resolvePolicy(undefined),
  acs: 'shared',
};

export function newUser(organizationId: string, person: string, changes: Partial<NewUser<Account>> = {}) {
  const identity = identityOf(person);
  const email = `${person}@acme.example`;
  const user = { organizationId, email, emailVerified: true, name: 'Ann', role: 'member', identity, custom: {} };
  return { ...user, lastLoginAt: now, ...changes };
}

export function record(action: AuditRecord['action'], organizationId: string, person: string): AuditRecord {
  const identity = identityOf(person);
  const common = { connectionId: 'okta', assertionId: '_assertion', changes: [], notes: [] };
  return { ...common, at: now, organizationId, identity, action };
}
