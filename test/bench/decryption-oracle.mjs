// What a concurrent client learns from how long the event loop was blocked while another client's message was refused.
//   npm run build && node test/bench/decryption-oracle.mjs [rounds]
import { fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { validateResponse } from '../../dist/index.js';
import { encryptXml } from '../../dist/testing/encrypt.js';
import { selfSigned } from '../../dist/testing/self-signed.js';
import { identityProvider, serviceProvider, signedResponse } from './corpus.mjs';
import { median } from './measure.mjs';

const CBC = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc';
const [, , role] = process.argv;
if (role === 'server') await serve();
else await measure(Number(role ?? 60));

/** A server in a process of its own: `/acs` validates, anything else answers at once. */
async function serve() {
  const options = await new Promise((resolve) => process.once('message', resolve));
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.url !== '/acs') return outgoing.end('ok');
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const outcome = await validateResponse(Buffer.concat(chunks).toString(), options).then(
      () => 'accepted',
      (error) => error.code,
    );
    outgoing.end(outcome);
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

async function measure(rounds) {
  const { privateKey, certificate } = application();
  for (const groups of [12, 500, 5000]) {
    const worker = fork(fileURLToPath(import.meta.url), ['server']);
    const port = await new Promise((resolve) => {
      worker.once('message', resolve);
      worker.send({
        identityProvider: { entityId: identityProvider.entityId, certificates: [identityProvider.certificate] },
        serviceProvider: { ...serviceProvider, decryptionKeys: [privateKey] },
        inResponseTo: null,
        allowAesCbc: true,
      });
    });
    const kinds = messages(groups, certificate);
    const seen = new Map(Object.keys(kinds).map((kind) => [kind, []]));
    // Kinds take turns, so that a busy moment of the machine favours none of them.
    for (let round = -5; round < rounds; round++) {
      for (const [kind, field] of Object.entries(kinds)) {
        const blocked = await longestPing(port, field);
        if (round >= 0) seen.get(kind).push(blocked);
      }
    }
    worker.kill();
    console.log(`\n${groups} groups, ${rounds} messages of each kind: longest ping meanwhile, in ms`);
    const reference = seen.get('random ciphertext');
    for (const [kind, times] of seen) {
      const sorted = times.toSorted((a, b) => a - b);
      const at = (part) => sorted[Math.floor(part * (sorted.length - 1))].toFixed(2);
      const told = Math.max(separation(times, reference), separation(reference, times));
      console.log(
        `  ${kind.padEnd(48)} median ${median(times).toFixed(2)}, 10 % ${at(0.1)}, 90 % ${at(0.9)}; told apart from random ciphertext: ${(100 * told).toFixed(0)} %`,
      );
    }
  }
  console.log('\n50 % is a guess, 100 % is certain after one message.');
}

/** Posts the message, and pings on another connection until it was answered. */
async function longestPing(port, field) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let done = false;
  let longest = 0;
  await send(port, agent, '/ping');
  const posted = send(port, undefined, '/acs', field).then((outcome) => {
    done = true;
    if (outcome !== 'decryption_failed') throw new Error(`unexpected: ${outcome}`);
  });
  while (!done) {
    const began = performance.now();
    await send(port, agent, '/ping');
    longest = Math.max(longest, performance.now() - began);
  }
  agent.destroy();
  await posted;
  return longest;
}

function send(port, agent, path, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET', agent }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => {
        text += chunk;
      });
      incoming.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Messages that differ in how far their decryption comes, all of one size. */
function messages(groups, certificate) {
  const response = signedResponse(groups);
  const assertion = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(response)[0];
  const whole = assertion.replace('<saml:Assertion ', '$&xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ');
  const holding = (text) =>
    response.replace(
      assertion,
      () =>
        `<saml:EncryptedAssertion>${encryptXml(text, { certificate, contentAlgorithm: CBC })}</saml:EncryptedAssertion>`,
    );
  const ciphertexts = /(?<=<xenc:CipherValue>)[^<]*/g;
  const replaced = (xml, index, change) => {
    let at = 0;
    return xml.replace(ciphertexts, (base64) =>
      at++ === index ? change(Buffer.from(base64, 'base64')).toString('base64') : base64,
    );
  };
  const genuine = holding(whole);
  const kinds = {
    'random ciphertext': replaced(genuine, 1, ({ length }) => randomBytes(length)),
    'random ciphertext again: what chance tells apart': replaced(genuine, 1, ({ length }) => randomBytes(length)),
    'wrong content key': replaced(genuine, 0, (bytes) =>
      Buffer.from(bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte))),
    ),
    'wrong padding, else genuine': replaced(genuine, 1, (bytes) =>
      Buffer.from(bytes.map((byte, i) => (i === bytes.length - 17 ? byte ^ 0x40 : byte))),
    ),
    'no XML from the first character on': holding(`!${whole.slice(1)}`),
    'no XML at the last character': holding(`${whole.slice(0, -1)}!`),
    'XML without a signature': holding(
      whole.replace(/<ds:Signature[\s\S]*<\/ds:Signature>|<Signature[\s\S]*<\/Signature>/, ''),
    ),
    'XML that was altered after signing': holding(whole.replace('>Liddell<', '>Liddelm<')),
  };
  return Object.fromEntries(Object.entries(kinds).map(([kind, xml]) => [kind, Buffer.from(xml).toString('base64')]));
}

function application() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certificate: selfSigned({ privateKey, commonName: 'application' }).certificate,
  };
}

/** How often the best threshold guesses right which of the two lists one time is from, if it is mostly above in the first. */
function separation(above, below) {
  const right = (threshold) =>
    above.filter((time) => time > threshold).length / above.length +
    below.filter((time) => time <= threshold).length / below.length;
  return Math.max(...[...above, ...below].map(right)) / 2;
}
