import { constants, hash, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { type SignatureAlgorithm, takesKey } from './algorithms.ts';
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
import { dsigChildren, expectSmall, malformed, readBase64, readSignedInfo } from './signed-info.ts';

/** How far the canonical form, which repeats inherited namespace declarations, may exceed the limits of the message. */
const canonicalGrowth = { bytes: 2, attributes: 4 };
/** Characters of a canonical SignedInfo, declarations in force around it included. */
const maxSignedInfo = 256 * 1024;

class Verified {
  // Nominal: nothing but verifySignature() and decryptVerified() make one, at run time too.
  readonly #verified = true;
  /** The bytes that were digested, as text. */
  readonly canonical: string;
  /** Those bytes, read again. */
  readonly root: XmlElement;
  readonly signedBy: TrustedKey;
  readonly algorithm: SignatureAlgorithm;
  /** SHA-1 was used, by consent of the connection. */
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

/** XML of which each byte is signed by a pinned key. Only {@link verifySignature} and {@link decryptVerified} make one. */
export type VerifiedXml = Verified;

/** Whether `value` is what those made. */
export const isVerifiedXml: (value: unknown) => value is VerifiedXml = Verified.is;

/** Where the signatures and the IDs of a document are; made once, before anything is verified. */
export interface SignatureIndex {
  readonly signatures: readonly XmlElement[];
  /** How often a value occurs as an ID, under any spelling and prefix of the name. */
  readonly ids: ReadonlyMap<string, number>;
}

/** Indexes a document. @throws SamlError `signature_wrapped` when two elements bear one `ID` */
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
      if (samlIds.has(value)) wrapped(`two elements bear the ID ${JSON.stringify(value.slice(0, 100))}`);
      samlIds.add(value);
    }
  }
  return { signatures, ids };
}

/** What a signature must satisfy. */
export interface SignatureTrust {
  /** The pinned keys. */
  readonly keys: readonly TrustedKey[];
  /** Fingerprints of the application's own certificates: one that is pinned by mistake explains a failure. */
  readonly ownFingerprints?: ReadonlySet<string> | undefined;
  /**
   * What the caller knows about a key that is not pinned: a sentence for the hint, without a full stop. `null`: the message
   * does not name its certificate.
   */
  readonly explainKey?: ((key: KeyObject | null) => string | undefined) | undefined;
  readonly allowSha1: boolean;
  readonly limits: Limits;
}

/**
 * Verifies an enveloped signature under the strict profile: it is a child of what it signs, refers to it by its one ID,
 * uses allowed algorithms, and a pinned key made it.
 *
 * @throws SamlError `signature_invalid`, `signature_wrapped`, `untrusted_certificate`, `algorithm_not_allowed`, ...
 */
export function verifySignature(signature: XmlElement, index: SignatureIndex, trust: SignatureTrust): VerifiedXml {
  const signed = signature.parent;
  if (signed === null) wrapped('a Signature is the root of the document');
  const [signedInfoElement, signatureValue, keyInfo, ...rest] = dsigChildren(signature);
  if (signedInfoElement?.localName !== 'SignedInfo' || signatureValue?.localName !== 'SignatureValue') {
    malformed('a Signature begins with SignedInfo and SignatureValue');
  }
  const stray = keyInfo?.localName === 'KeyInfo' ? rest[0] : keyInfo;
  if (stray !== undefined) {
    wrapped(`a Signature holds <${stray.localName}> beside SignedInfo, SignatureValue and KeyInfo`);
  }

  // Read once to learn the canonicalization and to bound the work, and again from the bytes that were signed.
  expectSmall(signedInfoElement);
  const unverified = readSignedInfo(signedInfoElement, trust.allowSha1);
  if (unverified.keepsComments && signedInfoElement.descendants().some(({ hasComment }) => hasComment)) {
    malformed('SignedInfo holds a comment, which its canonicalization would keep');
  }
  const signedInfoText = canonicalForm(signedInfoElement, unverified.canonicalization, maxSignedInfo);
  const signedInfo = readSignedInfo(readXml(signedInfoText, grown(trust.limits)), trust.allowSha1);

  const { reference } = signedInfo;
  const id = signed.get('ID');
  if (id === undefined || id !== reference.id) {
    wrapped(
      `the signature inside <${signed.localName}> (ID ${JSON.stringify(id?.slice(0, 100))}) refers to ${JSON.stringify(reference.id.slice(0, 100))}`,
    );
  }
  if (!isNmtoken(id)) wrapped(`the ID ${JSON.stringify(id.slice(0, 100))} holds characters that no XML name has`);
  if (index.ids.get(id) !== 1) wrapped(`the ID ${JSON.stringify(id.slice(0, 100))} occurs ${index.ids.get(id)} times`);

  const value = readBase64(signatureValue);
  const signedBytes = Buffer.from(signedInfoText);
  const key = trust.keys.find((candidate) => verifies(signedInfo.algorithm, candidate.key, signedBytes, value));
  if (key === undefined) {
    explainUnverified(signedInfo.algorithm, trust, keyInfo, (candidate) =>
      verifies(signedInfo.algorithm, candidate, signedBytes, value),
    );
  }

  const canonical = canonicalForm(signed, reference.canonicalization, grown(trust.limits).bytes, signature);
  if (!hash(reference.hash, canonical, 'buffer').equals(reference.digest)) {
    throw new SamlError('signature_invalid', {
      hint: `The content of <${signed.localName}> was changed after ${key.subject ?? `the key with SHA-256 ${key.fingerprint}`} signed it (the digests differ). Look for a proxy, filter or browser extension between the identity provider and this application that rewrites the message.`,
      details: { reason: 'altered', signedBy: key.fingerprint },
    });
  }
  const root = readXml(canonical, grown(trust.limits));
  return new Verified(
    canonical,
    root,
    key,
    signedInfo.algorithm,
    signedInfo.algorithm.hash === 'sha1' || reference.hash === 'sha1',
  );
}

/**
 * Decrypts what stands in verified XML: whoever signed the ciphertext vouches for it.
 *
 * @throws Undecryptable, whatever fails
 * @throws TypeError for content of another document
 */
export function decryptVerified(
  outer: VerifiedXml,
  content: EncryptedContent,
  keys: readonly DecryptionKey[],
  limits: Limits,
): VerifiedXml {
  let top = content.element;
  while (top.parent !== null) top = top.parent;
  if (top !== outer.root) throw new TypeError('only what stands in verified XML is verified');
  const { text, root } = decrypt(content, keys, limits);
  return new Verified(text, root, outer.signedBy, outer.algorithm, outer.usesSha1);
}

function canonicalForm(element: XmlElement, how: Canonicalization, maxLength: number, omit?: XmlElement): string {
  if (how.method === 'inclusive') {
    // Canonical XML copies xml:* attributes of ancestors into the signed bytes, where they could say what nobody signed.
    for (let ancestor = element.parent; ancestor !== null; ancestor = ancestor.parent) {
      if (ancestor.attributes.some(({ namespace }) => namespace === XML_NAMESPACE)) {
        wrapped(`inclusive canonicalization below <${ancestor.localName}>, which bears an xml:* attribute`);
      }
    }
  }
  return canonicalize(element, how, { omit, maxLength });
}

function grown(limits: Limits): Limits {
  return {
    ...limits,
    bytes: limits.bytes * canonicalGrowth.bytes,
    attributes: limits.attributes * canonicalGrowth.attributes,
  };
}

function verifies(
  algorithm: SignatureAlgorithm,
  key: VerifyKeyObjectInput['key'],
  signed: Uint8Array,
  value: Uint8Array,
): boolean {
  if (!takesKey(algorithm, key)) return false;
  const input: VerifyKeyObjectInput =
    algorithm.key === 'rsa-pss'
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { key, dsaEncoding: 'ieee-p1363' };
  try {
    return verify(algorithm.hash, signed, input, value);
  } catch {
    // OpenSSL throws where an RSA-PSS key is bound to another digest (RFC 4055, 3.1).
    return false;
  }
}

function wrapped(problem: string): never {
  throw new SamlError('signature_wrapped', {
    hint: `The signature does not cover what it is attached to: ${problem}. Genuine identity providers do not send this; treat the message as an attack.`,
    details: { problem },
  });
}
