import { generateKeyPairSync } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, createAuthnRequest, parseIdpMetadata, validateResponse } from '../../src/index.ts';
import type { CreateAuthnRequestOptions } from '../../src/saml/create-authn-request.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { readXml } from '../../src/xml/read.ts';
import { acsUrl, idp, now, spEntityId } from './support.ts';

const identityProvider = parseIdpMetadata(idp.metadata(), { now });
const serviceProvider = { entityId: spEntityId, acsUrl };
const options = { identityProvider, serviceProvider, now };
const signing = selfSigned();
const other = selfSigned();

/** As a program in JavaScript could call it. */
const create = (changes: object): unknown =>
  createAuthnRequest({ ...options, ...changes } as unknown as CreateAuthnRequestOptions);

describe('createAuthnRequest', () => {
  it('creates a request whose response validateResponse accepts, without createSso', async () => {
    for (const binding of ['redirect', 'post'] as const) {
      const sso = { redirect: idp.ssoUrl, post: idp.ssoUrl };
      const request = createAuthnRequest({ ...options, identityProvider: { sso }, binding });
      const { fields } = await idp.login(request, 'alice-1');
      const inResponseTo = request.id;
      const settings = { identityProvider, serviceProvider, now };
      const assertion = await validateResponse(fields['SAMLResponse'] ?? '', { ...settings, inResponseTo });
      expect(assertion).toMatchObject({ inResponseTo, subject: { nameId: 'alice-1' } });
      const unsolicited = validateResponse(fields['SAMLResponse'] ?? '', { ...settings, inResponseTo: null });
      await expect(unsolicited).rejects.toMatchObject({
        code: 'in_response_to_mismatch',
        message: 'the SAML response answers another request',
      });
    }
  });

  it('carries issuer, ACS URL, time, ForceAuthn, NameID format and RelayState', () => {
    const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
    const request = createAuthnRequest({ ...options, forceAuthn: true, nameIdFormat: format, relayState: '/page' });
    if (request.kind !== 'redirect') return expect.fail(request.kind);
    const query = new URL(request.url).searchParams;
    const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
    const root = readXml(xml);
    expect(root.get('ID')).toBe(request.id);
    expect(root.get('IssueInstant')).toBe('2026-11-24T08:00:00Z');
    expect(root.get('ForceAuthn')).toBe('true');
    expect(root.get('AssertionConsumerServiceURL')).toBe(acsUrl);
    expect(root.elements()[0]?.text).toBe(spEntityId);
    expect(root.elements()[1]?.get('Format')).toBe(format);
    expect(query.get('RelayState')).toBe('/page');
    expect(query.has('Signature')).toBe(false);
  });

  it('signs the query, or the XML of a form', () => {
    const redirect = createAuthnRequest({ ...options, signing });
    expect(redirect.kind === 'redirect' && new URL(redirect.url).searchParams.has('Signature')).toBe(true);
    const post = createAuthnRequest({ ...options, identityProvider: { sso: { post: idp.ssoUrl } }, signing });
    if (post.kind !== 'form') return expect.fail(post.kind);
    expect(post.action).toBe(idp.ssoUrl);
    expect(Object.keys(post)).toEqual(['kind', 'id', 'action', 'fields']);
    expect(Buffer.from(post.fields['SAMLRequest'] ?? '', 'base64').toString()).toContain('<ds:SignatureValue>');
  });

  it('accepts the objects that validateResponse and parseIdpMetadata use', () => {
    const provider = { ...serviceProvider, decryptionKeys: [], sharedDecryptionKeys: false };
    expect(createAuthnRequest({ identityProvider, serviceProvider: provider }).id).toMatch(/^_[0-9a-f]{32}$/);
  });

  it.each([
    [
      'an unknown option',
      { relaystate: '/x' },
      /^createAuthnRequest: unknown key "relaystate", did you mean relayState\?$/,
    ],
    ['no identity provider', { identityProvider: undefined }, 'identityProvider must be an object; received undefined'],
    [
      'an unknown key of the identity provider',
      { identityProvider: { ssoUrl: idp.ssoUrl } },
      /^identityProvider: unknown key "ssoUrl", did you mean sso\?$/,
    ],
    [
      'no endpoint',
      { identityProvider: { sso: {} } },
      'identityProvider.sso must have the URL of redirect or of post; received neither',
    ],
    [
      'an endpoint that is no http URL',
      { identityProvider: { sso: { post: 'javascript:alert(1)' } } },
      'identityProvider.sso.post must be an http or https URL; received "javascript:alert(1)"',
    ],
    ['no service provider', { serviceProvider: null }, 'serviceProvider must be an object; received null'],
    [
      'an empty entity ID',
      { serviceProvider: { entityId: '', acsUrl } },
      'serviceProvider.entityId must be a string that is not empty; received ""',
    ],
    [
      'a path as ACS URL',
      { serviceProvider: { entityId: spEntityId, acsUrl: '/sso/acs' } },
      'serviceProvider.acsUrl must be an http or https URL; received "/sso/acs"',
    ],
    ['an unknown binding', { binding: 'soap' }, 'binding must be one of redirect, post; received "soap"'],
    [
      'a binding without endpoint',
      { identityProvider: { sso: { redirect: idp.ssoUrl } }, binding: 'post' },
      'binding is post, and identityProvider.sso.post is not set',
    ],
    ['a text as ForceAuthn', { forceAuthn: 'false' }, 'forceAuthn must be true or false; received "false"'],
    ['an empty NameID format', { nameIdFormat: '' }, 'nameIdFormat must be a string that is not empty; received ""'],
    ['a long RelayState', { relayState: 'é'.repeat(41) }, 'relayState must have at most 80 bytes; received 82'],
    ['an invalid time', { now: new Date('x') }, 'now must be a valid Date; received an invalid Date'],
    [
      'SHA-1',
      { signing: { ...signing, hash: 'sha1' } },
      'signing.hash must be one of sha256, sha384, sha512; received "sha1"',
    ],
    [
      'a certificate of another key',
      { signing: { privateKey: signing.privateKey, certificate: other.certificate } },
      'signing.certificate must be that of signing.privateKey; it is that of another key',
    ],
    [
      'an identity provider that wants signed requests, without a key',
      { identityProvider: { ...identityProvider, wantAuthnRequestsSigned: true } },
      'signing is required: the identity provider refuses requests that are not signed',
    ],
  ] as const)('refuses %s with a TypeError, and accepts the twin', (_, changes, message) => {
    expect(() => create(changes)).toThrow(TypeError);
    expect(() => create(changes)).toThrow(message);
    expect(() => create({})).not.toThrow();
  });

  it('accepts a signed request if the metadata requires it, and a RelayState of the maximum length', () => {
    const wanting = { ...identityProvider, wantAuthnRequestsSigned: true };
    expect(() => create({ identityProvider: wanting, signing })).not.toThrow();
    expect(() => create({ relayState: 'é'.repeat(40), nameIdFormat: null })).not.toThrow();
  });

  it('never repeats a private key in an error', () => {
    const broken = `${signing.privateKey}`.replace('PRIVATE', 'SECRET');
    expect(() => create({ signing: { privateKey: broken } })).toThrow(
      new TypeError('the private key is not an unencrypted PEM private key'),
    );
    const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString();
    const line = privateKey.split('\n')[1] ?? '';
    const misplaced = [
      { signing: privateKey },
      { signing: line },
      { signing: { ...signing, hash: privateKey } },
      { serviceProvider: { ...serviceProvider, entityId: '', acsUrl: privateKey } },
    ];
    for (const changes of misplaced) {
      let refused: unknown;
      try {
        create(changes);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(ConfigurationError);
      expect(`${refused} ${JSON.stringify(refused)}`).not.toContain(line.slice(0, 20));
    }
  });
});
