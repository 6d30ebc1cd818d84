import { randomInt } from 'node:crypto';
import { ConfigurationError } from '../configuration-error.ts';
import { maxConnectionId } from '../connections/values.ts';
import { cookieValues } from '../lib/cookie-header.ts';
import { deriveKey, type RequestPurpose, seal, sealBytes, unseal } from './seal.ts';

/** A request that this browser sent to an identity provider and that has no answer yet. */
export interface PendingRequest {
  readonly purpose: RequestPurpose;
  /** ID of the request: `_` and 16 to 128 characters of `A-Z a-z 0-9 - _`. */
  readonly requestId: string;
  readonly connectionId: string;
  /** Where the browser goes after the answer; validated before it is sealed. */
  readonly returnTo: string | null;
  readonly issuedAt: Date;
  readonly forceAuthn: boolean;
  /** The request answers a login that the identity provider started: a second restart would be a loop. */
  readonly restarted: boolean;
}

/**
 * The cookie of one request. `missing`: all cookies belong to other requests; `invalid`: there are cookies that cannot be
 * opened, because they were altered, sealed with another secret, or sent twice.
 */
export type OpenedRequest =
  | { readonly state: 'open'; readonly pending: PendingRequest }
  | { readonly state: 'missing' | 'expired' | 'invalid' };

/** Options of {@link requestCookies}. */
export interface RequestCookieOptions {
  /** Newest first: the first one seals, all of them open. At least 32 characters each. */
  readonly secrets: readonly string[];
  /** URL of the application: cookies of another application that has the same secret do not open. */
  readonly application: string;
  /** Whether the site is served over https; `false` only for http on loopback. */
  readonly secure: boolean;
  /** Seconds until a request expires. */
  readonly lifetimeSeconds: number;
  readonly now: () => Date;
}

/**
 * Seals pending requests into a fixed number of cookies, one each, and opens them. Stateless: opening claims nothing.
 *
 * A request opens only for the purpose that it was sealed for: the default is `login`, and a cookie of another purpose
 * counts as one of another request.
 */
export interface RequestCookies {
  /**
   * Returns a Set-Cookie value. It takes a slot that is free in `cookieHeader`, else that of the oldest request. A
   * `returnTo` that does not fit loses its query and fragment, or is left out.
   *
   * @param cookieHeader Cookie header of the HTTP request that begins the login
   * @throws TypeError for an invalid request ID, or a connection ID of more than 255 characters
   */
  seal(pending: PendingRequest, cookieHeader: string | undefined): string;
  /** Finds the request that a response answers in the Cookie header. `requestId` is untrusted. */
  open(cookieHeader: string | undefined, requestId: string, purpose?: RequestPurpose): OpenedRequest;
  /** Lists the pending requests of this browser that can be opened, expired ones included. */
  pending(cookieHeader: string | undefined, purpose?: RequestPurpose): PendingRequest[];
  /** Set-Cookie values that remove the request: one, or none if this browser does not have it. */
  expire(cookieHeader: string | undefined, requestId: string): string[];
}

/**
 * Four, so that a login in another tab survives, and requests that other pages provoke overwrite each other's cookies
 * instead of filling the 16 KiB of headers that Node.js accepts.
 */
const slots = 4;
/** Characters of one cookie in a Cookie header, `=` and `; ` included: 4,096 for all. */
const maxCookie = 1024;

const purposes: readonly RequestPurpose[] = ['login', 'test', 'logout'];

/**
 * Makes the sealed request cookies: they bind a response to the browser that sent the request, without a session on the
 * server.
 *
 * AES-256-GCM under a key derived from the secret for one purpose. The content includes the request ID, and the cookie's
 * name is authenticated with it, so a value is valid for no other request and no other slot. Over https the cookie is
 * `__Host-`, Secure and SameSite=None, because the identity provider's POST is cross-site. Over http browsers refuse
 * SameSite=None, so it is Lax: that works if the identity provider has the same host name, on any port, as all servers on
 * `localhost` do.
 *
 * @throws TypeError for no secret, or one of fewer than 32 characters
 */
export function requestCookies(options: RequestCookieOptions): RequestCookies {
  const { secrets, secure, lifetimeSeconds, now } = options;
  const [newest, ...older] = secrets.map((secret) => deriveKeys(secret, options.application));
  if (newest === undefined)
    throw new ConfigurationError('secret: at least one is required', [{ path: ['secret'], message: 'is required' }]);
  const keys = [newest, ...older].flat();
  const sealingKeys = new Map(newest.map(({ purpose, key }) => [purpose, key]));
  const prefix = secure ? '__Host-saml-' : 'saml-';
  const names = Array.from({ length: slots }, (_, slot) => `${prefix}${slot}`);
  const attributes = `; Path=/; HttpOnly; ${secure ? 'Secure; SameSite=None' : 'SameSite=Lax'}; Max-Age=`;
  const maxContent = Math.floor(((maxCookie - `${prefix}0=; `.length) * 3) / 4) - sealBytes;

  const readSlots = (cookieHeader: string | undefined): Slot[] =>
    [...cookieValues(cookieHeader, names)].map(([name, values]) => {
      const [value, ...duplicates] = values;
      const pending = value === undefined || duplicates.length > 0 ? null : openCookie(value, name, keys);
      return { name, pending, isUnreadable: value !== undefined && pending === null };
    });
  const isExpired = ({ issuedAt }: PendingRequest): boolean =>
    now().getTime() - issuedAt.getTime() >= lifetimeSeconds * 1000;

  /** Random among the free ones: logins that begin at the same moment in several tabs send the same header. */
  const chooseSlot = (cookieHeader: string | undefined): string => {
    const read = readSlots(cookieHeader);
    // An unreadable cookie may be the pending login of another application on this host: used only if no other is free.
    const unused = read.filter(({ pending, isUnreadable }) => (pending === null ? !isUnreadable : isExpired(pending)));
    const free = unused.length > 0 ? unused : read.filter(({ pending }) => pending === null);
    if (free.length > 0) return free[randomInt(free.length)]?.name ?? `${prefix}0`;
    const issued = ({ pending }: Slot): number => pending?.issuedAt.getTime() ?? 0;
    return read.reduce((oldest, slot) => (issued(slot) < issued(oldest) ? slot : oldest)).name;
  };

  return {
    seal(pending, cookieHeader) {
      if (!/^_[\w-]{16,128}$/.test(pending.requestId))
        throw new TypeError('requestId must be _ and 16 to 128 characters of A-Z a-z 0-9 - _');
      if (pending.connectionId.length > maxConnectionId)
        throw new TypeError(`connectionId must have at most ${maxConnectionId} characters`);
      const key = sealingKeys.get(pending.purpose);
      if (key === undefined) throw new TypeError(`purpose must be one of ${purposes.join(', ')}`);
      const name = chooseSlot(cookieHeader);
      return `${name}=${seal(encode(pending, maxContent), name, key)}${attributes}${lifetimeSeconds}`;
    },

    open(cookieHeader, requestId, purpose = 'login') {
      const read = readSlots(cookieHeader);
      const requests = read.flatMap(({ pending }) => pending ?? []);
      const pending = requests.find((each) => each.requestId === requestId && each.purpose === purpose);
      if (pending) return isExpired(pending) ? { state: 'expired' } : { state: 'open', pending };
      return { state: read.some(({ isUnreadable }) => isUnreadable) ? 'invalid' : 'missing' };
    },

    pending: (cookieHeader, purpose = 'login') =>
      readSlots(cookieHeader).flatMap(({ pending }) => (pending?.purpose === purpose ? pending : [])),

    expire: (cookieHeader, requestId) =>
      readSlots(cookieHeader)
        .filter(({ pending }) => pending?.requestId === requestId)
        .map(({ name }) => `${name}=${attributes}0`),
  };
}

interface PurposeKey {
  readonly purpose: RequestPurpose;
  readonly key: Uint8Array;
}

interface Slot {
  readonly name: string;
  readonly pending: PendingRequest | null;
  /** There is a cookie, and it cannot be opened. */
  readonly isUnreadable: boolean;
}

function deriveKeys(secret: string, application: string): PurposeKey[] {
  return purposes.map((purpose) => ({ purpose, key: deriveKey(secret, purpose, application) }));
}

function openCookie(value: string, name: string, keys: readonly PurposeKey[]): PendingRequest | null {
  for (const { purpose, key } of keys) {
    const content = unseal(value, name, key);
    if (content !== null) return { purpose, ...decode(content) };
  }
  return null;
}

/** At most `maxBytes`: if `returnTo` does not fit as a whole, the page without its query and fragment, or no page. */
function encode(pending: PendingRequest, maxBytes: number): string {
  const { requestId, issuedAt, connectionId, returnTo, forceAuthn, restarted } = pending;
  const content = (page: string | null): string =>
    JSON.stringify([requestId, issuedAt.getTime(), connectionId, page, forceAuthn, restarted]);
  const candidates = [returnTo, returnTo?.split(/[?#]/, 1)[0] ?? null].map(content);
  return candidates.find((text) => Buffer.byteLength(text) <= maxBytes) ?? content(null);
}

function decode(content: string): Omit<PendingRequest, 'purpose'> {
  // Authenticated: encode() wrote it.
  const fields = JSON.parse(content) as [string, number, string, string | null, boolean, boolean];
  const [requestId, issuedAt, connectionId, returnTo, forceAuthn, restarted] = fields;
  return { requestId, connectionId, returnTo, issuedAt: new Date(issuedAt), forceAuthn, restarted };
}
