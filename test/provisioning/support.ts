import { expect } from 'vitest';
import type { Connection, ProvisioningPolicy } from '../../src/connections/connection.ts';
import { resolveSecurity } from '../../src/connections/security.ts';
import { decide } from '../../src/provisioning/decide.ts';
import type { Decision } from '../../src/provisioning/decision.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import type { RejectReason } from '../../src/provisioning/reject.ts';
import type { Situation } from '../../src/provisioning/situation.ts';
import type { Account, Identity } from '../../src/provisioning/user-store.ts';
import type { Assertion, AssertionSubject } from '../../src/saml/assertion.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { type AttributeReader, attributeReader } from '../../src/saml/select.ts';
import type { VerifiedXml } from '../../src/xml/signature.ts';

export type Role = 'owner' | 'admin' | 'member';
export type User = Account<Role>;

export const roles: readonly Role[] = ['owner', 'admin', 'member'];
export const now: Date = new Date('2026-03-01T12:00:00Z');
export const issuer = 'https://idp.acme.example';
export const spEntityId = 'https://app.example.com/sso/metadata';

const policyDefaults: ProvisioningPolicy = {
  mode: 'create-and-update',
  roleMap: {},
  unmappedRoles: undefined,
  defaultRole: null,
  roleCeiling: null,
  protectedRole: undefined,
  absentGroups: 'unknown',
  groupsOverage: 'unknown',
  sync: { name: 'always', role: 'always', email: 'always' },
  keepManual: [],
  clearable: [],
  rebind: false,
  linkUnverified: 'never',
  recreate: false,
  requireDomains: false,
  requiredAttributes: {},
  subject: undefined,
  idpInitiated: 'restart',
};

function policy(changes: Partial<ProvisioningPolicy> = {}): ProvisioningPolicy {
  return { ...policyDefaults, ...changes };
}

export function connection(
  changes: Partial<Connection> = {},
  policyChanges: Partial<ProvisioningPolicy> = {},
): Connection {
  return {
    id: 'acme-okta',
    organizationId: 'acme',
    enabled: true,
    idp: {
      entityId: issuer,
      sso: { redirect: `${issuer}/sso` },
      certificates: [],
      binding: 'redirect',
      requireSigned: 'either',
      signRequests: null,
      requestSignatureHash: null,
      nameIdFormat: null,
      metadataValidUntil: null,
      preset: 'generic',
      mapping: { customAttributes: {} },
    },
    domains: ['acme.example'],
    policy: policy(policyChanges),
    security: resolveSecurity(),
    acs: 'shared',
    ...changes,
  };
}

export const identity: Identity = { connectionId: 'acme-okta', issuer, subject: 'alice-1' };

export function profile(changes: Partial<Profile> = {}): Profile {
  return {
    subject: 'alice-1',
    subjectSource: 'nameId',
    subjectProblem: null,
    email: 'alice@acme.example',
    emailProblem: null,
    name: 'Alice Adams',
    nameIsFallback: false,
    nameIsEmpty: false,
    roleValues: ['member'],
    groups: { kind: 'absent' },
    customAttributes: {},
    customAttributeProblems: {},
    required: {},
    receivedAttributes: ['email', 'full_name', 'role'],
    ...changes,
  };
}

/** Alice, as she is known. */
export function account(changes: Partial<User> = {}): User {
  return {
    id: 'u1',
    organizationId: 'acme',
    email: 'alice@acme.example',
    name: 'Alice Adams',
    role: 'member',
    status: 'active',
    emailVerified: true,
    identities: [identity],
    version: '1',
    ...changes,
  };
}

/** A first login of Alice, with verified domains and roles, unless changed. */
export function situation(
  changes: Partial<Situation<User>> = {},
  policyChanges: Partial<ProvisioningPolicy> = {},
): Situation<User> {
  return {
    connection: connection({}, policyChanges),
    organization: { sso: true, seats: null },
    roles,
    profile: profile(),
    now,
    found: { bySubject: null, byEmail: null },
    ...changes,
  };
}

/** A first login of Alice, but for what is named. */
export interface Case {
  readonly profile?: Partial<Profile>;
  readonly policy?: Partial<ProvisioningPolicy>;
  readonly connection?: Partial<Connection>;
  readonly bySubject?: User;
  readonly byEmail?: User;
  readonly situation?: Partial<Situation<User>>;
}

function build(input: Case): Situation<User> {
  return situation({
    connection: connection(input.connection, input.policy),
    profile: profile(input.profile),
    found: { bySubject: input.bySubject ?? null, byEmail: input.byEmail ?? null },
    ...input.situation,
  });
}

export const decideCase = (input: Case): Decision<User> => decide(build(input));

export function rejection(input: Case): { reason: RejectReason; message: string; hint: string } | null {
  const decision = decideCase(input);
  return decision.action === 'reject' ? decision : null;
}

/** The reason, or the action of a decision that lets the person in. */
export function verdict(input: Case): string {
  const decision = decideCase(input);
  return decision.action === 'reject' ? decision.reason : decision.action;
}

/** What an accepted login writes, but for its time. */
export function outcome(input: Case): object {
  const decision = decideCase(input);
  if (decision.action === 'reject') throw new Error(decision.reason);
  const { lastLoginAt, ...write } = decision.write;
  expect(lastLoginAt).toBe(now);
  return { action: decision.action, write, changes: decision.changes, notes: decision.notes };
}

/** The role after an accepted login, and its notes. */
export function roleAfter(input: Case): readonly [string | null, ...string[]] {
  const decision = decideCase(input);
  if (decision.action === 'reject') throw new Error(decision.reason);
  const kept = decision.action === 'create' ? null : decision.user.role;
  return [decision.write.role === undefined ? kept : decision.write.role, ...decision.notes];
}

export type Attributes = Readonly<Record<string, readonly string[]>>;

export function assertion(
  attributes: Attributes,
  nameId: string | null = 'alice-1',
  format: string = nameIdFormats.persistent,
  qualifiers: Pick<AssertionSubject, 'nameQualifier' | 'spNameQualifier'> = {},
): Assertion {
  return {
    id: '_a1',
    issuer,
    issueInstant: now,
    subject: nameId === null ? null : { nameId, format, ...qualifiers },
    attributes: new Map(Object.entries(attributes)),
    attributeList: Object.entries(attributes).map(([name, values]) => ({ name, values })),
    session: {},
    authnInstant: now,
    audiences: [],
    notOnOrAfter: new Date(now.getTime() + 300_000),
  };
}

/** Reads attributes as the verbs do, but for XPath. */
export function reader(message: Assertion): AttributeReader {
  // Only XPath sources look at the verified XML.
  return attributeReader(message, {} as unknown as VerifiedXml);
}
