import { type MarkedSigning, signMarked as sign } from '../../src/testing/attack/sign-marked.ts';
import { type KeyPair, type KeyType, selfSigned } from '../../src/testing/idp/self-signed.ts';
import { parseTrustedKey } from '../../src/xml/certificates.ts';
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

export { MARK, pemBody } from '../../src/testing/attack/sign-marked.ts';

const made = new Map<string, KeyPair>();

/** A key pair of this type; one of each type and name is made, as that takes time. */
export function keyPair(keyType: KeyType = 'rsa', name = 'test identity provider'): KeyPair {
  const known = made.get(keyType + name) ?? selfSigned({ keyType, commonName: name });
  made.set(keyType + name, known);
  return known;
}

/** How {@link signMarked} signs; by default with the RSA key pair. */
export type Signing = Omit<MarkedSigning, 'keyPair'> & { readonly keyPair?: KeyPair | undefined };

/** Signs whatever the standards allow, and whatever they do not, in place of `MARK`; by default RSA-SHA-256. */
export function signMarked(xml: string, signing: Signing = {}): string {
  return sign(xml, { algorithm: `${MORE}rsa-sha256`, ...signing, keyPair: signing.keyPair ?? keyPair() });
}

/** What is verified on one document: everything that {@link verifySignature} makes of its signatures, in their order. */
export function verifyAll(xml: string, trust: Partial<Trust> = {}): VerifiedSignature[] {
  const root = readXml(xml);
  const index = indexSignatures(root);
  const { certificates = [keyPair().certificate], allowSha1 = false, limits = defaultLimits } = trust;
  const keys = certificates.map(parseTrustedKey);
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
