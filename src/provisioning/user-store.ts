import type { Decision, Situation } from './situation.ts';

/** A person as an identity provider knows them. The issuer is part of the key: a company may change its provider. */
export interface Identity {
  readonly connectionId: string;
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  /** Compared exactly, in a database too: never by a collation that ignores case or accents. */
  readonly subject: string;
  /**
   * NameQualifier of the NameID where it is another one than the issuer (SAML Core 8.3.7): part of the key, compared
   * exactly. Left out or empty: none, or that.
   */
  readonly nameQualifier?: string | undefined;
  /** SPNameQualifier of the NameID where it is another one than the application's entity ID: likewise part of the key. */
  readonly spNameQualifier?: string | undefined;
}

/** Whether two identities are the same person at the same identity provider, compared exactly. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.connectionId === b.connectionId &&
    a.issuer === b.issuer &&
    a.subject === b.subject &&
    (a.nameQualifier ?? '') === (b.nameQualifier ?? '') &&
    (a.spNameQualifier ?? '') === (b.spNameQualifier ?? '')
  );
}

/** The subject as text for people, with its qualifiers where it has any. */
export function describeIdentity(identity: Pick<Identity, 'subject' | 'nameQualifier' | 'spNameQualifier'>): string {
  const { subject, nameQualifier, spNameQualifier } = identity;
  const qualifiers = [
    ...(nameQualifier ? [`NameQualifier ${JSON.stringify(nameQualifier)}`] : []),
    ...(spNameQualifier ? [`SPNameQualifier ${JSON.stringify(spNameQualifier)}`] : []),
  ];
  return qualifiers.length === 0 ? subject : `${subject} (${qualifiers.join(', ')})`;
}

/** Who set a field last. */
export type Provenance = 'idp' | 'manual';

/** The application's user in one organization; where people belong to several, their membership. */
export interface Account<R extends string = string> {
  readonly id: string;
  readonly organizationId: string;
  /** As sent by the identity provider; compared case-insensitively. */
  readonly email: string;
  readonly name: string | null;
  /** `null` in an application without roles. */
  readonly role: R | null;
  readonly status: 'active' | 'invited' | 'suspended' | 'removed';
  /**
   * `false`: the address is not verified; such an account is not linked by e-mail, unless `policy.linkUnverified` says so.
   * A login verifies it only inside the verified domains of its connection.
   */
  readonly emailVerified: boolean;
  readonly identities: readonly Identity[];
  /** Changes with every write of more than `lastLoginAt`; lets `update` refuse to overwrite a newer state. */
  readonly version?: string | undefined;
  /** Who set which field; a field left out was set by the identity provider. */
  readonly provenance?: { readonly [F in 'email' | 'name' | 'role']?: Provenance | undefined } | undefined;
  /** Further mapped attributes. */
  readonly customAttributes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Last login through single sign-on. */
  readonly lastLoginAt?: Date | null | undefined;
}

/** One field that a login changed. `identity` tells the subject, with its qualifiers where it has any; values of a further attribute are joined by commas, quoted where they hold one. */
export interface FieldChange {
  readonly field: 'email' | 'emailVerified' | 'name' | 'role' | 'status' | 'identity' | `customAttributes.${string}`;
  readonly from: string | null;
  readonly to: string | null;
}

/** What `create` writes. */
export interface NewUser<U extends Account<string>> {
  readonly organizationId: string;
  readonly email: string;
  /** The address is inside the verified domains of the connection. */
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly role: U['role'];
  readonly identity: Identity;
  readonly customAttributes: Readonly<Record<string, readonly string[]>>;
  readonly lastLoginAt: Date;
}

/** What `update` writes: only the fields that are present, each of them set by the identity provider from now on. */
export interface Changes<U extends Account<string>> {
  readonly email?: string | undefined;
  /** Comes with each `email`, and alone when a login proves the address that the account has. */
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | null | undefined;
  readonly role?: U['role'] | undefined;
  /** An invitation is consumed. */
  readonly status?: 'active' | undefined;
  /** All further attributes: replaces what the account has. */
  readonly customAttributes?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly addIdentity?: Identity | undefined;
  /** With policy `rebind`: the identity that `addIdentity` replaces. */
  readonly removeIdentity?: Identity | undefined;
  readonly lastLoginAt: Date;
}

/** What happened, for an audit table written in the same transaction. */
export interface AuditRecord {
  readonly at: Date;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly assertionId: string;
  readonly identity: Identity;
  readonly action: 'create' | 'update' | 'login';
  readonly changes: readonly FieldChange[];
  readonly notes: readonly string[];
}

/** Another account took the identity or the e-mail, or the account changed since it was read. The login reads again. */
export class UserConflict extends Error {
  override readonly name = 'UserConflict';
}
/** Every seat of the organization is taken. */
export class SeatLimitReached extends Error {
  override readonly name = 'SeatLimitReached';
}
/** The update would take the protected role from its last holder. */
export class LastRoleHolder extends Error {
  override readonly name = 'LastRoleHolder';
}

/** How a store keeps users. An existing users table and one table of identities implement it. */
export interface UserStore<U extends Account<string> = Account<string>> {
  /**
   * Looks a person up. `bySubject` is the account of this organization that bears the identity; `byEmail` the account with
   * this e-mail (compared as `emailKey` does; `null` asks for none), in this organization if there is one, else in
   * another, if the application has one account per e-mail. A removed account is returned only where no living one matches.
   */
  find(
    key: Identity & { readonly organizationId: string; readonly email: string | null },
  ): Promise<{ bySubject: U | null; byEmail: U | null }>;
  /**
   * Creates an active user, atomically with the seat count. Conflicts with a living account of the
   * organization that has this identity or e-mail.
   * @throws UserConflict | SeatLimitReached
   */
  create(user: NewUser<U>, guard: { readonly seats: number | null; readonly audit: AuditRecord }): Promise<U>;
  /**
   * Applies the changes, atomically. A user who is suspended or removed by now is a conflict.
   * With `keepLast`, a role change that takes that role from its last holder in the organization fails.
   * @throws UserConflict | LastRoleHolder
   */
  update(
    user: U,
    changes: Changes<U>,
    guard: {
      readonly keepLast: U['role'] | null;
      readonly expectedVersion?: string | undefined;
      readonly audit: AuditRecord;
    },
  ): Promise<U>;
  /**
   * The last word on a decision that followed a look-up: may turn any into any other. Whoever is not who they claim to be
   * (another organization's account, a removed one, another identity), or a role above the ceiling, is a TypeError.
   * `changes` is worked out anew from what the answer writes.
   */
  decide?(situation: Situation<U>, proposed: Decision<U>): Decision<U> | Promise<Decision<U>>;
  /** Organizations in which this e-mail is registered: the login page asks. */
  organizationsOf?(email: string): Promise<readonly string[]>;
  /** How many seats are taken: lets `explain` predict a full organization. `create` alone enforces the limit. */
  seatsTaken?(organizationId: string): Promise<number>;
  /** Active users whom the identity provider has not confirmed since `olderThan`. */
  listStale?(query: { readonly organizationId: string; readonly olderThan: Date }): Promise<readonly U[]>;
  /**
   * The account with this id, in whatever organization and state; `null`: there is none. Lets `sso.users.suspend` and its like
   * check whose it is.
   */
  get?(userId: string): Promise<U | null>;
  /** Nobody logs in to a suspended account until it is restored. */
  suspend?(userId: string): Promise<void>;
  /** Leaves a tombstone, so that a later login does not bring the user back. */
  remove?(userId: string): Promise<void>;
  /** Makes a suspended or removed account active again. */
  restore?(userId: string): Promise<void>;
}
