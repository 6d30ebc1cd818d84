import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, checkAt, expectKnownKeys, formatPath, invalidOption } from '../src/configuration-error.ts';
import { ssoRouter } from '../src/http/express.ts';
import { createSso, memoryUserStore, parseConnection, SamlError, validateResponse } from '../src/index.ts';

const certificate = readFileSync(new URL('./fixtures/certificates/rsa-2048.crt', import.meta.url), 'utf8');
const weak = readFileSync(new URL('./fixtures/certificates/rsa-1024.crt', import.meta.url), 'utf8');
const idp = { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificate };
const roles = ['owner', 'admin', 'member'];

function thrown(run: () => unknown): ConfigurationError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  return expect.fail('no error was thrown');
}

const parse = (connection: object) => parseConnection(connection, { roles });
const issueOf = (connection: object) => thrown(() => parse(connection)).issues;

describe('issues of a connection, by the field of a form', () => {
  it.each<[string, object, object, object]>([
    ['a missing entity ID', { idp: { ...idp, entityId: undefined } }, { idp }, { path: ['idp', 'entityId'] }],
    [
      'a single sign-on URL without https',
      { idp: { ...idp, ssoUrl: 'http://idp.example.com' } },
      { idp: { ...idp, ssoUrl: 'https://idp.example.com' } },
      { path: ['idp', 'ssoUrl'], message: 'must begin with https:// (http:// on loopback only)' },
    ],
    [
      'a misspelled key',
      { idp: { ...idp, certificates: undefined, certficates: [certificate] } },
      { idp: { ...idp, certificate: undefined, certificates: [certificate] } },
      { path: ['idp', 'certficates'], message: 'unknown key', suggestion: 'idp.certificates' },
    ],
    [
      'a key of another object',
      { idp, roleMap: {} },
      { idp, policy: { roleMap: {} } },
      { path: ['roleMap'], message: 'unknown key', suggestion: 'policy.roleMap' },
    ],
    [
      'an unknown key without a similar one',
      { idp, security: { zzzz: true } },
      { idp, security: { allowSha1: true } },
      {
        path: ['security', 'zzzz'],
        message: 'unknown key, expected allowSha1, allowAesCbc, requireDestination, maxAssertionLifetimeSeconds',
      },
    ],
    [
      'a public mail domain',
      { idp, domains: ['acme.example', 'gmail.com'] },
      { idp, domains: ['acme.example'] },
      { path: ['domains', 1], message: expect.stringContaining('gmail.com is a public mail domain') },
    ],
    [
      'a similar value',
      { idp, policy: { mode: 'create_only' } },
      { idp, policy: { mode: 'create-only' } },
      { path: ['policy', 'mode'], message: expect.stringMatching(/^expected one of /), suggestion: 'create-only' },
    ],
    [
      'a preset under another name',
      { idp: { ...idp, preset: 'azure' } },
      { idp: { ...idp, preset: 'entra' } },
      { path: ['idp', 'preset'], message: expect.stringMatching(/^expected one of generic, /), suggestion: 'entra' },
    ],
    [
      'a role that the application does not have',
      { idp, policy: { roleMap: { Admins: 'admni' } } },
      { idp, policy: { roleMap: { Admins: 'admin' } } },
      {
        path: ['policy', 'roleMap', 'Admins'],
        message: '"admni" is not a role of the application (owner, admin, member)',
        suggestion: 'admin',
      },
    ],
    [
      'a misspelled key of a mapping',
      { idp: { ...idp, mapping: { email: { friendlyname: 'mail' } } } },
      { idp: { ...idp, mapping: { email: { friendlyName: 'mail' } } } },
      { path: ['idp', 'mapping', 'email', 'friendlyname'], message: 'unknown key', suggestion: 'friendlyName' },
    ],
    [
      'a decryption key',
      { idp, decryption: [{ privateKey: 'PEM of a secret', certificate }] },
      { idp },
      { path: ['decryption', 0, 'privateKey'], message: expect.stringContaining('must be an RSA private key in PEM') },
    ],
  ])('%s', (_, wrong, right, issue) => {
    expect(issueOf(wrong)).toContainEqual({ message: expect.any(String), ...issue });
    expect(parse(right).idp.entityId).toBe(idp.entityId);
  });

  it('are the same as in the message', () => {
    const error = thrown(() => parse({ idp: { ...idp, certificate: weak }, polcy: {}, domains: ['x'] }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.name).toBe('ConfigurationError');
    expect(error.issues.map(({ path }) => formatPath(path)).sort()).toEqual(['domains[0]', 'idp.certificate', 'polcy']);
    for (const { message } of error.issues) expect(error.message).toContain(message);
    expect(error.message).toContain('polcy: unknown key, did you mean policy?');
  });

  it('keep the SamlError as cause', () => {
    const { cause } = thrown(() => parse({ idp: { ...idp, certificate: weak } }));
    expect(cause).toBeInstanceOf(SamlError);
    expect(cause).toMatchObject({ code: 'certificate_invalid', message: 'a configured certificate cannot be used' });
  });

  it('survive JSON, for the answer to a form', () => {
    const { issues } = thrown(() => parse({ idp: { ...idp, certificate: weak } }));
    expect(JSON.parse(JSON.stringify(issues))).toEqual(issues);
  });
});

const options = {
  baseUrl: 'https://app.example.com/sso',
  secret: 'a secret of more than thirty-two characters',
  connections: { idp },
  users: memoryUserStore(),
};

describe('issues of createSso', () => {
  it.each<[object, readonly (string | number)[], string]>([
    [{ baseUrl: 'http://app.example.com' }, ['baseUrl'], 'must be https; http is for loopback (localhost) only'],
    [{ clockSkew: 30 }, ['clockSkew'], 'unknown key'],
    [{ clockSkewSeconds: 301 }, ['clockSkewSeconds'], 'must be from 0 to 300'],
    [{ secret: 'short' }, ['secret'], 'must have at least 32 characters; it has 5 (openssl rand -base64 32 makes one)'],
    [{ limits: { depth: 0 } }, ['limits', 'depth'], 'must be a positive integer'],
    [{ users: {} }, ['users'], 'must be a UserStore, e.g. memoryUserStore(); received object'],
    [{ policy: { rebind: 1 } }, ['policy', 'rebind'], 'expected boolean, received number'],
    [{ returnTo: { allow: ['x'] } }, ['returnTo', 'allow'], '"x" is neither a path nor an http(s) URL'],
    [{ connections: { idp, domain: [] } }, ['connections', 'domain'], 'unknown key'],
    [{ connections: [{ idp, domain: [] }] }, ['connections', 0, 'domain'], 'unknown key'],
    [
      { decryption: { privateKey: 'x', certificate } },
      ['decryption', 'privateKey'],
      expect.stringContaining('must be an RSA private key'),
    ],
    [
      { signing: { privateKey: 'x', certificate } },
      ['signing', 'privateKey'],
      'cannot be used: the private key is not an unencrypted PEM private key',
    ],
  ])('%j', (wrong, path, message) => {
    expect(thrown(() => createSso({ ...options, ...wrong })).issues[0]).toMatchObject({ path, message });
    expect(() => createSso(options)).not.toThrow();
  });

  it('list every connection and every unknown option', () => {
    const connections = [
      { id: 'a', idp, domains: ['x'] },
      { id: 'b', idp, enabled: 'yes' },
    ];
    const several: object = { ...options, connections };
    expect(thrown(() => createSso({ ...options, ...several })).issues.map(({ path }) => path)).toEqual([
      ['connections', 0, 'domains', 0],
      ['connections', 1, 'enabled'],
    ]);
    const error = thrown(() => expectKnownKeys('createSso', { polcy: 1, zzzz: 1, users: 1 }, ['policy', 'users']));
    expect(error.message).toBe(
      'createSso: unknown key "polcy", did you mean policy?; unknown key "zzzz", expected policy, users',
    );
    expect(error.issues).toEqual([
      { path: ['polcy'], message: 'unknown key', suggestion: 'policy' },
      { path: ['zzzz'], message: 'unknown key, expected policy, users' },
    ]);
    expect(() => expectKnownKeys('createSso', { users: 1 }, ['policy', 'users'])).not.toThrow();
  });
});

it('issues of the router and of validateResponse name their option', async () => {
  const sso = createSso(options);
  const onLogin = () => undefined;
  expect(thrown(() => ssoRouter(sso, { onLogin, bodyLimitBytes: 0 })).issues).toEqual([
    { path: ['bodyLimitBytes'], message: 'must be a positive integer' },
  ]);
  expect(() => ssoRouter(sso, { onLogin, bodyLimitBytes: 1 })).not.toThrow();
  const low = {
    identityProvider: { entityId: 'a', certificates: [certificate] },
    serviceProvider: { entityId: 'b', acsUrl: 'https://app.example.com/acs' },
    inResponseTo: null,
  };
  const wrong = { ...low.serviceProvider, decryptionKeys: ['x'] };
  await expect(validateResponse('x', { ...low, serviceProvider: wrong })).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringMatching(/^serviceProvider\.decryptionKeys\[0\] must be an RSA private key in PEM /),
    issues: [{ path: ['serviceProvider', 'decryptionKeys', 0] }],
  });
  await expect(validateResponse('x', low)).rejects.toMatchObject({ code: 'invalid_encoding' });
});

it('the path of a part is extended by the path of the whole', () => {
  const check = () => {
    throw invalidOption(['depth'], 'must be a positive integer');
  };
  expect(thrown(() => checkAt(['limits'], check))).toMatchObject({
    message: 'limits.depth must be a positive integer',
    issues: [{ path: ['limits', 'depth'], message: 'must be a positive integer' }],
  });
  expect(checkAt(['limits'], () => 1)).toBe(1);
  expect(() =>
    checkAt(['limits'], () => {
      throw new RangeError('other');
    }),
  ).toThrow(new RangeError('other'));
});
