import { createHash } from 'node:crypto';
import { escapeHtml } from '../../lib/html.ts';
import { postForm } from '../../lib/post-form.ts';
import type { EncryptionStyle } from './encrypt.ts';
import type { TestUser } from './users.ts';
import { displayName } from './vendors.ts';

/** A service provider that the identity provider knows. */
export interface TestServiceProvider {
  readonly entityId: string;
  /** URL to which responses are posted. */
  readonly acsUrl: string;
  /** Label of its tile in the portal; default: the entity ID. */
  readonly name?: string | undefined;
  /** PEM: requests must then be signed by its key, and the metadata says so (`WantAuthnRequestsSigned`). */
  readonly certificate?: string | undefined;
  /** PEM: assertions for it are encrypted for the key of this certificate. */
  readonly encryptionCertificate?: string | undefined;
  /** The same with the algorithms to encrypt with, instead of `encryptionCertificate`. */
  readonly encryption?: EncryptionStyle | undefined;
  /** RelayState of IdP-initiated logins. */
  readonly relayState?: string | undefined;
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;color:#20242c;background:#eef3ee;margin:0}' +
  'main{max-width:28rem;margin:12vh auto 0;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 4px #20242c22}' +
  'h1{font-size:1.25rem;margin:0 0 1rem}button,.tile{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;' +
  'padding:.7rem 1rem;font:inherit;text-align:left;color:inherit;background:#f5f8f5;border:1px solid #c9d5c9;' +
  'border-radius:8px;text-decoration:none;cursor:pointer}small{display:block;color:#5c6570}';
const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

/** Login page with one button per user. `fields` are submitted as well. */
export function onUnavailable(
  action: string,
  fields: Readonly<Record<string, string>>,
  users: readonly TestUser[],
): Response {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const buttons = users.map((user) => `<button name="user" value="${escapeHtml(user.id)}">${label(user)}</button>`);
  return page(
    'Who signs in?',
    `<form method="post" action="${escapeHtml(action)}">${hidden.join('')}${buttons.join('')}</form>`,
  );
}

/** The IdP-initiated portal: for each user the applications as tiles. */
export function portalPage(
  path: string,
  users: readonly TestUser[],
  providers: readonly TestServiceProvider[],
): Response {
  const sections = users.map((user) => {
    const tiles = providers.map(({ entityId, name = entityId }) => {
      const query = new URLSearchParams({ user: user.id, sp: entityId });
      return `<a class="tile" href="${escapeHtml(`${path}?${query}`)}">${escapeHtml(name)}</a>`;
    });
    return `<section><p>${label(user)}</p>${tiles.join('')}</section>`;
  });
  return page('Portal', sections.join(''));
}

/** Posts a response to the service provider. */
export function responsePage(acsUrl: string, samlResponse: string, relayState: string | undefined): Response {
  const fields = { SAMLResponse: samlResponse, ...(relayState === undefined ? {} : { RelayState: relayState }) };
  const { html, scriptHash } = postForm(acsUrl, fields);
  return htmlResponse(200, html, `script-src ${scriptHash}`);
}

/** Shows why a request is refused. */
export function errorPage(status: number, reason: string): Response {
  return page('Request refused', `<p>${escapeHtml(reason)}</p>`, status);
}

function label(user: TestUser): string {
  return `${escapeHtml(displayName(user) ?? user.id)} <small>${escapeHtml(user.email ?? user.id)}</small>`;
}

function page(title: string, content: string, status = 200): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
  return htmlResponse(status, html, `style-src ${styleHash}`);
}

function htmlResponse(status: number, html: string, policy: string): Response {
  return new Response(html, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; ${policy}`,
      'Cache-Control': 'no-store',
    },
  });
}
