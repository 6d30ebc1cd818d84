import { SamlError } from '../errors.ts';
import { decodeBase64 } from '../lib/base64.ts';
import { collapseWhiteSpace, type XmlElement } from './element.ts';
import {
  type ContentAlgorithm,
  contentAlgorithms,
  maskGenerations,
  type OaepHash,
  oaepDigests,
  RSA_OAEP,
  RSA_OAEP_MGF1P,
  XENC_NAMESPACE,
  XENC11_NAMESPACE,
} from './encryption-algorithms.ts';
import { DSIG_NAMESPACE } from './names.ts';

// Senders that encrypt to many recipients set Recipient, so that more keys than this are an attack.
const maxEncryptedKeys = 4;

/** The public parameters and ciphertexts of an encrypted element, read without a key. */
export interface EncryptedContent {
  /** The parent of EncryptedData; the content may use the namespaces in scope there. */
  readonly element: XmlElement;
  readonly algorithm: ContentAlgorithm;
  readonly ciphertext: Uint8Array;
  /** Keys for this recipient, as far as their Recipient attribute states it. In document order. */
  readonly encryptedKeys: readonly EncryptedKey[];
}

/** A content key, encrypted to an RSA key. */
export interface EncryptedKey {
  readonly hash: OaepHash;
  /** Digests that the mask generation function may use: two where senders differ about an algorithm. */
  readonly maskHashes: readonly OaepHash[];
  readonly label: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** Base64 of the certificate that the sender claims to have encrypted to. */
  readonly certificate: string | undefined;
}

/**
 * Reads an EncryptedElementType (SAML Core 2.2.4): EncryptedData with its EncryptedKeys inside KeyInfo or as siblings.
 * Nothing is fetched: the message must contain the ciphertext, and RetrievalMethod may refer to siblings only.
 *
 * @param recipient entity ID of the application
 * @throws SamlError `assertion_invalid` or `algorithm_not_allowed`
 */
export function readEncryptedContent(encrypted: XmlElement, recipient: string): EncryptedContent {
  const [data, ...others] = encrypted.all(XENC_NAMESPACE, 'EncryptedData');
  if (data === undefined || others.length > 0) {
    malformed(encrypted, `it contains ${others.length + (data ? 1 : 0)} EncryptedData instead of one`);
  }
  const type = data.get('Type');
  if (type !== undefined && collapseWhiteSpace(type) !== `${XENC_NAMESPACE}Element`) {
    malformed(encrypted, `the Type of its EncryptedData is ${JSON.stringify(type.slice(0, 100))}`);
  }
  const keys = selectByRecipient(recipient, findEncryptedKeys(encrypted, data));
  if (keys.length === 0) malformed(encrypted, 'no EncryptedKey belongs to its EncryptedData');
  if (keys.length > maxEncryptedKeys) {
    malformed(encrypted, `${keys.length} EncryptedKeys may be for this application, more than ${maxEncryptedKeys}`);
  }
  return {
    element: encrypted,
    algorithm: readContentAlgorithm(data),
    ciphertext: readCipherValue(data),
    encryptedKeys: keys.map(readEncryptedKey),
  };
}

/** Keys for this Recipient; else keys without a Recipient; else all keys, because a sender may use another name for us. */
function selectByRecipient(recipient: string, keys: readonly XmlElement[]): readonly XmlElement[] {
  for (const addressee of [recipient, undefined]) {
    const found = keys.filter((key) => key.get('Recipient') === addressee);
    if (found.length > 0) return found;
  }
  return keys;
}

/** EncryptedKeys in KeyInfo; else siblings, of which only those that RetrievalMethod refers to, if present. */
function findEncryptedKeys(encrypted: XmlElement, data: XmlElement): readonly XmlElement[] {
  const keyInfos = data.all(DSIG_NAMESPACE, 'KeyInfo');
  const inside = keyInfos.flatMap((info) => info.all(XENC_NAMESPACE, 'EncryptedKey'));
  if (inside.length > 0) return inside;
  const named = new Set(
    keyInfos.flatMap((info) => info.all(DSIG_NAMESPACE, 'RetrievalMethod')).map((method) => method.get('URI')),
  );
  const siblings = encrypted.all(XENC_NAMESPACE, 'EncryptedKey');
  return named.size === 0 ? siblings : siblings.filter((key) => named.has(`#${key.get('Id')}`));
}

function readContentAlgorithm(data: XmlElement): ContentAlgorithm {
  const uri = readEncryptionMethod(data).get('Algorithm') ?? '';
  return (
    contentAlgorithms.get(uri) ??
    refuseAlgorithm(uri, 'AES-GCM (or AES-CBC) with 128, 192 or 256 bits', 'content encryption')
  );
}

function readEncryptedKey(key: XmlElement): EncryptedKey {
  const method = readEncryptionMethod(key);
  const uri = method.get('Algorithm') ?? '';
  if (uri !== RSA_OAEP && uri !== RSA_OAEP_MGF1P) refuseAlgorithm(uri, `RSA-OAEP (${RSA_OAEP_MGF1P})`, 'key transport');
  const digest = method.all(DSIG_NAMESPACE, 'DigestMethod')[0]?.get('Algorithm');
  const hash =
    digest === undefined ? 'sha1' : (oaepDigests.get(digest) ?? refuseAlgorithm(digest, 'SHA-256', 'RSA-OAEP digest'));
  const label = method.all(XENC_NAMESPACE, 'OAEPparams')[0];
  return {
    hash,
    maskHashes: uri === RSA_OAEP ? [readMask(method)] : [...new Set<OaepHash>(['sha1', hash])],
    label: label === undefined ? new Uint8Array() : readBase64(label),
    ciphertext: readCipherValue(key),
    certificate: key
      .all(DSIG_NAMESPACE, 'KeyInfo')[0]
      ?.all(DSIG_NAMESPACE, 'X509Data')[0]
      ?.all(DSIG_NAMESPACE, 'X509Certificate')[0]?.text,
  };
}

function readMask(method: XmlElement): OaepHash {
  const mask = method.all(XENC11_NAMESPACE, 'MGF')[0]?.get('Algorithm');
  if (mask === undefined) return 'sha1';
  return maskGenerations.get(mask) ?? refuseAlgorithm(mask, 'MGF1 with SHA-256', 'RSA-OAEP mask');
}

function readEncryptionMethod(parent: XmlElement): XmlElement {
  return readOnlyChild(parent, 'EncryptionMethod');
}

function readCipherValue(parent: XmlElement): Uint8Array {
  const data = readOnlyChild(parent, 'CipherData');
  if (data.all(XENC_NAMESPACE, 'CipherReference').length > 0) {
    malformed(parent, 'it refers to its ciphertext (CipherReference) instead of containing it');
  }
  return readBase64(readOnlyChild(data, 'CipherValue'));
}

function readBase64(element: XmlElement): Uint8Array {
  const bytes = element.isLeaf ? decodeBase64(element.text) : null;
  return bytes ?? malformed(element, 'it is not base64');
}

function readOnlyChild(parent: XmlElement, name: string): XmlElement {
  const [found, ...others] = parent.all(XENC_NAMESPACE, name);
  if (found === undefined || others.length > 0) {
    malformed(parent, `it contains ${others.length + (found ? 1 : 0)} ${name} instead of one`);
  }
  return found;
}

function refuseAlgorithm(received: string, expected: string, what: string): never {
  throw new SamlError('algorithm_not_allowed', {
    hint: `The ${what} is ${JSON.stringify(received.slice(0, 100))}; expected ${expected}. Choose that in the encryption settings of this application at the identity provider (RSA 1.5 and Triple DES let attackers decrypt messages).`,
    details: { expected, received: received.slice(0, 100) },
  });
}

function malformed(element: XmlElement, problem: string): never {
  throw new SamlError('assertion_invalid', {
    hint: `<${element.localName}> is not encrypted as XML Encryption prescribes: ${problem}. Correct this at the identity provider, or switch encryption off there, since TLS protects the message.`,
    details: { problem },
  });
}
