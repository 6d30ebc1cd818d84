import { createHash } from 'node:crypto';
import { escapeHtml } from '../saml/bindings.ts';
import type { FormStart, LoginUnavailable } from '../sso/types.ts';

/** A complete HTTP answer. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Set-Cookie values. */
  readonly cookies: readonly string[];
  readonly body: string;
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;color:#1c2330;background:#f4f6f9;margin:0}' +
  'main{max-width:26rem;margin:18vh auto 0;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #1c233022}' +
  'h1{font-size:1.25rem;margin:0 0 .5rem}p,ul{margin:.5rem 0}code{color:#5a6577}a{color:#1f4fd8}';

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': policy(`style-src ${styleHash}`, `form-action 'none'`),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/** A page that tells the end user why there is no login: a constant sentence and, where it says nothing secret, a code. */
export function failurePage(status: number, message: string, code?: string): HttpResponse {
  const reference = code === undefined ? '' : `<p><code>${escapeHtml(code)}</code></p>`;
  return page(status, 'Sign-in failed', `<p>${escapeHtml(sentence(message))}</p>${reference}`);
}

/** The same page for unknown people, for people without single sign-on, and for organizations whose plan has none. */
export function portalPage(): HttpResponse {
  return page(
    200,
    'Sign in with your company',
    `<p>Start from your company's portal: open this application there. If you do not find it, ask your administrator.</p>`,
  );
}

/** A page of links, one for each connection that leads to the person's organizations. `query` is kept in each link. */
export function choicePage(choices: NonNullable<LoginUnavailable['choices']>, query: URLSearchParams): HttpResponse {
  const links = choices.map(({ connectionId }) => {
    const link = new URLSearchParams({ connection: connectionId });
    const returnTo = query.get('returnTo');
    if (returnTo !== null) link.set('returnTo', returnTo);
    return `<li><a href="?${escapeHtml(link.toString())}">${escapeHtml(connectionId)}</a></li>`;
  });
  return page(200, 'Choose where to sign in', `<ul>${links.join('')}</ul>`);
}

/** The page that posts an AuthnRequest to the identity provider. */
export function formPage(start: FormStart, cookies: readonly string[]): HttpResponse {
  // Some browsers apply form-action to redirects after the submission as well, and identity providers do redirect, to
  // their own login hosts: so any https address is allowed, beside a provider on loopback.
  const { origin } = new URL(start.action);
  const plain = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(origin);
  const formAction = plain ? `form-action ${origin} https:` : 'form-action https:';
  const headers = {
    ...pageHeaders,
    'Content-Security-Policy': policy(`script-src ${start.scriptHash}`, formAction),
  };
  return { status: 200, headers, cookies, body: start.html };
}

/** Sends the browser on with a GET, whatever the method was (RFC 9110 section 15.4.4). */
export function redirect(location: string, cookies: readonly string[]): HttpResponse {
  // A header holds visible ASCII only.
  const ascii = location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const headers = { Location: ascii, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' };
  return { status: 303, headers, cookies, body: '' };
}

function page(status: number, title: string, content: string): HttpResponse {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
  return { status, headers: pageHeaders, cookies: [], body };
}

function policy(...directives: string[]): string {
  return [`default-src 'none'`, ...directives, `frame-ancestors 'none'`, `base-uri 'none'`].join('; ');
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
