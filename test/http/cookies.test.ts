import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PendingRequest, type RequestCookies, requestCookies } from '../../src/http/cookies.ts';

const started = new Date('2026-03-01T09:00:00Z');
const secret = 'a secret of at least 32 characters';
const later = (seconds: number): Date => new Date(started.getTime() + seconds * 1000);

function cookies(options: Partial<Parameters<typeof requestCookies>[0]> = {}): RequestCookies {
  const application = 'https://app.example.com/sso';
  return requestCookies({
    secrets: [secret],
    application,
    secure: true,
    lifetimeSeconds: 1800,
    now: () => started,
    ...options,
  });
}

function request(id: number | string = 1, changes: Partial<PendingRequest> = {}): PendingRequest {
  const requestId = `_${String(id).padStart(32, '0')}`;
  const defaults = { connectionId: 'acme', returnTo: '/reports?year=2026', forceAuthn: false, restarted: false };
  return { requestId, issuedAt: started, ...defaults, ...changes };
}

/** What the browser sends back for Set-Cookie values. */
const header = (...setCookies: string[]): string =>
  setCookies.map((each) => each.slice(0, each.indexOf(';'))).join('; ');

describe('the sealed request cookie', () => {
  it('is opened by the application alone that sealed it, though another has the same secret', () => {
    const sealed = header(cookies().seal(request()));
    const other = cookies({ application: 'https://other.example.com/sso' });
    expect(cookies().open(sealed, request().requestId).state).toBe('open');
    expect(other.open(sealed, request().requestId).state).toBe('invalid');
  });

  it('brings a pending request back', () => {
    const pending = request(1, { forceAuthn: true, restarted: true });
    expect(cookies().open(header(cookies().seal(pending)), pending.requestId)).toEqual({ state: 'open', pending });
  });

  it('brings back any connection, returnTo and time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.option(fc.string({ unit: 'binary', maxLength: 250 })),
        fc.integer({ min: 0, max: 1799 }),
        (connectionId, returnTo, age) => {
          const pending = request(1, { connectionId, returnTo, issuedAt: later(-age) });
          expect(cookies().open(header(cookies().seal(pending)), pending.requestId)).toEqual({
            state: 'open',
            pending,
          });
        },
      ),
    );
  });

  it('is __Host-, Secure and SameSite=None over https', () => {
    expect(cookies().seal(request())).toMatch(
      /^__Host-saml-0{31}1=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=None; Max-Age=1800$/,
    );
  });

  it('has no prefix and is SameSite=Lax over http', () => {
    expect(cookies({ secure: false }).seal(request())).toMatch(
      /^saml-0{31}1=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/,
    );
  });

  it('keeps two tabs apart', () => {
    const first = request(1, { returnTo: '/one' });
    const second = request(2, { returnTo: '/two' });
    const both = header(cookies().seal(first), cookies().seal(second));
    expect(cookies().open(both, first.requestId)).toEqual({ state: 'open', pending: first });
    expect(cookies().open(both, second.requestId)).toEqual({ state: 'open', pending: second });
  });

  it('opens again when it is replayed, for the claim decides about single use', () => {
    const sent = header(cookies().seal(request()));
    expect(cookies().open(sent, request().requestId)).toEqual(cookies().open(sent, request().requestId));
  });

  it('seals one request differently each time', () => {
    expect(cookies().seal(request())).not.toBe(cookies().seal(request()));
  });

  it('shows nothing of its content', () => {
    const value = header(cookies().seal(request(1, { returnTo: 'confidential' }))).split('=')[1];
    expect(Buffer.from(value ?? '', 'base64url').toString('latin1')).not.toContain('confidential');
  });

  it('expires at the end of its lifetime, exclusive', () => {
    const sent = header(cookies().seal(request()));
    const at = (seconds: number) => cookies({ now: () => later(seconds) }).open(sent, request().requestId).state;
    expect(at(1799)).toBe('open');
    expect(at(1800)).toBe('expired');
  });

  it('is refused when any character is changed', () => {
    const sent = header(cookies().seal(request()));
    const valueAt = sent.indexOf('=') + 1;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let at = valueAt; at < sent.length; at++) {
      for (const other of alphabet) {
        if (other === sent[at]) continue;
        const altered = sent.slice(0, at) + other + sent.slice(at + 1);
        expect(cookies().open(altered, request().requestId)).toEqual({ state: 'invalid' });
      }
    }
    expect(cookies().open(sent, request().requestId).state).toBe('open');
  });

  it('is refused when it is cut or lengthened', () => {
    const sent = header(cookies().seal(request()));
    for (let end = sent.indexOf('=') + 1; end < sent.length; end++) {
      expect(cookies().open(sent.slice(0, end), request().requestId)).toEqual({ state: 'invalid' });
    }
    for (const more of ['A', 'AAAA', '=', '==', '%41']) {
      expect(cookies().open(sent + more, request().requestId)).toEqual({ state: 'invalid' });
    }
  });

  it('is refused with another secret', () => {
    const sent = header(cookies().seal(request()));
    const others = cookies({ secrets: ['another secret, 32 characters too'] });
    expect(others.open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('survives the rotation of secrets, sealed by the newest', () => {
    const newest = 'the next secret, of 32 characters';
    const rotating = cookies({ secrets: [newest, secret] });
    expect(rotating.open(header(cookies().seal(request())), request().requestId).state).toBe('open');
    const sent = header(rotating.seal(request()));
    expect(cookies({ secrets: [newest] }).open(sent, request().requestId).state).toBe('open');
    expect(cookies().open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('is refused under the name of another request', () => {
    const sent = header(cookies().seal(request(1)));
    const moved = sent.replace(request(1).requestId.slice(1), request(2).requestId.slice(1));
    expect(cookies().open(moved, request(2).requestId)).toEqual({ state: 'invalid' });
  });

  it('is refused where the site changed from http to https', () => {
    const sent = `__Host-${header(cookies({ secure: false }).seal(request()))}`;
    expect(cookies().open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('leaves out a returnTo that would make the browser drop the cookie', () => {
    const returnTo = (bytes: number): string => `/${'é'.repeat((bytes - 2) / 2)}/`;
    const open = (pending: PendingRequest) => cookies().open(header(cookies().seal(pending)), pending.requestId);
    const longest = request(1, { returnTo: returnTo(1024) });
    expect(open(longest)).toEqual({ state: 'open', pending: longest });
    expect(open(request(1, { returnTo: returnTo(1026) }))).toEqual({
      state: 'open',
      pending: request(1, { returnTo: null }),
    });
  });

  it('ends with Max-Age=0 and the attributes that a __Host- cookie needs', () => {
    expect(cookies().expire(request().requestId)).toBe(
      `__Host-saml-${'0'.repeat(31)}1=; Path=/; HttpOnly; Secure; SameSite=None; Max-Age=0`,
    );
  });

  it('takes no short or missing secret', () => {
    expect(() => cookies({ secrets: ['x'.repeat(32)] })).not.toThrow();
    expect(() => cookies({ secrets: ['x'.repeat(31)] })).toThrow(
      new TypeError('secret must have at least 32 characters; it has 31 (openssl rand -base64 32 makes one)'),
    );
    expect(() => cookies({ secrets: [secret, 'short'] })).toThrow(TypeError);
    expect(() => cookies({ secrets: [] })).toThrow(new TypeError('secret: at least one is required'));
  });

  it('seals no request ID that is not a cookie name', () => {
    for (const requestId of [
      '',
      '_',
      `_${'a'.repeat(15)}`,
      `a${'0'.repeat(32)}`,
      `_${'0'.repeat(32)}; Path=/x`,
      `_${'a'.repeat(129)}`,
    ]) {
      expect(() => cookies().seal(request(1, { requestId }))).toThrow(TypeError);
      expect(() => cookies().expire(requestId)).toThrow(TypeError);
    }
  });
});

describe('all pending requests', () => {
  it('are those that can be opened, expired or not', () => {
    const pending = [request(1), request(2, { restarted: true, issuedAt: later(-9999) })];
    const altered = cookies({ secrets: ['another secret, 32 characters too'] }).seal(request(3));
    const sent = header(...pending.map((each) => cookies().seal(each)), altered, 'session=x; Path=/');
    expect(cookies().pending(sent)).toEqual(pending);
    expect(cookies().pending(undefined)).toEqual([]);
  });
});

describe('the Cookie header', () => {
  const sent = header(cookies().seal(request()));
  const open = (text: string | undefined, id = request().requestId) => cookies().open(text, id);

  it('may hold other cookies, in any order and spacing', () => {
    for (const text of [
      `a=b; ${sent}`,
      `${sent};a`,
      `;;=;${sent}  ; a="x=y"`,
      `__proto__=1; ${sent}`,
      `saml-x=1;\t${sent}`,
    ]) {
      expect(open(text).state).toBe('open');
    }
  });

  it('may be missing', () => {
    expect(open(undefined)).toEqual({ state: 'missing' });
    expect(open('')).toEqual({ state: 'missing' });
  });

  it('answers any request ID, however hostile', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (id) => open(sent, id).state === 'missing'));
    for (const id of ['__proto__', 'constructor', '_', '_;', `${request().requestId}\n`]) {
      expect(open(sent, id)).toEqual({ state: 'missing' });
    }
  });

  it('answers any header, however hostile', () => {
    const name = sent.slice(0, sent.indexOf('='));
    const piece = fc.oneof(fc.constantFrom(name, '=', ';', '; ', '__Host-saml-', '\0'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(['missing', 'invalid']).toContain(open(pieces.join('')).state);
      }),
    );
  });

  it('is refused when it names the cookie twice', () => {
    expect(open(`${sent}; ${sent}`)).toEqual({ state: 'invalid' });
  });

  it('counts as empty beyond 64 KiB', () => {
    const padded = (length: number): string => `a=${'x'.repeat(length - sent.length - 4)}; ${sent}`;
    expect(open(padded(65_536)).state).toBe('open');
    expect(open(padded(65_537))).toEqual({ state: 'missing' });
  });
});

describe('abandoned requests', () => {
  const name = (id: number): string => `__Host-saml-${String(id).padStart(32, '0')}=`;
  const names = (dropped: readonly string[]): string[] => dropped.map((each) => each.slice(0, each.indexOf('=') + 1));
  const sealed = (id: number, seconds: number): string => cookies().seal(request(id, { issuedAt: later(seconds) }));

  it('are kept while seven or fewer are pending', () => {
    expect(cookies().excess(header(...[1, 2, 3, 4, 5, 6, 7].map((n) => sealed(n, n))))).toEqual([]);
    expect(cookies().excess(undefined)).toEqual([]);
  });

  it('are dropped oldest first, so that the next is the eighth', () => {
    const shuffled = [5, 3, 9, 1, 7, 2, 8, 4, 6].map((n) => sealed(n, n));
    const dropped = cookies().excess(header(...shuffled));
    expect(names(dropped)).toEqual([name(1), name(2)]);
    expect(dropped[0]).toBe(cookies().expire(request(1).requestId));
  });

  it('are dropped before all others when they cannot be read', () => {
    const unreadable = cookies({ secrets: ['another secret, 32 characters too'] }).seal(
      request(8, { issuedAt: later(99) }),
    );
    const dropped = cookies().excess(header(unreadable, ...[1, 2, 3, 4, 5, 6, 7].map((n) => sealed(n, n))));
    expect(names(dropped)).toEqual([name(8)]);
  });

  it('are dropped when together they grow too large for the header', () => {
    const long = (id: number): string =>
      cookies().seal(request(id, { issuedAt: later(id), returnTo: 'x'.repeat(1024) }));
    expect(names(cookies().excess(header(long(1), long(2), long(3))))).toEqual([name(1)]);
  });

  it('leave the cookies of others alone', () => {
    expect(cookies().excess(Array.from({ length: 50 }, (_, n) => `session${n}=x`).join('; '))).toEqual([]);
  });
});
