import { namespaces } from '../../src/saml/names.ts';
import { type EncryptionStyle, encryptXml } from '../../src/testing/idp/encrypt.ts';
import type { KeyPair } from '../../src/testing/idp/self-signed.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { options } from '../support/response.ts';
import { DSIG, INCLUSIVE, keyPair, MORE, pemBody } from '../support/signing.ts';
import { attribute, type Genuine, genuine, type Spec, spId, statement } from './genuine-message.ts';

const XENC = namespaces.encryption;
const XENC11 = namespaces.encryption11;
const ours = decryptionPair();
const former = decryptionPair('former');
const certificate = ours.certificate;

/** The application holds these keys. */
export function opensWith(...pairs: readonly KeyPair[]): Spec['options'] {
  return { serviceProvider: { ...options.serviceProvider, decryptionKeys: pairs.map(pemOf) } };
}

/** The same, and the operator allows AES-CBC around an assertion that alone is signed. */
export function opensCbcWith(...pairs: readonly KeyPair[]): Spec['options'] {
  return { ...opensWith(...pairs), allowAesCbc: true };
}

type Style = Partial<EncryptionStyle>;
type Edit = (xml: string) => string;

/** An EncryptedAssertion in this style, then changed. */
export function encrypted(name: string, style: Style = {}, edit: Edit = (xml) => xml, spec: Spec = {}): Genuine {
  return genuine(name, {
    options: opensWith(ours),
    ...spec,
    encrypt: (assertion) =>
      `<saml:EncryptedAssertion>${edit(encryptXml(assertion, { certificate, ...style }))}</saml:EncryptedAssertion>`,
  });
}

const swap =
  (from: string | RegExp, to: string): Edit =>
  (xml) => {
    const changed = xml.replace(from, to);
    if (changed === xml) throw new TypeError(`nothing to replace: ${from}`);
    return changed;
  };
/** An EncryptedKey for another recipient. */
const otherEncryptedKey = (recipient: string | undefined): string =>
  /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/s.exec(
    encryptXml('<a/>', { certificate: former.certificate, recipient }),
  )?.[0] ?? '';
const keyInfo = /(<xenc:EncryptedKey.*?)<ds:KeyInfo>.*?<\/ds:KeyInfo>/s;
const xencDefault: Edit = (xml) => xml.replaceAll('xenc:', '').replaceAll('xmlns:xenc=', 'xmlns=');

const contents: readonly Genuine[] = [128, 192, 256].flatMap((bits) => [
  encrypted(`AES-${bits}-GCM`, { contentAlgorithm: `${XENC11}aes${bits}-gcm` }),
  encrypted(`AES-${bits}-CBC`, { contentAlgorithm: `${XENC}aes${bits}-cbc` }, undefined, {
    options: opensCbcWith(ours),
  }),
]);

const keyTransport: readonly Genuine[] = [
  encrypted('rsa-oaep-mgf1p, its digest named: ADFS', { digest: `${DSIG}sha1` }),
  encrypted('rsa-oaep-mgf1p with SHA-256, mask by SHA-1', { digest: `${XENC}sha256` }),
  encrypted(
    'rsa-oaep-mgf1p whose mask follows the digest, which is not by the book',
    {
      keyTransport: `${XENC}rsa-oaep-mgf1p`,
      digest: `${XENC}sha512`,
      maskGeneration: `${XENC11}mgf1sha512`,
    },
    swap(/<xenc11:MGF[^>]*\/>/, ''),
  ),
  ...(
    [
      ['sha224', `${MORE}sha224`],
      ['sha384', `${MORE}sha384`],
      ['sha512', `${XENC}sha512`],
    ] as const
  ).map(([hash, digest]) =>
    encrypted(`rsa-oaep of XML Encryption 1.1, digest and mask by ${hash}`, {
      digest,
      maskGeneration: `${XENC11}mgf1${hash}`,
    }),
  ),
  encrypted('rsa-oaep of XML Encryption 1.1 without MGF', {
    keyTransport: `${XENC11}rsa-oaep`,
    digest: `${XENC}sha256`,
  }),
  encrypted('rsa-oaep of XML Encryption 1.1, digest and mask by different ones', {
    digest: `${XENC}sha512`,
    maskGeneration: `${XENC11}mgf1sha1`,
  }),
  encrypted(
    'SHA-256 in the namespace of XML Signature: a former library',
    { digest: `${XENC}sha256` },
    swap(`${XENC}sha256`, `${DSIG}sha256`),
  ),
  encrypted('OAEPparams', { label: Buffer.from('label') }),
  encrypted(
    'empty OAEPparams',
    {},
    swap(/(<xenc:EncryptedKey.*?<xenc:EncryptionMethod[^>]*)\/>/s, '$1><xenc:OAEPparams/></xenc:EncryptionMethod>'),
  ),
  encrypted(
    'KeySize',
    {},
    swap(
      /(<xenc:EncryptionMethod Algorithm="[^"]*gcm")\/>/,
      '$1><xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>',
    ),
  ),
];

/** A message whose plaintext is more than the Assertion. */
const wrapped = (name: string, wrap: Edit): Genuine =>
  genuine(name, {
    options: opensWith(ours),
    encrypt: (assertion) =>
      `<saml:EncryptedAssertion>${encryptXml(wrap(assertion), { certificate })}</saml:EncryptedAssertion>`,
  });

const plaintexts: readonly Genuine[] = [
  wrapped('XML declaration in the plaintext', (xml) => `<?xml version="1.0" encoding="UTF-8"?>${xml}`),
  wrapped('byte order mark in the plaintext', (xml) => `\uFEFF${xml}`),
  wrapped('white space around the plaintext', (xml) => `\n\n        ${xml}\n\n`),
  wrapped('comment in the plaintext', (xml) => `<!-- sealed -->${xml}`),
];

const keysElsewhere: readonly Genuine[] = [
  encrypted('EncryptedKey as sibling of EncryptedData, by RetrievalMethod: Shibboleth', { encryptedKey: 'sibling' }),
  encrypted(
    'EncryptedKey as sibling of EncryptedData, without KeyInfo',
    { encryptedKey: 'sibling' },
    swap(/<ds:KeyInfo><ds:RetrievalMethod[^>]*\/><\/ds:KeyInfo>/, ''),
  ),
  encrypted(
    'EncryptedKey as sibling of EncryptedData, by KeyName and CarriedKeyName',
    { encryptedKey: 'sibling' },
    (xml) =>
      swap(
        '</xenc:EncryptedKey>',
        '<xenc:CarriedKeyName>k</xenc:CarriedKeyName></xenc:EncryptedKey>',
      )(swap(/<ds:RetrievalMethod[^>]*\/>/, '<ds:KeyName>k</ds:KeyName>')(xml)),
  ),
  encrypted(
    'EncryptedKey before EncryptedData',
    { encryptedKey: 'sibling' },
    swap(/(<xenc:EncryptedData.*<\/xenc:EncryptedData>)(.*)/s, '$2$1'),
  ),
  encrypted('ReferenceList', { encryptedKey: 'sibling' }, (xml) =>
    swap(
      '</xenc:EncryptedKey>',
      '<xenc:ReferenceList><xenc:DataReference URI="#_data"/></xenc:ReferenceList></xenc:EncryptedKey>',
    )(swap('<xenc:EncryptedData ', '<xenc:EncryptedData Id="_data" ')(xml)),
  ),
  encrypted(
    'another EncryptedKey that RetrievalMethod does not name',
    { encryptedKey: 'sibling' },
    (xml) => otherEncryptedKey(undefined) + xml,
  ),
  encrypted(
    'CarriedKeyName inside',
    {},
    swap('</xenc:EncryptedKey>', '<xenc:CarriedKeyName>k</xenc:CarriedKeyName></xenc:EncryptedKey>'),
  ),
  encrypted(
    'KeyName next to EncryptedKey in KeyInfo',
    {},
    swap('<xenc:EncryptedKey', '<ds:KeyName>k</ds:KeyName><xenc:EncryptedKey'),
  ),
  encrypted('no KeyInfo in EncryptedKey', {}, swap(keyInfo, '$1')),
  encrypted('KeyName in EncryptedKey', {}, swap(keyInfo, '$1<ds:KeyInfo><ds:KeyName>sp</ds:KeyName></ds:KeyInfo>')),
  encrypted(
    'X509IssuerSerial in EncryptedKey: ADFS',
    {},
    swap(
      keyInfo,
      '$1<ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=sp</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo>',
    ),
  ),
];

const recipients: readonly Genuine[] = [
  encrypted('Recipient is us', { recipient: spId }),
  encrypted('Recipient is another name of us', { recipient: 'https://sp.example.test/acs' }),
  encrypted('EncryptedKeys for two, ours second', { recipient: spId }, (xml) =>
    swap('<xenc:EncryptedKey', `${otherEncryptedKey('urn:other')}<xenc:EncryptedKey`)(xml),
  ),
  encrypted('EncryptedKeys for two, ours first', { recipient: spId }, (xml) =>
    swap('</xenc:EncryptedKey>', `</xenc:EncryptedKey>${otherEncryptedKey('urn:other')}`)(xml),
  ),
  encrypted('EncryptedKeys for two keys of ours, without Recipient', {}, (xml) =>
    swap('<xenc:EncryptedKey', `${otherEncryptedKey(undefined)}<xenc:EncryptedKey`)(xml),
  ),
  encrypted('rollover: for the newest of our keys', {}, undefined, { options: opensWith(ours, former) }),
  encrypted('rollover: for our former key', { certificate: former.certificate }, undefined, {
    options: opensWith(ours, former),
  }),
  encrypted(
    'rollover: for our former key, AES-CBC',
    { certificate: former.certificate, contentAlgorithm: `${XENC}aes256-cbc` },
    undefined,
    { options: opensCbcWith(ours, former) },
  ),
];

const forms: readonly Genuine[] = [
  encrypted('no Type', {}, swap(/ Type="[^"]*Element"/, '')),
  encrypted(
    'MimeType and Encoding',
    {},
    swap('<xenc:EncryptedData ', '<xenc:EncryptedData MimeType="text/xml" Encoding="UTF-8" '),
  ),
  encrypted('Id on EncryptedData and EncryptedKey', {}, (xml) =>
    swap(
      '<xenc:EncryptedKey ',
      '<xenc:EncryptedKey Id="_k" ',
    )(swap('<xenc:EncryptedData ', '<xenc:EncryptedData Id="_d" ')(xml)),
  ),
  encrypted(
    'EncryptionProperties',
    {},
    swap(
      '</xenc:EncryptedData>',
      '<xenc:EncryptionProperties><xenc:EncryptionProperty><x:By xmlns:x="urn:example"/></xenc:EncryptionProperty></xenc:EncryptionProperties></xenc:EncryptedData>',
    ),
  ),
  encrypted('EncryptedData pretty-printed', {}, (xml) => xml.replaceAll('><', '>\n  <')),
  encrypted('CipherValue in lines of 76, CRLF', {}, (xml) =>
    xml.replace(/(?<=CipherValue>)[^<]+/g, (value) => value.replace(/.{76}/g, '$&\r\n')),
  ),
  encrypted('CipherValue in lines with &#13;', {}, (xml) =>
    xml.replace(/(?<=CipherValue>)[^<]+/g, (value) => value.replace(/.{64}/g, '$&&#13;\n')),
  ),
  encrypted('EncryptedData in the default namespace', {}, xencDefault),
  encrypted('prefix e: .NET', {}, (xml) => xml.replaceAll('xenc:', 'e:').replaceAll('xmlns:xenc=', 'xmlns:e=')),
  encrypted('comments around EncryptedData', {}, (xml) => `<!-- a -->${xml}<!-- b -->`),
];

const groups = Array.from({ length: 5000 }, (_, i) => `group-${i}`);
const covers: readonly Genuine[] = [
  encrypted('only the Response signed: Shibboleth', {}, undefined, { mode: 'response' }),
  encrypted('only the Response signed, AES-CBC', { contentAlgorithm: `${XENC}aes128-cbc` }, undefined, {
    mode: 'response',
  }),
  encrypted('both signed: Okta', {}, undefined, { mode: 'both' }),
  encrypted(
    'keys shared with other identity providers, Assertion signed, AES-CBC',
    { contentAlgorithm: `${XENC}aes128-cbc` },
    undefined,
    {
      mode: 'both',
      options: {
        serviceProvider: { ...options.serviceProvider, decryptionKeys: [pemOf(ours)], sharedDecryptionKeys: true },
      },
    },
  ),
  encrypted('inclusive C14N inside of the encryption', {}, undefined, { signing: { canonicalization: INCLUSIVE } }),
  encrypted('the Assertion declares its own namespaces', {}, undefined, {
    edit: (xml) => xml.replace('<saml:Assertion ', `<saml:Assertion xmlns:saml="${namespaces.assertion}" `),
  }),
  encrypted('the Assertion pretty-printed with CRLF inside of the encryption', {}, undefined, {
    edit: (xml) => xml.replaceAll('><', '>\r\n<'),
  }),
  encrypted('RSA-signed inside, ECDSA outside', {}, undefined, {
    mode: 'both',
    signing: { keyPair: keyPair(), algorithm: `${MORE}rsa-sha256` },
    responseSigning: {},
    options: {
      ...opensWith(ours),
      identityProvider: {
        ...options.identityProvider,
        certificates: [...options.identityProvider.certificates, keyPair().certificate],
      },
    },
  }),
  encrypted('5,000 groups, encrypted', {}, undefined, {
    parts: { attributes: statement(attribute('Name="groups"', ...groups)) },
    claims: { attributes: [{ name: 'groups', values: groups }] },
  }),
  encrypted('a message of 900 KB, encrypted', {}, undefined, {
    parts: { attributes: statement(attribute('Name="photo"', 'x'.repeat(650_000))) },
    claims: { attributes: [{ name: 'photo', values: ['x'.repeat(650_000)] }] },
  }),
  genuine('a decryption key that nothing needs', { options: opensWith(ours) }),
];

const named: readonly Genuine[] = [
  encrypted(
    'certificate of EncryptedKey in lines',
    {},
    swap(pemBody(certificate), pemBody(certificate).replace(/.{64}/g, '$&\n')),
  ),
];

/** EncryptedAssertion. */
export const encryptions: readonly Genuine[] = [
  ...contents,
  ...keyTransport,
  ...plaintexts,
  ...keysElsewhere,
  ...recipients,
  ...forms,
  ...covers,
  ...named,
];
