import { type BinaryLike, createPrivateKey, type KeyLike, KeyObject } from 'node:crypto';
import { type SignatureAlgorithm, SignedXml } from 'xml-crypto';
import { DSIG_NAMESPACE, isNCName } from './names.ts';
import {
  type AlgorithmTable,
  digestAlgorithms,
  digestAlgorithmsWithSha1,
  signatureAlgorithms,
  signatureAlgorithmsWithSha1,
} from './xml-crypto-algorithms.ts';

const ENVELOPED = `${DSIG_NAMESPACE}enveloped-signature`;
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const DSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Hash of a signature; SHA-1 is excluded. */
export type SignatureHash = 'sha256' | 'sha384' | 'sha512';

const digests: Readonly<Record<SignatureHash, string>> = {
  sha256: SHA256,
  sha384: `${DSIG_MORE}sha384`,
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};
const curveHashes = new Map<string | undefined, SignatureHash>([
  ['prime256v1', 'sha256'],
  ['secp384r1', 'sha384'],
  ['secp521r1', 'sha512'],
]);

/** Options of {@link signEnveloped}. */
export interface SignOptions {
  /** Value of the `ID` attribute of the element to sign: the document element or a child of it. */
  readonly id: string;
  /** PEM, or a key object, which avoids parsing the PEM each time. */
  readonly privateKey: KeyObject | string;
  /** PEM or bare base64 of the certificate to include in KeyInfo. Default: no KeyInfo. */
  readonly certificate?: string | undefined;
  /** URI. Default: chosen by the key, see {@link signatureAlgorithmFor}. */
  readonly signatureAlgorithm?: string | undefined;
  /** URI; default SHA-256. */
  readonly digestAlgorithm?: string | undefined;
  /** URI of the canonicalization of SignedInfo and of the element; default exclusive C14N. */
  readonly canonicalization?: string | undefined;
  /** PrefixList of InclusiveNamespaces in the element's exclusive C14N; default none. */
  readonly inclusivePrefixes?: readonly string[] | undefined;
  /** Position among the element's children: `second` (default; after Issuer, as in the SAML schema), `first`, `last`. */
  readonly position?: 'first' | 'second' | 'last' | undefined;
  /** Prefix of the signature's elements; default `ds`, `''` for none. */
  readonly prefix?: string | undefined;
  /** Permits SHA-1. Default `false`. */
  readonly allowSha1?: boolean | undefined;
}

/**
 * Adds an enveloped signature (SAML Core 5.4) to one element of a document. xml-crypto signs, so that this package does not
 * test its verifier with its own signatures.
 *
 * @param xml a document written by `serialize`
 * @returns the document with the signature, without XML declaration
 * @throws TypeError if no such element has the ID, the key does not fit the algorithm, or an algorithm is not allowed
 */
export function signEnveloped(xml: string, options: SignOptions): string {
  const { id, prefix = 'ds', position = 'second', inclusivePrefixes = [], allowSha1 = false } = options;
  const { canonicalization = EXCLUSIVE_C14N, digestAlgorithm = SHA256, certificate } = options;
  if (!isNCName(id)) throw new TypeError(`not an XML ID: ${JSON.stringify(id)}`);
  if (inclusivePrefixes.length > 0 && !canonicalization.startsWith(EXCLUSIVE_C14N)) {
    throw new TypeError('only exclusive canonicalization has a PrefixList');
  }
  const privateKey = privateKeyOf(options.privateKey);
  const signatureAlgorithm = options.signatureAlgorithm ?? signatureAlgorithmFor(privateKey);

  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm,
    canonicalizationAlgorithm: canonicalization,
    ...(certificate === undefined ? {} : { publicCert: certificate }),
  });
  signer.idAttributes = ['ID'];
  const Algorithm = allowedAlgorithm(allowSha1 ? signatureAlgorithmsWithSha1 : signatureAlgorithms, signatureAlgorithm);
  signer.SignatureAlgorithms = { [signatureAlgorithm]: withoutStrayPrefixList(Algorithm) };
  signer.HashAlgorithms = {
    [digestAlgorithm]: allowedAlgorithm(allowSha1 ? digestAlgorithmsWithSha1 : digestAlgorithms, digestAlgorithm),
  };
  allowedAlgorithm(signer.CanonicalizationAlgorithms, canonicalization);

  const element = `(/*|/*/*)[@ID='${id}']`;
  signer.addReference({
    xpath: element,
    transforms: [ENVELOPED, canonicalization],
    digestAlgorithm,
    inclusiveNamespacesPrefixList: [...inclusivePrefixes],
  });
  const location = {
    first: { reference: element, action: 'prepend' },
    second: { reference: `${element}/*[1]`, action: 'after' },
    last: { reference: element, action: 'append' },
  } as const;
  try {
    signer.computeSignature(escapeLineEnds(xml), { prefix, location: location[position] });
  } catch (cause) {
    throw new TypeError(`cannot sign the element with the ID ${id}`, { cause });
  }
  return escapeLineEnds(removeStrayPrefixList(signer.getSignedXml()));
}

/**
 * The signature algorithm for a key and a hash.
 *
 * @param hash default: SHA-256 with RSA and RSA-PSS keys, the hash of the curve's size with EC keys
 * @returns the URI
 * @throws TypeError for any other key
 */
export function signatureAlgorithmFor(key: KeyObject, hash?: SignatureHash): string {
  if (key.asymmetricKeyType === 'rsa') return `${DSIG_MORE}rsa-${hash ?? 'sha256'}`;
  if (key.asymmetricKeyType === 'rsa-pss') return `http://www.w3.org/2007/05/xmldsig-more#${hash ?? 'sha256'}-rsa-MGF1`;
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  const ofCurve = curveHashes.get(namedCurve);
  if (ofCurve !== undefined) return `${DSIG_MORE}ecdsa-${hash ?? ofCurve}`;
  throw new TypeError(`SAML messages are signed with RSA or ECDSA keys, not ${namedCurve ?? key.asymmetricKeyType}`);
}

/** The digest algorithm of a hash, as URI. */
export function digestAlgorithmFor(hash: SignatureHash): string {
  return digests[hash];
}

/** Parses a private key. @throws TypeError if it is not an unencrypted private key in PEM */
export function privateKeyOf(key: KeyObject | string): KeyObject {
  if (key instanceof KeyObject) return key;
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw new TypeError('the private key is not an unencrypted PEM private key', { cause });
  }
}

/** The algorithm class for a URI. @throws TypeError if the table does not contain the URI */
export function allowedAlgorithm<T>(table: Readonly<AlgorithmTable<T>>, uri: string): new () => T {
  const algorithm = Object.hasOwn(table, uri) ? table[uri] : undefined;
  if (algorithm === undefined) throw new TypeError(`algorithm not allowed: ${uri}`);
  return algorithm;
}

// xml-crypto also writes the PrefixList into the enveloped-signature Transform, where strict verifiers refuse it. It is
// removed both from the bytes to sign and from the output.
function removeStrayPrefixList(xml: string): string {
  return xml.replace(/<InclusiveNamespaces [^<>]*>(?:<\/InclusiveNamespaces>)?/g, (element) =>
    element.includes('xmldsig#enveloped-signature"') ? '' : element,
  );
}

function withoutStrayPrefixList(Algorithm: new () => SignatureAlgorithm): new () => SignatureAlgorithm {
  return class extends Algorithm {
    override getSignature(signedInfo: BinaryLike, key: KeyLike): string {
      return super.getSignature(removeStrayPrefixList(String(signedInfo)), key);
    }
  };
}

// Writes line ends of XML 1.1 as references: the parser inside xml-crypto converts them to line feeds, here and when a
// second signature is added around the first.
function escapeLineEnds(xml: string): string {
  return xml.replace(/[\u0085\u2028]/g, (character) => (character === '\u0085' ? '&#x85;' : '&#x2028;'));
}
