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

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, hostile: { type: 'boolean' }, provisioning: { type: 'boolean' } },
});
const ours = { 'saml-jit, strict verifier alone': false, 'saml-jit, default with cross-check': true };

const inC = 'libxmlsec1 in C: parse and verify alone';

/** One of each kind: 20 seconds for each contender that does not finish add up. */
const hostileToAll = [
  'elements with 63 attributes each',
  'deep nesting beyond the limit',
  '11,900 elements with an ID each',
  '1,500 Signatures in the Assertion',
  '3,000 References',
  'old SignedInfo over 11,900 altered values',
  'text of character references',
];

const plan = flags.quick ? { rounds: 3, sliceMs: 150, leastCalls: 1 } : { rounds: 7, sliceMs: 500, leastCalls: 3 };

console.log(`Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? process.arch}\n`);
if (flags.provisioning) await printProvisioning();
else if (flags.hostile) await printHostile();
else await printComparison();

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
    if (xmlsec !== null && !isEncrypted) contenders[inC] = xmlsec;
    rates.push(await measure(contenders, size.messages, plan));
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
  await printFloods('Body that no pinned key signed', { ...encoded(hostileBodies), ...hostileFields });
  await printFloods('Flood that the pinned key signed', encoded(signedFloods));
}

async function printProvisioning() {
  // Needs a server: the other benchmarks do not.
  const { measureProvisioning } = await import('./provisioning.mjs');
  const size = flags.quick
    ? { users: 100_000, logins: 300, tenants: 10_000 }
    : { users: 1_000_000, logins: 3000, tenants: 100_000 };
  const { logins, tenants } = await measureProvisioning(size);
  const percent = (share) => `${Math.round(share * 100)} %`;
  const of = `on PostgreSQL with ${size.users.toLocaleString('en-US')} users`;
  printTable(
    [`Logins ${of}`, 'a second, 8 at a time', 'ms, one at a time', 'verify and decide', 'find', 'write'],
    logins.map(({ kind, perSecond, median, verify, find, write }) => [
      kind,
      rounded(perSecond),
      rounded(median),
      ...[verify, find, write].map(percent),
    ]),
  );
  printTable(
    [`Look-ups among ${size.tenants.toLocaleString('en-US')} connections`, 'ms, first', 'ms, again', 'MiB of heap'],
    tenants.map(({ distinct, cold, warm, heap }) => [`${distinct} of them`, ...[cold, warm, heap].map(rounded)]),
  );
}

function encoded(bodies) {
  return Object.fromEntries(Object.entries(bodies).map(([name, xml]) => [name, Buffer.from(xml).toString('base64')]));
}

async function printFloods(title, fields) {
  const own = await measureHostile('saml-jit', fields, { runs: flags.quick ? 5 : 15 });
  const memory = await measureHostile('saml-jit', fields, { runs: 1, fresh: true });
  const others = new Map();
  if (!flags.quick)
    for (const peer of Object.keys(peers())) {
      const asked = Object.fromEntries(
        hostileToAll.filter((name) => name in fields).map((name) => [name, fields[name]]),
      );
      others.set(peer, await measureHostile(peer, asked, { runs: 1 }));
    }
  const cost = (result) => (result === null ? '> 20 s' : result === undefined ? '' : rounded(result.median));
  const rows = Object.keys(fields).toSorted((a, b) => (own.get(b)?.median ?? 1e9) - (own.get(a)?.median ?? 1e9));
  printTable(
    [
      `${title}: CPU ms`,
      'KiB of base64',
      'saml-jit',
      'worst',
      'refused as',
      'MiB of memory',
      'of the field',
      ...others.keys(),
    ],
    rows.map((name) => {
      const mine = own.get(name);
      if (mine === null) throw new Error(`saml-jit did not finish: ${name}`);
      const { worst, outcome } = mine;
      const { grownMib, grown } = memory.get(name) ?? { grownMib: Number.NaN, grown: Number.NaN };
      return [
        name,
        String(Math.round((fields[name]?.length ?? 0) / 1024)),
        cost(mine),
        rounded(worst),
        outcome,
        rounded(grownMib),
        `${rounded(grown)} ×`,
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
