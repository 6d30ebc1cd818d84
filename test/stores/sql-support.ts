import { expect, test } from 'vitest';
import type { Profile } from '../../src/provisioning/profile.ts';
import { provision } from '../../src/provisioning/provision.ts';
import type { AuditRecord, UserStore } from '../../src/provisioning/user-store.ts';
import type { SqlUserStore } from '../../src/stores/sql/options.ts';
import { connection, issuer, now, profile, type Role, roles, type User } from '../provisioning/support.ts';

/** Person `index`, by whose e-mail and subject {@link owner} is known. */
export function someone(index: number): Partial<Profile> {
  return { subject: `p-${index}`, email: `p${index}@acme.example` };
}

export function owner(index: number) {
  const subject = `p-${index}`;
  const identities = [{ connectionId: 'acme-okta', issuer, subject }];
  return {
    organizationId: 'acme',
    email: `p${index}@acme.example`,
    name: 'Alice Adams',
    role: 'owner' as const,
    identities,
  };
}

/** Logs people in at once, over the stores in turn, and counts what came of it. */
export async function outcomes(
  stores: readonly UserStore<User>[],
  times: number,
  person: (index: number) => Partial<Profile>,
  seats: number | null = null,
  at: Date = now,
): Promise<Record<string, number>> {
  const results = await Promise.all(
    Array.from({ length: times }, async (_, index) => {
      const store = stores[index % stores.length];
      if (!store) throw new Error('no store');
      const organization = { sso: true, seats };
      const input = { connection: connection(), organization, roles, profile: profile(person(index)), now: at };
      return provision<User>({ ...input, store, assertionId: `_${index}` });
    }),
  );
  const counts: Record<string, number> = {};
  for (const result of results) {
    const outcome = result.outcome === 'rejected' ? result.reason : result.outcome;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** What holds between processes, whatever the database. */
export function testRaces(setUp: () => Promise<{ readonly stores: readonly SqlUserStore<Role>[] }>): void {
  test('50 concurrent first logins of one user create one account', async () => {
    const { stores } = await setUp();
    expect(await outcomes(stores, 50, () => ({}))).toEqual({ created: 1, unchanged: 49 });
    expect(await stores[1]?.list('acme')).toHaveLength(1);
  });
  test('of 50 concurrent new users with 10 seats exactly 10 are created', async () => {
    const { stores } = await setUp();
    expect(await outcomes(stores, 50, someone, 10)).toEqual({ created: 10, seat_limit_reached: 40 });
    expect(await stores[0]?.seatsTaken('acme')).toBe(10);
  });
  test('if the last two owners are demoted concurrently, one remains owner', async () => {
    const { stores } = await setUp();
    for (const index of [0, 1]) await stores[0]?.put(owner(index));
    expect(await outcomes(stores, 2, someone)).toEqual({ updated: 1, unchanged: 1 });
    const roles = (await stores[0]?.list('acme'))?.map(({ role }) => role);
    expect(roles?.sort()).toEqual(['member', 'owner']);
  });
}

/** A row of the audit table, whose `at` is text that `Date` reads. */
export function readAudit(row: unknown): AuditRecord {
  const each = row as Record<string, string>;
  return {
    at: new Date(each['at'] ?? ''),
    connectionId: each['connection_id'] ?? '',
    organizationId: each['organization_id'] ?? '',
    assertionId: each['assertion_id'] ?? '',
    identity: {
      connectionId: each['connection_id'] ?? '',
      issuer: each['issuer'] ?? '',
      subject: each['subject'] ?? '',
      ...(each['name_qualifier'] && { nameQualifier: each['name_qualifier'] }),
      ...(each['sp_name_qualifier'] && { spNameQualifier: each['sp_name_qualifier'] }),
    },
    action: each['action'] as AuditRecord['action'],
    changes: JSON.parse(each['changes'] ?? ''),
    notes: JSON.parse(each['notes'] ?? ''),
  };
}
