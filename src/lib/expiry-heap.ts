/** An entry of a binary heap by expiry: entries have different lifetimes, and a write must not visit all of them. */
export interface ExpiryEntry {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Adds an entry; the first one of the array is then the one that expires first. */
export function insertExpiry(heap: ExpiryEntry[], entry: ExpiryEntry): void {
  let hole = heap.push(entry) - 1;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.expires <= entry.expires) break;
    heap[hole] = above;
    hole = parent;
  }
  heap[hole] = entry;
}

/** Removes the first entry. */
export function removeEarliest(heap: ExpiryEntry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let hole = 0;
  for (;;) {
    const left = 2 * hole + 1;
    const right = left + 1;
    const child = (heap[right]?.expires ?? Infinity) < (heap[left]?.expires ?? Infinity) ? right : left;
    const below = heap[child];
    if (below === undefined || below.expires >= last.expires) break;
    heap[hole] = below;
    hole = child;
  }
  heap[hole] = last;
}
