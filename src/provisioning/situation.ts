import type { Connection } from '../connections/connection.ts';
import type { Account } from './account.ts';
import type { Profile } from './profile.ts';

/** The input of a decision. */
export interface Situation<U extends Account<string> = Account<string>> {
  readonly connection: Connection;
  /**
   * What the organization of the connection is entitled to. `seats: null`: no limit. `scim`: its accounts are managed by
   * SCIM.
   */
  readonly organization: {
    readonly sso: boolean;
    readonly seats: number | null;
    readonly scim?: boolean | undefined;
  };
  /** The application's roles, highest first; left out: an application without roles. */
  readonly roles?: readonly NonNullable<U['role']>[] | undefined;
  readonly profile: Profile;
  readonly now: Date;
  /** The result of `UserStore.find`. */
  readonly found: { readonly bySubject: U | null; readonly byEmail: U | null };
  /** Seats that are taken, if known. In any case the store enforces the limit when it creates. */
  readonly seatsTaken?: number | undefined;
}

/** The part of a situation that is known before the look-up of the user. */
export type LoginContext<U extends Account<string> = Account<string>> = Omit<Situation<U>, 'found' | 'seatsTaken'>;
