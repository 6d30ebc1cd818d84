import { parseCertificate } from '../xml/certificates.ts';
import { element, serialize, type XmlFragment } from '../xml/write.ts';
import { bindings, namespaces } from './names.ts';

/** Options of `createServiceProviderMetadata`. */
export interface ServiceProviderMetadataOptions {
  readonly entityId: string;
  /** AssertionConsumerService URLs (HTTP-POST); the first is the default one. */
  readonly acsUrls: readonly [string, ...string[]];
  /** Certificates of the keys that sign AuthnRequests, PEM or base64. Default none: requests are not signed. */
  readonly signingCertificates?: readonly string[] | undefined;
  /** AuthnRequests are signed. Default: `true` if there is a signing certificate. */
  readonly authnRequestsSigned?: boolean | undefined;
  /** Certificates of the keys that decrypt assertions, PEM or base64. Default none. */
  readonly encryptionCertificates?: readonly string[] | undefined;
  /** Request signed assertions. Default `true`; `false` if a signed response suffices. */
  readonly wantAssertionsSigned?: boolean | undefined;
  /** NameID formats to request, best first. Default none: the identity provider chooses. */
  readonly nameIdFormats?: readonly string[] | undefined;
}

// The supported algorithms, best first; identity providers take the first that they support.
const encryptionMethods = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
];

/**
 * Writes the metadata that the administrator of an identity provider imports: an EntityDescriptor with one
 * SPSSODescriptor (SAML Metadata 2.4.4).
 *
 * @throws SamlError `certificate_invalid`; TypeError for a value that XML cannot hold
 */
export function buildSpMetadata(options: ServiceProviderMetadataOptions): string {
  const { signingCertificates = [], encryptionCertificates = [], nameIdFormats = [] } = options;
  // The schema fixes the order of the children.
  const role = element(
    'md:SPSSODescriptor',
    {
      AuthnRequestsSigned: String(options.authnRequestsSigned ?? signingCertificates.length > 0),
      WantAssertionsSigned: String(options.wantAssertionsSigned ?? true),
      protocolSupportEnumeration: namespaces.protocol,
    },
    ...signingCertificates.map((certificate) => keyDescriptor('signing', certificate)),
    ...encryptionCertificates.map((certificate) => keyDescriptor('encryption', certificate, encryptionMethods)),
    ...nameIdFormats.map((format) => element('md:NameIDFormat', {}, format)),
    ...options.acsUrls.map((url, index) =>
      element('md:AssertionConsumerService', {
        Binding: bindings.post,
        Location: url,
        index: String(index),
        isDefault: index === 0 ? 'true' : undefined,
      }),
    ),
  );
  const declarations = { 'xmlns:md': namespaces.metadata, 'xmlns:ds': namespaces.signature };
  return serialize(element('md:EntityDescriptor', { ...declarations, entityID: options.entityId }, role));
}

function keyDescriptor(use: string, certificate: string, methods: readonly string[] = []): XmlFragment {
  const value = element('ds:X509Certificate', {}, parseCertificate(certificate).certificate);
  return element(
    'md:KeyDescriptor',
    { use },
    element('ds:KeyInfo', {}, element('ds:X509Data', {}, value)),
    ...methods.map((algorithm) => element('md:EncryptionMethod', { Algorithm: algorithm })),
  );
}
