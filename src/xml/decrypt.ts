import { constants, createDecipheriv, privateDecrypt, randomBytes } from 'node:crypto';
import type { DecryptionKey } from './decryption-keys.ts';
import { lookupNamespace, type Namespaces, type XmlElement } from './element.ts';
import type { EncryptedContent, EncryptedKey } from './encrypted-data.ts';
import type { ContentAlgorithm } from './encryption-algorithms.ts';
import type { Limits } from './limits.ts';
import { decodeOaep } from './oaep.ts';
import { readXml } from './read.ts';

/** What an encrypted element held. */
export interface Decrypted {
  readonly text: string;
  readonly root: XmlElement;
}

/** It could not be decrypted. Carries no reason: whoever learns one can decrypt what is not his. */
export class Undecryptable extends Error {
  override readonly name = 'Undecryptable';
}

/**
 * Decrypts and reads what {@link readEncryptedContent} found (XML Encryption 1.1, 4.4).
 *
 * @param keys at least one: what has none cannot be asked to decrypt
 * @throws Undecryptable, whatever fails
 */
export function decrypt(content: EncryptedContent, keys: readonly DecryptionKey[], limits: Limits): Decrypted {
  try {
    const bytes = decryptContent(content.algorithm, unwrap(content, keys), content.ciphertext);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, root: readXml(text, limits, around(text, content.element.namespaces)) };
  } catch {
    throw new Undecryptable();
  }
}

/**
 * Of the declarations around the ciphertext, canonical XML keeps those that something in plain sight uses. Types are
 * written in ciphertext alone; what their prefix means is no secret, and nobody reads them.
 */
function around(text: string, namespaces: Namespaces | null): Namespaces | null {
  const known = !text.includes('xsi:') || text.includes('xmlns:xsi=') || lookupNamespace(namespaces, 'xsi');
  if (known) return namespaces;
  const uri = 'http://www.w3.org/2001/XMLSchema-instance';
  return { prefix: 'xsi', uri, outer: namespaces, size: (namespaces?.size ?? 0) + 1 };
}

/** The content key; where none can be had a random one, so that the next step fails as with any wrong key. */
function unwrap({ algorithm, encryptedKeys }: EncryptedContent, keys: readonly DecryptionKey[]): Uint8Array {
  for (const encryptedKey of encryptedKeys) {
    for (const { key, size } of keys) {
      if (encryptedKey.ciphertext.length !== size) continue;
      const found = decryptOaep(encryptedKey, key);
      if (found?.length === algorithm.keyBytes) return found;
    }
  }
  return randomBytes(algorithm.keyBytes);
}

function decryptOaep(
  { hash, maskHash, label, ciphertext }: EncryptedKey,
  key: DecryptionKey['key'],
): Uint8Array | null {
  try {
    if (hash !== maskHash) {
      const encoded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
      return decodeOaep(encoded, label, hash, maskHash);
    }
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return privateDecrypt({ key, padding, oaepHash: hash, oaepLabel: label }, ciphertext);
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
  // Only the last byte of the padding says anything; node:crypto would look at the others.
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > 16) throw new Undecryptable();
  return padded.subarray(0, -padding);
}
