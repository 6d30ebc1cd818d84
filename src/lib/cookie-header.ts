import { trimEnds } from './trim-ends.ts';

const maxHeader = 64 * 1024;

/**
 * Reads the values of the cookies with these names from a Cookie header (RFC 6265, 4.2), in the order of the header. A
 * header of more than 64 KiB counts as empty.
 *
 * Names are compared exactly, after only the optional white space of HTTP (space and tab) is removed. Browsers let a
 * sibling domain set a cookie whose name is `__Host-` after another character that `String.prototype.trim` removes, such
 * as byte 0xA0, because that name has no prefix for them.
 */
export function cookieValues(header: string | undefined, names: readonly string[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>(names.map((name) => [name, []]));
  if (header === undefined || header.length > maxHeader) return found;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    found.get(trimEnds(pair.slice(0, equals), isOws))?.push(trimEnds(pair.slice(equals + 1), isOws));
  }
  return found;
}

/** The OWS of RFC 9110, 5.6.3. */
function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
