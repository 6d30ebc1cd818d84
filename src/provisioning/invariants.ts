import { changedFields, createdFields } from './changes.ts';
import { inDomains, mayNameAnyEmail, normalizeEmail, parseEmail } from './email.ts';
import { outranks, rolePolicy } from './roles.ts';
import type { Decision, Situation } from './situation.ts';
import { type Account, type Identity, sameIdentity } from './user-store.ts';

/**
 * Checks that a store found what it was asked for. A database whose collation ignores case or accents would otherwise hand
 * one person the account of another.
 *
 * @throws TypeError
 */
export function checkFound<U extends Account<string>>(
  { connection, found, profile }: Situation<U>,
  identity: Identity,
): void {
  const { bySubject, byEmail } = found;
  demand(
    bySubject === null || bySubject.organizationId === connection.organizationId,
    'find() gave bySubject of another organization',
  );
  demand(
    bySubject === null || bears(bySubject, identity),
    'find() gave bySubject without the identity that was asked for',
  );
  demand(
    byEmail === null || (profile.email !== null && normalizeEmail(byEmail.email) === normalizeEmail(profile.email)),
    'find() gave byEmail with another e-mail address',
  );
}

/**
 * Checks the answer of `UserStore.decide` (row 26) and completes it: the operator may be stricter or milder than the table,
 * but can neither cross organizations, nor revive anybody, nor pass the ceiling, nor hand an account to another identity.
 *
 * @throws TypeError
 */
export function checkDecision<U extends Account<string>>(
  situation: Situation<U>,
  identity: Identity,
  decision: Decision<U>,
): Decision<U> {
  if (decision.action === 'reject') return decision;
  const { connection, found } = situation;
  const { bySubject, byEmail } = found;
  const { email, role } = decision.write;
  const policy = rolePolicy<string>(connection.policy, situation.roles);
  if (role !== undefined && role !== null) {
    demand(policy?.roles.includes(role), `decide() wrote the role "${role}", which the application does not have`);
    demand(
      !policy?.ceiling || !outranks(policy.roles, role, policy.ceiling),
      `decide() wrote the role "${role}", above the ceiling`,
    );
  }
  if (email !== undefined) {
    const allowed = mayNameAnyEmail(connection) ? parseEmail(email) : inDomains(email, connection.domains);
    demand(allowed, 'decide() wrote an e-mail address that is invalid or outside the verified domains');
  }
  if (decision.action === 'create') {
    demand(
      decision.write.organizationId === connection.organizationId,
      'decide() created a user of another organization',
    );
    demand(sameIdentity(decision.write.identity, identity), 'decide() created a user with another identity');
    demand(
      !bySubject || (bySubject.status === 'removed' && connection.policy.recreate),
      'decide() created a known person anew',
    );
    demand(byEmail?.status !== 'removed' || connection.policy.recreate, 'decide() created a removed person anew');
    return { ...decision, changes: createdFields(decision.write) };
  }
  const { write: answered } = decision;
  const user = [bySubject, byEmail].find((each) => each?.id === decision.user.id);
  demand(
    user && user.organizationId === connection.organizationId,
    'decide() let somebody in as a user who was not found',
  );
  demand(
    !bySubject || bySubject.status === 'removed' || user === bySubject,
    'decide() let a known person in as somebody else',
  );
  demand(user.status === 'active' || user.status === 'invited', `decide() let in a ${user.status} user`);
  demand(!answered.addIdentity || sameIdentity(answered.addIdentity, identity), 'decide() added another identity');
  demand(
    !answered.removeIdentity || bears(user, answered.removeIdentity),
    'decide() removed an identity that the user does not have',
  );
  // A new address does not inherit the proof of the one before.
  const moved = email !== undefined && normalizeEmail(email) !== normalizeEmail(user.email);
  const emailVerified = answered.emailVerified ?? (moved ? inDomains(email, connection.domains) : undefined);
  const write = emailVerified === undefined ? answered : { ...answered, emailVerified };
  const changes = changedFields(user, write);
  return { ...decision, user, write, action: changes.length > 0 ? 'update' : 'none', changes };
}

function bears(user: Account<string>, identity: Identity): boolean {
  return user.identities.some((each) => sameIdentity(each, identity));
}

function demand(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TypeError(`UserStore: ${message}`);
}

/** The function of the user store whose answer broke an invariant, e.g. `find`; `undefined` for any other error. */
export function violatingFunction(error: unknown): string | undefined {
  return error instanceof TypeError ? /^UserStore: (\w{1,20})\(\)/.exec(error.message)?.[1] : undefined;
}
