import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type KeyPair, selfSigned } from '../../src/testing/idp/self-signed.ts';
import { type Mode, options, signing as usual } from '../support/response.ts';
import { DSIG, EXCLUSIVE, INCLUSIVE, keyPair, MORE, MORE_2007, pemBody, type Signing } from '../support/signing.ts';
import { type Genuine, genuine, plain, type Spec } from './genuine-message.ts';

/** Options that pin these certificates. */
export function pinning(...pairs: readonly KeyPair[]): Spec['options'] {
  const certificates = pairs.map(({ certificate }) => certificate);
  return { identityProvider: { ...options.identityProvider, certificates } };
}

/** A message signed with this key. */
export function signedWith(name: string, pair: KeyPair, signing: Signing, spec: Spec = {}): Genuine {
  return genuine(name, {
    ...spec,
    signing: { keyPair: pair, ...signing },
    options: { ...pinning(pair), ...spec.options },
  });
}

const rsa = keyPair();
const sized = (modulusLength: number): KeyPair =>
  selfSigned({ privateKey: generateKeyPairSync('rsa', { modulusLength }).privateKey });
const signed = (name: string, signing: Signing, spec: Spec = {}): Genuine => genuine(name, { ...spec, signing });

const algorithms: readonly Genuine[] = [
  signedWith('RSA 2048, SHA-256: what nearly all send', rsa, { algorithm: `${MORE}rsa-sha256` }),
  signedWith('RSA 3072', sized(3072), { algorithm: `${MORE}rsa-sha256` }),
  signedWith('RSA 4096', sized(4096), { algorithm: `${MORE}rsa-sha512` }),
  signedWith('RSA with SHA-384', rsa, { algorithm: `${MORE}rsa-sha384` }),
  signedWith('RSA with SHA-512', rsa, { algorithm: `${MORE}rsa-sha512` }),
  ...[256, 384, 512].flatMap((bits) => [
    signedWith(`RSA-PSS with SHA-${bits} by a plain RSA key`, rsa, { algorithm: `${MORE_2007}sha${bits}-rsa-MGF1` }),
    signedWith(`RSA-PSS with SHA-${bits} by an RSA-PSS key`, keyPair('rsa-pss'), {
      algorithm: `${MORE_2007}sha${bits}-rsa-MGF1`,
    }),
  ]),
  signedWith('ECDSA P-384 with SHA-384', keyPair('p384'), { algorithm: `${MORE}ecdsa-sha384` }),
  signedWith('ECDSA P-521 with SHA-512', keyPair('p521'), { algorithm: `${MORE}ecdsa-sha512` }),
  signedWith('ECDSA P-521 with SHA-256', keyPair('p521'), { algorithm: `${MORE}ecdsa-sha256` }),
  signed('ECDSA P-256 with SHA-512', { algorithm: `${MORE}ecdsa-sha512` }),
  signed('digest SHA-384, signature SHA-256', { digest: `${MORE}sha384` }),
  signed('digest SHA-512, signature SHA-256', { digest: 'http://www.w3.org/2001/04/xmlenc#sha512' }),
  signedWith(
    'Auth0 add-on, ADFS of old: SHA-1 in both, by consent',
    rsa,
    { algorithm: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1` },
    { options: { allowSha1: true } },
  ),
  signed('digest SHA-1 alone, by consent', { digest: `${DSIG}sha1` }, { options: { allowSha1: true } }),
];

const canonicalizations: readonly Genuine[] = [
  signed('exclusive C14N with comments', { canonicalization: `${EXCLUSIVE}WithComments` }),
  signed('inclusive C14N 1.0', { canonicalization: INCLUSIVE }),
  signed('inclusive C14N 1.0 with comments', { canonicalization: `${INCLUSIVE}#WithComments` }),
  ...(['assertion', 'response', 'both'] as const).map((mode) =>
    signed(`enveloped-signature as the only transform, ${mode} signed`, { canonicalization: null }, { mode }),
  ),
  signed('enveloped-signature as the only transform, all inclusive', {
    canonicalization: null,
    signedInfoCanonicalization: INCLUSIVE,
  }),
  signed(
    'enveloped-signature as the only transform, with comments and declarations around',
    { canonicalization: null },
    {
      parts: { declarations: `${plain.declarations} xmlns="urn:d" xmlns:b="urn:b" xmlns:a="urn:a"` },
      edit: (xml) => xml.replace('<saml:Subject>', '<!-- c --><saml:Subject>'),
    },
  ),
  signed('SignedInfo inclusive, Assertion exclusive: .NET', { signedInfoCanonicalization: INCLUSIVE }),
  signed('SignedInfo exclusive with comments', { signedInfoCanonicalization: `${EXCLUSIVE}WithComments` }),
  signed('SignedInfo inclusive with comments', { signedInfoCanonicalization: `${INCLUSIVE}#WithComments` }),
];

const schema = `${plain.declarations} xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
const prefixLists: readonly Genuine[] = [
  ['xs: OpenSAML, Shibboleth', 'xs'],
  ['#default', '#default'],
  ['several: Oracle', '#default samlp saml ds xs xsi'],
  ['a prefix that nothing declares', 'soap'],
  ['the prefix that the element uses anyway', 'saml'],
  ['none named', ''],
  ['separated by line breaks and tabs', '\n xs\t xsi \n'],
  ['one prefix twice', 'xs xs'],
].flatMap(([name = '', prefixList = '']) => [
  signed(`PrefixList: ${name}`, { prefixList }, { parts: { declarations: schema } }),
  signed(
    `PrefixList on SignedInfo: ${name}`,
    { signedInfoPrefixList: prefixList },
    { parts: { declarations: schema } },
  ),
]);

const defaultDeclared = signed(
  'PrefixList: #default, with a default namespace in force',
  { prefixList: '#default', signedInfoPrefixList: '#default' },
  { parts: { declarations: `${plain.declarations} xmlns="urn:example:default"` } },
);

const places: readonly Genuine[] = (['assertion', 'response', 'both'] as const).flatMap((mode: Mode) => [
  ...(['first', 'last'] as const).map((place) =>
    genuine(`Signature ${place} among the children, ${mode} signed`, { mode, place }),
  ),
]);

const after: readonly Genuine[] = [
  genuine('Signature after Issuer, as the schema has it, assertion signed', {}),
  genuine('Signature after Issuer, as the schema has it, response signed', { mode: 'response' }),
];

const certificate = pemBody(usual.keyPair?.certificate ?? '');
const x509 = `<ds:X509Certificate>${certificate}</ds:X509Certificate>`;
const folded = (separator: string, width = 64): string =>
  certificate.replace(new RegExp(`.{${width}}`, 'g'), `$&${separator}`);
const { n, e } = createPublicKey(rsa.privateKey).export({ format: 'jwk' });
const standard = (text = ''): string => Buffer.from(text, 'base64url').toString('base64');
const keyValue = `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${standard(n)}</ds:Modulus><ds:Exponent>${standard(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;

const keyInfos: readonly Genuine[] = [
  signed('no KeyInfo', { keyInfo: null }),
  signed('empty KeyInfo', { keyInfo: '' }),
  signed('KeyName alone: Keycloak', {
    keyInfo: '<ds:KeyName>FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE</ds:KeyName>',
  }),
  signed('KeyName, X509Data and KeyValue: Keycloak of old', {
    keyInfo: `<ds:KeyName>k</ds:KeyName><ds:X509Data>${x509}</ds:X509Data>${keyValue}`,
  }),
  signedWith('RSAKeyValue alone', rsa, { keyInfo: keyValue, algorithm: `${MORE}rsa-sha256` }),
  signed('ECKeyValue of XML Signature 1.1', {
    keyInfo:
      '<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#"><dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/><dsig11:PublicKey>BA==</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>',
  }),
  signed('certificate with line breaks', {
    keyInfo: `<ds:X509Data><ds:X509Certificate>\n${folded('\n')}\n</ds:X509Certificate></ds:X509Data>`,
  }),
  signed('certificate with &#13;: Java on Windows', {
    keyInfo: `<ds:X509Data><ds:X509Certificate>${folded('&#13;\n', 76)}</ds:X509Certificate></ds:X509Data>`,
  }),
  signed('chain of certificates in one X509Data', {
    keyInfo: `<ds:X509Data>${x509}<ds:X509Certificate>${pemBody(rsa.certificate)}</ds:X509Certificate></ds:X509Data>`,
  }),
  signed('the issuing certificate first', {
    keyInfo: `<ds:X509Data><ds:X509Certificate>${pemBody(rsa.certificate)}</ds:X509Certificate>${x509}</ds:X509Data>`,
  }),
  signed('several X509Data', { keyInfo: `<ds:X509Data>${x509}</ds:X509Data><ds:X509Data>${x509}</ds:X509Data>` }),
  signed('X509SubjectName and X509IssuerSerial: PingFederate', {
    keyInfo: `<ds:X509Data><ds:X509SubjectName>CN=idp, O="Example, Inc."</ds:X509SubjectName><ds:X509IssuerSerial><ds:X509IssuerName>CN=idp</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial>${x509}</ds:X509Data>`,
  }),
  signed('X509SKI alone', { keyInfo: '<ds:X509Data><ds:X509SKI>AAEC</ds:X509SKI></ds:X509Data>' }),
  signed('SecurityTokenReference of WS-Security: ADFS', {
    keyInfo: `<o:SecurityTokenReference xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><ds:X509Data>${x509}</ds:X509Data></o:SecurityTokenReference>`,
  }),
  signed('KeyInfo in the namespace of XML Signature, declared anew: ADFS, Entra', {
    edit: (xml) => xml.replace('<ds:KeyInfo>', `<ds:KeyInfo xmlns:ds="${DSIG}">`),
  }),
  signed('a certificate that is not ours, since KeyInfo proves nothing', {
    keyInfo: `<ds:X509Data><ds:X509Certificate>${pemBody(rsa.certificate)}</ds:X509Certificate></ds:X509Data>`,
  }),
];

const withIds = (xml: string): string =>
  xml.replace('<ds:Signature ', '<ds:Signature Id="_sig" ').replace('<ds:SignedInfo>', '<ds:SignedInfo Id="_si">');
const foldValue =
  (separator: string, width: number) =>
  (xml: string): string =>
    xml.replace(
      /(?<=SignatureValue>)[^<]+/,
      (value) => `${separator}${value.replace(new RegExp(`.{${width}}`, 'g'), `$&${separator}`)}`,
    );

const forms: readonly Genuine[] = [
  genuine('SignatureValue in lines of 64', { wire: foldValue('\n', 64) }),
  genuine('SignatureValue in lines of 76, CRLF', { wire: foldValue('\r\n', 76) }),
  genuine('SignatureValue in lines with &#13;: Java on Windows', { wire: foldValue('&#13;\n', 76) }),
  signed('DigestValue with white space around', {
    edit: (xml) => xml.replace(/(<ds:DigestValue>)([^<]+)/, '$1\n  $2\n'),
  }),
  signed('Signature pretty-printed: Shibboleth', { edit: (xml) => xml.replaceAll('><', '>\n  <') }),
  signed('Signature pretty-printed with CRLF', { edit: (xml) => xml.replaceAll('><', '>\r\n\t<') }),
  signed('Id on Signature and SignedInfo', { edit: withIds }),
  signed('the same Id on both Signatures', { edit: withIds }, { mode: 'both' }),
  signed('Id and Type on Reference', {
    edit: (xml) =>
      xml.replace('<ds:Reference ', '<ds:Reference Id="_ref" Type="http://www.w3.org/2000/09/xmldsig#Object" '),
  }),
  signed('Id on SignatureValue and KeyInfo', {
    edit: (xml) =>
      xml.replace('<ds:SignatureValue>', '<ds:SignatureValue Id="_v">').replace('<ds:KeyInfo>', '<ds:KeyInfo Id="_k">'),
  }),
  signed('comments in SignedInfo', { edit: (xml) => xml.replace('<ds:Reference', '<!-- one --><ds:Reference') }),
  signed('algorithms with character references', {
    edit: (xml) => xml.replace('xml-exc-c14n#', 'xml-exc-c14n&#35;'),
  }),
  signed('Signature in the default namespace: ADFS, Entra', { prefix: '' }),
  signed('Signature with the prefix dsig: Keycloak', { prefix: 'dsig' }),
  signed('Signature with the prefix ns1: pysaml2', { prefix: 'ns1' }),
  genuine('ds declared on the Response alone', {
    parts: { declarations: `${plain.declarations} xmlns:ds="${DSIG}"` },
    signing: { edit: (xml) => xml.replace(` xmlns:ds="${DSIG}"`, '') },
  }),
  genuine('ds declared on the Response and on the Signature', {
    parts: { declarations: `${plain.declarations} xmlns:ds="${DSIG}"` },
  }),
  genuine('ds bound to something else outside', {
    parts: { declarations: `${plain.declarations} xmlns:ds="urn:example:other"` },
  }),
];

const publicPem = ({ certificate }: KeyPair): string =>
  createPublicKey(certificate).export({ type: 'spki', format: 'pem' }).toString();
const second = keyPair('p256', 'next year');
const keys: readonly Genuine[] = [
  genuine('rollover: the key in use is the second pinned one', {
    options: pinning(second, usual.keyPair ?? rsa),
  }),
  genuine('rollover: the key in use is the first pinned one', { options: pinning(usual.keyPair ?? rsa, second) }),
  genuine('rollover: an RSA key and an ECDSA key', { options: pinning(rsa, usual.keyPair ?? rsa) }),
  genuine('Assertion and Response signed by two keys, both pinned', {
    mode: 'both',
    responseSigning: { keyPair: second },
    options: pinning(usual.keyPair ?? rsa, second),
  }),
  signedWith(
    'certificate that has expired and is still pinned',
    selfSigned({ keyType: 'p256', notAfter: new Date('2021-01-01T00:00:00Z') }),
    {},
  ),
  signedWith(
    'certificate that is not valid yet',
    selfSigned({ keyType: 'p256', notBefore: new Date('2030-01-01T00:00:00Z') }),
    {},
  ),
  signedWith(
    'RSA key pinned as a bare public key, as metadata with a KeyValue has it',
    rsa,
    { algorithm: `${MORE}rsa-sha256` },
    {
      options: { identityProvider: { ...options.identityProvider, certificates: [publicPem(rsa)] } },
    },
  ),
  signedWith(
    'an IdP of 2017: bare UUIDs, NotBefore in the confirmation, KeyValue alone, SHA-1 by consent',
    rsa,
    { algorithm: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1`, keyInfo: keyValue },
    {
      mode: 'both',
      parts: {
        assertion: plain.assertion.replace('_a', '28338c8c-39ab-4b94-bcdc-46f68f99d962'),
        response: plain.response.replace('_r', '9e5afbca-be69-4b41-ac48-2f23538accdb'),
        confirmation: plain.confirmation.replace(' Recipient', ' NotBefore="2026-01-01T00:00:00Z" Recipient'),
      },
      claims: { id: '28338c8c-39ab-4b94-bcdc-46f68f99d962' },
      options: {
        allowSha1: true,
        identityProvider: { ...options.identityProvider, certificates: [publicPem(rsa)] },
      },
    },
  ),
  genuine('EC key pinned as a bare public key', {
    options: { identityProvider: { ...options.identityProvider, certificates: [publicPem(usual.keyPair ?? rsa)] } },
  }),
  genuine('certificate pinned as bare base64', {
    options: { identityProvider: { ...options.identityProvider, certificates: [certificate] } },
  }),
];

/** Algorithms, canonicalizations, places, KeyInfo, keys. */
export const signatures: readonly Genuine[] = [
  ...algorithms,
  ...canonicalizations,
  ...prefixLists,
  defaultDeclared,
  ...places,
  ...after,
  ...keyInfos,
  ...forms,
  ...keys,
];
