import { type Account, describeIdentity, type Identity } from './account.ts';
import { inDomains } from './email.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import { rolePolicy } from './roles.ts';
import type { Situation } from './situation.ts';
import type { Link } from './sync.ts';

/** Rule known-by-email: whether an identity may be linked to an account that has only the e-mail in common with it. */
export function linkIdentity<U extends Account<string>>(
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
