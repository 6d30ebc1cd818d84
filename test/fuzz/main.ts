import { setImmediate, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench, Case } from './cases/case.ts';
import { makeCase } from './cases/make-case.ts';
import { minimise } from './minimise.ts';
import { startOracles, stopOracles } from './oracles/oracles.ts';
import { loadConnections } from './originals.ts';
import { reportFinding, reportStatistics } from './report.ts';
import { Statistics, type Violation } from './statistics.ts';
import { Watchdog } from './watchdog.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    case: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
if (!(seconds > 0)) throw new TypeError('--seconds must be a positive number');

/** Cases under way: oracles answer in their own time. */
const most = 2048;
/** Findings after which a run ends. */
const enough = 20;
const minimisingSeconds = 30;

const bench: Bench = {
  connections: await loadConnections(),
  oracles: await startOracles(),
  statistics: new Statistics(),
};
const watchdog = new Watchdog(30);
const failures = new Map<string, { index: number; made: Case; violation: Violation }>();
const { statistics } = bench;
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});

async function run(index: number): Promise<void> {
  watchdog.beat(index);
  const cpu = process.cpuUsage();
  const made = makeCase(flags.seed, index, bench);
  const checked = made.check(made.input);
  const { user, system } = process.cpuUsage(cpu);
  statistics.time(index, (user + system) / 1000, `${made.kind}: ${made.trace.join(', ')}`);
  Statistics.count(statistics.kinds, made.kind);
  const violation = await checked;
  // What interrupts us, interrupts the oracles.
  if (violation === null || interrupted) return;
  // Many cases find the same: the first of each kind is enough.
  const key = `${violation.invariant} ${violation.detail.replace(/[^a-z]+/gi, ' ').slice(0, 60)}`;
  if (failures.has(key)) return;
  failures.set(key, { index, made, violation });
  console.log(`case ${index}: ${violation.invariant}`);
}

console.log(`seed ${flags.seed}, Node.js ${process.version}, ${bench.connections.length} connections`);
const start = Date.now();
const elapsed = (): number => (Date.now() - start) / 1000;
let executions = 0;
if (flags.case === undefined) {
  let underWay = 0;
  const under = async (limit: number): Promise<void> => {
    while (underWay >= limit) await setTimeout(5);
  };
  while (elapsed() < seconds && failures.size < enough && !interrupted) {
    underWay++;
    const index = executions++;
    void run(index)
      .catch((cause: unknown) => {
        throw new Error(`case ${index} could not be made`, { cause });
      })
      .finally(() => underWay--);
    // Let the oracles be heard.
    if (executions % 32 === 0) await setImmediate();
    await under(most);
  }
  await under(1);
} else {
  executions++;
  await run(Number(flags.case));
}

reportStatistics(statistics, executions, elapsed());
if (bench.oracles.xmlsec !== null) bench.oracles.xmlsec.patience = 0;
for (const { index, made, violation } of failures.values()) {
  const watched: Case = {
    ...made,
    check: (input) => {
      watchdog.beat(index);
      return made.check(input);
    },
  };
  const minimised = await minimise(watched, violation.invariant, minimisingSeconds);
  reportFinding({ seed: flags.seed, index, made, violation, minimised });
}
console.log(`${failures.size} findings, seed ${flags.seed}`);
stopOracles(bench.oracles);
await watchdog.stop();
process.exitCode = failures.size > 0 ? 1 : 0;
