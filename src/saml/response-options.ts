import type { KeyObject } from 'node:crypto';
import { checkAt, expectKnownKeys, invalidOption } from '../configuration-error.ts';
import { parseTrustedKey, type TrustedKey } from '../xml/certificates.ts';
import { type DecryptionKey, resolveDecryptionKeys } from '../xml/decryption-keys.ts';
import { type Limits, resolveLimits } from '../xml/limits.ts';
import { expectObject } from './expect-options.ts';
import type { IdpMetadata } from './idp-metadata.ts';
import type { Expectation } from './rule.ts';

/** What must be signed. `either`: the Response, the Assertion or both. */
export type RequireSigned = 'either' | 'response' | 'assertion' | 'both';

/** Default of `maxAssertionLifetimeSeconds`: a day. */
export const defaultLifetimeSeconds = 86_400;

/** Longest `maxAssertionLifetimeSeconds`, 30 days: the replay cache remembers each used assertion for as long. */
export const maxLifetimeSeconds: number = 30 * 86_400;

const signedParts: readonly RequireSigned[] = ['either', 'response', 'assertion', 'both'];

/** Options of {@link validateResponse}. */
export interface ValidateResponseOptions {
  readonly identityProvider: {
    /** Entity ID, equal to the Issuer. */
    readonly entityId: string;
    /**
     * Pinned signing certificates, PEM or bare base64; several while the identity provider changes its key. A bare public
     * key is accepted in PEM (`-----BEGIN PUBLIC KEY-----`).
     */
    readonly certificates: readonly string[];
  };
  readonly serviceProvider: {
    /** Entity ID of the application, equal to the Audience. */
    readonly entityId: string;
    /** URL of the AssertionConsumerService, equal to Destination and Recipient. */
    readonly acsUrl: string;
    /** RSA private keys in PEM that decrypt assertions, newest first; 4 at most. Default none. */
    readonly decryptionKeys?: readonly string[] | undefined;
    /**
     * The same keys decrypt messages of other identity providers, one of which might copy the ciphertext of another.
     * AES-CBC is then accepted only where the assertion inside is signed itself. Default `false`.
     */
    readonly sharedDecryptionKeys?: boolean | undefined;
  };
  /** ID of the pending AuthnRequest of this browser; `null`: the response must be unsolicited. */
  readonly inResponseTo: string | null;
  /** Default: the system's clock. */
  readonly now?: Date | undefined;
  /** Tolerated difference of clocks in seconds, 0 to 300. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** Accept SHA-1 in signatures and digests. Default `false`. */
  readonly allowSha1?: boolean | undefined;
  /**
   * Accept an assertion whose only signature is inside of AES-CBC encryption. AES-CBC does not detect alterations:
   * SECURITY.md describes what an attacker could then measure. Default `false`.
   */
  readonly allowAesCbc?: boolean | undefined;
  /** Default `either`. */
  readonly requireSigned?: RequireSigned | undefined;
  /** A second, independent verifier must agree. Default `true`. */
  readonly crossCheck?: boolean | undefined;
  /** Refuse an assertion without NameID. Default `true`. */
  readonly requireNameId?: boolean | undefined;
  /** Refuse a Response without Destination (SAML Bindings 3.5.5.2). Default `false`: products omit it. */
  readonly requireDestination?: boolean | undefined;
  /**
   * Longest time from now to the end of an assertion, in seconds, 60 to 2592000. Default 86400, a day. The replay cache
   * must remember a used one for as long.
   */
  readonly maxAssertionLifetimeSeconds?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

type Keys<T> = { readonly [K in keyof T]-?: true };

// With the keys of parseIdpMetadata and of createAuthnRequest, so that one object serves all three.
const knownKeys: {
  readonly options: Keys<ValidateResponseOptions>;
  readonly identityProvider: Keys<IdpMetadata>;
  readonly serviceProvider: Keys<ValidateResponseOptions['serviceProvider']>;
} = {
  options: {
    identityProvider: true,
    serviceProvider: true,
    inResponseTo: true,
    now: true,
    clockSkewSeconds: true,
    allowSha1: true,
    allowAesCbc: true,
    requireSigned: true,
    crossCheck: true,
    requireNameId: true,
    requireDestination: true,
    maxAssertionLifetimeSeconds: true,
    limits: true,
  },
  identityProvider: {
    entityId: true,
    certificates: true,
    sso: true,
    slo: true,
    wantAuthnRequestsSigned: true,
    nameIdFormats: true,
    validUntil: true,
  },
  serviceProvider: { entityId: true, acsUrl: true, decryptionKeys: true, sharedDecryptionKeys: true },
};

// A misspelt key would be ignored, and the default of most options is weaker.
function expectResponseOptions(options: ValidateResponseOptions): void {
  const { identityProvider, serviceProvider } = options;
  expectKnownKeys('options', options, Object.keys(knownKeys.options));
  expectObject(['identityProvider'], identityProvider);
  expectObject(['serviceProvider'], serviceProvider);
  expectKnownKeys('identityProvider', identityProvider, Object.keys(knownKeys.identityProvider), ['identityProvider']);
  expectKnownKeys('serviceProvider', serviceProvider, Object.keys(knownKeys.serviceProvider), ['serviceProvider']);
}

/** What a response is validated against, resolved from the options. @internal */
export interface ValidationContext extends Omit<Expectation, 'now'> {
  readonly now: Date;
  readonly keys: readonly TrustedKey[];
  /** Fingerprints of the application's own certificates, to explain a failure if one is pinned by mistake. */
  readonly ownFingerprints?: ReadonlySet<string> | undefined;
  /** Describes a key that is not pinned, for the hint. */
  readonly explainKey?: ((key: KeyObject | null) => string | undefined) | undefined;
  readonly allowSha1: boolean;
  readonly allowAesCbc: boolean;
  readonly requireSigned: RequireSigned;
  readonly limits: Limits;
  readonly decryptionKeys: readonly DecryptionKey[];
  readonly sharedDecryptionKeys: boolean;
}

/** Checks the options and fills in the defaults. @internal */
export function resolveOptions(options: ValidateResponseOptions): ValidationContext {
  expectResponseOptions(options);
  const { identityProvider, serviceProvider, inResponseTo, clockSkewSeconds = 60 } = options;
  const { now = new Date(), requireSigned = 'either', maxAssertionLifetimeSeconds = defaultLifetimeSeconds } = options;
  if (identityProvider.certificates.length === 0)
    throw invalidOption(['identityProvider', 'certificates'], 'must not be empty');
  const required = {
    'identityProvider.entityId': identityProvider.entityId,
    'serviceProvider.entityId': serviceProvider.entityId,
    'serviceProvider.acsUrl': serviceProvider.acsUrl,
  };
  for (const [name, value] of Object.entries(required)) {
    if (typeof value !== 'string' || value === '')
      throw invalidOption(name.split('.'), 'must be a string that is not empty');
  }
  if (inResponseTo !== null && (typeof inResponseTo !== 'string' || inResponseTo === '')) {
    throw invalidOption(['inResponseTo'], 'must be the ID of the pending request, or null if none is pending');
  }
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= 300))
    throw invalidOption(['clockSkewSeconds'], 'must be from 0 to 300');
  if (
    !Number.isInteger(maxAssertionLifetimeSeconds) ||
    maxAssertionLifetimeSeconds < 60 ||
    maxAssertionLifetimeSeconds > maxLifetimeSeconds
  ) {
    throw invalidOption(['maxAssertionLifetimeSeconds'], `must be an integer from 60 to ${maxLifetimeSeconds}`);
  }
  if (Number.isNaN(now.getTime())) throw invalidOption(['now'], 'must be a valid Date');
  if (!signedParts.includes(requireSigned))
    throw invalidOption(['requireSigned'], `must be one of ${signedParts.join(', ')}`);
  return {
    idpEntityId: identityProvider.entityId,
    keys: identityProvider.certificates.map(parseTrustedKey),
    spEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    decryptionKeys: checkAt(['serviceProvider', 'decryptionKeys'], () =>
      resolveDecryptionKeys(serviceProvider.decryptionKeys),
    ),
    sharedDecryptionKeys: serviceProvider.sharedDecryptionKeys === true,
    inResponseTo,
    now,
    clockSkewSeconds,
    allowSha1: options.allowSha1 === true,
    allowAesCbc: options.allowAesCbc === true,
    requireSigned,
    requireNameId: options.requireNameId !== false,
    requireDestination: options.requireDestination === true,
    maxAssertionLifetimeSeconds,
    limits: resolveLimits(options.limits),
  };
}
