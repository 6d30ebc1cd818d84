import { constants, createDecipheriv, privateDecrypt, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { explainResponse } from '../../src/saml/explain.ts';
import { namespaces } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { options, responseXml, signedAssertion } from '../support/response.ts';

// Jager and Somorovsky, "How to Break XML Encryption" (2011), and Jager, Paterson and Somorovsky, "One Bad Apple" (2013):
// who learns of altered ciphertexts whether they decrypt to something well-formed reads the original. The attacker has
// seen one encrypted message, and may post as many as he likes.

const pair = decryptionPair();
const CBC = `${namespaces.encryption}aes128-cbc`;
const GCM = `${namespaces.encryption11}aes128-gcm`;
const byDefault = { ...options, serviceProvider: { ...options.serviceProvider, decryptionKeys: [pemOf(pair)] } };
// Otherwise there is nothing to ask: AES-CBC is refused before a key is used.
const trust = { ...byDefault, allowAesCbc: true };

const secret = signedAssertion({ nameId: 'alice' });
const message = (contentAlgorithm: string): string =>
  responseXml(
    `<saml:EncryptedAssertion>${encryptXml(secret, { certificate: pair.certificate, contentAlgorithm })}</saml:EncryptedAssertion>`,
  );

const cipherValues = (xml: string): Buffer[] =>
  [...xml.matchAll(/<xenc:CipherValue>([^<]*)/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));

/** The victim's message with another ciphertext, and declared as AES-CBC. */
function asCbc(xml: string, ciphertext: Uint8Array): string {
  let at = 0;
  return xml
    .replace(GCM, CBC)
    .replace(/(?<=<xenc:CipherValue>)[^<]*/g, (base64) =>
      at++ === 1 ? Buffer.from(ciphertext).toString('base64') : base64,
    );
}

/** Asks about one ciphertext: everything that can be observed of the answer, as text. */
type Oracle = (xml: string) => Promise<string>;

const saml: Oracle = async (xml) => {
  const field = Buffer.from(xml).toString('base64');
  const began = performance.now();
  const error: unknown = await validateResponse(field, trust).catch((reason: unknown) => reason);
  // Timers may be a millisecond early.
  const quarters = Math.floor((performance.now() - began + 5) / 250) > 0;
  if (!(error instanceof SamlError)) return 'accepted';
  const { verdict, rules } = await explainResponse(field, trust);
  const { code, message: sentence, hint, details, stack = '' } = error;
  const frames = stack.split('\n').filter((line) => line.includes('/src/'));
  return JSON.stringify({ quarters, code, sentence, hint, details, cause: error.cause, frames, verdict, rules });
};

/** A service provider that distinguishes a wrong padding from other errors, as many did. */
const leaky: Oracle = async (xml) => {
  const [wrapped = Buffer.alloc(0), data = Buffer.alloc(0)] = cipherValues(xml);
  const key = privateDecrypt(
    { key: pair.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    wrapped,
  );
  const decipher = createDecipheriv('aes-128-cbc', key, data.subarray(0, 16)).setAutoPadding(false);
  const padding = Buffer.concat([decipher.update(data.subarray(16)), decipher.final()]).at(-1) ?? 0;
  return padding >= 1 && padding <= 16 ? 'not XML' : 'bad padding';
};

const bytes = Array.from({ length: 256 }, (_, value) => value);

/** The last byte of what a block decrypts to, before it is combined with the block before it; `null`: unknown. */
async function lastByte(xml: string, block: Uint8Array, oracle: Oracle): Promise<number | null> {
  const answers = await Promise.all(
    bytes.map((guess) => oracle(asCbc(xml, Buffer.concat([Buffer.alloc(15), Buffer.from([guess]), block])))),
  );
  // Of 256 last bytes, those that lead to a padding of 1 to 16 are answered in another way than the rest.
  const valid = bytes.filter(
    (guess) => answers[guess] !== answers[(guess + 128) % 256] && answers[guess] === rarest(answers),
  );
  return (
    bytes.find((byte) => valid.length === 16 && valid.every((guess) => (guess ^ byte) >= 1 && (guess ^ byte) <= 16)) ??
    null
  );
}

function rarest(answers: readonly string[]): string | undefined {
  const count = (answer: string): number => answers.filter((other) => other === answer).length;
  return [...new Set(answers)].sort((a, b) => count(a) - count(b))[0];
}

/** Whether the plaintext of a block of AES-GCM is `guess`: then its counter block is known, and so is what CBC makes of it. */
async function confirms(xml: string, index: number, guess: Uint8Array, oracle: Oracle): Promise<boolean> {
  const data = cipherValues(xml)[1] ?? Buffer.alloc(0);
  const block = data.subarray(12 + 16 * index, 28 + 16 * index);
  const counter = Buffer.concat([data.subarray(0, 12), Buffer.from([0, 0, 0, index + 2])]);
  const keystream = block.map((byte, i) => byte ^ (guess[i] ?? 0));
  const ask = (padding: number): Promise<string> => {
    const wanted = Buffer.concat([Buffer.alloc(15, 0x41), Buffer.from([padding])]);
    return oracle(asCbc(xml, Buffer.concat([counter.map((byte, i) => byte ^ (wanted[i] ?? 0)), keystream])));
  };
  const [good, bad] = [await Promise.all([1, 5, 16].map(ask)), await Promise.all([0, 17, 200].map(ask))];
  return new Set(good).size === 1 && new Set(bad).size === 1 && good[0] !== bad[0];
}

describe('an attacker who sends altered ciphertexts', () => {
  it('can send a genuine message, which is accepted', async () => {
    for (const algorithm of [CBC, GCM]) {
      const assertion = await validateResponse(Buffer.from(message(algorithm)).toString('base64'), trust);
      expect(assertion.subject?.nameId).toBe('alice');
    }
  });

  it('cannot use AES-CBC by default, or AES-GCM declared as AES-CBC: both are refused before a key is used', async () => {
    const seen = new Set<string>();
    const cbc = message(CBC);
    for (const xml of [cbc, asCbc(cbc, randomBytes(160)), asCbc(message(GCM), randomBytes(160))]) {
      const field = Buffer.from(xml).toString('base64');
      const error: unknown = await validateResponse(field, byDefault).catch((reason: unknown) => reason);
      if (!(error instanceof SamlError)) return expect.fail('it was accepted');
      seen.add(JSON.stringify([error.code, error.message, error.hint, error.details]));
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain('algorithm_not_allowed');
  });

  it('decrypts AES-CBC if errors of a service provider differ, and cannot with saml-jit', async () => {
    const xml = message(CBC);
    const data = cipherValues(xml)[1] ?? expect.fail('no ciphertext');
    for (const index of [1, 2, 3]) {
      const block = data.subarray(16 * index, 16 * index + 16);
      const found = await lastByte(xml, block, leaky);
      expect((found ?? -1) ^ (data[16 * index - 1] ?? 0)).toBe(Buffer.from(secret)[16 * index - 1]);
    }
    expect(await lastByte(xml, data.subarray(16, 32), saml)).toBeNull();
  });

  it('confirms guesses of AES-GCM declared as AES-CBC if errors of a service provider differ, and cannot with saml-jit', async () => {
    const xml = message(GCM);
    const block = (index: number) => Buffer.from(secret).subarray(16 * index, 16 * index + 16);
    for (const index of [0, 7]) {
      expect(await confirms(xml, index, block(index), leaky)).toBe(true);
      expect(await confirms(xml, index, randomBytes(16), leaky)).toBe(false);
      expect(await confirms(xml, index, block(index), saml)).toBe(false);
    }
  });

  it('receives the same error for any decrypted content', async () => {
    const xml = message(CBC);
    const own = (text: string) =>
      cipherValues(encryptXml(text, { certificate: pair.certificate, contentAlgorithm: CBC }));
    const answers = new Set<string>();
    for (const ciphertext of [randomBytes(32), randomBytes(160), randomBytes(15), Buffer.alloc(0)]) {
      answers.add(await saml(asCbc(xml, ciphertext)));
    }
    // What he encrypts himself: anything, well-formed or not, an assertion that is unsigned or signed by another key.
    for (const text of [
      'x',
      '<',
      '<a/>',
      '<!DOCTYPE a>',
      secret.replace('>alice<', '>mallory<'),
      secret.replace(/<ds:Signature.*<\/ds:Signature>/s, ''),
    ]) {
      const [key = Buffer.alloc(0), data = Buffer.alloc(0)] = own(text);
      let at = 0;
      answers.add(
        await saml(xml.replace(/(?<=<xenc:CipherValue>)[^<]*/g, () => (at++ === 0 ? key : data).toString('base64'))),
      );
    }
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('decryption_failed');
  });
});
