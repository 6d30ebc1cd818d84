import { describe, expect, it, vi } from 'vitest';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { decode, encode, expectRefused, options, respond, tamper, validate } from './support.ts';

const count = vi.hoisted(() => ({ privateDecrypt: 0 }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const privateDecrypt: typeof crypto.privateDecrypt = (...args) => {
    count.privateDecrypt++;
    return crypto.privateDecrypt(...args);
  };
  return { ...crypto, privateDecrypt };
});

const pair = decryptionPair();
const { certificate } = pair;
const { serviceProvider } = options;
const keys = (...decryptionKeys: readonly string[]): Partial<ValidateResponseOptions> => ({
  serviceProvider: { ...serviceProvider, decryptionKeys },
});
const ours = keys(pemOf(pair));

/** How often the private key is used meanwhile. */
async function operations(run: () => Promise<unknown>): Promise<number> {
  count.privateDecrypt = 0;
  await run();
  return count.privateDecrypt;
}

const signed = respond({ signs: 'response', encryption: { certificate } });
const inside = respond({ signs: 'assertion', encryption: { certificate } });

describe('the private key', () => {
  it('is used once for a genuine message', async () => {
    expect(await operations(() => validate(signed, ours))).toBe(1);
    expect(await operations(() => validate(inside, ours))).toBe(1);
  });

  it('is not used before the signature of the Response is verified', async () => {
    const altered = tamper(signed, 'Version="2.0"', 'Version="2.0" Consent="urn:x"');
    expect(await operations(() => expectRefused(validate(altered, ours), 'signature_invalid'))).toBe(0);
  });

  it('is not used if the Response must be signed and is not', async () => {
    const run = () => expectRefused(validate(inside, { ...ours, requireSigned: 'response' }), 'signature_missing');
    expect(await operations(run)).toBe(0);
  });

  it('is not used for a response of another identity provider, or for an error', async () => {
    const foreign = tamper(inside, />https:\/\/idp[^<]*</, '>https://other.example<');
    expect(await operations(() => expectRefused(validate(foreign, ours), 'issuer_mismatch'))).toBe(0);
    const failed = tamper(inside, 'status:Success', 'status:Responder');
    expect(await operations(() => expectRefused(validate(failed, ours), 'status_not_success'))).toBe(0);
  });

  it('is used at most 4 times, with 4 keys and the maximum of EncryptedKeys', async () => {
    const otherKeys = ['a', 'b', 'c', 'd'].map((name) => pemOf(decryptionPair(name)));
    const repeated = (times: number) =>
      encode(decode(inside).replace(/<xenc:EncryptedKey.*?<\/xenc:EncryptedKey>/s, (key) => key.repeat(times)));
    const refuse = (times: number, code: 'decryption_failed' | 'assertion_invalid') => () =>
      expectRefused(validate(repeated(times), keys(...otherKeys)), code);
    expect(await operations(refuse(1, 'decryption_failed'))).toBe(4);
    expect(await operations(refuse(4, 'decryption_failed'))).toBe(4);
    expect(await operations(refuse(5, 'assertion_invalid'))).toBe(0);
    expect(await operations(refuse(300, 'assertion_invalid'))).toBe(0);
  });

  it('is used first for an EncryptedKey that names its certificate, so that the correct one is among the four', async () => {
    const otherKeys = ['a', 'b', 'c'].map((name) => pemOf(decryptionPair(name)));
    const theirs = decode(
      respond({ signs: 'assertion', encryption: { certificate: decryptionPair('other').certificate } }),
    );
    const foreign = /<xenc:EncryptedKey.*?<\/xenc:EncryptedKey>/s.exec(theirs)?.[0] ?? expect.fail('no EncryptedKey');
    const last = encode(decode(inside).replace('<xenc:EncryptedKey', () => `${foreign.repeat(3)}<xenc:EncryptedKey`));
    expect(await operations(() => validate(last, keys(...otherKeys, pemOf(pair))))).toBe(1);
  });

  it('is not used for AES-CBC that another identity provider may have encrypted', async () => {
    const part = encryptXml('<a/>', { certificate, contentAlgorithm: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc' });
    const message = respond({
      mutateBeforeSigning: (xml) =>
        xml.replace(/<saml:NameID.*?<\/saml:NameID>/s, () => `<saml:EncryptedID>${part}</saml:EncryptedID>`),
    });
    const shared = {
      serviceProvider: { ...serviceProvider, decryptionKeys: [pemOf(pair)], sharedDecryptionKeys: true },
    };
    expect(await operations(() => expectRefused(validate(message, shared), 'algorithm_not_allowed', 'AES-GCM'))).toBe(
      0,
    );
    expect(await operations(() => expectRefused(validate(message, ours), 'decryption_failed'))).toBe(1);
  });

  it('is not used for AES-CBC around the only signature without allowAesCbc, nor for AES-GCM declared as AES-CBC', async () => {
    const cbc = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc';
    const message = respond({ signs: 'assertion', encryption: { certificate, contentAlgorithm: cbc } });
    const relabelled = tamper(inside, 'http://www.w3.org/2009/xmlenc11#aes256-gcm', cbc);
    for (const refused of [message, relabelled]) {
      const run = () => expectRefused(validate(refused, ours), 'algorithm_not_allowed', 'security.allowAesCbc');
      expect(await operations(run)).toBe(0);
    }
    expect(await operations(() => validate(message, { ...ours, allowAesCbc: true }))).toBe(1);
  });

  it('is not used for an encrypted key of another length', async () => {
    const short = encode(decode(inside).replace(/<xenc:CipherValue>[^<]*/, '<xenc:CipherValue>QUJD'));
    expect(await operations(() => expectRefused(validate(short, ours), 'decryption_failed'))).toBe(0);
  });
});
