import type { KeyObject } from 'node:crypto';

/** A signature algorithm: its key type and its digest, as node:crypto names them. */
export interface SignatureAlgorithm {
  readonly key: 'rsa' | 'rsa-pss' | 'ec';
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';

/** Exclusive XML Canonicalization 1.0; also the namespace of InclusiveNamespaces. */
export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** Transform that removes the Signature element from the signed element. */
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/**
 * Allowed signature algorithms by URI (RFC 6931, RFC 9231): never HMAC, DSA or MD5. A Map, so that inherited names such
 * as `constructor` are not found. SHA-1 is accepted only with `allowSha1`.
 */
export const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  [`${MORE}rsa-sha256`, { key: 'rsa', hash: 'sha256' }],
  [`${MORE}rsa-sha384`, { key: 'rsa', hash: 'sha384' }],
  [`${MORE}rsa-sha512`, { key: 'rsa', hash: 'sha512' }],
  [`${MORE_2007}sha256-rsa-MGF1`, { key: 'rsa-pss', hash: 'sha256' }],
  [`${MORE_2007}sha384-rsa-MGF1`, { key: 'rsa-pss', hash: 'sha384' }],
  [`${MORE_2007}sha512-rsa-MGF1`, { key: 'rsa-pss', hash: 'sha512' }],
  [`${MORE}ecdsa-sha256`, { key: 'ec', hash: 'sha256' }],
  [`${MORE}ecdsa-sha384`, { key: 'ec', hash: 'sha384' }],
  [`${MORE}ecdsa-sha512`, { key: 'ec', hash: 'sha512' }],
  ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', { key: 'rsa', hash: 'sha1' }],
]);

/** Allowed digests by URI. */
export const digestAlgorithms: ReadonlyMap<string, SignatureAlgorithm['hash']> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  [`${MORE}sha384`, 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
]);

/** Allowed canonicalizations by URI. */
export const canonicalizations: ReadonlyMap<string, 'exclusive' | 'inclusive'> = new Map([
  [EXCLUSIVE_C14N, 'exclusive'],
  [`${EXCLUSIVE_C14N}WithComments`, 'exclusive'],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', 'inclusive'],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments', 'inclusive'],
]);

/** Whether `key` has the type that the algorithm requires. RSA-PSS algorithms also accept plain RSA keys. */
export function acceptsKey(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  return key.asymmetricKeyType === algorithm.key || (algorithm.key === 'rsa-pss' && key.asymmetricKeyType === 'rsa');
}
