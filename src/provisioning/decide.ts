import { type Account, describeIdentity, type Identity } from './account.ts';
import { createdFields } from './changes.ts';
import type { Decision, FieldReason } from './decision.ts';
import { inDomains, mayNameAnyEmail } from './email.ts';
import { attributeKeys, decidedFields, type FieldReasons } from './fields.ts';
import { checkFound } from './invariants.ts';
import { checkPreconditions, rejectMissingEmail } from './preconditions.ts';
import type { Profile } from './profile.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import { grantedRole, newRole, rolePolicy, roleReason } from './roles.ts';
import type { Situation } from './situation.ts';
import { groupNotes, type Link, synchronize, unchanged } from './sync.ts';

/**
 * Decides how a login changes the accounts, and changes nothing itself: the same situation gives the same decision. The first
 * rejection that applies wins, in the order of docs/provisioning-rules.md.
 *
 * @throws TypeError if `found` holds an account that does not match the query, or the policy names a role that the application
 * does not have
 */
export function decide<U extends Account<string>>(situation: Situation<U>): Decision<U> {
  const checked = checkPreconditions(situation);
  if ('reason' in checked) return checked;
  checkFound(situation, checked.identity);
  const { policy } = situation.connection;
  const { bySubject } = situation.found;
  if (bySubject === null || (bySubject.status === 'removed' && policy.recreate)) {
    return decideUnknownSubject(situation, checked.identity);
  }
  // Rule known-by-subject.
  return (
    rejectInactive(bySubject) ??
    (policy.mode === 'off' ? unchanged(situation, bySubject) : synchronize(situation, bySubject, {}))
  );
}

function decideUnknownSubject<U extends Account<string>>(situation: Situation<U>, identity: Identity): Decision<U> {
  const { connection, found, profile } = situation;
  const { email } = profile;
  if (email === null) return rejectMissingEmail(profile);
  if (!mayNameAnyEmail(connection) && !inDomains(email, connection.domains)) {
    return reject(
      'domain_not_allowed',
      `Expected an e-mail address in ${quoted(connection.domains)}, the verified domains of connection ` +
        `"${connection.id}"${connection.domains.length === 0 ? ' (policy.requireDomains)' : ''}; received ` +
        `${quoted([email])}. Verify its domain and add it, or correct the address.`,
      { email, domains: connection.domains },
    );
  }
  const account = found.byEmail;
  if (account !== null && account.organizationId !== connection.organizationId) {
    // Rule other-organization: every other reason comes first, so that only a login that would create an account reveals it.
    const created = decideNewUser(situation, identity, email);
    if (created.action === 'reject') return created;
    const hint = `The address ${quoted([email])} is in use elsewhere and cannot be registered here; use another one.`;
    return reject('email_in_other_organization', hint, { email });
  }
  if (account === null) return decideNewUser(situation, identity, email);
  if (account.status !== 'removed') return decideKnownEmail(situation, account, identity);
  return connection.policy.recreate ? decideNewUser(situation, identity, email) : rejectRemoved(account);
}

// Rules known-by-email, removed-user, suspended-user and provisioning-mode.
function decideKnownEmail<U extends Account<string>>(
  situation: Situation<U>,
  account: U,
  identity: Identity,
): Decision<U> {
  const link = linkFor(situation, account, identity);
  if ('reason' in link) return link;
  return rejectInactive(account) ?? rejectIfOff(situation) ?? synchronize(situation, account, link);
}

// Rule known-by-email: whether an identity may be linked to an account that has only the e-mail in common with it.
function linkFor<U extends Account<string>>(
  { connection, roles }: Situation<U>,
  account: U,
  identity: Identity,
): Link | Rejection {
  const { domains, policy } = connection;
  const isInDomains = inDomains(account.email, domains);
  const who = `Account "${account.id}"`;
  const sameProvider = account.identities.find(
    (each) => each.connectionId === identity.connectionId && each.issuer === identity.issuer,
  );
  // Rule changed-subject.
  if (sameProvider !== undefined && !policy.rebind) {
    return reject(
      'subject_conflict',
      `${who} has this e-mail address and is known as ${quoted([describeIdentity(sameProvider)])} at this identity provider; ` +
        `received ${quoted([describeIdentity(identity)])}. If it is the same person, remove the old identity or set policy.rebind; if the address ` +
        'was given to another person, remove the account.',
      { userId: account.id, known: describeIdentity(sameProvider), received: describeIdentity(identity) },
    );
  }
  // Rule unverified-email. With rebind, the identity of an attacker who registered the address first is removed, unless the
  // account has another identity.
  const isReplaced = sameProvider !== undefined && account.identities.length === 1;
  const isTrusted = policy.linkUnverified === 'verifiedDomains' && isInDomains && account.identities.length === 0;
  if (!account.emailVerified && !isReplaced && !isTrusted) {
    const details = { userId: account.id, cause: 'email_unverified' } as const;
    return reject('link_needs_verification', `${who} ${unverifiedHint(account, domains)}`, details);
  }
  // The application must end sessions and revoke credentials that an attacker may have, who registered the address first.
  const notes: Link['notes'] = account.emailVerified ? [] : ['unverified_account_linked'];
  if (sameProvider !== undefined) return { addIdentity: identity, removeIdentity: sameProvider, notes };
  const verify = `Verify the domain of ${quoted([account.email])} and add it to the connection's domains.`;
  // Rule second-identity.
  if (account.identities.length > 0 && !isInDomains) {
    return reject('subject_conflict', `${who} has an identity of another connection or issuer. ${verify}`, {
      userId: account.id,
      known: null,
      received: describeIdentity(identity),
    });
  }
  // Rule first-identity.
  const ownerRole = rolePolicy(policy, roles)?.protected ?? null;
  if (account.identities.length === 0 && ownerRole !== null && account.role === ownerRole && !isInDomains) {
    const details = { userId: account.id, cause: 'protected_role' } as const;
    return reject(
      'link_needs_verification',
      `${who} has the protected role ${quoted([ownerRole])}. ${verify}`,
      details,
    );
  }
  return { addIdentity: identity, notes };
}

function unverifiedHint({ email, identities }: Account<string>, domains: readonly string[]): string {
  const remedy = 'Verify the address in the application (emailVerified of the account), or remove the account';
  if (identities.length > 0) {
    return `has this e-mail address unverified, and an identity of another connection or issuer, which would keep access to the account. ${remedy}.`;
  }
  const domain = inDomains(email, domains)
    ? 'its domain is verified for this connection'
    : "its domain is not among the connection's domains: verify it and add it";
  return (
    `has this e-mail address unverified: an attacker may have registered it before its owner. ${remedy}; or set ` +
    `policy.linkUnverified to "verifiedDomains", which trusts verified domains (${domain}).`
  );
}

// Rules new-user, provisioning-mode, scim-managed and seat-limit, then the rules about roles.
function decideNewUser<U extends Account<string>>(
  situation: Situation<U>,
  identity: Identity,
  email: string,
): Decision<U> {
  const { connection, organization, profile, now } = situation;
  const { organizationId } = connection;
  const off = rejectIfOff(situation);
  if (off) return off;
  if (connection.policy.mode === 'update-only') {
    return reject(
      'not_invited',
      `No account of this organization has the address ${quoted([email])}, and policy.mode is "update-only"; invite the person first.`,
      { email },
    );
  }
  if (organization.scim) {
    return reject(
      'not_provisioned',
      `No account of this organization has the address ${quoted([email])}, and the accounts of organization ` +
        `"${organizationId}" are created by SCIM (organization() returns scim: true). Assign the person to the application's SCIM ` +
        'provisioning at the identity provider, with exactly this address, and wait for its next run.',
      { email, organizationId },
    );
  }
  const { seats } = organization;
  if ((situation.seatsTaken ?? 0) >= (seats ?? Infinity)) {
    const hint = `${seats === null ? 'The' : `All ${seats}`} seats of organization "${organizationId}" are taken; add seats or remove users.`;
    return reject('seat_limit_reached', hint, { organizationId, seats });
  }
  const policy = rolePolicy<NonNullable<U['role']>>(connection.policy, situation.roles);
  const role = policy && newRole(policy, profile);
  if (role?.action === 'reject') return role;
  const write = {
    organizationId,
    email,
    emailVerified: inDomains(email, connection.domains),
    name: profile.name,
    role: role?.action === 'set' ? role.role : null,
    identity,
    customAttributes: profile.customAttributes,
    lastLoginAt: now,
  };
  const changes = createdFields(write);
  const reasons: FieldReasons = [
    ['email', 'set'],
    ['name', profile.nameIsFallback ? 'fallback' : profile.name === null ? 'absent' : 'set'],
    ...(policy && role?.action === 'set'
      ? [['role', roleReason(role, grantedRole(policy, profile), null)] as const]
      : []),
    ...attributeKeys(profile, null).map(
      (key) => [`customAttributes.${key}`, newAttributeReason(profile, key)] as const,
    ),
  ];
  const notes = [...(role?.notes ?? []), ...groupNotes(profile)];
  return { action: 'create', write, changes, notes, fields: decidedFields(null, reasons, changes) };
}

function newAttributeReason({ customAttributes }: Profile, key: string): FieldReason {
  return Object.hasOwn(customAttributes, key) ? 'set' : 'unusable';
}

function rejectIfOff<U extends Account<string>>({ connection }: Situation<U>): Rejection | null {
  if (connection.policy.mode !== 'off') return null;
  return reject(
    'provisioning_disabled',
    'policy.mode is "off": only people whom this connection already knows by subject can sign in. Change the mode to allow others.',
    { connectionId: connection.id },
  );
}

// Rules removed-user and suspended-user: a login never reactivates an account.
function rejectInactive(account: Account<string>): Rejection | null {
  if (account.status === 'removed') return rejectRemoved(account);
  if (account.status !== 'suspended') return null;
  return reject(
    'user_suspended',
    `Account "${account.id}" is suspended; restore it in the application to allow logins.`,
    { userId: account.id },
  );
}

function rejectRemoved(account: Account<string>): Rejection {
  return reject(
    'user_removed',
    `Account "${account.id}" was removed; restore it, or set policy.recreate to create a new one.`,
    { userId: account.id },
  );
}
