import { listed } from './changes.ts';
import { decide } from './decide.ts';
import { grantedRole, newRole, rolePolicy, roleReason } from './roles.ts';
import type { Acceptance, FieldReason, Situation } from './situation.ts';
import { syncFields } from './sync.ts';
import type { Account, FieldChange } from './user-store.ts';

/** What a login would make of one field. */
export interface ExplainedField {
  readonly field: FieldChange['field'];
  /** What the account has; `null`: nothing, or the person is new. */
  readonly current: string | null;
  /** What it would have after the login. */
  readonly proposed: string | null;
  readonly reason: FieldReason;
}

/**
 * Tells of each field why a decision changes or keeps it: e-mail, name, role (where the application has roles) and further
 * attributes in any case, others where they change.
 */
export function explainFields<U extends Account<string>>(
  situation: Situation<U>,
  decision: Acceptance<U>,
): readonly ExplainedField[] {
  const { profile, roles } = situation;
  const user = decision.action === 'create' ? null : decision.user;
  const byPolicy = decide(situation);
  const changeOf = (field: FieldChange['field'], { changes = [] }: { changes?: readonly FieldChange[] }) =>
    changes.find((change) => change.field === field);
  const customAttributes = [
    user?.customAttributes ?? {},
    profile.customAttributes,
    profile.customAttributeProblems,
  ].flatMap((each) => Object.keys(each));
  const fields = new Set<FieldChange['field']>([
    'email',
    'name',
    ...(roles === undefined ? [] : (['role'] as const)),
    ...customAttributes.map((key): FieldChange['field'] => `customAttributes.${key}`),
    ...decision.changes.map(({ field }) => field),
  ]);
  return [...fields].map((field) => {
    const change = changeOf(field, decision);
    const policyChange = byPolicy.action === 'reject' ? undefined : changeOf(field, byPolicy);
    const current = change === undefined ? currentOf(user, field) : change.from;
    const reason =
      byPolicy.action === 'reject' || change?.to !== policyChange?.to
        ? 'decided_by_store'
        : reasonOf(situation, user, field, change);
    return { field, current, proposed: change === undefined ? current : change.to, reason };
  });
}

function reasonOf<U extends Account<string>>(
  situation: Situation<U>,
  user: U | null,
  field: FieldChange['field'],
  change: FieldChange | undefined,
): FieldReason {
  const { mode } = situation.connection.policy;
  if (field === 'identity') return 'linked';
  if (field === 'status') return 'invitation';
  if (field === 'emailVerified') return change?.to === 'true' ? 'domain_verified' : 'domain_unverified';
  if (user === null) return reasonOfNew(situation, field, change);
  if (mode === 'create-only' || mode === 'off') return 'mode';
  if (field !== 'email' && field !== 'name' && field !== 'role') return reasonOfCustom(situation, user, field, change);
  const part = syncFields(situation, user)[field];
  if ('action' in part) return 'decided_by_store';
  const lastHolder = rolePolicy<string>(situation.connection.policy, situation.roles)?.protected;
  return field === 'role' && change !== undefined && user.role === lastHolder ? 'unless_last_holder' : part.reason;
}

function reasonOfNew<U extends Account<string>>(
  { connection, profile, roles }: Situation<U>,
  field: FieldChange['field'],
  change: FieldChange | undefined,
): FieldReason {
  const policy = field === 'role' ? rolePolicy<string>(connection.policy, roles) : null;
  const role = policy === null ? null : newRole(policy, profile);
  if (policy !== null && role?.action === 'set') return roleReason(role, grantedRole(policy, profile), null);
  if (field === 'name' && profile.nameIsFallback) return 'fallback';
  if (change !== undefined) return 'set';
  return Object.hasOwn(profile.customAttributeProblems, field.slice('customAttributes.'.length))
    ? 'unusable'
    : 'absent';
}

function reasonOfCustom<U extends Account<string>>(
  { organization, profile }: Situation<U>,
  user: U,
  field: FieldChange['field'],
  change: FieldChange | undefined,
): FieldReason {
  if (change !== undefined) return change.to === null ? 'cleared' : 'set';
  const key = field.slice('customAttributes.'.length);
  if (Object.hasOwn(profile.customAttributeProblems, key)) return 'unusable';
  const sent = listed(profile.customAttributes, key);
  if (sent === null) return 'absent';
  if (sent === '') return 'empty';
  return organization.scim && sent !== listed(user.customAttributes, key) ? 'scim_kept' : 'same';
}

function currentOf(user: Account<string> | null, field: FieldChange['field']): string | null {
  if (user === null) return null;
  if (field === 'email' || field === 'name' || field === 'role') return user[field];
  return listed(user.customAttributes, field.slice('customAttributes.'.length));
}
