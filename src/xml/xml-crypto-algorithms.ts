import {
  type BinaryLike,
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  type KeyLike,
  KeyObject,
  type SigningOptions,
} from 'node:crypto';
import type { HashAlgorithm, SignatureAlgorithm } from 'xml-crypto';

/** Algorithms by URI, in the form of xml-crypto's `SignedXml`. Without prototype, so that inherited names are not found. */
export type AlgorithmTable<T> = Record<string, new () => T>;

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const DSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DSIG_MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';

interface Scheme {
  readonly keyTypes: readonly (string | undefined)[];
  readonly parameters: Readonly<SigningOptions>;
}

const pkcs1: Scheme = { keyTypes: ['rsa'], parameters: {} };
const pss: Scheme = {
  keyTypes: ['rsa', 'rsa-pss'],
  parameters: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};
// XML Signature 1.1, 6.4.3: r and s, concatenated.
const ecdsa: Scheme = { keyTypes: ['ec'], parameters: { dsaEncoding: 'ieee-p1363' } };

/** Signature algorithms: RSA, RSA-PSS (RFC 9231, 2.3.10) and ECDSA with SHA-256, SHA-384 and SHA-512. */
export const signatureAlgorithms: AlgorithmTable<SignatureAlgorithm> = table([
  signature(`${DSIG_MORE}rsa-sha256`, 'sha256', pkcs1),
  signature(`${DSIG_MORE}rsa-sha384`, 'sha384', pkcs1),
  signature(`${DSIG_MORE}rsa-sha512`, 'sha512', pkcs1),
  signature(`${DSIG_MORE_2007}sha256-rsa-MGF1`, 'sha256', pss),
  signature(`${DSIG_MORE_2007}sha384-rsa-MGF1`, 'sha384', pss),
  signature(`${DSIG_MORE_2007}sha512-rsa-MGF1`, 'sha512', pss),
  signature(`${DSIG_MORE}ecdsa-sha256`, 'sha256', ecdsa),
  signature(`${DSIG_MORE}ecdsa-sha384`, 'sha384', ecdsa),
  signature(`${DSIG_MORE}ecdsa-sha512`, 'sha512', ecdsa),
]);

/** {@link signatureAlgorithms} and the algorithms with SHA-1, for `allowSha1`. */
export const signatureAlgorithmsWithSha1: AlgorithmTable<SignatureAlgorithm> = table([
  ...Object.entries(signatureAlgorithms),
  signature(`${DSIG}rsa-sha1`, 'sha1', pkcs1),
  signature(`${DSIG_MORE}ecdsa-sha1`, 'sha1', ecdsa),
]);

/** Digest algorithms: SHA-256, SHA-384 and SHA-512. */
export const digestAlgorithms: AlgorithmTable<HashAlgorithm> = table([
  digest('http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'),
  digest(`${DSIG_MORE}sha384`, 'sha384'),
  digest('http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'),
]);

/** {@link digestAlgorithms} and SHA-1, for `allowSha1`. */
export const digestAlgorithmsWithSha1: AlgorithmTable<HashAlgorithm> = table([
  ...Object.entries(digestAlgorithms),
  digest(`${DSIG}sha1`, 'sha1'),
]);

type Entry<T> = readonly [uri: string, algorithm: new () => T];

function table<T>(entries: readonly Entry<T>[]): AlgorithmTable<T> {
  const algorithms: AlgorithmTable<T> = Object.create(null);
  for (const [uri, algorithm] of entries) algorithms[uri] = algorithm;
  return algorithms;
}

function signature(uri: string, hash: string, { keyTypes, parameters }: Scheme): Entry<SignatureAlgorithm> {
  class Algorithm implements SignatureAlgorithm {
    getAlgorithmName(): string {
      return uri;
    }
    getSignature(signedInfo: BinaryLike, privateKey: KeyLike): string {
      const key = privateKey instanceof KeyObject ? privateKey : createPrivateKey(privateKey);
      if (!keyTypes.includes(key.asymmetricKeyType)) {
        throw new TypeError(`a key of type ${key.asymmetricKeyType} cannot sign with ${uri}`);
      }
      return createSign(hash)
        .update(signedInfo)
        .sign({ ...parameters, key }, 'base64');
    }
    verifySignature(material: string, publicKey: KeyLike, value: string): boolean {
      const key = publicKey instanceof KeyObject ? publicKey : createPublicKey(publicKey);
      // Node.js verifies with the algorithm of the key, so that an RSA key could verify a signature declared as ECDSA.
      if (!keyTypes.includes(key.asymmetricKeyType)) return false;
      return createVerify(hash)
        .update(material)
        .verify({ ...parameters, key }, value, 'base64');
    }
  }
  return [uri, Algorithm];
}

function digest(uri: string, hash: string): Entry<HashAlgorithm> {
  class Algorithm implements HashAlgorithm {
    getAlgorithmName(): string {
      return uri;
    }
    getHash(xml: string): string {
      return createHash(hash).update(xml, 'utf8').digest('base64');
    }
  }
  return [uri, Algorithm];
}
