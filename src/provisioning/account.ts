/** A user as one identity provider identifies them. The issuer is part of the key: a company may change its provider. */
export interface Identity {
  readonly connectionId: string;
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  /** Compared exactly, in a database too: never by a collation that ignores case or accents. */
  readonly subject: string;
  /**
   * NameQualifier of the NameID, if it differs from the issuer (SAML Core 8.3.7). Part of the key, compared exactly. Left
   * out or empty: the NameID has none, or it equals the issuer.
   */
  readonly nameQualifier?: string | undefined;
  /**
   * SPNameQualifier of the NameID, if it differs from the application's entity ID. Part of the key, compared exactly. Left
   * out or empty: the NameID has none, or it equals the entity ID.
   */
  readonly spNameQualifier?: string | undefined;
}

/** Whether two identities are equal in all five parts. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.connectionId === b.connectionId &&
    a.issuer === b.issuer &&
    a.subject === b.subject &&
    (a.nameQualifier ?? '') === (b.nameQualifier ?? '') &&
    (a.spNameQualifier ?? '') === (b.spNameQualifier ?? '')
  );
}

/** The subject as readable text, followed by its qualifiers if it has any. */
export function describeIdentity(identity: Pick<Identity, 'subject' | 'nameQualifier' | 'spNameQualifier'>): string {
  const { subject, nameQualifier, spNameQualifier } = identity;
  const qualifiers = [
    ...(nameQualifier ? [`NameQualifier ${JSON.stringify(nameQualifier)}`] : []),
    ...(spNameQualifier ? [`SPNameQualifier ${JSON.stringify(spNameQualifier)}`] : []),
  ];
  return qualifiers.length === 0 ? subject : `${subject} (${qualifiers.join(', ')})`;
}

/** Who set a field last: the identity provider, or a person in the application. */
export type Provenance = 'idp' | 'manual';

/** The application's user in one organization. If users can belong to several organizations, it is one membership. */
export interface Account<R extends string = string> {
  readonly id: string;
  readonly organizationId: string;
  /** As sent by the identity provider; compared by `normalizeEmail`. */
  readonly email: string;
  readonly name: string | null;
  /** `null` in an application without roles. */
  readonly role: R | null;
  readonly status: 'active' | 'invited' | 'suspended' | 'removed';
  /**
   * `false`: the address is not verified. Such an account is not linked by e-mail, unless `policy.linkUnverified` allows it.
   * A login verifies the address only if it is inside the verified domains of its connection.
   */
  readonly emailVerified: boolean;
  readonly identities: readonly Identity[];
  /** Changes with every write of more than `lastLoginAt`. `update` compares it, so that no newer state is overwritten. */
  readonly version?: string | undefined;
  /** Who set which field; a field left out was set by the identity provider. */
  readonly provenance?: { readonly [F in 'email' | 'name' | 'role']?: Provenance | undefined } | undefined;
  /** Further mapped attributes. */
  readonly customAttributes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Last login through single sign-on. */
  readonly lastLoginAt?: Date | null | undefined;
}

/**
 * One field that a login changed. For `identity`, the value is the subject with its qualifiers; for a further attribute, the
 * values separated by commas, each in quotes if it contains a comma or quote.
 */
export interface FieldChange {
  readonly field: 'email' | 'emailVerified' | 'name' | 'role' | 'status' | 'identity' | `customAttributes.${string}`;
  readonly from: string | null;
  readonly to: string | null;
}

/** The values that `UserStore.create` writes. */
export interface NewUser<U extends Account<string>> {
  readonly organizationId: string;
  readonly email: string;
  /** Whether the address is inside the verified domains of the connection. */
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly role: U['role'];
  readonly identity: Identity;
  readonly customAttributes: Readonly<Record<string, readonly string[]>>;
  readonly lastLoginAt: Date;
}

/** The values that `UserStore.update` writes: only the fields that are present. Their provenance becomes `idp`. */
export interface Changes<U extends Account<string>> {
  readonly email?: string | undefined;
  /** Present with each `email`, and alone if the login verifies the address that the account has. */
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | null | undefined;
  readonly role?: U['role'] | undefined;
  /** Present if the login consumes an invitation. */
  readonly status?: 'active' | undefined;
  /** All further attributes: replaces those of the account. */
  readonly customAttributes?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly addIdentity?: Identity | undefined;
  /** With `policy.rebind`: the identity that `addIdentity` replaces. */
  readonly removeIdentity?: Identity | undefined;
  readonly lastLoginAt: Date;
}
