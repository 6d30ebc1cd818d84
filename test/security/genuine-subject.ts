import { nameIdFormats, namespaces } from '../../src/saml/names.ts';
import { acsUrl, confirmation, type Genuine, genuine, idpId, plain, type Spec, spId } from './genuine-message.ts';

const { unspecified, persistent } = nameIdFormats;

/** A NameID with these attributes. */
function nameId(name: string, attributes: string, claims: object, text = 'alice', read = text): Genuine {
  return genuine(name, {
    parts: { nameId: `<saml:NameID ${attributes}>${text}</saml:NameID>` },
    claims: { subject: { nameId: read, format: unspecified, ...claims } },
  });
}

const nameIds: readonly Genuine[] = [
  ...Object.entries(nameIdFormats)
    .filter(([kind]) => kind !== 'unspecified')
    .map(([kind, format]) => nameId(`NameID of the format ${kind}`, `Format="${format}"`, { format })),
  nameId('NameID of the format unspecified, said so', `Format="${unspecified}"`, {}),
  nameId(
    'NameID of the format unspecified as SAML 2.0 never had it',
    'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified"',
    {
      format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified',
    },
  ),
  nameId('NameID of a format of its own', 'Format="https://idp.example.test/formats/staff"', {
    format: 'https://idp.example.test/formats/staff',
  }),
  nameId('Format with white space around', `Format=" ${persistent}\n"`, { format: persistent }),
  nameId(
    'NameQualifier and SPNameQualifier: Shibboleth',
    `Format="${persistent}" NameQualifier="${idpId}" SPNameQualifier="${spId}"`,
    {
      format: persistent,
      nameQualifier: idpId,
      spNameQualifier: spId,
    },
  ),
  nameId('NameQualifier alone', `NameQualifier="${idpId}"`, { nameQualifier: idpId }),
  nameId('NameQualifier of another authority', 'NameQualifier="https://directory.example.test"', {
    nameQualifier: 'https://directory.example.test',
  }),
  nameId('SPNameQualifier alone: SimpleSAMLphp', `SPNameQualifier="${spId}"`, { spNameQualifier: spId }),
  nameId('empty qualifiers', 'NameQualifier="" SPNameQualifier=""', { nameQualifier: '', spNameQualifier: '' }),
  nameId('SPProvidedID', 'SPProvidedID="4711"', {}),
  nameId('xsi:type on the NameID', `xmlns:xsi="${namespaces.schemaInstance}" xsi:type="saml:NameIDType"`, {}),
  nameId('NameID in base64: Entra, ADFS', `Format="${persistent}"`, { format: persistent }, 'p6Vd+2f/9JvTvA0q8JwJmQ=='),
  nameId(
    'NameID with a qualified Windows name',
    `Format="${nameIdFormats.windowsDomainQualifiedName}"`,
    { format: nameIdFormats.windowsDomainQualifiedName },
    'EXAMPLE\\alice',
  ),
  nameId(
    'NameID with capitals, which are kept',
    `Format="${nameIdFormats.emailAddress}"`,
    { format: nameIdFormats.emailAddress },
    'Alice@Example.Test',
  ),
  nameId('NameID of 256 characters', `Format="${persistent}"`, { format: persistent }, 'n'.repeat(256)),
  nameId('NameID with white space around: pretty-printed', '', {}, '\n\t  alice\r\n  ', 'alice'),
  nameId('NameID with white space inside, which is kept', '', {}, ' Alice  Liddell ', 'Alice  Liddell'),
  nameId('NameID with no-break spaces around, which are no white space of XML', '', {}, '\u00a0alice\u00a0'),
  nameId('NameID in CDATA, with white space around', '', {}, '\n  <![CDATA[alice]]>\n', 'alice'),
  nameId('NameID with an entity', '', {}, 'a&amp;b', 'a&b'),
];

const without = (name: string, subject: string): Genuine =>
  genuine(name, { parts: { nameId: subject }, claims: { subject: null }, options: { requireNameId: false } });

const unnamed: readonly Genuine[] = [
  without('no NameID, where subject-id names the person', ''),
  without(
    'BaseID of a type of its own',
    `<saml:BaseID xmlns:xsi="${namespaces.schemaInstance}" xmlns:x="urn:example" xsi:type="x:Token"/>`,
  ),
  genuine('a NameID although none is required', { options: { requireNameId: false } }),
];

const confirmed = (name: string, written: string, spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts: { confirmation: written } });
const own = `Recipient="${acsUrl}" NotOnOrAfter="2026-01-01T00:05:00Z" InResponseTo="_request"`;
const other = (from: string, to: string): string => own.replace(from, to);
const keyInfo = `<ds:KeyInfo xmlns:ds="${namespaces.signature}"><ds:KeyName>browser</ds:KeyName></ds:KeyInfo>`;

const confirmations: readonly Genuine[] = [
  confirmed(
    'holder-of-key before bearer',
    confirmation('', { method: 'holder-of-key', inside: keyInfo }) + confirmation(),
  ),
  confirmed(
    'holder-of-key after bearer',
    confirmation() + confirmation('', { method: 'holder-of-key', inside: keyInfo }),
  ),
  confirmed(
    'sender-vouches in addition to bearer',
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>${confirmation()}`,
  ),
  confirmed(
    'a bearer confirmation for another ACS before ours',
    confirmation(other(acsUrl, 'https://sp.example.test/acs/2')) + confirmation(),
  ),
  confirmed(
    'a bearer confirmation for another ACS after ours',
    confirmation() + confirmation(other(acsUrl, 'https://sp.example.test/acs/2')),
  ),
  confirmed(
    'a bearer confirmation that has ended next to ours',
    confirmation(other('T00:05', 'T00:00')) + confirmation(),
  ),
  confirmed(
    'a bearer confirmation with NotBefore next to ours',
    confirmation(`NotBefore="2026-01-01T00:00:00Z" ${own}`) + confirmation(),
  ),
  confirmed('NotBefore', confirmation(`NotBefore="2026-01-01T00:00:00Z" ${own}`)),
  confirmed('NotBefore as late as the skew allows', confirmation(`NotBefore="2026-01-01T00:02:00Z" ${own}`)),
  confirmed(
    'a bearer confirmation that has not begun next to ours',
    confirmation(`NotBefore="2026-01-01T00:04:00Z" ${own}`) + confirmation(),
  ),
  confirmed(
    'a bearer confirmation for another request next to ours',
    confirmation(other('_request', '_another')) + confirmation(),
  ),
  confirmed(
    'an unsolicited bearer confirmation next to ours',
    confirmation(other(' InResponseTo="_request"', '')) + confirmation(),
  ),
  confirmed(
    'a bearer confirmation without data next to ours',
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>${confirmation()}`,
  ),
  confirmed('Address', confirmation(`Address="203.0.113.7" ${own}`)),
  confirmed('Address of IPv6', confirmation(`Address="2001:db8::7" ${own}`)),
  confirmed('NameID inside SubjectConfirmation', confirmation(own, { before: '<saml:NameID>proxy</saml:NameID>' })),
  confirmed('KeyInfo inside SubjectConfirmationData', confirmation(own, { inside: keyInfo })),
  confirmed(
    'xsi:type KeyInfoConfirmationDataType',
    confirmation(`xmlns:xsi="${namespaces.schemaInstance}" xsi:type="saml:KeyInfoConfirmationDataType" ${own}`, {
      inside: keyInfo,
    }),
  ),
  confirmed('attributes of another namespace', confirmation(`xmlns:x="urn:example" x:channel="web" ${own}`)),
  confirmed(
    'elements of another namespace',
    confirmation(own, { inside: '<x:Device xmlns:x="urn:example">7</x:Device>' }),
  ),
  confirmed('text inside SubjectConfirmationData', confirmation(own, { inside: 'by form' })),
  confirmed('attributes in another order', confirmation(own.split(' ').reverse().join(' '))),
  confirmed('Method with white space around', confirmation().replace('cm:bearer"', 'cm:bearer "')),
  confirmed('it ends earlier than the Conditions', confirmation(other('T00:05', 'T00:03')), {
    claims: { notOnOrAfter: new Date('2026-01-01T00:03:00Z') },
  }),
  confirmed('it ends later than the Conditions', confirmation(other('T00:05', 'T00:10'))),
  genuine('SubjectConfirmation before NameID', {
    parts: { nameId: plain.confirmation, confirmation: plain.nameId },
  }),
];

/** NameID and SubjectConfirmation. */
export const subjects: readonly Genuine[] = [...nameIds, ...unnamed, ...confirmations];
