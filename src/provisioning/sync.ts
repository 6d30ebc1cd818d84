import type { SyncedField } from '../connections/connection.ts';
import { changedFields, listed } from './changes.ts';
import { inDomains, mayNameAnyEmail, normalizeEmail } from './email.ts';
import type { Profile } from './profile.ts';
import type { Rejection } from './reject.ts';
import { grantedRole, knownRole, newRole, rolePolicy, roleReason } from './roles.ts';
import type { Decision, FieldReason, Note, Situation } from './situation.ts';
import type { Account, Changes } from './user-store.ts';

/** The identity that a login adds to an account found by e-mail, and with policy `rebind` the one that it replaces. */
export interface Link extends Pick<Changes<Account<string>>, 'addIdentity' | 'removeIdentity'> {
  readonly notes?: readonly Note[] | undefined;
}

/** What a login makes of one field of a known account, and why. */
export interface Part<U extends Account<string>> {
  readonly reason: FieldReason;
  readonly write?: Omit<Changes<U>, 'lastLoginAt'>;
  readonly notes?: readonly Note[];
}

/** Brings a known account in step with the profile: rows 17, 21, 22, 23 and 25, and 18 where nothing else may change. */
export function synchronize<U extends Account<string>>(
  situation: Situation<U>,
  user: U,
  { notes = [], ...link }: Link,
): Decision<U> {
  const parts: Omit<Part<U>, 'reason'>[] = [{ write: link, notes }];
  if (user.status === 'invited') parts.push({ write: { status: 'active' } });
  if (situation.connection.policy.mode !== 'create-only') {
    const { email, name, role } = syncFields(situation, user);
    if ('action' in role) return role;
    parts.push(email, name, role, syncCustom(situation, user));
  }
  return accept(situation, user, parts);
}

/** Lets a known person in and changes nothing. */
export function unchanged<U extends Account<string>>(situation: Situation<U>, user: U): Decision<U> {
  return accept(situation, user, []);
}

/** What a login makes of the fields that are kept in step, where the mode lets it change them. */
export function syncFields<U extends Account<string>>(
  situation: Situation<U>,
  user: U,
): { readonly email: Part<U>; readonly name: Part<U>; readonly role: Part<U> | Rejection } {
  return { email: syncEmail(situation, user), name: syncName(situation, user), role: syncRole(situation, user) };
}

function accept<U extends Account<string>>(
  situation: Situation<U>,
  user: U,
  parts: readonly Omit<Part<U>, 'reason'>[],
): Decision<U> {
  let write: Changes<U> = { lastLoginAt: situation.now };
  for (const part of parts) write = { ...write, ...part.write };
  const changes = changedFields(user, write);
  const notes = [...new Set([...parts.flatMap((part) => part.notes ?? []), ...groupNotes(situation.profile)])];
  return { action: changes.length > 0 ? 'update' : 'none', user, write, changes, notes };
}

/** What is noted of the groups of each person who is let in. */
export function groupNotes({ groups }: Profile): readonly Note[] {
  return groups.kind === 'overage' ? ['groups_overage'] : [];
}

function syncEmail<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> {
  const { connection, found, profile } = situation;
  if (profile.email === null) return { reason: 'absent' };
  const emailVerified = inDomains(profile.email, connection.domains);
  if (normalizeEmail(profile.email) === normalizeEmail(user.email)) {
    return { reason: 'same', ...(emailVerified && !user.emailVerified ? { write: { emailVerified } } : {}) };
  }
  const kept = keeps(situation, user, 'email');
  if (kept) return kept;
  // A removed account holds no e-mail any more, unless it is another organization's: of that one nothing is known.
  const holder = found.byEmail?.id === user.id ? null : found.byEmail;
  const free = holder === null || (holder.status === 'removed' && holder.organizationId === user.organizationId);
  const allowed = emailVerified || mayNameAnyEmail(connection);
  return free && allowed
    ? { reason: 'set', write: { email: profile.email, emailVerified } }
    : { reason: 'email_conflict', notes: ['email_conflict'] };
}

function syncName<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> {
  const { profile, connection } = situation;
  // The first login took the fallback for want of a name: clearing that would make the second one undo the first.
  const cleared = profile.nameIsEmpty && profile.name !== user.name && connection.policy.clearable.includes('name');
  if (!cleared && (profile.nameIsFallback || profile.name === null)) {
    return { reason: profile.nameIsEmpty ? 'empty' : 'absent' };
  }
  const name = cleared ? null : profile.name;
  if (name === user.name) return { reason: 'same' };
  return keeps(situation, user, 'name') ?? { reason: cleared ? 'cleared' : 'set', write: { name } };
}

function syncRole<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> | Rejection {
  const policy = rolePolicy<NonNullable<U['role']>>(situation.connection.policy, situation.roles);
  if (policy === null) return { reason: 'absent' };
  const granted = grantedRole(policy, situation.profile);
  const kept = keeps(situation, user, 'role');
  if (kept) return granted === null || granted === user.role ? { reason: granted === null ? 'absent' : 'same' } : kept;
  // Row 17: the role of an invitation holds; one without a role is as good as none.
  if (granted === null && user.status === 'invited' && user.role !== null) return { reason: 'invitation' };
  const isNew = user.status === 'invited' && user.role === null;
  const outcome = isNew ? newRole(policy, situation.profile) : knownRole(policy, situation.profile, user.role);
  if (outcome.action === 'reject') return outcome;
  const reason = roleReason(outcome, granted, user.role);
  if (outcome.action === 'keep' || outcome.role === user.role) return { reason, notes: outcome.notes };
  return { reason, write: { role: outcome.role }, notes: outcome.notes };
}

function syncCustom<U extends Account<string>>(
  { connection, organization, profile }: Situation<U>,
  { customAttributes = {} }: U,
): Omit<Part<U>, 'reason'> {
  const written = new Map(Object.entries(customAttributes));
  let [changed, kept] = [false, false];
  for (const [key, values] of Object.entries(profile.customAttributes)) {
    const current = listed(customAttributes, key);
    if (listed(profile.customAttributes, key) === current) continue;
    if (values.length === 0 && !connection.policy.clearable.includes(`customAttributes.${key}`)) continue;
    if (organization.scim && current) {
      kept = true;
      continue;
    }
    changed = true;
    if (values.length === 0) written.delete(key);
    else written.set(key, values);
  }
  return { write: changed ? { customAttributes: Object.fromEntries(written) } : {}, notes: kept ? ['scim_kept'] : [] };
}

/**
 * Whether policy, or SCIM, keeps the field of a known account as it is. The first login of an invited person counts as
 * creation. SCIM wins over what a login says, and says nothing of a field that is empty.
 */
function keeps<U extends Account<string>>(
  { connection: { policy }, organization }: Situation<U>,
  user: U,
  field: SyncedField,
): Part<U> | null {
  if (policy.keepManual.includes(field) && user.provenance?.[field] === 'manual') {
    return { reason: 'manual_kept', notes: ['manual_kept'] };
  }
  if (organization.scim && user[field] !== null) return { reason: 'scim_kept', notes: ['scim_kept'] };
  return policy.sync[field] === 'onCreate' && user.status !== 'invited' ? { reason: 'on_create' } : null;
}
