import type { Account, FieldChange } from './account.ts';
import { attributeText } from './changes.ts';
import type { Acceptance, Decision, FieldDecision, FieldReason } from './decision.ts';
import type { Situation } from './situation.ts';

type Field = FieldChange['field'];

/** Why fields are changed or kept, in the order in which a decision lists them. */
export type FieldReasons = readonly (readonly [Field, FieldReason])[];

/** The fields that a decision lists even if they do not change. */
export function listedFields<U extends Account<string>>({ profile, roles }: Situation<U>, user: U | null): Field[] {
  return [
    'email',
    'name',
    ...(roles === undefined ? [] : (['role'] as const)),
    ...attributeKeys(profile, user).map((key): Field => `customAttributes.${key}`),
  ];
}

/** Keys of the further attributes of an account and a profile, each once. */
export function attributeKeys(
  { customAttributes, customAttributeProblems }: Situation['profile'],
  user: Account<string> | null,
): readonly string[] {
  const records = [user?.customAttributes ?? {}, customAttributes, customAttributeProblems];
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

/** Each field that has a reason, and each other one that changes. `user` is `null` for a new one. */
export function decidedFields(
  user: Account<string> | null,
  reasons: FieldReasons,
  changes: readonly FieldChange[],
): readonly FieldDecision[] {
  const known = new Map(reasons);
  const fields = new Set([...known.keys(), ...changes.map(({ field }) => field)]);
  return describeFields(user, fields, changes, (field, proposed) => known.get(field) ?? impliedReason(field, proposed));
}

/** The fields of a decision that `UserStore.decide` returned: the proposed reasons, except for fields that it changed. */
export function overriddenFields<U extends Account<string>>(
  situation: Situation<U>,
  proposed: Decision<U>,
  decision: Acceptance<U>,
): readonly FieldDecision[] {
  const user = userOf(decision);
  const isComparable = proposed.action !== 'reject' && userOf(proposed)?.id === user?.id;
  const policy = new Map(isComparable ? (proposed.fields ?? []).map((each) => [each.field, each]) : []);
  const changed = decision.changes.map(({ field }) => field);
  const fields = new Set([...listedFields(situation, user), ...policy.keys(), ...changed]);
  return describeFields(user, fields, decision.changes, (field, to) => {
    const before = policy.get(field);
    return before?.proposed === to ? before.reason : 'decided_by_store';
  });
}

function userOf<U extends Account<string>>(decision: Acceptance<U>): U | null {
  return decision.action === 'create' ? null : decision.user;
}

function describeFields(
  user: Account<string> | null,
  fields: ReadonlySet<Field>,
  changes: readonly FieldChange[],
  reasonOf: (field: Field, proposed: string | null) => FieldReason,
): readonly FieldDecision[] {
  return [...fields].map((field) => {
    const change = changes.find((each) => each.field === field);
    const current = change === undefined ? currentValue(user, field) : change.from;
    const proposed = change === undefined ? current : change.to;
    return { field, current, proposed, reason: reasonOf(field, proposed) };
  });
}

/** The reason of a field that changes as a consequence of others. */
function impliedReason(field: Field, proposed: string | null): FieldReason {
  if (field === 'identity') return 'linked';
  if (field === 'status') return 'invitation';
  return proposed === 'true' ? 'domain_verified' : 'domain_unverified';
}

function currentValue(user: Account<string> | null, field: Field): string | null {
  if (user === null) return null;
  switch (field) {
    case 'email':
    case 'name':
    case 'role':
    case 'status':
      return user[field];
    case 'emailVerified':
      return String(user.emailVerified);
    case 'identity':
      return null;
    default:
      return attributeText(user.customAttributes, field.slice('customAttributes.'.length));
  }
}
