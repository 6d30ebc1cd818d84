import { constants, hash, type KeyObject, sign } from 'node:crypto';
import {
  canonicalizations,
  digestAlgorithms,
  ENVELOPED_SIGNATURE,
  EXCLUSIVE_C14N,
  signatureAlgorithms,
} from '../../xml/algorithms.ts';
import { type Canonicalization, canonicalize } from '../../xml/canonicalize.ts';
import type { XmlElement } from '../../xml/element.ts';
import { DSIG_NAMESPACE } from '../../xml/names.ts';
import { readXml } from '../../xml/read.ts';
import { signatureAlgorithmFor } from '../../xml/sign.ts';
import type { KeyPair } from '../idp/self-signed.ts';

const INCLUSIVE_C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

/** The place where {@link signMarked} puts the signature. */
export const MARK = '<!--signature-->';

/** Options of {@link signMarked}. */
export interface MarkedSigning {
  readonly keyPair: KeyPair;
  /** ID of the signed element. Default `_s`. */
  readonly id?: string | undefined;
  /** URI. Default: chosen by the key. */
  readonly algorithm?: string | undefined;
  /** URI. Default SHA-256. */
  readonly digest?: string | undefined;
  /** URI of the canonicalization of the element; default exclusive. `null`: no Transform, so that it is inclusive. */
  readonly canonicalization?: string | null | undefined;
  /** PrefixList of the element's canonicalization; `undefined`: no InclusiveNamespaces. */
  readonly prefixList?: string | undefined;
  /** URI of the canonicalization of SignedInfo; default exclusive. */
  readonly signedInfoCanonicalization?: string | undefined;
  readonly signedInfoPrefixList?: string | undefined;
  /** Prefix of the signature's elements; default `ds`. */
  readonly prefix?: string | undefined;
  /** Content of KeyInfo; default the certificate, `null`: no KeyInfo. */
  readonly keyInfo?: string | null | undefined;
  /** Changes the Signature before it is signed: the changed SignedInfo is then signed. */
  readonly edit?: ((signature: string) => string) | undefined;
  /** Makes the SignatureValue from the canonical SignedInfo; default: signs with the key. */
  readonly sign?: ((signedInfo: Uint8Array) => Uint8Array) | undefined;
}

/**
 * Signs an element of `xml` with this package's canonicalization and node:crypto, in place of {@link MARK}. Unlike
 * xml-crypto it can sign anything, allowed by the standards or not.
 */
export function signMarked(xml: string, signing: MarkedSigning): string {
  const { id = '_s', digest = SHA256, prefix = 'ds', prefixList, signedInfoPrefixList } = signing;
  const { canonicalization = EXCLUSIVE_C14N, signedInfoCanonicalization = EXCLUSIVE_C14N } = signing;
  const { privateKey, certificate } = signing.keyPair;
  const { algorithm = signatureAlgorithmFor(privateKey), edit = (same) => same } = signing;
  const { keyInfo = `<ds:X509Data><ds:X509Certificate>${pemBody(certificate)}</ds:X509Certificate></ds:X509Data>` } =
    signing;
  const canonical = canonicalize(elementOf(xml, id), how(canonicalization ?? INCLUSIVE_C14N, prefixList));
  const template = edit(
    `<ds:Signature xmlns:ds="${DSIG_NAMESPACE}"><ds:SignedInfo>` +
      `<ds:CanonicalizationMethod Algorithm="${signedInfoCanonicalization}">${inclusiveNamespaces(signedInfoPrefixList)}</ds:CanonicalizationMethod>` +
      `<ds:SignatureMethod Algorithm="${algorithm}"/><ds:Reference URI="#${id}"><ds:Transforms>` +
      `<ds:Transform Algorithm="${ENVELOPED_SIGNATURE}"/>` +
      (canonicalization === null
        ? ''
        : `<ds:Transform Algorithm="${canonicalization}">${inclusiveNamespaces(prefixList)}</ds:Transform>`) +
      `</ds:Transforms><ds:DigestMethod Algorithm="${digest}"/>` +
      `<ds:DigestValue>${hash(digestAlgorithms.get(digest) ?? 'sha256', canonical, 'base64')}</ds:DigestValue>` +
      `</ds:Reference></ds:SignedInfo><ds:SignatureValue>@</ds:SignatureValue>` +
      `${keyInfo === null ? '' : `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>`}</ds:Signature>`,
  )
    .replaceAll('ds:', prefix === '' ? '' : `${prefix}:`)
    .replace('xmlns:ds=', prefix === '' ? 'xmlns=' : `xmlns:${prefix}=`);
  const placed = xml.replace(MARK, () => template);
  const candidates = readXml(placed)
    .descendants()
    .filter((element) => element.is(DSIG_NAMESPACE, 'SignedInfo'));
  const signedInfo =
    candidates.find(({ parent }) => parent?.elements().some(({ text }) => text === '@')) ?? candidates[0];
  if (signedInfo === undefined) return placed;
  const bytes = Buffer.from(canonicalize(signedInfo, how(signedInfoCanonicalization, signedInfoPrefixList)));
  const value = signing.sign?.(bytes) ?? signBytes(bytes, privateKey, algorithm);
  return placed.replace('>@<', () => `>${Buffer.from(value).toString('base64')}<`);
}

/**
 * The digest of this element without its Signature, as a Reference would contain it (SHA-256, exclusive
 * canonicalization).
 */
export function digestOf(xml: string, id: string): string {
  const element = elementOf(xml, id);
  const [omit] = element.all(DSIG_NAMESPACE, 'Signature');
  return hash('sha256', canonicalize(element, how(EXCLUSIVE_C14N), { omit }), 'base64');
}

function elementOf(xml: string, id: string): XmlElement {
  const found = readXml(xml)
    .descendants()
    .find((element) => element.get('ID') === id);
  if (found === undefined) throw new TypeError(`no element has the ID ${id}`);
  return found;
}

/** The base64 of a PEM certificate. */
export function pemBody(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, '');
}

function signBytes(bytes: Uint8Array, key: KeyObject, uri: string): Uint8Array {
  const { hash: hashName = 'sha256', key: kind = 'rsa' } = signatureAlgorithms.get(uri) ?? {};
  const padding =
    kind === 'rsa-pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
  return sign(hashName, bytes, { key, dsaEncoding: 'ieee-p1363', ...padding });
}

function how(uri: string, prefixList = ''): Canonicalization {
  if (canonicalizations.get(uri) === 'inclusive') return { method: 'inclusive' };
  const prefixes = prefixList.split(/\s+/).filter((prefix) => prefix !== '');
  return { method: 'exclusive', prefixes: new Set(prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))) };
}

function inclusiveNamespaces(prefixList: string | undefined): string {
  return prefixList === undefined
    ? ''
    : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE_C14N}" PrefixList="${prefixList}"/>`;
}
