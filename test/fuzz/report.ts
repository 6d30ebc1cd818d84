import { mkdirSync, writeFileSync } from 'node:fs';
import type { Case } from './cases/case.ts';
import type { Statistics, Violation } from './statistics.ts';

/** A case that failed. */
export interface Finding {
  readonly seed: string;
  readonly index: number;
  readonly made: Case;
  readonly violation: Violation;
  readonly minimised: string;
}

const directory = '.tmp/fuzz-findings';

/** Prints a finding, and writes it to a file. */
export function reportFinding({ seed, index, made, violation, minimised }: Finding): void {
  mkdirSync(directory, { recursive: true });
  const file = `${directory}/${seed}-${index}.json`;
  const { kind, trace, input } = made;
  writeFileSync(file, `${JSON.stringify({ seed, index, kind, trace, ...violation, minimised, input }, null, 2)}\n`);
  console.log(`\nFINDING: ${violation.invariant}
  ${violation.detail.slice(0, 600)}
  case     npm run fuzz -- --seed ${seed} --case ${index}
  kind     ${kind}
  made by  ${trace.join(', ').slice(0, 600)}
  input    ${JSON.stringify(minimised.slice(0, 2000))}
  file     ${file}`);
}

/** Prints the counts of a run. */
export function reportStatistics(statistics: Statistics, executions: number, seconds: number): void {
  const sections: readonly (readonly [string, ReadonlyMap<string, number>])[] = [
    ['cases by kind', byKind(statistics.kinds)],
    ['verdicts of the strict verifier', statistics.verdicts],
    ['comparisons with other implementations', statistics.comparisons],
  ];
  for (const [title, counts] of sections) {
    console.log(`\n${title}`);
    for (const [name, count] of [...counts].sort((a, b) => b[1] - a[1]))
      console.log(`${String(count).padStart(9)}  ${name}`);
  }
  console.log('\nmutations of messages by mutator, and how many of the mutants were accepted');
  for (const [name, { count, accepted }] of [...statistics.mutators].sort((a, b) => b[1].count - a[1].count)) {
    console.log(`${String(count).padStart(9)}  ${String(accepted).padStart(7)}  ${name}`);
  }
  if (statistics.notes.size > 0) console.log('\nwhere one implementation differs, and ours agrees with the other');
  for (const [what, { count, example }] of [...statistics.notes].sort((a, b) => b[1].count - a[1].count)) {
    console.log(`${String(count).padStart(9)}  ${what}\n           ${JSON.stringify(example.slice(0, 100))}`);
  }
  console.log('\ncostliest cases, milliseconds of CPU');
  for (const { index, ms, trace } of statistics.slowest)
    console.log(`${ms.toFixed(1).padStart(9)}  case ${index}: ${trace.slice(0, 90)}`);
  const rate = Math.round(executions / seconds);
  console.log(`\n${executions} executions in ${Math.round(seconds)} s, ${rate} per second`);
}

function byKind(kinds: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const merged = new Map<string, number>();
  for (const [kind, count] of kinds) {
    const name = /^mutant of (?:lasso|samlp)/.test(kind) ? 'mutant of a capture' : kind;
    merged.set(name, (merged.get(name) ?? 0) + count);
  }
  return merged;
}
