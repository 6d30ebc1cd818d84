import { type ProvisionResult, provision } from '../../src/provisioning/provision.ts';
import type { Account, AuditRecord, NewUser, UserStore } from '../../src/provisioning/user-store.ts';
import { connection, issuer, profile, roles } from '../provisioning/support.ts';

export const now = new Date('2026-03-01T12:00:00.123Z');

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
  return provision({
    store,
    connection: connection({ id: 'okta', organizationId }),
    organization: { sso: true, seats },
    roles,
    profile: profile({ subject: person, email: `${person}@acme.example`, name, roleValues: [role] }),
    now,
    assertionId: '_assertion',
  });
}

export function newUser(organizationId: string, person: string, changes: Partial<NewUser<Account>> = {}) {
  const identity = identityOf(person);
  const email = `${person}@acme.example`;
  const user = {
    organizationId,
    email,
    emailVerified: true,
    name: 'Ann',
    role: 'member',
    identity,
    customAttributes: {},
  };
  return { ...user, lastLoginAt: now, ...changes };
}

export function record(action: AuditRecord['action'], organizationId: string, person: string): AuditRecord {
  const identity = identityOf(person);
  const common = { connectionId: 'okta', assertionId: '_assertion', changes: [], notes: [] };
  return { ...common, at: now, organizationId, identity, action };
}
