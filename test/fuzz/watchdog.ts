import { Worker } from 'node:worker_threads';

// A thread of its own, since a hang leaves no other chance to speak. It counts CPU time: a busy machine is no hang.
const source = `
  const { workerData: { shared, budget } } = require('node:worker_threads');
  const state = new Int32Array(shared);
  let beats = -1;
  let since = process.cpuUsage();
  setInterval(() => {
    const { user, system } = process.cpuUsage(since);
    if (Atomics.load(state, 1) !== beats) {
      beats = Atomics.load(state, 1);
      since = process.cpuUsage();
    } else if (user + system > budget * 1e6) {
      require('node:fs').writeSync(2, 'HANG: case ' + Atomics.load(state, 0) + ' takes more than ' + budget + ' s of CPU\\n');
      process.kill(process.pid, 'SIGKILL');
    }
  }, 1000);
`;

/** Ends the process when one case takes more than `budget` seconds of CPU, and says which. */
export class Watchdog {
  readonly #state: Int32Array;
  readonly #worker: Worker;

  constructor(budget: number) {
    const shared = new SharedArrayBuffer(8);
    this.#state = new Int32Array(shared);
    this.#worker = new Worker(source, { eval: true, workerData: { shared, budget } });
    this.#worker.unref();
  }

  /** To be called before each case. */
  beat(index: number): void {
    Atomics.store(this.#state, 0, index);
    Atomics.add(this.#state, 1, 1);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
