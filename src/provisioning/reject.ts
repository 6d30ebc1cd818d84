import { printable } from '../errors.ts';

/** Every reason for which a trusted person is refused. Stable: a reason is never renamed, only added. */
export type RejectReason =
  | 'connection_disabled'
  | 'sso_not_in_plan'
  | 'attribute_mismatch'
  | 'email_missing'
  | 'email_invalid'
  | 'subject_missing'
  | 'user_removed'
  | 'user_suspended'
  | 'domain_not_allowed'
  | 'link_needs_verification'
  | 'subject_conflict'
  | 'email_in_other_organization'
  | 'not_invited'
  | 'provisioning_disabled'
  | 'seat_limit_reached'
  | 'role_unknown'
  | 'role_missing';

// Where a refusal could tell of an account that this organization must not know of, all of them read the same.
const ordinary = 'you cannot sign in with this account; please ask your administrator';

// One constant sentence per reason. It reaches end users, so it carries no value from the message.
const messages: Readonly<Record<RejectReason, string>> = {
  connection_disabled: 'single sign-on is switched off for your organization',
  sso_not_in_plan: 'single sign-on is not available for your organization',
  attribute_mismatch: ordinary,
  email_missing: 'your identity provider did not send your e-mail address',
  email_invalid: 'your identity provider sent an e-mail address that cannot be used',
  subject_missing: 'your identity provider did not send a lasting identifier for you',
  user_removed: 'your account was removed; please ask your administrator',
  user_suspended: 'your account is suspended; please ask your administrator',
  domain_not_allowed: ordinary,
  link_needs_verification: ordinary,
  subject_conflict: ordinary,
  email_in_other_organization: ordinary,
  not_invited: ordinary,
  provisioning_disabled: ordinary,
  seat_limit_reached: 'all seats of your organization are taken; please ask your administrator',
  role_unknown: 'your identity provider sent a role that this application does not have',
  role_missing: 'your identity provider gave you no role in this application',
};

/** Policy refuses the person. */
export interface Rejection {
  readonly action: 'reject';
  readonly reason: RejectReason;
  /** Constant; safe to show an end user. */
  readonly message: string;
  /** For the operator: what was expected, what was received, and what to change. Never of another organization. */
  readonly hint: string;
}

/** A rejection, for `UserStore.decide` too. Unprintable characters of `hint` are escaped. */
export function reject(reason: RejectReason, hint: string): Rejection {
  return { action: 'reject', reason, message: messages[reason], hint: printable(hint, 2000) };
}

/** Values of the assertion as part of a hint: each shortened, and not more than thirty. */
export function quoted(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  const shown = values.slice(0, 30).map((value) => `"${printable(value, 100)}"`);
  return shown.join(', ') + (values.length > 30 ? ` and ${values.length - 30} more` : '');
}
