import type { Oracles } from '../oracles/oracles.ts';
import type { Connection } from '../originals.ts';
import type { Random } from '../random.ts';
import type { Statistics, Violation } from '../statistics.ts';

/** What all cases share. */
export interface Bench {
  readonly connections: readonly Connection[];
  readonly oracles: Oracles;
  readonly statistics: Statistics;
}

/** One input, and the check that it must pass. */
export interface Case {
  readonly kind: string;
  /** How it was made. */
  readonly trace: readonly string[];
  /** Base64 as in the form field, or XML. */
  readonly input: string;
  readonly isField: boolean;
  readonly check: (input: string) => Promise<Violation | null>;
}

/** Makes cases of one kind. `name` seeds what the check draws. */
export type CaseMaker = (random: Random, name: string, bench: Bench) => Case;
