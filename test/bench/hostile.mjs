import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('hostile-child.mjs', import.meta.url));
const limitMs = 20_000;

/**
 * What a contender spends on each form field: CPU milliseconds and, with `fresh`, growth of memory, in a process of its own for
 * each. `null` for what it did not finish in 20 seconds or did not survive.
 *
 * @param {string} contender
 * @param {Readonly<Record<string, string>>} fields by name
 * @param {{ runs: number, fresh?: boolean }} how
 */
export async function measureHostile(contender, fields, { runs, fresh = false }) {
  const results = new Map();
  let worker = null;
  for (const [name, field] of Object.entries(fields)) {
    worker ??= await start(contender, fresh);
    const result = await answer(worker, { field, runs });
    results.set(name, result);
    if (result === null || fresh) {
      worker.kill('SIGKILL');
      worker = null;
    }
  }
  worker?.kill('SIGKILL');
  return results;
}

async function start(contender, fresh) {
  // For memory: what is in use, with little garbage among it.
  const execArgv = ['--expose-gc', ...(fresh ? ['--max-semi-space-size=1'] : [])];
  const worker = fork(child, [contender], { stdio: 'ignore', execArgv });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('exit', reject));
  worker.removeAllListeners('exit');
  return worker;
}

function answer(worker, question) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs * Math.max(1, question.runs / 3), null);
    const finish = (result) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(result);
    };
    worker.once('message', finish).once('exit', () => finish(null));
    worker.send(question);
  });
}
