import { domainToASCII, domainToUnicode } from 'node:url';
import type { Connection } from '../connections/connection.ts';

/** An e-mail address that can be compared. */
export interface Email {
  /** As received, without surrounding white space: for display. */
  readonly text: string;
  /** What two spellings of one address share: ASCII lower-case, the domain in IDNA form. */
  readonly key: string;
  /** Lower-case, in IDNA form. */
  readonly domain: string;
}

// Control, format, private, unassigned and white-space characters, and whatever else a reader cannot see.
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
// RFC 5322 "specials" but the dot: they would need quoting, or delimit an address inside a larger text.
const specials = /["(),:;<>@[\\\]]/;
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * Reads an e-mail address, conservatively: one `@`; at most 64 octets before it and 254 in all (RFC 5321 4.5.3.1); no
 * quoting, comments, white space, control or invisible characters; a domain name, never an address literal.
 * Plus-addresses are addresses of their own. Only ASCII letters fold: to fold others would make one account of two people.
 * Each label of the domain is ASCII, or exactly the U-label that its A-label stands for (RFC 5890 2.3.2.1): IDNA would
 * also map full-width letters, other dots and much else, so that look-alikes would become one address.
 *
 * @returns `null` for anything else
 */
export function parseEmail(text: string): Email | null {
  if (text.length > 1000) return null;
  const trimmed = trim(text);
  if (trimmed.length > 254 || unseen.test(trimmed)) return null;
  const at = trimmed.indexOf('@');
  const local = trimmed.slice(0, Math.max(at, 0));
  const domain = idnaDomain(trimmed.slice(at + 1));
  if (local === '' || specials.test(local) || domain === null) return null;
  if (Buffer.byteLength(local) > 64 || Buffer.byteLength(local) + 1 + domain.length > 254) return null;
  return { text: trimmed, key: `${asciiLowerCase(local)}@${domain}`, domain };
}

/**
 * What to compare e-mail addresses by, and to put a unique index on: `Ann@Example.com` gives `ann@example.com`.
 *
 * @returns `null` for text that is no e-mail address
 */
export function normalizeEmail(text: string): string | null {
  return parseEmail(text)?.key ?? null;
}

/** Whether the address is in one of the domains (lower-case, in IDNA form). A subdomain is another domain. */
export function inDomains(email: string, domains: readonly string[]): boolean {
  const domain = parseEmail(email)?.domain;
  return domain !== undefined && domains.includes(domain);
}

/** Whether a connection may name e-mail addresses of any domain: it has no verified domains, and policy does not require them. */
export function mayNameAnyEmail({ domains, policy }: Pick<Connection, 'domains' | 'policy'>): boolean {
  return domains.length === 0 && !policy.requireDomains;
}

/** Folds the letters A to Z alone: `toLowerCase` would also make a `k` of the Kelvin sign. */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Less than `String.trim` takes away; a pattern would take time with the square of the length. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t\r\n'.includes(text.charAt(start))) start++;
  while (end > start && ' \t\r\n'.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function idnaDomain(text: string): string | null {
  // domainToASCII reads the host of a URL: it would decode %61, and makes an IP address of 127.1.
  if (/[\0-,/:-@[-`{-\x7F]/.test(text)) return null;
  const domain = domainToASCII(text);
  const labels = domain.split('.');
  if (!labels.every((each) => label.test(each)) || /^\d+$/.test(labels.at(-1) ?? '')) return null;
  const given = asciiLowerCase(text).split('.');
  const isCanonical = given.length === labels.length && labels.every((each, i) => isSpelledAs(given[i] ?? '', each));
  return isCanonical && domain.length <= 253 ? domain : null;
}

/** Whether a label is spelled as its ASCII form, or as the U-label of that; the one must stand for the other. */
function isSpelledAs(given: string, ascii: string): boolean {
  if (!ascii.startsWith('xn--')) return given === ascii;
  const unicode = domainToUnicode(ascii);
  return (given === ascii || given === unicode) && domainToASCII(unicode) === ascii;
}
