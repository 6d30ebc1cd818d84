import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { validateResponse } from '../../dist/index.js';
import { peers, viaSamlJit } from './contenders.mjs';
import { altered, corpora, email } from './corpus.mjs';
import { measureHostile } from './hostile.mjs';
import { measure } from './measure.mjs';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, hostile: { type: 'boolean' } } });
const ours = { 'saml-jit, strict verifier alone': false, 'saml-jit, default with cross-check': true };

const plan = flags.quick ? { rounds: 3, sliceMs: 150, leastCalls: 1 } : { rounds: 7, sliceMs: 500, leastCalls: 3 };

console.log(`Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? process.arch}\n`);
await (flags.hostile ? printHostile() : printComparison());

async function printComparison() {
  const contenders = peers();
  for (const [name, crossCheck] of Object.entries(ours)) contenders[name] = viaSamlJit(validateResponse, crossCheck);
  const sizes = corpora(4);
  const rates = [];
  for (const size of sizes) {
    for (const [name, validate] of Object.entries(contenders)) await assertValidates(name, validate, size);
    rates.push(await measure(contenders, size.messages, plan));
  }
  const labels = sizes.map(({ label }) => label);
  const rateOf = (name) => rates.map((bySize) => bySize.get(name));
  printTable(
    ['Validations per second of CPU time', ...labels],
    Object.keys(contenders).map((name) => [name, ...rateOf(name).map(rounded)]),
  );
  for (const name of Object.keys(ours)) {
    const times = (peer) => rateOf(name).map((rate, size) => `${rounded(rate / rateOf(peer)[size])} ×`);
    printTable(
      [`${name}: times as fast as`, ...labels],
      Object.keys(peers()).map((peer) => [peer, ...times(peer)]),
    );
  }
}

/** A speed means nothing unless the contender read every attribute and would have noticed an alteration. */
async function assertValidates(name, validate, { label, groups, messages }) {
  for (const message of messages) {
    const found = await validate(message);
    const complete =
      found.email === email && found.groups.length === groups && found.groups.every((group) => group.startsWith('cn='));
    if (!complete) throw new Error(`${name} lost attributes of the ${label} message`);
  }
  const refused = await validate(altered(messages[0])).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error(`${name} accepted an altered ${label} message`);
}

async function printHostile() {
  const rows = await measureHostile(viaSamlJit(validateResponse, true));
  printTable(
    ['Hostile body', 'KiB of XML', 'refused as', 'CPU ms, median', 'CPU ms, worst'],
    rows.map(({ name, kib, code, median, worst }) => [name, String(kib), code, rounded(median), rounded(worst)]),
  );
}

function printTable(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log(
    [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line), ''].join('\n'),
  );
}

function rounded(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(value >= 9.95 ? 3 : 2);
}
