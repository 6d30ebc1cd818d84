import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { provision } from '../../src/provisioning/provision.ts';
import {
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
  userStoreErrorCode,
} from '../../src/provisioning/store-errors.ts';
import type { UserStore } from '../../src/provisioning/user-store.ts';
import { memoryUserStore } from '../../src/stores/memory.ts';
import { connection, now, profile, type Role, roles, type User } from './support.ts';

test('each error has a stable code', () => {
  expect(new UserConflict('taken')).toMatchObject({ name: 'UserConflict', code: 'user_conflict', message: 'taken' });
  expect(new SeatLimitReached()).toMatchObject({ name: 'SeatLimitReached', code: 'seat_limit_reached' });
  expect(new LastRoleHolder()).toMatchObject({ name: 'LastRoleHolder', code: 'last_role_holder' });
  for (const error of [new UserConflict(), new SeatLimitReached(), new LastRoleHolder()])
    expect(userStoreErrorCode(error)).toBe(error.code);
});

test('only code and name together are recognized', () => {
  for (const other of [
    null,
    'user_conflict',
    new Error('user_conflict'),
    Object.assign(new Error('x'), { code: 'user_conflict' }),
    Object.assign(new Error('x'), { code: '23505', name: 'UserConflict' }),
    Object.assign(new Error('x'), { code: 'user_conflict', name: 'SeatLimitReached' }),
  ])
    expect(userStoreErrorCode(other)).toBeNull();
});

test('a store may throw the errors of another copy of the package, or of another realm', async () => {
  const foreign: unknown = runInNewContext(
    "Object.assign(new Error('taken'), { name: 'UserConflict', code: 'user_conflict' })",
  );
  expect(foreign).not.toBeInstanceOf(Error);
  const store = memoryUserStore<Role>({ roles });
  let attempts = 0;
  const users: UserStore<User> = {
    ...store,
    create: (user, guard) => (attempts++ === 0 ? Promise.reject(foreign) : store.create(user, guard)),
  };
  const result = await provision({
    store: users,
    connection: connection(),
    organization: { sso: true, seats: null },
    roles,
    profile: profile(),
    now,
    assertionId: '_a1',
  });
  expect([result.outcome, attempts]).toEqual(['created', 2]);
});
