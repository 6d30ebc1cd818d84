import {
  type CipherGCMTypes,
  constants,
  createCipheriv,
  createHash,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { namespaces } from '../../saml/names.ts';
import {
  contentAlgorithms,
  maskGenerations,
  type OaepHash,
  oaepDigests,
  RSA_OAEP,
  RSA_OAEP_MGF1P,
} from '../../xml/encryption-algorithms.ts';
import { applyMask } from '../../xml/oaep.ts';
import { element, serialize } from '../../xml/write.ts';

/** Options of the encryption of assertions (XML Encryption 1.1). Algorithms are URIs. */
export interface EncryptionStyle {
  /** PEM of the service provider's certificate, with an RSA key. */
  readonly certificate: string;
  /** Default AES-256-GCM. */
  readonly contentAlgorithm?: string | undefined;
  /** Default `rsa-oaep-mgf1p`, or `rsa-oaep` of XML Encryption 1.1 if a mask generation is given. */
  readonly keyTransport?: string | undefined;
  /** Digest of RSA-OAEP; default: none is named, which means SHA-1. */
  readonly digest?: string | undefined;
  /** Mask generation of RSA-OAEP; default: none is named, which means MGF1 with SHA-1. */
  readonly maskGeneration?: string | undefined;
  /** OAEPparams; default none. */
  readonly label?: Uint8Array | undefined;
  /** Where EncryptedKey is: `inside` EncryptedData (default), or its `sibling`, found by RetrievalMethod. */
  readonly encryptedKey?: 'inside' | 'sibling' | undefined;
  /** Recipient of EncryptedKey; default none. */
  readonly recipient?: string | undefined;
}

/** Puts the Assertion of a Response into an EncryptedAssertion. */
export function encryptAssertion(response: string, style: EncryptionStyle): string {
  const start = /<saml:Assertion[\s>]/.exec(response)?.index ?? -1;
  const end = response.lastIndexOf('</saml:Assertion>') + '</saml:Assertion>'.length;
  if (start === -1) throw new TypeError('there is no Assertion to encrypt');
  // It must be well-formed as a document of its own.
  const assertion = response
    .slice(start, end)
    .replace(/^<saml:Assertion(?![^>]* xmlns:saml=)/, `$& xmlns:saml="${namespaces.assertion}"`);
  const encrypted = `<saml:EncryptedAssertion>${encryptXml(assertion, style)}</saml:EncryptedAssertion>`;
  return response.slice(0, start) + encrypted + response.slice(end);
}

/** Encrypts an element: EncryptedData, followed by EncryptedKey if that is a sibling. */
export function encryptXml(xml: string, style: EncryptionStyle): string {
  const { contentAlgorithm = `${namespaces.encryption11}aes256-gcm` } = style;
  const algorithm = contentAlgorithms.get(contentAlgorithm);
  if (algorithm === undefined) throw new TypeError(`cannot encrypt with ${contentAlgorithm}`);
  const key = randomBytes(algorithm.keyBytes);
  const declared = { 'xmlns:xenc': namespaces.encryption, 'xmlns:ds': namespaces.signature };
  const encryptedKey = writeEncryptedKey(key, style);
  const isSibling = style.encryptedKey === 'sibling';
  const retrieval = element('ds:RetrievalMethod', { Type: `${namespaces.encryption}EncryptedKey`, URI: '#_key' });
  const data = element(
    'xenc:EncryptedData',
    { ...declared, Type: `${namespaces.encryption}Element` },
    element('xenc:EncryptionMethod', { Algorithm: contentAlgorithm }),
    element('ds:KeyInfo', {}, isSibling ? retrieval : encryptedKey),
    cipherData(encryptContent(algorithm.cipher, key, Buffer.from(xml))),
  );
  return serialize(data) + (isSibling ? serialize(encryptedKey) : '');
}

function writeEncryptedKey(key: Uint8Array, style: EncryptionStyle) {
  const { digest, maskGeneration, label = new Uint8Array() } = style;
  const { keyTransport = maskGeneration === undefined ? RSA_OAEP_MGF1P : RSA_OAEP } = style;
  const hash = digest === undefined ? 'sha1' : oaepDigests.get(digest);
  const maskHash = maskGeneration === undefined ? 'sha1' : maskGenerations.get(maskGeneration);
  if (hash === undefined || maskHash === undefined) throw new TypeError('unknown digest or mask generation');
  const { publicKey, raw } = new X509Certificate(style.certificate);
  return element(
    'xenc:EncryptedKey',
    {
      'xmlns:xenc': namespaces.encryption,
      'xmlns:ds': namespaces.signature,
      'xmlns:xenc11': namespaces.encryption11,
      Id: style.encryptedKey === 'sibling' ? '_key' : undefined,
      Recipient: style.recipient,
    },
    element(
      'xenc:EncryptionMethod',
      { Algorithm: keyTransport },
      ...(digest === undefined ? [] : [element('ds:DigestMethod', { Algorithm: digest })]),
      ...(label.length === 0 ? [] : [element('xenc:OAEPparams', {}, Buffer.from(label).toString('base64'))]),
      ...(maskGeneration === undefined ? [] : [element('xenc11:MGF', { Algorithm: maskGeneration })]),
    ),
    element('ds:KeyInfo', {}, element('ds:X509Data', {}, element('ds:X509Certificate', {}, raw.toString('base64')))),
    cipherData(encryptOaep(key, publicKey, { hash, maskHash, label })),
  );
}

function cipherData(bytes: Uint8Array) {
  return element('xenc:CipherData', {}, element('xenc:CipherValue', {}, Buffer.from(bytes).toString('base64')));
}

function encryptContent(cipher: string, key: Uint8Array, content: Uint8Array): Uint8Array {
  if (cipher.endsWith('-gcm')) {
    const iv = randomBytes(12);
    const encipher = createCipheriv(cipher as CipherGCMTypes, key, iv);
    return Buffer.concat([iv, encipher.update(content), encipher.final(), encipher.getAuthTag()]);
  }
  const iv = randomBytes(16);
  // All bytes of the padding except the last are arbitrary.
  const padding = randomBytes(16 - (content.length % 16));
  padding[padding.length - 1] = padding.length;
  const encipher = createCipheriv(cipher, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, encipher.update(content), encipher.update(padding), encipher.final()]);
}

/** RSAES-OAEP (RFC 8017, 7.1.1), written out since node:crypto takes one digest for label and mask. */
function encryptOaep(
  message: Uint8Array,
  key: KeyObject,
  { hash, maskHash, label }: { hash: OaepHash; maskHash: OaepHash; label: Uint8Array },
): Uint8Array {
  const labelHash = createHash(hash).update(label).digest();
  const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const zeros = Buffer.alloc(size - message.length - 2 * labelHash.length - 2);
  const seed = randomBytes(labelHash.length);
  const block = applyMask(Buffer.concat([labelHash, zeros, Buffer.from([1]), message]), seed, maskHash);
  const encoded = Buffer.concat([Buffer.from([0]), applyMask(seed, block, maskHash), block]);
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}
