import { type Attack, attacksOn, attackText } from './adversary.ts';
import { charactersOf, maxSteps, search, stepsOfAll } from './backtracking.ts';
import { type Node, parsePattern } from './syntax.ts';

/** How a pattern is used: one search, or one after the other until nothing is found (`replace`, `split`). */
export type Use = 'once' | 'all';

/** An attack on which the steps of a pattern grow faster than the text. */
export interface SuperLinear extends Attack {
  /** Steps for texts of a length, twice and four times that. */
  readonly steps: readonly [number, number, number];
}

/** An attack on which the steps of a pattern grow faster than the text; `null`: none was found. */
export function superLinear(pattern: RegExp, use: Use): SuperLinear | null {
  const root = parsePattern(pattern);
  for (const attack of attacksOn(root)) {
    // A short text shows which attacks justify a long one.
    if (!grows(measure(root, pattern.flags, use, attack, 16))) continue;
    const steps = measure(root, pattern.flags, use, attack, 300);
    if (grows(steps)) return { ...attack, steps };
  }
  return null;
}

/** Twice the text may take twice the steps; half as much again is allowed for what is not exactly proportional. */
function grows([one, two, four]: readonly [number, number, number]): boolean {
  return four >= maxSteps || four - two > 3 * (two - one) + 20;
}

function measure(root: Node, flags: string, use: Use, attack: Attack, length: number): SuperLinear['steps'] {
  const steps = (factor: number): number => {
    const text = charactersOf(attackText(attack, factor * length), flags);
    try {
      return use === 'all' ? stepsOfAll(root, flags, text) : search(root, flags, text).steps;
    } catch (error) {
      if (error instanceof RangeError) return maxSteps;
      throw error;
    }
  };
  return [steps(1), steps(2), steps(4)];
}
