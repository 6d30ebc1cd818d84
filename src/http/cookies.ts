import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A login that began in this browser and has not been answered yet. */
export interface PendingRequest {
  /** ID of the AuthnRequest: `_` and 16 to 128 characters of `A-Z a-z 0-9 - _`. */
  readonly requestId: string;
  readonly connectionId: string;
  /** Where the login ends; already checked by whoever seals it. */
  readonly returnTo: string | null;
  readonly issuedAt: Date;
  readonly forceAuthn: boolean;
  /** The request answers a login that the identity provider started: a second restart would be a loop. */
  readonly restarted: boolean;
}

/** What the browser brought back for one request ID. `invalid`: altered, sealed with another secret, or sent twice. */
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

/** Seals pending requests into cookies, one cookie each, and opens them again. Stateless: opening claims nothing. */
export interface RequestCookies {
  /**
   * Set-Cookie value. A `returnTo` of more than 1,024 bytes is left out: browsers drop cookies over 4 KB whole.
   * @throws TypeError for a request ID that is no cookie name
   */
  seal(pending: PendingRequest): string;
  /** Finds the request that a response answers in the Cookie header. Any `requestId` may be asked for. */
  open(cookieHeader: string | undefined, requestId: string): OpenedRequest;
  /** Every pending request of this browser that can be opened, expired or not. */
  pending(cookieHeader: string | undefined): PendingRequest[];
  /** Set-Cookie value that ends the request. @throws TypeError for a request ID that is no cookie name */
  expire(requestId: string): string;
  /**
   * Set-Cookie values that drop abandoned requests, oldest first and unreadable ones before those, so that with the
   * next one at most 8 are pending and their cookies stay far below the 16 KB of headers that Node.js accepts.
   */
  excess(cookieHeader: string | undefined): string[];
}

const maxPending = 8;
const maxPendingCharacters = 4096;
const maxReturnTo = 1024;
const maxHeader = 64 * 1024;
const version = 1;
const ivBytes = 12;
const tagBytes = 16;

/**
 * The sealed request cookie: binds a response to the browser that asked for it, without a server-side session.
 *
 * AES-256-GCM under a key derived from the secret (HKDF-SHA-256); the cookie's name, which is the request ID, is
 * authenticated with it, so a value cannot serve another request. Over https the cookie is `__Host-`, Secure and
 * SameSite=None, because the identity provider's POST is cross-site. Over http a browser takes no SameSite=None, so it is
 * Lax: that works where the identity provider is on the same host name, any port, as everything on `localhost` is.
 *
 * @throws TypeError for no secret, or one under 32 characters
 */
export function requestCookies(options: RequestCookieOptions): RequestCookies {
  const { secrets, secure, lifetimeSeconds, now } = options;
  const [newest, ...older] = secrets.map((secret) => deriveKey(secret, options.application));
  if (newest === undefined) throw new TypeError('secret: at least one is required');
  const keys = [newest, ...older];
  const prefix = secure ? '__Host-saml-' : 'saml-';
  const attributes = `; Path=/; HttpOnly; ${secure ? 'Secure; SameSite=None' : 'SameSite=Lax'}; Max-Age=`;

  const nameOf = (requestId: string): string => {
    if (!isRequestId(requestId)) throw new TypeError('requestId must be _ and 16 to 128 characters of A-Z a-z 0-9 - _');
    return prefix + requestId.slice(1);
  };
  const requestIdOf = ({ name }: Cookie): string => `_${name.slice(prefix.length)}`;
  const drop = (name: string): string => `${name}=${attributes}0`;

  return {
    seal(pending) {
      const name = nameOf(pending.requestId);
      return `${name}=${encrypt(encode(pending), name, newest)}${attributes}${lifetimeSeconds}`;
    },

    open(cookieHeader, requestId) {
      if (!isRequestId(requestId)) return { state: 'missing' };
      const name = nameOf(requestId);
      const [cookie, ...duplicates] = readCookies(cookieHeader, prefix).filter((each) => each.name === name);
      if (cookie === undefined) return { state: 'missing' };
      const pending = duplicates.length > 0 ? null : openCookie(cookie, requestId, keys);
      if (pending === null) return { state: 'invalid' };
      const age = now().getTime() - pending.issuedAt.getTime();
      return age < lifetimeSeconds * 1000 ? { state: 'open', pending } : { state: 'expired' };
    },

    pending: (cookieHeader) =>
      readCookies(cookieHeader, prefix).flatMap((cookie) => openCookie(cookie, requestIdOf(cookie), keys) ?? []),

    expire: (requestId) => drop(nameOf(requestId)),

    excess(cookieHeader) {
      const newestFirst = readCookies(cookieHeader, prefix)
        .map((cookie) => ({
          ...cookie,
          at: openCookie(cookie, requestIdOf(cookie), keys)?.issuedAt,
        }))
        .sort((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));
      let characters = 0;
      const dropped = newestFirst.filter(({ name, value }, index) => {
        characters += name.length + value.length;
        return index >= maxPending - 1 || characters > maxPendingCharacters;
      });
      return dropped.reverse().map(({ name }) => drop(name));
    },
  };
}

interface Cookie {
  readonly name: string;
  readonly value: string;
}

function isRequestId(text: string): boolean {
  return /^_[\w-]{16,128}$/.test(text);
}

/** Cookies of ours in a Cookie header (RFC 6265 section 4.2), in its order. A header of absurd length holds none. */
function readCookies(header: string | undefined, prefix: string): Cookie[] {
  if (header === undefined || header.length > maxHeader) return [];
  return header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const ours = name.startsWith(prefix) && isRequestId(`_${name.slice(prefix.length)}`);
    return ours ? [{ name, value: pair.slice(equals + 1).trim() }] : [];
  });
}

function deriveKey(secret: string, application: string): Uint8Array {
  if (typeof secret !== 'string' || secret.length < 32) {
    const received = secret ? `it has ${secret.length}` : 'it is missing: is the environment variable set?';
    throw new TypeError(`secret must have at least 32 characters; ${received} (openssl rand -base64 32 makes one)`);
  }
  return new Uint8Array(hkdfSync('sha256', secret, '', `saml-jit request cookie ${application}`, 32));
}

function openCookie(cookie: Cookie, requestId: string, keys: readonly Uint8Array[]): PendingRequest | null {
  for (const key of keys) {
    const content = decrypt(cookie.value, cookie.name, key);
    if (content !== null) return decode(content, requestId);
  }
  return null;
}

function encrypt(content: string, name: string, key: Uint8Array): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(name));
  const sealed = [Buffer.of(version), iv, cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

function decrypt(value: string, name: string, key: Uint8Array): string | null {
  const bytes = Buffer.from(value, 'base64url');
  // Buffer reads base64 leniently; one value has one spelling.
  if (bytes.toString('base64url') !== value || bytes[0] !== version || bytes.length < 1 + ivBytes + tagBytes)
    return null;
  const body = 1 + ivBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, body), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(body, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function encode({ issuedAt, connectionId, returnTo, forceAuthn, restarted }: PendingRequest): string {
  const kept = returnTo !== null && Buffer.byteLength(returnTo) <= maxReturnTo ? returnTo : null;
  return JSON.stringify([issuedAt.getTime(), connectionId, kept, forceAuthn, restarted]);
}

function decode(content: string, requestId: string): PendingRequest {
  // Authenticated: nobody but encode() wrote it.
  const fields = JSON.parse(content) as [number, string, string | null, boolean, boolean];
  const [issuedAt, connectionId, returnTo, forceAuthn, restarted] = fields;
  return { requestId, connectionId, returnTo, issuedAt: new Date(issuedAt), forceAuthn, restarted };
}
