import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProvisioningPolicy } from '../../src/connections/connection.ts';
import { decide } from '../../src/provisioning/decide.ts';
import type { Decision } from '../../src/provisioning/decision.ts';
import { normalizeEmail } from '../../src/provisioning/email.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import { messages } from '../../src/provisioning/reject.ts';
import type { Situation } from '../../src/provisioning/situation.ts';
import { type Identity, type Provenance, sameIdentity } from '../../src/provisioning/user-store.ts';
import { account, connection, identity, now, profile, type Role, roles, type User } from './support.ts';

const role = fc.constantFrom(...roles);
const value = fc.constantFrom('owner', 'admin', 'member', 'root', 'staff', 'leads', ' admin ', '');
const email = fc.constantFrom('alice@acme.example', 'bob@acme.example', 'alice@globex.example');

const customAttributes = fc.dictionary(
  fc.constantFrom('team', 'city', '__proto__'),
  fc.array(fc.constantFrom('a', 'b', 'a, b'), { maxLength: 2 }),
);
const by = fc.constantFrom<Provenance>('idp', 'manual');
const mostly = (usual: boolean): fc.Arbitrary<boolean> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(!usual) });

const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    subject: fc.option(fc.constant('alice-1')),
    email: fc.option(email),
    named: fc.oneof(
      fc
        .constantFrom('Alice Adams', 'Alice Baker')
        .map((name) => ({ name, nameIsFallback: false, nameIsEmpty: false })),
      fc.boolean().map((nameIsEmpty) => ({ nameIsEmpty })),
    ),
    roleValues: fc.array(value, { maxLength: 3 }),
    groups: fc.oneof(
      fc.record({ kind: fc.constant('values' as const), values: fc.array(value, { maxLength: 3 }) }),
      fc.constantFrom({ kind: 'absent' as const }, { kind: 'overage' as const }),
    ),
    customAttributes,
    required: fc.constantFrom({ tenant: ['t1'] }, { tenant: ['t2'] }, {}),
    invalid: mostly(false),
    several: mostly(false),
  })
  .map(({ invalid, several, named, ...fields }) => {
    const none = invalid ? { kind: 'invalid' as const, received: 'x' } : { kind: 'missing' as const };
    const fallback = { name: fields.email && 'alice', nameIsFallback: fields.email !== null };
    const subjectProblem = several ? { kind: 'several' as const, received: ['a', 'b'] } : null;
    const subject = several ? null : fields.subject;
    const emailProblem = fields.email === null ? none : null;
    return profile({ ...fields, ...fallback, ...named, subject, subjectProblem, emailProblem });
  });

const when = fc.constantFrom<'always' | 'onCreate'>('always', 'always', 'onCreate');

const anyPolicy: fc.Arbitrary<Partial<ProvisioningPolicy>> = fc.record({
  mode: fc.constantFrom('create-and-update', 'create-only', 'update-only', 'off'),
  unmappedRoles: fc.constantFrom(undefined, 'ignore', 'match'),
  groupsOverage: fc.constantFrom('unknown', 'unknown', 'reject'),
  linkUnverified: fc.constantFrom('never', 'verifiedDomains'),
  requireDomains: mostly(false),
  roleMap: fc.dictionary(fc.constantFrom('staff', 'leads', 'owner'), role),
  defaultRole: fc.option<string>(role, { freq: 2 }),
  roleCeiling: fc.option<string>(role),
  protectedRole: fc.option<string, undefined>(role, { nil: undefined }),
  absentGroups: fc.constantFrom('unknown', 'none'),
  rebind: fc.boolean(),
  recreate: fc.boolean(),
  keepManual: fc.subarray(['name', 'role', 'email'] as const),
  clearable: fc.subarray(['name', 'customAttributes.team'] as const),
  sync: fc.record({ name: when, role: when, email: when }),
  requiredAttributes: fc.constantFrom<Record<string, string>>({}, {}, {}, { tenant: 't1' }),
});

/** All accounts, as a store keeps them: no two living ones of an organization share an e-mail or an identity. */
type World = readonly User[];

const identities: readonly Identity[] = [
  identity,
  { ...identity, subject: 'alice-0' },
  { ...identity, issuer: 'https://old.example' },
  { ...identity, connectionId: 'acme-adfs' },
];

const anyUser = (id: string): fc.Arbitrary<User> =>
  fc
    .record({
      organizationId: fc.constantFrom('acme', 'acme', 'globex'),
      email: fc.constantFrom('ALICE@acme.example', 'alice@acme.example', 'bob@acme.example', 'alice@globex.example'),
      name: fc.option(fc.constantFrom('Alice Adams', 'Alice Old')),
      role: fc.option(role),
      status: fc.constantFrom('active', 'active', 'invited', 'suspended', 'removed'),
      emailVerified: fc.boolean(),
      identities: fc.oneof(fc.constant([identity]), fc.subarray([...identities], { maxLength: 2 })),
      customAttributes: fc.option(customAttributes, { nil: undefined }),
      provenance: fc.record({ email: by, role: by, name: by }),
    })
    .map((fields) => account({ id, ...fields }));

// An account that conflicts with the ones before it is a removed one.
function consistent(users: World, onePerEmail: boolean): World {
  const world: User[] = [];
  for (const user of users) {
    const settled = { ...user, identities: user.organizationId === 'acme' ? user.identities : [] };
    const fits = clashes([...world, settled], onePerEmail).length === 0;
    world.push(fits ? settled : { ...settled, status: 'removed' });
  }
  return world;
}

/** Pairs of living accounts that no store can contain together. */
function clashes(world: World, onePerEmail: boolean): readonly (readonly [User, User])[] {
  const living = world.filter((user) => user.status !== 'removed');
  return living.flatMap((a, i) =>
    living.slice(i + 1).flatMap((b): (readonly [User, User])[] => {
      const sameEmail =
        normalizeEmail(a.email) === normalizeEmail(b.email) && (onePerEmail || a.organizationId === b.organizationId);
      const samePerson = a.identities.some((each) => b.identities.some((other) => sameIdentity(each, other)));
      return sameEmail || samePerson ? [[a, b]] : [];
    }),
  );
}

function find(world: World, address: string | null, onePerEmail: boolean): Situation<User>['found'] {
  const living = (user: User) => user.status !== 'removed';
  const livingFirst = (users: World) => users.find(living) ?? users.at(-1) ?? null;
  const own = world.filter((user) => user.organizationId === 'acme');
  const hasEmail = (user: User) => address !== null && normalizeEmail(user.email) === normalizeEmail(address);
  const ownByEmail = own.filter(hasEmail);
  const elsewhere = onePerEmail
    ? world.find((user) => hasEmail(user) && living(user) && !own.includes(user))
    : undefined;
  return {
    bySubject: livingFirst(own.filter((user) => user.identities.some((each) => sameIdentity(each, identity)))),
    byEmail: ownByEmail.find(living) ?? elsewhere ?? livingFirst(ownByEmail),
  };
}

/** The accounts after a decision was written, as the contract of a store says. */
function applied(world: World, decision: Decision<User>): World {
  if (decision.action === 'reject' || decision.action === 'none') return world;
  if (decision.action === 'create') {
    const { identity: borne, ...fields } = decision.write;
    return [...world, { ...fields, id: 'new', status: 'active', identities: [borne] }];
  }
  const { addIdentity, removeIdentity, lastLoginAt, ...fields } = decision.write;
  const present = Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined));
  const byIdp = Object.fromEntries(Object.keys(present).map((field) => [field, 'idp']));
  return world.map((user) => {
    if (user.id !== decision.user.id) return user;
    const kept = user.identities.filter((each) => !(removeIdentity && sameIdentity(each, removeIdentity)));
    return {
      ...user,
      ...present,
      lastLoginAt,
      identities: addIdentity ? [...kept, addIdentity] : kept,
      provenance: { ...user.provenance, ...byIdp },
    };
  });
}

interface Login {
  readonly situation: Situation<User>;
  readonly world: World;
  readonly onePerEmail: boolean;
}

const anyLogin: fc.Arbitrary<Login> = fc
  .record({
    profile: anyProfile,
    policy: anyPolicy,
    domains: fc.subarray(['acme.example']),
    enabled: mostly(true),
    organization: fc.record({ sso: mostly(true), seats: fc.option(fc.nat(2), { freq: 2 }), scim: mostly(false) }),
    roles: fc.option(fc.constant(roles), { nil: undefined, freq: 10 }),
    users: fc.tuple(anyUser('u1'), anyUser('u2'), anyUser('u3')).chain((users) => fc.subarray(users)),
    onePerEmail: fc.boolean(),
    seatsTaken: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ policy, domains, enabled, users, onePerEmail, ...rest }) => {
    const world = consistent(users, onePerEmail);
    const found = find(world, rest.profile.email, onePerEmail);
    const situation = { ...rest, connection: connection({ domains, enabled }, policy), now, found };
    return { situation, world, onePerEmail };
  });

const rank = (name: Role | null) => (name === null ? Infinity : roles.indexOf(name));

function holds(
  property: (situation: Situation<User>, login: Login) => void,
  parameters: fc.Parameters<[Login]> = {},
): void {
  fc.assert(
    fc.property(anyLogin, (login) => property(login.situation, login)),
    { numRuns: 1000, ...parameters },
  );
}

describe('the decision in any situation', () => {
  test('the generator reaches every action and reason', { timeout: 30_000 }, () => {
    const seen = new Set<string>();
    const look = (situation: Situation<User>) => {
      const decision = decide(situation);
      seen.add(decision.action === 'reject' ? decision.reason : decision.action);
    };
    holds(look, { numRuns: 5000, seed: 1 });
    expect([...seen].sort()).toEqual(['create', 'none', 'update', ...Object.keys(messages)].sort());
  });

  test('rule role-ceiling: no role is granted above the ceiling', () => {
    holds((situation) => {
      const decision = decide(situation);
      const ceiling = roles.find((each) => each === situation.connection.policy.roleCeiling);
      if (decision.action === 'reject' || ceiling === undefined || !decision.write.role) return;
      expect(rank(decision.write.role)).toBeGreaterThanOrEqual(rank(ceiling));
    });
  });

  test("rule other-organization: no decision changes another organization's account, or reveals it", () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'create') expect(decision.write.organizationId).toBe('acme');
      else if (decision.action === 'reject') expect(decision.message + decision.hint).not.toContain('globex"');
      else expect(decision.user.organizationId).toBe('acme');
    });
  });

  test('rule other-organization: its rejection has the same end-user message as another rejection', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action !== 'reject' || decision.reason !== 'email_in_other_organization') return;
      expect(decision.message).toBe('you cannot sign in with this account; please ask your administrator');
    });
  });

  test('rule verified-domains: an e-mail outside the verified domains finds no account: the decision is the same without it', () => {
    holds((situation) => {
      fc.pre(situation.connection.domains.length > 0 && situation.profile.email === 'alice@globex.example');
      const blind = { ...situation, found: { ...situation.found, byEmail: null } };
      expect(decide(situation)).toEqual(decide(blind));
    });
  });

  test('rule other-organization: policy.requireDomains: without verified domains the decision is the same, whichever account has the e-mail', () => {
    holds((situation) => {
      const { connection: settings, found } = situation;
      const policy = { ...settings.policy, requireDomains: true };
      const closed = { ...situation, connection: { ...settings, domains: [], policy } };
      const { byEmail } = found;
      fc.pre(byEmail !== null && byEmail.id !== found.bySubject?.id);
      expect(decide(closed)).toEqual(decide({ ...closed, found: { ...found, byEmail: null } }));
    });
  });

  test('rules removed-user and suspended-user: no account is reactivated', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'update' || decision.action === 'none')
        expect(['active', 'invited']).toContain(decision.user.status);
    });
  });

  test('rule unknown-groups: unknown groups never demote a person to whom no role was sent', () => {
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

  test('rule known-by-email: a user who signs in has the identity of the login afterwards', () => {
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

  test('the same situation results in the same decision, and is not modified', () => {
    holds((situation) => {
      const before = structuredClone(situation);
      expect(decide(situation)).toEqual(decide(structuredClone(situation)));
      expect(situation).toEqual(before);
    });
  });

  test('rule unchanged-login: a decision that changes nothing writes only the time of the login', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'none') expect(decision.changes).toEqual([]);
      if (decision.action === 'update') expect(decision.changes).not.toEqual([]);
    });
  });

  test('the decision is one of four actions, and a rejection has a constant message', () => {
    holds((situation) => {
      const decision = decide(situation);
      if (decision.action === 'reject') expect(decision.message).toBe(messages[decision.reason]);
      else expect(['create', 'update', 'none']).toContain(decision.action);
    });
  });

  test('rule concurrent-logins: never two users for one subject, or for one e-mail', () => {
    holds((situation, { world, onePerEmail }) => {
      expect(clashes(world, onePerEmail)).toEqual([]);
      expect(clashes(applied(world, decide(situation)), onePerEmail)).toEqual([]);
    });
  });

  test('rule known-by-subject: a user known by subject signs in as that user, or is rejected', () => {
    holds((situation) => {
      const { bySubject } = situation.found;
      const decision = decide(situation);
      if (bySubject === null || bySubject.status === 'removed' || decision.action === 'reject') return;
      expect(decision.action === 'create' ? 'new' : decision.user.id).toBe(bySubject.id);
    });
  });

  test.each<[string, (situation: Situation<User>) => boolean]>([
    ['rule sso-not-in-plan', ({ organization }) => !organization.sso],
    ['rule disabled-connection', (situation) => !situation.connection.enabled],
    [
      'rule seat-limit: all seats are taken',
      ({ organization, seatsTaken = 0 }) => organization.seats !== null && seatsTaken >= organization.seats,
    ],
    [
      "rule other-organization: the e-mail is another organization's",
      ({ found }) => found.byEmail?.organizationId === 'globex',
    ],
    [
      'rule provisioning-mode: no account is created',
      ({ connection: { policy } }) => policy.mode === 'update-only' || policy.mode === 'off',
    ],
    ['rule scim-managed: SCIM creates the people', ({ organization }) => organization.scim === true],
    [
      'rule verified-domains: the e-mail is outside the verified domains',
      ({ connection: { domains }, profile: { email: address } }) =>
        domains.length > 0 && address === 'alice@globex.example',
    ],
    [
      'rule removed-user',
      ({ connection: { policy }, found }) =>
        !policy.recreate && [found.bySubject, found.byEmail].some((user) => user?.status === 'removed'),
    ],
  ])('%s: no account is created', (_, applies) => {
    let cases = 0;
    holds((situation) => {
      if (!applies(situation)) return;
      cases++;
      expect(decide(situation).action).not.toBe('create');
    });
    expect(cases).toBeGreaterThan(20);
  });

  test('rule empty-attributes: an absent attribute clears nothing; an empty attribute clears only the fields that policy allows', () => {
    holds((situation, { world }) => {
      const decision = decide(situation);
      if (decision.action === 'reject' || decision.action === 'create') return;
      const { profile: person, connection: settings } = situation;
      const { clearable } = settings.policy;
      const after = applied(world, decision).find((user) => user.id === decision.user.id);
      if (decision.user.name !== null && !(person.nameIsEmpty && clearable.includes('name'))) {
        expect(after?.name).not.toBeNull();
      }
      if (decision.user.role !== null) expect(after?.role).not.toBeNull();
      expect(after?.email).toMatch(/@/);
      for (const [key, values] of Object.entries(decision.user.customAttributes ?? {})) {
        const sent = Object.hasOwn(person.customAttributes, key) ? person.customAttributes[key] : undefined;
        const mayGo = sent?.length === 0 && clearable.includes(`customAttributes.${key}`);
        if (sent === undefined || (sent.length === 0 && !mayGo)) expect(after?.customAttributes?.[key]).toEqual(values);
      }
    });
  });

  test('rule empty-attributes: a profile with only a subject and an e-mail changes no name and no further attribute', () => {
    holds((situation) => {
      const bare = { name: null, nameIsFallback: false, nameIsEmpty: false, customAttributes: {} };
      const decision = decide({ ...situation, profile: { ...situation.profile, ...bare } });
      if (decision.action === 'reject' || decision.action === 'create') return;
      const fields = decision.changes.map(({ field }) => field);
      expect(fields.filter((field) => field === 'name' || field.startsWith('customAttributes.'))).toEqual([]);
    });
  });

  test('rule unchanged-login: deciding twice changes nothing the second time', () => {
    holds((situation, { world, onePerEmail }) => {
      const decision = decide(situation);
      if (decision.action === 'reject') return;
      const after = applied(world, decision);
      const again = decide({ ...situation, found: find(after, situation.profile.email, onePerEmail) });
      // Rule invited-user: the role of an invitation is kept at the first login, and resolved as any other from the second on.
      const invited = decision.action === 'update' && decision.user.status === 'invited';
      if (invited && decision.user.role !== null && decision.write.role === undefined) {
        if (again.action === 'reject') expect(['role_missing', 'groups_overage']).toContain(again.reason);
        else expect(again.changes.filter(({ field }) => field !== 'role')).toEqual([]);
        return;
      }
      expect(again).toMatchObject({ action: 'none', changes: [] });
    });
  });
});
