import { type Account, type Identity, sameIdentity } from './account.ts';
import { changedFields, createdFields } from './changes.ts';
import type { Decision } from './decision.ts';
import { inDomains, mayNameAnyEmail, normalizeEmail, parseEmail } from './email.ts';
import { overriddenFields } from './fields.ts';
import { outranks, rolePolicy } from './roles.ts';
import type { Situation } from './situation.ts';

/**
 * Checks that the accounts that a store found match the query. A database whose collation ignores case or accents could
 * otherwise give one user the account of another.
 *
 * @throws TypeError
 */
export function checkFound<U extends Account<string>>(
  { connection, found, profile }: Situation<U>,
  identity: Identity,
): void {
  const { bySubject, byEmail } = found;
  assertInvariant(
    bySubject === null || bySubject.organizationId === connection.organizationId,
    'find() gave bySubject of another organization',
  );
  assertInvariant(
    bySubject === null || hasIdentity(bySubject, identity),
    'find() gave bySubject without the identity that was asked for',
  );
  assertInvariant(
    byEmail === null || (profile.email !== null && normalizeEmail(byEmail.email) === normalizeEmail(profile.email)),
    'find() gave byEmail with another e-mail address',
  );
}

/**
 * Checks the result of `UserStore.decide` and completes its changes and fields (rule store-override). It may be stricter or
 * less strict than the rules, but cannot cross organizations, reactivate an account, exceed the ceiling, or give an account to
 * another identity.
 *
 * @throws TypeError
 */
export function checkDecision<U extends Account<string>>(
  situation: Situation<U>,
  identity: Identity,
  proposed: Decision<U>,
  decision: Decision<U>,
): Decision<U> {
  if (decision.action === 'reject') return decision;
  const { connection, found } = situation;
  const { bySubject, byEmail } = found;
  const { email, role } = decision.write;
  const policy = rolePolicy<string>(connection.policy, situation.roles);
  if (role !== undefined && role !== null) {
    assertInvariant(
      policy?.roles.includes(role),
      `decide() wrote the role "${role}", which the application does not have`,
    );
    assertInvariant(
      !policy?.ceiling || !outranks(policy.roles, role, policy.ceiling),
      `decide() wrote the role "${role}", above the ceiling`,
    );
  }
  if (email !== undefined) {
    const allowed = mayNameAnyEmail(connection) ? parseEmail(email) : inDomains(email, connection.domains);
    assertInvariant(allowed, 'decide() wrote an e-mail address that is invalid or outside the verified domains');
  }
  if (decision.action === 'create') {
    assertInvariant(
      decision.write.organizationId === connection.organizationId,
      'decide() created a user of another organization',
    );
    assertInvariant(sameIdentity(decision.write.identity, identity), 'decide() created a user with another identity');
    assertInvariant(
      !bySubject || (bySubject.status === 'removed' && connection.policy.recreate),
      'decide() created a known person anew',
    );
    assertInvariant(
      byEmail?.status !== 'removed' || connection.policy.recreate,
      'decide() created a removed person anew',
    );
    const created = { ...decision, changes: createdFields(decision.write) };
    return { ...created, fields: overriddenFields(situation, proposed, created) };
  }
  const { write: returned } = decision;
  const user = [bySubject, byEmail].find((each) => each?.id === decision.user.id);
  assertInvariant(
    user && user.organizationId === connection.organizationId,
    'decide() signed the person in as a user that find() did not return',
  );
  assertInvariant(
    !bySubject || bySubject.status === 'removed' || user === bySubject,
    'decide() signed a known person in as another user',
  );
  assertInvariant(user.status === 'active' || user.status === 'invited', `decide() signed in a ${user.status} user`);
  assertInvariant(
    !returned.addIdentity || sameIdentity(returned.addIdentity, identity),
    'decide() added another identity',
  );
  assertInvariant(
    !returned.removeIdentity || hasIdentity(user, returned.removeIdentity),
    'decide() removed an identity that the user does not have',
  );
  // A new address does not inherit the verification of the previous one.
  const isMoved = email !== undefined && normalizeEmail(email) !== normalizeEmail(user.email);
  const emailVerified = returned.emailVerified ?? (isMoved ? inDomains(email, connection.domains) : undefined);
  const write = emailVerified === undefined ? returned : { ...returned, emailVerified };
  const changes = changedFields(user, write);
  const action = changes.length > 0 ? 'update' : 'none';
  const completed = { ...decision, user, write, action, changes } as const;
  return { ...completed, fields: overriddenFields(situation, proposed, completed) };
}

function hasIdentity(user: Account<string>, identity: Identity): boolean {
  return user.identities.some((each) => sameIdentity(each, identity));
}

function assertInvariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TypeError(`UserStore: ${message}`);
}

/** The function of the user store whose result violated an invariant, e.g. `find`; `undefined` for any other error. */
export function violatingFunction(error: unknown): string | undefined {
  return error instanceof TypeError ? /^UserStore: (\w{1,20})\(\)/.exec(error.message)?.[1] : undefined;
}
