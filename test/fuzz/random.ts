import { createHash } from 'node:crypto';
import fc from 'fast-check';

// Without history: a case draws thousands of numbers.
const numbers = fc.infiniteStream(fc.noBias(fc.nat()), { noHistory: true });

/** Random numbers of fast-check that a seed repeats. Not for secrets. */
export class Random {
  readonly #numbers: Iterator<number>;

  constructor(seed: string) {
    const [stream = fc.Stream.nil<number>()] = fc.sample(numbers, { seed: intOf(seed), numRuns: 1 });
    this.#numbers = stream;
  }

  /** An integer from 0, less than `limit`. */
  below(limit: number): number {
    return Math.floor((this.#numbers.next().value / 2 ** 31) * limit);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[this.below(list.length)] as T;
  }

  /** One of a list, or `undefined` when it is empty. */
  maybe<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** Each item with probability 1/n, in order. */
  some<T>(list: readonly T[], n = 2): T[] {
    return list.filter(() => this.oneIn(n));
  }

  /** A value of a fast-check arbitrary. */
  sample<T>(arbitrary: fc.Arbitrary<T>): T {
    const [value] = fc.sample(arbitrary, { seed: this.below(2 ** 31), numRuns: 1 });
    return value as T;
  }
}

function intOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readInt32LE();
}
