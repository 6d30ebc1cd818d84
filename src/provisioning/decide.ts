import type { Account, Identity } from './account.ts';
import type { Decision } from './decision.ts';
import { inDomains, mayNameAnyEmail } from './email.ts';
import { checkFound } from './invariants.ts';
import { linkIdentity } from './link.ts';
import { decideNewUser, rejectIfOff } from './new-user.ts';
import { checkPreconditions, rejectMissingEmail } from './preconditions.ts';
import { firstItems, quoted, type Rejection, reject } from './reject.ts';
import type { Situation } from './situation.ts';
import { synchronize, unchanged } from './sync.ts';

/**
 * Decides how a login changes the accounts, and changes nothing itself: the same situation gives the same decision. The first
 * rejection that applies wins, in the order of docs/provisioning-rules.md.
 *
 * @param situation the profile of the login, the accounts that match, and the policy
 * @throws TypeError if `found` holds an account that does not match the query, or the policy names a role that the application
 * does not have
 * @example
 * ```ts
 * import { decide } from 'saml-jit';
 *
 * const decision = decide({
 *   connection, // of parseConnection
 *   organization: { sso: true, seats: 50 },
 *   roles: ['admin', 'member'],
 *   profile, // of readProfile
 *   found: { bySubject: null, byEmail: null }, // of UserStore.find
 *   now: new Date(),
 * });
 * if (decision.action === 'reject') console.warn(decision.reason, decision.hint);
 * ```
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
  // Rule verified-domains.
  if (!mayNameAnyEmail(connection) && !inDomains(email, connection.domains)) {
    return reject(
      'domain_not_allowed',
      `Expected an e-mail address in ${quoted(connection.domains)}, the verified domains of connection ` +
        `"${connection.id}"${connection.domains.length === 0 ? ' (policy.requireDomains)' : ''}; received ` +
        `${quoted([email])}. Verify its domain and add it, or correct the address.`,
      { email, domains: firstItems(connection.domains) },
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
  const link = linkIdentity(situation, account, identity);
  if ('reason' in link) return link;
  return rejectInactive(account) ?? rejectIfOff(situation) ?? synchronize(situation, account, link);
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
