import { invalidOption } from '../configuration-error.ts';
import type { ProvisioningPolicy } from '../connections/connection.ts';
import type { Profile } from './profile.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import type { FieldReason, Note } from './situation.ts';

/** The roles of an application, highest first, and what a connection's policy says of them. */
export interface RolePolicy<R extends string> {
  readonly roles: readonly R[];
  readonly map: ReadonlyMap<string, R>;
  /** Values of the role attribute outside of the map count as roles themselves. */
  readonly matchUnmapped: boolean;
  readonly default: R | null;
  readonly ceiling: R | null;
  /** Never taken from its last holder. */
  readonly protected: R | null;
  readonly absentGroups: ProvisioningPolicy['absentGroups'];
  readonly groupsOverage: ProvisioningPolicy['groupsOverage'];
}

/** What becomes of a person's role. */
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
      throw invalidOption(['policy', setting], `names "${name}", which is none of the roles ${quoted(roles)}`);
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

/** The role of a person who has none yet (rows 6 to 9). */
export function newRole<R extends string>(policy: RolePolicy<R>, profile: Profile): RoleOutcome<R> {
  const tooMany = overage(policy, profile);
  if (tooMany) return tooMany;
  const role = grantedRole(policy, profile) ?? policy.default;
  if (role !== null) return set(policy, role);
  return profile.roleValues.length > 0
    ? reject('role_unknown', `Expected a role, received ${values(profile)}. ${remedy(policy)}`)
    : missing(policy, profile);
}

/** The role of a person who has one (rows 5 to 9). */
export function knownRole<R extends string>(
  policy: RolePolicy<R>,
  profile: Profile,
  current: string | null,
): RoleOutcome<R> {
  const tooMany = overage(policy, profile);
  if (tooMany) return tooMany;
  const granted = grantedRole(policy, profile);
  const outcome = granted === null ? null : set(policy, granted);
  // Among the groups that were not sent may be the one that gave the current role.
  const mayHoldMore = profile.groups.kind === 'overage' && policy.map.size > 0;
  if (outcome && !(mayHoldMore && outranks(policy.roles, current, outcome.role))) return outcome;
  if (outcome || !saysNoRole(policy, profile)) return { action: 'keep', notes: ['role_unconfirmed'] };
  return policy.default === null ? missing(policy, profile) : set(policy, policy.default);
}

/** The highest role that the identity provider sends; the table decides first, then the value itself where policy says so. */
export function grantedRole<R extends string>(policy: RolePolicy<R>, profile: Profile): R | null {
  const roleValues = profile.roleValues.map((value) => value.trim());
  const groups = profile.groups.kind === 'values' ? profile.groups.values.map((value) => value.trim()) : [];
  const mapped = new Set([...groups, ...roleValues].map((value) => policy.map.get(value)));
  const highest = (among: (role: R) => boolean) => policy.roles.find(among) ?? null;
  const matched = policy.matchUnmapped ? roleValues : [];
  return highest((role) => mapped.has(role)) ?? highest((role) => matched.includes(role));
}

/** Why a role that is not refused is what it is. */
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

// Groups mean something only where a table maps them: then groups of which none is mapped mean no role.
function saysNoRole(policy: RolePolicy<string>, { groups }: Profile): boolean {
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

// Groups decide only where a table maps them.
function overage(policy: RolePolicy<string>, profile: Profile): Rejection | null {
  if (policy.groupsOverage !== 'reject' || profile.groups.kind !== 'overage' || policy.map.size === 0) return null;
  return reject(
    'groups_overage',
    'Expected all groups of the person, because policy.roleMap maps groups and policy.groupsOverage is "reject"; received ' +
      'a link in place of them: there are more than the identity provider sends. Let it send only the groups that are ' +
      'assigned to the application, or app roles; or set policy.groupsOverage to "unknown".',
  );
}

function missing(policy: RolePolicy<string>, profile: Profile): Rejection {
  return reject('role_missing', `Expected a role, received ${values(profile)}. ${remedy(policy)}`);
}

function values({ roleValues, groups, receivedAttributes }: Profile): string {
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
