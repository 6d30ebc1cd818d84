import { parseHttpUrl } from '../lib/http-url.ts';
import { newId } from '../lib/random-id.ts';
import { digestAlgorithmFor, privateKeyOf, signatureAlgorithmFor, signEnveloped } from '../xml/sign.ts';
import { element, serialize } from '../xml/write.ts';
import { type MessageSigning, redirectUrl } from './bindings.ts';
import { bindings, nameIdFormats, namespaces } from './names.ts';

/** Contents of an AuthnRequest (SAML Core 3.4.1). */
export interface AuthnRequestOptions {
  /** Default: a new random ID. */
  readonly id?: string | undefined;
  /** Entity ID of the service provider. */
  readonly issuer: string;
  /** URL to which the response is to be posted. */
  readonly acsUrl: string;
  readonly issueInstant: Date;
  /** Ask the identity provider to authenticate anew. Default `false`. */
  readonly forceAuthn?: boolean | undefined;
  /** NameIDPolicy Format to ask for; `null` (default) leaves it to the identity provider. */
  readonly nameIdFormat?: string | null | undefined;
}

/** An AuthnRequest, unsigned. */
export interface AuthnRequest {
  /** InResponseTo of the response must be this ID. */
  readonly id: string;
  readonly xml: string;
}

/**
 * Writes an AuthnRequest that asks for a response by HTTP-POST.
 *
 * @param options `destination`: the endpoint to which the request is sent
 * @throws TypeError for a value that XML cannot hold
 */
export function buildAuthnRequest(options: AuthnRequestOptions & { readonly destination: string }): AuthnRequest {
  const { id = newId(), nameIdFormat = null } = options;
  // Core 3.4.1.1 (erratum E14): AllowCreate must not be used with transient identifiers.
  const allowCreate = nameIdFormat === nameIdFormats.transient ? undefined : 'true';
  const request = element(
    'samlp:AuthnRequest',
    {
      'xmlns:samlp': namespaces.protocol,
      'xmlns:saml': namespaces.assertion,
      ID: id,
      Version: '2.0',
      IssueInstant: formatInstant(options.issueInstant),
      Destination: options.destination,
      ForceAuthn: options.forceAuthn ? 'true' : undefined,
      ProtocolBinding: bindings.post,
      AssertionConsumerServiceURL: options.acsUrl,
    },
    element('saml:Issuer', {}, options.issuer),
    ...(nameIdFormat === null
      ? []
      : [element('samlp:NameIDPolicy', { Format: nameIdFormat, AllowCreate: allowCreate })]),
  );
  return { id, xml: serialize(request) };
}

/** A request in the form in which a browser carries it to the identity provider. */
export type AuthnRequestMessage =
  /** Redirect (302 or 303) to `url`. */
  | { readonly kind: 'redirect'; readonly id: string; readonly url: string }
  | {
      readonly kind: 'form';
      readonly id: string;
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
    };

/**
 * Makes an AuthnRequest and puts it into a binding: HTTP-Redirect, signed in the query, or HTTP-POST, signed in the XML.
 *
 * @param options `sso`: endpoints of the identity provider by binding, at least one; `binding`: which of them, default
 * `redirect` if there is one; `relayState`: at most 80 bytes (SAML Bindings 3.4.3); `signing`: left out, the request is
 * not signed
 * @throws TypeError for an endpoint, key or RelayState that cannot be used
 */
export function authnRequestMessage(
  options: AuthnRequestOptions & {
    readonly sso: { readonly redirect?: string | undefined; readonly post?: string | undefined };
    readonly binding?: 'redirect' | 'post' | undefined;
    readonly relayState?: string | undefined;
    readonly signing?: MessageSigning | undefined;
  },
): AuthnRequestMessage {
  const { sso, relayState, signing, binding = sso.redirect === undefined ? 'post' : 'redirect' } = options;
  if (relayState !== undefined && Buffer.byteLength(relayState) > 80) {
    throw new TypeError('RelayState must not exceed 80 bytes');
  }
  const destination = sso[binding];
  if (destination === undefined) throw new TypeError('the identity provider has no single sign-on endpoint');
  const { id, xml } = buildAuthnRequest({ ...options, destination });
  if (binding === 'redirect') {
    const url = redirectUrl(destination, { message: 'SAMLRequest', xml, relayState, signing });
    return { kind: 'redirect', id, url };
  }
  parseHttpUrl(destination);
  const signed = signing ? signPost(xml, id, signing) : xml;
  const fields: Record<string, string> = { SAMLRequest: Buffer.from(signed).toString('base64') };
  if (relayState !== undefined) fields['RelayState'] = relayState;
  return { kind: 'form', id, action: destination, fields };
}

function signPost(xml: string, id: string, { hash, certificate, ...signing }: MessageSigning): string {
  const privateKey = privateKeyOf(signing.privateKey);
  return signEnveloped(xml, {
    id,
    privateKey,
    certificate,
    signatureAlgorithm: signatureAlgorithmFor(privateKey, hash),
    digestAlgorithm: hash && digestAlgorithmFor(hash),
  });
}

/** xs:dateTime in UTC with whole seconds (SAML Core 1.3.3), which every identity provider reads. */
export function formatInstant(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
