/** The subject of an assertion (SAML Core 2.2.3). */
export interface AssertionSubject {
  /** Text of the NameID, exactly as signed except for surrounding white space. Never empty. */
  readonly nameId: string;
  /** Format URI; `urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified` if the identity provider states none. */
  readonly format: string;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
}

/** One `<Attribute>` element (SAML Core 2.7.3.1). */
export interface AssertionAttribute {
  readonly name: string;
  readonly friendlyName?: string | undefined;
  readonly nameFormat?: string | undefined;
  readonly values: readonly string[];
  /** The values that are NameID elements, as in eduPersonTargetedID; absent if there are none. */
  readonly nameIds?: readonly AssertionSubject[] | undefined;
}

/** The session at the identity provider (SAML Core 2.7.2). */
export interface AssertionSession {
  /** SessionIndex: names this session in a later logout. */
  readonly index?: string | undefined;
  /** SessionNotOnOrAfter: the application's session should end by then. */
  readonly notOnOrAfter?: Date | undefined;
}

/** A validated assertion: every value was read from bytes signed by a key that the connection pins. */
export interface Assertion {
  readonly id: string;
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  readonly issueInstant: Date;
  /** `null` only if `requireNameId` is `false` and the assertion names no subject. */
  readonly subject: AssertionSubject | null;
  /** Values by attribute Name; several `<Attribute>` elements of one Name are merged in document order. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** The `<Attribute>` elements one by one, in document order. */
  readonly attributeList: readonly AssertionAttribute[];
  readonly session: AssertionSession;
  /** AuthnContextClassRef (or AuthnContextDeclRef): how the user authenticated. */
  readonly authnContext?: string | undefined;
  readonly authnInstant: Date;
  readonly audiences: readonly string[];
  /** ID of the AuthnRequest that this answers; absent when the identity provider started the login. */
  readonly inResponseTo?: string | undefined;
  /** When the assertion can no longer be used: the earlier of Conditions and the latest acceptable confirmation. */
  readonly notOnOrAfter: Date;
}
