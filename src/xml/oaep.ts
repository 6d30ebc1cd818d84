import { createHash } from 'node:crypto';
import type { OaepHash } from './encryption-algorithms.ts';

/**
 * Takes the message out of an RSAES-OAEP encoding (RFC 8017, 7.1.2) whose mask was made with another digest than that of
 * the label; node:crypto knows one digest for both. Each step is taken whatever is wrong: how long it takes says nothing.
 *
 * @param encoded the decrypted number, as long as the modulus
 * @returns `null` when it is no such encoding
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
  const seed = masked(encoded.subarray(1, 1 + size), maskedBlock, maskHash);
  const block = masked(maskedBlock, seed, maskHash);

  let wrong = encoded[0] ?? 1;
  for (let i = 0; i < size; i++) wrong |= (block[i] ?? 0) ^ (expected[i] ?? 0);
  // Zeros, a one, and the message: all ones in `padding` until that one was seen.
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

/** The mask that MGF1 (RFC 8017, B.2.1) makes of `seed`, laid over `data`. */
export function masked(data: Uint8Array, seed: Uint8Array, hash: OaepHash): Uint8Array {
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

/** All ones for zero, else zero; of a byte, without a branch. */
function zeroMask(byte: number): number {
  return (byte - 1) >> 31;
}
