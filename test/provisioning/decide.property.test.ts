import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProvisioningPolicy } from '../../src/connections/connection.ts';
import { decide, type Situation } from '../../src/provisioning/decide.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import { account, connection, identity, now, profile, type Role, roles, type User } from './support.ts';

const role = fc.constantFrom(...roles);
const value = fc.constantFrom('owner', 'admin', 'member', 'root', 'staff', 'leads', ' admin ', '');
const email = fc.constantFrom('alice@acme.example', 'bob@acme.example', 'alice@globex.example');

const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    subject: fc.option(fc.constant('alice-1')),
    email: fc.option(email),
    name: fc.option(fc.constantFrom('Alice Adams', 'Alice Baker')),
    nameIsFallback: fc.boolean(),
    nameIsEmpty: fc.boolean(),
    roleValues: fc.array(value, { maxLength: 3 }),
    groups: fc.oneof(
      fc.record({ kind: fc.constant('values' as const), values: fc.array(value, { maxLength: 3 }) }),
      fc.constantFrom({ kind: 'absent' as const }, { kind: 'overage' as const }),
    ),
    custom: fc.dictionary(fc.constantFrom('team', 'city'), fc.array(fc.string(), { maxLength: 2 })),
  })
  .map((fields) => profile({ ...fields, emailProblem: fields.email === null ? { kind: 'missing' } : null }));

const anyPolicy: fc.Arbitrary<Partial<ProvisioningPolicy>> = fc.record({
  mode: fc.constantFrom('create-and-update', 'create-only', 'update-only', 'off'),
  roleMap: fc.dictionary(fc.constantFrom('staff', 'leads', 'owner'), role),
  defaultRole: fc.option<string>(role, { freq: 2 }),
  roleCeiling: fc.option<string>(role),
  protectedRole: fc.option<string, undefined>(role, { nil: undefined }),
  absentGroups: fc.constantFrom('unknown', 'none'),
  rebind: fc.boolean(),
  recreate: fc.boolean(),
  keepManual: fc.subarray(['name', 'role', 'email'] as const),
  clearable: fc.subarray(['name'] as const),
});

const anyAccount = (fields: fc.Arbitrary<Partial<User>>): fc.Arbitrary<User> =>
  fc
    .record({
      role: fc.option(role),
      status: fc.constantFrom('active', 'invited', 'suspended', 'removed'),
      emailVerified: fc.boolean(),
      provenance: fc.record({ role: fc.constantFrom('idp', 'manual'), name: fc.constantFrom('idp', 'manual') }),
    })
    .chain((base) => fields.map((more) => account({ ...base, ...more })));

const anySituation: fc.Arbitrary<Situation<User>> = fc
  .record({
    profile: anyProfile,
    policy: anyPolicy,
    domains: fc.subarray(['acme.example']),
    seats: fc.option(fc.nat(2), { freq: 2 }),
  })
  .chain(({ profile: person, policy, domains, seats }) => {
    const bySubject = anyAccount(email.map((address) => ({ email: address })));
    const byEmail = anyAccount(
      fc.record({
        id: fc.constantFrom('u1', 'u2'),
        organizationId: fc.constantFrom('acme', 'globex'),
        email: fc.constant(person.email?.toUpperCase() ?? ''),
        identities: fc.subarray([
          { ...identity, subject: 'alice-0' },
          { ...identity, issuer: 'https://old.example' },
        ]),
      }),
    );
    return fc.record({
      connection: fc.constant(connection({ domains }, policy)),
      organization: fc.constant({ sso: true, seats }),
      roles: fc.constant(roles),
      profile: fc.constant(person),
      now: fc.constant(now),
      found: fc.record({
        bySubject: fc.option(bySubject, { freq: 2 }),
        byEmail: person.email === null ? fc.constant(null) : fc.option(byEmail, { freq: 2 }),
      }),
      seatsTaken: fc.option(fc.nat(3), { nil: undefined }),
    });
  });

const rank = (name: Role | null) => (name === null ? Infinity : roles.indexOf(name));

function holds(
  property: (situation: Situation<User>) => void,
  parameters: fc.Parameters<[Situation<User>]> = {},
): void {
  fc.assert(fc.property(anySituation, property), { numRuns: 1000, ...parameters });
}

describe('whatever the situation', () => {
  test('the generator reaches every action and most reasons', () => {
    const seen = new Set<string>();
    const look = (situation: Situation<User>) => {
      const decision = decide(situation);
      seen.add(decision.action === 'reject' ? decision.reason : decision.action);
    };
    holds(look, { numRuns: 3000, seed: 1 });
    expect([...seen].sort()).toEqual(
      `create domain_not_allowed email_in_other_organization email_missing link_needs_verification none not_invited
       provisioning_disabled role_missing role_unknown seat_limit_reached subject_conflict subject_missing update
       user_removed user_suspended`.split(/\s+/),
    );
  });

  test('9. no role is granted above the ceiling', () => {
    holds((situation) => {
      const decision = decide(situation);
      const ceiling = roles.find((each) => each === situation.connection.policy.roleCeiling);
      if (decision.action === 'reject' || ceiling === undefined || !decision.write.role) return;
      expect(rank(decision.write.role)).toBeGreaterThanOrEqual(rank(ceiling));
    });
  });

  test("13. nobody touches another organization's account, or tells of it", () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'create') expect(decision.write.organizationId).toBe('acme');
      else if (decision.action === 'reject') expect(decision.message + decision.hint).not.toContain('globex"');
      else expect(decision.user.organizationId).toBe('acme');
    });
  });

  test('13. to the end user its refusal reads like an ordinary one', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action !== 'reject' || decision.reason !== 'email_in_other_organization') return;
      expect(decision.message).toBe('you cannot sign in with this account; please ask your administrator');
    });
  });

  test('15. an e-mail outside the verified domains finds nobody: the decision is the same without it', () => {
    holds((situation) => {
      fc.pre(situation.connection.domains.length > 0 && situation.profile.email === 'alice@globex.example');
      const blind = { ...situation, found: { ...situation.found, byEmail: null } };
      expect(decide(situation)).toEqual(decide(blind));
    });
  });

  test('16. nobody is revived', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'update' || decision.action === 'none')
        expect(['active', 'invited']).toContain(decision.user.status);
    });
  });

  test('5. unknown groups never demote a person to whom no role was sent', () => {
    holds((situation) => {
      const { groups, roleValues } = situation.profile;
      const unknown =
        groups.kind === 'overage' ||
        (groups.kind === 'absent' && situation.connection.policy.absentGroups === 'unknown');
      const decision = decide({
        ...situation,
        profile: { ...situation.profile, roleValues: unknown ? [] : roleValues },
      });
      if (!unknown || decision.action === 'reject' || decision.action === 'create') return;
      // Who was invited without a role has none to lose, and gets that of a new person.
      if (decision.user.role === null && decision.user.status === 'invited') return;
      expect(decision.write.role).toBeUndefined();
    });
  });

  test('12. whoever is let in bears this identity afterwards', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'reject') return;
      const identities =
        decision.action === 'create'
          ? [decision.write.identity]
          : [...decision.user.identities, decision.write.addIdentity];
      expect(identities).toContainEqual(identity);
    });
  });

  test('the same situation gives the same decision, and is left as it was', () => {
    holds((situation) => {
      const before = structuredClone(situation);
      expect(decide(situation)).toEqual(decide(structuredClone(situation)));
      expect(situation).toEqual(before);
    });
  });

  test('23. a decision that changes nothing writes nothing but the time', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'none') expect(decision.changes).toEqual([]);
      if (decision.action === 'update') expect(decision.changes).not.toEqual([]);
    });
  });
});
