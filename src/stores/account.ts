import { type Account, type Changes, type Identity, sameIdentity } from '../provisioning/user-store.ts';

/** Whether the account is not removed: its e-mail and identities are then taken. */
export function isLiving(user: Account): boolean {
  return user.status !== 'removed';
}

/** Whether a login may change the account. */
export function isUsable(user: Account): boolean {
  return user.status === 'active' || user.status === 'invited';
}

/** The living account, else the last of the removed ones. */
export function livingFirst<R extends string>(users: readonly Account<R>[]): Account<R> | null {
  return users.find(isLiving) ?? users.at(-1) ?? null;
}

/** Whether the account has the identity. */
export function hasIdentity(user: Account, identity: Identity): boolean {
  return user.identities.some((each) => sameIdentity(each, identity));
}

/** The account after the changes of a login. */
export function changed<R extends string>(user: Account<R>, changes: Changes<Account<R>>): Account<R> {
  const { addIdentity, removeIdentity } = changes;
  const kept = user.identities.filter((each) => !(removeIdentity && sameIdentity(each, removeIdentity)));
  const setBy = (field: 'email' | 'name' | 'role') => (changes[field] === undefined ? user.provenance?.[field] : 'idp');
  return {
    ...user,
    email: changes.email ?? user.email,
    emailVerified: changes.emailVerified ?? user.emailVerified,
    name: changes.name === undefined ? user.name : changes.name,
    role: changes.role === undefined ? user.role : changes.role,
    status: changes.status ?? user.status,
    customAttributes: changes.customAttributes ?? user.customAttributes,
    identities: addIdentity ? [...kept, addIdentity] : kept,
    provenance: { email: setBy('email'), name: setBy('name'), role: setBy('role') },
    lastLoginAt: changes.lastLoginAt,
  };
}
