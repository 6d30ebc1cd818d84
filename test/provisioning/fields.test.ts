import { expect, test } from 'vitest';
import { decide } from '../../src/provisioning/decide.ts';
import type { Acceptance, FieldDecision, FieldReason } from '../../src/provisioning/decision.ts';
import { checkDecision } from '../../src/provisioning/invariants.ts';
import type { Situation } from '../../src/provisioning/situation.ts';
import type { Account } from '../../src/provisioning/user-store.ts';
import { account, connection, identity, profile, situation, type User } from './support.ts';

/** The fields of the proposed decision, or of one that a store returned instead. */
const fieldsOf = (given: Situation<User>, returned?: Acceptance<User>): readonly FieldDecision[] => {
  const proposed = decide(given);
  const decision = returned === undefined ? proposed : checkDecision(given, identity, proposed, returned);
  if (decision.action === 'reject') throw new Error(decision.reason);
  return decision.fields ?? [];
};

/** Each field as `current > proposed: reason`. */
const explained = (given: Situation<User>, returned?: Acceptance<User>): Record<string, string> =>
  Object.fromEntries(
    fieldsOf(given, returned).map(({ field, current, proposed, reason }) => [
      field,
      current === proposed ? `${current}: ${reason}` : `${current} > ${proposed}: ${reason}`,
    ]),
  );

const known = (user: Partial<User>, sent: Partial<Situation<User>['profile']>, more: Partial<Situation<User>> = {}) =>
  situation({ found: { bySubject: account(user), byEmail: null }, profile: profile(sent), ...more });
const withPolicy = (policy: Parameters<typeof connection>[1], domains?: string[]) => ({
  connection: connection(domains === undefined ? {} : { domains }, policy),
});
const seen = new Set<FieldReason>();
const reasonsOf = (given: Situation<User>, decision?: Acceptance<User>): Record<string, string> => {
  for (const { reason } of fieldsOf(given, decision)) seen.add(reason);
  return explained(given, decision);
};

test('new user: every field that is set, with its reason', () => {
  const sent = { name: 'alice', nameIsFallback: true, roleValues: [], customAttributes: { team: ['a'] } };
  expect(reasonsOf(situation({ profile: profile(sent), ...withPolicy({ defaultRole: 'member' }) }))).toEqual({
    email: 'null > alice@acme.example: set',
    name: 'null > alice: fallback',
    role: 'null > member: default_role',
    'customAttributes.team': 'null > a: set',
    identity: 'null > alice-1: linked',
  });
  const owner = profile({ roleValues: ['owner'], customAttributeProblems: { hired: 'expected a date' } });
  expect(reasonsOf(situation({ profile: owner, ...withPolicy({ roleCeiling: 'admin' }) }))).toMatchObject({
    role: 'null > admin: role_lowered',
    'customAttributes.hired': 'null: unusable',
  });
});

test('known user: fields that are kept, with their reasons', () => {
  expect(reasonsOf(known({}, {}))).toEqual({
    email: 'alice@acme.example: same',
    name: 'Alice Adams: same',
    role: 'member: same',
  });
  const silent = { email: null, name: null, roleValues: [] };
  expect(
    reasonsOf(known({ customAttributes: { team: ['a'], city: ['b'] } }, { ...silent, customAttributes: { city: [] } })),
  ).toEqual({
    email: 'alice@acme.example: absent',
    name: 'Alice Adams: absent',
    role: 'member: role_unconfirmed',
    'customAttributes.team': 'a: absent',
    'customAttributes.city': 'b: empty',
  });
});

test('role: lower than before, lowered by the ceiling, by default, or kept for its last holder', () => {
  const role = (current: User['role'], roleValues: string[], policy: Parameters<typeof connection>[1] = {}) =>
    reasonsOf(known({ role: current }, { roleValues, groups: { kind: 'values', values: [] } }, withPolicy(policy)))[
      'role'
    ];
  const staff = { roleMap: { staff: 'member' }, defaultRole: 'member' };
  expect(role('admin', ['member'])).toBe('admin > member: set');
  expect(role('admin', [], staff)).toBe('admin > member: default_role');
  expect(role('owner', ['owner'], { roleCeiling: 'admin', protectedRole: null })).toBe('owner > admin: role_lowered');
  expect(role('owner', ['member'])).toBe('owner > member: unless_last_holder');
  expect(role('admin', ['owner'], { roleCeiling: 'admin' })).toBe('admin: role_lowered');
});

test('fields that policy or SCIM keeps', () => {
  const provenance = { name: 'manual', role: 'manual', email: 'manual' } as const;
  const sent = { name: 'Alice Baker', email: 'baker@acme.example', roleValues: ['admin'] };
  const all = (reason: FieldReason) => ({
    email: `alice@acme.example: ${reason}`,
    name: `Alice Adams: ${reason}`,
    role: `member: ${reason}`,
  });
  const keepManual = withPolicy({ keepManual: ['name', 'role', 'email'] });
  expect(reasonsOf(known({ provenance }, sent, keepManual))).toEqual(all('manual_kept'));
  const onCreate = withPolicy({ sync: { name: 'onCreate', role: 'onCreate', email: 'onCreate' } });
  expect(reasonsOf(known({}, sent, onCreate))).toEqual(all('on_create'));
  const organization = { sso: true, seats: null, scim: true };
  expect(
    reasonsOf(
      known({ customAttributes: { team: ['a'] } }, { ...sent, customAttributes: { team: ['b'] } }, { organization }),
    ),
  ).toEqual({
    ...all('scim_kept'),
    'customAttributes.team': 'a: scim_kept',
  });
  for (const mode of ['off', 'create-only'] as const) {
    expect(reasonsOf(known({}, sent, withPolicy({ mode })))).toEqual(all('mode'));
  }
});

test('empty names, and addresses of other domains', () => {
  const empty = { name: 'alice', nameIsFallback: true, nameIsEmpty: true };
  expect(reasonsOf(known({}, empty))).toMatchObject({ name: 'Alice Adams: empty' });
  expect(reasonsOf(known({}, empty, withPolicy({ clearable: ['name'] })))).toMatchObject({
    name: 'Alice Adams > null: cleared',
  });
  expect(reasonsOf(known({}, { email: 'alice@globex.example' }))).toMatchObject({
    email: 'alice@acme.example: email_conflict',
  });
  expect(reasonsOf(known({ emailVerified: false }, {}))).toMatchObject({
    emailVerified: 'false > true: domain_verified',
  });
  expect(reasonsOf(known({}, { email: 'a@globex.example' }, withPolicy({}, [])))).toMatchObject({
    email: 'alice@acme.example > a@globex.example: set',
    emailVerified: 'true > false: domain_unverified',
  });
});

test('empty further attributes', () => {
  const user = { customAttributes: { team: ['a'], city: ['b'] } };
  const given = known(
    user,
    { customAttributes: { team: [], city: [] } },
    withPolicy({ clearable: ['customAttributes.team'] }),
  );
  expect(reasonsOf(given)).toMatchObject({
    'customAttributes.team': 'a > null: cleared',
    'customAttributes.city': 'b: empty',
  });
});

test('fields of an invited user', () => {
  const byEmail = account({ status: 'invited', identities: [], role: 'admin' });
  const given = situation({ found: { bySubject: null, byEmail }, profile: profile({ roleValues: [] }) });
  expect(reasonsOf(given)).toMatchObject({
    role: 'admin: invitation',
    status: 'invited > active: invitation',
    identity: `null > ${identity.subject}: linked`,
  });
});

test('fields that UserStore.decide changed', () => {
  const given = known({}, { name: 'Alice Baker' });
  const user = account();
  const write = { role: 'admin', lastLoginAt: given.now } as const;
  const changes = [{ field: 'role', from: 'member', to: 'admin' }] as const;
  expect(reasonsOf(given, { action: 'update', user, write, changes, notes: [] })).toEqual({
    email: 'alice@acme.example: same',
    name: 'Alice Adams: decided_by_store',
    role: 'member > admin: decided_by_store',
  });
  const refused = situation({ found: { bySubject: null, byEmail: account({ emailVerified: false, identities: [] }) } });
  expect(reasonsOf(refused, { action: 'none', user, write, changes: [], notes: [] })).toMatchObject({
    name: 'Alice Adams: decided_by_store',
  });
});

test('an application without roles has no field role', () => {
  const given: Situation<Account> = { ...situation(), roles: undefined };
  const decision = decide(given);
  if (decision.action === 'reject') throw new Error(decision.reason);
  expect((decision.fields ?? []).map(({ field }) => field)).toEqual(['email', 'name', 'identity']);
});

test('the tests above cover every reason', () => {
  const all: Record<FieldReason, true> = {
    set: true,
    same: true,
    default_role: true,
    role_lowered: true,
    unless_last_holder: true,
    cleared: true,
    fallback: true,
    linked: true,
    invitation: true,
    domain_verified: true,
    domain_unverified: true,
    absent: true,
    empty: true,
    unusable: true,
    role_unconfirmed: true,
    manual_kept: true,
    scim_kept: true,
    on_create: true,
    email_conflict: true,
    mode: true,
    decided_by_store: true,
  };
  expect([...seen].sort()).toEqual(Object.keys(all).sort());
});
