import { DSIG_NAMESPACE } from './names.ts';

/** A content encryption algorithm (XML Encryption 1.1, 5.2). */
export type ContentAlgorithm = { readonly keyBytes: 16 | 24 | 32 } & (
  | {
      /** Name in node:crypto. */
      readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
      /** The tag proves that the ciphertext was made with the key and not altered. CBC has no tag. */
      readonly authenticated: true;
    }
  | { readonly cipher: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc'; readonly authenticated: false }
);

/** A digest by its name in node:crypto. */
export type OaepHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Namespace of XML Encryption 1.0. */
export const XENC_NAMESPACE = 'http://www.w3.org/2001/04/xmlenc#';
/** Namespace of XML Encryption 1.1. */
export const XENC11_NAMESPACE = 'http://www.w3.org/2009/xmlenc11#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Allowed content encryption by URI: AES only, never Triple DES. */
export const contentAlgorithms: ReadonlyMap<string, ContentAlgorithm> = new Map<string, ContentAlgorithm>([
  [`${XENC11_NAMESPACE}aes128-gcm`, { cipher: 'aes-128-gcm', keyBytes: 16, authenticated: true }],
  [`${XENC11_NAMESPACE}aes192-gcm`, { cipher: 'aes-192-gcm', keyBytes: 24, authenticated: true }],
  [`${XENC11_NAMESPACE}aes256-gcm`, { cipher: 'aes-256-gcm', keyBytes: 32, authenticated: true }],
  [`${XENC_NAMESPACE}aes128-cbc`, { cipher: 'aes-128-cbc', keyBytes: 16, authenticated: false }],
  [`${XENC_NAMESPACE}aes192-cbc`, { cipher: 'aes-192-cbc', keyBytes: 24, authenticated: false }],
  [`${XENC_NAMESPACE}aes256-cbc`, { cipher: 'aes-256-cbc', keyBytes: 32, authenticated: false }],
]);

/**
 * RSA-OAEP with MGF1 with SHA-1, independent of DigestMethod (XML Encryption 1.1, 5.5.2). Some identity providers use that
 * digest for MGF1 as well.
 */
export const RSA_OAEP_MGF1P: string = `${XENC_NAMESPACE}rsa-oaep-mgf1p`;
/** RSA-OAEP with the mask generation function that the MGF element selects. */
export const RSA_OAEP: string = `${XENC11_NAMESPACE}rsa-oaep`;

/**
 * Digests of RSA-OAEP by URI. SHA-1 is secure here, because OAEP does not rely on collision resistance. The last two URIs
 * are not in any standard: earlier releases of a library used by identity providers wrote them for SHA-256 and SHA-512.
 */
export const oaepDigests: ReadonlyMap<string, OaepHash> = new Map<string, OaepHash>([
  [`${DSIG_NAMESPACE}sha1`, 'sha1'],
  [`${MORE}sha224`, 'sha224'],
  [`${XENC_NAMESPACE}sha256`, 'sha256'],
  [`${MORE}sha384`, 'sha384'],
  [`${XENC_NAMESPACE}sha512`, 'sha512'],
  [`${DSIG_NAMESPACE}sha256`, 'sha256'],
  [`${DSIG_NAMESPACE}sha512`, 'sha512'],
]);

/** Mask generation functions of RSA-OAEP by URI. */
export const maskGenerations: ReadonlyMap<string, OaepHash> = new Map<string, OaepHash>(
  (['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const).map((hash) => [`${XENC11_NAMESPACE}mgf1${hash}`, hash]),
);
