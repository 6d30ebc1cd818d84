import type { Account, UserStore } from '../provisioning/user-store.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { AccountAction, StaleQuery, UserVerbs } from './user-verbs.ts';

const eventTypes = { suspend: 'suspended', remove: 'removed', restore: 'restored' } as const;

/** Makes `sso.users`. */
export function userVerbs<U extends Account<string>>(sso: ResolvedSso<U>): UserVerbs<U> {
  return {
    listStale: (query) => listStale(sso, query),
    suspend: (userId, action) => changeStatus(sso, 'suspend', userId, action),
    remove: (userId, action) => changeStatus(sso, 'remove', userId, action),
    restore: (userId, action) => changeStatus(sso, 'restore', userId, action),
  };
}

/** Rule stale-accounts: accounts that no login has confirmed since. */
async function listStale<U extends Account<string>>(
  { users }: ResolvedSso<U>,
  { organizationId, olderThan }: StaleQuery,
): Promise<readonly U[]> {
  expectCapability(users, 'listStale');
  if (typeof organizationId !== 'string') throw new TypeError('listStale: organizationId must be a string');
  if (!(olderThan instanceof Date) || Number.isNaN(olderThan.getTime()))
    throw new TypeError('listStale: olderThan must be a valid Date, e.g. new Date(Date.now() - 90 * 86_400_000)');
  return await users.listStale({ organizationId, olderThan });
}

/** Changes the status of an account, and emits the event once it is written. */
async function changeStatus<U extends Account<string>>(
  { users, emit }: ResolvedSso<U>,
  verb: keyof typeof eventTypes,
  userId: string,
  { organizationId, by }: AccountAction,
): Promise<void> {
  expectCapability(users, verb);
  if (typeof userId !== 'string' || userId === '') throw new TypeError(`${verb}: the user's id must be a string`);
  if (organizationId !== null && typeof organizationId !== 'string')
    throw new TypeError(
      `${verb}: name the organizationId of the user, or null if your application has checked whose user it is; received ${typeof organizationId}`,
    );
  const owner = await findOrganization(users, verb, userId, organizationId);
  await users[verb](userId);
  emit({ type: eventTypes[verb], userId, organizationId: owner, by: by ?? null });
}

/**
 * Returns the organization of the user, `null` if the store does not know it. The error is the same for a user of another
 * organization and for one that does not exist.
 *
 * @throws TypeError if the user does not belong to `organizationId`
 */
async function findOrganization<U extends Account<string>>(
  users: UserStore<U>,
  verb: string,
  userId: string,
  organizationId: string | null,
): Promise<string | null> {
  if (organizationId === null) return (await users.get?.(userId))?.organizationId ?? null;
  if (typeof users.get !== 'function') {
    throw new TypeError(
      `${verb}: the user store has no get(userId), so it is not known whether the user belongs to ${JSON.stringify(organizationId)}. Add it, or check that yourself and pass organizationId: null.`,
    );
  }
  const user = await users.get(userId);
  if (user?.id === userId && user.organizationId === organizationId) return organizationId;
  throw new TypeError(
    `${verb}: no user of the organization ${JSON.stringify(organizationId)} has the id ${JSON.stringify(userId)}`,
  );
}

function expectCapability<U extends Account<string>, K extends keyof UserVerbs<U>>(
  users: UserStore<U>,
  name: K,
): asserts users is UserStore<U> & Required<Pick<UserStore<U>, K>> {
  if (typeof users[name] === 'function') return;
  throw new TypeError(
    `the user store has no ${name}(), an optional function of a UserStore: add it to use sso.users.${name}`,
  );
}
