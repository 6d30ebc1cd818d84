// Validates one hostile body after the other for one contender, in a process that may be killed.
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
  const before = process.memoryUsage.rss() / 1024;
  for (let run = 0; run < runs; run++) {
    const begin = process.cpuUsage();
    outcome = await validate(field).then(
      () => 'accepted',
      (error) => error?.code ?? 'refused',
    );
    spent.push(cpuMillisecondsSince(begin));
  }
  const grownKib = Math.max(0, process.resourceUsage().maxRSS - before);
  const [grownMib, grown] = [grownKib / 1024, grownKib / (field.length / 1024)];
  process.send({ outcome, median: median(spent), worst: Math.max(...spent), grownMib, grown });
});
process.send('ready');
