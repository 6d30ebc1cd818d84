import { type BinaryToTextEncoding, createHash } from 'node:crypto';

/**
 * The hash that a replay cache stores for the key of a claim, so that long keys need no more space than short ones.
 *
 * @throws TypeError for a `ttlSeconds` that is not a positive, finite number
 */
export function replayKey(key: string, ttlSeconds: number, encoding: BinaryToTextEncoding): string {
  if (!(ttlSeconds > 0 && Number.isFinite(ttlSeconds))) throw new TypeError('ttlSeconds must be a positive number');
  return createHash('sha256').update(key).digest(encoding);
}
