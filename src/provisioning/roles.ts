import { invalidOption } from '../configuration-error.ts';
import type { ProvisioningPolicy } from '../connections/connection.ts';
import type { FieldReason, Note } from './decision.ts';
import type { Profile } from './profile.ts';
import { firstItems, quoted, type Rejection, reject } from './reject.ts';

/** The roles of an application, highest first, and a connection's policy for them. */
export interface RolePolicy<R extends string> {
  readonly roles: readonly R[];
  readonly map: ReadonlyMap<string, R>;
  /** Values of the role attribute that the map does not contain are matched with the names of roles. */
  readonly matchUnmapped: boolean;
  readonly default: R | null;
  readonly ceiling: R | null;
  /** Never taken from its last holder. */
  readonly protected: R | null;
  readonly absentGroups: ProvisioningPolicy['absentGroups'];
  readonly groupsOverage: ProvisioningPolicy['groupsOverage'];
}

/** How the role of a user is resolved. */
export type RoleOutcome<R extends string> =
  | { readonly action: 'set'; readonly role: R; readonly notes: readonly Note[] }
  | { readonly action: 'keep'; readonly notes: readonly Note[] }
  | Rejection;

/**
 * The role settings of a connection, checked against the application's roles; `null` for an application without roles.
 *
 * @throws TypeError if the policy names a role that the application does not have
 */
export function rolePolicy<R extends string>(
  policy: ProvisioningPolicy,
  roles: readonly R[] | undefined,
): RolePolicy<R> | null {
  if (roles === undefined) return null;
  const known = (name: string, setting: string): R => {
    const role = roles.find((each) => each === name);
    if (role === undefined)
      throw invalidOption(['policy', setting], `names "${name}", which is not one of the roles ${quoted(roles)}`);
    return role;
  };
  const map = new Map(Object.entries(policy.roleMap).map(([value, role]) => [value.trim(), known(role, 'roleMap')]));
  const protectedRole = policy.protectedRole === undefined ? (roles[0] ?? null) : policy.protectedRole;
  return {
    roles,
    map,
    matchUnmapped: (policy.unmappedRoles ?? (map.size > 0 ? 'ignore' : 'match')) === 'match',
    default: policy.defaultRole === null ? null : known(policy.defaultRole, 'defaultRole'),
    ceiling: policy.roleCeiling === null ? null : known(policy.roleCeiling, 'roleCeiling'),
    protected: protectedRole === null ? null : known(protectedRole, 'protectedRole'),
    absentGroups: policy.absentGroups,
    groupsOverage: policy.groupsOverage,
  };
}

/** The role of a new user: rules role-source, highest-role, no-matching-role and role-ceiling. */
export function newRole<R extends string>(policy: RolePolicy<R>, profile: Profile): RoleOutcome<R> {
  const rejected = rejectOverage(policy, profile);
  if (rejected) return rejected;
  const role = grantedRole(policy, profile) ?? policy.default;
  if (role !== null) return set(policy, role);
  return rejectRole(profile.roleValues.length > 0 ? 'role_unknown' : 'role_missing', policy, profile);
}

/** The role of a known user: the same rules, and rule unknown-groups. */
export function knownRole<R extends string>(
  policy: RolePolicy<R>,
  profile: Profile,
  current: string | null,
): RoleOutcome<R> {
  const rejected = rejectOverage(policy, profile);
  if (rejected) return rejected;
  const granted = grantedRole(policy, profile);
  const outcome = granted === null ? null : set(policy, granted);
  // The current role may come from a group that was not sent.
  const mayHoldMore = profile.groups.kind === 'overage' && policy.map.size > 0;
  if (outcome && !(mayHoldMore && outranks(policy.roles, current, outcome.role))) return outcome;
  if (outcome || !isWithoutRole(policy, profile)) return { action: 'keep', notes: ['role_unconfirmed'] };
  return policy.default === null ? rejectRole('role_missing', policy, profile) : set(policy, policy.default);
}

/** The highest role that the identity provider sends: by `roleMap`, else the value itself if policy allows that. */
export function grantedRole<R extends string>(policy: RolePolicy<R>, profile: Profile): R | null {
  const roleValues = profile.roleValues.map((value) => value.trim());
  const groups = profile.groups.kind === 'values' ? profile.groups.values.map((value) => value.trim()) : [];
  const mapped = new Set([...groups, ...roleValues].map((value) => policy.map.get(value)));
  const highest = (among: (role: R) => boolean) => policy.roles.find(among) ?? null;
  const matched = policy.matchUnmapped ? roleValues : [];
  return highest((role) => mapped.has(role)) ?? highest((role) => matched.includes(role));
}

/** The reason of a role that is not rejected. */
export function roleReason<R extends string>(
  outcome: Exclude<RoleOutcome<R>, Rejection>,
  granted: R | null,
  current: string | null,
): FieldReason {
  if (outcome.action === 'keep') return 'role_unconfirmed';
  if (outcome.notes.includes('role_lowered')) return 'role_lowered';
  if (granted === null) return 'default_role';
  return outcome.role === current ? 'same' : 'set';
}

/** Whether `a` is higher than `b`. A role that the application does not have is the lowest. */
export function outranks(roles: readonly string[], a: string | null, b: string | null): boolean {
  const rank = (role: string | null) => (role !== null && roles.includes(role) ? -roles.indexOf(role) : -Infinity);
  return rank(a) > rank(b);
}

// Groups give roles only if roleMap maps them: then groups of which none is mapped mean no role.
function isWithoutRole(policy: RolePolicy<string>, { groups }: Profile): boolean {
  if (policy.map.size === 0) return false;
  return groups.kind === 'values' || (groups.kind === 'absent' && policy.absentGroups === 'none');
}

function set<R extends string>(policy: RolePolicy<R>, role: R): RoleOutcome<R> & { readonly action: 'set' } {
  const lowered = policy.ceiling !== null && outranks(policy.roles, role, policy.ceiling);
  return {
    action: 'set',
    role: lowered && policy.ceiling ? policy.ceiling : role,
    notes: lowered ? ['role_lowered'] : [],
  };
}

// Groups give roles only if roleMap maps them.
function rejectOverage(policy: RolePolicy<string>, profile: Profile): Rejection | null {
  if (policy.groupsOverage !== 'reject' || profile.groups.kind !== 'overage' || policy.map.size === 0) return null;
  return reject(
    'groups_overage',
    'Expected all groups of the person, because policy.roleMap maps groups and policy.groupsOverage is "reject"; received ' +
      'a link instead: there are more than the identity provider sends. Let it send only the groups that are ' +
      'assigned to the application, or app roles; or set policy.groupsOverage to "unknown".',
    { receivedAttributes: firstItems(profile.receivedAttributes) },
  );
}

function rejectRole(reason: 'role_unknown' | 'role_missing', policy: RolePolicy<string>, profile: Profile): Rejection {
  const { roleValues, groups } = profile;
  const details = {
    roleValues: firstItems(roleValues),
    groups: groups.kind === 'values' ? firstItems(groups.values) : null,
  };
  const hint = `Expected a role, received ${receivedValues(profile)}. ${remedy(policy)}`;
  return reason === 'role_unknown' ? reject(reason, hint, details) : reject(reason, hint, details);
}

function receivedValues({ roleValues, groups, receivedAttributes }: Profile): string {
  const sent =
    groups.kind === 'values'
      ? quoted(groups.values)
      : groups.kind === 'absent'
        ? 'not sent'
        : 'too many to be sent (let the identity provider send only those assigned to the application, or app roles)';
  return `role values: ${quoted(roleValues)}; groups: ${sent}; attributes: ${quoted(receivedAttributes)}`;
}

function remedy({ roles, map, matchUnmapped }: RolePolicy<string>): string {
  const others = matchUnmapped ? '' : ', and policy.unmappedRoles ignores other values of the role attribute';
  return (
    `The application's roles are ${quoted(roles)} (case matters); policy.roleMap maps ${quoted([...map.keys()])}${others}. ` +
    'Assign one at the identity provider, map a value that it sends, or set policy.defaultRole.'
  );
}
