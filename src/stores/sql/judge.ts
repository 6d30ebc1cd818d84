import { type Account, type Identity, sameIdentity } from '../../provisioning/user-store.ts';

/** Neither removed nor a tombstone: its e-mail and identities are taken. */
export function isLiving(user: Account): boolean {
  return user.status !== 'removed';
}

/** Whether a login may write to it. */
export function isUsable(user: Account): boolean {
  return user.status === 'active' || user.status === 'invited';
}

/** The living one, or the last that was removed. */
export function livingFirst<R extends string>(users: readonly Account<R>[]): Account<R> | null {
  return users.find(isLiving) ?? users.at(-1) ?? null;
}

/** Whether the identity is one of the account's. */
export function bears(user: Account, identity: Identity): boolean {
  return user.identities.some((each) => sameIdentity(each, identity));
}
