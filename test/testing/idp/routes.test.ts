import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authnRequestMessage } from '../../../src/saml/authn-request.ts';
import { validateResponse } from '../../../src/saml/response.ts';
import {
  createTestIdp,
  type EncryptionStyle,
  type Listening,
  selfSigned,
  submitForm,
} from '../../../src/testing/index.ts';

const sp = { entityId: 'https://app.example.test/sso/metadata', acsUrl: 'https://app.example.test/sso/acs' };
const idp = createTestIdp({
  key: selfSigned({ keyType: 'p256' }),
  users: [
    { id: 'a1', email: 'alice@acme.example.test', firstName: 'Alice', lastName: '<b>Ünal</b>' },
    { id: 'b2', email: 'bob@acme.example.test' },
  ],
  serviceProviders: [{ ...sp, name: 'The & App', relayState: '/start' }],
});
let server: Listening;
beforeAll(async () => {
  server = await idp.listen();
});
afterAll(() => server.close());

function begin(binding: 'redirect' | 'post') {
  const sso = { [binding]: idp.ssoUrl };
  return authnRequestMessage({
    issuer: sp.entityId,
    acsUrl: sp.acsUrl,
    issueInstant: new Date(),
    sso,
    relayState: 'r',
  });
}

async function subject(html: string, inResponseTo: string | null): Promise<string | undefined> {
  const assertion = await validateResponse(submitForm(html).fields['SAMLResponse'] ?? '', {
    identityProvider: { entityId: idp.entityId, certificates: [idp.certificate] },
    serviceProvider: sp,
    inResponseTo,
  });
  return assertion.subject?.nameId;
}

describe('the test identity provider over HTTP', () => {
  it('sets its endpoints to the address that it listens on', async () => {
    expect(idp.ssoUrl).toBe(`${server.url}/sso`);
    const response = await fetch(`${server.url}/metadata`);
    expect(response.headers.get('content-type')).toBe('application/samlmetadata+xml');
    const metadata = await response.text();
    expect(metadata).toContain(`Location="${server.url}/sso"`);
    expect(metadata).toContain(`entityID="https://idp.example.test/metadata"`);
  });

  it('shows the users, and posts the response for the selected one', async () => {
    const begun = begin('redirect');
    if (begun.kind !== 'redirect') throw new Error(begun.kind);
    const page = await (await fetch(begun.url)).text();
    expect(page).toContain('value="a1"');
    expect(page).toContain('bob@acme.example.test');
    expect(page).not.toContain('<b>');
    const { action, fields } = submitForm(page);
    const body = new URLSearchParams({ ...fields, user: 'b2' });
    const answer = await fetch(new URL(action, server.url), { method: 'POST', body });
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    const html = await answer.text();
    expect(submitForm(html)).toMatchObject({ action: sp.acsUrl, fields: { RelayState: 'r' } });
    expect(await subject(html, begun.id)).toBe('b2');
  });

  it('encrypts with the algorithms in the metadata of the service provider', async () => {
    const keys = selfSigned();
    const aes128 = 'http://www.w3.org/2001/04/xmlenc#aes128-cbc';
    const answer = async (provider: { encryption?: EncryptionStyle; encryptionCertificate?: string }) => {
      const encrypting = createTestIdp({
        users: [{ id: 'a1', email: 'alice@acme.example.test' }],
        serviceProviders: [{ ...sp, ...provider }],
      });
      const listening = await encrypting.listen();
      const request = { issuer: sp.entityId, acsUrl: sp.acsUrl, issueInstant: new Date() };
      const begun = authnRequestMessage({ ...request, sso: { redirect: encrypting.ssoUrl } });
      try {
        const html = begun.kind === 'redirect' ? await (await fetch(`${begun.url}&user=a1`)).text() : '';
        return Buffer.from(submitForm(html).fields['SAMLResponse'] ?? '', 'base64').toString();
      } finally {
        await listening.close();
      }
    };
    const { certificate } = keys;
    expect(await answer({ encryption: { certificate, contentAlgorithm: aes128 } })).toContain(
      `<xenc:EncryptionMethod Algorithm="${aes128}"/>`,
    );
    expect(await answer({ encryptionCertificate: certificate })).toContain('xmlenc11#aes256-gcm"/>');
    expect(await answer({})).not.toContain('xenc:EncryptionMethod');
  });

  it('does the same for a posted request', async () => {
    const begun = begin('post');
    if (begun.kind !== 'form') throw new Error(begun.kind);
    const post = (url: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(new URL(url, server.url), { method: 'POST', body: new URLSearchParams(fields) });
    const page = submitForm(await (await post(begun.action, begun.fields)).text());
    const html = await (await post(page.action, { ...page.fields, user: 'a1' })).text();
    expect(submitForm(html).fields['RelayState']).toBe('r');
    expect(await subject(html, begun.id)).toBe('a1');
  });

  it('signs in the user of the query immediately', async () => {
    const begun = begin('redirect');
    if (begun.kind !== 'redirect') throw new Error(begun.kind);
    expect(await subject(await (await fetch(`${begun.url}&user=a1`)).text(), begun.id)).toBe('a1');
  });

  it('has a portal whose tiles start an IdP-initiated login', async () => {
    const portal = await (await fetch(`${server.url}/portal`)).text();
    const tiles = [...portal.matchAll(/<a class="tile" href="([^"]*)">([^<]*)<\/a>/g)];
    expect(tiles.map(([, , label]) => label)).toEqual(['The &#38; App', 'The &#38; App']);
    const href = tiles[1]?.[1]?.replaceAll('&#38;', '&') ?? '';
    const html = await (await fetch(new URL(href, server.url))).text();
    expect(submitForm(html)).toMatchObject({ action: sp.acsUrl, fields: { RelayState: '/start' } });
    expect(await subject(html, null)).toBe('b2');
  });

  it.each([
    ['/portal?user=a1&sp=x', 400, 'unknown service provider x'],
    ['/sso', 400, 'unexpected end of file'],
    ['/portal?user=a1&sp=%3Cb%3E', 400, 'unknown service provider &#60;b&#62;'],
    ['/', 404, 'The pages are /sso, /portal and /metadata.'],
  ])('answers %s with %d', async (path, status, reason) => {
    const response = await fetch(`${server.url}${path}`);
    expect(response.status).toBe(status);
    const html = await response.text();
    expect(html).toContain(reason);
    expect(html).not.toContain('<b>');
  });
});

describe('listen', () => {
  it('keeps a configured base URL', async () => {
    const other = createTestIdp({ keyType: 'p256', baseUrl: 'https://idp.example.test/saml/' });
    const listening = await other.listen();
    try {
      expect(other.ssoUrl).toBe('https://idp.example.test/saml/sso');
      expect((await fetch(`${listening.url}/saml/metadata`)).status).toBe(200);
    } finally {
      await listening.close();
    }
  });

  it('fails if the port is in use', async () => {
    const port = Number(new URL(server.url).port);
    await expect(createTestIdp({ keyType: 'p256' }).listen(port)).rejects.toThrow('EADDRINUSE');
  });
});

describe('submitForm', () => {
  it('reads the fields of a form that was written', () => {
    const html =
      '<form method="post" action="https://a.test/?x=1&amp;y=2"><input type="hidden" name="a" value="&#34;&lt;&amp;lt;"/></form>';
    expect(submitForm(html)).toEqual({ action: 'https://a.test/?x=1&y=2', fields: { a: '"<&lt;' } });
  });

  it('refuses a page without form', () => {
    expect(() => submitForm('<p>')).toThrow(new TypeError('the page has no form'));
  });
});
