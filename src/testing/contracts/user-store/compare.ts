import type { ProvisionResult } from '../../../provisioning/provision.ts';
import type { Account } from '../../../provisioning/user-store.ts';
import { settled, show } from './expect.ts';

/** What every store keeps of an account. */
export type Portrait = Pick<
  Account,
  'organizationId' | 'email' | 'name' | 'role' | 'status' | 'emailVerified' | 'identities'
>;

/** What every store keeps of an account, in a form that compares: no order of identities, no fields of the application. */
export function portrait({ organizationId, email, name, role, status, emailVerified, identities }: Account): Portrait {
  const plain = identities.map(({ connectionId, issuer, subject, nameQualifier, spNameQualifier }) => ({
    connectionId,
    issuer,
    subject,
    // A qualifier that there is none of may be left out or empty.
    ...(nameQualifier && { nameQualifier }),
    ...(spNameQualifier && { spNameQualifier }),
  }));
  return { organizationId, email, name, role, status, emailVerified, identities: plain.sort(byJson) };
}

/** All that the contract knows of an account, in a form that compares. */
export function wholePortrait(user: Account): object {
  const { id, version, provenance, lastLoginAt } = user;
  return { id, ...portrait(user), version, provenance, customAttributes: pairs(user.customAttributes), lastLoginAt };
}

/** Further attributes as pairs, so that no prototype and no order matters. */
export function pairs(
  customAttributes: Account['customAttributes'],
): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(customAttributes ?? {}).sort(byJson);
}

/** What came of several logins at once: how many of each outcome, reason of refusal, or error. */
export async function tally(logins: readonly Promise<ProvisionResult<Account>>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { value, error } of await Promise.all(logins.map(settled))) {
    const outcome = value === undefined ? show(error) : value.outcome === 'rejected' ? value.reason : value.outcome;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** `count` results of a function that is told the index. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** For `sort`: any order, as long as it is always the same. */
export function byJson(a: unknown, b: unknown): number {
  const [first, second] = [JSON.stringify(a), JSON.stringify(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
