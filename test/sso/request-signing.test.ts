import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ConnectionInput, SamlError } from '../../src/index.ts';
import { createTestIdp, type KeyPair, selfSigned, type TestIdpOptions } from '../../src/testing/index.ts';
import { readXml } from '../../src/xml/read.ts';
import { configurationError } from '../support/configuration-error.ts';
import { acsUrl, begin, entityId, key, type Product, product, start, unsolicited } from './setup.ts';

const pair = selfSigned({ commonName: 'sp.example.com' });
const pem = ({ privateKey, certificate }: KeyPair) => ({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificate,
});
const signing = pem(pair);
const users = [{ id: 'alice-1', email: 'alice@acme.example' }];
const wanting = (options: TestIdpOptions = {}) =>
  createTestIdp({
    users,
    key,
    now: () => start,
    serviceProviders: [{ entityId, acsUrl, certificate: pair.certificate }],
    ...options,
  });
const connection = (id: string, idp: ConnectionInput['idp']): ConnectionInput => ({ id, organizationId: id, idp });

/** The query of a request by HTTP-Redirect. */
async function query({ sso }: Product): Promise<URLSearchParams> {
  const begun = await begin(sso, {});
  if (begun.kind !== 'redirect') throw new Error(begun.kind);
  return new URL(begun.url).searchParams;
}

async function refused(promise: Promise<unknown>): Promise<SamlError> {
  return await promise.then(
    () => Promise.reject(new Error('it was accepted')),
    (error: SamlError) => error,
  );
}

describe('an AuthnRequest is signed', () => {
  it.each(['redirect', 'post'] as const)(
    'with %s if there is a key, and the identity provider verifies it',
    async (binding) => {
      const idp = wanting({ ssoBindings: [binding] });
      const app = product({ signing, connections: { idp: { metadata: idp.metadata() } } });
      expect((await idp.login(await begin(app.sso, {}), 'alice-1')).action).toBe(acsUrl);
      const unsigned = product({ signing, connections: { idp: { metadata: idp.metadata(), signRequests: false } } });
      await expect(idp.login(await begin(unsigned.sso, {}), 'alice-1')).rejects.toThrow('the request is not signed');
    },
  );

  it('even if the metadata of the identity provider does not require it', async () => {
    const app = product({ signing });
    expect(app.idp.metadata()).not.toContain('WantAuthnRequestsSigned="true"');
    expect((await query(app)).has('Signature')).toBe(true);
    expect((await query(product())).has('Signature')).toBe(false);
    const { idp } = app;
    expect(
      (await query(product({ signing }, { idp: { metadata: idp.metadata(), signRequests: false } }))).has('Signature'),
    ).toBe(false);
  });

  it('with the hash of the connection', async () => {
    const metadata = product().idp.metadata();
    const algorithm = async (idp: Partial<ConnectionInput['idp']>) =>
      (await query(product({ signing }, { idp: { metadata, ...idp } }))).get('SigAlg');
    expect(await algorithm({})).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    expect(await algorithm({ requestSignatureHash: 'sha512' })).toBe(
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    );
    const idp = wanting({ ssoBindings: ['post'] });
    const app = product({
      signing,
      connections: { idp: { metadata: idp.metadata(), requestSignatureHash: 'sha384' } },
    });
    expect((await idp.login(await begin(app.sso, {}), 'alice-1')).action).toBe(acsUrl);
  });

  it('by the binding of the connection', async () => {
    const metadata = product().idp.metadata();
    const begun = await begin(product({}, { idp: { metadata, binding: 'post' } }).sso, {});
    expect(begun.kind).toBe('form');
    expect((await begin(product({}, { idp: { metadata } }).sso, {})).kind).toBe('redirect');
  });

  it('also with an EC key, with a warning that few identity providers verify it', () => {
    const warnings = (pair: KeyPair) => product({ signing: pem(pair) }).events;
    expect(warnings(selfSigned({ keyType: 'p256' }))).toMatchObject([
      {
        type: 'warning',
        warning: 'ec_signing_key',
        connectionId: null,
        hint: expect.stringContaining('use an RSA key of 2048 bits or more'),
      },
    ]);
    expect(warnings(pair)).toEqual([]);
  });
});

describe('an identity provider that requires signed requests, without a key', () => {
  const metadata = wanting().metadata();
  const message =
    'connection "acme" signs requests (idp.signRequests, or because the metadata of its identity provider asks for it): give createSso a signing key and certificate, or set idp.signRequests of the connection to false';

  it('makes createSso fail for the only connection, and for signRequests: true in code', () => {
    expect(() => product({ connections: connection('acme', { metadata }) })).toThrow(message);
    const plain = connection('globex', { metadata: createTestIdp({ key, entityId: 'urn:globex' }).metadata() });
    const explicit = connection('acme', { metadata, signRequests: true });
    expect(() => product({ connections: [plain, explicit] })).toThrow(
      configurationError(`${message} if the identity provider accepts unsigned requests`),
    );
    expect(() => product({ signing, connections: [plain, explicit] })).not.toThrow();
    expect(() => product({ connections: connection('acme', { metadata, signRequests: false }) })).not.toThrow();
  });

  it('does not affect other connections: a warning at start, and connection_unavailable at its own logins', async () => {
    const plain = connection('globex', { metadata: createTestIdp({ key, entityId: 'urn:globex' }).metadata() });
    const { sso, events } = product({ connections: [plain, connection('acme', { metadata })] });
    expect(events).toMatchObject([
      { type: 'warning', warning: 'signing_key_missing', connectionId: 'acme', hint: expect.stringContaining(message) },
    ]);
    expect((await sso.beginLogin({ connectionId: 'globex' })).kind).toBe('redirect');
    expect(await refused(sso.beginLogin({ connectionId: 'acme' }))).toMatchObject({
      code: 'connection_unavailable',
      message: 'single sign-on is not available for this connection',
      details: { reason: 'signing_key_missing' },
    });
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      code: 'connection_unavailable',
      connectionId: 'acme',
      organizationId: 'acme',
    });
  });

  it('is reported for a connection of a store at the login', async () => {
    const row = connection('acme', { metadata });
    const store = { get: async () => ({ settings: row }), find: async () => [{ settings: row }] };
    const { sso, events } = product({ connections: store });
    const error = await refused(sso.beginLogin({ connectionId: 'acme' }));
    expect(error).toMatchObject({ code: 'connection_unavailable' });
    expect(error.hint).toContain(message);
    expect(events).toMatchObject([{ type: 'failed', code: 'connection_unavailable', reference: error.reference }]);
    expect((await product({ signing, connections: store }).sso.beginLogin({ connectionId: 'acme' })).kind).toBe(
      'redirect',
    );
  });

  it('is reported for a login from the portal before the response is claimed', async () => {
    const idp = wanting();
    const rows = (more: Partial<ConnectionInput> = {}) => {
      const row = { ...connection('acme', { metadata: idp.metadata() }), ...more };
      return { get: async () => ({ settings: row }), find: async () => [{ settings: row }] };
    };
    const claimed: string[] = [];
    const replayCache = { claim: async (id: string) => claimed.push(id) > 0 };
    const app = product({ connections: rows(), replayCache });
    const response = () => unsolicited({ ...app, idp });
    const error = await refused(app.sso.completeLogin({ samlResponse: response() }));
    expect(error).toMatchObject({ code: 'connection_unavailable' });
    expect(error.hint).toContain('give createSso a signing key');
    expect(claimed).toEqual([]);
    expect(app.events).toMatchObject([{ type: 'failed', code: 'connection_unavailable', connectionId: 'acme' }]);
    // Without a request of our own nothing is to be signed.
    const allowing = product({
      connections: rows({ policy: { idpInitiated: 'allow', defaultRole: 'member' } }),
      replayCache,
    });
    expect(await allowing.sso.completeLogin({ samlResponse: response() })).toMatchObject({ outcome: 'created' });
    const able = product({ signing, connections: rows(), replayCache });
    expect(await able.sso.completeLogin({ samlResponse: response() })).toMatchObject({ outcome: 'redirect' });
  });
});

describe('the metadata of the application', () => {
  const role = async (app: Product, connectionId?: string) => {
    const [descriptor] = readXml(await app.sso.metadata({ connectionId })).elements();
    return descriptor;
  };
  const signed = async (app: Product, connectionId?: string) =>
    (await role(app, connectionId))?.get('AuthnRequestsSigned');
  const idpMetadata = createTestIdp({ key, entityId: 'urn:globex' }).metadata();

  it('states for each connection whether its requests are signed, and in the general document for all', async () => {
    const metadata = product().idp.metadata();
    const quiet = connection('acme', { metadata, signRequests: false });
    const loud = connection('globex', { metadata: idpMetadata });
    const both = product({ signing, connections: [quiet, loud] });
    expect(await signed(both, 'acme')).toBe('false');
    expect(await signed(both, 'globex')).toBe('true');
    expect(await signed(both)).toBe('false');
    expect(await signed(product({ signing, connections: [loud] }))).toBe('true');
    expect(await signed(product({ signing, connections: { get: async () => null, find: async () => [] } }))).toBe(
      'true',
    );
    expect(await signed(product({ connections: [loud] }), 'globex')).toBe('false');
  });

  it('contains the NameID format that a connection requires', async () => {
    const formats = async (app: Product, connectionId?: string) =>
      (await role(app, connectionId))
        ?.elements()
        .filter(({ localName }) => localName === 'NameIDFormat')
        .map(({ text }) => text);
    const asking = connection('acme', { metadata: product().idp.metadata(), nameIdFormat: 'persistent' });
    const any = connection('globex', { metadata: idpMetadata });
    const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
    expect(await formats(product({ connections: [asking, any] }), 'acme')).toEqual([persistent]);
    expect(await formats(product({ connections: [asking, any] }), 'globex')).toEqual([]);
    expect(await formats(product({ connections: [asking, any] }))).toEqual([]);
    expect(await formats(product({ connections: [asking] }))).toEqual([persistent]);
  });

  it('names a misspelt key, and reports a store that fails', async () => {
    const app = product();
    const misspelt: object = { connection: 'acme' };
    await expect(app.sso.metadata(misspelt)).rejects.toThrow(
      configurationError('metadata: unknown key "connection", did you mean connectionId?'),
    );
    const down = { get: () => Promise.reject(new TypeError('fetch failed')), find: async () => [] };
    const failing = product({ connections: down });
    const error = await refused(failing.sso.metadata({ connectionId: 'acme' }));
    expect(error).toMatchObject({ code: 'store_failed' });
    expect(error.hint).toBe(
      'connections.get failed: TypeError: fetch failed. The metadata was not made. Fetch it again.',
    );
    expect(failing.events).toMatchObject([{ type: 'failed', code: 'store_failed', reference: error.reference }]);
  });
});

describe('a NameID format that the connection requires', () => {
  const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

  it('does not refuse a login from the portal, which is answered with a request for that format', async () => {
    const app = product();
    const idp = { metadata: app.idp.metadata(), nameIdFormat: 'emailAddress' };
    const restarting = product({}, { idp });
    const first = await restarting.sso.completeLogin({ samlResponse: unsolicited(app) });
    if (first.outcome !== 'redirect' || first.start.kind !== 'redirect') throw new Error(first.outcome);
    const request = inflateRawSync(
      Buffer.from(new URL(first.start.url).searchParams.get('SAMLRequest') ?? '', 'base64'),
    ).toString();
    expect(request).toContain(`Format="${emailAddress}"`);
    const allowing = product({}, { idp, policy: { idpInitiated: 'allow' } });
    expect(await refused(allowing.sso.completeLogin({ samlResponse: unsolicited(app) }))).toMatchObject({
      code: 'name_id_format_mismatch',
      message: 'the assertion names its subject in another format than the one asked for',
    });
  });
});
