import { createHash, type KeyObject } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { printable, SamlError } from '../errors.ts';
import { decodeBase64 } from '../xml/base64.ts';
import { defaultLimits, type Limits } from '../xml/limits.ts';
import { known, privateKeyOf, signatureAlgorithmFor } from '../xml/sign.ts';
import { signatureAlgorithms } from '../xml/xml-crypto-algorithms.ts';

/** The key that signs outgoing messages. */
export interface MessageSigning {
  /** PEM, or a key object, which saves parsing the PEM each time. */
  readonly privateKey: KeyObject | string;
  /** PEM of its certificate, to be shown in a POST message; left out: none is shown. */
  readonly certificate?: string | undefined;
  /** URI; default: what suits the key. */
  readonly signatureAlgorithm?: string | undefined;
}

/**
 * Decodes the form field SAMLResponse or SAMLRequest of the HTTP-POST binding (SAML Bindings 3.5.4): base64 of XML in
 * UTF-8. Never inflates.
 *
 * @returns the XML text, a byte order mark included
 * @throws SamlError `message_too_large`, before decoding; `invalid_encoding`, with a hint that tells what was sent instead
 */
export function decodePost(field: string, limits: Limits = defaultLimits): string {
  // base64 is a third longer, its line breaks (two in sixty at most) and padding a little more.
  if (field.length > limits.bytes * 1.5 + 16) refuseSize(limits, `${field.length} characters of base64`);
  const bytes = decodeBase64(field);
  if (bytes === null) refuse(describeText(field));
  if (bytes.length === 0) refuse('it is empty');
  if (bytes.length > limits.bytes) refuseSize(limits, `${bytes.length} bytes of XML`);
  try {
    // The byte order mark is the XML reader's affair.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return refuse(describeBytes(bytes), cause);
  }
}

function refuseSize(limits: Limits, received: string): never {
  throw new SamlError('message_too_large', {
    hint: `The message has ${received}; the limit is ${limits.bytes} bytes of XML (option limits.bytes). Fewer groups or attributes make it smaller.`,
    details: { limit: 'bytes', expected: limits.bytes },
  });
}

function refuse(reason: string, cause?: unknown): never {
  const hint = `Expected base64 of XML in UTF-8 as the HTTP-POST binding sends it, but ${reason}.`;
  throw new SamlError('invalid_encoding', { hint, cause });
}

function describeText(field: string): string {
  if (/^\s*</.test(field)) return 'the field holds XML that is not base64-encoded';
  if (/%[0-9A-Fa-f]{2}/.test(field)) return 'it is still URL-encoded: the sender encoded the form field twice';
  if (/^[\w\s-]+=*\s*$/.test(field) && /[-_]/.test(field)) return 'it is base64url: the standard alphabet has + and /';
  const compact = field.replace(/[\t\n\r ]+/g, '');
  const odd = /[^A-Za-z0-9+/=]/.exec(compact)?.[0];
  if (odd !== undefined) return `it holds the character "${printable(odd)}"`;
  if (field.includes(' ')) return 'it holds spaces where + stood: the form field was not URL-encoded by the sender';
  return `it is damaged or truncated: ${compact.length} characters that do not form whole bytes`;
}

function describeBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  if (start === 'feff' || start === 'fffe') return 'the XML is in UTF-16';
  if (isDeflated(bytes)) return 'it is DEFLATE-compressed, as the HTTP-Redirect binding sends it: use HTTP-POST for responses';
  return 'the decoded bytes are not UTF-8';
}

/** Only to explain a refusal, hence only the beginning. */
function isDeflated(bytes: Uint8Array): boolean {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 18 };
    return /^\uFEFF?\s*</.test(inflateRawSync(bytes.subarray(0, 128), options).toString());
  } catch {
    return false;
  }
}
