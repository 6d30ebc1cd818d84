import type { KeyObject } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { SamlError } from '../errors.ts';
import { decodeBase64, withoutWhiteSpace } from '../lib/base64.ts';
import { parseHttpUrl } from '../lib/http-url.ts';
import { printable } from '../lib/quote.ts';
import { defaultLimits, type Limits } from '../xml/limits.ts';
import { allowedAlgorithm, privateKeyOf, type SignatureHash, signatureAlgorithmFor } from '../xml/sign.ts';
import { signatureAlgorithms } from '../xml/xml-crypto-algorithms.ts';

/** The key that signs outgoing messages. */
export interface MessageSigning {
  /** PEM, or a key object, which saves parsing the PEM each time. */
  readonly privateKey: KeyObject | string;
  /** PEM of its certificate, for the KeyInfo of a POST message. Default: no KeyInfo. */
  readonly certificate?: string | undefined;
  /** Hash of the signature and, in a POST message, of the digest. Default: SHA-256, and with an EC key that of its curve. */
  readonly hash?: SignatureHash | undefined;
}

/**
 * Decodes the form field SAMLResponse or SAMLRequest of the HTTP-POST binding (SAML Bindings 3.5.4): base64 of XML in
 * UTF-8. Never inflates.
 *
 * @returns the XML text, a byte order mark included
 * @throws SamlError `message_too_large`, before decoding; `invalid_encoding`, whose hint describes the received content
 */
export function decodePost(field: string, limits: Limits = defaultLimits): string {
  // base64 is a third longer, its line breaks (two in sixty at most) and padding a little more.
  if (field.length > limits.bytes * 1.5 + 16) refuseSize(limits, `${field.length} characters of base64`);
  const bytes = decodeBase64(field);
  if (bytes === null) refuse(describeText(field));
  if (bytes.length === 0) refuse('it is empty: the form was posted without it, or a filter in between removed it');
  if (bytes.length > limits.bytes) refuseSize(limits, `${bytes.length} bytes of XML`);
  if (bytes[0] !== 0x3c && isDeflated(bytes)) refuse(DEFLATED);
  if (bytes[0] === 0x50 && /^P[A-P][\w+/]{20}/.test(Buffer.from(bytes.subarray(0, 22)).toString('latin1')))
    refuse(TWICE);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    return refuse(field.includes(' ') ? SPACES : describeBytes(bytes), cause);
  }
}

// The XML reader handles the byte order mark.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Base64 of `<` and what follows begins with P and one of A to P.
const TWICE = 'it is base64-encoded twice: the sender, or a gateway in between, must encode it once';
const SPACES = 'it contains spaces in place of +: the sender did not URL-encode the form field';
const DEFLATED = 'it is DEFLATE-compressed, as the HTTP-Redirect binding sends it: send responses by HTTP-POST';

function refuseSize(limits: Limits, received: string): never {
  throw new SamlError('message_too_large', {
    hint: `The message has ${received}; the limit is ${limits.bytes} bytes of XML (option limits.bytes). Let the identity provider send fewer groups or attributes, or raise the limit.`,
    details: { limit: 'bytes', expected: limits.bytes },
  });
}

function refuse(reason: string, cause?: unknown): never {
  const hint = `Expected base64 of XML in UTF-8 as the HTTP-POST binding sends it, but ${reason}.`;
  throw new SamlError('invalid_encoding', { hint, cause });
}

function describeText(field: string): string {
  if (/^\s*</.test(field))
    return 'the field contains XML that is not base64-encoded: HTTP-POST requires base64, also for a saved response that is used in a test';
  if (/%[0-9A-Fa-f]{2}/.test(field))
    return 'it is still URL-encoded: the sender, or a gateway in between, encoded the form field twice';
  if (/[-_]/.test(field) && !/[^\w=\t\n\r -]/.test(field))
    return 'it is base64url: the standard alphabet, which the sender must use, has + and /';
  const odd = /[^A-Za-z0-9+/=\t\n\r ]/.exec(field)?.[0];
  if (odd !== undefined)
    return `it contains the character "${printable(odd)}": it was damaged in transit, or copied with surrounding text`;
  if (field.includes(' ')) return SPACES;
  return `it is damaged or truncated: ${withoutWhiteSpace(field).length} characters that do not form whole bytes. Look for a proxy, firewall or body parser that limits the size of forms`;
}

function describeBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  return start === 'feff' || start === 'fffe'
    ? 'the XML is in UTF-16; SAML requires UTF-8'
    : 'the decoded bytes are not UTF-8: the message was damaged, or the identity provider writes another encoding';
}

/** Reads only the beginning, because the result only explains a refusal. */
function isDeflated(bytes: Uint8Array): boolean {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 18 };
    return /^\uFEFF?\s*</.test(inflateRawSync(bytes.subarray(0, 128), options).toString());
  } catch {
    return false;
  }
}

/** The message of {@link redirectUrl}. */
export interface RedirectMessage {
  readonly message: 'SAMLRequest' | 'SAMLResponse';
  /** The message, without an XML signature: the signature is in the query. */
  readonly xml: string;
  readonly relayState?: string | undefined;
  readonly signing?: MessageSigning | undefined;
}

/**
 * The URL that carries a message in its query (HTTP-Redirect binding, SAML Bindings 3.4.4). The
 * endpoint's own query is kept.
 *
 * @param endpoint http or https URL
 * @throws TypeError for another URL, or a signing key or algorithm that cannot be used
 */
export function redirectUrl(endpoint: string, { message, xml, relayState, signing }: RedirectMessage): string {
  const url = parseHttpUrl(endpoint);
  url.hash = '';
  const fields: [string, string][] = [[message, deflateRawSync(xml).toString('base64')]];
  if (relayState !== undefined) fields.push(['RelayState', relayState]);
  if (signing) {
    const key = privateKeyOf(signing.privateKey);
    const algorithm = signatureAlgorithmFor(key, signing.hash);
    fields.push(['SigAlg', algorithm]);
    // 3.4.4.1: the signature is over the exact octets of the query, in this order.
    const Algorithm = allowedAlgorithm(signatureAlgorithms, algorithm);
    fields.push(['Signature', new Algorithm().getSignature(encode(fields), key)]);
  }
  const separator = url.search === '' ? '?' : '&';
  return `${url.href.replace(/\?$/, '')}${separator}${encode(fields)}`;
}

// The apostrophe too: URL parsers of browsers would encode it afterwards, which would change the signed octets.
function encode(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("'", '%27')}`).join('&');
}
