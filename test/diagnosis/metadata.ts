import { parseConnection } from '../../src/index.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { key, type Product, product, start } from '../sso/setup.ts';
import { pemBody } from '../support/signing.ts';
import { type DiagnosisCase, signIn, warningOf } from './support.ts';

const idp = createTestIdp({ key });
const xml = idp.metadata();
const download = 'download the document and pass its content';

function connect(metadata: unknown, further: object = {}): unknown {
  const settings: object = { metadata, ...further };
  return product({}, { idp: settings });
}

function metadataWithValidUntil(time: string): string {
  return xml.replace('entityID=', `validUntil="${time}" entityID=`);
}

function productWithValidUntil(time: string): Product {
  return product({}, { idp: { metadata: metadataWithValidUntil(time) } });
}

async function firstWarning(app: Product): Promise<unknown> {
  await signIn(app);
  return warningOf(app);
}

/** Text that an administrator may pass as the metadata of the identity provider. */
function metadataCase(
  name: string,
  metadata: unknown,
  cause: string,
  remedy: string,
  values: readonly string[] = [],
): DiagnosisCase {
  return {
    name: `${name} passed as metadata`,
    code: typeof metadata === 'string' ? 'metadata_invalid' : 'TypeError',
    cause,
    remedy,
    values: ['idp.metadata', ...values],
    reproduce: () => connect(metadata),
    fixed: () => connect(xml),
  };
}

const many = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${xml}${createTestIdp({
  key,
  entityId: 'https://other.example/metadata',
}).metadata()}</md:EntitiesDescriptor>`;

export const metadata: readonly DiagnosisCase[] = [
  metadataCase('the certificate', key.certificate, 'a PEM file was given', 'pass it as `certificate`'),
  metadataCase(
    'the base64 of the certificate',
    pemBody(key.certificate),
    'a certificate was given',
    'pass it as `certificate`',
  ),
  metadataCase('a URL', `${idp.baseUrl}/metadata`, 'a URL was given', download),
  metadataCase(
    'a login page',
    '<!DOCTYPE html>\n<html><body>Sign in</body></html>',
    'an HTML page was given',
    'the URL probably needs a login',
  ),
  {
    name: 'metadata of the application itself passed as metadata',
    code: 'metadata_invalid',
    cause: 'this is the metadata of a service provider',
    remedy: "the identity provider's own is needed",
    values: ['https://app.example.com/sso/metadata'],
    reproduce: async () => connect(await product().sso.metadata()),
    fixed: () => connect(xml),
  },
  metadataCase(
    'a truncated document',
    xml.slice(0, 900),
    'the document ends inside <',
    'Download it again and pass all of it',
    ['line 1'],
  ),
  metadataCase(
    'a UTF-16 file',
    Buffer.from(`\uFEFF${xml}`, 'utf16le').toString(),
    'it is in UTF-16, and was read as UTF-8',
    'save it as UTF-8',
  ),
  metadataCase(
    'base64 of the document',
    Buffer.from(xml).toString('base64'),
    'base64 of XML was given',
    'decode it once',
  ),
  metadataCase(
    'the configuration of OpenID Connect',
    '{"issuer":"https://idp.example.test"}',
    'JSON was given, as OpenID Connect uses it',
    'SAML metadata is XML',
  ),
  metadataCase('a file name', './idp-metadata.xml', 'a file name was given', 'pass the content of the file'),
  metadataCase('a Buffer', Buffer.from(xml), 'received bytes', 'pass its text'),
  metadataCase(
    'another document',
    '<feed xmlns="http://www.w3.org/2005/Atom"/>',
    'the root element is <feed>',
    'Its administration page offers that for download',
  ),
  metadataCase(
    'the metadata of a federation',
    many,
    'it describes 2 identity providers',
    'pass the EntityDescriptor of one',
    ['https://other.example/metadata'],
  ),
  {
    name: 'expired metadata saved as the settings of a connection',
    code: 'metadata_invalid',
    cause: 'expired at 2026-10-01T00:00:00.000Z (validUntil)',
    remedy: 'download it again',
    values: ['idp.metadata', idp.entityId],
    reproduce: () =>
      parseConnection({ idp: { metadata: metadataWithValidUntil('2026-10-01T00:00:00Z') } }, { now: start }),
    fixed: () => parseConnection({ idp: { metadata: xml } }, { now: start }),
  },
  {
    name: 'metadata that expired more than a week ago',
    code: 'connection_unavailable',
    cause:
      'The metadata of the identity provider of the connection "acme" expired at 2026-11-17T08:00:00.000Z (validUntil)',
    remedy: 'Download it again and replace idp.metadata, or set entityId, ssoUrl and certificate of idp instead',
    reproduce: () => signIn(productWithValidUntil('2026-11-17T08:00:00Z')),
    fixed: () => signIn(productWithValidUntil('2026-11-17T08:00:01Z')),
  },
  {
    name: 'metadata that expired within the last week',
    code: 'metadata_expired',
    cause: 'The metadata of the identity provider expired at 2026-11-24T07:00:00.000Z (validUntil)',
    remedy: 'Download it again and replace idp.metadata',
    values: ['Logins will be refused from 2026-12-01T07:00:00.000Z on'],
    reproduce: () => firstWarning(productWithValidUntil('2026-11-24T07:00:00Z')),
    fixed: () => firstWarning(productWithValidUntil('2026-12-24T08:00:00Z')),
  },
  {
    name: 'metadata that is about to expire',
    code: 'metadata_expiring',
    cause: 'The metadata of the identity provider expires at 2026-12-01T08:00:00.000Z (validUntil)',
    remedy: 'Download it again and replace idp.metadata',
    values: ['Logins will be refused from 2026-12-08T08:00:00.000Z on'],
    reproduce: () => firstWarning(productWithValidUntil('2026-12-01T08:00:00Z')),
    fixed: () => firstWarning(productWithValidUntil('2026-12-01T08:00:01Z')),
  },
  metadataCase(
    'metadata of SAML 1.1 only',
    xml.replace('urn:oasis:names:tc:SAML:2.0:protocol', 'urn:oasis:names:tc:SAML:1.1:protocol'),
    'does not support SAML 2.0',
    'choose SAML 2.0 there',
    [idp.entityId],
  ),
  metadataCase(
    'metadata without a login address',
    createTestIdp({ key, ssoBindings: [] }).metadata(),
    'has no SingleSignOnService with the HTTP-Redirect or HTTP-POST binding',
    'enable one of them there',
  ),
  {
    name: 'both metadata and certificate given',
    code: 'TypeError',
    cause: 'idp.certificate: is already given by idp.metadata',
    remedy: 'remove one of them',
    reproduce: () => connect(xml, { certificate: key.certificate }),
    fixed: () => connect(xml),
  },
];
