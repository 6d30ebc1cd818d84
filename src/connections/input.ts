import type { KeyAndCertificate } from '../xml/decryption-pairs.ts';
import type {
  ConnectionSecurity,
  CustomAttributeType,
  PresetName,
  ProvisioningPolicy,
  SignatureHash,
  SyncedField,
} from './connection.ts';

/**
 * Where a value comes from, as JSON; lists and objects are nested at most 4 deep.
 *
 * @example
 * const name: SourceInput = ['displayName', { join: ['givenName', 'sn'] }];
 * const groups: SourceInput = { split: { friendlyName: 'entitlements' }, on: ';' };
 * const country: SourceInput = { map: { DE: 'Germany', FR: 'France' }, of: 'c' };
 * const email: SourceInput = { join: ['uid', { constant: '@example.com' }], with: '' };
 */
export type SourceInput =
  /** An attribute's Name. */
  | string
  /** The first that has a value; at most 50. */
  | readonly SourceInput[]
  /** The attribute with this Name, and with this FriendlyName and NameFormat if given. */
  | {
      readonly name: string;
      readonly friendlyName?: string | undefined;
      /** A URI, or `uri`, `basic`, `unspecified`. */
      readonly nameFormat?: string | undefined;
    }
  | { readonly friendlyName: string; readonly nameFormat?: string | undefined }
  /** The same text for all users; never as subject or e-mail. */
  | { readonly constant: string }
  /** The first value of each, joined with a space or `with`; no value unless each has one. */
  | { readonly join: readonly SourceInput[]; readonly with?: string | undefined }
  /** A list in one value, split at each `on`; at most 5,000 values. */
  | { readonly split: SourceInput; readonly on: string }
  /** Each value looked up in a table, at most 1,000 entries; a value without an entry is omitted. */
  | { readonly map: Readonly<Record<string, string>>; readonly of: SourceInput }
  /** An XPath selector over the assertion. */
  | { readonly xpath: string };

/** Source and type of a custom attribute; without a type it is a list of texts. */
export type CustomAttributeInput = SourceInput | { readonly from: SourceInput; readonly type: CustomAttributeType };

/** The source of each field of the profile; a field without a source uses the candidates of the preset. */
export interface MappingInput {
  /** Stable identifier of the user. */
  readonly subject?: SourceInput | undefined;
  readonly email?: SourceInput | undefined;
  /** Full name. */
  readonly name?: SourceInput | undefined;
  readonly firstName?: SourceInput | undefined;
  readonly lastName?: SourceInput | undefined;
  readonly role?: SourceInput | undefined;
  readonly groups?: SourceInput | undefined;
  /** Custom attributes, copied to `profile.customAttributes` under these keys. */
  readonly customAttributes?: Readonly<Record<string, CustomAttributeInput>> | undefined;
}

/**
 * Settings of the identity provider: either `metadata`, or `entityId` with `ssoUrl` or `sso` and `certificate` or
 * `certificates`.
 */
export interface IdentityProviderInput {
  /** The provider's metadata document, XML. */
  readonly metadata?: string | undefined;
  /** Entity ID, exactly as the provider writes it in `<Issuer>`. */
  readonly entityId?: string | undefined;
  /** Single sign-on URL for the HTTP-Redirect binding; https, or http on loopback. */
  readonly ssoUrl?: string | undefined;
  /** Single sign-on URLs by binding, instead of `ssoUrl`. */
  readonly sso?: { readonly redirect?: string | undefined; readonly post?: string | undefined } | undefined;
  /** Binding of AuthnRequests. Default `redirect` where the provider offers it, else `post`. */
  readonly binding?: 'redirect' | 'post' | undefined;
  /** Signing certificate, PEM or base64; or a public key without certificate, in PEM (`-----BEGIN PUBLIC KEY-----`). */
  readonly certificate?: string | undefined;
  /** Several, while the provider changes its key. */
  readonly certificates?: readonly string[] | undefined;
  /** What must be signed; `either` (default) accepts whichever the provider signs. */
  readonly requireSigned?: 'either' | 'response' | 'assertion' | 'both' | undefined;
  /**
   * Sign AuthnRequests. Default: if `createSso` has a `signing` key; required if the metadata requires it
   * (`WantAuthnRequestsSigned`).
   */
  readonly signRequests?: boolean | undefined;
  /** Hash in the signatures of AuthnRequests. Default `sha256`, and with an EC key that of its curve. */
  readonly requestSignatureHash?: SignatureHash | undefined;
  /** NameID format to request: a URI, or `persistent`, `emailAddress`, ...; `null` (default): none. */
  readonly nameIdFormat?: string | null | undefined;
  /** Kind of identity provider. Default: detected from its URLs. */
  readonly preset?: PresetName | undefined;
  readonly mapping?: MappingInput | undefined;
}

/** The keys of {@link PolicyInput} without `sync`. */
export type FlatPolicyInput = {
  readonly [K in Exclude<keyof ProvisioningPolicy, 'sync'>]?: ProvisioningPolicy[K] | undefined;
};

/** Policy of one connection, or the default for all; see {@link ProvisioningPolicy} for each key and its default. */
export interface PolicyInput extends FlatPolicyInput {
  readonly sync?: { readonly [F in SyncedField]?: 'always' | 'onCreate' | undefined } | undefined;
}

/** Validation of one connection's messages; see {@link ConnectionSecurity} for each key and its default. */
export type SecurityInput = { readonly [K in keyof ConnectionSecurity]?: ConnectionSecurity[K] | undefined };

/** One customer's single sign-on settings as a developer writes them, or as a {@link ConnectionStore} keeps them. */
export interface ConnectionInput {
  /** Default `default`, if there is only one connection. */
  readonly id?: string | undefined;
  /** Default `default`, in a single-tenant application. */
  readonly organizationId?: string | undefined;
  /** Default `true`. */
  readonly enabled?: boolean | undefined;
  readonly idp: IdentityProviderInput;
  /** Verified e-mail domains of the organization; never those of public mail providers. */
  readonly domains?: readonly string[] | undefined;
  readonly policy?: PolicyInput | undefined;
  /** For the operator only: never let a customer edit it. */
  readonly security?: SecurityInput | undefined;
  /**
   * Decryption key for this connection alone, instead of that of `createSso`; an array, newest first and 4 at most, while
   * one replaces another. No other connection may have the same key. Secret, and for the operator only.
   */
  readonly decryption?: KeyAndCertificate | readonly KeyAndCertificate[] | undefined;
  /** Entity ID of the application for this connection. Default: that of `createSso`. */
  readonly spEntityId?: string | undefined;
  /** Which AssertionConsumerService URL the provider posts to: the `shared` one (default) or its `own`, `.../acs/{id}`. */
  readonly acs?: 'shared' | 'own' | undefined;
}
