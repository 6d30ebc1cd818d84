import { describe, expect, test } from 'vitest';
import type { ProvisioningPolicy } from '../../src/connections/connection.ts';
import { configurationError } from '../support/configuration-error.ts';
import { account, decideCase, rejection, roleAfter, verdict } from './support.ts';

describe('the role of a new user', () => {
  const roleMap = { staff: 'member', leads: 'admin' };
  test('rule role-source: the role itself, or a group or role value mapped by the table; the table decides first', () => {
    expect(roleAfter({ profile: { roleValues: [' admin '] } })).toEqual(['admin']);
    expect(
      roleAfter({
        policy: { roleMap },
        profile: { roleValues: [], groups: { kind: 'values', values: ['x', 'leads'] } },
      }),
    ).toEqual(['admin']);
    expect(roleAfter({ policy: { roleMap }, profile: { roleValues: ['leads'] } })).toEqual(['admin']);
    expect(roleAfter({ policy: { roleMap }, profile: { roleValues: ['owner', 'staff'] } })).toEqual(['member']);
  });
  test('rule role-source: with a table, values of the role attribute that it does not contain grant nothing unless policy matches them', () => {
    const profile = { roleValues: ['owner'] };
    const refused = rejection({ policy: { roleMap }, profile });
    expect(refused).toMatchObject({ reason: 'role_unknown' });
    expect(refused?.hint).toContain(
      'policy.roleMap maps "staff", "leads", and policy.unmappedRoles ignores other values of the role attribute.',
    );
    expect(roleAfter({ policy: { roleMap, unmappedRoles: 'match' }, profile })).toEqual(['owner']);
    expect(roleAfter({ policy: { roleMap, defaultRole: 'member' }, profile })).toEqual(['member']);
    const admin = account({ role: 'admin' });
    expect(roleAfter({ bySubject: admin, policy: { roleMap }, profile })).toEqual(['admin', 'role_unconfirmed']);
    expect(roleAfter({ bySubject: admin, policy: { roleMap, unmappedRoles: 'match' }, profile })).toEqual(['owner']);
    // A table of its own names says nothing of them: the value itself is the role.
    expect(roleAfter({ profile })).toEqual(['owner']);
    expect(verdict({ policy: { unmappedRoles: 'ignore' }, profile })).toBe('role_unknown');
  });
  test('rule role-source: a group that is called like a role means nothing without the table', () => {
    const groups = { kind: 'values', values: ['owner'] } as const;
    expect(verdict({ profile: { roleValues: [], groups } })).toBe('role_missing');
    expect(
      verdict({ profile: { roleValues: [], groups: { kind: 'values', values: ['toString'] } }, policy: { roleMap } }),
    ).toBe('role_missing');
  });
  test('rule role-source: an application without roles resolves no role', () => {
    expect(
      roleAfter({
        situation: { roles: undefined },
        policy: { defaultRole: 'nonsense' },
        profile: { roleValues: ['x'] },
      }),
    ).toEqual([null]);
  });
  test('rule highest-role: the highest rank wins', () => {
    expect(roleAfter({ profile: { roleValues: ['member', 'owner', 'admin'] } })).toEqual(['owner']);
    expect(
      roleAfter({ policy: { roleMap }, profile: { groups: { kind: 'values', values: ['staff', 'leads'] } } }),
    ).toEqual(['admin']);
  });
  test('rule no-matching-role: values that are not roles are ignored next to one that is', () => {
    expect(roleAfter({ profile: { roleValues: ['root', 'member'] } })).toEqual(['member']);
  });
  test('rule no-matching-role: only unknown values: role_unknown, or the default role', () => {
    const refused = rejection({ profile: { roleValues: ['Admin', 'root'] } });
    expect(refused).toMatchObject({
      reason: 'role_unknown',
      message: 'your identity provider sent a role that this application does not have',
    });
    expect(refused?.hint).toContain('role values: "Admin", "root"');
    expect(refused?.hint).toContain('"owner", "admin", "member" (case matters)');
    expect(roleAfter({ profile: { roleValues: ['root'] }, policy: { defaultRole: 'member' } })).toEqual(['member']);
  });
  test('rule no-matching-role: no value at all: role_missing, or the default role', () => {
    expect(rejection({ profile: { roleValues: [] } })).toMatchObject({
      reason: 'role_missing',
      message: 'your identity provider gave you no role in this application',
    });
    expect(rejection({ profile: { roleValues: [], groups: { kind: 'overage' } } })?.hint).toContain(
      'groups: too many to be sent',
    );
    expect(roleAfter({ profile: { roleValues: [] }, policy: { defaultRole: 'member' } })).toEqual(['member']);
  });
  test('rule role-ceiling: a role above the ceiling is lowered and noted', () => {
    expect(roleAfter({ policy: { roleCeiling: 'admin' }, profile: { roleValues: ['owner'] } })).toEqual([
      'admin',
      'role_lowered',
    ]);
    expect(roleAfter({ policy: { roleCeiling: 'admin' }, profile: { roleValues: ['admin'] } })).toEqual(['admin']);
    expect(roleAfter({ policy: { roleCeiling: 'member', defaultRole: 'owner' }, profile: { roleValues: [] } })).toEqual(
      ['member', 'role_lowered'],
    );
  });
  test.each<Partial<ProvisioningPolicy>>([
    { roleMap: { x: 'root' } },
    { defaultRole: 'root' },
    { roleCeiling: 'root' },
    { protectedRole: 'root' },
  ])('a policy with a role that the application does not have is a mistake of the programmer: %o', (policy) => {
    expect(() => decideCase({ policy })).toThrow(
      configurationError(
        `policy.${Object.keys(policy)[0]} names "root", which is not one of the roles "owner", "admin", "member"`,
      ),
    );
  });
});

describe('the role of a known user', () => {
  const admin = account({ role: 'admin' });
  const roleMap = { staff: 'member', leads: 'admin' };
  const none = { roleValues: [] };
  test('rule no-matching-role: with an absent or unknown value the role is kept, and noted', () => {
    expect(roleAfter({ bySubject: admin, profile: none })).toEqual(['admin', 'role_unconfirmed']);
    expect(roleAfter({ bySubject: admin, profile: { roleValues: ['root'] } })).toEqual(['admin', 'role_unconfirmed']);
    expect(roleAfter({ bySubject: admin, profile: { roleValues: ['member'] } })).toEqual(['member']);
    expect(roleAfter({ bySubject: admin, profile: { roleValues: ['owner'] } })).toEqual(['owner']);
  });
  test('rule no-matching-role: groups present but none mapped: the default role, else role_missing', () => {
    const groups = { ...none, groups: { kind: 'values', values: ['others'] } } as const;
    expect(roleAfter({ bySubject: admin, profile: groups, policy: { roleMap, defaultRole: 'member' } })).toEqual([
      'member',
    ]);
    expect(verdict({ bySubject: admin, profile: groups, policy: { roleMap } })).toBe('role_missing');
    expect(roleAfter({ bySubject: admin, profile: groups })).toEqual(['admin', 'role_unconfirmed']);
  });
  test('rule unknown-groups: absent groups are unknown, or none by policy; empty groups mean none', () => {
    const policy = { roleMap, defaultRole: 'member' };
    expect(roleAfter({ bySubject: admin, profile: none, policy })).toEqual(['admin', 'role_unconfirmed']);
    expect(roleAfter({ bySubject: admin, profile: none, policy: { ...policy, absentGroups: 'none' } })).toEqual([
      'member',
    ]);
    expect(
      roleAfter({ bySubject: admin, profile: { ...none, groups: { kind: 'values', values: [] } }, policy }),
    ).toEqual(['member']);
  });
  test('rule unknown-groups: with a group overage the role is never lowered; it may be raised', () => {
    const overage = { groups: { kind: 'overage' }, roleValues: ['member'] } as const;
    const policy: Partial<ProvisioningPolicy> = { roleMap, defaultRole: 'member', absentGroups: 'none' };
    expect(roleAfter({ bySubject: admin, profile: { ...overage, roleValues: [] }, policy })).toEqual([
      'admin',
      'role_unconfirmed',
      'groups_overage',
    ]);
    expect(roleAfter({ bySubject: admin, profile: overage, policy })).toEqual([
      'admin',
      'role_unconfirmed',
      'groups_overage',
    ]);
    const match = { ...policy, unmappedRoles: 'match' } as const;
    const owner = { ...overage, roleValues: ['owner'] };
    expect(roleAfter({ bySubject: admin, profile: owner, policy: match })).toEqual(['owner', 'groups_overage']);
    expect(roleAfter({ bySubject: admin, profile: overage })).toEqual(['member', 'groups_overage']);
  });
  test('rule unknown-groups: a group overage at a first login: the default role, noted; or rejected if policy requires it', () => {
    const overage = { groups: { kind: 'overage' }, roleValues: [] } as const;
    const policy = { roleMap, defaultRole: 'member' } as const;
    expect(roleAfter({ profile: overage, policy })).toEqual(['member', 'groups_overage']);
    const strict = { ...policy, groupsOverage: 'reject' } as const;
    expect(rejection({ profile: overage, policy: strict })).toMatchObject({
      reason: 'groups_overage',
      message: 'your identity provider did not send your groups; please ask your administrator',
      hint: expect.stringContaining('set policy.groupsOverage to "unknown"'),
    });
    for (const known of [
      { bySubject: admin },
      { byEmail: account({ identities: [], role: null, status: 'invited' }) },
    ] as const) {
      expect(rejection({ ...known, profile: overage, policy: strict })?.reason).toBe('groups_overage');
    }
    // Groups without effect cause no rejection.
    expect(roleAfter({ profile: overage, policy: { ...strict, roleMap: {} } })).toEqual(['member', 'groups_overage']);
    const absent = { groups: { kind: 'absent' }, roleValues: [] } as const;
    expect(roleAfter({ profile: absent, policy: strict })).toEqual(['member']);
    const byHand = { ...strict, keepManual: ['role'] } as const;
    const manual = account({ role: 'admin', provenance: { role: 'manual' } });
    expect(roleAfter({ bySubject: manual, profile: overage, policy: byHand })).toEqual(['admin', 'groups_overage']);
  });
  test('rule role-ceiling: the ceiling applies to known users', () => {
    expect(
      roleAfter({ bySubject: account(), profile: { roleValues: ['owner'] }, policy: { roleCeiling: 'admin' } }),
    ).toEqual(['admin', 'role_lowered']);
  });
});
