import { createdFields } from './changes.ts';
import { inDomains, mayNameAnyEmail } from './email.ts';
import { checkFound } from './invariants.ts';
import { checkPreconditions, emailMissing } from './preconditions.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import { newRole, rolePolicy } from './roles.ts';
import type { Decision, Situation } from './situation.ts';
import { groupNotes, type Link, synchronize, unchanged } from './sync.ts';
import { type Account, describeIdentity, type Identity } from './user-store.ts';

export type { RejectReason } from './reject.ts';
export type { Acceptance, Decision, FieldReason, Note, Situation } from './situation.ts';

/**
 * Decides what a login does to the accounts, and does nothing itself: the same situation gives the same decision. The first
 * rejection that applies wins, in the order of the decision table.
 *
 * @throws TypeError if `found` holds an account that does not answer the question, or the policy names a role that the
 * application does not have
 */
export function decide<U extends Account<string>>(situation: Situation<U>): Decision<U> {
  const screened = checkPreconditions(situation);
  if ('reason' in screened) return screened;
  checkFound(situation, screened.identity);
  const { policy } = situation.connection;
  const { bySubject } = situation.found;
  if (bySubject === null || (bySubject.status === 'removed' && policy.recreate)) {
    return notKnownBySubject(situation, screened.identity);
  }
  return (
    unavailable(bySubject) ??
    (policy.mode === 'off' ? unchanged(situation, bySubject) : synchronize(situation, bySubject, {}))
  );
}

function notKnownBySubject<U extends Account<string>>(situation: Situation<U>, identity: Identity): Decision<U> {
  const { connection, found, profile } = situation;
  const { email } = profile;
  if (email === null) return emailMissing(profile);
  if (!mayNameAnyEmail(connection) && !inDomains(email, connection.domains)) {
    return reject(
      'domain_not_allowed',
      `Expected an e-mail address in ${quoted(connection.domains)}, the verified domains of connection ` +
        `"${connection.id}"${connection.domains.length === 0 ? ' (policy.requireDomains)' : ''}; received ` +
        `${quoted([email])}. Verify its domain and add it, or correct the address.`,
    );
  }
  const account = found.byEmail;
  if (account !== null && account.organizationId !== connection.organizationId) {
    // Every other reason comes first: only an account that would be created shows that the address is in use elsewhere.
    const created = newPerson(situation, identity, email);
    if (created.action === 'reject') return created;
    const hint = `The address ${quoted([email])} is in use elsewhere and cannot be registered here; use another one.`;
    return reject('email_in_other_organization', hint);
  }
  if (account === null) return newPerson(situation, identity, email);
  if (account.status !== 'removed') return knownByEmail(situation, account, identity);
  return connection.policy.recreate ? newPerson(situation, identity, email) : removed(account);
}

// Rows 12, 16 and 18.
function knownByEmail<U extends Account<string>>(situation: Situation<U>, account: U, identity: Identity): Decision<U> {
  const link = linkFor(situation, account, identity);
  if ('reason' in link) return link;
  return unavailable(account) ?? disabled(situation) ?? synchronize(situation, account, link);
}

// Row 12: on what grounds an identity provider that knows only the e-mail address may have the account.
function linkFor<U extends Account<string>>(
  { connection, roles }: Situation<U>,
  account: U,
  identity: Identity,
): Link | Rejection {
  const { domains, policy } = connection;
  const proven = inDomains(account.email, domains);
  const who = `Account "${account.id}"`;
  const sameProvider = account.identities.find(
    (each) => each.connectionId === identity.connectionId && each.issuer === identity.issuer,
  );
  if (sameProvider !== undefined && !policy.rebind) {
    return reject(
      'subject_conflict',
      `${who} has this e-mail address and is known as ${quoted([describeIdentity(sameProvider)])} at this identity provider; ` +
        `received ${quoted([describeIdentity(identity)])}. If it is the same person, remove the old identity or set policy.rebind; if the address ` +
        'went to somebody else, remove the account.',
    );
  }
  // Whoever lies in wait under another person's address is replaced by a rebinding, unless they have a second way in.
  const replaced = sameProvider !== undefined && account.identities.length === 1;
  const isTrusted = policy.linkUnverified === 'verifiedDomains' && proven && account.identities.length === 0;
  if (!account.emailVerified && !replaced && !isTrusted) {
    return reject('link_needs_verification', `${who} ${unverifiedHint(account, domains)}`);
  }
  // Whoever registered the address has other ways into the account, which the application must close.
  const notes: Link['notes'] = account.emailVerified ? [] : ['unverified_account_linked'];
  if (sameProvider !== undefined) return { addIdentity: identity, removeIdentity: sameProvider, notes };
  const verify = `Verify the domain of ${quoted([account.email])} and add it to the connection's domains.`;
  if (account.identities.length > 0 && !proven) {
    return reject('subject_conflict', `${who} belongs to an identity of another connection or issuer. ${verify}`);
  }
  const ownerRole = rolePolicy(policy, roles)?.protected ?? null;
  if (account.identities.length === 0 && ownerRole !== null && account.role === ownerRole && !proven) {
    return reject('link_needs_verification', `${who} has the protected role ${quoted([ownerRole])}. ${verify}`);
  }
  return { addIdentity: identity, notes };
}

function unverifiedHint({ email, identities }: Account<string>, domains: readonly string[]): string {
  const remedy = 'Verify the address in the application (emailVerified of the account), or remove the account';
  if (identities.length > 0) {
    return `has this e-mail address unverified, and belongs to another identity: whoever signs in by that one would keep the account. ${remedy}.`;
  }
  const domain = inDomains(email, domains)
    ? 'its domain is verified for this connection'
    : "its domain is not among the connection's domains: verify it and add it";
  return (
    `has this e-mail address unverified: somebody may have registered it before its owner. ${remedy}; or set ` +
    `policy.linkUnverified to "verifiedDomains", which trusts verified domains (${domain}).`
  );
}

// Rows 14, 18, 25, 20 and 6 to 9.
function newPerson<U extends Account<string>>(situation: Situation<U>, identity: Identity, email: string): Decision<U> {
  const { connection, organization, profile, now } = situation;
  const off = disabled(situation);
  if (off) return off;
  if (connection.policy.mode === 'update-only') {
    return reject(
      'not_invited',
      `Nobody here has the address ${quoted([email])}, and policy.mode is "update-only"; invite the person first.`,
    );
  }
  if (organization.scim) {
    return reject(
      'not_provisioned',
      `Nobody here has the address ${quoted([email])}, and SCIM creates the people of organization ` +
        `"${connection.organizationId}" (organization() says scim: true). Assign the person to the application's SCIM ` +
        'provisioning at the identity provider, with this very address, and wait for its next run.',
    );
  }
  if ((situation.seatsTaken ?? 0) >= (organization.seats ?? Infinity)) {
    const seats = organization.seats === null ? 'The' : `All ${organization.seats}`;
    const where = `organization "${connection.organizationId}"`;
    return reject('seat_limit_reached', `${seats} seats of ${where} are taken; add seats or remove users.`);
  }
  const policy = rolePolicy<NonNullable<U['role']>>(connection.policy, situation.roles);
  const role = policy && newRole(policy, profile);
  if (role?.action === 'reject') return role;
  const write = {
    organizationId: connection.organizationId,
    email,
    emailVerified: inDomains(email, connection.domains),
    name: profile.name,
    role: role?.action === 'set' ? role.role : null,
    identity,
    customAttributes: profile.customAttributes,
    lastLoginAt: now,
  };
  const notes = [...(role?.notes ?? []), ...groupNotes(profile)];
  return { action: 'create', write, changes: createdFields(write), notes };
}

function disabled<U extends Account<string>>({ connection }: Situation<U>): Rejection | null {
  if (connection.policy.mode !== 'off') return null;
  return reject(
    'provisioning_disabled',
    'policy.mode is "off": only people whom this connection already knows can sign in. Change the mode to let others in.',
  );
}

// Row 16: a login never revives anybody.
function unavailable(account: Account<string>): Rejection | null {
  if (account.status === 'removed') return removed(account);
  if (account.status !== 'suspended') return null;
  return reject(
    'user_suspended',
    `Account "${account.id}" is suspended; restore it in the application to let the person in.`,
  );
}

function removed(account: Account<string>): Rejection {
  return reject(
    'user_removed',
    `Account "${account.id}" was removed; restore it, or set policy.recreate to create a new one.`,
  );
}
