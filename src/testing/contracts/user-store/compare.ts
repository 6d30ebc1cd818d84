import type { ProvisionResult } from '../../../provisioning/provision.ts';
import type { Account } from '../../../provisioning/user-store.ts';
import { settled, show } from './expect.ts';

/** The fields that every store keeps of an account. */
export type ComparableFields = Pick<
  Account,
  'organizationId' | 'email' | 'name' | 'role' | 'status' | 'emailVerified' | 'identities'
>;

/**
 * The fields that every store keeps of an account, normalized for comparison: sorted identities, no fields of the
 * application.
 */
export function comparable({
  organizationId,
  email,
  name,
  role,
  status,
  emailVerified,
  identities,
}: Account): ComparableFields {
  const plain = identities.map(({ connectionId, issuer, subject, nameQualifier, spNameQualifier }) => ({
    connectionId,
    issuer,
    subject,
    // A missing qualifier may be left out or empty.
    ...(nameQualifier && { nameQualifier }),
    ...(spNameQualifier && { spNameQualifier }),
  }));
  return { organizationId, email, name, role, status, emailVerified, identities: plain.sort(byJson) };
}

/** All fields of an account that the contract checks, normalized for comparison. */
export function comparableAccount(user: Account): object {
  const { id, version, provenance, lastLoginAt } = user;
  return { id, ...comparable(user), version, provenance, customAttributes: pairs(user.customAttributes), lastLoginAt };
}

/** Further attributes as sorted pairs, so that prototype and order do not matter. */
export function pairs(
  customAttributes: Account['customAttributes'],
): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(customAttributes ?? {}).sort(byJson);
}

/** The results of concurrent logins: the number of each outcome, reason of rejection, or error. */
export async function tally(logins: readonly Promise<ProvisionResult<Account>>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { value, error } of await Promise.all(logins.map(settled))) {
    const outcome = value === undefined ? show(error) : value.outcome === 'rejected' ? value.reason : value.outcome;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** `count` results of a function, called with each index. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** For `sort`: a deterministic order. */
export function byJson(a: unknown, b: unknown): number {
  const [first, second] = [JSON.stringify(a), JSON.stringify(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
