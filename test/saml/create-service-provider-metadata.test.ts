import { describe, expect, it } from 'vitest';
import { createServiceProviderMetadata, type ServiceProviderMetadataOptions } from '../../src/index.ts';
import { namespaces } from '../../src/saml/names.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { readXml } from '../../src/xml/read.ts';

const { certificate } = selfSigned();
const options: ServiceProviderMetadataOptions = {
  entityId: 'https://app.example.com/metadata',
  acsUrls: ['https://app.example.com/acs'],
};

/** As a program in JavaScript could call it. */
const create = (changes: object): string =>
  createServiceProviderMetadata({ ...options, ...changes } as unknown as ServiceProviderMetadataOptions);

describe('createServiceProviderMetadata', () => {
  it('describes the application', () => {
    const root = readXml(create({ signingCertificates: [certificate], encryptionCertificates: [certificate] }));
    expect(root.is(namespaces.metadata, 'EntityDescriptor')).toBe(true);
    expect(root.get('entityID')).toBe(options.entityId);
    const [role] = root.all(namespaces.metadata, 'SPSSODescriptor');
    expect(role?.get('AuthnRequestsSigned')).toBe('true');
    expect(role?.all(namespaces.metadata, 'KeyDescriptor')).toHaveLength(2);
    const [acs] = role?.all(namespaces.metadata, 'AssertionConsumerService') ?? [];
    expect(acs?.get('Location')).toBe('https://app.example.com/acs');
  });

  it.each([
    ['an unknown option', { acsUrl: 'https://app.example.com/acs' }, /unknown key "acsUrl", did you mean acsUrls\?$/],
    ['no entity ID', { entityId: undefined }, 'entityId must be a string that is not empty; received undefined'],
    ['one URL instead of a list', { acsUrls: 'https://x' }, 'acsUrls must be a list of strings; received "https://x"'],
    ['no ACS URL', { acsUrls: [] }, 'acsUrls must have at least one URL; received none'],
    ['a path as ACS URL', { acsUrls: ['/acs'] }, 'acsUrls[0] must be an http or https URL; received "/acs"'],
    [
      'a NameID format that is no text',
      { nameIdFormats: [1] },
      'nameIdFormats[0] must be a string that is not empty; received 1',
    ],
    [
      'a text as boolean',
      { wantAssertionsSigned: 'yes' },
      'wantAssertionsSigned must be true or false; received "yes"',
    ],
    [
      'a text that is no certificate',
      { encryptionCertificates: ['x'] },
      /^encryptionCertificates\[0\] must be the application's own X\.509 certificate \(PEM\), but /,
    ],
    [
      'signed requests without a certificate',
      { authnRequestsSigned: true },
      'authnRequestsSigned is true, and signingCertificates has no certificate',
    ],
  ] as const)('refuses %s with a TypeError', (_, changes, message) => {
    expect(() => create(changes)).toThrow(TypeError);
    expect(() => create(changes)).toThrow(message);
  });

  it('accepts the valid counterparts of the refused options', () => {
    expect(() => create({})).not.toThrow();
    expect(() => create({ signingCertificates: [certificate], authnRequestsSigned: true })).not.toThrow();
    expect(() => create({ nameIdFormats: ['urn:a'], wantAssertionsSigned: false })).not.toThrow();
    expect(() => create({ acsUrls: ['https://app.example.com/acs', 'http://localhost:3000/acs'] })).not.toThrow();
  });
});
