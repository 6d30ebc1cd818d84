import { randomInt } from 'node:crypto';
import { ConfigurationError } from '../configuration-error.ts';
import { maxConnectionId } from '../connections/values.ts';
import { cookieValues } from '../lib/cookie-header.ts';
import { deriveKey, seal, sealBytes, unseal } from './seal.ts';

/** A login that began in this browser and has not been answered yet. */
export interface PendingRequest {
  /** ID of the AuthnRequest: `_` and 16 to 128 characters of `A-Z a-z 0-9 - _`. */
  readonly requestId: string;
  readonly connectionId: string;
  /** Where the login ends; validated before it is sealed. */
  readonly returnTo: string | null;
  readonly issuedAt: Date;
  readonly forceAuthn: boolean;
  /** The request answers a login that the identity provider started: a second restart would be a loop. */
  readonly restarted: boolean;
}

/**
 * What the browser brought back for one request ID. `invalid`: there are cookies that cannot be opened, because they
 * were altered, sealed with another secret, or sent twice; `missing`: all of them belong to other requests.
 */
export type OpenedRequest =
  | { readonly state: 'open'; readonly pending: PendingRequest }
  | { readonly state: 'missing' | 'expired' | 'invalid' };

export interface RequestCookieOptions {
  /** Newest first: the first seals, each of them opens. At least 32 characters each. */
  readonly secrets: readonly string[];
  /** Its URL: what one application seals, another one with the same secret does not open. */
  readonly application: string;
  /** The site is served over https. `false` is for http on loopback alone. */
  readonly secure: boolean;
  /** How long a login may take at the identity provider. */
  readonly lifetimeSeconds: number;
  readonly now: () => Date;
}

/** Seals pending requests into a fixed number of cookies, one each, and opens them again. Stateless: opening claims nothing. */
export interface RequestCookies {
  /**
   * Set-Cookie value. It takes a slot that is free in `cookieHeader`, else that of the oldest request. A `returnTo` that
   * does not fit loses its query and fragment, or is left out.
   *
   * @param cookieHeader of the request that begins the login
   * @throws TypeError for an invalid request ID, or a connection ID of more than 255 characters
   */
  seal(pending: PendingRequest, cookieHeader: string | undefined): string;
  /** Finds the request that a response answers in the Cookie header. Any `requestId` may be asked for. */
  open(cookieHeader: string | undefined, requestId: string): OpenedRequest;
  /** Every pending request of this browser that can be opened, expired or not. */
  pending(cookieHeader: string | undefined): PendingRequest[];
  /** Set-Cookie values that end the request: one, or none if this browser does not have it. */
  expire(cookieHeader: string | undefined, requestId: string): string[];
}

/**
 * Four, so that a login in another tab survives, and requests that other pages provoke overwrite each other's cookies
 * instead of filling the 16 KiB of headers that Node.js accepts.
 */
const slots = 4;
/** Characters of one cookie in a Cookie header, `=` and `; ` included: 4,096 for all. */
const maxCookie = 1024;

/**
 * The sealed request cookie: binds a response to the browser that asked for it, without a server-side session.
 *
 * AES-256-GCM under a key derived from the secret. The content holds the request ID, and the cookie's name is
 * authenticated with it, so a value serves no other request and no other slot. Over https the cookie is `__Host-`,
 * Secure and SameSite=None, because the identity provider's POST is cross-site. Over http browsers refuse SameSite=None,
 * so it is Lax: that works where the identity provider is on the same host name, any port, as everything on `localhost` is.
 *
 * @throws TypeError for no secret, or one under 32 characters
 */
export function requestCookies(options: RequestCookieOptions): RequestCookies {
  const { secrets, secure, lifetimeSeconds, now } = options;
  const [newest, ...older] = secrets.map((secret) => deriveKey(secret, options.application));
  if (newest === undefined)
    throw new ConfigurationError('secret: at least one is required', [{ path: ['secret'], message: 'is required' }]);
  const keys = [newest, ...older];
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

  /** Random among the free ones: logins that begin at the same moment in several tabs see the same header. */
  const chooseSlot = (cookieHeader: string | undefined): string => {
    const read = readSlots(cookieHeader);
    // What cannot be read may be the pending login of another application on this host: taken only if no other is free.
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
      const name = chooseSlot(cookieHeader);
      return `${name}=${seal(encode(pending, maxContent), name, newest)}${attributes}${lifetimeSeconds}`;
    },

    open(cookieHeader, requestId) {
      const read = readSlots(cookieHeader);
      const pending = read.find((slot) => slot.pending?.requestId === requestId)?.pending;
      if (pending) return isExpired(pending) ? { state: 'expired' } : { state: 'open', pending };
      return { state: read.some(({ isUnreadable }) => isUnreadable) ? 'invalid' : 'missing' };
    },

    pending: (cookieHeader) => readSlots(cookieHeader).flatMap(({ pending }) => pending ?? []),

    expire: (cookieHeader, requestId) =>
      readSlots(cookieHeader)
        .filter(({ pending }) => pending?.requestId === requestId)
        .map(({ name }) => `${name}=${attributes}0`),
  };
}

interface Slot {
  readonly name: string;
  readonly pending: PendingRequest | null;
  /** There is a cookie, and it cannot be opened. */
  readonly isUnreadable: boolean;
}

function openCookie(value: string, name: string, keys: readonly Uint8Array[]): PendingRequest | null {
  for (const key of keys) {
    const content = unseal(value, name, key);
    if (content !== null) return decode(content);
  }
  return null;
}

/** At most `maxBytes`: the page without its query and fragment, or no page, where the whole `returnTo` does not fit. */
function encode(pending: PendingRequest, maxBytes: number): string {
  const { requestId, issuedAt, connectionId, returnTo, forceAuthn, restarted } = pending;
  const content = (page: string | null): string =>
    JSON.stringify([requestId, issuedAt.getTime(), connectionId, page, forceAuthn, restarted]);
  const candidates = [returnTo, returnTo?.split(/[?#]/, 1)[0] ?? null].map(content);
  return candidates.find((text) => Buffer.byteLength(text) <= maxBytes) ?? content(null);
}

function decode(content: string): PendingRequest {
  // Authenticated: encode() wrote it.
  const fields = JSON.parse(content) as [string, number, string, string | null, boolean, boolean];
  const [requestId, issuedAt, connectionId, returnTo, forceAuthn, restarted] = fields;
  return { requestId, connectionId, returnTo, issuedAt: new Date(issuedAt), forceAuthn, restarted };
}
