/** A violated invariant. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** Counts of one run. */
export class Statistics {
  readonly mutators = new Map<string, { count: number; accepted: number }>();
  readonly kinds = new Map<string, number>();
  /** Refusals by code, and `accepted`. */
  readonly verdicts = new Map<string, number>();
  readonly comparisons = new Map<string, number>();
  /** Where one oracle alone differs from us: no violation, but worth a look. */
  readonly notes = new Map<string, { count: number; readonly example: string }>();
  /** The costliest cases by milliseconds of CPU. */
  slowest: { readonly index: number; readonly ms: number; readonly trace: string }[] = [];

  static count(map: Map<string, number>, key: string): void {
    map.set(key, (map.get(key) ?? 0) + 1);
  }

  /** Records the verdict of a message that these mutators changed. */
  mutated(trace: readonly string[], accepted: boolean): void {
    for (const name of trace) {
      const counts = this.mutators.get(name) ?? { count: 0, accepted: 0 };
      counts.count++;
      if (accepted) counts.accepted++;
      this.mutators.set(name, counts);
    }
  }

  note(what: string, example: string): void {
    const known = this.notes.get(what);
    if (known !== undefined) known.count++;
    else if (this.notes.size < 200) this.notes.set(what, { count: 1, example: example.slice(0, 300) });
  }

  time(index: number, ms: number, trace: string): void {
    if (ms <= (this.slowest.at(-1)?.ms ?? 0) && this.slowest.length === 5) return;
    this.slowest = [...this.slowest, { index, ms, trace }].sort((a, b) => b.ms - a.ms).slice(0, 5);
  }
}
