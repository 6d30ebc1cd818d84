import { constants, createDecipheriv, privateDecrypt, randomBytes } from 'node:crypto';
import { belongsTo, type DecryptionKey, namedKey } from './decryption-keys.ts';
import { lookupNamespace, type Namespaces, type XmlElement } from './element.ts';
import type { EncryptedContent, EncryptedKey } from './encrypted-data.ts';
import type { ContentAlgorithm } from './encryption-algorithms.ts';
import type { Limits } from './limits.ts';
import { DSIG_NAMESPACE } from './names.ts';
import { decodeOaep } from './oaep.ts';
import { readXml } from './read.ts';

/** The plaintext of an encrypted element. */
export interface Decrypted {
  readonly text: string;
  readonly root: XmlElement;
}

/** Decryption failed. The reason is withheld on purpose: it would be a decryption oracle. */
export class Undecryptable extends Error {
  override readonly name = 'Undecryptable';
}

/**
 * Decrypts the result of {@link readEncryptedContent} and reads the plaintext as XML (XML Encryption 1.1, 4.4).
 *
 * @param keys at least one; the caller refuses encrypted content if no key is configured
 * @throws Undecryptable for every failure
 */
export function decrypt(content: EncryptedContent, keys: readonly DecryptionKey[], limits: Limits): Decrypted {
  try {
    const bytes = decryptContent(content.algorithm, unwrapContentKey(content, keys), content.ciphertext);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, root: readXml(text, limits, addUsualPrefixes(text, content.element.namespaces)) };
  } catch {
    throw new Undecryptable();
  }
}

// A plaintext may rely on declarations of its ancestors that canonicalization of the signed ciphertext has removed, because
// no visible element uses them. These prefixes are bound to constants, so that an attacker cannot change their meaning.
const usualPrefixes = [
  ['xsi', 'http://www.w3.org/2001/XMLSchema-instance'],
  ['ds', DSIG_NAMESPACE],
] as const;

function addUsualPrefixes(text: string, namespaces: Namespaces | null): Namespaces | null {
  let all = namespaces;
  for (const [prefix, uri] of usualPrefixes) {
    if (!text.includes(`${prefix}:`) || text.includes(`xmlns:${prefix}=`)) continue;
    if (lookupNamespace(all, prefix) === undefined) all = { prefix, uri, outer: all, size: (all?.size ?? 0) + 1 };
  }
  return all;
}

/** Maximum number of RSA operations for one ciphertext, because ciphertexts come from unauthenticated senders. */
const maxOperations = 4;

/** Unwraps the content key; if that fails, returns a random key, so that the next step fails as with any wrong key. */
function unwrapContentKey({ algorithm, encryptedKeys }: EncryptedContent, keys: readonly DecryptionKey[]): Uint8Array {
  const pairs = encryptedKeys.flatMap((encryptedKey) =>
    keys.filter(({ size }) => size === encryptedKey.ciphertext.length).map((key) => ({ encryptedKey, key })),
  );
  for (const { encryptedKey, key } of pairs.length > maxOperations ? selectAttempts(pairs) : pairs) {
    const found = decryptOaep(encryptedKey, key);
    if (found?.length === algorithm.keyBytes) return found;
  }
  return randomBytes(algorithm.keyBytes);
}

interface Attempt {
  readonly encryptedKey: EncryptedKey;
  readonly key: DecryptionKey;
}

/** Selects the pairs to try, up to the maximum; pairs whose certificate the message names come first. */
function selectAttempts(attempts: readonly Attempt[]): readonly Attempt[] {
  const encryptedKeys = new Set(attempts.map(({ encryptedKey }) => encryptedKey));
  const keys = new Map([...encryptedKeys].map((each) => [each, namedKey(each.certificate)]));
  const isNamed = ({ encryptedKey, key }: Attempt): boolean => {
    const named = keys.get(encryptedKey) ?? null;
    return named !== null && belongsTo(named, key);
  };
  return [...new Set([...attempts.filter(isNamed), ...attempts])].slice(0, maxOperations);
}

function decryptOaep({ hash, maskHashes, label, ciphertext }: EncryptedKey, { key }: DecryptionKey): Uint8Array | null {
  try {
    if (maskHashes.length === 1 && maskHashes[0] === hash) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      return privateDecrypt({ key, padding, oaepHash: hash, oaepLabel: label }, ciphertext);
    }
    const encoded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
    const messages = maskHashes.map((maskHash) => decodeOaep(encoded, label, hash, maskHash));
    return messages.find((message) => message !== null) ?? null;
  } catch {
    return null;
  }
}

const TAG_BYTES = 16;

/** AES-GCM: IV of 12 bytes, ciphertext, tag of 16 (5.2.4); AES-CBC: IV of 16, ciphertext with padding (5.2). */
function decryptContent(algorithm: ContentAlgorithm, key: Uint8Array, data: Uint8Array): Uint8Array {
  if (algorithm.authenticated) {
    if (data.length < 12 + TAG_BYTES) throw new Undecryptable();
    const decipher = createDecipheriv(algorithm.cipher, key, data.subarray(0, 12), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(data.subarray(12, -TAG_BYTES)), decipher.final()]);
  }
  const decipher = createDecipheriv(algorithm.cipher, key, data.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(data.subarray(16)), decipher.final()]);
  // The last byte is the length of the padding, the other bytes are arbitrary (5.2). An invalid length is not an error of
  // its own, because that is a padding oracle: it is clamped, and the remaining bytes are read and validated like others.
  const padding = Math.max(1, Math.min(padded.at(-1) ?? 0, 16));
  return padded.subarray(0, -padding);
}
