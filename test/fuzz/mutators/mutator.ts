import type { Random } from '../random.ts';

/** Changes a message; `donors` are other genuine messages of the same identity provider, as XML. */
export interface Mutator<T = string> {
  readonly name: string;
  readonly apply: (message: T, random: Random, donors: readonly string[]) => T;
}
