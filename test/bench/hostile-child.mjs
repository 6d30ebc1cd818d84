// Validates one hostile body after the other for one contender, in a process that may be killed.
import { validateResponse } from '../../dist/index.js';
import { signedResponse } from './corpus.mjs';
import { hostileBodies, hostileFields } from './hostile-bodies.mjs';
import { cpuMillisecondsSince, median } from './measure.mjs';
import { viaSamlJit } from './ours.mjs';
import { signedFloods } from './signed-floods.mjs';

const [, , contender] = process.argv;
// The peers stay out of the memory of ours.
const validate =
  contender === 'saml-jit' ? viaSamlJit(validateResponse, true) : (await import('./contenders.mjs')).peers()[contender];
const bodies = { ...hostileBodies, ...signedFloods };
// What a body costs, not what it costs to compile the code.
const warm = Buffer.from(signedResponse(12)).toString('base64');
for (let n = 0; n < 20; n++) await validate(warm);

process.on('message', async ({ name, runs }) => {
  const field = hostileFields[name] ?? Buffer.from(bodies[name]).toString('base64');
  const spent = [];
  let outcome;
  const before = process.resourceUsage().maxRSS;
  for (let run = 0; run < runs; run++) {
    const begin = process.cpuUsage();
    outcome = await validate(field).then(
      () => 'accepted',
      (error) => error?.code ?? 'refused',
    );
    spent.push(cpuMillisecondsSince(begin));
  }
  const kib = Math.round(Buffer.byteLength(bodies[name] ?? field) / 1024);
  const grown = (process.resourceUsage().maxRSS - before) / kib;
  process.send({ name, kib, outcome, median: median(spent), worst: Math.max(...spent), grown });
});
process.send('ready');
