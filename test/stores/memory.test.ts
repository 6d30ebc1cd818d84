import { describe, expect, test } from 'vitest';
import { type AuditRecord, LastRoleHolder, SeatLimitReached, UserConflict } from '../../src/provisioning/user-store.ts';
import { memoryUserStore } from '../../src/stores/memory.ts';
import { configurationError } from '../support/configuration-error.ts';

type Role = 'owner' | 'member';
const roles: readonly Role[] = ['owner', 'member'];
const at = new Date('2026-03-01T12:00:00Z');
const identity = { connectionId: 'c1', issuer: 'https://idp.example', subject: 's1' };
const audit: AuditRecord = {
  at,
  connectionId: 'c1',
  organizationId: 'acme',
  assertionId: '_a',
  identity,
  action: 'update',
  changes: [],
  notes: [],
};
const ann = {
  id: 'u1',
  organizationId: 'acme',
  email: 'Ann@acme.example',
  role: 'member',
  identities: [identity],
} as const;
const key = { ...identity, organizationId: 'acme', email: 'ann@ACME.example' };
const fresh = {
  organizationId: 'acme',
  email: 'bob@acme.example',
  emailVerified: true,
  name: 'Bob',
  role: 'member',
  identity: { ...identity, subject: 's2' },
  customAttributes: {},
  lastLoginAt: at,
} as const;
const free = { seats: null, audit };
const loose = { keepLast: null, audit };

describe('find', () => {
  test('compares subjects exactly and e-mails by their key, within the organization', async () => {
    const store = memoryUserStore({ roles, users: [ann] });
    expect(await store.find(key)).toMatchObject({ bySubject: { id: 'u1' }, byEmail: { id: 'u1' } });
    expect(await store.find({ ...key, subject: 'S1', email: null })).toEqual({ bySubject: null, byEmail: null });
    expect(await store.find({ ...key, organizationId: 'globex' })).toEqual({ bySubject: null, byEmail: null });
    for (const other of [{ issuer: 'x' }, { connectionId: 'x' }]) {
      expect(await store.find({ ...key, ...other, email: 'not an e-mail' })).toEqual({
        bySubject: null,
        byEmail: null,
      });
    }
  });
  test('returns a removed account only if no other account matches', async () => {
    const store = memoryUserStore({ roles, users: [ann] });
    await store.remove('u1');
    expect(await store.find(key)).toMatchObject({ bySubject: { status: 'removed' }, byEmail: { status: 'removed' } });
    await store.put({ ...ann, id: 'u2' });
    expect(await store.find(key)).toMatchObject({ bySubject: { id: 'u2' }, byEmail: { id: 'u2' } });
  });
  test("with one account per e-mail, returns another organization's account unless it is removed", async () => {
    const globex = { ...ann, id: 'u9', organizationId: 'globex', identities: [] };
    const store = memoryUserStore({ roles, users: [globex], oneAccountPerEmail: true });
    expect(await store.find(key)).toMatchObject({ bySubject: null, byEmail: { id: 'u9' } });
    await expect(store.put({ ...ann })).rejects.toThrow(UserConflict);
    await store.remove('u9');
    expect(await store.find(key)).toEqual({ bySubject: null, byEmail: null });
    await store.put({ ...ann });
    expect(await store.find(key)).toMatchObject({ byEmail: { id: 'u1' } });
  });
});

describe('create', () => {
  test('returns a frozen copy of the new, active user', async () => {
    const store = memoryUserStore({ roles, newId: () => 'new' });
    const user = await store.create(fresh, free);
    const { identity: own, ...fields } = fresh;
    expect(user).toEqual({
      ...fields,
      id: 'new',
      status: 'active',
      identities: [own],
      version: expect.any(String),
    });
    expect(Object.isFrozen(user)).toBe(true);
  });
  test('an e-mail is verified if the login verified it; with put, unless the application passes false', async () => {
    const store = memoryUserStore({
      roles,
      users: [ann, { ...ann, id: 'u2', email: 'c@acme.example', identities: [] }],
    });
    const user = await store.create({ ...fresh, emailVerified: false }, free);
    expect(user.emailVerified).toBe(false);
    const write = { lastLoginAt: at };
    expect(await store.update(user, { ...write, name: 'B' }, loose)).toMatchObject({ emailVerified: false });
    expect(await store.update(user, { ...write, emailVerified: true }, loose)).toMatchObject({ emailVerified: true });
    const moved = { ...write, email: 'new@acme.example', emailVerified: false };
    expect(await store.update(user, moved, loose)).toMatchObject({ email: 'new@acme.example', emailVerified: false });
    expect((await store.list('acme')).map(({ emailVerified }) => emailVerified)).toEqual([true, true, false]);
    expect(await store.put({ ...ann, emailVerified: false })).toMatchObject({ emailVerified: false });
  });
  test('an e-mail or identity in use is a conflict, in any spelling; in another organization the e-mail is free', async () => {
    const store = memoryUserStore({ roles, users: [ann] });
    await expect(store.create({ ...fresh, email: 'ANN@acme.example' }, free)).rejects.toThrow(UserConflict);
    await expect(store.create({ ...fresh, identity }, free)).rejects.toThrow(UserConflict);
    await expect(store.create({ ...fresh, organizationId: 'globex', email: ann.email }, free)).resolves.toMatchObject({
      organizationId: 'globex',
    });
    await store.remove('u1');
    await expect(store.create({ ...fresh, email: ann.email, identity }, free)).resolves.toMatchObject({
      status: 'active',
    });
  });
  test('is refused if all seats are taken; a conflict has priority', async () => {
    const store = memoryUserStore({ roles, users: [ann] });
    const guard = { seats: 1, audit };
    await expect(store.create(fresh, guard)).rejects.toThrow(SeatLimitReached);
    await expect(store.create({ ...fresh, email: ann.email }, guard)).rejects.toThrow(UserConflict);
    await expect(store.create({ ...fresh, organizationId: 'globex' }, guard)).resolves.toMatchObject({
      email: fresh.email,
    });
  });
  test('seats are active and invited accounts, or those of countsAsSeat', async () => {
    const statuses = ['active', 'invited', 'suspended', 'removed'] as const;
    const users = statuses.map((status) => ({ organizationId: 'acme', email: `${status}@acme.example`, status }));
    expect(await memoryUserStore({ users }).seatsTaken('acme')).toBe(2);
    expect(
      await memoryUserStore({ users, countsAsSeat: ({ status }) => status !== 'removed' }).seatsTaken('acme'),
    ).toBe(3);
  });
});

describe('update', () => {
  test('writes only the fields that are present, with the provenance idp', async () => {
    const store = memoryUserStore({ roles });
    const user = await store.put({
      ...ann,
      name: 'Ann',
      provenance: { name: 'manual', role: 'manual' },
      customAttributes: { team: ['a'] },
    });
    const other = { ...identity, issuer: 'x' };
    const updated = await store.update(user, { name: null, addIdentity: other, lastLoginAt: at }, loose);
    expect(updated).toMatchObject({
      email: ann.email,
      name: null,
      role: 'member',
      identities: [identity, other],
      customAttributes: { team: ['a'] },
    });
    expect(updated.provenance).toMatchObject({ name: 'idp', role: 'manual' });
    expect(updated.version).not.toBe(user.version);
    const rebound = await store.update(user, { removeIdentity: identity, role: 'owner', lastLoginAt: at }, loose);
    expect(rebound).toMatchObject({ identities: [other], role: 'owner', provenance: { role: 'idp' } });
    expect(user).toMatchObject({ name: 'Ann' });
  });
  test('a newer version is not overwritten; the time of a login creates no version', async () => {
    const store = memoryUserStore({ roles });
    const user = await store.put({ ...ann });
    const guard = { keepLast: null, expectedVersion: user.version, audit };
    await store.update(user, { lastLoginAt: at }, { ...guard, audit: { ...audit, action: 'login' } });
    await store.update(user, { name: 'A', lastLoginAt: at }, guard);
    await expect(store.update(user, { name: 'B', lastLoginAt: at }, guard)).rejects.toThrow(UserConflict);
    await expect(store.update(user, { name: 'C', lastLoginAt: at }, loose)).resolves.toMatchObject({ name: 'C' });
  });
  test('an account that is suspended, removed or unknown is a conflict; a restored one is not', async () => {
    const store = memoryUserStore({ roles });
    const user = await store.put({ ...ann });
    for (const verb of ['suspend', 'remove'] as const) {
      await store[verb]('u1');
      await expect(store.update(user, { lastLoginAt: at }, loose)).rejects.toThrow(UserConflict);
    }
    await store.restore('u1');
    await expect(store.update(user, { lastLoginAt: at }, loose)).resolves.toMatchObject({ status: 'active' });
    await expect(store.update({ ...user, id: 'u7' }, { lastLoginAt: at }, loose)).rejects.toThrow(UserConflict);
    await expect(store.suspend('u7')).rejects.toThrow(new TypeError('no user has the id "u7"'));
  });
  test('the e-mail or identity of another account is a conflict', async () => {
    const store = memoryUserStore({
      roles,
      users: [{ ...ann, id: 'u2', email: 'b@acme.example', identities: [fresh.identity] }],
    });
    const user = await store.put({ ...ann });
    await expect(store.update(user, { email: 'B@acme.example', lastLoginAt: at }, loose)).rejects.toThrow(UserConflict);
    await expect(store.update(user, { addIdentity: fresh.identity, lastLoginAt: at }, loose)).rejects.toThrow(
      UserConflict,
    );
  });
  test('the last active user with the role keepLast keeps it', async () => {
    const store = memoryUserStore({
      roles,
      users: [{ ...ann, id: 'u2', email: 'b@acme.example', identities: [], role: 'owner', status: 'invited' }],
    });
    const user = await store.put({ ...ann, role: 'owner' });
    const guard = { keepLast: 'owner', audit } as const;
    await expect(store.update(user, { role: 'member', lastLoginAt: at }, guard)).rejects.toThrow(LastRoleHolder);
    await expect(store.update(user, { role: 'owner', name: 'A', lastLoginAt: at }, guard)).resolves.toMatchObject({
      name: 'A',
    });
    await store.restore('u2');
    await expect(store.update(user, { role: 'member', lastLoginAt: at }, guard)).resolves.toMatchObject({
      role: 'member',
    });
  });
});

describe('optional functions', () => {
  test('rule connection-discovery: organizationsOf returns the organizations with an account of the e-mail that is not removed', async () => {
    const elsewhere = { ...ann, id: 'u2', organizationId: 'globex', identities: [] };
    const store = memoryUserStore({
      roles,
      users: [ann, elsewhere, { ...elsewhere, id: 'u3', organizationId: 'old', status: 'removed' }],
    });
    expect(await store.organizationsOf('ANN@acme.example')).toEqual(['acme', 'globex']);
    expect(await store.organizationsOf('nobody@acme.example')).toEqual([]);
    expect(await store.organizationsOf('nonsense')).toEqual([]);
  });
  test('rule stale-accounts: listStale returns active users without a login since the given time', async () => {
    const user = (id: string, more: object) => ({ id, organizationId: 'acme', email: `${id}@acme.example`, ...more });
    const earlier = new Date(at.getTime() - 1);
    const store = memoryUserStore({
      users: [
        user('recent', { lastLoginAt: at }),
        user('stale', { lastLoginAt: earlier }),
        user('never', { lastLoginAt: null }),
        user('suspended', { lastLoginAt: earlier, status: 'suspended' }),
        user('elsewhere', { lastLoginAt: earlier, organizationId: 'globex' }),
      ],
    });
    const stale = await store.listStale({ organizationId: 'acme', olderThan: at });
    expect(stale.map(({ id }) => id)).toEqual(['stale', 'never']);
  });
  test('put changes the given fields of the account with the id; list returns all accounts', async () => {
    const store = memoryUserStore({ roles, users: [{ ...ann, name: 'Ann' }] });
    await store.put({ id: 'u1', organizationId: 'acme', email: 'ann@acme.example', role: 'owner' });
    await store.put({ organizationId: 'acme', email: 'c@acme.example' });
    await store.remove('u1');
    expect(await store.list('acme')).toMatchObject([
      { id: 'u1', name: 'Ann', role: 'owner', status: 'removed' },
      { email: 'c@acme.example', name: null, role: null, status: 'active', emailVerified: true, identities: [] },
    ]);
    expect(await store.list('globex')).toEqual([]);
  });
  test('an invalid account is a ConfigurationError', () => {
    expect(() => memoryUserStore({ users: [{ organizationId: 'acme', email: 'ann' }] })).toThrow(
      configurationError('users[0].email must be an e-mail address; received "ann"'),
    );
    const roleOfAnother: string = 'root';
    expect(() =>
      memoryUserStore({ roles: ['owner'] as readonly string[], users: [{ ...ann, role: roleOfAnother }] }),
    ).toThrow(configurationError('users[0].role must be one of owner; received "root"'));
    expect(() => memoryUserStore({ users: [ann, { ...ann, id: 'u2' }] })).toThrow(UserConflict);
  });
});
