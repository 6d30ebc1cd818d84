import { expect, test } from 'vitest';
import { changedFields } from '../../src/provisioning/changes.ts';
import { account, identity, now } from './support.ts';

test('rule unchanged-login: a write that repeats what the account has changes nothing', () => {
  const user = account({ customAttributes: { team: ['a'] } });
  const { email, name, role, customAttributes } = user;
  expect(changedFields(user, { lastLoginAt: now, email, name, role, customAttributes, status: 'active' })).toEqual([]);
  expect(changedFields(user, { lastLoginAt: now, name: undefined })).toEqual([]);
});

test('rule unchanged-login: removing a further attribute or identity is a change to null', () => {
  const user = account({ customAttributes: { team: ['a', 'b'], city: ['c'] } });
  expect(
    changedFields(user, { lastLoginAt: now, customAttributes: { city: ['c'] }, removeIdentity: identity }),
  ).toEqual([
    { field: 'identity', from: 'alice-1', to: null },
    { field: 'customAttributes.team', from: 'a, b', to: null },
  ]);
});

test.each<[readonly string[], readonly string[], string, string]>([
  [['a', 'b'], ['a, b'], 'a, b', '"a, b"'],
  [['a'], ['"a"'], 'a', '"\\"a\\""'],
  [[''], [], '""', ''],
  [['a'], [' a'], 'a', '" a"'],
])('rule unchanged-login: lists that differ read differently: %j and %j', (before, after, from, to) => {
  const user = account({ customAttributes: { team: before } });
  expect(changedFields(user, { lastLoginAt: now, customAttributes: { team: after } })).toEqual([
    { field: 'customAttributes.team', from, to },
  ]);
});
