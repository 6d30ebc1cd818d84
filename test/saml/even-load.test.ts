import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadOf, stayBusy } from '../../src/saml/even-load.ts';
import { namespaces } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { options, responseXml, signedAssertion } from '../support/response.ts';
import { expectRefused } from './support.ts';

describe('stayBusy', () => {
  const busy = (spent: number, quantum: number): number => {
    const called = performance.now();
    stayBusy(called - spent, quantum);
    return performance.now() - called;
  };

  it('blocks until a whole number of quanta has passed since the beginning', () => {
    expect(busy(0.1, 20)).toBeGreaterThanOrEqual(19.9);
    expect(busy(30, 20)).toBeGreaterThanOrEqual(9.9);
    // The machine may be busy with something else; the shortest of several is not.
    const shortest = Math.min(...Array.from({ length: 20 }, () => busy(30, 20)));
    expect(shortest).toBeLessThan(15);
  });

  it('lasts longer for longer ciphertexts', () => {
    expect(loadOf(Buffer.alloc(0))).toBe(8);
    expect(loadOf(Buffer.alloc(600 * 1024))).toBe(38);
  });
});

describe('a failed decryption with AES-CBC', () => {
  const pair = decryptionPair();
  const trust = {
    ...options,
    allowAesCbc: true,
    serviceProvider: { ...options.serviceProvider, decryptionKeys: [pemOf(pair)] },
  };
  const secret = signedAssertion();
  const holding = (text: string, contentAlgorithm = `${namespaces.encryption}aes128-cbc`): string =>
    responseXml(
      `<saml:EncryptedAssertion>${encryptXml(text, { certificate: pair.certificate, contentAlgorithm })}</saml:EncryptedAssertion>`,
    );
  const withCiphertext = (index: number, change: (bytes: Buffer) => Buffer): string => {
    let at = 0;
    return holding(secret).replace(/(?<=<xenc:CipherValue>)[^<]*/g, (base64) =>
      at++ === index ? change(Buffer.from(base64, 'base64')).toString('base64') : base64,
    );
  };
  /** For how long no other client is served: everything before the first `await`. */
  const blocked = async (xml: string): Promise<number> => {
    const began = performance.now();
    const outcome = validateResponse(Buffer.from(xml).toString('base64'), trust);
    const elapsed = performance.now() - began;
    await expectRefused(outcome, 'decryption_failed');
    return elapsed;
  };

  it.each([
    ['a wrong content key', withCiphertext(0, ({ length }) => randomBytes(length))],
    ['random content', withCiphertext(1, ({ length }) => randomBytes(length))],
    ['no XML', holding(`!${secret}`)],
    ['a signature that does not verify', holding(secret.replace('alice', 'mallory'))],
  ])('blocks the event loop for the same time: %s', async (_, xml) => {
    expect(await blocked(xml)).toBeGreaterThanOrEqual(8);
    // A slow machine may need a second quantum now and then, and never always.
    const shortest = Math.min(...(await Promise.all(Array.from({ length: 10 }, () => blocked(xml)))));
    expect(shortest).toBeLessThan(16);
  });

  it('takes no additional time with AES-GCM, which detects alterations', async () => {
    const xml = holding(`!${secret}`, `${namespaces.encryption11}aes128-gcm`);
    const times = await Promise.all(Array.from({ length: 10 }, () => blocked(xml)));
    expect(Math.min(...times)).toBeLessThan(8);
  });
});
