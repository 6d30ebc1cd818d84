import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PendingRequest, type RequestCookies, requestCookies } from '../../src/sso/request-cookie.ts';
import { deriveKey, type RequestPurpose, seal, unseal } from '../../src/sso/seal.ts';
import { configurationError } from '../support/configuration-error.ts';

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
  return { purpose: 'login', requestId, issuedAt: started, ...defaults, ...changes };
}

/** What the browser sends back for Set-Cookie values. */
const header = (...setCookies: string[]): string =>
  setCookies.map((each) => each.slice(0, each.indexOf(';'))).join('; ');

/** What the browser sends back for a request in this slot. Free slots are chosen at random. */
function sealedIn(slot: number, pending: PendingRequest, sealing: RequestCookies = cookies()): string {
  for (;;) {
    const sent = header(sealing.seal(pending, undefined));
    if (sent.includes(`saml-${slot}=`)) return sent;
  }
}

/** A browser that keeps cookies by name, as `Set-Cookie` values set them. */
class Jar {
  readonly #cookies = new Map<string, string>();

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  take(setCookie: string): void {
    const [pair = ''] = setCookie.split(';', 1);
    this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
}

describe('the sealed request cookie', () => {
  it('is opened only by the application that sealed it, even if another has the same secret', () => {
    const sealed = header(cookies().seal(request(), undefined));
    const other = cookies({ application: 'https://other.example.com/sso' });
    expect(cookies().open(sealed, request().requestId).state).toBe('open');
    expect(other.open(sealed, request().requestId).state).toBe('invalid');
  });

  it('returns a pending request', () => {
    const pending = request(1, { forceAuthn: true, restarted: true });
    expect(cookies().open(header(cookies().seal(pending, undefined)), pending.requestId)).toEqual({
      state: 'open',
      pending,
    });
  });

  it('returns any connection, returnTo and time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
        fc.option(fc.string({ unit: 'binary', maxLength: 80 })),
        fc.integer({ min: 0, max: 1799 }),
        (connectionId, returnTo, age) => {
          const pending = request(1, { connectionId, returnTo, issuedAt: later(-age) });
          expect(cookies().open(header(cookies().seal(pending, undefined)), pending.requestId)).toEqual({
            state: 'open',
            pending,
          });
        },
      ),
    );
  });

  it('is __Host-, Secure and SameSite=None over https', () => {
    expect(cookies().seal(request(), undefined)).toMatch(
      /^__Host-saml-[0-3]=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=None; Max-Age=1800$/,
    );
  });

  it('has no prefix and is SameSite=Lax over http', () => {
    expect(cookies({ secure: false }).seal(request(), undefined)).toMatch(
      /^saml-[0-3]=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/,
    );
  });

  it('is separate for each of two tabs', () => {
    const first = request(1, { returnTo: '/one' });
    const second = request(2, { returnTo: '/two' });
    const one = header(cookies().seal(first, undefined));
    const both = `${one}; ${header(cookies().seal(second, one))}`;
    expect(cookies().open(both, first.requestId)).toEqual({ state: 'open', pending: first });
    expect(cookies().open(both, second.requestId)).toEqual({ state: 'open', pending: second });
  });

  it('can be opened again: single use is enforced by the claim', () => {
    const sent = header(cookies().seal(request(), undefined));
    expect(cookies().open(sent, request().requestId)).toEqual(cookies().open(sent, request().requestId));
  });

  it('seals one request differently each time', () => {
    expect(cookies().seal(request(), undefined)).not.toBe(cookies().seal(request(), undefined));
  });

  it('reveals nothing of its content', () => {
    const value = header(cookies().seal(request(1, { returnTo: 'confidential' }), undefined)).split('=')[1];
    expect(Buffer.from(value ?? '', 'base64url').toString('latin1')).not.toContain('confidential');
  });

  it('expires at the end of its lifetime, exclusive', () => {
    const sent = header(cookies().seal(request(), undefined));
    const at = (seconds: number) => cookies({ now: () => later(seconds) }).open(sent, request().requestId).state;
    expect(at(1799)).toBe('open');
    expect(at(1800)).toBe('expired');
  });

  it('is refused when any character is changed', () => {
    const sent = header(cookies().seal(request(), undefined));
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
    const sent = header(cookies().seal(request(), undefined));
    for (let end = sent.indexOf('=') + 1; end < sent.length; end++) {
      expect(cookies().open(sent.slice(0, end), request().requestId)).toEqual({ state: 'invalid' });
    }
    for (const more of ['A', 'AAAA', '=', '==', '%41']) {
      expect(cookies().open(sent + more, request().requestId)).toEqual({ state: 'invalid' });
    }
  });

  it('is refused with another secret', () => {
    const sent = header(cookies().seal(request(), undefined));
    const others = cookies({ secrets: ['another secret, 32 characters too'] });
    expect(others.open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('can be opened after a rotation of secrets, and is sealed with the newest', () => {
    const newest = 'the next secret, of 32 characters';
    const rotating = cookies({ secrets: [newest, secret] });
    expect(rotating.open(header(cookies().seal(request(), undefined)), request().requestId).state).toBe('open');
    const sent = header(rotating.seal(request(), undefined));
    expect(cookies({ secrets: [newest] }).open(sent, request().requestId).state).toBe('open');
    expect(cookies().open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('is not valid for another request', () => {
    const sent = header(cookies().seal(request(1), undefined));
    expect(cookies().open(sent, request(2).requestId)).toEqual({ state: 'missing' });
  });

  it('is refused in another slot', () => {
    const sent = header(cookies().seal(request(1), undefined));
    for (const slot of [0, 1, 2, 3]) {
      const moved = `__Host-saml-${slot}${sent.slice(sent.indexOf('='))}`;
      expect(cookies().open(moved, request(1).requestId).state).toBe(moved === sent ? 'open' : 'invalid');
    }
  });

  it('is refused if the site changed from http to https', () => {
    const sent = `__Host-${header(cookies({ secure: false }).seal(request(), undefined))}`;
    expect(cookies().open(sent, request().requestId)).toEqual({ state: 'invalid' });
  });

  it('shortens a returnTo that is too long to its path, or omits it', () => {
    const returnToAfter = (returnTo: string): string | null | undefined => {
      const opened = cookies().open(header(cookies().seal(request(1, { returnTo }), undefined)), request(1).requestId);
      return opened.state === 'open' ? opened.pending.returnTo : undefined;
    };
    const path = (bytes: number): string => `/${'é'.repeat((bytes - 2) / 2)}/`;
    expect(returnToAfter(path(600))).toBe(path(600));
    expect(returnToAfter(path(800))).toBe(null);
    expect(returnToAfter(`/reports?ids=${'1,'.repeat(400)}`)).toBe('/reports');
    expect(returnToAfter(`/reports#${'1,'.repeat(400)}`)).toBe('/reports');
    expect(returnToAfter(`${path(800)}?a=b`)).toBe(null);
  });

  it('has at most 1,024 characters in the Cookie header, including separators, for any content', () => {
    const long = { requestId: `_${'r'.repeat(128)}`, connectionId: 'c'.repeat(255) };
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2048 }), fc.boolean(), (returnTo, secure) => {
        const sealing = cookies({ secure });
        const sent = header(sealing.seal(request(1, { ...long, returnTo }), undefined));
        expect(sent.length + '; '.length).toBeLessThanOrEqual(1024);
        expect(sealing.open(sent, long.requestId).state).toBe('open');
      }),
    );
  });

  it('ends with Max-Age=0 and the attributes that a __Host- cookie needs', () => {
    const sent = header(cookies().seal(request(1), undefined));
    const name = sent.slice(0, sent.indexOf('='));
    const other = header(cookies().seal(request(2), sent));
    expect(cookies().expire(`${other}; ${sent}`, request(1).requestId)).toEqual([
      `${name}=; Path=/; HttpOnly; Secure; SameSite=None; Max-Age=0`,
    ]);
    expect(cookies().expire(sent, request(3).requestId)).toEqual([]);
  });

  it('refuses a short or missing secret', () => {
    expect(() => cookies({ secrets: ['x'.repeat(32)] })).not.toThrow();
    expect(() => cookies({ secrets: ['x'.repeat(31)] })).toThrow(
      configurationError('secret must have at least 32 characters; it has 31 (openssl rand -base64 32 makes one)'),
    );
    expect(() => cookies({ secrets: [secret, 'short'] })).toThrow(TypeError);
    expect(() => cookies({ secrets: [] })).toThrow(configurationError('secret: at least one is required'));
  });

  it('refuses a request ID of another form, and a connection ID that is too long', () => {
    for (const requestId of [
      '',
      '_',
      `_${'a'.repeat(15)}`,
      `a${'0'.repeat(32)}`,
      `_${'0'.repeat(32)}; Path=/x`,
      `_${'a'.repeat(129)}`,
    ]) {
      expect(() => cookies().seal(request(1, { requestId }), undefined)).toThrow(TypeError);
    }
    expect(() => cookies().seal(request(1, { connectionId: 'c'.repeat(256) }), undefined)).toThrow(
      new TypeError('connectionId must have at most 255 characters'),
    );
  });
});

describe('the purpose of a sealed request', () => {
  const purposes = ['login', 'test', 'logout'] as const;
  const pairs = purposes.flatMap((sealed) => purposes.map((asked) => [sealed, asked] as const));
  const { requestId } = request();

  it.each(pairs)('a request sealed for %s opens for %s only if they are the same', (sealed, asked) => {
    const pending = request(1, { purpose: sealed });
    const sent = header(cookies().seal(pending, undefined));
    const isSame = sealed === asked;
    expect(cookies().open(sent, requestId, asked)).toEqual(isSame ? { state: 'open', pending } : { state: 'missing' });
    expect(cookies().pending(sent, asked)).toEqual(isSame ? [pending] : []);
  });

  it('is login if none is named', () => {
    const [loginCookie, testCookie] = (['login', 'test'] as const).map((purpose) =>
      header(cookies().seal(request(1, { purpose }), undefined)),
    );
    expect(cookies().open(loginCookie, requestId).state).toBe('open');
    expect(cookies().open(testCookie, requestId)).toEqual({ state: 'missing' });
    expect(cookies().pending(testCookie)).toEqual([]);
  });

  it.each(pairs)('a key for %s opens what a key for %s sealed only if they are the same', (one, other) => {
    const keyFor = (purpose: RequestPurpose) => deriveKey(secret, purpose, 'https://app.example.com/sso');
    const value = seal('content', 'name', keyFor(one));
    expect(unseal(value, 'name', keyFor(other))).toBe(one === other ? 'content' : null);
  });

  it('is kept by a rotation of secrets', () => {
    const rotating = cookies({ secrets: ['the next secret, of 32 characters', secret] });
    const sent = header(cookies().seal(request(1, { purpose: 'test' }), undefined));
    expect(rotating.open(sent, requestId, 'test').state).toBe('open');
    expect(rotating.open(sent, requestId, 'login')).toEqual({ state: 'missing' });
  });

  it('shares the slots: a login does not overwrite a pending test or logout while a slot is free', () => {
    const jar = new Jar();
    jar.take(cookies().seal(request(1, { purpose: 'test' }), jar.header));
    jar.take(cookies().seal(request(2, { purpose: 'logout' }), jar.header));
    for (const id of [3, 4]) jar.take(cookies().seal(request(id), jar.header));
    expect(cookies().open(jar.header, request(1).requestId, 'test').state).toBe('open');
    expect(cookies().open(jar.header, request(2).requestId, 'logout').state).toBe('open');
    expect(cookies().expire(jar.header, request(1).requestId)).toHaveLength(1);
  });

  it('is one of three', () => {
    const purpose = 'signup' as 'login';
    expect(() => cookies().seal(request(1, { purpose: 'login' }), undefined)).not.toThrow();
    expect(() => cookies().seal(request(1, { purpose }), undefined)).toThrow(
      new TypeError('purpose must be one of login, test, logout'),
    );
  });
});

describe('all pending requests', () => {
  it('are all that can be opened, expired or not', () => {
    const pending = [request(1), request(2, { restarted: true, issuedAt: later(-9999) })];
    const withOtherSecret = cookies({ secrets: ['another secret, 32 characters too'] });
    const [one, two] = pending.map((each, slot) => sealedIn(slot, each));
    const opened = cookies().pending(`${sealedIn(2, request(3), withOtherSecret)}; session=x; ${two}; ${one}`);
    expect(opened.toSorted((a, b) => a.requestId.localeCompare(b.requestId))).toEqual(pending);
    expect(cookies().pending(undefined)).toEqual([]);
  });
});

describe('the Cookie header', () => {
  const sent = header(cookies().seal(request(), undefined));
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

  it('is handled for any request ID', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (id) => open(sent, id).state === 'missing'));
    for (const id of ['__proto__', 'constructor', '_', '_;', `${request().requestId}\n`]) {
      expect(open(sent, id)).toEqual({ state: 'missing' });
    }
  });

  it('is handled with any content', () => {
    const name = sent.slice(0, sent.indexOf('='));
    const piece = fc.oneof(fc.constantFrom(name, '=', ';', '; ', '__Host-saml-', '\0'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(['missing', 'invalid']).toContain(open(pieces.join('')).state);
      }),
    );
  });

  it('is refused if it contains the cookie twice', () => {
    expect(open(`${sent}; ${sent}`)).toEqual({ state: 'invalid' });
  });

  it('counts as empty beyond 64 KiB', () => {
    const padded = (length: number): string => `a=${'x'.repeat(length - sent.length - 4)}; ${sent}`;
    expect(open(padded(65_536)).state).toBe('open');
    expect(open(padded(65_537))).toEqual({ state: 'missing' });
  });
});

describe('a cookie of a sibling domain', () => {
  // Node.js reads headers as Latin-1: byte 0xA0 arrives as U+00A0. Browsers keep these characters in names.
  const others = ['\u00a0', '\u0085', '\u000b', '\u000c', '\ufeff', '\u2003', '\r', '\n', '\0', 'Â\u00a0', '"', '_'];
  const sent = sealedIn(0, request());
  const open = (text: string) => cookies().open(text, request().requestId);

  it.each(others)('has another name, even if it differs only in the character %j', (character) => {
    const [name, value] = [sent.slice(0, sent.indexOf('=')), sent.slice(sent.indexOf('=') + 1)];
    expect(open(`${character}${name}=${value}`)).toEqual({ state: 'missing' });
    expect(open(`${name}${character}=${value}`)).toEqual({ state: 'missing' });
    expect(open(`a=b; ${character}${sent}`)).toEqual({ state: 'missing' });
    expect(cookies().pending(`${character}${sent}`)).toEqual([]);
  });

  it.each(others)('has another value, even if it differs only in the character %j', (character) => {
    expect(open(sent.replace('=', `=${character}`))).toEqual({ state: 'invalid' });
    expect(open(`${sent}${character}`)).toEqual({ state: 'invalid' });
  });

  it('does not hide the genuine one', () => {
    expect(open(`\u00a0${sent.split('=', 1)[0]}=x; ${sent}`).state).toBe('open');
  });

  it('is distinguished by letter case', () => {
    expect(open(sent.replace('__Host', '__host'))).toEqual({ state: 'missing' });
  });

  it('space and tab around a name and a value are not part of them', () => {
    expect(open(` \t${sent.replace('=', ' \t=\t ')}\t `).state).toBe('open');
  });
});

describe('the four slots', () => {
  const issued = (id: number, seconds: number, changes: Partial<PendingRequest> = {}): PendingRequest =>
    request(id, { issuedAt: later(seconds), ...changes });
  const at = (seconds: number, options = {}): RequestCookies => cookies({ now: () => later(seconds), ...options });

  it('are shared with another application on the host, whose pending login is overwritten only if no slot is free', () => {
    const other = cookies({ application: 'https://app.example.com/other' });
    for (let times = 0; times < 20; times++) {
      const jar = new Jar();
      jar.take(other.seal(request(1), undefined));
      for (const id of [2, 3, 4]) jar.take(cookies().seal(request(id), jar.header));
      expect(other.open(jar.header, request(1).requestId).state).toBe('open');
      jar.take(cookies().seal(request(5), jar.header));
      expect(cookies().open(jar.header, request(5).requestId).state).toBe('open');
      expect(cookies().open(jar.header, request(2).requestId).state).toBe('open');
    }
  });

  it('contain four requests, in any order of the header', () => {
    const jar = new Jar();
    for (const id of [1, 2, 3, 4]) jar.take(at(id).seal(issued(id, id), jar.header));
    const shuffled = jar.header.split('; ').toReversed().join('; ');
    for (const id of [1, 2, 3, 4]) expect(at(5).open(shuffled, request(id).requestId).state).toBe('open');
  });

  it('replace only the oldest request when a fifth begins', () => {
    const jar = new Jar();
    for (const id of [3, 1, 5, 2, 4]) jar.take(at(6).seal(issued(id, id), jar.header));
    const states = [1, 2, 3, 4, 5].map((id) => at(6).open(jar.header, request(id).requestId).state);
    expect(states).toEqual(['missing', 'open', 'open', 'open', 'open']);
  });

  it('use four cookie names and at most 4,096 characters, for any number of logins', () => {
    const jar = new Jar();
    for (let id = 1; id <= 50; id++) {
      const returnTo = `/${'x'.repeat(id * 40)}?${'y'.repeat(id * 40)}`;
      jar.take(at(id).seal(issued(id, id, { returnTo }), jar.header));
      // Requests that other pages provoke may come without any cookie.
      jar.take(at(id).seal(issued(id + 100, id, { returnTo }), undefined));
    }
    const names = jar.header.split('; ').map((pair) => pair.split('=', 1)[0]);
    expect(names.toSorted()).toEqual(['__Host-saml-0', '__Host-saml-1', '__Host-saml-2', '__Host-saml-3']);
    expect(jar.header.length).toBeLessThanOrEqual(4096);
  });

  it.each([
    ['expired', sealedIn(2, request(9, { issuedAt: later(-1800) }))],
    [
      'sealed with another secret',
      sealedIn(2, request(9), cookies({ secrets: ['another secret, 32 characters too'] })),
    ],
    ['garbage', '__Host-saml-2=garbage'],
    ['empty', '__Host-saml-2='],
  ])('are free if the cookie is %s', (_what, cookie) => {
    const pending = [0, 1, 3].map((slot) => sealedIn(slot, request(slot)));
    const sent = [...pending, cookie].join('; ');
    for (let round = 0; round < 20; round++) expect(cookies().seal(request(5), sent)).toMatch(/^__Host-saml-2=/);
  });

  it('are chosen at random from those that are free, for logins that begin at the same time', () => {
    const names = Array.from({ length: 200 }, () => cookies().seal(request(), undefined).split('=', 1)[0]);
    expect(new Set(names).size).toBe(4);
  });

  it('do not affect other cookies', () => {
    const sent = Array.from({ length: 50 }, (_, n) => `session${n}=x`).join('; ');
    expect(cookies().pending(sent)).toEqual([]);
    expect(cookies().expire(sent, request().requestId)).toEqual([]);
  });
});
