import type { Browser } from 'playwright-core';
import { expect, it } from 'vitest';
import { createTestIdp } from '../../src/testing/index.ts';
import { type Application, application } from './application.ts';
import { describeInBrowser, newPerson, type Sites, seen, selfPosting, useBrowser } from './support.ts';

describeInBrowser('a sibling domain that sets a cookie named __Host- after another character', () => {
  const idp = createTestIdp({ users: [{ id: 'mallory', email: 'mallory@customer.example' }] });
  let browser: Browser;
  let sites: Sites;
  let origin: string;
  let victims: Application;
  let arrived: string[];
  /** The login that the attacker began, and the answer that the attacker got for it. */
  let stolen: { readonly name: string; readonly value: string; readonly fields: Readonly<Record<string, string>> };

  useBrowser(async (shared) => {
    ({ browser, sites } = shared);
    origin = sites.origin('app.example.test');
    arrived = [];
    victims = application(origin, [{ idp: { metadata: idp.metadata() } }], (app) => {
      app.use((req, _res, next) => {
        if (req.method === 'POST') arrived.push(seen(req).cookies);
        next();
      });
      // Reads names as a parser with String.prototype.trim does.
      app.use('/stand-in', (req, _res, next) => {
        req.headers.cookie = req.headers.cookie
          ?.split(';')
          .map((pair) => pair.trim())
          .join('; ');
        next();
      });
    });
    sites.serve('app.example.test', victims.app);

    const begun = await victims.sso.beginLogin({});
    if (begun.kind === 'unavailable') throw new Error(begun.reason);
    const { fields } = await idp.login(begun, 'mallory');
    const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(begun.cookie) ?? [];
    stolen = { name, value, fields };
  });

  /** Opens the attacker's page, which sets the cookie and posts the attacker's response. */
  async function lure(prefix: string, path: string): Promise<string> {
    sites.serve('evil.example.test', (_request, response) => {
      const cookie = `${prefix}${stolen.name}=${stolen.value}; Domain=example.test; Path=/; Secure; SameSite=None`;
      const head = ['HTTP/1.1 200 OK', 'Content-Type: text/html', 'Connection: close', `Set-Cookie: ${cookie}`];
      const page = selfPosting(`${origin}${path}`, stolen.fields);
      // Node.js sends no control characters; an attacker does.
      response.socket?.end(Buffer.from(`${head.join('\r\n')}\r\n\r\n${page}`, 'latin1'));
    });
    const victim = await newPerson(browser);
    const page = await victim.newPage();
    const finished = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.goto(sites.origin('evil.example.test'));
    await finished;
    await page.waitForLoadState();
    await page.goto(origin);
    const text = await page.innerText('p');
    await victim.close();
    return text;
  }

  it.each([
    ['0xA0', '\u00a0'],
    ['0x85', '\u0085'],
    ['U+FEFF', Buffer.from('\ufeff').toString('latin1')],
    ['another letter', 'x'],
  ])('signs no user in: %s, which the browser sends', async (_name, prefix) => {
    arrived.length = 0;
    expect(await lure(prefix, '/sso/acs')).toBe('/ of no user');
    expect(arrived).toEqual([`${prefix}${stolen.name}=${stolen.value}`]);
    expect(victims.events.at(-1)).toMatchObject({
      type: 'failed',
      code: 'browser_mismatch',
      details: { state: 'missing' },
    });
  });

  it.each([
    ['nothing', ''],
    ['a space', ' '],
    ['a tab', '\t'],
    ['0x0B', '\u000b'],
    ['0x0C', '\u000c'],
  ])('cannot set it after %s', async (_name, prefix) => {
    arrived.length = 0;
    expect(await lure(prefix, '/sso/acs')).toBe('/ of no user');
    expect(arrived).toEqual(['']);
  });

  // The last one: it uses the response up.
  it('signs the victim in as the attacker where names are trimmed as by String.prototype.trim', async () => {
    expect(await lure('\u00a0', '/stand-in/acs')).toBe('/ of mallory@customer.example');
  });
});
