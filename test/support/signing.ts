import { constants, hash, type KeyObject, sign } from 'node:crypto';
import { type KeyPair, type KeyType, selfSigned } from '../../src/testing/self-signed.ts';
import { canonicalizations, digestAlgorithms, signatureAlgorithms } from '../../src/xml/algorithms.ts';
import { type Canonicalization, canonicalize } from '../../src/xml/canonicalize.ts';
import { parseCertificate } from '../../src/xml/certificates.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { defaultLimits, type Limits } from '../../src/xml/limits.ts';
import { readXml } from '../../src/xml/read.ts';
import { indexSignatures, type VerifiedXml, verifySignature } from '../../src/xml/signature.ts';

export const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
export const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
export const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';
export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
export const ENVELOPED = `${DSIG}enveloped-signature`;

/** Where {@link signMarked} puts the signature. */
export const MARK = '<!--signature-->';

const made = new Map<string, KeyPair>();

/** A key pair of this type; one of each type and name is made, as that takes time. */
export function keyPair(keyType: KeyType = 'rsa', name = 'test identity provider'): KeyPair {
  const known = made.get(keyType + name) ?? selfSigned({ keyType, commonName: name });
  made.set(keyType + name, known);
  return known;
}

/** How {@link signMarked} signs. */
export interface Signing {
  /** ID of the signed element. Default `_s`. */
  readonly id?: string | undefined;
  /** Default the RSA key pair. */
  readonly keyPair?: KeyPair | undefined;
  /** URI. Default RSA-SHA-256. */
  readonly algorithm?: string | undefined;
  /** URI. Default SHA-256. */
  readonly digest?: string | undefined;
  /** URI of the canonicalization of the element; default exclusive. */
  readonly canonicalization?: string | undefined;
  /** PrefixList of the element's canonicalization; `undefined`: no InclusiveNamespaces. */
  readonly prefixList?: string | undefined;
  /** URI of the canonicalization of SignedInfo; default exclusive. */
  readonly signedInfoCanonicalization?: string | undefined;
  readonly signedInfoPrefixList?: string | undefined;
  /** Prefix of the signature's elements; default `ds`. */
  readonly prefix?: string | undefined;
  /** Content of KeyInfo; default the certificate, `null`: no KeyInfo. */
  readonly keyInfo?: string | null | undefined;
  /** Changes the Signature before it is signed: what it makes of SignedInfo bears an intact signature. */
  readonly edit?: ((signature: string) => string) | undefined;
}

/**
 * Signs an element of `xml` with this package's canonicalization and node:crypto, in place of {@link MARK}. Unlike
 * xml-crypto it can sign whatever the standards allow, and whatever they do not.
 */
export function signMarked(xml: string, signing: Signing = {}): string {
  const {
    id = '_s',
    algorithm = `${MORE}rsa-sha256`,
    digest = SHA256,
    prefix = 'ds',
    prefixList,
    signedInfoPrefixList,
  } = signing;
  const { canonicalization = EXCLUSIVE, signedInfoCanonicalization = EXCLUSIVE, edit = (same) => same } = signing;
  const { privateKey, certificate } = signing.keyPair ?? keyPair();
  const { keyInfo = `<ds:X509Data><ds:X509Certificate>${pemBody(certificate)}</ds:X509Certificate></ds:X509Data>` } =
    signing;
  const signed = [...readXml(xml).descendants()].find((element) => element.get('ID') === id);
  if (signed === undefined) throw new Error(`no element has the ID ${id}`);
  const canonical = canonicalize(signed, how(canonicalization, prefixList));
  const template = edit(
    `<ds:Signature xmlns:ds="${DSIG}"><ds:SignedInfo>` +
      `<ds:CanonicalizationMethod Algorithm="${signedInfoCanonicalization}">${inclusiveNamespaces(signedInfoPrefixList)}</ds:CanonicalizationMethod>` +
      `<ds:SignatureMethod Algorithm="${algorithm}"/><ds:Reference URI="#${id}"><ds:Transforms>` +
      `<ds:Transform Algorithm="${ENVELOPED}"/>` +
      `<ds:Transform Algorithm="${canonicalization}">${inclusiveNamespaces(prefixList)}</ds:Transform>` +
      `</ds:Transforms><ds:DigestMethod Algorithm="${digest}"/>` +
      `<ds:DigestValue>${hash(digestAlgorithms.get(digest) ?? 'sha256', canonical, 'base64')}</ds:DigestValue>` +
      `</ds:Reference></ds:SignedInfo><ds:SignatureValue>@</ds:SignatureValue>` +
      `${keyInfo === null ? '' : `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>`}</ds:Signature>`,
  )
    .replaceAll('ds:', prefix === '' ? '' : `${prefix}:`)
    .replace('xmlns:ds=', prefix === '' ? 'xmlns=' : `xmlns:${prefix}=`);
  const placed = xml.replace(MARK, () => template);
  const candidates = [...readXml(placed).descendants()].filter((element) => element.is(DSIG, 'SignedInfo'));
  const signedInfo =
    candidates.find(({ parent }) => parent?.elements().some(({ text }) => text === '@')) ?? candidates[0];
  if (signedInfo === undefined) return placed;
  const bytes = Buffer.from(canonicalize(signedInfo, how(signedInfoCanonicalization, signedInfoPrefixList)));
  return placed.replace('>@<', () => `>${signBytes(bytes, privateKey, algorithm)}<`);
}

/** What is verified on one document: everything that {@link verifySignature} makes of its signatures, in their order. */
export function verifyAll(xml: string, trust: Partial<Trust> = {}): VerifiedSignature[] {
  const root = readXml(xml);
  const index = indexSignatures(root);
  const { certificates = [keyPair().certificate], allowSha1 = false, limits = defaultLimits } = trust;
  const keys = certificates.map(parseCertificate);
  return index.signatures.map((signature) => ({
    signature,
    verified: verifySignature(signature, index, { keys, allowSha1, limits }),
  }));
}

export interface Trust {
  readonly certificates: readonly string[];
  readonly allowSha1: boolean;
  readonly limits: Limits;
}

export interface VerifiedSignature {
  readonly signature: XmlElement;
  readonly verified: VerifiedXml;
}

/** The base64 of a PEM certificate. */
export function pemBody(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, '');
}

function signBytes(bytes: Uint8Array, key: KeyObject, uri: string): string {
  const { hash: hashName = 'sha256', key: kind = 'rsa' } = signatureAlgorithms.get(uri) ?? {};
  const padding =
    kind === 'rsa-pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
  return sign(hashName, bytes, { key, dsaEncoding: 'ieee-p1363', ...padding }).toString('base64');
}

function how(uri: string, prefixList = ''): Canonicalization {
  if (canonicalizations.get(uri) === 'inclusive') return { method: 'inclusive' };
  const prefixes = prefixList.split(/\s+/).filter((prefix) => prefix !== '');
  return { method: 'exclusive', prefixes: new Set(prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))) };
}

function inclusiveNamespaces(prefixList: string | undefined): string {
  return prefixList === undefined ? '' : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${prefixList}"/>`;
}
