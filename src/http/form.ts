import { SamlError } from '../errors.ts';
import { defaultLimits } from '../xml/limits.ts';

/** Fields of a posted form; a field sent more than once is an array. */
export type FormFields = Readonly<Record<string, unknown>>;

/**
 * Bytes of a form that carries the largest response by default: base64 grows XML by a third, and percent-encoding, at
 * worst of every character, up to three times that.
 */
export const defaultBodyLimit: number = 4 * defaultLimits.bytes;

// A SAML form has two fields; a few more are harmless, a million are an attack.
const maxFields = 32;

/** The error for a form of more than `limit` bytes. */
export function formTooLarge(limit: number): SamlError {
  const hint = `The posted form is larger than ${limit} bytes. Raise bodyLimitBytes together with limits.bytes.`;
  return new SamlError('message_too_large', { hint, details: { limit } });
}

/**
 * Reads `application/x-www-form-urlencoded` in time linear in its size.
 * @throws SamlError `unexpected_message` for too many fields, `invalid_encoding` for bad percent-encoding
 */
export function parseForm(text: string): FormFields {
  const fields: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (let start = 0; start < text.length; count++) {
    if (count === maxFields) throw unexpected(`The posted form has more than ${maxFields} fields.`);
    const found = text.indexOf('&', start);
    const end = found === -1 ? text.length : found;
    const equals = text.indexOf('=', start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    const name = decode(text.slice(start, nameEnd));
    const value = decode(text.slice(nameEnd + 1, end));
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : [earlier, value].flat();
    start = end + 1;
  }
  return fields;
}

/**
 * What the identity provider posted (SAML Bindings 3.5.4).
 * @throws SamlError `unexpected_message` when SAMLResponse is missing, or a field was sent more than once
 */
export function samlFields(form: FormFields): {
  readonly samlResponse: string;
  readonly relayState: string | undefined;
} {
  const samlResponse = single(form, 'SAMLResponse');
  if (samlResponse === undefined) {
    throw unexpected(
      'The posted form has no field SAMLResponse: the identity provider must use the HTTP-POST binding.',
    );
  }
  return { samlResponse, relayState: single(form, 'RelayState') };
}

function single(form: FormFields, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  // Two values: one of them might be checked and the other one used.
  if (value !== undefined && typeof value !== 'string')
    throw unexpected(`The form field ${name} was sent more than once.`);
  return value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new SamlError('invalid_encoding', { hint: 'The posted form is not valid percent-encoded UTF-8.', cause });
  }
}

function unexpected(hint: string): SamlError {
  return new SamlError('unexpected_message', { hint });
}
