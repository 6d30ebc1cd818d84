import type { AttributeSource } from '../saml/attribute-source.ts';
import type { DecryptionPair } from '../xml/decryption-pairs.ts';
import type { SignatureHash } from '../xml/sign.ts';

/** Which account an assertion belongs to, and what a login may change; see docs/provisioning.md. */
export interface ProvisioningPolicy {
  /** `create-and-update` (default), `create-only`, `update-only`, or `off`. */
  readonly mode: 'create-and-update' | 'create-only' | 'update-only' | 'off';
  /** Group (or role value) at the identity provider -> role of the application. Takes precedence over the value itself. */
  readonly roleMap: Readonly<Record<string, string>>;
  /**
   * Values of the role attribute that `roleMap` does not contain: `ignore`, or `match` the role of the same name. `undefined`
   * (default): `ignore` where `roleMap` is not empty.
   */
  readonly unmappedRoles: 'ignore' | 'match' | undefined;
  /** Role of a user without a mapped role; `null` (default): the login is rejected. */
  readonly defaultRole: string | null;
  /** The highest role that this connection can grant; `null` (default): no ceiling. */
  readonly roleCeiling: string | null;
  /** A login never removes this role from its last holder. `undefined` (default): the highest role; `null`: none. */
  readonly protectedRole: string | null | undefined;
  /** The meaning of a missing group attribute: `unknown` (default; never demotes) or `none`. */
  readonly absentGroups: 'unknown' | 'none';
  /**
   * When groups determine the role and the identity provider sends only a part of them: `unknown` (default; keeps the
   * role, a new user gets `defaultRole`) or `reject`.
   */
  readonly groupsOverage: 'unknown' | 'reject';
  readonly sync: Readonly<Record<SyncedField, 'always' | 'onCreate'>>;
  /** Fields that keep a value set by hand in the application. Default: none, the identity provider decides. */
  readonly keepManual: readonly SyncedField[];
  /** Fields that an empty attribute clears, e.g. `name` or `customAttributes.department`. Default: none. */
  readonly clearable: readonly ClearableField[];
  /** A known e-mail with a new subject of the same connection and issuer is linked to the account. Default `false`. */
  readonly rebind: boolean;
  /**
   * `verifiedDomains`: an account whose e-mail is not verified is linked if the e-mail is in the verified domains of the
   * connection, and the account has no identity yet. Default `never`.
   */
  readonly linkUnverified: 'never' | 'verifiedDomains';
  /** A removed user is created again. Default `false`. */
  readonly recreate: boolean;
  /**
   * Without verified domains, no account is looked up, linked, created or changed by e-mail: only users known by subject
   * can sign in. Default `false`.
   */
  readonly requireDomains: boolean;
  /** Attribute name -> exact value that each assertion must contain. Default: none. */
  readonly requiredAttributes: Readonly<Record<string, string>>;
  /** What identifies a user without a stable NameID: `email`, or `null`. `undefined`: `email` where `domains` is not empty. */
  readonly subject: 'email' | null | undefined;
  /** How a login that starts at the identity provider is answered: `restart` (default), `allow`, or `refuse`. */
  readonly idpInitiated: 'restart' | 'allow' | 'refuse';
}

/** A field of the account that logins synchronize with the identity provider. */
export type SyncedField = 'name' | 'role' | 'email';

/** A field of the account that may be cleared; `customAttributes.` is followed by the key of a further attribute. */
export type ClearableField = 'name' | `customAttributes.${string}`;

export type { AttributeSource, SignatureHash };

/**
 * The type of a custom attribute: one text, a list of texts, or the first value read as a boolean, a number or a
 * date. The account stores text in each case, in one canonical spelling.
 */
export type CustomAttributeType = 'string' | 'strings' | 'boolean' | 'number' | 'date';

/** Source and type of a custom attribute; without a type: `strings`. */
export type CustomAttributeSource =
  | AttributeSource
  | { readonly kind: 'typed'; readonly type: CustomAttributeType; readonly source: AttributeSource };

/** Fields of the profile and their sources; a field without a source uses the candidates of the preset. */
export interface AttributeMapping {
  /** Stable identifier of the user; default: the NameID. */
  readonly subject?: AttributeSource | undefined;
  readonly email?: AttributeSource | undefined;
  /** Full name. */
  readonly name?: AttributeSource | undefined;
  readonly firstName?: AttributeSource | undefined;
  readonly lastName?: AttributeSource | undefined;
  readonly role?: AttributeSource | undefined;
  readonly groups?: AttributeSource | undefined;
  /** Custom attributes, copied to `profile.customAttributes` under these keys. */
  readonly customAttributes: Readonly<Record<string, CustomAttributeSource>>;
}

/** The identity provider of a connection: what a customer's administrator may edit. */
export interface IdentityProvider {
  readonly entityId: string;
  /** Where AuthnRequests go, by binding; at least one. */
  readonly sso: { readonly redirect?: string | undefined; readonly post?: string | undefined };
  /** Binding of AuthnRequests; `sso` has its endpoint. Default `redirect` where there is one. */
  readonly binding: 'redirect' | 'post';
  /** Pinned signing certificates: PEM or bare base64. At least one. */
  readonly certificates: readonly string[];
  /** What must be signed; `either` (default) accepts whichever the identity provider signs. */
  readonly requireSigned: 'either' | 'response' | 'assertion' | 'both';
  /** `true`: AuthnRequests must be signed; `false`: never; `null` (default): signed if `createSso` has a `signing` key. */
  readonly signRequests: boolean | null;
  /** Hash in the signatures of AuthnRequests; `null` (default): SHA-256, and with an EC key that of its curve. */
  readonly requestSignatureHash: SignatureHash | null;
  /** NameIDPolicy Format to request; `null` (default): the identity provider decides. */
  readonly nameIdFormat: string | null;
  /** End of the validity of the metadata (`validUntil`); `null`: not stated, or there is no metadata. */
  readonly metadataValidUntil: Date | null;
  readonly preset: PresetName;
  readonly mapping: AttributeMapping;
}

/**
 * What loosens or tightens the validation of messages. Only the operator writes it: never let a customer edit it, and no
 * preset sets it.
 */
export interface ConnectionSecurity {
  /** Accept SHA-1 in signatures and digests; each use is reported as a warning event. Default `false`. */
  readonly allowSha1: boolean;
  /** Accept AES-CBC where only an assertion inside of the encryption is signed. Default `false`. */
  readonly allowAesCbc: boolean;
  /** Refuse a Response without Destination (SAML Bindings 3.5.5.2). Default `false`: products omit it. */
  readonly requireDestination: boolean;
  /** Longest time from now to the end of an assertion, in seconds. Default 86400, a day. */
  readonly maxAssertionLifetimeSeconds: number;
}

/** An identity provider product whose defaults are known; `generic` for any other. */
export type PresetName =
  | 'generic'
  | 'okta'
  | 'entra'
  | 'google'
  | 'onelogin'
  | 'ping'
  | 'jumpcloud'
  | 'adfs'
  | 'auth0'
  | 'keycloak'
  | 'shibboleth'
  | 'simplesamlphp'
  | 'lemonldap';

/** One customer's single sign-on settings, validated and complete. Written by hand it is a {@link ConnectionInput}. */
export interface Connection {
  readonly id: string;
  readonly organizationId: string;
  readonly enabled: boolean;
  readonly idp: IdentityProvider;
  /** Verified e-mail domains of the organization, lower-case, in IDNA form. */
  readonly domains: readonly string[];
  readonly policy: ProvisioningPolicy;
  readonly security: ConnectionSecurity;
  /** Its own decryption keys, newest first; `undefined`: those of `createSso`. */
  readonly decryption?: readonly DecryptionPair[] | undefined;
  /** Entity ID of the application for this connection; `undefined`: that of `createSso`. */
  readonly spEntityId?: string | undefined;
  /** Which AssertionConsumerService URL the identity provider posts to: the `shared` one (default) or its `own`, `.../acs/{id}`. */
  readonly acs: 'shared' | 'own';
}
