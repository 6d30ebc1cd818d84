import { invalidOption } from '../configuration-error.ts';
import { type ExpiryEntry, insertExpiry, removeEarliest } from '../lib/expiry-heap.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import { replayKey } from './replay-key.ts';

/** Options of {@link memoryReplayCache}. */
export interface MemoryReplayCacheOptions {
  /** Maximum number of unexpired keys. Default 200,000: about 40 MB, and 300 logins a second that last five minutes. */
  readonly maxEntries?: number | undefined;
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * A replay cache for one process. It holds hashes of the keys, so that long keys take no more space than short ones.
 * `claim` rejects when `maxEntries` keys are unexpired, and never removes one of them; it rejects with a
 * TypeError for a `ttlSeconds` that is not a positive number.
 *
 * @param options `maxEntries` bounds the memory; `now` replaces the clock
 * @throws ConfigurationError for a `maxEntries` that is not a positive integer
 * @example
 * ```ts
 * import { createSso, memoryReplayCache } from 'saml-jit';
 *
 * const sso = createSso({ ...options, replayCache: memoryReplayCache({ maxEntries: 50_000 }) });
 * ```
 */
export function memoryReplayCache(options: MemoryReplayCacheOptions = {}): ReplayCache {
  const { maxEntries = 200_000, now = () => new Date() } = options;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    throw invalidOption(['maxEntries'], 'must be a positive integer');
  const keys = new Set<string>();
  const heap: ExpiryEntry[] = [];
  return {
    async claim(key, ttlSeconds) {
      const hash = replayKey(key, ttlSeconds, 'base64');
      const time = now().getTime();
      for (let first = heap[0]; first !== undefined && first.expires <= time; first = heap[0]) {
        keys.delete(first.key);
        removeEarliest(heap);
      }
      if (keys.has(hash)) return false;
      if (keys.size >= maxEntries) throw new Error(`the replay cache is full: ${maxEntries} keys have not expired yet`);
      keys.add(hash);
      insertExpiry(heap, { key: hash, expires: time + ttlSeconds * 1000 });
      return true;
    },
  };
}
