import { ConfigurationError, invalidOption } from '../configuration-error.ts';
import { parseUrl } from '../lib/parse-url.ts';

/** Decides to which URLs a browser may be redirected after a login. */
export interface ReturnTo {
  /** Returns `target` if a login that began here may end there, otherwise `null`. */
  own(target: string | undefined): string | null;
  /** The same for RelayState of an IdP-initiated login: only paths on the list, because anyone can send it. */
  foreign(target: string | undefined): string | null;
  readonly fallback: string;
}

// Browsers read a backslash as a slash and skip control characters: with either, a path can become a host name.
const unsafe = /[\\\p{Cc}\p{Zs}]/u;
const maxLength = 2048;

/**
 * Makes the policy from the option `returnTo`.
 *
 * @param options `default`: where a login without a target ends; `allow`: path prefixes (`/app/`) for RelayState, and
 * absolute URLs whose origin and path prefix are allowed
 * @throws TypeError for any other entry
 */
export function returnToPolicy(
  options: { readonly default?: string | undefined; readonly allow?: readonly string[] | undefined } = {},
): ReturnTo {
  const { default: fallback = '/', allow = [] } = options;
  const paths = allow.filter((entry) => entry.startsWith('/'));
  const urls = allow.filter((entry) => !entry.startsWith('/')).map(parseEntry);
  const invalid = [...paths, ...(fallback.startsWith('/') ? [fallback] : [])].find((path) => !isOwnPath(path));
  if (invalid !== undefined)
    throw invalidEntry(
      fallback === invalid ? 'default' : 'allow',
      'returnTo',
      invalid,
      'is not a path of this application',
    );

  const allowedUrl = (target: string): boolean => {
    if (unsafe.test(target) || target.length > maxLength || parseUrl(target) === null) return false;
    const { origin, pathname, username, password } = new URL(target);
    if (username !== '' || password !== '') return false;
    return urls.some((entry) => entry.origin === origin && isBelow(pathname, entry.pathname));
  };
  if (!fallback.startsWith('/') && !allowedUrl(fallback)) {
    throw invalidOption(
      ['returnTo', 'default'],
      'must be a path of this application, or a URL that returnTo.allow admits',
    );
  }
  return {
    fallback,
    own(target) {
      if (target === undefined) return null;
      return isOwnPath(target) || allowedUrl(target) ? target : null;
    },
    foreign(target) {
      if (target === undefined || !isOwnPath(target)) return null;
      // Resolved as browsers do: dot segments must not lead out of the prefix.
      const { pathname } = new URL(target, 'http://localhost');
      return paths.some((prefix) => isBelow(pathname, prefix)) ? target : null;
    },
  };
}

function invalidEntry(option: string, where: string, entry: string, problem: string): ConfigurationError {
  const message = `${JSON.stringify(entry)} ${problem}`;
  return new ConfigurationError(`${where}: ${message}`, [{ path: ['returnTo', option], message }]);
}

function parseEntry(entry: string): URL {
  const url = parseUrl(entry);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalidEntry('allow', 'returnTo.allow', entry, 'is neither a path nor an http(s) URL');
  }
  return url;
}

function isOwnPath(target: string): boolean {
  if (!target.startsWith('/') || target.startsWith('//') || target.length > maxLength || unsafe.test(target))
    return false;
  const url = parseUrl(target, 'http://localhost');
  // Resolving dot segments may leave `//host`: harmless in a redirect, but not if the application resolves it again.
  return url?.origin === 'http://localhost' && !url.pathname.startsWith('//');
}

/** `/app` covers `/app` and `/app/x`, not `/apple`. */
function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}
