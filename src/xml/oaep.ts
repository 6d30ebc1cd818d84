import { createHash } from 'node:crypto';
import type { OaepHash } from './encryption-algorithms.ts';

/**
 * Decodes an RSAES-OAEP encoding (RFC 8017, 7.1.2) whose label and mask use different digests; node:crypto uses one digest
 * for both. All steps run even if one fails, so that the time does not depend on what is wrong.
 *
 * @param encoded the result of the raw RSA operation, as long as the modulus
 * @returns the message; `null` if the encoding is invalid
 */
export function decodeOaep(
  encoded: Uint8Array,
  label: Uint8Array,
  hash: OaepHash,
  maskHash: OaepHash,
): Uint8Array | null {
  const expected = createHash(hash).update(label).digest();
  const size = expected.length;
  if (encoded.length < 2 * size + 2) return null;
  const maskedBlock = encoded.subarray(1 + size);
  const seed = applyMask(encoded.subarray(1, 1 + size), maskedBlock, maskHash);
  const block = applyMask(maskedBlock, seed, maskHash);

  let wrong = encoded[0] ?? 1;
  for (let i = 0; i < size; i++) wrong |= (block[i] ?? 0) ^ (expected[i] ?? 0);
  // The block continues with zeros, a 1, and the message. `padding` is all ones until the 1 was found.
  let padding = -1;
  let start = 0;
  for (let i = size; i < block.length; i++) {
    const byte = block[i] ?? 0;
    const isOne = zeroMask(byte ^ 1);
    wrong |= padding & ~isOne & byte;
    start |= padding & isOne & (i + 1);
    padding &= ~isOne;
  }
  return (wrong | padding) === 0 ? block.subarray(start) : null;
}

/** XORs `data` with the mask that MGF1 (RFC 8017, B.2.1) generates from `seed`. */
export function applyMask(data: Uint8Array, seed: Uint8Array, hash: OaepHash): Uint8Array {
  const result = Uint8Array.from(data);
  const counter = Buffer.alloc(4);
  for (let done = 0, block = 0; done < data.length; block++) {
    counter.writeUInt32BE(block);
    for (const byte of createHash(hash).update(seed).update(counter).digest()) {
      if (done < data.length) result[done] = (result[done] ?? 0) ^ byte;
      done++;
    }
  }
  return result;
}

/** All ones if the byte is zero, else zero. Branch-free, for constant time. */
function zeroMask(byte: number): number {
  return (byte - 1) >> 31;
}
