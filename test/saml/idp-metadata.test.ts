import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { parseIdpMetadata } from '../../src/saml/idp-metadata.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';

const fixture = (path: string): string => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
const base64 = (name: string): string => fixture(`certificates/${name}.crt`).replace(/-----[^-]+-----|\s/g, '');
const rsa = base64('rsa-2048');
const ec = base64('ec-p-256');
const weak = base64('rsa-1024');
const now = new Date('2026-11-24T03:00:00Z');

const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const md = 'xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
const data = (...certificates: string[]): string =>
  `<ds:X509Data>${certificates.map((c) => `<ds:X509Certificate>${c}</ds:X509Certificate>`).join('')}</ds:X509Data>`;
const rsaKeyValue = (publicKey: KeyObject): string => {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const standard = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${standard(n)}</ds:Modulus><ds:Exponent>${standard(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
};
const key = (use: string, ...content: string[]): string =>
  `<KeyDescriptor${use && ` use="${use}"`}><ds:KeyInfo>${content.join('')}</ds:KeyInfo></KeyDescriptor>`;
const sso = (binding = redirect, location = 'https://idp.example.com/sso'): string =>
  `<SingleSignOnService Binding="${binding}" Location="${location}"/>`;
const role = (content = key('signing', data(rsa)) + sso(), attributes = ''): string =>
  `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" ${attributes}>${content}</IDPSSODescriptor>`;
const entity = (content = role(), attributes = '', entityId = 'urn:idp'): string =>
  `<EntityDescriptor ${md} entityID="${entityId}" ${attributes}>${content}</EntityDescriptor>`;
const parse = (xml: string) => parseIdpMetadata(xml, { now });

function refusal(xml: string): SamlError {
  try {
    parse(xml);
  } catch (error) {
    if (error instanceof SamlError) return error;
    throw error;
  }
  throw new Error('the metadata was accepted');
}

describe('metadata of real identity providers', () => {
  test.each([
    ['lasso', 'https://lasso.example.test/idp', 9104, ['1.1:nameid-format:emailAddress']],
    [
      'samlp',
      'urn:samlp.example.test',
      9105,
      ['1.1:nameid-format:emailAddress', '2.0:nameid-format:persistent', '2.0:nameid-format:transient'],
    ],
  ])('%s', (name, entityId, port, formats) => {
    const both = (path: string) => ({
      redirect: `http://127.0.0.1:${port}${path}`,
      post: `http://127.0.0.1:${port}${path}`,
    });
    expect(parse(fixture(`captures/${name}/metadata.xml`))).toEqual({
      entityId,
      sso: both('/sso'),
      slo: both('/slo'),
      certificates: [expect.stringMatching(/^MII[A-Za-z0-9+/]+={0,2}$/)],
      wantAuthnRequestsSigned: false,
      nameIdFormats: formats.map((format) => `urn:oasis:names:tc:SAML:${format}`),
      validUntil: null,
    });
  });
});

describe('shapes of well-known identity providers', () => {
  test('Entra ID: a signature and WS-Federation roles, one certificate in each', () => {
    const federation = `<RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706">${key('signing', data(ec))}</RoleDescriptor>`;
    const saml = key('signing', data(rsa)) + key('signing', data(rsa)) + sso() + sso(post);
    const xml = `\uFEFF<?xml version="1.0" encoding="utf-8"?>${entity(`<ds:Signature><ds:SignedInfo/></ds:Signature>${federation}${role(saml)}`, 'ID="_1"', 'https://sts.windows.net/1/')}`;
    expect(parse(xml)).toEqual({
      entityId: 'https://sts.windows.net/1/',
      sso: { redirect: 'https://idp.example.com/sso', post: 'https://idp.example.com/sso' },
      slo: { redirect: undefined, post: undefined },
      certificates: [rsa],
      wantAuthnRequestsSigned: false,
      nameIdFormats: [],
      validUntil: null,
    });
  });

  test('Okta: prefixed names, two NameID formats', () => {
    const xml = `<md:EntityDescriptor entityID="http://www.okta.com/exk1" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${data(rsa.replace(/.{64}/g, '$&\n'))}</ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>urn:a</md:NameIDFormat><md:NameIDFormat> urn:b </md:NameIDFormat><md:SingleSignOnService Binding="${post}" Location="https://acme.okta.com/app/exk1/sso/saml"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
    expect(parse(xml)).toMatchObject({
      entityId: 'http://www.okta.com/exk1',
      sso: { post: 'https://acme.okta.com/app/exk1/sso/saml' },
      certificates: [rsa],
      nameIdFormats: ['urn:a', 'urn:b'],
    });
  });

  test('Google: validUntil, and the query in the URL', () => {
    const location = 'https://accounts.google.com/o/saml2/idp?idpid=C01&amp;x=1';
    const xml = entity(
      role(key('signing', data(rsa)) + sso(redirect, location)),
      'validUntil="2031-01-01T00:00:00.000Z"',
    );
    expect(parse(xml)).toMatchObject({
      sso: { redirect: 'https://accounts.google.com/o/saml2/idp?idpid=C01&x=1' },
      validUntil: new Date('2031-01-01T00:00:00Z'),
    });
  });

  test('ADFS: a service provider role, an encryption key, artifact and SOAP endpoints', () => {
    const sp = `<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>`;
    const soap = sso('urn:oasis:names:tc:SAML:2.0:bindings:SOAP', 'https://fs.example.com/soap');
    const xml = entity(
      sp +
        role(key('encryption', data(ec)) + key('signing', data(rsa)) + soap + sso(post), 'WantAuthnRequestsSigned="1"'),
    );
    expect(parse(xml)).toMatchObject({
      sso: { redirect: undefined, post: 'https://idp.example.com/sso' },
      certificates: [rsa],
      wantAuthnRequestsSigned: true,
    });
  });

  test('one identity provider inside EntitiesDescriptor, with service providers next to it', () => {
    const sp = entity(
      '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>',
      '',
      'urn:sp',
    );
    expect(
      parse(`<EntitiesDescriptor ${md}>${sp}<EntitiesDescriptor>${entity()}</EntitiesDescriptor></EntitiesDescriptor>`)
        .entityId,
    ).toBe('urn:idp');
  });
});

describe('signing certificates', () => {
  const certificates = (...keys: string[]) => parse(entity(role(keys.join('') + sso()))).certificates;

  test('are those for signing, or without use', () => {
    expect(certificates(key('', data(ec)), key('signing', data(rsa)))).toEqual([ec, rsa]);
  });
  test('never include those for encryption only', () => {
    expect(certificates(key('encryption', data(ec)), key('signing', data(rsa)))).toEqual([rsa]);
    expect(refusal(entity(role(key('encryption', data(rsa)) + sso()))).hint).toContain(
      'publishes no signing certificate',
    );
  });
  test('are the first of each X509Data, never its chain', () => {
    expect(certificates(key('signing', data(rsa, ec)))).toEqual([rsa]);
    expect(certificates(key('signing', data(rsa), data(ec)))).toEqual([rsa, ec]);
  });
  test('are at most 20; repetitions do not count', () => {
    const many = Array.from({ length: 21 }, () =>
      selfSigned({ keyType: 'p256' }).certificate.replace(/-----[^-]+-----|\s/g, ''),
    );
    const keys = many.map((each) => key('signing', data(each)));
    const twenty = keys.slice(0, 20);
    expect(certificates(...twenty, ...twenty, key('', data(weak)))).toEqual(many.slice(0, 20));
    const error = refusal(entity(role(keys.join('') + sso())));
    expect(error.code).toBe('metadata_invalid');
    expect(error.message).toBe('the metadata cannot be used');
    expect(error.hint).toContain('urn:idp publishes more than 20 signing certificates: remove those no longer in use');
  });
  test('are public keys in PEM where a KeyInfo has only a KeyValue', () => {
    const publicKey = createPublicKey(fixture('certificates/rsa-2048.crt'));
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    expect(certificates(key('signing', rsaKeyValue(publicKey)))).toEqual([pem]);
    expect(
      certificates(key('', '<ds:KeyName>k</ds:KeyName>', rsaKeyValue(publicKey)), key('signing', data(ec))),
    ).toEqual([pem, ec]);
    expect(
      certificates(key('signing', '<ds:X509Data><ds:X509SKI>AAEC</ds:X509SKI></ds:X509Data>', rsaKeyValue(publicKey))),
    ).toEqual([pem]);
  });
  test('are certificates where a KeyInfo has both', () => {
    const publicKey = createPublicKey(fixture('certificates/rsa-2048.crt'));
    expect(certificates(key('signing', rsaKeyValue(publicKey), data(rsa)))).toEqual([rsa]);
  });
  test('with an unusable KeyValue are omitted if another is usable', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(certificates(key('signing', rsaKeyValue(publicKey)), key('signing', data(rsa)))).toEqual([rsa]);
    const error = refusal(entity(role(key('signing', rsaKeyValue(publicKey)) + sso())));
    expect(error.hint).toContain('no signing certificate of urn:idp can be used');
    expect(error.hint).toContain('its RSA key has 1024 bits');
    expect(refusal(entity(role(key('signing', '<ds:KeyValue/>') + sso()))).hint).toContain(
      'it does not contain exactly one key',
    );
  });
  test('with unusable keys are omitted if another is usable', () => {
    expect(certificates(key('signing', data(weak)), key('signing', data(rsa)))).toEqual([rsa]);
    const error = refusal(entity(role(key('signing', data(weak)) + sso())));
    expect(error.hint).toContain('no signing certificate of urn:idp can be used');
    expect(error.hint).toContain('its RSA key has 1024 bits');
    expect(error.cause).toMatchObject({ code: 'certificate_invalid' });
  });
});

describe('validUntil', () => {
  test.each(['entity', 'role', 'entities'])('of the %s limits the use', (place) => {
    const made = (time: string): string => {
      const at = (name: string): string => (place === name ? `validUntil="${time}"` : '');
      return `<EntitiesDescriptor ${md} ${at('entities')}>${entity(role(undefined, at('role')), at('entity'))}</EntitiesDescriptor>`;
    };
    expect(parse(made('2026-11-24T03:00:01Z')).validUntil).toEqual(new Date('2026-11-24T03:00:01Z'));
    expect(refusal(made('2026-11-24T03:00:00Z')).hint).toContain('expired at 2026-11-24T03:00:00.000Z (validUntil)');
  });
  test('is the earliest of several', () => {
    const xml = entity(role(undefined, 'validUntil="2026-12-01T00:00:00Z"'), 'validUntil="2026-12-02T00:00:00Z"');
    expect(parse(xml).validUntil).toEqual(new Date('2026-12-01T00:00:00Z'));
  });
  test('must be a time', () => {
    expect(refusal(entity(role(), 'validUntil="tomorrow"')).hint).toContain(
      'validUntil of urn:idp is not a time such as 2026-11-24T08:00:00Z: tomorrow',
    );
  });
});

describe('parseIdpMetadata refuses', () => {
  const sp = entity(
    '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>',
    '',
    'https://app.example.com',
  );
  test.each([
    ['nothing', '  ', 'the text is empty'],
    ['a URL', 'https://idp.example.com/metadata', 'a URL was given'],
    ['an HTML page', '<!doctype html><p>Sign in', 'an HTML page was given: the URL probably needs a login'],
    ['an HTML page', '\n<html lang="en">', 'an HTML page was given'],
    ['a certificate', fixture('certificates/rsa-2048.crt'), 'a PEM file was given'],
    ['JSON', '{"error":1}', 'JSON was given, as OpenID Connect uses it: SAML metadata is XML'],
    ['broken XML', '<EntityDescriptor>', 'Expected the SAML 2.0 metadata of one identity provider: '],
    ['a DTD', `<!DOCTYPE x []>${entity()}`, 'DOCTYPE'],
    ['another document', '<samlp:Response xmlns:samlp="urn:x"/>', 'the root element is <samlp:Response>'],
    ['service provider metadata', sp, 'this is the metadata of a service provider (https://app.example.com)'],
    ['no role', entity(''), 'it describes no identity provider'],
    ['an empty collection', `<EntitiesDescriptor ${md}/>`, 'it describes no identity provider'],
    ['SAML 1.1', entity(role().replace('SAML:2.0:protocol', 'SAML:1.1:protocol')), 'urn:idp does not support SAML 2.0'],
    ['no entityID', entity(role(), '', ''), 'the EntityDescriptor has no entityID'],
    [
      'no endpoint',
      entity(role(key('signing', data(rsa)))),
      'urn:idp has no SingleSignOnService with the HTTP-Redirect or HTTP-POST',
    ],
    [
      'an endpoint of another binding',
      entity(role(key('', data(rsa)) + sso('urn:oasis:names:tc:SAML:2.0:bindings:SOAP'))),
      'has no SingleSignOnService',
    ],
    ['no key', entity(role(sso())), 'urn:idp publishes no signing certificate'],
    [
      'a key without certificate',
      entity(role(key('signing', '<ds:KeyName>k</ds:KeyName>') + sso())),
      'publishes no signing certificate',
    ],
    [
      'two identity providers',
      `<EntitiesDescriptor ${md}>${entity(role(), '', 'urn:one')}${entity(role(), '', 'urn:two')}</EntitiesDescriptor>`,
      'it describes 2 identity providers (urn:one, urn:two)',
    ],
  ])('%s', (_, xml, reason) => {
    const error = refusal(xml);
    expect(error.code).toBe('metadata_invalid');
    expect(error.message).toBe('the metadata cannot be used');
    expect(error.hint).toContain(reason);
  });

  test('any other text with a SamlError', () => {
    const xml = entity();
    const damaged = fc.tuple(fc.nat(xml.length - 20), fc.string()).map(([at, noise]) => xml.slice(0, at) + noise);
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (text) => {
        expect(refusal(text).code).toBe('metadata_invalid');
      }),
    );
  });
});
