import { describe, expect, it } from 'vitest';
import { createSso, memoryUserStore } from '../../src/index.ts';
import { key, product } from './setup.ts';

describe('createSso', () => {
  it.each([
    ['http://app.example.com/sso', 'baseUrl must be https; http is for loopback (localhost) only'],
    ['http://localhost.evil.example/sso', 'baseUrl must be https'],
    ['http://127.0.0.1.evil.example/', 'baseUrl must be https'],
    ['ftp://app.example.com', 'baseUrl must be https'],
    ['/sso', 'baseUrl must be an absolute URL'],
    ['https://app.example.com/sso?x=y', 'baseUrl must not have a query'],
    ['https://user:pass@app.example.com/', 'baseUrl must not have a query, a fragment or credentials'],
  ])('refuses the baseUrl %s', (baseUrl, message) => {
    expect(() => product({ baseUrl })).toThrow(TypeError);
    expect(() => product({ baseUrl })).toThrow(message);
  });

  it.each([
    ['https://app.example.com/sso/', '/sso'],
    ['https://app.example.com', '/'],
    ['http://localhost:3000/sso', '/sso'],
    ['http://127.0.0.1:3000/sso', '/sso'],
    ['http://[::1]:3000/auth', '/auth'],
    ['http://app.localhost/sso', '/sso'],
  ])('takes the baseUrl %s', async (baseUrl, basePath) => {
    const { sso } = product({ baseUrl });
    expect(sso.basePath).toBe(basePath);
    expect(await sso.metadata()).toContain(`Location="${baseUrl.replace(/\/$/, '')}/acs"`);
  });

  it('names a misspelt option', () => {
    const misspelt: object = { clockSkew: 3 };
    expect(() => product(misspelt)).toThrow('createSso: unknown key "clockSkew"');
  });

  it.each([
    [{ secret: 'short' }, 'secret'],
    [{ secret: [] }, 'secret'],
    [{ secret: undefined as unknown as string }, 'secret must have at least 32 characters'],
    [{ clockSkewSeconds: 301 }, 'clockSkewSeconds must be from 0 to 300'],
    [{ clockSkewSeconds: Number.NaN }, 'clockSkewSeconds must be from 0 to 300'],
    [{ requestLifetimeSeconds: 1 }, 'requestLifetimeSeconds must be from 60 to 86400'],
    [{ limits: { bytes: 0 } }, 'limits.bytes must be a positive integer'],
    [{ returnTo: { allow: ['x'] } }, 'returnTo.allow'],
  ])('refuses %j', (options, message) => {
    expect(() => product(options)).toThrow(TypeError);
    expect(() => product(options)).toThrow(message);
  });

  it('reports an incomplete certificate when it is called', () => {
    const idp = {
      entityId: 'https://idp.example',
      ssoUrl: 'https://idp.example/sso',
      certificate: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    };
    expect(() => product({}, { idp })).toThrow(/private key/);
    expect(() => product({}, { idp: { ...idp, certificate: key.certificate } })).not.toThrow();
  });

  it('names a misspelt key of a connection', () => {
    const connection: object = { polcy: {} };
    expect(() => product({}, connection)).toThrow(/polcy/);
  });

  it('needs a user store', () => {
    const options: object = { baseUrl: 'https://a.example', secret: 'x'.repeat(32), connections: [] };
    expect(() => createSso(options as Parameters<typeof createSso>[0])).toThrow('users must be a UserStore');
    expect(() =>
      createSso({ ...(options as Parameters<typeof createSso>[0]), users: memoryUserStore() }),
    ).not.toThrow();
  });
});

describe('metadata', () => {
  it('describes the application, or one connection', async () => {
    const { sso } = product({}, { acs: 'own', spEntityId: 'urn:example:acme' });
    expect(await sso.metadata()).toContain('entityID="https://app.example.com/sso/metadata"');
    const own = await sso.metadata({ connectionId: 'acme' });
    expect(own).toContain('entityID="urn:example:acme"');
    expect(own).toContain('Location="https://app.example.com/sso/acs/acme"');
    await expect(sso.metadata({ connectionId: 'unknown' })).rejects.toThrow(
      new TypeError('there is no connection "unknown"'),
    );
  });
});
