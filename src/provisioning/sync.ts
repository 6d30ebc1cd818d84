import type { SyncedField } from '../connections/connection.ts';
import { changedFields } from './changes.ts';
import { emailKey, inDomains } from './email.ts';
import type { Rejection } from './reject.ts';
import { grantedRole, knownRole, newRole, rolePolicy } from './roles.ts';
import type { Decision, Note, Situation } from './situation.ts';
import type { Account, Changes } from './user-store.ts';

/** The identity that a login adds to an account found by e-mail, and with policy `rebind` the one that it replaces. */
export type Link = Pick<Changes<Account<string>>, 'addIdentity' | 'removeIdentity'>;

interface Part<U extends Account<string>> {
  readonly write?: Omit<Changes<U>, 'lastLoginAt'>;
  readonly notes?: readonly Note[];
}

/** Brings a known account in step with the profile: rows 17, 21, 22 and 23, and 18 where nothing else may change. */
export function synchronize<U extends Account<string>>(situation: Situation<U>, user: U, link: Link): Decision<U> {
  const status: Part<U> = user.status === 'invited' ? { write: { status: 'active' } } : {};
  const parts: Part<U>[] = [{ write: link }, status];
  if (situation.connection.policy.mode !== 'create-only') {
    const role = syncRole(situation, user);
    if ('reason' in role) return role;
    parts.push(syncEmail(situation, user), syncName(situation, user), role, syncCustom(situation, user));
  }
  return accept(situation, user, parts);
}

/** Lets a known person in and changes nothing. */
export function unchanged<U extends Account<string>>(situation: Situation<U>, user: U): Decision<U> {
  return accept(situation, user, []);
}

function accept<U extends Account<string>>(situation: Situation<U>, user: U, parts: readonly Part<U>[]): Decision<U> {
  let write: Changes<U> = { lastLoginAt: situation.now };
  for (const part of parts) write = { ...write, ...part.write };
  const changes = changedFields(user, write);
  const notes = [...new Set(parts.flatMap((part) => part.notes ?? []))];
  return { action: changes.length > 0 ? 'update' : 'none', user, write, changes, notes };
}

function syncEmail<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> {
  const { connection, found, profile } = situation;
  if (profile.email === null) return {};
  const emailVerified = inDomains(profile.email, connection.domains);
  if (emailKey(profile.email) === emailKey(user.email)) {
    return emailVerified && !user.emailVerified ? { write: { emailVerified } } : {};
  }
  const kept = keeps(situation, user, 'email');
  if (kept) return kept;
  // A removed account holds no e-mail any more, unless it is another organization's: of that one nothing is known.
  const holder = found.byEmail?.id === user.id ? null : found.byEmail;
  const free = holder === null || (holder.status === 'removed' && holder.organizationId === user.organizationId);
  const allowed = connection.domains.length === 0 || emailVerified;
  return free && allowed ? { write: { email: profile.email, emailVerified } } : { notes: ['email_conflict'] };
}

function syncName<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> {
  const { profile, connection } = situation;
  const cleared = profile.nameIsEmpty && connection.policy.clearable.includes('name');
  const name = cleared ? null : profile.nameIsFallback || profile.name === null ? user.name : profile.name;
  if (name === user.name) return {};
  return keeps(situation, user, 'name') ?? { write: { name } };
}

function syncRole<U extends Account<string>>(situation: Situation<U>, user: U): Part<U> | Rejection {
  const policy = rolePolicy<NonNullable<U['role']>>(situation.connection.policy, situation.roles);
  if (policy === null) return {};
  const granted = grantedRole(policy, situation.profile);
  const kept = keeps(situation, user, 'role');
  if (kept) return granted === null || granted === user.role ? {} : kept;
  // Row 17: the role of an invitation holds; one without a role is as good as none.
  if (granted === null && user.status === 'invited' && user.role !== null) return {};
  const isNew = user.status === 'invited' && user.role === null;
  const outcome = isNew ? newRole(policy, situation.profile) : knownRole(policy, situation.profile, user.role);
  if (outcome.action === 'reject') return outcome;
  if (outcome.action === 'keep' || outcome.role === user.role) return { notes: outcome.notes };
  return { write: { role: outcome.role }, notes: outcome.notes };
}

function syncCustom<U extends Account<string>>({ profile }: Situation<U>, user: U): Part<U> {
  const arrived = Object.entries(profile.custom).filter(([, values]) => values.length > 0);
  if (arrived.length === 0) return {};
  return { write: { custom: Object.fromEntries([...Object.entries(user.custom ?? {}), ...arrived]) } };
}

/** Whether policy keeps the field of a known account as it is. The first login of an invited person counts as creation. */
function keeps<U extends Account<string>>(
  { connection: { policy } }: Situation<U>,
  user: U,
  field: SyncedField,
): Part<U> | null {
  if (policy.keepManual.includes(field) && user.provenance?.[field] === 'manual') return { notes: ['manual_kept'] };
  return policy.sync[field] === 'onCreate' && user.status !== 'invited' ? {} : null;
}
