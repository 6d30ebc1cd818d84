import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { validateResponse } from '../../dist/index.js';
import { peers } from './contenders.mjs';
import { altered, corpora, email } from './corpus.mjs';
import { alteredCiphertext, encryptedCorpus } from './encrypted.mjs';
import { measureHostile } from './hostile.mjs';
import { hostileBodies, hostileFields } from './hostile-bodies.mjs';
import { measure } from './measure.mjs';
import { viaSamlJit } from './ours.mjs';
import { signedFloods } from './signed-floods.mjs';
import { buildXmlsec } from './xmlsec.mjs';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, hostile: { type: 'boolean' } } });
const ours = { 'saml-jit, strict verifier alone': false, 'saml-jit, default with cross-check': true };

const inC = 'libxmlsec1 in C: parse and verify alone';

const plan = flags.quick ? { rounds: 3, sliceMs: 150, leastCalls: 1 } : { rounds: 7, sliceMs: 500, leastCalls: 3 };

console.log(`Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? process.arch}\n`);
await (flags.hostile ? printHostile() : printComparison());

async function printComparison() {
  const xmlsec = buildXmlsec();
  if (xmlsec === null)
    console.log('libxmlsec1 in C is left out: pkg-config finds no xmlsec1-openssl, or no compiler.\n');
  const sizes = [...corpora(4), encryptedCorpus(4)];
  const rates = [];
  for (const size of sizes) {
    const isEncrypted = size.label.startsWith('encrypted');
    const contenders = peers({ encrypted: isEncrypted });
    for (const [name, crossCheck] of Object.entries(ours)) contenders[name] = viaSamlJit(validateResponse, crossCheck);
    for (const [name, validate] of Object.entries(contenders)) {
      await assertValidates(name, validate, size, isEncrypted ? alteredCiphertext : altered);
    }
    const measured = await measure(contenders, size.messages, plan);
    if (xmlsec !== null && !isEncrypted) measured.set(inC, xmlsec.rate(size.messages, plan.sliceMs * plan.rounds));
    rates.push(measured);
  }
  xmlsec?.remove();
  const labels = sizes.map(({ label }) => label);
  const rateOf = (name) => rates.map((bySize) => bySize.get(name));
  printTable(
    ['Validations per second of CPU time', ...labels],
    [...rates[0].keys()].map((name) => [name, ...rateOf(name).map((rate) => (rate ? rounded(rate) : '-'))]),
  );
  const others = [...rates[0].keys()].filter((name) => !(name in ours));
  for (const name of Object.keys(ours)) {
    const times = (other) =>
      rateOf(name).map((rate, size) => {
        const theirs = rateOf(other)[size];
        return theirs ? `${rounded(rate / theirs)} ×` : '-';
      });
    printTable(
      [`${name}: times as fast as`, ...labels],
      others.map((other) => [other, ...times(other)]),
    );
  }
}

/** A speed means nothing unless the contender read every attribute and would have noticed an alteration. */
async function assertValidates(name, validate, { label, groups, messages }, alter) {
  for (const message of messages) {
    const found = await validate(message);
    const complete =
      found.email === email && found.groups.length === groups && found.groups.every((group) => group.startsWith('cn='));
    if (!complete) throw new Error(`${name} lost attributes of the ${label} message`);
  }
  const refused = await validate(alter(messages[0])).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error(`${name} accepted an altered ${label} message`);
}

async function printHostile() {
  await printFloods('Body that no pinned key signed', [...Object.keys(hostileBodies), ...Object.keys(hostileFields)]);
  await printFloods('Flood that the pinned key signed', Object.keys(signedFloods));
}

async function printFloods(title, names) {
  const own = await measureHostile('saml-jit', names, { runs: flags.quick ? 5 : 15 });
  const memory = await measureHostile('saml-jit', names, { runs: 1, fresh: true });
  const others = new Map();
  if (!flags.quick)
    for (const peer of Object.keys(peers())) others.set(peer, await measureHostile(peer, names, { runs: 1 }));
  const cost = (result) => (result === null ? '> 20 s' : rounded(result.median));
  const rows = names.toSorted((a, b) => (own.get(b)?.median ?? 1e9) - (own.get(a)?.median ?? 1e9));
  printTable(
    [`${title}: CPU ms`, 'KiB', 'saml-jit', 'worst', 'refused as', 'memory / body', ...others.keys()],
    rows.map((name) => {
      const mine = own.get(name);
      if (mine === null) throw new Error(`saml-jit did not finish: ${name}`);
      const { kib, worst, outcome } = mine;
      const grown = rounded(memory.get(name)?.grown ?? Number.NaN);
      return [
        name,
        String(kib),
        cost(mine),
        rounded(worst),
        outcome,
        grown,
        ...[...others.values()].map((each) => cost(each.get(name))),
      ];
    }),
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
