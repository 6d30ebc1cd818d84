import { DSIG_NAMESPACE } from './names.ts';

/** An algorithm that encrypts content (XML Encryption 1.1, 5.2). */
export type ContentAlgorithm = { readonly keyBytes: 16 | 24 | 32 } & (
  | {
      /** As node:crypto names it. */
      readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
      /** Its tag shows that nobody without the key made or altered the ciphertext. CBC has none. */
      readonly authenticated: true;
    }
  | { readonly cipher: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc'; readonly authenticated: false }
);

/** A digest, as node:crypto names it. */
export type OaepHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Namespace of XML Encryption 1.0. */
export const XENC_NAMESPACE = 'http://www.w3.org/2001/04/xmlenc#';
/** Namespace of XML Encryption 1.1. */
export const XENC11_NAMESPACE = 'http://www.w3.org/2009/xmlenc11#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Allowed content encryption by URI: AES alone, never Triple DES. */
export const contentAlgorithms: ReadonlyMap<string, ContentAlgorithm> = new Map<string, ContentAlgorithm>([
  [`${XENC11_NAMESPACE}aes128-gcm`, { cipher: 'aes-128-gcm', keyBytes: 16, authenticated: true }],
  [`${XENC11_NAMESPACE}aes192-gcm`, { cipher: 'aes-192-gcm', keyBytes: 24, authenticated: true }],
  [`${XENC11_NAMESPACE}aes256-gcm`, { cipher: 'aes-256-gcm', keyBytes: 32, authenticated: true }],
  [`${XENC_NAMESPACE}aes128-cbc`, { cipher: 'aes-128-cbc', keyBytes: 16, authenticated: false }],
  [`${XENC_NAMESPACE}aes192-cbc`, { cipher: 'aes-192-cbc', keyBytes: 24, authenticated: false }],
  [`${XENC_NAMESPACE}aes256-cbc`, { cipher: 'aes-256-cbc', keyBytes: 32, authenticated: false }],
]);

/**
 * RSA-OAEP whose mask is made with SHA-1, whatever DigestMethod says (XML Encryption 1.1, 5.5.2). Some identity providers
 * take that digest for the mask as well.
 */
export const RSA_OAEP_MGF1P: string = `${XENC_NAMESPACE}rsa-oaep-mgf1p`;
/** RSA-OAEP whose mask is made as MGF says. */
export const RSA_OAEP: string = `${XENC11_NAMESPACE}rsa-oaep`;

/**
 * Digests of RSA-OAEP by URI. SHA-1 is sound here: OAEP needs no resistance to collisions. Two are no standard's: former
 * releases of a library that identity providers use write SHA-256 and SHA-512 so.
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
