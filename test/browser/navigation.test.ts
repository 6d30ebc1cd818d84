import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createTestIdp, type TestIdp } from '../../src/testing/index.ts';
import { application } from './application.ts';
import { describeInBrowser, type Sites, serveIdp, useBrowser } from './support.ts';

describeInBrowser('a login in a browser', () => {
  let sites: Sites;
  let origin: string;
  let idp: TestIdp;
  let person: BrowserContext;
  let page: Page;

  useBrowser(
    async (shared) => {
      ({ sites } = shared);
      origin = sites.origin('app.example.test');
      const idpOrigin = sites.origin('idp.customer.test');
      idp = createTestIdp({
        baseUrl: idpOrigin,
        entityId: `${idpOrigin}/metadata`,
        users: [{ id: 'alice', email: 'alice@acme.example' }],
      });
      sites.serve('idp.customer.test', serveIdp(idp));
      sites.serve('app.example.test', application(origin, [{ idp: { metadata: idp.metadata() } }]).app);
    },
    (own) => {
      ({ person, page } = own);
    },
  );

  const isIdp = (url: URL): boolean => url.href.startsWith(idp.ssoUrl);

  async function signIn(): Promise<void> {
    await page.goto(`${origin}/sso/login?returnTo=/reports`);
    await page.waitForURL(isIdp);
    await page.click('button');
    await page.waitForURL(`${origin}/reports`);
    expect(await page.innerText('p')).toBe('/reports of alice@acme.example');
  }

  it('may be submitted again after Back: the page reports no error and offers to continue', async () => {
    await signIn();
    await page.goBack();
    await page.waitForURL(isIdp);
    await page.click('button');
    await page.waitForURL(`${origin}/sso/acs`);
    expect(await page.innerText('h1')).toBe('Already signed in?');
    expect(await page.innerText('main')).not.toContain('failed');
    await page.click('text=Continue');
    await page.waitForURL(`${origin}/`);
    expect(await page.innerText('p')).toBe('/ of alice@acme.example');
  });

  it('may be reloaded', async () => {
    await signIn();
    await page.reload();
    expect(await page.innerText('p')).toBe('/reports of alice@acme.example');
  });

  it('that failed is restarted by "Try again"', async () => {
    await page.goto(`${origin}/sso/acs?SAMLart=a`);
    expect(await page.innerText('h1')).toBe('Sign-in failed');
    await page.click('text=Try again');
    await page.waitForURL(isIdp);
  });

  it('completes in each of four tabs that were opened at the same time', async () => {
    const tabs = await Promise.all([1, 2, 3, 4].map(() => person.newPage()));
    // One after the other: those of the same moment may take one slot.
    for (const [index, tab] of tabs.entries()) {
      await tab.goto(`${origin}/sso/login?returnTo=/reports?tab=${index}`);
      await tab.waitForURL(isIdp);
    }
    for (const [index, tab] of tabs.entries()) {
      await tab.click('button');
      await tab.waitForURL(`${origin}/reports?tab=${index}`);
      expect(await tab.innerText('p')).toBe('/reports of alice@acme.example');
    }
  });

  it('begins through a service worker that passes navigations on', async () => {
    // Its own host: service workers need a valid certificate, or loopback.
    let server: Server | undefined;
    try {
      server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server?.once('listening', resolve));
      const local = `http://app.localhost:${(server.address() as AddressInfo).port}`;
      const dests: unknown[] = [];
      const { app } = application(local, [{ idp: { metadata: idp.metadata() } }], (before) => {
        before.get('/worker.js', (_req, res) => {
          const script = `oninstall = () => skipWaiting(); onactivate = (event) => event.waitUntil(clients.claim());
            onfetch = (event) => event.respondWith(fetch(event.request));`;
          res.type('text/javascript').send(script);
        });
        before.get('/sso/login', (req, _res, next) => {
          dests.push(req.headers['sec-fetch-dest']);
          next();
        });
      });
      server.on('request', app);
      await page.goto(local);
      await page.evaluate(`navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)`);
      await page.waitForFunction('navigator.serviceWorker.controller !== null');
      await page.goto(`${local}/sso/login`);
      await page.waitForURL(isIdp);
      expect(dests).toEqual(['empty']);
      // What a script of the same page fetches begins none.
      await page.goto(local);
      expect(await page.evaluate(`fetch('/sso/login', { redirect: 'manual' }).then(({ status }) => status)`)).toBe(403);
    } finally {
      server?.closeAllConnections();
      server?.close();
    }
  });
});
