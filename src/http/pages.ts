import { createHash } from 'node:crypto';
import { escapeHtml } from '../lib/html.ts';
import type { FormStart, LoginUnavailable } from '../sso/types.ts';
import type { HttpResponse } from './types.ts';

const style =
  'body{font:16px/1.5 system-ui,sans-serif;color:#1c2330;background:#f4f6f9;margin:0}' +
  'main{max-width:26rem;margin:18vh auto 0;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #1c233022}' +
  'h1{font-size:1.25rem;margin:0 0 .5rem}p,ul{margin:.5rem 0}code{color:#5a6577}a{color:#1f4fd8}';

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

const pageHeaders = pageHeadersWith(policy(`style-src ${styleHash}`, `form-action 'none'`));

/** Contents of a page about a login that failed. */
export interface FailurePage {
  /** Random; the event has the same one. */
  readonly reference: string;
  /** URL that begins a new login. */
  readonly tryAgain: string;
}

/**
 * The page of every failure before a pinned key has verified the message, and of most failures after it. Only the
 * reference differs: anyone can cause this page, and it must not reveal who is a customer.
 */
export function failurePage({ reference, tryAgain }: FailurePage, status = 400): HttpResponse {
  const text = 'You could not be signed in. If it fails again, give the reference to your administrator.';
  return page(status, 'Sign-in failed', paragraph(text) + link(tryAgain, 'Try again') + referenceLine(reference));
}

/** The page for a response that was already used, as happens after Back or a reload. */
export function finishedPage(
  { reference, tryAgain }: FailurePage,
  { continueTo }: { readonly continueTo: string },
): HttpResponse {
  const text = 'This sign-in was already used. If you are signed in, open the application; otherwise sign in again.';
  const links = link(continueTo, 'Continue') + link(tryAgain, 'Sign in again');
  return page(400, 'Already signed in?', paragraph(text) + links + referenceLine(reference));
}

/** The page for a user whom policy refuses after the identity provider authenticated them. `message` is for the end user. */
export function rejectionPage(message: string, { reference, tryAgain }: FailurePage): HttpResponse {
  const content = paragraph(sentence(message)) + link(tryAgain, 'Try again') + referenceLine(reference);
  return page(403, 'Sign-in failed', content);
}

/**
 * The page of every login that cannot begin. It is the same for unknown users, users without single sign-on, organizations
 * whose plan does not include it, and connections that cannot be used.
 */
export function portalPage(reference: string): HttpResponse {
  const text = "Open this application from your company's portal. If you do not find it there, ask your administrator.";
  return page(400, 'Sign in with your company', paragraph(text) + referenceLine(reference));
}

/** A page of links, one for each connection. Each link keeps `returnTo` and `forceAuthn` of `query`. */
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

/** The page for a request that is not a navigation. Its text is for the developer. */
export function notNavigatedPage(): HttpResponse {
  const text =
    'This address begins a sign-in. Open it as a page, by a link or a redirect, not with fetch, in a frame or as an image.';
  return page(403, 'Sign-in not started', paragraph(text));
}

/** The page for a method that the route does not support (RFC 9110, 15.5.6). */
export function wrongMethodPage(methods: readonly string[], tryAgain: string): HttpResponse {
  const content = paragraph('This address cannot be opened this way.') + link(tryAgain, 'Sign in');
  const { headers, ...rest } = page(405, 'Sign-in not started', content);
  return { ...rest, headers: [...headers, ['Allow', methods.join(', ')]] };
}

/** The page that posts an AuthnRequest to the identity provider. */
export function formPage(start: FormStart): HttpResponse {
  // Some browsers apply form-action to redirects after the submission too, and identity providers redirect to their own
  // login hosts: any https URL is allowed, and the origin of an identity provider on loopback.
  const { origin } = new URL(start.action);
  const plain = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(origin);
  const formAction = plain ? `form-action ${origin} https:` : 'form-action https:';
  // A customer may have entered a URL under the application's own domain. From the opaque origin of a sandboxed page every
  // POST is cross-site: cookies with SameSite=Strict or Lax are not sent.
  const sandbox = 'sandbox allow-forms allow-scripts';
  const headers = pageHeadersWith(policy(`script-src ${start.scriptHash}`, formAction, sandbox));
  return { status: 200, headers, body: start.html };
}

/** Redirects the browser to a GET of `location` (303, RFC 9110, 15.4.4). */
export function redirect(location: string): HttpResponse {
  // A header value consists of visible ASCII characters.
  const ascii = location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const headers = [
    ['Location', ascii],
    ['Cache-Control', 'no-store'],
    ['Referrer-Policy', 'no-referrer'],
  ] as const;
  return { status: 303, headers, body: '' };
}

function page(status: number, title: string, content: string): HttpResponse {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
  return { status, headers: pageHeaders, body };
}

function pageHeadersWith(contentSecurityPolicy: string): HttpResponse['headers'] {
  return [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Content-Security-Policy', contentSecurityPolicy],
    ['Cache-Control', 'no-store'],
    ['Referrer-Policy', 'no-referrer'],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
  ];
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
