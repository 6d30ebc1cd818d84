import { describe, expect, it } from 'vitest';
import { ssoHandler } from '../../src/http/sso-handler.ts';
import { readAuthnRequest, receiveRedirect } from '../../src/testing/idp/request.ts';
import { acsUrl, entityId, product } from '../sso/setup.ts';

const hostile = {
  host: 'attacker.example',
  forwarded: 'host=attacker.example;proto=http',
  'x-forwarded-host': 'attacker.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-prefix': '/attacker',
  'x-original-url': '/attacker',
};

async function answer(path: string, headers: Record<string, string>) {
  const { sso } = product();
  const sent = new Map(Object.entries(headers));
  const body = async () => new Uint8Array();
  const found = await ssoHandler(sso)({ method: 'GET', path, query: '', header: (name) => sent.get(name), body });
  return found?.response;
}

describe.each([
  ['the host of baseUrl', { host: 'app.example.com' }],
  ['another host, forwarded', hostile],
])('a request with %s', (_what, headers) => {
  it('receives metadata with the entity ID and ACS URL of baseUrl', async () => {
    const response = await answer('/metadata', headers);
    expect(response?.body).toContain(`entityID="${entityId}"`);
    expect(response?.body).toContain(`Location="${acsUrl}"`);
    expect(response?.body).not.toContain('attacker');
  });

  it('begins a login with issuer and ACS URL of baseUrl, at the identity provider', async () => {
    const response = await answer('/login', headers);
    const location = new Map(response?.headers).get('Location') ?? '';
    const { root } = receiveRedirect(new URL(location).search);
    expect(readAuthnRequest(root)).toMatchObject({ issuer: entityId, acsUrl });
    expect(JSON.stringify(response)).not.toContain('attacker');
  });
});
