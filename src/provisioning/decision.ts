import type { Account, Changes, FieldChange, NewUser } from './account.ts';
import type { Rejection } from './reject.ts';

/**
 * Something about an accepted login that the operator may want to know:
 * - `role_unconfirmed`: the identity provider sent no role that the application knows; the role was kept
 * - `role_lowered`: it sent a role above the connection's ceiling
 * - `last_holder_kept`: the role was kept, because no other user of the organization has it
 * - `email_conflict`: the e-mail was kept, because the new one is taken or outside the verified domains
 * - `manual_kept`: a field set by hand was kept
 * - `scim_kept`: a field was kept, because SCIM manages the accounts of the organization
 * - `groups_overage`: the identity provider states that the user has more groups than it sends; the role may be too low
 * - `unverified_account_linked`: the identity was linked to an account whose e-mail was not verified (`policy.linkUnverified`,
 *   or `rebind`): end the sessions of the account, and revoke its other credentials
 */
export type Note =
  | 'role_unconfirmed'
  | 'role_lowered'
  | 'last_holder_kept'
  | 'email_conflict'
  | 'manual_kept'
  | 'scim_kept'
  | 'groups_overage'
  | 'unverified_account_linked';

/**
 * Why a login changes a field, or keeps it.
 *
 * Changed, or confirmed:
 * - `set`: the identity provider sent it
 * - `same`: it sent the value that the account has
 * - `default_role`: it sent no role; policy names a default
 * - `role_lowered`: it sent a role above the connection's ceiling
 * - `unless_last_holder`: the protected role is taken away, unless no other user of the organization has it, which is known
 *   only when the change is written
 * - `cleared`: it arrived empty, and policy clears the field then
 * - `fallback`: no name arrived; the name of a new user is taken from the e-mail
 * - `linked`: the identity is added to the account
 * - `invitation`: the invitation is consumed, or its role is kept because none was sent
 * - `domain_verified`, `domain_unverified`: the e-mail is inside the verified domains, or is not
 *
 * Kept:
 * - `absent`: nothing arrived
 * - `empty`: it arrived empty, and policy does not clear the field
 * - `unusable`: the received value is not of the type that the mapping names, or too long
 * - `role_unconfirmed`: no role that the application knows arrived
 * - `manual_kept`: set by hand, and policy keeps such values
 * - `scim_kept`: SCIM manages the accounts of the organization
 * - `on_create`: policy sets the field at the first login only
 * - `email_conflict`: the new e-mail is taken, or outside the verified domains
 * - `mode`: with this mode of the policy, logins change nothing
 *
 * Either: `decided_by_store`: the result of `UserStore.decide` differs from the policy.
 */
export type FieldReason =
  | 'set'
  | 'same'
  | 'default_role'
  | 'role_lowered'
  | 'unless_last_holder'
  | 'cleared'
  | 'fallback'
  | 'linked'
  | 'invitation'
  | 'domain_verified'
  | 'domain_unverified'
  | 'absent'
  | 'empty'
  | 'unusable'
  | 'role_unconfirmed'
  | 'manual_kept'
  | 'scim_kept'
  | 'on_create'
  | 'email_conflict'
  | 'mode'
  | 'decided_by_store';

/** One field of an account: its value before and after a login, and why. */
export interface FieldDecision {
  readonly field: FieldChange['field'];
  /** The value of the account; `null`: it has none, or the user is new. */
  readonly current: string | null;
  /** The value after the login. */
  readonly proposed: string | null;
  readonly reason: FieldReason;
}

/** The result of {@link decide}: the changes that a login makes to the accounts, or a rejection. */
export type Decision<U extends Account<string> = Account<string>> = Acceptance<U> | Rejection;

/** A decision that lets the user sign in. */
export type Acceptance<U extends Account<string> = Account<string>> = CreateDecision<U> | UpdateDecision<U>;

/** A new account is created. */
export interface CreateDecision<U extends Account<string> = Account<string>> extends AcceptanceDetails {
  readonly action: 'create';
  readonly write: NewUser<U>;
}

/** An account is updated, or (`none`) only the time of its last login is written. */
export interface UpdateDecision<U extends Account<string> = Account<string>> extends AcceptanceDetails {
  readonly action: 'update' | 'none';
  readonly user: U;
  readonly write: Changes<U>;
}

/** What each decision that lets the user sign in has. */
export interface AcceptanceDetails {
  readonly changes: readonly FieldChange[];
  readonly notes: readonly Note[];
  /**
   * E-mail, name, role (if the application has roles) and further attributes, changed or not, and each other field that
   * changes. `decide` always sets it; a decision of `UserStore.decide` may leave it out.
   */
  readonly fields?: readonly FieldDecision[] | undefined;
}
