import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { namespaces } from '../../src/saml/names.ts';
import { buildSpMetadata } from '../../src/saml/sp-metadata.ts';
import { parseCertificate } from '../../src/xml/certificates.ts';
import { readXml } from '../../src/xml/read.ts';

const certificate = readFileSync(new URL('../fixtures/certificates/rsa-2048.crt', import.meta.url), 'utf8');
const acsUrls = ['https://app.example.com/sso/acs'] as const;
const minimal = { entityId: 'https://app.example.com/sso/metadata', acsUrls } as const;

function read(options: Parameters<typeof buildSpMetadata>[0]) {
  const root = readXml(buildSpMetadata(options));
  const [role] = root.all(namespaces.metadata, 'SPSSODescriptor');
  if (!role) throw new Error('no SPSSODescriptor');
  return { root, role, children: role.elements() };
}

describe('buildSpMetadata', () => {
  test('writes minimal metadata', () => {
    expect(buildSpMetadata(minimal)).toBe(
      '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://app.example.com/sso/metadata">' +
        '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
        '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example.com/sso/acs" index="0" isDefault="true"/>' +
        '</md:SPSSODescriptor></md:EntityDescriptor>',
    );
  });

  test('writes keys, formats and endpoints in the order that the schema requires', () => {
    const { role, children } = read({
      ...minimal,
      acsUrls: [...acsUrls, 'https://app.example.com/sso/acs/acme'],
      signingCertificates: [certificate],
      encryptionCertificates: [certificate],
      nameIdFormats: ['urn:a'],
      wantAssertionsSigned: false,
    });
    expect(role.get('AuthnRequestsSigned')).toBe('true');
    expect(role.get('WantAssertionsSigned')).toBe('false');
    expect(children.map((child) => [child.localName, child.get('use') ?? child.get('Location') ?? child.text])).toEqual(
      [
        ['KeyDescriptor', 'signing'],
        ['KeyDescriptor', 'encryption'],
        ['NameIDFormat', 'urn:a'],
        ['AssertionConsumerService', 'https://app.example.com/sso/acs'],
        ['AssertionConsumerService', 'https://app.example.com/sso/acs/acme'],
      ],
    );
    expect(children.slice(3).map((acs) => [acs.get('index'), acs.get('isDefault')])).toEqual([
      ['0', 'true'],
      ['1', undefined],
    ]);
    const [signing, encryption] = children;
    const inside = [...(signing?.descendants() ?? [])].find(({ localName }) => localName === 'X509Certificate');
    expect(parseCertificate(inside?.text ?? '').fingerprint).toBe(parseCertificate(certificate).fingerprint);
    expect(signing?.all(namespaces.metadata, 'EncryptionMethod')).toHaveLength(0);
    expect(encryption?.all(namespaces.metadata, 'EncryptionMethod').map((method) => method.get('Algorithm'))).toEqual([
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      'http://www.w3.org/2009/xmlenc11#aes128-gcm',
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    ]);
  });

  test('may contain a signing certificate although requests are not signed', () => {
    const { role, children } = read({ ...minimal, signingCertificates: [certificate], authnRequestsSigned: false });
    expect(role.get('AuthnRequestsSigned')).toBe('false');
    expect(children[0]?.get('use')).toBe('signing');
  });

  test('values are escaped', () => {
    const hostile = '"><md:X xmlns:md="urn:x">&';
    const { root, children } = read({ entityId: hostile, acsUrls: [hostile], nameIdFormats: [hostile] });
    expect(root.get('entityID')).toBe(hostile);
    expect(children.map((child) => child.get('Location') ?? child.text)).toEqual([hostile, hostile]);
  });

  test('an unusable certificate is refused', () => {
    expect(() => buildSpMetadata({ ...minimal, signingCertificates: ['x'] })).toThrow(SamlError);
    expect(() => buildSpMetadata({ ...minimal, signingCertificates: [certificate] })).not.toThrow();
  });
});
