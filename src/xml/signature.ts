import { constants, hash, type VerifyKeyObjectInput, verify } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { acceptsKey, type SignatureAlgorithm } from './algorithms.ts';
import { type Canonicalization, canonicalize } from './canonicalize.ts';
import type { TrustedKey } from './certificates.ts';
import { decrypt } from './decrypt.ts';
import type { DecryptionKey } from './decryption-keys.ts';
import type { XmlElement } from './element.ts';
import type { EncryptedContent } from './encrypted-data.ts';
import type { Limits } from './limits.ts';
import { DSIG_NAMESPACE, isNmtoken, XML_NAMESPACE } from './names.ts';
import { readXml } from './read.ts';
import { explainUnverified } from './signature-failure.ts';
import type { SignatureTrust } from './signature-trust.ts';
import { dsigChildren, expectSmall, malformed, readBase64, readSignedInfo } from './signed-info.ts';

/** Factors by which the canonical form, which repeats inherited declarations, may exceed the limits of the message. */
const canonicalGrowth = { bytes: 2, attributes: 4 };
/** Maximum characters of a canonical SignedInfo, with the declarations in scope. */
const maxSignedInfo = 256 * 1024;

class Verified {
  // Makes the type nominal, also at run time: only verifySignature() and decryptVerified() construct it.
  readonly #verified = true;
  /** The digested bytes, as text. */
  readonly canonical: string;
  /** The root element, read from {@link canonical}. */
  readonly root: XmlElement;
  readonly signedBy: TrustedKey;
  readonly algorithm: SignatureAlgorithm;
  /** SHA-1 was used, which `allowSha1` of the connection permits. */
  readonly usesSha1: boolean;

  constructor(
    canonical: string,
    root: XmlElement,
    signedBy: TrustedKey,
    algorithm: SignatureAlgorithm,
    usesSha1: boolean,
  ) {
    this.canonical = canonical;
    this.root = root;
    this.signedBy = signedBy;
    this.algorithm = algorithm;
    this.usesSha1 = usesSha1;
  }

  static is(value: unknown): value is Verified {
    return typeof value === 'object' && value !== null && #verified in value;
  }
}

/** XML of which every byte is signed by a pinned key. Only {@link verifySignature} and {@link decryptVerified} make one. */
export type VerifiedXml = Verified;

/** Whether `value` is a {@link VerifiedXml}. */
export const isVerifiedXml: (value: unknown) => value is VerifiedXml = Verified.is;

/** The signatures and IDs of a document, collected once before anything is verified. */
export interface SignatureIndex {
  readonly signatures: readonly XmlElement[];
  /** How often a value occurs as an ID, in any upper or lower case and with any prefix of the attribute name. */
  readonly ids: ReadonlyMap<string, number>;
}

/** Indexes a document. @throws SamlError `signature_wrapped` if two elements have the same `ID` */
export function indexSignatures(root: XmlElement): SignatureIndex {
  const signatures: XmlElement[] = [];
  const ids = new Map<string, number>();
  const samlIds = new Set<string>();
  for (const element of root.descendants()) {
    if (element.is(DSIG_NAMESPACE, 'Signature')) signatures.push(element);
    for (const { localName, namespace, value } of element.attributes) {
      if (localName.length !== 2 || localName.toLowerCase() !== 'id') continue;
      ids.set(value, (ids.get(value) ?? 0) + 1);
      if (localName !== 'ID' || namespace !== '') continue;
      if (samlIds.has(value)) refuseWrapped(`two elements have the ID ${JSON.stringify(value.slice(0, 100))}`);
      samlIds.add(value);
    }
  }
  return { signatures, ids };
}

/**
 * Verifies an enveloped signature under the strict profile: the Signature is a child of the signed element, refers to it
 * by its unique ID, uses allowed algorithms, and was made with a pinned key.
 *
 * @throws SamlError `signature_invalid`, `signature_wrapped`, `untrusted_certificate`, `algorithm_not_allowed`, ...
 */
export function verifySignature(signature: XmlElement, index: SignatureIndex, trust: SignatureTrust): VerifiedXml {
  const signed = signature.parent;
  if (signed === null) refuseWrapped('a Signature is the root of the document');
  const [signedInfoElement, signatureValue, keyInfo, ...rest] = dsigChildren(signature);
  if (signedInfoElement?.localName !== 'SignedInfo' || signatureValue?.localName !== 'SignatureValue') {
    malformed('a Signature must begin with SignedInfo and SignatureValue');
  }
  const stray = keyInfo?.localName === 'KeyInfo' ? rest[0] : keyInfo;
  if (stray !== undefined) {
    refuseWrapped(`a Signature contains <${stray.localName}> in addition to SignedInfo, SignatureValue and KeyInfo`);
  }

  // Read once for the canonicalization and the size, and again from the bytes that were signed: only these are trusted.
  expectSmall(signedInfoElement);
  const unverified = readSignedInfo(signedInfoElement, trust.allowSha1);
  if (unverified.keepsComments && signedInfoElement.descendants().some(({ hasComment }) => hasComment)) {
    malformed('SignedInfo contains a comment, which its canonicalization would keep');
  }
  const signedInfoText = canonicalizeWithin(signedInfoElement, unverified.canonicalization, maxSignedInfo);
  const signedInfo = readSignedInfo(readXml(signedInfoText, growLimits(trust.limits)), trust.allowSha1);

  const { reference } = signedInfo;
  const id = signed.get('ID');
  if (id === undefined || id !== reference.id) {
    refuseWrapped(
      `the signature inside <${signed.localName}> (ID ${JSON.stringify(id?.slice(0, 100))}) refers to ${JSON.stringify(reference.id.slice(0, 100))}`,
    );
  }
  if (!isNmtoken(id))
    refuseWrapped(`the ID ${JSON.stringify(id.slice(0, 100))} contains characters that XML names do not allow`);
  if (index.ids.get(id) !== 1)
    refuseWrapped(`the ID ${JSON.stringify(id.slice(0, 100))} occurs ${index.ids.get(id)} times`);

  const value = readBase64(signatureValue);
  const signedBytes = Buffer.from(signedInfoText);
  const key = trust.keys.find((candidate) => isVerifiedBy(signedInfo.algorithm, candidate.key, signedBytes, value));
  if (key === undefined) {
    explainUnverified(signedInfo.algorithm, trust, keyInfo, (candidate) =>
      isVerifiedBy(signedInfo.algorithm, candidate, signedBytes, value),
    );
  }

  const canonical = canonicalizeWithin(signed, reference.canonicalization, growLimits(trust.limits).bytes, signature);
  if (!hash(reference.hash, canonical, 'buffer').equals(reference.digest)) {
    throw new SamlError('signature_invalid', {
      hint: `The content of <${signed.localName}> was changed after ${key.subject ?? `the key with SHA-256 ${key.fingerprint}`} signed it (the digests differ). Look for a proxy, filter or browser extension between the identity provider and this application that rewrites the message.`,
      details: { reason: 'altered', signedBy: key.fingerprint },
    });
  }
  const root = readXml(canonical, growLimits(trust.limits));
  return new Verified(
    canonical,
    root,
    key,
    signedInfo.algorithm,
    signedInfo.algorithm.hash === 'sha1' || reference.hash === 'sha1',
  );
}

/**
 * Decrypts an element of verified XML. The plaintext counts as verified, because the signature covers the ciphertext.
 *
 * @throws Undecryptable for every failure
 * @throws TypeError if the content is not part of `outer`
 */
export function decryptVerified(
  outer: VerifiedXml,
  content: EncryptedContent,
  keys: readonly DecryptionKey[],
  limits: Limits,
): VerifiedXml {
  let top = content.element;
  while (top.parent !== null) top = top.parent;
  if (top !== outer.root) throw new TypeError('the encrypted content must be part of the verified XML');
  const { text, root } = decrypt(content, keys, limits);
  return new Verified(text, root, outer.signedBy, outer.algorithm, outer.usesSha1);
}

function canonicalizeWithin(element: XmlElement, how: Canonicalization, maxLength: number, omit?: XmlElement): string {
  if (how.method === 'inclusive') {
    // Canonical XML copies xml:* attributes of ancestors into the canonical form. Refused, because these attributes are
    // outside of the signed element.
    for (let ancestor = element.parent; ancestor !== null; ancestor = ancestor.parent) {
      if (ancestor.attributes.some(({ namespace }) => namespace === XML_NAMESPACE)) {
        refuseWrapped(`inclusive canonicalization below <${ancestor.localName}>, which has an xml:* attribute`);
      }
    }
  }
  return canonicalize(element, how, { omit, maxLength });
}

function growLimits(limits: Limits): Limits {
  return {
    ...limits,
    bytes: limits.bytes * canonicalGrowth.bytes,
    attributes: limits.attributes * canonicalGrowth.attributes,
  };
}

function isVerifiedBy(
  algorithm: SignatureAlgorithm,
  key: VerifyKeyObjectInput['key'],
  signed: Uint8Array,
  value: Uint8Array,
): boolean {
  if (!acceptsKey(algorithm, key)) return false;
  const input: VerifyKeyObjectInput =
    algorithm.key === 'rsa-pss'
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { key, dsaEncoding: 'ieee-p1363' };
  try {
    return verify(algorithm.hash, signed, input, value);
  } catch {
    // OpenSSL throws if an RSA-PSS key is restricted to another digest (RFC 4055, 3.1).
    return false;
  }
}

function refuseWrapped(problem: string): never {
  throw new SamlError('signature_wrapped', {
    hint: `The signature does not cover the element that contains it: ${problem}. Real identity providers do not send such messages; treat it as an attack.`,
    details: { problem },
  });
}
