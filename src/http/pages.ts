import { createHash } from 'node:crypto';
import { escapeHtml } from '../lib/html.ts';
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

/** What a page about one login that failed holds. */
export interface FailurePage {
  /** Random; the event has it too. */
  readonly reference: string;
  /** URL that begins a fresh login. */
  readonly tryAgain: string;
}

/**
 * The page of every failure before a pinned key has verified the message, and of most failures after it. It differs in
 * the reference alone: anybody can cause it, and it must not tell who is a customer.
 */
export function failurePage({ reference, tryAgain }: FailurePage, status = 400): HttpResponse {
  const text = 'You could not be signed in. If it fails again, tell your administrator the reference.';
  return page(status, 'Sign-in failed', paragraph(text) + link(tryAgain, 'Try again') + referenceLine(reference));
}

/** The page for a response whose login is complete already, as after Back or a reload. */
export function finishedPage(
  { reference, tryAgain }: FailurePage,
  { continueTo }: { readonly continueTo: string },
): HttpResponse {
  const text = 'This sign-in was already used. If you are signed in, go on; otherwise sign in again.';
  const links = link(continueTo, 'Continue') + link(tryAgain, 'Sign in again');
  return page(400, 'Already signed in?', paragraph(text) + links + referenceLine(reference));
}

/** Policy refuses the person, whom the identity provider authenticated: `message` is for the end user. */
export function rejectionPage(message: string, { reference, tryAgain }: FailurePage): HttpResponse {
  const content = paragraph(sentence(message)) + link(tryAgain, 'Try again') + referenceLine(reference);
  return page(403, 'Sign-in failed', content);
}

/**
 * The page of every login that cannot begin: unknown people, people without single sign-on, organizations whose plan has
 * none, and connections that cannot be used look the same.
 */
export function portalPage(reference: string): HttpResponse {
  const text =
    "Start from your company's portal: open this application there. If you do not find it, ask your administrator.";
  return page(400, 'Sign in with your company', paragraph(text) + referenceLine(reference));
}

/** A page of links, one for each connection that leads to the person's organizations. `query` is kept in each link. */
export function choicePage(choices: NonNullable<LoginUnavailable['choices']>, query: URLSearchParams): HttpResponse {
  const links = choices.map(({ connectionId }) => {
    const target = new URLSearchParams({ connection: connectionId });
    for (const name of ['returnTo', 'forceAuthn']) {
      const value = query.get(name);
      if (value !== null) target.set(name, value);
    }
    return `<li><a href="?${escapeHtml(target.toString())}">${escapeHtml(connectionId)}</a></li>`;
  });
  return page(200, 'Choose where to sign in', `<ul>${links.join('')}</ul>`);
}

/** The page for a request that is no navigation: its text is for the developer. */
export function notNavigatedPage(): HttpResponse {
  const text =
    'This address begins a sign-in. Open it as a page, by a link or a redirect: not with fetch, in a frame or as an image.';
  return page(403, 'Sign-in not started', paragraph(text));
}

/** The page for a method that the address does not have. */
export function wrongMethodPage(methods: readonly string[], tryAgain: string): HttpResponse {
  const content = paragraph('This address cannot be opened like that.') + link(tryAgain, 'Sign in');
  const { headers, ...rest } = page(405, 'Sign-in not started', content);
  return { ...rest, headers: { ...headers, Allow: methods.join(', ') } };
}

/** The page that posts an AuthnRequest to the identity provider. */
export function formPage(start: FormStart, cookies: readonly string[]): HttpResponse {
  // Some browsers apply form-action to redirects after the submission as well, and identity providers do redirect, to
  // their own login hosts: so any https address is allowed, and a provider on loopback.
  const { origin } = new URL(start.action);
  const plain = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(origin);
  const formAction = plain ? `form-action ${origin} https:` : 'form-action https:';
  // A customer may have entered an address under the application's own domain. From the opaque origin of a sandboxed page
  // the POST is cross-site, whatever its address: cookies of SameSite=Strict and Lax are not sent.
  const sandbox = 'sandbox allow-forms allow-scripts';
  const headers = {
    ...pageHeaders,
    'Content-Security-Policy': policy(`script-src ${start.scriptHash}`, formAction, sandbox),
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

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function link(target: string, text: string): string {
  return `<p><a href="${escapeHtml(target)}">${text}</a></p>`;
}

function referenceLine(reference: string): string {
  return `<p>Reference: <code>${escapeHtml(reference)}</code></p>`;
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
