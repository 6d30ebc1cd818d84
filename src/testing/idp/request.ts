import { inflateRawSync } from 'node:zlib';
import { decodePost } from '../../saml/bindings.ts';
import { namespaces } from '../../saml/names.ts';
import { parseCertificate } from '../../xml/certificates.ts';
import type { XmlElement } from '../../xml/element.ts';
import { defaultLimits } from '../../xml/limits.ts';
import { readXml } from '../../xml/read.ts';
import { allowedAlgorithm } from '../../xml/sign.ts';
import { indexSignatures, verifySignature } from '../../xml/signature.ts';
import { signatureAlgorithms } from '../../xml/xml-crypto-algorithms.ts';

/** A received request whose signature is not yet verified. */
export interface ReceivedRequest {
  readonly root: XmlElement;
  readonly relayState: string | undefined;
  /** Signature of the Redirect binding; a POST message carries its own in the XML. */
  readonly detached: { readonly octets: string; readonly algorithm: string; readonly signature: string } | undefined;
}

/** Contents of an AuthnRequest. */
export interface ReadRequest {
  readonly id: string;
  /** Entity ID of the service provider. */
  readonly issuer: string;
  readonly acsUrl: string | undefined;
  /** Format of NameIDPolicy. */
  readonly nameIdFormat: string | undefined;
  readonly forceAuthn: boolean;
}

/**
 * Reads a request of the HTTP-Redirect binding (SAML Bindings 3.4.4).
 *
 * @param rawQuery the query as received: the signature covers exactly these octets
 * @throws SamlError when it is not XML; Error when it is not DEFLATE
 */
export function receiveRedirect(rawQuery: string): ReceivedRequest {
  const raw = new Map<string, string>();
  for (const part of rawQuery.replace(/^\?/, '').split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    if (raw.has(name) && isSigned(name)) throw new Error(`${name} occurs twice`);
    raw.set(name, value);
  }
  const decoded = (name: string): string | undefined => {
    const value = raw.get(name);
    return value === undefined ? undefined : decodeURIComponent(value.replaceAll('+', ' '));
  };
  const bytes = Buffer.from(decoded('SAMLRequest') ?? '', 'base64');
  const xml = inflateRawSync(bytes, { maxOutputLength: defaultLimits.bytes }).toString();
  const algorithm = decoded('SigAlg');
  const signature = decoded('Signature');
  const octets = ['SAMLRequest', 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`);
  return {
    root: readXml(xml),
    relayState: decoded('RelayState'),
    detached:
      algorithm === undefined || signature === undefined
        ? undefined
        : { octets: octets.join('&'), algorithm, signature },
  };
}

function isSigned(name: string): boolean {
  return ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'].includes(name);
}

/** Reads a request of the HTTP-POST binding (SAML Bindings 3.5.4). @throws SamlError when it is not base64 of XML */
export function receivePost(samlRequest: string, relayState: string | undefined): ReceivedRequest {
  return { root: readXml(decodePost(samlRequest)), relayState, detached: undefined };
}

/**
 * Verifies the signature, in the query or in the XML.
 *
 * @param certificate PEM of the service provider
 * @returns the signed content
 * @throws Error or SamlError if the request is not signed, or the signature is not valid
 */
export function verifyRequest({ root, detached }: ReceivedRequest, certificate: string): XmlElement {
  const trusted = parseCertificate(certificate);
  if (detached) {
    const Algorithm = allowedAlgorithm(signatureAlgorithms, detached.algorithm);
    if (!new Algorithm().verifySignature(detached.octets, trusted.key, detached.signature)) {
      throw new Error('the signature of the request is not valid');
    }
    return root;
  }
  const [signature] = root.all(namespaces.signature, 'Signature');
  if (!signature) throw new Error('the request is not signed');
  const trust = { keys: [trusted], allowSha1: false, limits: defaultLimits };
  return verifySignature(signature, indexSignatures(root), trust).root;
}

/** Reads an AuthnRequest (SAML Core 3.4.1). @throws Error for another message */
export function readAuthnRequest(root: XmlElement): ReadRequest {
  const id = root.get('ID');
  const issuer = root.all(namespaces.assertion, 'Issuer')[0]?.text;
  if (!root.is(namespaces.protocol, 'AuthnRequest') || root.get('Version') !== '2.0') {
    throw new Error(`expected a SAML 2.0 AuthnRequest, not ${root.qualifiedName}`);
  }
  if (!id || !issuer) throw new Error('the AuthnRequest has no ID or no Issuer');
  return {
    id,
    issuer,
    acsUrl: root.get('AssertionConsumerServiceURL'),
    nameIdFormat: root.all(namespaces.protocol, 'NameIDPolicy')[0]?.get('Format'),
    forceAuthn: ['true', '1'].includes(root.get('ForceAuthn') ?? ''),
  };
}
