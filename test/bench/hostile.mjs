import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('hostile-child.mjs', import.meta.url));
const limitMs = 20_000;

/**
 * What a contender spends on each body: CPU milliseconds and, with `fresh`, growth of memory, in a process of its own for
 * each. `null` for what it did not finish in 20 seconds or did not survive.
 *
 * @param {string} contender
 * @param {readonly string[]} names
 * @param {{ runs: number, fresh?: boolean }} how
 */
export async function measureHostile(contender, names, { runs, fresh = false }) {
  const results = new Map();
  let worker = null;
  for (const name of names) {
    worker ??= await start(contender);
    const result = await answer(worker, { name, runs });
    results.set(name, result);
    if (result === null || fresh) {
      worker.kill('SIGKILL');
      worker = null;
    }
  }
  worker?.kill('SIGKILL');
  return results;
}

async function start(contender) {
  const worker = fork(child, [contender], { stdio: 'ignore' });
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
