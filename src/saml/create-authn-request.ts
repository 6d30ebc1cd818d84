import { createPublicKey } from 'node:crypto';
import { expectKnownKeys, invalidOption } from '../configuration-error.ts';
import { parseOwnCertificate } from '../xml/own-certificate.ts';
import { privateKeyOf } from '../xml/sign.ts';
import { type AuthnRequestMessage, authnRequestMessage } from './authn-request.ts';
import type { MessageSigning } from './bindings.ts';
import { expectBoolean, expectDate, expectHttpUrl, expectObject, expectOneOf, expectText } from './expect-options.ts';
import type { MetadataEndpoints } from './idp-metadata.ts';

/** Options of {@link createAuthnRequest}. */
export interface CreateAuthnRequestOptions {
  /** The result of {@link parseIdpMetadata}, or an object with these properties. */
  readonly identityProvider: {
    /** Single sign-on URLs by binding; at least one. */
    readonly sso: MetadataEndpoints;
    /** The identity provider refuses unsigned requests: `signing` is required. Default `false`. */
    readonly wantAuthnRequestsSigned?: boolean | undefined;
  };
  /** The same object as for {@link validateResponse}. */
  readonly serviceProvider: {
    /** Entity ID of the application: the Issuer of the request. */
    readonly entityId: string;
    /** URL of the AssertionConsumerService, where the response is posted. */
    readonly acsUrl: string;
  };
  /** Default: the request is not signed. */
  readonly signing?: MessageSigning | undefined;
  /** Default `redirect` if the identity provider has an endpoint for it. */
  readonly binding?: 'redirect' | 'post' | undefined;
  /** Ask the identity provider to authenticate the user anew. Default `false`. */
  readonly forceAuthn?: boolean | undefined;
  /** NameIDPolicy Format; `null` (default) leaves it to the identity provider. */
  readonly nameIdFormat?: string | null | undefined;
  /** The identity provider sends it back; at most 80 bytes (SAML Bindings 3.4.3). Untrusted when it returns. */
  readonly relayState?: string | undefined;
  /** IssueInstant. Default: the system's clock. */
  readonly now?: Date | undefined;
}

// Accepts the keys of parseIdpMetadata and validateResponse too, so that one object can be passed to all three.
const knownKeys = {
  createAuthnRequest: [
    'identityProvider',
    'serviceProvider',
    'signing',
    'binding',
    'forceAuthn',
    'nameIdFormat',
    'relayState',
    'now',
  ],
  identityProvider: [
    'entityId',
    'sso',
    'slo',
    'certificates',
    'wantAuthnRequestsSigned',
    'nameIdFormats',
    'validUntil',
  ],
  serviceProvider: ['entityId', 'acsUrl', 'decryptionKeys', 'sharedDecryptionKeys'],
  signing: ['privateKey', 'certificate', 'hash', 'fingerprint'],
  sso: ['redirect', 'post'],
} as const;

/**
 * Makes an AuthnRequest (SAML Core 3.4.1) and puts it into a binding: a URL for HTTP-Redirect (SAML Bindings 3.4), signed in
 * its query, or the fields of a form for HTTP-POST (SAML Bindings 3.5), signed in the XML. `createSso` does this in
 * `beginLogin`.
 *
 * Keep `id` bound to this browser, for example in its session, and pass it to {@link validateResponse} as
 * `inResponseTo`: that prevents login CSRF (SAML Profiles 4.1.5). Accept each `id` once.
 *
 * @param options the identity provider, the application, and what the request asks for
 * @throws ConfigurationError for an option, endpoint or key that cannot be used; it names the option
 *
 * @example
 * ```ts
 * import { createAuthnRequest, parseIdpMetadata, validateResponse } from 'saml-jit';
 *
 * const identityProvider = parseIdpMetadata(metadataXml);
 * const serviceProvider = { entityId: 'https://app.example.com/metadata', acsUrl: 'https://app.example.com/acs' };
 *
 * const request = createAuthnRequest({ identityProvider, serviceProvider, binding: 'redirect' });
 * session.requestId = request.id;
 * if (request.kind === 'redirect') response.redirect(request.url);
 *
 * // Later, at acsUrl:
 * const inResponseTo = session.requestId;
 * const assertion = await validateResponse(samlResponse, { identityProvider, serviceProvider, inResponseTo });
 * ```
 */
export function createAuthnRequest(options: CreateAuthnRequestOptions): AuthnRequestMessage {
  expectAuthnRequestOptions(options);
  const { identityProvider, serviceProvider, now = new Date(), ...rest } = options;
  return authnRequestMessage({
    issuer: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    issueInstant: now,
    forceAuthn: rest.forceAuthn,
    nameIdFormat: rest.nameIdFormat,
    sso: identityProvider.sso,
    binding: rest.binding,
    relayState: rest.relayState,
    signing: rest.signing,
  });
}

/** Checks the options for mistakes that only TypeScript would detect. */
function expectAuthnRequestOptions(options: CreateAuthnRequestOptions): void {
  expectObject(['options'], options);
  expectKnownKeys('createAuthnRequest', options, knownKeys.createAuthnRequest);
  const { identityProvider, serviceProvider, signing, binding, nameIdFormat, relayState } = options;
  expectObject(['identityProvider'], identityProvider);
  expectKnownKeys('identityProvider', identityProvider, knownKeys.identityProvider, ['identityProvider']);
  expectObject(['serviceProvider'], serviceProvider);
  expectKnownKeys('serviceProvider', serviceProvider, knownKeys.serviceProvider, ['serviceProvider']);
  expectText(['serviceProvider', 'entityId'], serviceProvider.entityId);
  expectHttpUrl(['serviceProvider', 'acsUrl'], serviceProvider.acsUrl);
  expectOneOf(['binding'], binding, ['redirect', 'post']);
  expectEndpoints(identityProvider.sso, binding);
  expectBoolean(['identityProvider', 'wantAuthnRequestsSigned'], identityProvider.wantAuthnRequestsSigned);
  expectBoolean(['forceAuthn'], options.forceAuthn);
  if (nameIdFormat !== undefined && nameIdFormat !== null) expectText(['nameIdFormat'], nameIdFormat);
  if (relayState !== undefined) expectText(['relayState'], relayState);
  if (relayState !== undefined && Buffer.byteLength(relayState) > 80)
    throw invalidOption(['relayState'], `must have at most 80 bytes; received ${Buffer.byteLength(relayState)}`);
  expectDate(['now'], options.now);
  if (signing !== undefined) expectSigning(signing);
  else if (identityProvider.wantAuthnRequestsSigned === true)
    throw invalidOption(['signing'], 'is required: the identity provider refuses requests that are not signed');
}

function expectEndpoints(sso: MetadataEndpoints, binding: 'redirect' | 'post' | undefined): void {
  const path = ['identityProvider', 'sso'];
  expectObject(path, sso);
  expectKnownKeys('identityProvider.sso', sso, knownKeys.sso, path);
  for (const [name, url] of Object.entries(sso)) if (url !== undefined) expectHttpUrl([...path, name], url);
  if (sso.redirect === undefined && sso.post === undefined)
    throw invalidOption(path, 'must have the URL of redirect or of post; received neither');
  if (binding !== undefined && sso[binding] === undefined)
    throw invalidOption(['binding'], `is ${binding}, and identityProvider.sso.${binding} is not set`);
}

/** No message contains any part of the key. */
function expectSigning(signing: MessageSigning): void {
  expectObject(['signing'], signing);
  expectKnownKeys('signing', signing, knownKeys.signing, ['signing']);
  expectOneOf(['signing', 'hash'], signing.hash, ['sha256', 'sha384', 'sha512']);
  const privateKey = privateKeyOf(signing.privateKey);
  if (signing.certificate === undefined) return;
  const { key } = parseOwnCertificate(['signing', 'certificate'], signing.certificate);
  if (!createPublicKey(privateKey).equals(key))
    throw invalidOption(['signing', 'certificate'], 'must be that of signing.privateKey; it is that of another key');
}
