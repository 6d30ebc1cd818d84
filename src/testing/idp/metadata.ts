import { bindings, namespaces } from '../../saml/names.ts';
import { element, serialize } from '../../xml/write.ts';

/** The contents of the metadata of an identity provider. */
export interface IdpDescription {
  readonly entityId: string;
  /** PEM. */
  readonly certificate: string;
  readonly ssoUrl: string;
  readonly ssoBindings: readonly ('redirect' | 'post')[];
  readonly nameIdFormat: string;
  readonly wantAuthnRequestsSigned: boolean;
}

/** Writes IdP metadata (SAML Metadata 2.4.3), unsigned. */
export function idpMetadata(description: IdpDescription): string {
  const { entityId, certificate, ssoUrl, ssoBindings, nameIdFormat, wantAuthnRequestsSigned } = description;
  const keyInfo = element(
    'ds:KeyInfo',
    { 'xmlns:ds': namespaces.signature },
    element('ds:X509Data', {}, element('ds:X509Certificate', {}, certificate.replace(/-----[^-]+-----|\s/g, ''))),
  );
  const descriptor = element(
    'md:IDPSSODescriptor',
    {
      WantAuthnRequestsSigned: wantAuthnRequestsSigned ? 'true' : undefined,
      protocolSupportEnumeration: namespaces.protocol,
    },
    element('md:KeyDescriptor', { use: 'signing' }, keyInfo),
    element('md:NameIDFormat', {}, nameIdFormat),
    ...ssoBindings.map((binding) =>
      element('md:SingleSignOnService', { Binding: bindings[binding], Location: ssoUrl }),
    ),
  );
  return serialize(element('md:EntityDescriptor', { 'xmlns:md': namespaces.metadata, entityID: entityId }, descriptor));
}
