import { randomBytes } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { createTestIdp } from '../../src/testing/index.ts';
import { application } from './application.ts';
import { describeInBrowser, html, type Sites, useBrowser } from './support.ts';

const images = 60;

describeInBrowser('a page full of images that point at the login page', () => {
  const idp = createTestIdp();
  let sites: Sites;
  let origin: string;
  let visitor: BrowserContext;
  let page: Page;

  useBrowser(
    async (shared) => {
      ({ sites } = shared);
      origin = sites.origin('app.example.test');
      const { app } = application(origin, [{ idp: { metadata: idp.metadata() } }], (before) => {
        // A browser that sends no Fetch Metadata Request Headers.
        before.use('/stand-in', (req, _res, next) => {
          for (const name of Object.keys(req.headers)) if (name.startsWith('sec-fetch-')) delete req.headers[name];
          next();
        });
        // One cookie for each login that begins, as large as a long returnTo makes it.
        before.get('/one-cookie-each', (_req, res) => {
          const name = `__Host-saml-${randomBytes(16).toString('hex')}`;
          res.cookie(name, 'x'.repeat(1400), { secure: true, sameSite: 'none', httpOnly: true }).redirect(303, '/');
        });
      });
      sites.serve('app.example.test', app);
      // Of the two, a page under the own domain may set cookies even where the browser blocks those of other sites.
      for (const host of ['evil.test', 'evil.example.test']) {
        sites.serve(host, ({ url }, response) => {
          const target = (index: number) => `${origin}${url}?returnTo=/${index}-${'x'.repeat(1000)}`;
          html(response, Array.from({ length: images }, (_, index) => `<img src="${target(index)}">`).join(''));
        });
      }
    },
    (own) => {
      ({ person: visitor, page } = own);
    },
  );

  /** Opens the page, which has loaded when all images have. */
  async function visit(host: string, path: string): Promise<void> {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'image') asked.push(request.url());
    });
    await page.goto(`${sites.origin(host)}${path}`);
    expect(asked.filter((url) => url.includes('returnTo'))).toHaveLength(images);
  }

  const cookies = async (): Promise<string[]> => {
    const kept = (await visitor.cookies(origin)).filter(({ name }) => name.startsWith('__Host-saml-'));
    return kept.map(({ name, value }) => `${name}=${value}`);
  };

  const status = async (): Promise<number> => {
    const answered = page.waitForResponse(`${origin}/`);
    // Chromium shows an error page of its own for a 431 without a body.
    await page.goto(origin).catch(() => undefined);
    return (await answered).status();
  };

  it.each(['evil.test', 'evil.example.test'])('sets no cookie, of %s', async (host) => {
    await visit(host, '/sso/login');
    expect(await cookies()).toEqual([]);
    expect(await status()).toBe(200);
    // A person who follows a link begins a login.
    await page.setContent(`<a href="${origin}/sso/login">sign in</a>`);
    const begun = page.waitForRequest((request) => request.url().startsWith(idp.ssoUrl));
    await page.click('a', { noWaitAfter: true });
    await begun;
    expect(await cookies()).toHaveLength(1);
  });

  it('fills four slots, and locks no user out, if the browser does not distinguish images', async () => {
    await visit('evil.example.test', '/stand-in/login');
    const kept = await cookies();
    expect(kept).toHaveLength(4);
    expect(kept.join('; ').length).toBeLessThanOrEqual(4096);
    expect(await status()).toBe(200);
  });

  it('locks the visitor out of every page where each login has a cookie of its own', async () => {
    await visit('evil.example.test', '/one-cookie-each');
    expect(await status()).toBe(431);
  });

  it.each([
    ['a frame', `<iframe src="LOGIN"></iframe>`],
    ['an object', `<object data="LOGIN"></object>`],
    ['a script', `<script>fetch('LOGIN', { mode: 'no-cors', credentials: 'include' })</script>`],
    [
      'a form in a frame',
      `<form action="LOGIN" target="f"></form><iframe name="f"></iframe><script>document.forms[0].submit()</script>`,
    ],
  ])('no cookie is set for a login that is requested by %s', async (_what, markup) => {
    sites.serve('frames.example.test', (_request, response) => {
      html(response, markup.replaceAll('LOGIN', `${origin}/sso/login`));
    });
    const answered = page.waitForResponse((response) => response.url().startsWith(`${origin}/sso/login`));
    await page.goto(sites.origin('frames.example.test'));
    expect((await answered).status()).toBe(403);
    expect(await cookies()).toEqual([]);
  });
});
