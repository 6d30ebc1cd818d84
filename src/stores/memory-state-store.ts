import { type ExpiryEntry, insertExpiry, removeEarliest } from '../lib/expiry-heap.ts';
import type { StateKind, StateStore } from '../saml/state-store.ts';
import { memoryReplayCache } from './memory-replay-cache.ts';
import { expectStateKey, type StoredState, statePage, stateRecord, storedState } from './state-record.ts';

/** Options of {@link memoryStateStore}. */
export interface MemoryStateStoreOptions {
  /** Maximum number of unexpired records, and of unexpired claims. Default 200,000. */
  readonly maxEntries?: number | undefined;
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * A state store for one process; everything is lost with the process. `put` of a new record and `claim` reject when
 * `maxEntries` are unexpired, rather than remove one.
 *
 * @param options `maxEntries` bounds the memory; `now` replaces the clock
 * @throws ConfigurationError for a `maxEntries` that is not a positive integer
 * @example
 * ```ts
 * const state = memoryStateStore();
 * const sso = createSso({ ...options, replayCache: state });
 * ```
 */
export function memoryStateStore(options: MemoryStateStoreOptions = {}): StateStore {
  const { maxEntries = 200_000, now = () => new Date() } = options;
  const cache = memoryReplayCache({ maxEntries, now });
  const records = new Map<string, StoredState>();
  const byKey = new Map<string, Set<string>>();
  // Entries of replaced and deleted records stay until they expire, or are too many.
  let heap: ExpiryEntry[] = [];

  function living(name: string): StoredState | null {
    const stored = records.get(name);
    return stored !== undefined && stored.expiresAt.getTime() > now().getTime() ? stored : null;
  }

  function remove(name: string): void {
    for (const key of records.get(name)?.keys ?? []) {
      const names = byKey.get(key);
      names?.delete(name);
      if (names?.size === 0) byKey.delete(key);
    }
    records.delete(name);
  }

  function removeExpired(): void {
    for (let first = heap[0]; first !== undefined && first.expires <= now().getTime(); first = heap[0]) {
      if (living(first.key) === null) remove(first.key);
      removeEarliest(heap);
    }
  }

  function addExpiry(key: string, expires: number): void {
    insertExpiry(heap, { key, expires });
    if (heap.length <= 2 * records.size + 1000) return;
    const current = [...records].map(([name, { expiresAt }]) => ({ key: name, expires: expiresAt.getTime() }));
    heap = current.sort((one, other) => one.expires - other.expires);
  }

  function makeRoom(): void {
    removeExpired();
    if (records.size >= maxEntries) {
      throw new Error(`the state store is full: ${maxEntries} records have not expired yet`);
    }
  }

  return {
    claim: (key, ttlSeconds) => cache.claim(key, ttlSeconds),
    async get(kind, id) {
      const stored = living(nameOf(kind, id));
      return stored && stateRecord(copy(stored));
    },
    async find(kind, key, page) {
      expectStateKey(key);
      const { limit, after } = statePage(page);
      return [...(byKey.get(key) ?? [])]
        .flatMap((name) => living(name) ?? [])
        .filter((stored) => stored.kind === kind && stored.id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((stored) => stateRecord(copy(stored)));
    },
    async put(record, expectedVersion) {
      const stored = copy(storedState(record, expectedVersion));
      const name = nameOf(stored.kind, stored.id);
      if ((living(name)?.version ?? null) !== expectedVersion) return false;
      if (!records.has(name)) makeRoom();
      remove(name);
      records.set(name, stored);
      for (const key of stored.keys) byKey.set(key, (byKey.get(key) ?? new Set()).add(name));
      addExpiry(name, stored.expiresAt.getTime());
      return true;
    },
    async delete(kind, id) {
      remove(nameOf(kind, id));
    },
  };
}

// A kind contains no space.
function nameOf(kind: StateKind, id: string): string {
  return `${kind} ${id}`;
}

/** Copies, so that callers and store share no lists and dates. */
function copy(stored: StoredState): StoredState {
  return { ...stored, keys: [...stored.keys], expiresAt: new Date(stored.expiresAt) };
}
