import { type Account, type Changes, sameIdentity } from '../../provisioning/user-store.ts';

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
    custom: changes.custom ?? user.custom,
    identities: addIdentity ? [...kept, addIdentity] : kept,
    provenance: { email: setBy('email'), name: setBy('name'), role: setBy('role') },
    lastLoginAt: changes.lastLoginAt,
  };
}
