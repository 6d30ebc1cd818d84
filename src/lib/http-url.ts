import { parseUrl } from './parse-url.ts';
import { printable } from './quote.ts';

/**
 * Reads an http or https URL. A browser must never be sent to a `javascript:` URL.
 *
 * @throws TypeError for another URL
 */
export function parseHttpUrl(text: string): URL {
  const url = parseUrl(text);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new TypeError(`not an http or https URL: ${printable(text)}`);
  }
  return url;
}
