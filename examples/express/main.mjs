import { once } from 'node:events';
import { createServer } from 'node:http';
import { createProduct } from './app.mjs';
import { createIdp } from './idps.mjs';
import { playStory } from './story.mjs';

const scripted = process.argv.includes('--scripted');
const firstPort = Number(process.env.PORT ?? 3000);

// The script sets the clock; port 0 is any free one.
const clock = { time: scripted ? new Date('2026-03-02T09:00:00Z') : null };
const now = () => clock.time ?? new Date();
const servers = await Promise.all([0, 1, 2].map((offset) => open(scripted ? 0 : firstPort + offset)));
const [product, acmeIdp, globexIdp] = servers.map((server) => `http://localhost:${server.address().port}`);

const acme = createIdp({
  origin: acmeIdp,
  name: 'Acme',
  product,
  now,
  users: [
    { id: 'alice', email: 'alice@acme.example', firstName: 'Alice', lastName: 'Adams', role: 'member' },
    { id: 'carol', email: 'carol@acme.example', firstName: 'Carol', lastName: 'Cruz', role: 'wizard' },
    { id: 'dave', email: 'dave@elsewhere.example', firstName: 'Dave', lastName: 'Diaz', role: 'member' },
    { id: 'erin', email: 'erin@acme.example', firstName: 'Erin', lastName: 'Ek', role: 'owner' },
    { id: 'frank', email: 'frank@acme.example', firstName: 'Frank', lastName: 'Fox', role: 'member' },
  ],
});
const globex = createIdp({
  origin: globexIdp,
  name: 'Globex',
  product,
  now,
  users: [
    { id: 'bob', email: 'bob@globex.example', firstName: 'Bob', lastName: 'Brown', role: 'member' },
    { id: 'mallory', email: 'alice@acme.example', firstName: 'Not', lastName: 'Alice', role: 'admin' },
  ],
});

const organizations = new Map([
  ['acme', { name: 'Acme', sso: true, seats: 2 }],
  ['globex', { name: 'Globex', sso: true, seats: null }],
]);
const events = [];
const { app, users } = createProduct({
  origin: product,
  secret: 'only for this demo: 32 characters at least',
  organizations,
  connections: [
    { id: 'acme', organizationId: 'acme', idp: { metadata: acme.idp.metadata() }, domains: ['acme.example'] },
    { id: 'globex', organizationId: 'globex', idp: { metadata: globex.idp.metadata() } },
  ],
  onEvent: scripted ? (event) => events.push(event) : report,
  now,
});
for (const [index, each] of [app, acme.app, globex.app].entries()) servers[index].on('request', each);

if (scripted) {
  const failures = await playStory({ product, users, organizations, acme, globex, events, clock });
  for (const server of servers) server.close().closeAllConnections();
  process.exitCode = failures === 0 ? 0 : 1;
} else {
  console.log(`
The product           ${product}
Acme's portal         ${acmeIdp}/portal    its people   ${acmeIdp}/people
Globex's portal       ${globexIdp}/portal    its people   ${globexIdp}/people

What to try:
  1. Enter alice@acme.example at the product: she has no account yet.
  2. Start as Alice in Acme's portal: her account is created.
  3. Sign out, enter her e-mail again: now it leads to Acme's identity provider.
  4. Change her name or role among Acme's people, and sign in again.
  5. Start as Carol (a role that the product does not have), as Dave (an e-mail outside Acme's domain), as Erin and then
     Frank (Acme has two seats), and in Globex's portal as the one who claims to be Alice.

npm run demo -- --scripted plays all of it, and the attacks, by itself. Decisions are printed here:
`);
}

async function open(port) {
  const server = createServer().listen(port, 'localhost');
  await once(server, 'listening');
  return server;
}

function report({ type, outcome, reason, error, changes = [], hint = error?.hint }) {
  const changed = changes.map(({ field, from, to }) => `${field}: ${from} -> ${to}`).join(', ');
  console.log(`  ${[type, outcome ?? reason ?? error?.code, changed, hint].filter(Boolean).join(' | ')}`);
}
