import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PresetName } from '../../../src/connections/connection.ts';
import { authnRequestMessage } from '../../../src/saml/authn-request.ts';
import { parseIdpMetadata } from '../../../src/saml/idp-metadata.ts';
import { validateResponse } from '../../../src/saml/response.ts';
import { vendors } from '../../../src/testing/idp/vendors.ts';
import {
  createTestIdp,
  element,
  type RespondOptions,
  type SigningStyle,
  selfSigned,
  type TestIdp,
  type TestIdpOptions,
} from '../../../src/testing/index.ts';
import { readXml } from '../../../src/xml/read.ts';
import { configurationError } from '../../support/configuration-error.ts';

const now = new Date('2026-03-01T12:00:00Z');
const key = selfSigned();
const alice = {
  id: 'a1',
  email: 'alice@acme.example.test',
  firstName: 'Alice',
  lastName: 'Ünal',
  role: 'admin',
  groups: ['Staff', 'R&D'],
};
const sp = { acsUrl: 'https://app.example.test/sso/acs', audience: 'https://app.example.test/sso/metadata' };
const genuine = { ...sp, user: 'a1', inResponseTo: '_request' };

function idpWith(options: TestIdpOptions = {}): TestIdp {
  return createTestIdp({ key, now: () => now, users: [alice], ...options });
}

function validate(
  idp: TestIdp,
  samlResponse: string,
  options: { inResponseTo?: string | null; allowSha1?: boolean } = {},
) {
  return validateResponse(samlResponse, {
    identityProvider: { entityId: idp.entityId, certificates: [idp.certificate] },
    serviceProvider: { entityId: sp.audience, acsUrl: sp.acsUrl },
    inResponseTo: '_request',
    now,
    ...options,
  });
}

describe('respond', () => {
  it('creates a valid response for a user of the directory', async () => {
    const idp = idpWith();
    const assertion = await validate(idp, idp.respond(genuine));
    expect(assertion.subject).toEqual({ nameId: 'a1', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' });
    expect([...assertion.attributes]).toEqual([
      ['email', ['alice@acme.example.test']],
      ['firstName', ['Alice']],
      ['lastName', ['Ünal']],
      ['role', ['admin']],
      ['groups', ['Staff', 'R&D']],
    ]);
    expect(assertion.session.notOnOrAfter).toEqual(new Date('2026-03-01T20:00:00Z'));
  });

  it('creates an unsolicited response without inResponseTo', async () => {
    const idp = idpWith();
    const unsolicited = idp.respond({ ...sp, user: alice.email });
    expect((await validate(idp, unsolicited, { inResponseTo: null })).inResponseTo).toBeUndefined();
    await expect(validate(idp, unsolicited)).rejects.toMatchObject({ code: 'in_response_to_mismatch' });
  });

  const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
  const styles: readonly (readonly [string, SigningStyle & TestIdpOptions])[] = [
    ['the Response', { signs: 'response' }],
    ['the Assertion', { signs: 'assertion' }],
    ['both', { signs: 'both' }],
    ['with a PrefixList', { signs: 'both', inclusivePrefixes: ['xs'] }],
    ['with inclusive C14N', { signs: 'both', canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }],
    ['with C14N that keeps comments', { canonicalization: `${EXCLUSIVE}WithComments` }],
    ['without a prefix', { signaturePrefix: '' }],
    ['with RSA-SHA-512', { signatureAlgorithm: `${MORE}rsa-sha512`, digestAlgorithm: `${MORE}sha384` }],
    ['with RSA-PSS', { signatureAlgorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' }],
    ['with an RSA-PSS key', { key: undefined, keyType: 'rsa-pss' }],
    ['with P-256', { key: undefined, keyType: 'p256' }],
    ['with P-384', { key: undefined, keyType: 'p384' }],
    ['with P-521', { key: undefined, keyType: 'p521' }],
  ];
  it.each(styles)('signs %s, and an altered response is refused', async (_, style) => {
    const idp = idpWith(style);
    const xml = idp.responseXml(genuine);
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    expect((await validate(idp, encode(xml))).subject?.nameId).toBe('a1');
    const altered = xml.replace('alice@acme', 'mallo@acme');
    await expect(validate(idp, encode(altered))).rejects.toMatchObject({ code: 'signature_invalid' });
  });

  it('signs with SHA-1 only when asked', async () => {
    const signatureAlgorithm = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
    expect(() => idpWith({ signatureAlgorithm }).respond(genuine)).toThrow(TypeError);
    const idp = idpWith({ signatureAlgorithm, allowSha1: true });
    await expect(validate(idp, idp.respond(genuine))).rejects.toMatchObject({ code: 'algorithm_not_allowed' });
    expect((await validate(idp, idp.respond(genuine), { allowSha1: true })).subject?.nameId).toBe('a1');
  });

  it('signs nothing, or with an untrusted key, by option', async () => {
    const idp = idpWith();
    await expect(validate(idp, idp.respond({ ...genuine, signs: 'none' }))).rejects.toMatchObject({
      code: 'signature_missing',
    });
    await expect(validate(idp, idp.respond({ ...genuine, key: selfSigned() }))).rejects.toMatchObject({
      code: 'untrusted_certificate',
    });
  });

  const later = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
  const overrides: readonly (readonly [string, Partial<RespondOptions>])[] = [
    ['destination_mismatch', { destination: 'https://other.example.test/', signs: 'response' }],
    ['recipient_mismatch', { recipient: 'https://other.example.test/' }],
    ['audience_mismatch', { audiences: ['https://other.example.test/'] }],
    ['audience_mismatch', { audiences: null }],
    ['issuer_mismatch', { issuer: 'https://other.example.test/', assertionIssuer: 'https://other.example.test/' }],
    ['in_response_to_mismatch', { responseInResponseTo: '_other', confirmationInResponseTo: '_other' }],
    ['not_yet_valid', { notBefore: later(2) }],
    ['expired', { notOnOrAfter: later(-2) }],
    ['expired', { confirmationNotOnOrAfter: later(-2) }],
    ['session_expired', { sessionNotOnOrAfter: later(-2) }],
    ['authn_statement_missing', { authnInstant: null }],
    ['subject_confirmation_invalid', { confirmationMethod: null }],
    ['name_id_missing', { nameId: null }],
    ['assertion_invalid', { notBefore: 'yesterday' }],
    ['status_not_success', { status: { code: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } }],
    ['assertion_missing', { assertion: false }],
    ['assertion_multiple', { extraResponseChildren: [element('saml:Assertion', { ID: '_x' })] }],
    [
      'assertion_invalid',
      { mutateBeforeSigning: (xml) => xml.replace(/(<saml:Assertion .*?Version=)"2.0"/, '$1"1.1"') },
    ],
  ];
  it.each(overrides)('can be made to cause %s', async (code, override) => {
    const idp = idpWith();
    expect((await validate(idp, idp.respond(genuine))).issuer).toBe(idp.entityId);
    await expect(validate(idp, idp.respond({ ...genuine, ...override }))).rejects.toMatchObject({ code });
  });

  it.each<[object, string]>([
    [{ notOnorAfter: later(-2) }, 'respond: unknown key "notOnorAfter", did you mean notOnOrAfter?'],
    [{ InResponseTo: '_1' }, 'respond: unknown key "InResponseTo", did you mean inResponseTo?'],
    [{ x: 1 }, 'respond: unknown key "x", expected user, acsUrl, audience, inResponseTo, now, encryption, key, '],
  ])('refuses unknown keys: %j', (misspelt, message) => {
    const idp = idpWith();
    expect(() => idp.respond({ ...genuine, ...misspelt })).toThrow(TypeError);
    expect(() => idp.respond({ ...genuine, ...misspelt })).toThrow(message);
    expect(() => idp.respond({ ...genuine, notOnOrAfter: undefined })).not.toThrow();
  });

  it('refuses unknown options of createTestIdp and of a service provider', () => {
    const misspelt: object = { keytype: 'p256' };
    expect(() => idpWith(misspelt)).toThrow(
      configurationError('createTestIdp: unknown key "keytype", did you mean keyType?'),
    );
    const provider = { entityId: sp.audience, acsUrl: sp.acsUrl };
    const wrong = { ...provider, acs: sp.acsUrl };
    const message = 'service provider: unknown key "acs", expected entityId, acsUrl, name, certificate, ';
    expect(() => idpWith({ serviceProviders: [wrong] })).toThrow(message);
    expect(() => idpWith().addServiceProvider(wrong)).toThrow(message);
    expect(() => idpWith().addServiceProvider(provider)).not.toThrow();
  });

  it('accepts overrides that keep the response valid', async () => {
    const idp = idpWith();
    const assertion = await validate(
      idp,
      idp.respond({
        ...genuine,
        nameId: 'someone',
        nameIdFormat: null,
        issuer: null,
        attributes: [{ name: 'a', friendlyName: 'b', values: ['1', element('saml:NameID', {}, '2')] }],
        mutateBeforeSigning: (xml) => xml.replace('>1<', '>3<'),
      }),
    );
    expect(assertion.subject?.nameId).toBe('someone');
    expect(assertion.attributeList).toEqual([
      expect.objectContaining({ name: 'a', friendlyName: 'b', values: ['3', '2'] }),
    ]);
  });

  it('issues assertions for a user outside the directory, but not for an unknown id', async () => {
    const idp = idpWith();
    const assertion = await validate(idp, idp.respond({ ...genuine, user: { id: 'b2' } }));
    expect(assertion.subject?.nameId).toBe('b2');
    expect(assertion.attributes.size).toBe(0);
    expect(() => idp.respond({ ...genuine, user: 'b2' })).toThrow(new TypeError('there is no user b2'));
  });

  it('writes the same content in each run, with new IDs', () => {
    const [first, second] = [idpWith({ signs: 'both' }), idpWith({ signs: 'both' })];
    const response = first.respond(genuine);
    expect(second.respond(genuine)).toBe(response);
    expect(first.respond(genuine)).not.toBe(response);
  });

  it('creates a response with 5,000 groups', async () => {
    const groups = Array.from({ length: 5000 }, (_, i) => `group ${i}`);
    const idp = idpWith({ users: [{ ...alice, groups }] });
    expect((await validate(idp, idp.respond(genuine))).attributes.get('groups')).toEqual(groups);
  });
});

describe('vendors', () => {
  it.each(Object.keys(vendors) as PresetName[])('%s: a response that validates', async (vendor) => {
    const idp = idpWith({ vendor });
    const xml = idp.responseXml(genuine);
    const assertion = await validate(idp, Buffer.from(xml).toString('base64'));
    const { attributes, signs, nameIdFormat } = vendors[vendor];
    expect(assertion.subject?.format).toBe(nameIdFormat);
    expect([...assertion.attributes.keys()]).toEqual([...new Set(attributes.map(([, name]) => name))]);
    expect([...assertion.attributes.values()].flat()).toEqual(expect.arrayContaining([alice.email, 'admin', 'R&D']));
    const signed = [...readXml(xml).descendants()].filter(({ localName }) => localName === 'Signature');
    expect(signed.map(({ parent }) => parent?.localName)).toEqual(
      { both: ['Response', 'Assertion'], response: ['Response'], assertion: ['Assertion'], none: [] }[signs],
    );
  });
});

describe('directory', () => {
  it('can be edited', async () => {
    const idp = idpWith();
    idp.addUser({ id: 'b2', email: 'bob@acme.example.test' });
    idp.updateUser('a1', { lastName: 'Smith', role: undefined });
    const assertion = await validate(idp, idp.respond(genuine));
    expect(assertion.attributes.get('lastName')).toEqual(['Smith']);
    expect(assertion.attributes.has('role')).toBe(false);
    idp.removeUser('a1');
    expect(idp.users.map(({ id }) => id)).toEqual(['b2']);
    expect(() => idp.removeUser('a1')).toThrow(new TypeError('there is no user a1'));
    expect(() => idp.updateUser('a1', {})).toThrow(new TypeError('there is no user a1'));
    expect(() => idp.addUser({ id: 'b2' })).toThrow(new TypeError('there is already a user b2'));
  });
});

describe('metadata', () => {
  it('can be read by parseIdpMetadata', () => {
    const idp = idpWith();
    const read = parseIdpMetadata(idp.metadata(), { now });
    expect(read.entityId).toBe(idp.entityId);
    expect(JSON.stringify(read)).toContain(idp.ssoUrl);
    expect(JSON.stringify(read)).toContain(new X509Certificate(idp.certificate).raw.toString('base64'));
  });

  it('requires signed requests if a service provider must sign them', () => {
    const wants = (certificate: string | undefined): boolean =>
      parseIdpMetadata(
        idpWith({ serviceProviders: [{ entityId: sp.audience, acsUrl: sp.acsUrl, certificate }] }).metadata(),
        { now },
      ).wantAuthnRequestsSigned;
    expect(wants(key.certificate)).toBe(true);
    expect(wants(undefined)).toBe(false);
    const idp = idpWith();
    idp.addServiceProvider({ entityId: sp.audience, acsUrl: sp.acsUrl, certificate: key.certificate });
    expect(idp.metadata()).toContain('<md:IDPSSODescriptor WantAuthnRequestsSigned="true" ');
  });

  it('contains the configured bindings', () => {
    const locations = (options: TestIdpOptions): (string | undefined)[] =>
      [...readXml(idpWith(options).metadata()).descendants()]
        .filter(({ localName }) => localName === 'SingleSignOnService')
        .map((service) => service.get('Binding')?.split(':').at(-1));
    expect(locations({})).toEqual(['HTTP-Redirect', 'HTTP-POST']);
    expect(locations({ ssoBindings: ['post'] })).toEqual(['HTTP-POST']);
  });
});

describe('login', () => {
  const options = { issuer: sp.audience, acsUrl: sp.acsUrl, issueInstant: now, relayState: 'r"1' };

  it.each(['redirect', 'post'] as const)('answers a request by %s', async (binding) => {
    const idp = idpWith();
    const begun = authnRequestMessage({ ...options, sso: { [binding]: idp.ssoUrl } });
    const { action, fields } = await idp.login(begun, 'alice@acme.example.test');
    expect(action).toBe(sp.acsUrl);
    expect(fields['RelayState']).toBe('r"1');
    const assertion = await validate(idp, fields['SAMLResponse'] ?? '', { inResponseTo: begun.id });
    expect(assertion.subject?.nameId).toBe('a1');
  });

  it('fails for a user who was removed from the directory', async () => {
    const idp = idpWith({ signs: 'both' });
    idp.removeUser('a1');
    const begun = authnRequestMessage({ ...options, sso: { redirect: idp.ssoUrl } });
    const { fields } = await idp.login(begun, 'a1');
    const xml = Buffer.from(fields['SAMLResponse'] ?? '', 'base64').toString();
    expect(xml).toContain('status:AuthnFailed');
    expect(xml).toContain('<ds:Signature');
    expect(xml).not.toContain('<saml:Assertion');
    await expect(validate(idp, fields['SAMLResponse'] ?? '', { inResponseTo: begun.id })).rejects.toMatchObject({
      code: 'status_not_success',
    });
  });

  it('uses the NameID format that the request requires, or fails', async () => {
    const idp = idpWith();
    const login = async (format: string): Promise<string> => {
      const begun = authnRequestMessage({ ...options, sso: { redirect: idp.ssoUrl }, nameIdFormat: format });
      return Buffer.from((await idp.login(begun, 'a1')).fields['SAMLResponse'] ?? '', 'base64').toString();
    };
    const email = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    expect(await login(email)).toContain(`<saml:NameID Format="${email}">alice@acme.example.test<`);
    expect(await login('urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos')).toContain('status:InvalidNameIDPolicy');
  });

  describe('with a registered service provider', () => {
    const signing = selfSigned();
    const provider = { entityId: sp.audience, acsUrl: sp.acsUrl, certificate: signing.certificate };
    const idp = idpWith({ serviceProviders: [provider] });

    it.each(['redirect', 'post'] as const)('verifies requests by %s', async (binding) => {
      const sso = { [binding]: idp.ssoUrl };
      const signed = authnRequestMessage({ ...options, sso, signing });
      expect((await idp.login(signed, 'a1')).action).toBe(sp.acsUrl);
      const signedByOtherKey = authnRequestMessage({ ...options, sso, signing: selfSigned() });
      await expect(idp.login(signedByOtherKey, 'a1')).rejects.toThrow(
        /signature of the request is not valid|key that is not configured/,
      );
      const unsigned = authnRequestMessage({ ...options, sso });
      await expect(idp.login(unsigned, 'a1')).rejects.toThrow(
        new TypeError('the identity provider refuses: the request is not signed'),
      );
    });

    it('verifies the query as it was sent', async () => {
      const begun = authnRequestMessage({ ...options, sso: { redirect: idp.ssoUrl }, signing });
      if (begun.kind !== 'redirect') throw new Error(begun.kind);
      for (const change of [
        (url: string) => url.replace('RelayState=r', 'RelayState=s'),
        (url: string) => url.replace(/%2[FB]/, (escaped) => escaped.toLowerCase()),
      ]) {
        const url = change(begun.url);
        expect(url).not.toBe(begun.url);
        await expect(idp.login({ kind: 'redirect', url }, 'a1')).rejects.toThrow(
          'the signature of the request is not valid',
        );
      }
      const twice = { kind: 'redirect', url: `${begun.url}&RelayState=other` } as const;
      await expect(idp.login(twice, 'a1')).rejects.toThrow('RelayState occurs twice');
    });

    it('refuses another service provider and another ACS URL', async () => {
      const sso = { redirect: idp.ssoUrl };
      const other = authnRequestMessage({ ...options, issuer: 'https://other.example.test/', sso, signing });
      await expect(idp.login(other, 'a1')).rejects.toThrow('unknown service provider https://other.example.test/');
      const elsewhere = authnRequestMessage({ ...options, acsUrl: 'https://other.example.test/', sso, signing });
      await expect(idp.login(elsewhere, 'a1')).rejects.toThrow('https://other.example.test/ is not a URL of');
    });
  });
});
