import { expect, expectTypeOf, test } from 'vitest';
import { type Decision, type Rejection, type RejectReason, reject } from '../../src/index.ts';
import { account, type Case, decideCase, identity } from './support.ts';

const detailsOf = (input: Case): unknown => {
  const decision = decideCase(input);
  return decision.action === 'reject' ? [decision.reason, decision.details] : decision.action;
};

test('the details of a rejection are typed by its reason', () => {
  const describe = (rejection: Rejection): string | number | null => {
    switch (rejection.reason) {
      case 'seat_limit_reached':
        expectTypeOf(rejection.details?.seats).toEqualTypeOf<number | null | undefined>();
        return rejection.details?.seats ?? null;
      case 'attribute_mismatch':
        return rejection.details?.attribute ?? null;
      default:
        return rejection.message;
    }
  };
  const full = reject('seat_limit_reached', 'full', { organizationId: 'acme', seats: 5 });
  expect(describe(full)).toBe(5);
  expectTypeOf(full).toExtend<Decision>();
  expectTypeOf<Rejection['reason']>().toEqualTypeOf<RejectReason>();
  // @ts-expect-error: details of another reason
  expect(() => reject('seat_limit_reached', 'full', { userId: 'u1' })).not.toThrow();
});

test('a rejection without details has no key `details`', () => {
  expect(reject('not_invited', 'Contractors\u202E have no access.')).toEqual({
    action: 'reject',
    reason: 'not_invited',
    message: 'you cannot sign in with this account; please ask your administrator',
    hint: 'Contractors\\u{202e} have no access.',
  });
});

test.each<[Case, unknown]>([
  [{ connection: { enabled: false } }, ['connection_disabled', { connectionId: 'acme-okta' }]],
  [{ situation: { organization: { sso: false, seats: null } } }, ['sso_not_in_plan', { organizationId: 'acme' }]],
  [
    { policy: { requiredAttributes: { tenant: 'a' } }, profile: { required: { tenant: ['b'] } } },
    ['attribute_mismatch', { attribute: 'tenant', expected: 'a', received: ['b'] }],
  ],
  [
    { policy: { requiredAttributes: { tenant: 'a' } } },
    ['attribute_mismatch', { attribute: 'tenant', expected: 'a', received: null }],
  ],
  [
    { profile: { subject: null, subjectProblem: { kind: 'several', received: ['a', 'b'] } } },
    ['subject_invalid', { problem: 'several_values', received: ['a', 'b'] }],
  ],
  [{ bySubject: account({ status: 'suspended' }) }, ['user_suspended', { userId: 'u1' }]],
  [{ bySubject: account({ status: 'removed' }) }, ['user_removed', { userId: 'u1' }]],
  [
    { profile: { email: 'alice@globex.example' } },
    ['domain_not_allowed', { email: 'alice@globex.example', domains: ['acme.example'] }],
  ],
  [
    { byEmail: account({ identities: [], emailVerified: false }) },
    ['link_needs_verification', { userId: 'u1', cause: 'email_unverified' }],
  ],
  [
    { byEmail: account({ identities: [], role: 'owner' }), connection: { domains: [] } },
    ['link_needs_verification', { userId: 'u1', cause: 'protected_role' }],
  ],
  [
    { byEmail: account({ identities: [{ ...identity, subject: 'alice-0' }] }) },
    ['subject_conflict', { userId: 'u1', known: 'alice-0', received: 'alice-1' }],
  ],
  [
    { byEmail: account({ identities: [{ ...identity, issuer: 'https://old.example' }] }), connection: { domains: [] } },
    ['subject_conflict', { userId: 'u1', known: null, received: 'alice-1' }],
  ],
  [
    { situation: { organization: { sso: true, seats: 2 }, seatsTaken: 2 } },
    ['seat_limit_reached', { organizationId: 'acme', seats: 2 }],
  ],
  [{ profile: { roleValues: ['boss'] } }, ['role_unknown', { roleValues: ['boss'], groups: null }]],
  [
    { byEmail: account({ organizationId: 'globex', id: 'u9', identities: [] }) },
    ['email_in_other_organization', { email: 'alice@acme.example' }],
  ],
  [{}, 'create'],
])('details %#: %j', (input, expected) => {
  expect(detailsOf(input)).toEqual(expected);
});

test('lists in details are bounded', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `${index}`);
  const decision = decideCase({ profile: { email: null, receivedAttributes: many } });
  const { details } = decision.action === 'reject' && decision.reason === 'email_missing' ? decision : {};
  expect(details?.receivedAttributes.length).toBe(30);
});
