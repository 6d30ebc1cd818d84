import { existsSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { selfSigned, type TestIdp } from '../../src/testing/index.ts';

const executablePath = '/usr/bin/chromium';
const skipped = !existsSync(executablePath) && process.env['CI'] === undefined;

/** Tests in Debian's Chromium; skipped where it is absent, and failed there with CI set. */
export function describeInBrowser(title: string, tests: () => void): void {
  describe.skipIf(skipped)(`${title}${skipped ? ` (needs ${executablePath})` : ''}`, tests);
}

const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

/** A browser with an empty profile, for which every host under `.test` is this machine. */
function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, chromiumSandbox: false, args });
}

/** Cookies and history of one person. The certificates of these tests are self-signed. */
export function newPerson(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ ignoreHTTPSErrors: true, ...options });
}

/** Several hosts on one https server. */
export interface Sites {
  /** `https://{host}:{port}`. */
  readonly origin: (host: string) => string;
  /** What a host answers. */
  readonly serve: (host: string, listener: RequestListener) => void;
  readonly close: () => Promise<void>;
}

async function startSites(): Promise<Sites> {
  const hosts = new Map<string, RequestListener>();
  const { privateKey, certificate } = selfSigned({ commonName: 'example.test' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const listener = hosts.get(request.headers.host?.split(':', 1)[0] ?? '');
    if (listener === undefined || request.url === '/favicon.ico') return response.writeHead(404).end();
    return listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: (host) => `https://${host}:${port}`,
    serve: (host, listener) => void hosts.set(host, listener),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/**
 * Starts a browser and sites before the tests of a suite, and closes them after it.
 *
 * @param prepare gets them, to serve the sites
 * @param arrive is called with an empty page before each test; optional
 */
export function useBrowser(
  prepare: (shared: { readonly browser: Browser; readonly sites: Sites }) => Promise<void> | void,
  arrive?: (own: { readonly person: BrowserContext; readonly page: Page }) => void,
): void {
  let browser: Browser | undefined;
  let sites: Sites | undefined;
  let person: BrowserContext | undefined;
  beforeAll(async () => {
    browser = await launch();
    sites = await startSites();
    await prepare({ browser, sites });
  });
  beforeEach(async () => {
    if (browser === undefined || arrive === undefined) return;
    person = await newPerson(browser);
    arrive({ person, page: await person.newPage() });
  });
  afterEach(() => person?.close());
  afterAll(async () => {
    await browser?.close();
    await sites?.close();
  });
}

/** Answers with a page. */
export function html(response: ServerResponse, body: string): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>page</title>${body}`);
}

/** A page that posts a form by itself. */
export function selfPosting(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  return `<form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`;
}

/** The headers of a request that describe its origin. */
export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly cookies: string;
  readonly origin: string | undefined;
  readonly site: string | undefined;
}

export function seen({ url = '', method = '', headers }: IncomingMessage): Seen {
  const { cookie = '', origin } = headers;
  return { url, method, cookies: cookie, origin, site: headers['sec-fetch-site']?.toString() };
}

/** Answers as an identity provider. */
export function serveIdp(idp: TestIdp): RequestListener {
  return async (request, response) => {
    const { method = '', url } = request;
    const init = method === 'POST' ? { body: await text(request), headers: { 'Content-Type': formType } } : {};
    await send(await idp.handle(new Request(new URL(url ?? '', idp.baseUrl), { method, ...init })), response);
  };
}

const formType = 'application/x-www-form-urlencoded';

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
}
