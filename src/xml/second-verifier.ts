import { constants, hash, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import { canonicalizeDom, type DomCanonicalization } from './second-canonicalization.ts';

// A second opinion is worth something only if it shares nothing with the first: this file uses neither the reader nor the
// canonicalizer nor the algorithm tables of the strict verifier.

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const DSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DSIG_MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';
const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${DSIG}enveloped-signature`;
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

/** How a signature algorithm is computed, and by which types of key. */
interface Scheme {
  readonly keyTypes: readonly (string | undefined)[];
  readonly options: Omit<VerifyKeyObjectInput, 'key'>;
}

const pkcs1: Scheme = { keyTypes: ['rsa'], options: { padding: constants.RSA_PKCS1_PADDING } };
const pss: Scheme = {
  keyTypes: ['rsa', 'rsa-pss'],
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};
// XML Signature 1.1, 6.4.3: r and s, concatenated.
const ecdsa: Scheme = { keyTypes: ['ec'], options: { dsaEncoding: 'ieee-p1363' } };

const schemes: readonly (readonly [uri: string, hash: string, scheme: Scheme])[] = [
  [`${DSIG}rsa-sha1`, 'sha1', pkcs1],
  [`${DSIG_MORE}rsa-sha256`, 'sha256', pkcs1],
  [`${DSIG_MORE}rsa-sha384`, 'sha384', pkcs1],
  [`${DSIG_MORE}rsa-sha512`, 'sha512', pkcs1],
  [`${DSIG_MORE_2007}sha256-rsa-MGF1`, 'sha256', pss],
  [`${DSIG_MORE_2007}sha384-rsa-MGF1`, 'sha384', pss],
  [`${DSIG_MORE_2007}sha512-rsa-MGF1`, 'sha512', pss],
  [`${DSIG_MORE}ecdsa-sha256`, 'sha256', ecdsa],
  [`${DSIG_MORE}ecdsa-sha384`, 'sha384', ecdsa],
  [`${DSIG_MORE}ecdsa-sha512`, 'sha512', ecdsa],
];

const hashes: readonly (readonly [uri: string, hash: string])[] = [
  [`${DSIG}sha1`, 'sha1'],
  [`${XMLENC}sha256`, 'sha256'],
  [`${DSIG_MORE}sha384`, 'sha384'],
  [`${XMLENC}sha512`, 'sha512'],
];

// Comments are never kept: the signed document has none.
const canonicalizations = [
  { uri: EXCLUSIVE, isExclusive: true },
  { uri: `${EXCLUSIVE}WithComments`, isExclusive: true },
  { uri: INCLUSIVE, isExclusive: false },
  { uri: `${INCLUSIVE}#WithComments`, isExclusive: false },
];

/**
 * Verifies the enveloped signature of a document: xmldom parses it, xml-crypto canonicalizes, Node.js hashes and verifies.
 * Only children are looked up, never descendants.
 *
 * @param xml the signed element with its Signature, without KeyInfo; the root and SignedInfo declare all namespaces in scope
 * @param key the only key that may have signed
 * @returns the digested bytes, as text
 * @throws Error with the reason
 */
export function verifyAgain(xml: string, key: KeyObject, { allowSha1 }: { readonly allowSha1: boolean }): string {
  const root = parse(xml);
  const signatures = elements(root).filter((each) => isNamed(each, 'Signature'));
  const [signature] = signatures;
  if (signature === undefined || signatures.length > 1) fail(`${signatures.length} signatures`);
  const [signedInfo, signatureValue] = named(signature, 'SignedInfo', 'SignatureValue');

  const [unverified] = named(signedInfo, 'CanonicalizationMethod', 'SignatureMethod', 'Reference');
  const canonicalization = readCanonicalization(unverified);
  // Inclusive canonicalization would copy them into SignedInfo.
  if (!canonicalization.isExclusive && [root, signature].some(hasXmlAttribute)) fail('an inherited xml:* attribute');
  const signed = canonicalizeDom(signedInfo, canonicalization);
  // From here on, what was signed is read.
  const [method, signatureMethod, reference] = named(
    parse(signed),
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  );
  const again = readCanonicalization(method);
  if (JSON.stringify(again) !== JSON.stringify(canonicalization)) fail('SignedInfo was read in two ways');
  const [, signedHash, { keyTypes, options }] = allowed(schemes, signatureMethod, allowSha1);
  if (!keyTypes.includes(key.asymmetricKeyType)) fail(`a key of type ${key.asymmetricKeyType}`);
  const value = readBase64(signatureValue);
  if (!verify(signedHash, Buffer.from(signed), { ...options, key }, value)) fail('invalid signature');

  const id = root.getAttributeNS(null, 'ID');
  if (!id || reference.getAttributeNS(null, 'URI') !== `#${id}`) fail('the Reference names another element');
  const [transforms, digestMethod, digestValue] = named(reference, 'Transforms', 'DigestMethod', 'DigestValue');
  const [enveloped, transform] =
    elements(transforms).length === 1 ? named(transforms, 'Transform') : named(transforms, 'Transform', 'Transform');
  if (algorithmOf(enveloped) !== ENVELOPED || elements(enveloped).length > 0) fail('the signature is not enveloped');
  root.removeChild(signature);
  // The default is inclusive (XML Signature 4.4.3.2).
  const how = transform === undefined ? { isExclusive: false, prefixes: [] } : readCanonicalization(transform);
  const content = canonicalizeDom(root, how);
  const [, digest] = allowed(hashes, digestMethod, allowSha1);
  if (!hash(digest, content, 'buffer').equals(readBase64(digestValue))) fail('another digest');
  return content;
}

/** The root of a document that xmldom reads without any warning. */
function parse(xml: string): Element {
  // xmldom would read these characters as line feeds, as XML 1.1 does. No name contains them.
  const text = xml.replace(/[\x85\u2028]/g, (character) => `&#${character.charCodeAt(0)};`);
  return (
    new DOMParser({ locator: false, onError }).parseFromString(text, 'text/xml').documentElement ?? fail('no element')
  );
}

// U+FFFD is an ordinary character: xmldom warns that a wrong decoding may have made it.
const replacementCharacter = 'Unicode replacement character detected, source encoding issues?';

function onError(_level: string, message: string): void {
  if (message !== replacementCharacter) fail(message);
}

/** The child elements. */
function elements(parent: Element): readonly Element[] {
  return Array.from(parent.childNodes).filter(isElement);
}

/** The children, which must be exactly these elements of XML Signature, in this order, with white space between them. */
function named<const Names extends readonly string[]>(
  parent: Element,
  ...names: Names
): { readonly [K in keyof Names]: Element } {
  const found = elements(parent);
  const texts = Array.from(parent.childNodes).filter((each) => !isElement(each));
  if (texts.some(({ nodeValue }) => /[^\t\n\r ]/.test(nodeValue ?? ''))) fail(`text in ${parent.localName}`);
  if (found.length !== names.length || !found.every((each, index) => isNamed(each, names[index])))
    fail(`other children of ${parent.localName}`);
  return found as { readonly [K in keyof Names]: Element };
}

function isNamed(element: Element, name: string | undefined): boolean {
  return element.namespaceURI === DSIG && element.localName === name;
}

function hasXmlAttribute({ attributes }: Element): boolean {
  return Array.from(attributes).some(({ namespaceURI }) => namespaceURI === 'http://www.w3.org/XML/1998/namespace');
}

function isElement(node: Node): node is Element {
  return node.nodeType === node.ELEMENT_NODE;
}

function algorithmOf(element: Element): string {
  return element.getAttributeNS(null, 'Algorithm') ?? '';
}

/** The entry of the algorithm. SHA-1 is used only where the connection allows it. */
function allowed<Entry extends readonly [uri: string, hash: string, ...unknown[]]>(
  table: readonly Entry[],
  method: Element,
  allowSha1: boolean,
): Entry {
  const uri = algorithmOf(method);
  const entry = table.find(([each, hash]) => each === uri && (allowSha1 || hash !== 'sha1'));
  // Parameters would change what the algorithm computes.
  return entry !== undefined && elements(method).length === 0 ? entry : fail(`the algorithm ${uri}`);
}

/** Reads a CanonicalizationMethod or a Transform. */
function readCanonicalization(element: Element): DomCanonicalization {
  const uri = algorithmOf(element);
  const { isExclusive } = canonicalizations.find((each) => each.uri === uri) ?? fail(`the canonicalization ${uri}`);
  const [parameter, ...more] = elements(element);
  if (parameter === undefined) return { isExclusive, prefixes: [] };
  const isPrefixList = parameter.namespaceURI === EXCLUSIVE && parameter.localName === 'InclusiveNamespaces';
  if (!isExclusive || !isPrefixList || more.length > 0 || elements(parameter).length > 0)
    fail('other parameters of a canonicalization');
  const prefixes = (parameter.getAttributeNS(null, 'PrefixList') ?? '').split(/[\t\n\r ]+/).filter(Boolean);
  return { isExclusive, prefixes };
}

function readBase64(element: Element): Buffer {
  const text = (element.textContent ?? '').replace(/[\t\n\r ]/g, '');
  if (element.childNodes.length !== 1 || text.length % 4 > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    fail(`${element.localName} is not base64`);
  return Buffer.from(text, 'base64');
}

function fail(reason: string): never {
  throw new Error(reason);
}
