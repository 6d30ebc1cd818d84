import { submitForm } from '../idp/form.ts';
import { readAuthnRequest, receivePost, receiveRedirect } from '../idp/request.ts';

/** Handles a request: the application's handler, or a server over HTTP. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** A login that a browser has begun, before the identity provider answers. */
export interface BegunAttempt {
  /** ID of the AuthnRequest. */
  readonly inResponseTo?: string | undefined;
  readonly relayState?: string | undefined;
  /** The Cookie header that the browser sends from now on. */
  readonly cookies?: string | undefined;
}

/** Sends a request over HTTP; returns redirects instead of following them. */
export const overHttp: Handler = (request) => fetch(request, { redirect: 'manual' });

/**
 * Checks the result of a handler: those of some frameworks return `null` for a path that they do not serve.
 * @throws TypeError for anything but a Response
 */
export function expectResponse(answer: unknown, { method, url }: Request): asserts answer is Response {
  const isResponse =
    typeof answer === 'object' && answer !== null && 'headers' in answer && 'text' in answer && 'clone' in answer;
  if (isResponse) return;
  const received = answer === null ? 'null' : typeof answer;
  throw new TypeError(
    `acs must return a Response; it returned ${received} for ${method} ${url.split('?', 1)[0]}. Does the handler serve this path?`,
  );
}

/** The Cookie header after a response (RFC 6265, 5.3, without paths and expiry dates). */
export function cookiesAfter(cookies: string, { headers }: Response): string {
  const jar = new Map(cookies.split('; ').flatMap((pair) => (pair === '' ? [] : [split(pair)])));
  for (const line of headers.getSetCookie()) {
    const [name, value] = split(line.split(';')[0] ?? '');
    if (value === '' || /;\s*max-age=0\s*(?:;|$)/i.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

function split(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return equals === -1 ? ['', pair.trim()] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}

/**
 * Opens the application's login page, as a browser does, and reads the AuthnRequest that it sends to the identity
 * provider: by redirect, or as a form.
 *
 * @throws TypeError when the page begins no login
 */
export async function beginAt(handler: Handler, url: string): Promise<BegunAttempt> {
  const request = new Request(url);
  const response = await handler(request);
  expectResponse(response, request);
  const cookies = cookiesAfter('', response);
  const location = response.headers.get('Location');
  const html = await response.text();
  try {
    if (location !== null) {
      const { root, relayState } = receiveRedirect(new URL(location, url).search);
      return { inResponseTo: readAuthnRequest(root).id, relayState, cookies };
    }
    const { fields } = submitForm(html);
    const { root, relayState } = receivePost(fields['SAMLRequest'] ?? '', fields['RelayState']);
    return { inResponseTo: readAuthnRequest(root).id, relayState, cookies };
  } catch (cause) {
    throw new TypeError(`${url} begins no login: it answered ${response.status} without an AuthnRequest`, { cause });
  }
}
