import { setFlagsFromString } from 'node:v8';

// V8 discards the code of functions that are not called during a few garbage collections: a waiting contender must keep its code.
setFlagsFromString('--no-flush-bytecode');

/**
 * Validations per second of CPU time of each contender: the median over rounds. In each round every contender has one time slice,
 * in an order that rotates, so that a busy moment of the machine favours no contender.
 *
 * @param {Record<string, ((message: string) => Promise<unknown>) | { rate(messages: readonly string[], cpuMs: number): number }>} contenders
 * functions, or programs that measure themselves
 * @param {readonly string[]} messages
 * @param {{ rounds: number, sliceMs: number, leastCalls: number }} plan
 */
export async function measure(contenders, messages, plan) {
  const names = Object.keys(contenders);
  const rates = new Map(names.map((name) => [name, []]));
  // The first round is not counted and longer: it warms up.
  for (let round = 0; round <= plan.rounds; round++) {
    for (const turn of names.keys()) {
      const name = names[(turn + round) % names.length];
      const contender = contenders[name];
      if (typeof contender !== 'function') {
        const rate = contender.rate(messages, plan.sliceMs);
        if (round > 0) rates.get(name).push(rate);
        continue;
      }
      // A lead-in that is not counted: the one before leaves garbage to collect and caches full of its own.
      await slice(contender, messages, { sliceMs: plan.sliceMs / 2, leastCalls: 1 });
      const rate = await slice(contender, messages, round === 0 ? { ...plan, sliceMs: plan.sliceMs * 4 } : plan);
      if (round > 0) rates.get(name).push(rate);
    }
  }
  return new Map(names.map((name) => [name, median(rates.get(name))]));
}

async function slice(validate, messages, { sliceMs, leastCalls }) {
  const begin = process.cpuUsage();
  let calls = 0;
  let spent = 0;
  while (spent < sliceMs || calls < leastCalls) {
    // Asking for the time takes 2 microseconds: after each call of the slow ones, each millisecond of the fast ones.
    const batch = spent > 0 ? Math.max(1, Math.floor(calls / spent)) : 1;
    for (let i = 0; i < batch; i++) await validate(messages[(calls + i) % messages.length]);
    calls += batch;
    spent = cpuMillisecondsSince(begin);
  }
  return (calls * 1000) / spent;
}

/** CPU time of this process, collector and compiler threads included: neighbours on the machine do not count. */
export function cpuMillisecondsSince(begin) {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
