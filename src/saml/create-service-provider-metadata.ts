import { expectKnownKeys, invalidOption } from '../configuration-error.ts';
import { parseOwnCertificate } from '../xml/own-certificate.ts';
import { expectBoolean, expectHttpUrl, expectObject, expectText, expectTexts } from './expect-options.ts';
import { buildSpMetadata, type ServiceProviderMetadataOptions } from './sp-metadata.ts';

const knownKeys: readonly (keyof ServiceProviderMetadataOptions)[] = [
  'entityId',
  'acsUrls',
  'signingCertificates',
  'authnRequestsSigned',
  'encryptionCertificates',
  'wantAssertionsSigned',
  'nameIdFormats',
];

/**
 * Writes the metadata of the application, as XML, for the administrator of an identity provider: an EntityDescriptor with
 * one SPSSODescriptor (SAML Metadata 2.4.4). `createSso` does this in `metadata`.
 *
 * @param options names, URLs and certificates of the application
 * @throws ConfigurationError for an option or certificate that cannot be used; it names the option
 *
 * @example
 * ```ts
 * import { createServiceProviderMetadata } from 'saml-jit';
 *
 * const xml = createServiceProviderMetadata({
 *   entityId: 'https://app.example.com/metadata',
 *   acsUrls: ['https://app.example.com/acs'],
 *   encryptionCertificates: [certificatePem],
 * });
 * response.type('application/samlmetadata+xml').send(xml);
 * ```
 */
export function createServiceProviderMetadata(options: ServiceProviderMetadataOptions): string {
  expectObject(['options'], options);
  expectKnownKeys('createServiceProviderMetadata', options, knownKeys);
  const { entityId, acsUrls, signingCertificates = [], encryptionCertificates = [], nameIdFormats = [] } = options;
  expectText(['entityId'], entityId);
  expectTexts(['acsUrls'], acsUrls);
  if (acsUrls.length === 0) throw invalidOption(['acsUrls'], 'must have at least one URL; received none');
  for (const [index, url] of acsUrls.entries()) expectHttpUrl(['acsUrls', index], url);
  expectTexts(['nameIdFormats'], nameIdFormats);
  expectBoolean(['authnRequestsSigned'], options.authnRequestsSigned);
  expectBoolean(['wantAssertionsSigned'], options.wantAssertionsSigned);
  for (const [name, certificates] of Object.entries({ signingCertificates, encryptionCertificates })) {
    expectTexts([name], certificates);
    for (const [index, certificate] of certificates.entries()) parseOwnCertificate([name, index], certificate);
  }
  if (options.authnRequestsSigned === true && signingCertificates.length === 0)
    throw invalidOption(['authnRequestsSigned'], 'is true, and signingCertificates has no certificate');
  return buildSpMetadata(options);
}
