import type { Connection } from '../connections/connection.ts';
import type { Profile } from './profile.ts';
import type { Rejection } from './reject.ts';
import type { Account, Changes, FieldChange, NewUser } from './user-store.ts';

/** All that a decision depends on. */
export interface Situation<U extends Account<string> = Account<string>> {
  readonly connection: Connection;
  /** What the organization of the connection is entitled to; `seats: null` is no limit; `scim`: SCIM manages its people. */
  readonly organization: {
    readonly sso: boolean;
    readonly seats: number | null;
    readonly scim?: boolean | undefined;
  };
  /** The application's roles, highest first; left out: an application without roles. */
  readonly roles?: readonly NonNullable<U['role']>[] | undefined;
  readonly profile: Profile;
  readonly now: Date;
  /** What `UserStore.find` answered. */
  readonly found: { readonly bySubject: U | null; readonly byEmail: U | null };
  /** Seats in use, if known; whatever it says, the store has the last word when it creates. */
  readonly seatsTaken?: number | undefined;
}

/** What is known before anybody is looked up. */
export type Arrival<U extends Account<string> = Account<string>> = Omit<Situation<U>, 'found' | 'seatsTaken'>;

/**
 * Something that the operator may want to know of an accepted login:
 * - `role_unconfirmed`: the identity provider sent no role that the application knows; the role was kept
 * - `role_lowered`: it sent a role above the connection's ceiling
 * - `last_holder_kept`: the role was kept, because nobody else in the organization has it
 * - `email_conflict`: the e-mail was kept, because the new one is taken or outside the verified domains
 * - `manual_kept`: a field set by hand was kept
 * - `scim_kept`: a field was kept, because SCIM manages the people of the organization
 * - `groups_overage`: the identity provider says that there are more groups than it sends; the role may be too low
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
 * Why a login would change a field, or leave it.
 *
 * Changed, or confirmed:
 * - `set`: the identity provider sent it
 * - `same`: it sent what the account has
 * - `default_role`: it sent no role; policy names a default
 * - `role_lowered`: it sent a role above the connection's ceiling
 * - `unless_last_holder`: the protected role goes, unless nobody else in the organization has it, which only the write tells
 * - `cleared`: it arrived empty, and policy clears the field then
 * - `fallback`: no name arrived, so a new person's is taken from the e-mail
 * - `linked`: the account gets an identity
 * - `invitation`: the invitation is consumed, or its role holds because none was sent
 * - `domain_verified`, `domain_unverified`: the e-mail is inside the verified domains, or is not
 *
 * Kept:
 * - `absent`: nothing arrived
 * - `empty`: it arrived empty, and policy does not clear the field
 * - `unusable`: what arrived is not of the type that the mapping names, or too long
 * - `role_unconfirmed`: no role that the application knows arrived
 * - `manual_kept`: set by hand, and policy keeps that
 * - `scim_kept`: SCIM manages the people of the organization
 * - `on_create`: policy sets it at the first login alone
 * - `email_conflict`: the new e-mail is taken, or outside the verified domains
 * - `mode`: the mode of the policy lets logins change nothing
 *
 * Either: `decided_by_store`: `UserStore.decide` decided otherwise than the policy.
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

/** What a login does to the accounts. */
export type Decision<U extends Account<string> = Account<string>> = Acceptance<U> | Rejection;

/** A decision that lets the person in. */
export type Acceptance<U extends Account<string> = Account<string>> =
  | {
      readonly action: 'create';
      readonly write: NewUser<U>;
      readonly changes: readonly FieldChange[];
      readonly notes: readonly Note[];
    }
  | {
      readonly action: 'update' | 'none';
      readonly user: U;
      /** Of a `none`, only `lastLoginAt`. */
      readonly write: Changes<U>;
      readonly changes: readonly FieldChange[];
      readonly notes: readonly Note[];
    };
