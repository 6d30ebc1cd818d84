import type { Account, UserStore } from '../provisioning/user-store.ts';
import type { ResolvedSso } from './options.ts';
import type { AccountAction, StaleQuery } from './types.ts';

const outcomes = { suspend: 'suspended', remove: 'removed', restore: 'restored' } as const;

/** Rule stale-accounts: accounts that no login has confirmed since. */
export async function listStale<U extends Account<string>>(
  { users }: ResolvedSso<U>,
  { organizationId, olderThan }: StaleQuery,
): Promise<readonly U[]> {
  expectCapability(users, 'listStale');
  if (typeof organizationId !== 'string') throw new TypeError('listStale: organizationId must be a string');
  if (!(olderThan instanceof Date) || Number.isNaN(olderThan.getTime()))
    throw new TypeError('listStale: olderThan must be a valid Date, e.g. new Date(Date.now() - 90 * 86_400_000)');
  return await users.listStale({ organizationId, olderThan });
}

/** Changes the status of an account, and says so once it is written. */
export async function changeStatus<U extends Account<string>>(
  { users, emit }: ResolvedSso<U>,
  verb: keyof typeof outcomes,
  userId: string,
  { organizationId, by }: AccountAction,
): Promise<void> {
  expectCapability(users, verb);
  if (typeof userId !== 'string' || userId === '') throw new TypeError(`${verb}: the user's id must be a string`);
  if (organizationId !== null && typeof organizationId !== 'string')
    throw new TypeError(
      `${verb}: name the organizationId of the user, or null if your application has checked whose user it is; received ${typeof organizationId}`,
    );
  const belongsTo = await organizationOf(users, verb, userId, organizationId);
  await users[verb](userId);
  emit({ type: outcomes[verb], userId, organizationId: belongsTo, by: by ?? null });
}

/** To the caller a stranger's user is as unknown as one that does not exist. @throws TypeError */
async function organizationOf<U extends Account<string>>(
  users: UserStore<U>,
  verb: string,
  userId: string,
  organizationId: string | null,
): Promise<string | null> {
  if (organizationId === null) return (await users.get?.(userId))?.organizationId ?? null;
  if (typeof users.get !== 'function') {
    throw new TypeError(
      `${verb}: the user store has no get(userId), so nobody can tell whether the user belongs to ${JSON.stringify(organizationId)}. Add it, or check that yourself and pass organizationId: null.`,
    );
  }
  const user = await users.get(userId);
  if (user?.id === userId && user.organizationId === organizationId) return organizationId;
  throw new TypeError(
    `${verb}: no user of the organization ${JSON.stringify(organizationId)} has the id ${JSON.stringify(userId)}`,
  );
}

function expectCapability<U extends Account<string>, K extends 'listStale' | keyof typeof outcomes>(
  users: UserStore<U>,
  name: K,
): asserts users is UserStore<U> & Required<Pick<UserStore<U>, K>> {
  if (typeof users[name] === 'function') return;
  throw new TypeError(
    `the user store has no ${name}(), an optional function of a UserStore: add it to use sso.${name}`,
  );
}
