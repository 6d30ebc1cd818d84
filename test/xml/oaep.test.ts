import { constants, createPrivateKey, privateDecrypt, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OaepHash } from '../../src/xml/encryption-algorithms.ts';
import { applyMask, decodeOaep } from '../../src/xml/oaep.ts';

interface Vector {
  readonly hash: OaepHash;
  readonly maskHash: OaepHash;
  readonly label: string;
  readonly ciphertext: string;
}

const read = (file: string): string => readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8');
const { message, vectors }: { message: string; vectors: readonly Vector[] } = JSON.parse(read('oaep/openssl.json'));
const key = createPrivateKey(read('captures/keys/sp-enc.key'));

const numberOf = ({ ciphertext }: Vector): Uint8Array =>
  privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, Buffer.from(ciphertext, 'base64'));

describe('decodeOaep', () => {
  it.each(vectors)('reads what OpenSSL encodes with $hash and MGF1 with $maskHash', (vector) => {
    const { hash, maskHash, label } = vector;
    const decoded = decodeOaep(numberOf(vector), Buffer.from(label), hash, maskHash);
    expect(Buffer.from(decoded ?? []).toString()).toBe(message);
    expect(decodeOaep(numberOf(vector), Buffer.from(`${label}x`), hash, maskHash)).toBeNull();
    const other = maskHash === 'sha512' ? 'sha384' : 'sha512';
    expect(decodeOaep(numberOf(vector), Buffer.from(label), hash, other)).toBeNull();
  });

  const size = 256;
  /** An encoding with the given first byte, label hash and rest of the block. */
  function encode(first: number, block: Uint8Array): Uint8Array {
    const seed = randomBytes(20);
    const maskedBlock = applyMask(block, seed, 'sha1');
    return Buffer.concat([Buffer.from([first]), applyMask(seed, maskedBlock, 'sha1'), maskedBlock]);
  }
  const labelHash = Buffer.from('2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'base64');
  const decode = (first: number, ...block: readonly Uint8Array[]) => {
    const rest = Buffer.concat(block);
    const padded = Buffer.concat([rest, Buffer.alloc(size - 21 - rest.length, 7)]);
    return decodeOaep(encode(first, padded), new Uint8Array(), 'sha1', 'sha1');
  };

  it('reads encodings made by hand, with the longest message and an empty one', () => {
    expect(decode(0, labelHash, Buffer.from([1]))).toEqual(new Uint8Array(size - 42).fill(7));
    expect(decode(0, labelHash, Buffer.alloc(size - 42), Buffer.from([1]))).toEqual(new Uint8Array());
  });

  it.each([
    ['a first byte that is not zero', 1, labelHash, Buffer.from([1])],
    ['no zeros and no one before the message', 0, labelHash, Buffer.alloc(0)],
    ['another byte between the zeros', 0, labelHash, Buffer.from([0, 0, 2, 0, 1])],
    ['only zeros', 0, labelHash, Buffer.alloc(size - 41)],
    [
      'a label hash that differs in its first bit',
      0,
      Buffer.from(labelHash).fill((labelHash[0] ?? 0) ^ 128, 0, 1),
      Buffer.from([1]),
    ],
    [
      'a label hash that differs in its last bit',
      0,
      Buffer.from(labelHash).fill((labelHash[19] ?? 0) ^ 1, 19),
      Buffer.from([1]),
    ],
  ])('refuses %s', (_, first, hash, rest) => {
    expect(decode(first, hash, rest)).toBeNull();
  });

  it('refuses an encoding that is too short', () => {
    expect(decodeOaep(new Uint8Array(41), new Uint8Array(), 'sha1', 'sha1')).toBeNull();
  });
});
