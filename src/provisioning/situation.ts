import type { Connection } from '../connections/connection.ts';
import type { Profile } from './profile.ts';
import type { Rejection } from './reject.ts';
import type { Account, Changes, FieldChange, NewUser } from './user-store.ts';

/** All that a decision depends on. */
export interface Situation<U extends Account<string> = Account<string>> {
  readonly connection: Connection;
  /** What the organization of the connection is entitled to; `seats: null` is no limit. */
  readonly organization: { readonly sso: boolean; readonly seats: number | null };
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
 */
export type Note = 'role_unconfirmed' | 'role_lowered' | 'last_holder_kept' | 'email_conflict' | 'manual_kept';

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
