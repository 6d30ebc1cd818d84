import { randomUUID } from 'node:crypto';
import type { Connection } from '../../../connections/connection.ts';
import type { FlatPolicyInput } from '../../../connections/input.ts';
import { resolvePolicy } from '../../../connections/policy.ts';
import { resolveSecurity } from '../../../connections/security.ts';
import type { Profile } from '../../../provisioning/profile.ts';
import type { Account, AuditRecord, Identity, NewUser } from '../../../provisioning/user-store.ts';

/** The roles of the cases, highest first. */
export const roles: readonly string[] = ['owner', 'admin', 'member'];
/** The time of the first logins. */
export const now: Date = new Date('2026-03-01T12:00:00.123Z');
/** The time of later logins. */
export const later: Date = new Date('2026-03-01T12:05:00.456Z');

/**
 * The names that a case uses: Ann of Acme, unless changed. All names are new, because a store may still contain the
 * accounts of other cases.
 */
export interface TestNames {
  /** ID of the organization that the connection belongs to. */
  readonly acme: string;
  /** ID of another organization. */
  readonly globex: string;
  /** Verified domain of the connection. */
  readonly domain: string;
  readonly assertionId: string;
  email(local: string): string;
  identity(subject: string, changes?: Partial<Identity>): Identity;
  connection(changes?: Partial<Connection>, policy?: FlatPolicyInput): Connection;
  record(action: AuditRecord['action'], changes?: Partial<AuditRecord>): AuditRecord;
  newUser(changes?: Partial<NewUser<Account>>): NewUser<Account>;
  profile(changes?: Partial<Profile>): Profile;
}

/** New names; the organizations have these IDs. */
export function newTestNames(acme: string, globex: string): TestNames {
  const tag = randomUUID().slice(0, 8);
  const connectionId = `okta-${tag}`;
  const domain = `acme-${tag}.example`;
  const issuer = `https://idp.${domain}`;
  const assertionId = `_${tag}`;
  const email = (local: string): string => `${local}@${domain}`;
  const identity: TestNames['identity'] = (subject, changes = {}) => ({ connectionId, issuer, subject, ...changes });
  return {
    acme,
    globex,
    domain,
    assertionId,
    email,
    identity,
    connection: (changes = {}, policy = {}) => ({
      id: connectionId,
      organizationId: acme,
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
      domains: [domain],
      policy: resolvePolicy(policy),
      security: resolveSecurity(),
      acs: 'shared',
      ...changes,
    }),
    record: (action, changes = {}) => ({
      at: now,
      connectionId,
      organizationId: acme,
      assertionId,
      identity: identity('ann'),
      action,
      changes: [],
      notes: [],
      ...changes,
    }),
    newUser: (changes = {}) => ({
      organizationId: acme,
      email: email('ann'),
      emailVerified: true,
      name: 'Ann',
      role: 'member',
      identity: identity('ann'),
      customAttributes: {},
      lastLoginAt: now,
      ...changes,
    }),
    profile: (changes = {}) => ({
      subject: 'ann',
      subjectSource: 'nameId',
      subjectProblem: null,
      email: email('ann'),
      emailProblem: null,
      name: 'Ann',
      nameIsFallback: false,
      nameIsEmpty: false,
      roleValues: ['member'],
      groups: { kind: 'absent' },
      customAttributes: {},
      customAttributeProblems: {},
      required: {},
      receivedAttributes: [],
      ...changes,
    }),
  };
}
