import type { Browser, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createTestIdp, type TestIdp } from '../../src/testing/index.ts';
import { type Application, application } from './application.ts';
import { describeInBrowser, html, newPerson, type Seen, type Sites, seen, serveIdp, useBrowser } from './support.ts';

describeInBrowser('the page that posts an AuthnRequest', () => {
  let browser: Browser;
  let sites: Sites;
  let origin: string;
  let page: Page;
  let main: Application;
  let idps: readonly TestIdp[];
  const arrived: Seen[] = [];

  useBrowser(
    async (shared) => {
      ({ browser, sites } = shared);
      origin = sites.origin('app.example.test');
      // One under the application's own domain, as a customer's Keycloak may be, and one elsewhere.
      const hosts = ['idp.example.test', 'idp.customer.test'];
      idps = hosts.map((host) =>
        createTestIdp({
          baseUrl: sites.origin(host),
          entityId: `${sites.origin(host)}/metadata`,
          ssoBindings: ['post'],
          users: [{ id: 'alice', email: 'alice@acme.example' }],
        }),
      );
      for (const idp of idps) sites.serve(new URL(idp.baseUrl).hostname, serveIdp(idp));
      const shop = { entityId: 'urn:evil', certificates: [idps[0]?.certificate ?? ''] };
      main = application(
        origin,
        [
          ...idps.map((idp, index) => ({
            id: `idp-${index}`,
            organizationId: `acme-${index}`,
            idp: { metadata: idp.metadata() },
          })),
          ...['/transfer', '/moved'].map((path) => ({
            id: `evil${path.replace('/', '-')}`,
            organizationId: 'evil',
            idp: { ...shop, entityId: `urn:evil${path}`, sso: { post: `${sites.origin('shop.example.test')}${path}` } },
          })),
        ],
        (app) => {
          // The page as it was without a sandbox.
          app.use('/stand-in', (_req, res, next) => {
            const { end } = res;
            res.end = (...args: unknown[]) => {
              const policy = String(res.getHeader('Content-Security-Policy'));
              res.setHeader('Content-Security-Policy', policy.replace('sandbox allow-forms allow-scripts; ', ''));
              return Reflect.apply(end, res, args);
            };
            next();
          });
        },
      );
      sites.serve('app.example.test', main.app);
      // Another application of the same company: cookies of SameSite=Strict are its protection from forged requests.
      sites.serve('shop.example.test', (request, response) => {
        if (request.url === '/sign-in') {
          const cookies = ['Strict', 'Lax', 'None'].map(
            (kind) => `${kind.toLowerCase()}=1; SameSite=${kind}; Secure; Path=/`,
          );
          response.setHeader('Set-Cookie', cookies);
          return html(response, 'signed in');
        }
        arrived.push(seen(request));
        if (request.url === '/moved') return response.writeHead(307, { Location: '/transfer' }).end();
        return html(response, '<p>shop</p>');
      });
      sites.serve('lure.test', ({ url = '' }, response) => {
        html(response, `<script>location = ${JSON.stringify(`${origin}${decodeURIComponent(url)}`)}</script>`);
      });
    },
    (own) => {
      arrived.length = 0;
      ({ page } = own);
    },
  );

  /** Signs a person in to the shop, and leads the browser to the login of the customer whose endpoint is there. */
  async function lure(path: string): Promise<void> {
    await page.goto(`${sites.origin('shop.example.test')}/sign-in`);
    await page.goto(`${sites.origin('lure.test')}${encodeURI(path)}`);
    await page.waitForURL(/transfer$/);
    expect(await page.innerText('p')).toBe('shop');
  }

  it('carries no strict cookie to another application under the own domain', async () => {
    await lure('/sso/login?connection=evil-transfer');
    expect(arrived).toEqual([
      { url: '/transfer', method: 'POST', cookies: 'none=1', origin: 'null', site: 'cross-site' },
    ]);
  });

  it('carries none after a redirect that repeats the POST', async () => {
    await lure('/sso/login?connection=evil-moved');
    expect(arrived.map(({ url, method, cookies }) => [url, method, cookies])).toEqual([
      ['/moved', 'POST', 'none=1'],
      ['/transfer', 'POST', 'none=1'],
    ]);
  });

  it('would carry one without the sandbox', async () => {
    await lure('/stand-in/login?connection=evil-transfer');
    expect(arrived).toMatchObject([{ method: 'POST', site: 'same-site', cookies: 'strict=1; lax=1; none=1' }]);
  });

  it.each([
    ['under the own domain', 0],
    ['elsewhere', 1],
  ])('leads through a whole login with an identity provider %s', async (_where, index) => {
    await page.goto(`${origin}/sso/login?connection=idp-${index}&returnTo=/reports`);
    await page.waitForURL(`${idps[index]?.ssoUrl}`);
    expect(await page.innerText('h1')).toBe('Who signs in?');
    await page.click('button');
    await page.waitForURL(`${origin}/reports`);
    expect(await page.innerText('p')).toBe('/reports of alice@acme.example');
  });

  it('works without JavaScript, by its button', async () => {
    const careful = await newPerson(browser, { javaScriptEnabled: false });
    const plain = await careful.newPage();
    await plain.goto(`${origin}/sso/login?connection=idp-1`);
    await plain.click('button');
    await plain.waitForURL(`${idps[1]?.ssoUrl}`);
    expect(await plain.innerText('h1')).toBe('Who signs in?');
    await careful.close();
  });
});
