import { describe, expect, it } from 'vitest';
import type { ConnectionStore } from '../../src/connections/connection-store.ts';
import { connectionRegistry } from '../../src/connections/registry.ts';
import type { ConnectionInput } from '../../src/index.ts';
import { unknownIssuer } from '../../src/sso/unknown-issuer.ts';
import { refusal } from '../support/refusal.ts';
import { key } from './setup.ts';

const connection = (id: string, entityId: string): ConnectionInput => ({
  id,
  organizationId: id,
  idp: { entityId, ssoUrl: 'https://login.example/sso', certificate: key.certificate },
});

function hintFor(
  issuer: string | null,
  connections: readonly ConnectionInput[] | ConnectionStore,
  candidates = 0,
): string {
  const error = refusal(() => unknownIssuer(connectionRegistry(connections), issuer, candidates));
  expect(error.code).toBe('unknown_issuer');
  expect(error.message).toBe('the SAML message comes from an identity provider that is not configured');
  expect(error.details).toEqual({ received: issuer?.slice(0, 1024) ?? null, candidates });
  return error.hint;
}

describe('unknownIssuer', () => {
  const two = [connection('a', 'https://idp.example/a'), connection('b', 'https://other.example/b')];

  it('names the connection whose entity ID has a small difference, and no other', () => {
    const hint = hintFor('https://idp.example/a/', two);
    expect(hint).toContain('Connection "a" has "https://idp.example/a": they differ only in the slash at the end.');
    expect(hint).not.toContain('other.example');
  });

  it('names at most two connections, of the same host if none has a small difference', () => {
    const many = [1, 2, 3, 4].map((n) => connection(`c${n}`, `https://idp.example/${n}?tenant=${n}`));
    const hint = hintFor('https://idp.example/metadata', many);
    expect(hint.match(/Connection "c\d" has/g)).toEqual(['Connection "c1" has', 'Connection "c2" has']);
  });

  it('names the only connection even if nothing is similar', () => {
    expect(hintFor('urn:example:idp', two.slice(0, 1))).toContain('Connection "a" has "https://idp.example/a".');
  });

  it('names none of several connections if nothing is similar', () => {
    const hint = hintFor('urn:example:idp', two);
    expect(hint).not.toContain('Connection "');
    expect(hint).toContain('Set idp.entityId of the connection to the Issuer');
  });

  it('names connections of a store only if they were found by a query', () => {
    const hint = hintFor('https://idp.example/a/', { get: async () => null, find: async () => [] });
    expect(hint).toContain('No connection has an identity provider with the entity ID "https://idp.example/a/". Set');
  });

  it('reports that several connections have the Issuer, or that it is absent', () => {
    expect(hintFor('https://idp.example/a', two, 2)).toContain("Set acs: 'own' for them");
    expect(hintFor(null, two)).toContain('The message has no Issuer');
  });

  it('does not compare very long entity IDs', () => {
    expect(hintFor(`https://idp.example/a${'/'.repeat(5000)}`, two)).not.toContain('Connection "');
  });
});
