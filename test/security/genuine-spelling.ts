import { namespaces } from '../../src/saml/names.ts';
import { acsUrl, type Genuine, genuine, plain, type Spec } from './genuine-message.ts';

const { assertion: ASSERTION, protocol: PROTOCOL, schema, schemaInstance } = namespaces;
const edited = (name: string, edit: (xml: string) => string, spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, edit });
const declared = (name: string, declarations: string, spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts: { declarations: `${plain.declarations} ${declarations}`, ...spec.parts } });

/** Names a namespace by another prefix; an empty one makes it the default. */
function reprefix(xml: string, prefix: string, other: string): string {
  const colon = other === '' ? '' : ':';
  return xml
    .replaceAll(`<${prefix}:`, `<${other}${colon}`)
    .replaceAll(`</${prefix}:`, `</${other}${colon}`)
    .replaceAll(`xmlns:${prefix}=`, `xmlns${colon}${other}=`);
}

/** Declares the namespace of assertions where it is used, and not on the Response. */
function declareOnEach(xml: string): string {
  return xml
    .replace(` xmlns:saml="${ASSERTION}"`, '')
    .replace(/<saml:(Issuer|Assertion)(?=[\s>])/g, `<saml:$1 xmlns:saml="${ASSERTION}"`);
}

const pretty = (xml: string): string => xml.replaceAll('><', '>\n  <');

const documents: readonly Genuine[] = [
  genuine('XML declaration', { parts: { prolog: '<?xml version="1.0" encoding="UTF-8"?>' } }),
  genuine('XML declaration, lower case and a line break', {
    parts: { prolog: '<?xml version="1.0" encoding="utf-8"?>\n' },
  }),
  genuine('XML declaration, standalone', {
    parts: { prolog: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' },
  }),
  genuine('XML declaration, standalone="no": Java', {
    parts: { prolog: '<?xml version="1.0" encoding="UTF-8" standalone="no"?>' },
  }),
  genuine('XML declaration without encoding', { parts: { prolog: '<?xml version="1.0"?>\n' } }),
  genuine('XML declaration in single quotes: libxml2 bindings', {
    parts: { prolog: "<?xml version='1.0' encoding='UTF-8'?>\n" },
  }),
  genuine('byte order mark: .NET', { wire: (xml) => `\uFEFF${xml}` }),
  genuine('byte order mark and XML declaration', {
    wire: (xml) => `\uFEFF<?xml version="1.0" encoding="utf-8"?>${xml}`,
  }),
  genuine('line break at the end', { wire: (xml) => `${xml}\n` }),
  genuine('white space before the root', { wire: (xml) => `\n  ${xml}` }),
  genuine('comment before the root', { parts: { prolog: '<!-- Example IdP 9.1 -->' } }),
  genuine('comment after the root', { wire: (xml) => `${xml}<!-- node 7 -->` }),
];

const lines: readonly Genuine[] = [
  edited('pretty-printed', pretty),
  edited('pretty-printed, Response signed', pretty, { mode: 'response' }),
  edited('pretty-printed with tabs, both signed', (xml) => xml.replaceAll('><', '>\n\t\t<'), { mode: 'both' }),
  edited('line ends become CRLF on the way', pretty, { wire: (xml) => xml.replaceAll('\n', '\r\n') }),
  edited('line ends become CR on the way', pretty, { wire: (xml) => xml.replaceAll('\n', '\r') }),
  edited('blank lines', (xml) => xml.replaceAll('><', '>\n\n\n<')),
  edited('line breaks and tabs inside tags', (xml) => xml.replace(/" (?=[A-Z])/g, '"\n\t')),
  edited('white space around =', (xml) => xml.replace('Version="2.0"', 'Version = "2.0"')),
  edited('white space before > of an end tag', (xml) => xml.replaceAll('</saml:NameID>', '</saml:NameID >')),
  edited('attributes in single quotes', (xml) => xml.replace(/="([^"']*)"/g, "='$1'")),
  edited('empty elements as start and end tag', (xml) => xml.replace(/<([\w:]+)([^<>]*)\/>/g, '<$1$2></$1>')),
  edited('white space before />', (xml) => xml.replaceAll('/>', ' />')),
];

const order: readonly Genuine[] = [
  genuine('attributes of the Response in another order: Shibboleth', {
    parts: {
      response: `Destination="${acsUrl}" ID="_r" InResponseTo="_request" IssueInstant="2026-01-01T00:00:00Z" Version="2.0"`,
    },
  }),
  genuine('attributes of the Assertion in another order', {
    parts: { assertion: 'Version="2.0" IssueInstant="2026-01-01T00:00:00Z" ID="_a"' },
  }),
  genuine('declarations behind the attributes', {
    mode: 'both',
    edit: (xml) => xml.replace(/<samlp:Response (.*?) (ID=[^>]*)>/, '<samlp:Response $2 $1>'),
  }),
  edited('declarations in another order', (xml) =>
    xml.replace(plain.declarations, plain.declarations.split(' ').reverse().join(' ')),
  ),
];

const prefixes: readonly Genuine[] = [
  edited(
    'prefixes saml2 and saml2p: OpenSAML, Okta',
    (xml) => reprefix(reprefix(xml, 'saml', 'saml2'), 'samlp', 'saml2p'),
    { mode: 'both' },
  ),
  edited('prefixes ns0 and ns1: pysaml2', (xml) => reprefix(reprefix(xml, 'samlp', 'ns0'), 'saml', 'ns1'), {
    mode: 'both',
  }),
  edited('prefixes a and p', (xml) => reprefix(reprefix(xml, 'saml', 'a'), 'samlp', 'p')),
  edited('Assertion in the default namespace, declared on it: ADFS, Entra', (xml) =>
    reprefix(xml.replace(plain.declarations, `xmlns:samlp="${PROTOCOL}"`), 'saml', '').replace(
      /<(Issuer|Assertion)(?=[\s>])/g,
      `<$1 xmlns="${ASSERTION}"`,
    ),
  ),
  edited('assertions are the default namespace of the Response', (xml) => reprefix(xml, 'saml', ''), { mode: 'both' }),
  edited('the protocol is the default namespace', (xml) => reprefix(xml, 'samlp', ''), { mode: 'both' }),
  edited(
    'two default namespaces, one inside the other',
    (xml) => reprefix(reprefix(declareOnEach(xml), 'samlp', ''), 'saml', ''),
    { mode: 'both' },
  ),
  edited('declarations where they are used: Okta, Google', declareOnEach),
  edited('declarations where they are used, Response signed', declareOnEach, { mode: 'response' }),
  edited(
    'declared again on many elements',
    (xml) =>
      xml.replace(
        /<saml:(Subject|NameID|Conditions|Audience|Attribute)(?=[\s>])/g,
        `<saml:$1 xmlns:saml="${ASSERTION}"`,
      ),
    { mode: 'both' },
  ),
  edited('two prefixes of one namespace: start and inner elements differ', (xml) =>
    xml
      .replace(plain.declarations, `${plain.declarations} xmlns:other="${ASSERTION}"`)
      .replace(/(<\/?)saml:(Subject|NameID)(?=[\s>])/g, '$1other:$2'),
  ),
  edited('the prefix saml is bound to something else outside', (xml) =>
    declareOnEach(xml).replace('<samlp:Response ', '<samlp:Response xmlns:saml="urn:example:other" '),
  ),
  edited(
    'the prefixes of protocol and assertion exchanged',
    (xml) => reprefix(reprefix(reprefix(xml, 'saml', 'x'), 'samlp', 'saml'), 'x', 'samlp'),
    { mode: 'both' },
  ),
  edited('prefix beyond ASCII', (xml) => reprefix(xml, 'saml', 'größe')),
  edited('prefix with dots and hyphens', (xml) => reprefix(xml, 'saml', 'saml-2.0')),
  edited('prefix that begins with xmlns', (xml) => reprefix(xml, 'saml', 'xmlnsaml')),
  edited('prefixes that differ by case', (xml) => reprefix(reprefix(xml, 'saml', 'SAML'), 'samlp', 'Saml')),
  declared('xs and xsi declared on the Response: SimpleSAMLphp', `xmlns:xs="${schema}" xmlns:xsi="${schemaInstance}"`, {
    mode: 'both',
  }),
  declared(
    'declarations that nothing uses',
    'xmlns:enc="http://www.w3.org/2001/04/xmlenc#" xmlns:x500="urn:oasis:names:tc:SAML:2.0:profiles:attribute:X500"',
    { mode: 'both' },
  ),
  declared('a default namespace that nothing uses', 'xmlns="urn:example:default"', { mode: 'both' }),
  declared('a default namespace that the Assertion takes back', 'xmlns="urn:example:default"', {
    parts: { assertion: `xmlns="" ${plain.assertion}` },
  }),
  declared('twenty declarations', Array.from({ length: 20 }, (_, i) => `xmlns:n${i}="urn:example:${i}"`).join(' ')),
  declared(
    'twenty-five declarations',
    Array.from({ length: 25 }, (_, i) => `xmlns:n${i}="urn:example:${i}"`).join(' '),
  ),
  declared('a namespace beyond ASCII', 'xmlns:n="urn:größe:名"', { mode: 'both' }),
  declared('the prefix xml declared', `xmlns:xml="${namespaces.xml}"`, { mode: 'both' }),
  declared(
    'xsi:schemaLocation on the Response',
    `xmlns:xsi="${schemaInstance}" xsi:schemaLocation="${PROTOCOL} saml-schema-protocol-2.0.xsd"`,
  ),
  genuine('xsi:type on the Assertion', {
    parts: { assertion: `xmlns:xsi="${schemaInstance}" xsi:type="saml:AssertionType" ${plain.assertion}` },
  }),
];

const xmlAttributes: readonly Genuine[] = [
  genuine('xml:id of another value in addition to ID', { parts: { assertion: `${plain.assertion} xml:id="other"` } }),
  declared('xml:lang on the Response', 'xml:lang="de"'),
  declared('xml:lang on the Response, which is signed', 'xml:lang="de"', { mode: 'response' }),
  genuine('xml:space on the Assertion', { parts: { assertion: `xml:space="preserve" ${plain.assertion}` } }),
  genuine('xml:base on the Assertion', {
    parts: { assertion: `xml:base="https://idp.example.test/" ${plain.assertion}` },
  }),
  genuine('xml:lang on the Assertion, inclusive C14N', {
    parts: { assertion: `xml:lang="en" ${plain.assertion}` },
    signing: { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' },
  }),
];

const comments: readonly Genuine[] = [
  edited('comment in an Issuer', (xml) => xml.replaceAll('>https://idp.', '>https://<!-- c -->idp.')),
  edited('comments between elements', (xml) => xml.replaceAll('</saml:Subject>', '</saml:Subject><!-- conditions -->')),
  edited('comment in a NameID: the whole text counts', (xml) => xml.replace('>alice<', '>al<!-- x -->ice<')),
  edited('comments with markup inside', (xml) =>
    xml.replace('<saml:Subject>', '<!-- <saml:NameID>bob</saml:NameID> --><saml:Subject>'),
  ),
  edited(
    'comments, signed with a canonicalization that keeps them elsewhere',
    (xml) => xml.replace('<saml:Subject>', '<!-- c --><saml:Subject>'),
    {
      signing: { canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments' },
    },
  ),
  genuine('comments added on the way', {
    wire: (xml) => xml.replace('<saml:Subject>', '<!-- proxy 3 --><saml:Subject>'),
  }),
  edited('CDATA for a NameID', (xml) => xml.replace('>alice<', '><![CDATA[alice]]><')),
  edited('CDATA for a part of a NameID', (xml) => xml.replace('>alice<', '>a<![CDATA[lic]]>e<')),
  edited('empty CDATA', (xml) => xml.replace('>alice<', '>alice<![CDATA[]]><')),
  edited('CDATA for an Issuer', (xml) =>
    xml.replaceAll('>https://idp.example.test<', '><![CDATA[https://idp.example.test]]><'),
  ),
  edited('decimal character references', (xml) => xml.replace('>alice<', '>&#97;lice<')),
  edited('hexadecimal character references', (xml) => xml.replace('>alice<', '>&#x61;&#x6C;i&#x63;e<')),
  edited('character references with leading zeros', (xml) => xml.replace('>alice<', '>&#00097;lice<')),
  edited('character references in attributes', (xml) => xml.replace('Name="mail"', 'Name="&#109;ai&#x6C;"')),
  edited('character references in an ID', (xml) => xml.replace('ID="_a"', 'ID="&#95;a"'), { mode: 'response' }),
];

/** One infoset, written otherwise. */
export const spellings: readonly Genuine[] = [
  ...documents,
  ...lines,
  ...order,
  ...prefixes,
  ...xmlAttributes,
  ...comments,
];
