import { identityProvider, serviceProvider, signedResponse, unsignedResponse } from './corpus.mjs';

const limit = 1024 * 1024;
const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const excC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const junk = (length) => 'QUJD'.repeat(Math.ceil(length / 4));
const numbered = (count, text) => Array.from({ length: count }, (_, n) => text(n)).join('');

/** As many copies of `text(n)` as fit into `room` characters, `most` at the utmost. */
function fill(text, most = Number.POSITIVE_INFINITY, room = limit - 8192) {
  const parts = [];
  for (let n = 0, used = 0; n < most; n++) {
    const part = text(n);
    used += part.length;
    if (used > room) break;
    parts.push(part);
  }
  return parts.join('');
}

const transform = (algorithm, content = '') => `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`;
const enveloped = transform(`${dsig}enveloped-signature`);
const prefixList = (list) => `<ec:InclusiveNamespaces xmlns:ec="${excC14n}" PrefixList="${list}"/>`;

function reference({ uri = '#_a', transforms = enveloped + transform(excC14n), digest = junk(44) } = {}) {
  return `<ds:Reference URI="${uri}"><ds:Transforms>${transforms}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`;
}

function signature({ references = reference(), value = junk(344), keyInfo = '' } = {}) {
  return `<ds:Signature xmlns:ds="${dsig}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${excC14n}"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>${references}</ds:SignedInfo><ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>${keyInfo}</ds:KeyInfo></ds:Signature>`;
}

/** A Response that looks right up to the given place: `inAssertion` follows the Issuer, `values` stand in an Attribute. */
function response({ start = '', inResponse = '', inAssertion = '', values = '' }) {
  return unsignedResponse(0)
    .replace(/(<saml:Assertion [^>]*)ID="[^"]*"/, (_, before) => `${before}${start} ID="_a"`)
    .replace('<samlp:Status>', () => `${inResponse}<samlp:Status>`)
    .replace('<saml:Subject>', () => `${inAssertion}<saml:Subject>`)
    .replace(/(Name="groups"[^>]*>)/, (_, tag) => tag + values);
}

const x509 = (data) => `<ds:X509Data><ds:X509Certificate>${data}</ds:X509Certificate></ds:X509Data>`;
const certificate = identityProvider.certificate.replace(/-----[A-Z ]+-----|\n/g, '');
const manyAttributes = `<a ${numbered(63, (n) => ` a${n}=""`)}/>`;
const value = (text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`;

/** An old genuine response with other values: its SignatureValue is valid, so the altered content is digested. */
function replayed(values) {
  return signedResponse(0).replace(/(Name="groups"[^>]*>)/, (_, tag) => tag + values);
}

const xenc = 'http://www.w3.org/2001/04/xmlenc#';
const cipher = (data) => `<xenc:CipherData><xenc:CipherValue>${data}</xenc:CipherValue></xenc:CipherData>`;
const encryptedKey = `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/>${cipher(junk(344))}</xenc:EncryptedKey>`;

/** A Response with an EncryptedAssertion that cannot be decrypted. */
function encryptedResponse(encryptedKeys, data = junk(4000)) {
  return unsignedResponse(0).replace(
    /<saml:Assertion [\s\S]*<\/saml:Assertion>/,
    () =>
      `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="${xenc}" Type="${xenc}Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="${dsig}">${encryptedKeys}</ds:KeyInfo>${cipher(data)}</xenc:EncryptedData></saml:EncryptedAssertion>`,
  );
}

const spaced = 'a '.repeat(500_000);
const farPrefixes = numbered(26, (n) => ` xmlns:p${n}="u:${n}"`);

/** Bodies within 1 MiB of XML that no pinned key signed, each the worst of its kind that we could think of. */
export const hostileBodies = {
  'deep nesting, 64 elements, again and again': response({
    values: fill(() => '<a>'.repeat(60) + '</a>'.repeat(60), 300),
  }),
  'deep nesting beyond the limit': '<a>'.repeat(340_000),
  '11,900 elements': response({ inAssertion: signature(), values: fill(() => '<a/>', 11_900) }),
  '11,900 elements with an ID each': response({
    inAssertion: signature(),
    values: fill((n) => `<a ID="_${n}"/>`, 11_900),
  }),
  '11,900 values of 45 bytes': response({ inAssertion: signature(), values: fill((n) => value(n), 11_900) }),
  'elements with 63 attributes each': response({
    inAssertion: signature(),
    values: fill(() => manyAttributes),
  }),
  'elements with 26 prefixed attributes each': response({
    start: farPrefixes,
    inAssertion: signature(),
    values: fill(() => `<a ${numbered(26, (n) => ` p${n}:a=""`)}/>`),
  }),
  'elements with 26 namespace declarations each': response({
    inAssertion: signature(),
    values: fill(() => `<a${numbered(26, (n) => ` xmlns:p${n}="u:"`)}/>`),
  }),
  'namespaces redeclared at every depth': response({
    inAssertion: signature(),
    values: fill((n) => `<p:a xmlns:p="u:${n}">`.repeat(26) + '</p:a>'.repeat(26), 440),
  }),
  'names of elements and attributes that never come again': response({
    inAssertion: signature(),
    values: fill((n) => `<a${n} b${n}="" c${n}=""/>`, 10_300),
  }),
  'names that share a slot of the table of names': response({
    inAssertion: signature(),
    values: fill((n) => (n % 2 === 0 ? '<aaxaxa aaxaxa=""/>' : '<aayaxa aayaxa=""/>'), 11_900),
  }),
  'one element with 100,000 attributes': response({ values: `<a ${fill((n) => ` a${n}=""`)}/>` }),
  'one element with 60,000 namespace declarations': response({ values: `<a ${fill((n) => ` xmlns:p${n}="u:"`)}/>` }),
  '1,500 Signatures in the Assertion': response({ inAssertion: fill(() => signature(), 1500) }),
  '1,500 Signatures in AttributeValues': response({
    inAssertion: signature(),
    values: fill(() => value(signature()), 1500),
  }),
  '3,000 References': response({ inAssertion: signature({ references: fill(() => reference(), 3000) }) }),
  '15,000 Transforms': response({
    inAssertion: signature({ references: reference({ transforms: fill(() => enveloped, 15_000) }) }),
  }),
  'PrefixList of 200,000 prefixes': response({
    inAssertion: signature({
      references: reference({ transforms: enveloped + transform(excC14n, prefixList(fill((n) => `p${n} `, 200_000))) }),
    }),
  }),
  'SignatureValue of 1 MiB': response({ inAssertion: signature({ value: fill(() => junk(4000)) }) }),
  'DigestValue of 1 MiB': response({
    inAssertion: signature({ references: reference({ digest: fill(() => junk(4000)) }) }),
  }),
  'KeyInfo: one X509Certificate of 1 MiB': response({
    inAssertion: signature({ keyInfo: x509(fill(() => junk(4000))) }),
  }),
  'KeyInfo: 800 certificates': response({ inAssertion: signature({ keyInfo: fill(() => x509(certificate), 800) }) }),
  'KeyInfo: 11,900 elements': response({ inAssertion: signature({ keyInfo: fill(() => '<ds:KeyName/>', 11_900) }) }),
  '20,700 attributes of the prefix declared furthest away': response({
    start: farPrefixes,
    inAssertion: signature(),
    values: fill(() => '<a p0:a="" p1:a="" p2:a=""/>', 6900),
  }),
  'old SignedInfo over 26 prefixed attributes per element': replayed(
    `<b${farPrefixes}>${fill(() => `<a${numbered(26, (n) => ` p${n}:a=""`)}/>`, 800)}</b>`,
  ),
  'a genuine signed Assertion next to 11,800 unsigned elements': signedResponse(0).replace(
    '<samlp:Status>',
    () => `<samlp:Extensions>${fill(() => '<a b="c"/>', 11_800)}</samlp:Extensions><saml:Assertion/><samlp:Status>`,
  ),
  '1,300 EncryptedKeys': encryptedResponse(fill(() => encryptedKey, 1300)),
  'one EncryptedKey over 1 MiB of ciphertext': encryptedResponse(
    encryptedKey,
    fill(() => junk(4000)),
  ),
  'an EncryptedKey of 1 MiB': encryptedResponse(encryptedKey.replace(junk(344), () => fill(() => junk(4000)))),
  'old SignedInfo over 11,900 altered values': replayed(fill((n) => value(n), 11_900)),
  'old SignedInfo over 1 MiB of altered text': replayed(value(fill(() => 'x'.repeat(1000)))),
  'old SignedInfo over elements with 63 attributes each': replayed(fill(() => manyAttributes, 331)),
  'old SignedInfo over text that canonicalization lengthens': replayed(value(fill(() => '>'))),
  'old SignedInfo over text that canonicalization lengthens to 2 MB': replayed(value(fill(() => '>', 510_000))),
  'old SignedInfo over prefixes declared at every value': replayed(fill((n) => `<p:a xmlns:p="u:${n}"/>`, 11_900)),
  'old SignedInfo over elements with 26 prefixed attributes of references': replayed(
    `<b${farPrefixes}>${fill(() => `<a${numbered(26, (n) => ` p${n}:a="&gt;&#x41;"`)}/>`, 800)}</b>`,
  ),
  'old SignedInfo over elements with 60 attributes in disorder': replayed(
    fill(() => `<a${numbered(60, (n) => ` attribute${(n * 37) % 60}=""`)}/>`, 345),
  ),
  'attributes of a tab': response({
    inAssertion: signature(),
    values: fill(() => `<a${numbered(60, (n) => ` a${n}="a\tb"`)}/>`, 345),
  }),
  'line ends, then an error': `<a>${fill(() => '\n')}&`,
  'SignatureValue with a blank after every letter': response({ inAssertion: signature({ value: fill(() => 'A ') }) }),
  'a blank after every letter: Issuer': unsignedResponse(0).replace(identityProvider.entityId, () => spaced),
  'a blank after every letter: StatusCode': unsignedResponse(0).replace(/Value="[^"]*"/, () => `Value="${spaced}"`),
  'a blank after every letter: IssueInstant': replayed('').replace(/IssueInstant="[^"]*"/g, (found, at, all) =>
    at === all.lastIndexOf('IssueInstant') ? `IssueInstant="${spaced}"` : found,
  ),
  'a blank after every letter: Type of EncryptedData': encryptedResponse(encryptedKey).replace(
    /Type="[^"]*"/,
    () => `Type="${spaced}"`,
  ),
  'text of character references': response({ inAssertion: signature(), values: value(fill(() => '&#x41;')) }),
  'text of &amp;': response({ inAssertion: signature(), values: value(fill(() => '&amp;')) }),
  'an attribute of &#10;': response({ inAssertion: signature(), values: `<a a="${fill(() => '&#10;')}"/>` }),
  'text of carriage returns': response({ inAssertion: signature(), values: value(fill(() => '\r')) }),
  'text of surrogate pairs': response({ inAssertion: signature(), values: value(fill(() => '😀', 250_000)) }),
  'text of one letter and one reference in turn': response({
    inAssertion: signature(),
    values: value(fill(() => 'a&lt;')),
  }),
  '140,000 comments': response({ inAssertion: signature(), values: value(fill(() => '<!---->', 140_000)) }),
  '120,000 comments between letters': response({ inAssertion: signature(), values: value(fill(() => 'a<!---->')) }),
  '80,000 CDATA sections': response({ inAssertion: signature(), values: value(fill(() => '<![CDATA[]]>', 80_000)) }),
  '11,900 Issuers': response({ inResponse: fill(() => '<saml:Issuer>x</saml:Issuer>', 11_900) }),
  '11,900 Assertions': response({ inResponse: fill((n) => `<saml:Assertion ID="_${n}"/>`, 11_900) }),
  'Status of 1 MiB, not Success': unsignedResponse(0).replace(
    'status:Success"/>',
    () => `status:Responder"/><samlp:StatusMessage>${fill(() => 'x'.repeat(1000))}</samlp:StatusMessage>`,
  ),
  'an end tag missing after 1 MiB': `<a>${fill(() => '<b></b>', 11_900)}`,
  'a start tag of 1 MiB': `<${fill(() => 'a'.repeat(1000))}`,
  'a comment that never ends': `<a><!--${fill(() => '-'.repeat(999))}`,
  spaces: ' '.repeat(limit),
  'not XML': junk(limit),
  'more than 1 MiB': `<a>${'x'.repeat(8 * limit)}</a>`,
};

/** Form fields that are not XML in base64 at all. */
export const hostileFields = {
  'base64 with a line break after every letter': Buffer.from(serviceProvider.acsUrl.repeat(9000))
    .toString('base64')
    .replace(/./g, '$&\n'),
  'base64 with a blank after every letter': Buffer.from(`<a>${'x'.repeat(589_000)}`)
    .toString('base64')
    .replace(/./g, '$& '),
  'letters and blanks, wrong in its last character': `${'A '.repeat(786_000)}%`,
  'almost base64, wrong in its last character': `${junk(limit)}!AAA`,
  '1 MiB of percent signs': '%'.repeat(limit),
};
