import { domainToASCII } from 'node:url';
import { isLoopback } from '../lib/hosts.ts';
import { parseUrl } from '../lib/parse-url.ts';

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/**
 * A domain name in the form in which domains are compared: lower-case, IDNA (`münchen.example` gives
 * `xn--mnchen-3ya.example`); `null` if it is not a domain name, has only one label, or is an IP address.
 */
export function normalizeDomain(text: string): string | null {
  const trimmed = text.trim();
  // domainToASCII reads the host of a URL: it would decode %61, and turn 127.1 into an IP address.
  if (/[\0-,/:-@[-`{-\x7F]/.test(trimmed)) return null;
  const domain = domainToASCII(trimmed);
  const labels = domain.split('.');
  if (labels.length < 2 || domain.length > 253 || !labels.every((each) => label.test(each))) return null;
  return /^\d+$/.test(labels.at(-1) ?? '') ? null : domain;
}

/** Why a browser must not be redirected to this URL; `undefined` if it may: https, or http on loopback, without credentials. */
export function endpointProblem(text: string): string | undefined {
  const url = parseUrl(text);
  // URL removes line breaks and tabs, and trims.
  if (!url || /[\s\p{Cc}]/u.test(text)) return 'is not an absolute URL';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'must begin with https:// (http:// on loopback only)';
  }
  if (url.username || url.password) return 'must not contain a user name or password';
  // The host of a URL may contain ; and *, which have a meaning in headers that contain an origin.
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) {
    return 'must name its host by letters, digits, dots and hyphens, or by an IP address';
  }
  return url.hash ? 'must not contain a fragment (#)' : undefined;
}
