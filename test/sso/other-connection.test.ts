import { describe, expect, it } from 'vitest';
import type { ConnectionInput, ConnectionStore, SamlError } from '../../src/index.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { acsUrl, entityId, key, type Product, product, start, untrustedKey } from './setup.ts';

const users = [{ id: 'u', email: 'u@globex.example', role: 'member' }];
const acme = createTestIdp({ key, entityId: 'urn:acme', users, now: () => start });
const globex = createTestIdp({ key: untrustedKey, entityId: 'urn:globex', users, now: () => start });
const connection = (id: string, metadata: string): ConnectionInput => ({
  id,
  organizationId: id,
  acs: 'own',
  idp: { metadata },
});
const both = [connection('acme', acme.metadata()), connection('globex', globex.metadata())];
const ofGlobex =
  'The Issuer "urn:globex" is that of the connection "globex", and the message was validated against the connection "acme"';
const pinned = 'The key of that certificate is configured for the connection "globex"';

/** The response of Globex's identity provider, posted to the address of Acme. */
async function misposted(app: Product, issuer = 'urn:globex'): Promise<SamlError> {
  const address = `${acsUrl}/acme`;
  const samlResponse = globex.respond({
    user: 'u',
    acsUrl: address,
    audience: entityId,
    issuer,
    assertionIssuer: issuer,
  });
  const input = { samlResponse, connectionId: 'acme' };
  const error: SamlError = await app.sso.completeLogin(input).then(
    () => Promise.reject(new Error('it was accepted')),
    (thrown) => thrown,
  );
  const explained = await app.sso.explain(input);
  expect(explained.rules.find(({ result }) => result === 'fail')?.hint).toBe(error.hint);
  return error;
}

const stored = both.map((settings) => ({ settings }));

function storeOf(find: ConnectionStore['find'] = async () => stored): ConnectionStore {
  return { get: async (id) => stored.find(({ settings }) => settings.id === id) ?? null, find };
}

describe('the hint of an unknown key', () => {
  it('names the connection that has the Issuer and the certificate', async () => {
    const error = await misposted(product({ connections: both }));
    expect(error).toMatchObject({
      code: 'untrusted_certificate',
      message: 'the SAML message is signed with a key that is not configured',
    });
    expect(error.hint).toContain(ofGlobex);
    expect(error.hint).toContain(pinned);
    expect(error.hint).toContain('compare the ACS URL at the identity provider');
    expect(JSON.stringify(error)).not.toContain('globex');
  });

  it('names only the connection of the certificate if the Issuer is that of the connection itself', async () => {
    const { hint } = await misposted(product({ connections: both }), 'urn:acme');
    expect(hint).toContain(pinned);
    expect(hint).not.toContain('The Issuer');
  });

  it('names no connection if neither belongs to another connection', async () => {
    const { code, hint } = await misposted(product({ connections: both.slice(0, 1) }));
    expect(code).toBe('untrusted_certificate');
    expect(hint).not.toContain('The Issuer');
    expect(hint).not.toContain('is configured for the connection');
  });

  it('queries a store for the Issuer', async () => {
    const { hint } = await misposted(product({ connections: storeOf() }));
    expect(hint).toContain(ofGlobex);
    expect(hint).not.toContain(pinned);
  });

  it('is not replaced if the store fails meanwhile', async () => {
    const down = () => Promise.reject(new Error('no database'));
    const { code, hint } = await misposted(product({ connections: storeOf(down) }));
    expect(code).toBe('untrusted_certificate');
    expect(hint).not.toContain('no database');
  });

  it('names at most three connections', async () => {
    const many = ['b', 'c', 'd', 'e'].map((id) => connection(id, globex.metadata()));
    const { hint } = await misposted(product({ connections: [...both.slice(0, 1), ...many] }));
    expect(hint).toContain('is that of the connections "b", "c", "d" and 1 more,');
  });
});
