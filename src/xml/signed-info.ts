import { SamlError } from '../errors.ts';
import { decodeBase64 } from '../lib/base64.ts';
import {
  canonicalizations,
  digestAlgorithms,
  ENVELOPED_SIGNATURE,
  EXCLUSIVE_C14N,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './algorithms.ts';
import type { Canonicalization } from './canonicalize.ts';
import type { XmlElement } from './element.ts';
import { DSIG_NAMESPACE } from './names.ts';

/** A SignedInfo: how it is signed itself, and which element it refers to. */
export interface SignedInfo {
  readonly canonicalization: Canonicalization;
  /** Whether the canonical form of SignedInfo itself keeps comments (XML Signature 4.4.1); ours never does. */
  readonly keepsComments: boolean;
  readonly algorithm: SignatureAlgorithm;
  readonly reference: {
    /** ID of the referenced element. */
    readonly id: string;
    readonly canonicalization: Canonicalization;
    readonly hash: SignatureAlgorithm['hash'];
    readonly digest: Uint8Array;
  };
}

// Real PrefixLists have a few prefixes; a long one is an attack on the canonicalizer.
const maxPrefixes = 64;
// Real ones have about 500.
const maxCharacters = 16_384;

/**
 * Reads a SignedInfo (XML Signature 4.4) under the strict profile: one Reference to `#ID`, transformed by
 * enveloped-signature and at most one canonicalization.
 *
 * @throws SamlError `signature_invalid`, `signature_wrapped` or `algorithm_not_allowed`
 */
export function readSignedInfo(element: XmlElement, allowSha1: boolean): SignedInfo {
  const [method, signatureMethod, ...references] = dsigChildren(element);
  expectName(method, 'CanonicalizationMethod', element);
  expectName(signatureMethod, 'SignatureMethod', element);
  const [reference] = references;
  if (references.length !== 1) {
    throw new SamlError('signature_wrapped', {
      hint: `A signature must contain exactly one Reference; this one contains ${references.length}.`,
      details: { expected: 1, received: references.length },
    });
  }
  expectName(reference, 'Reference', element);
  if (signatureMethod.elements().length > 0)
    refuseAlgorithm('SignatureMethod with parameters', 'one without parameters');
  return {
    canonicalization: readCanonicalization(method),
    keepsComments: method.get('Algorithm')?.endsWith('WithComments') ?? false,
    algorithm: readAlgorithm(
      signatureAlgorithms,
      signatureMethod,
      'signature algorithm',
      allowSha1,
      (a) => a.hash === 'sha1',
    ),
    reference: readReference(reference, allowSha1),
  };
}

/**
 * Limits the size of SignedInfo, because all of it is canonicalized and hashed before any key has verified it.
 *
 * @throws SamlError `signature_invalid`
 */
export function expectSmall(signedInfo: XmlElement): void {
  let characters = 0;
  for (const element of signedInfo.descendants()) {
    characters += element.qualifiedName.length;
    for (const { prefix, localName, value } of element.attributes)
      characters += prefix.length + localName.length + value.length;
    for (const child of element.children) if (typeof child === 'string') characters += child.length;
  }
  if (characters > maxCharacters) malformed(`SignedInfo has ${characters} characters, more than ${maxCharacters}`);
}

function readReference(reference: XmlElement, allowSha1: boolean): SignedInfo['reference'] {
  const [transforms, digestMethod, digestValue, ...rest] = dsigChildren(reference);
  expectName(transforms, 'Transforms', reference);
  expectName(digestMethod, 'DigestMethod', reference);
  expectName(digestValue, 'DigestValue', reference);
  if (rest.length > 0)
    malformed(`<${reference.localName}> contains more than Transforms, DigestMethod and DigestValue`);
  const uri = reference.get('URI');
  if (uri === undefined || !uri.startsWith('#') || uri.length === 1) {
    throw new SamlError('signature_wrapped', {
      hint: `The Reference of a signature must point to the ID of the signed element ("#..."); received ${uri === undefined ? 'no URI' : JSON.stringify(uri.slice(0, 100))}.`,
      details: { expected: '#ID', received: uri },
    });
  }
  const [enveloped, canonicalization, ...more] = dsigChildren(transforms);
  expectName(enveloped, 'Transform', transforms);
  if (canonicalization !== undefined) expectName(canonicalization, 'Transform', transforms);
  if (more.length > 0)
    refuseAlgorithm(`${2 + more.length} transforms`, 'enveloped-signature and at most one canonicalization');
  if (enveloped.get('Algorithm') !== ENVELOPED_SIGNATURE || enveloped.elements().length > 0) {
    refuseAlgorithm(`first transform ${enveloped.get('Algorithm')}`, ENVELOPED_SIGNATURE);
  }
  if (digestMethod.elements().length > 0) refuseAlgorithm('DigestMethod with parameters', 'one without parameters');
  return {
    id: uri.slice(1),
    // The default is inclusive C14N 1.0 (XML Signature 4.4.3.2).
    canonicalization: canonicalization === undefined ? { method: 'inclusive' } : readCanonicalization(canonicalization),
    hash: readAlgorithm(digestAlgorithms, digestMethod, 'digest algorithm', allowSha1, (hash) => hash === 'sha1'),
    digest: readBase64(digestValue),
  };
}

/** Reads a CanonicalizationMethod or Transform with an optional InclusiveNamespaces (Exclusive C14N 4). */
function readCanonicalization(element: XmlElement): Canonicalization {
  const method = readAlgorithm(canonicalizations, element, 'canonicalization', true, () => false);
  const [inclusive, ...rest] = element.elements();
  if (inclusive === undefined) return method === 'inclusive' ? { method } : { method, prefixes: new Set() };
  // Its content would be ignored, but all of SignedInfo is canonicalized before any key has verified it.
  const isPrefixList = inclusive.is(EXCLUSIVE_C14N, 'InclusiveNamespaces') && inclusive.isLeaf;
  if (rest.length > 0 || method === 'inclusive' || !isPrefixList) {
    refuseAlgorithm('a canonicalization with other parameters', 'at most one InclusiveNamespaces');
  }
  const names = (inclusive.get('PrefixList') ?? '').split(/[\t\n\r ]+/, maxPrefixes + 1).filter((name) => name !== '');
  if (names.length > maxPrefixes) refuseAlgorithm(`a PrefixList of over ${maxPrefixes} prefixes`, 'fewer');
  return { method, prefixes: new Set(names.map((name) => (name === '#default' ? '' : name))) };
}

function readAlgorithm<T>(
  table: ReadonlyMap<string, T>,
  element: XmlElement,
  what: string,
  allowSha1: boolean,
  isSha1: (entry: T) => boolean,
): T {
  const uri = element.get('Algorithm') ?? '';
  const entry = table.get(uri);
  if (entry === undefined) {
    refuseAlgorithm(
      `${what} ${JSON.stringify(uri.slice(0, 100))}`,
      'RSA or ECDSA with SHA-256 and exclusive canonicalization',
    );
  }
  if (!allowSha1 && isSha1(entry)) {
    throw new SamlError('algorithm_not_allowed', {
      hint: `The ${what} uses SHA-1. Switch the identity provider to SHA-256 (where it cannot, allow SHA-1 for this connection: allowSha1).`,
      details: { expected: 'sha256', received: uri },
    });
  }
  return entry;
}

/** Child elements, which must be in the namespace of XML Signature and separated by white space only. */
export function dsigChildren(element: XmlElement): readonly XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of element.children) {
    if (typeof child === 'string') {
      if (/[^\t\n\r ]/.test(child)) malformed(`text inside <${element.localName}>`);
    } else {
      if (child.namespace !== DSIG_NAMESPACE)
        malformed(`<${child.localName}> of another namespace inside <${element.localName}>`);
      found.push(child);
    }
  }
  return found;
}

/** Bytes of an element whose content is base64. */
export function readBase64(element: XmlElement): Uint8Array {
  const bytes = element.isLeaf ? decodeBase64(element.text) : null;
  if (bytes === null || bytes.length === 0) malformed(`<${element.localName}> is not base64`);
  return bytes;
}

function expectName(element: XmlElement | undefined, name: string, parent: XmlElement): asserts element is XmlElement {
  if (element?.localName !== name) {
    malformed(`<${parent.localName}> contains <${element?.localName ?? 'nothing'}> where <${name}> is expected`);
  }
}

/** Refuses a signature whose form XML Signature does not allow. @throws SamlError `signature_invalid` */
export function malformed(problem: string): never {
  throw new SamlError('signature_invalid', {
    hint: `The signature does not have the form that XML Signature prescribes: ${problem}. The message was damaged or changed after signing.`,
    details: { reason: 'malformed', problem },
  });
}

function refuseAlgorithm(received: string, expected: string): never {
  throw new SamlError('algorithm_not_allowed', {
    hint: `The signature uses ${received}; allowed: ${expected}. Choose RSA-SHA256 at the identity provider.`,
    details: { expected, received },
  });
}
