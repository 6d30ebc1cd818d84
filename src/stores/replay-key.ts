import { type BinaryToTextEncoding, createHash } from 'node:crypto';

/**
 * What a replay cache keeps of the key of a claim: a hash, so that long keys take no more room than short ones.
 *
 * @throws TypeError for a `ttlSeconds` that is not a positive number
 */
export function replayKey(key: string, ttlSeconds: number, encoding: BinaryToTextEncoding): string {
  if (!(ttlSeconds > 0)) throw new TypeError('ttlSeconds must be a positive number');
  return createHash('sha256').update(key).digest(encoding);
}
