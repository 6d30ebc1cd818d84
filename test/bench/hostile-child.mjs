// Validates one hostile body after the other for one contender, in a process that may be killed.
import { readFileSync, writeFileSync } from 'node:fs';
import { validateResponse } from '../../dist/index.js';
import { signedResponse } from './corpus.mjs';
import { cpuMillisecondsSince, median } from './measure.mjs';
import { viaSamlJit } from './ours.mjs';

const [, , contender] = process.argv;
// The peers stay out of the memory of ours.
const validate =
  contender === 'saml-jit' ? viaSamlJit(validateResponse, true) : (await import('./contenders.mjs')).peers()[contender];
// What a body costs, not what it costs to compile the code.
const warm = Buffer.from(signedResponse(12)).toString('base64');
for (let n = 0; n < 20; n++) await validate(warm);

process.on('message', async ({ field, runs }) => {
  const spent = [];
  let outcome;
  globalThis.gc();
  forgetPeak();
  const before = memoryKib('VmRSS');
  for (let run = 0; run < runs; run++) {
    const begin = process.cpuUsage();
    outcome = await validate(field).then(
      () => 'accepted',
      (error) => error?.code ?? 'refused',
    );
    spent.push(cpuMillisecondsSince(begin));
  }
  const grownKib = memoryKib('VmHWM') - before;
  const [grownMib, grown] = [grownKib / 1024, grownKib / (field.length / 1024)];
  process.send({ outcome, median: median(spent), worst: Math.max(...spent), grownMib, grown });
});
process.send('ready');

// Linux alone: the peak of the warm-up is not to count.
function forgetPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

function memoryKib(name) {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
