import { domainToASCII, domainToUnicode } from 'node:url';
import type { Connection } from '../connections/connection.ts';

/** An e-mail address, and the form by which it is compared. */
export interface Email {
  /** As received, without surrounding white space: for display. */
  readonly text: string;
  /** Equal for two spellings of one address: ASCII lower-case, the domain in IDNA form. */
  readonly key: string;
  /** Lower-case, in IDNA form. */
  readonly domain: string;
}

// Control, format, private, unassigned and white-space characters, and others that are invisible.
const invisible = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
// RFC 5322 "specials" except the dot: they need quoting, or delimit an address inside a larger text.
const specials = /["(),:;<>@[\\\]]/;
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * Reads an e-mail address, conservatively: one `@`; at most 64 octets before it and 254 in all (RFC 5321 4.5.3.1); no
 * quoting, comments, white space, control or invisible characters; a domain name, never an address literal.
 * Plus-addresses are distinct. Only ASCII letters are lower-cased: with others, two users could get one account. Each label
 * of the domain is ASCII, or exactly the U-label of its A-label (RFC 5890 2.3.2.1): the mappings of IDNA (full-width letters,
 * other dots) would make one address of look-alikes.
 *
 * @returns `null` for any other text
 */
export function parseEmail(text: string): Email | null {
  if (text.length > 1000) return null;
  const trimmed = trim(text);
  if (trimmed.length > 254 || invisible.test(trimmed)) return null;
  const at = trimmed.indexOf('@');
  const local = trimmed.slice(0, Math.max(at, 0));
  const domain = idnaDomain(trimmed.slice(at + 1));
  if (local === '' || specials.test(local) || domain === null) return null;
  if (Buffer.byteLength(local) > 64 || Buffer.byteLength(local) + 1 + domain.length > 254) return null;
  return { text: trimmed, key: `${asciiLowerCase(local)}@${domain}`, domain };
}

/**
 * Normalizes an e-mail address for comparison, and for a unique index in a database: ASCII letters in lower case, the domain in
 * its ASCII form (`xn--...`). Two spellings of one address give the same text; keep the address as sent for display.
 * Throws nothing.
 *
 * @param text an e-mail address as received
 * @returns `null` for text that is not an e-mail address, and for a domain that is not spelled as IDNA 2008 defines (RFC 5890)
 *
 * @example
 * ```ts
 * import { normalizeEmail } from 'saml-jit';
 *
 * console.log(normalizeEmail('Ann@Example.com')); // 'ann@example.com'
 * console.log(normalizeEmail('ann@b\u00fccher.example')); // 'ann@xn--bcher-kva.example'
 * console.log(normalizeEmail('Ann Adams')); // null
 * ```
 */
export function normalizeEmail(text: string): string | null {
  return parseEmail(text)?.key ?? null;
}

/** Whether the address is in one of the domains (lower-case, in IDNA form). Subdomains are not included. */
export function inDomains(email: string, domains: readonly string[]): boolean {
  const domain = parseEmail(email)?.domain;
  return domain !== undefined && domains.includes(domain);
}

/** Whether a connection may name e-mail addresses of any domain: it has no verified domains, and policy does not require them. */
export function mayNameAnyEmail({ domains, policy }: Pick<Connection, 'domains' | 'policy'>): boolean {
  return domains.length === 0 && !policy.requireDomains;
}

/** Lower-cases the letters A to Z only: `toLowerCase` would also turn the Kelvin sign into `k`. */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Removes less than `String.trim`. A regular expression would take quadratic time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t\r\n'.includes(text.charAt(start))) start++;
  while (end > start && ' \t\r\n'.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function idnaDomain(text: string): string | null {
  // domainToASCII reads the host of a URL: it would decode %61, and turn 127.1 into an IP address.
  if (/[\0-,/:-@[-`{-\x7F]/.test(text)) return null;
  const domain = domainToASCII(text);
  const labels = domain.split('.');
  if (!labels.every((each) => label.test(each)) || /^\d+$/.test(labels.at(-1) ?? '')) return null;
  const given = asciiLowerCase(text).split('.');
  const isCanonical = given.length === labels.length && labels.every((each, i) => isSpelledAs(given[i] ?? '', each));
  return isCanonical && domain.length <= 253 ? domain : null;
}

/** Whether a label is its ASCII form, or exactly the U-label of that form. */
function isSpelledAs(given: string, ascii: string): boolean {
  if (!ascii.startsWith('xn--')) return given === ascii;
  const unicode = domainToUnicode(ascii);
  return (given === ascii || given === unicode) && domainToASCII(unicode) === ascii;
}
