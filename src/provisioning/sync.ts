import type { SyncedField } from '../connections/connection.ts';
import type { Account, Changes } from './account.ts';
import { attributeText, changedFields } from './changes.ts';
import type { Decision, FieldReason, Note } from './decision.ts';
import { inDomains, mayNameAnyEmail, normalizeEmail } from './email.ts';
import { attributeKeys, decidedFields, type FieldReasons, listedFields } from './fields.ts';
import type { Profile } from './profile.ts';
import type { Rejection } from './reject.ts';
import { grantedRole, knownRole, newRole, rolePolicy, roleReason } from './roles.ts';
import type { Situation } from './situation.ts';

/** The identity that a login adds to an account found by e-mail, and with `policy.rebind` the one that it replaces. */
export interface Link extends Pick<Changes<Account<string>>, 'addIdentity' | 'removeIdentity'> {
  readonly notes?: readonly Note[] | undefined;
}

/** A part of the update of a known account. */
interface SyncResult<U extends Account<string>> {
  readonly reasons: FieldReasons;
  readonly write?: Omit<Changes<U>, 'lastLoginAt'> | undefined;
  readonly notes?: readonly Note[] | undefined;
}

/** The result for one field. */
interface FieldResult<U extends Account<string>> extends Omit<SyncResult<U>, 'reasons'> {
  readonly reason: FieldReason;
}

/** Updates a known account from the profile: rules field-sync, empty-attributes, invited-user and scim-managed. */
export function synchronize<U extends Account<string>>(
  situation: Situation<U>,
  user: U,
  { notes = [], ...link }: Link,
): Decision<U> {
  const results: SyncResult<U>[] = [{ reasons: [], write: link, notes }];
  if (user.status === 'invited') results.push({ reasons: [], write: { status: 'active' } });
  if (situation.connection.policy.mode === 'create-only')
    return accept(situation, user, [...results, keptByMode(situation, user)]);
  const role = situation.roles === undefined ? null : syncRole(situation, user);
  if (role !== null && 'action' in role) return role;
  results.push(ofField('email', syncEmail(situation, user)), ofField('name', syncName(situation, user)));
  if (role !== null) results.push(ofField('role', role));
  return accept(situation, user, [...results, syncAttributes(situation, user)]);
}

/** Lets a known user sign in and changes nothing. */
export function unchanged<U extends Account<string>>(situation: Situation<U>, user: U): Decision<U> {
  return accept(situation, user, [keptByMode(situation, user)]);
}

function keptByMode<U extends Account<string>>(situation: Situation<U>, user: U): SyncResult<U> {
  return { reasons: listedFields(situation, user).map((field) => [field, 'mode']) };
}

function ofField<U extends Account<string>>(field: SyncedField, { reason, ...rest }: FieldResult<U>): SyncResult<U> {
  return { reasons: [[field, reason]], ...rest };
}

function accept<U extends Account<string>>(
  situation: Situation<U>,
  user: U,
  results: readonly SyncResult<U>[],
): Decision<U> {
  let write: Changes<U> = { lastLoginAt: situation.now };
  for (const result of results) write = { ...write, ...result.write };
  const changes = changedFields(user, write);
  const notes = [...new Set([...results.flatMap((result) => result.notes ?? []), ...groupNotes(situation.profile)])];
  const fields = decidedFields(
    user,
    results.flatMap(({ reasons }) => reasons),
    changes,
  );
  return { action: changes.length > 0 ? 'update' : 'none', user, write, changes, notes, fields };
}

/** The notes about the groups of a user who may sign in. */
export function groupNotes({ groups }: Profile): readonly Note[] {
  return groups.kind === 'overage' ? ['groups_overage'] : [];
}

function syncEmail<U extends Account<string>>(situation: Situation<U>, user: U): FieldResult<U> {
  const { connection, found, profile } = situation;
  if (profile.email === null) return { reason: 'absent' };
  const emailVerified = inDomains(profile.email, connection.domains);
  if (normalizeEmail(profile.email) === normalizeEmail(user.email)) {
    return { reason: 'same', ...(emailVerified && !user.emailVerified ? { write: { emailVerified } } : {}) };
  }
  const kept = keptByPolicy(situation, user, 'email');
  if (kept) return kept;
  // The e-mail of a removed account is free, unless the account is of another organization: that must not be revealed.
  const holder = found.byEmail?.id === user.id ? null : found.byEmail;
  const isFree = holder === null || (holder.status === 'removed' && holder.organizationId === user.organizationId);
  const isAllowed = emailVerified || mayNameAnyEmail(connection);
  return isFree && isAllowed
    ? { reason: 'set', write: { email: profile.email, emailVerified } }
    : { reason: 'email_conflict', notes: ['email_conflict'] };
}

function syncName<U extends Account<string>>(situation: Situation<U>, user: U): FieldResult<U> {
  const { profile, connection } = situation;
  // A first login without a name stored the fallback. If that were cleared, each login would undo the one before.
  const isCleared = profile.nameIsEmpty && profile.name !== user.name && connection.policy.clearable.includes('name');
  if (!isCleared && (profile.nameIsFallback || profile.name === null)) {
    return { reason: profile.nameIsEmpty ? 'empty' : 'absent' };
  }
  const name = isCleared ? null : profile.name;
  if (name === user.name) return { reason: 'same' };
  return keptByPolicy(situation, user, 'name') ?? { reason: isCleared ? 'cleared' : 'set', write: { name } };
}

function syncRole<U extends Account<string>>(situation: Situation<U>, user: U): FieldResult<U> | Rejection {
  const policy = rolePolicy<NonNullable<U['role']>>(situation.connection.policy, situation.roles);
  if (policy === null) return { reason: 'absent' };
  const granted = grantedRole(policy, situation.profile);
  const kept = keptByPolicy(situation, user, 'role');
  if (kept) return granted === null || granted === user.role ? { reason: granted === null ? 'absent' : 'same' } : kept;
  // Rule invited-user: the role of an invitation is kept; an invited user without a role gets that of a new user.
  if (granted === null && user.status === 'invited' && user.role !== null) return { reason: 'invitation' };
  const isNew = user.status === 'invited' && user.role === null;
  const outcome = isNew ? newRole(policy, situation.profile) : knownRole(policy, situation.profile, user.role);
  if (outcome.action === 'reject') return outcome;
  const reason = roleReason(outcome, granted, user.role);
  if (outcome.action === 'keep' || outcome.role === user.role) return { reason, notes: outcome.notes };
  const isLastHolderKept = user.role === policy.protected;
  return {
    reason: isLastHolderKept ? 'unless_last_holder' : reason,
    write: { role: outcome.role },
    notes: outcome.notes,
  };
}

function syncAttributes<U extends Account<string>>(situation: Situation<U>, user: U): SyncResult<U> {
  const { customAttributes = {} } = user;
  const written = new Map(Object.entries(customAttributes));
  const reasons = attributeKeys(situation.profile, user).map((key) => {
    const reason = attributeReason(situation, user, key);
    if (reason === 'cleared') written.delete(key);
    if (reason === 'set') written.set(key, situation.profile.customAttributes[key] ?? []);
    return [`customAttributes.${key}`, reason] as const;
  });
  const has = (...wanted: FieldReason[]): boolean => reasons.some(([, reason]) => wanted.includes(reason));
  return {
    reasons,
    write: has('set', 'cleared') ? { customAttributes: Object.fromEntries(written) } : {},
    notes: has('scim_kept') ? ['scim_kept'] : [],
  };
}

function attributeReason<U extends Account<string>>(
  { connection, organization, profile }: Situation<U>,
  user: U,
  key: string,
): FieldReason {
  const current = attributeText(user.customAttributes, key);
  const received = attributeText(profile.customAttributes, key);
  if (Object.hasOwn(profile.customAttributeProblems, key)) return 'unusable';
  if (received === null) return 'absent';
  const isEmpty = received === '';
  if (isEmpty && (current === null || received === current)) return 'empty';
  if (isEmpty && !connection.policy.clearable.includes(`customAttributes.${key}`)) return 'empty';
  if (received === current) return 'same';
  // An empty field was not set by SCIM.
  if (organization.scim && current) return 'scim_kept';
  return isEmpty ? 'cleared' : 'set';
}

/**
 * The result for a field of a known account that policy or SCIM keeps; `null`: it may change. The first login of an invited
 * user counts as creation. A field that SCIM may have set is kept; an empty one was not set by SCIM.
 */
function keptByPolicy<U extends Account<string>>(
  { connection: { policy }, organization }: Situation<U>,
  user: U,
  field: SyncedField,
): FieldResult<U> | null {
  if (policy.keepManual.includes(field) && user.provenance?.[field] === 'manual') {
    return { reason: 'manual_kept', notes: ['manual_kept'] };
  }
  if (organization.scim && user[field] !== null) return { reason: 'scim_kept', notes: ['scim_kept'] };
  return policy.sync[field] === 'onCreate' && user.status !== 'invited' ? { reason: 'on_create' } : null;
}
