import type { ConfigurationIssue } from '../configuration-error.ts';
import { closest } from '../lib/closest.ts';
import type { ProvisioningPolicy, SyncedField } from './connection.ts';
import type { FlatPolicyInput, PolicyInput } from './input.ts';

const builtIn: ProvisioningPolicy = {
  mode: 'create-and-update',
  roleMap: {},
  unmappedRoles: undefined,
  defaultRole: null,
  roleCeiling: null,
  protectedRole: undefined,
  absentGroups: 'unknown',
  groupsOverage: 'unknown',
  sync: { name: 'always', role: 'always', email: 'always' },
  keepManual: [],
  clearable: [],
  rebind: false,
  linkUnverified: 'never',
  recreate: false,
  requireDomains: false,
  requiredAttributes: {},
  subject: undefined,
  idpInitiated: 'restart',
};

/**
 * A complete policy. Each key is taken from the first layer that has it, else from the general defaults; `sync` field by
 * field, `roleMap` and `requiredAttributes` as a whole.
 *
 * @param layers the most specific first; validated
 */
export function resolvePolicy(...layers: readonly (PolicyInput | undefined)[]): ProvisioningPolicy {
  const flat: readonly (FlatPolicyInput | undefined)[] = layers;
  const pick = <K extends keyof FlatPolicyInput>(key: K): ProvisioningPolicy[K] => {
    for (const layer of flat) {
      const value = layer?.[key];
      if (value !== undefined) return value;
    }
    return builtIn[key];
  };
  const sync = (field: SyncedField): 'always' | 'onCreate' =>
    layers.find((layer) => layer?.sync?.[field])?.sync?.[field] ?? builtIn.sync[field];
  return {
    mode: pick('mode'),
    roleMap: withoutPrototype(pick('roleMap')),
    unmappedRoles: pick('unmappedRoles'),
    defaultRole: pick('defaultRole'),
    roleCeiling: pick('roleCeiling'),
    protectedRole: pick('protectedRole'),
    absentGroups: pick('absentGroups'),
    groupsOverage: pick('groupsOverage'),
    sync: { name: sync('name'), role: sync('role'), email: sync('email') },
    keepManual: pick('keepManual'),
    clearable: pick('clearable'),
    rebind: pick('rebind'),
    linkUnverified: pick('linkUnverified'),
    recreate: pick('recreate'),
    requireDomains: pick('requireDomains'),
    requiredAttributes: withoutPrototype(pick('requiredAttributes')),
    subject: pick('subject'),
    idpInitiated: pick('idpInitiated'),
  };
}

/** A copy without prototype: a group may be named `constructor`. */
export function withoutPrototype<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), record);
}

/** Roles that the policy names and the application does not have; empty where its roles are not known. */
export function roleIssues(policy: PolicyInput, roles: readonly string[] | undefined): ConfigurationIssue[] {
  if (!roles) return [];
  const named: readonly (readonly [readonly string[], string | null | undefined])[] = [
    ...Object.entries(policy.roleMap ?? {}).map(([group, role]) => [['roleMap', group], role] as const),
    [['defaultRole'], policy.defaultRole],
    [['roleCeiling'], policy.roleCeiling],
    [['protectedRole'], policy.protectedRole],
  ];
  return named.flatMap(([path, role]) => {
    if (role === null || role === undefined || roles.includes(role)) return [];
    const message = `"${role}" is not a role of the application (${roles.join(', ')})`;
    return [{ path: ['policy', ...path], message, suggestion: closest(role, roles) }];
  });
}
