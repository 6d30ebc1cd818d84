import { isUtf8 } from 'node:buffer';
import { SamlError } from '../errors.ts';

/** Fields of a posted form; a field sent more than once is an array. */
export type FormFields = Readonly<Record<string, unknown>>;

// A SAML form has two fields. A few more are harmless, a million are an attack.
const maxFields = 32;

/** The error for a form of more than `limit` bytes. */
export function formTooLarge(limit: number): SamlError {
  const hint = `The posted form is larger than ${limit} bytes. Raise bodyLimitBytes together with limits.bytes.`;
  return new SamlError('message_too_large', { hint, details: { limit: 'bodyLimitBytes', expected: limit } });
}

/**
 * Parses `application/x-www-form-urlencoded`. It works on bytes, because the string functions of the engine take a second
 * for some bodies of a few megabytes.
 *
 * @throws SamlError `unexpected_message` for too many fields, `invalid_encoding` for bad percent-encoding
 */
export function parseForm(bytes: Uint8Array): FormFields {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (let start = 0; start < body.length; count++) {
    if (count === maxFields) throw unexpected(`The posted form has more than ${maxFields} fields.`);
    const found = body.indexOf('&', start);
    const field = body.subarray(start, found === -1 ? body.length : found);
    const equals = field.indexOf('=');
    const name = decode(equals === -1 ? field : field.subarray(0, equals));
    const value = equals === -1 ? '' : decode(field.subarray(equals + 1));
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : [earlier, value].flat();
    start += field.length + 1;
  }
  return fields;
}

/**
 * Reads the fields of the HTTP-POST binding (SAML Bindings 3.5.4).
 *
 * @throws SamlError `unexpected_message` when SAMLResponse is missing, or a field was sent more than once
 */
export function samlFields(form: FormFields): {
  readonly samlResponse: string;
  readonly relayState: string | undefined;
} {
  const samlResponse = single(form, 'SAMLResponse');
  if (samlResponse === undefined) throw unexpected(`The posted form has no field SAMLResponse. ${describeForm(form)}`);
  return { samlResponse, relayState: single(form, 'RelayState') };
}

/** The remedy for a message that arrives by the HTTP-Artifact binding. */
export const artifactHint =
  'choose HTTP-POST, not HTTP-Artifact, as the binding of the ACS URL at the identity provider';

function describeForm(form: FormFields): string {
  const has = (...names: readonly string[]): boolean => names.some((name) => Object.hasOwn(form, name));
  if (has('SAMLRequest'))
    return 'It has SAMLRequest instead: a logout request (set the single logout URL, not the ACS URL, at the identity provider), or a login request that was sent to this application (check idp.ssoUrl).';
  if (has('SAMLart')) return `It has SAMLart instead: ${artifactHint}.`;
  if (has('wresult'))
    return 'It has wresult, a WS-Federation token: choose SAML 2.0 (SAML-P, Web SSO) at the identity provider.';
  if (has('id_token', 'code'))
    return 'It has an OpenID Connect response: set the application up as a SAML 2.0 application at the identity provider.';
  return Object.keys(form).length === 0
    ? 'It is empty: the address was opened without a login, another parser read the body before, or a redirect from http to https lost it.'
    : 'The identity provider must answer by the HTTP-POST binding.';
}

function single(form: FormFields, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  // With two values, one could be validated and the other one used.
  if (value !== undefined && typeof value !== 'string')
    throw unexpected(`The form field ${name} was sent more than once.`);
  return value;
}

const percent = 0x25;
const plus = 0x2b;
const space = 0x20;

function decode(encoded: Buffer): string {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at++) {
    let byte = encoded[at] ?? 0;
    if (byte === plus) byte = space;
    if (byte === percent) {
      byte = hexDigit(encoded[at + 1]) * 16 + hexDigit(encoded[at + 2]);
      at += 2;
    }
    decoded[length++] = byte;
  }
  const text = decoded.subarray(0, length);
  if (!isUtf8(text)) throw badEncoding();
  return text.toString('utf8');
}

function hexDigit(byte: number | undefined): number {
  if (byte !== undefined && byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = (byte ?? 0) | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x61 + 10;
  throw badEncoding();
}

function badEncoding(): SamlError {
  return new SamlError('invalid_encoding', { hint: 'The posted form is not valid percent-encoded UTF-8.' });
}

function unexpected(hint: string): SamlError {
  return new SamlError('unexpected_message', { hint });
}
