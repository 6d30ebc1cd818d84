import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { belongsTo, namedKey, parseDecryptionKey, resolveDecryptionKeys } from '../../src/xml/decryption-keys.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { pemBody } from '../support/signing.ts';

const pair = decryptionPair();
const pem = pemOf(pair);

describe('parseDecryptionKey', () => {
  it.each(['pkcs8', 'pkcs1'] as const)('reads a private key in %s, once', (type) => {
    const text = pair.privateKey.export({ type, format: 'pem' }).toString();
    const key = parseDecryptionKey(text);
    expect(key.size).toBe(256);
    expect(key.key.equals(pair.privateKey)).toBe(true);
    expect(parseDecryptionKey(text)).toBe(key);
  });

  it('reads a key with the line ends of an env file, and one beside its certificate', () => {
    for (const text of [pem.replaceAll('\n', '\\n'), `${pair.certificate}\n${pem}`, `\uFEFF${pem}`]) {
      expect(parseDecryptionKey(text).key.equals(pair.privateKey)).toBe(true);
    }
  });

  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const sealed = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  it.each([
    ['a certificate', pair.certificate, 'it is a certificate: the private key that belongs to it is needed'],
    ['a public key', decodePublic(), 'it is a public key'],
    ['a key with a passphrase', pair.privateKey.export(sealed).toString(), 'protected by a passphrase'],
    ['an EC key', pemOf(selfSigned({ keyType: 'p256' })), 'its type is ec'],
    ['1024 bits', small.export({ type: 'pkcs8', format: 'pem' }).toString(), 'it has 1024 bits'],
    ['half a key', pem.slice(0, 400), 'or a part?'],
    ['a damaged key', pem.replace(/\n.{64}\n/, '\n'), 'characters are missing or damaged'],
    ['a path', '/etc/saml.key', 'was the path of a file given'],
    ['nothing', '', 'no "-----BEGIN PRIVATE KEY-----"'],
  ])('refuses %s, and repeats none of it', (_, text, reason) => {
    const thrown = caught(() => parseDecryptionKey(text));
    expect(thrown.message).toBe(
      `a decryption key must be an RSA private key in PEM of at least 2048 bits; ${thrown.message.split('; ')[1]}`,
    );
    expect(thrown.message).toContain(reason);
    expect(thrown.cause).toBeUndefined();
  });

  function decodePublic(): string {
    return parseDecryptionKey(pem).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }
});

describe('resolveDecryptionKeys', () => {
  it('takes up to four', () => {
    expect(resolveDecryptionKeys([pem, pem, pem, pem])).toHaveLength(4);
    expect(resolveDecryptionKeys()).toEqual([]);
    expect(caught(() => resolveDecryptionKeys([pem, pem, pem, pem, pem])).message).toBe(
      'must hold at most 4 decryption keys, not 5',
    );
  });
});

describe('namedKey and belongsTo', () => {
  const fixture = (name: string): string =>
    pemBody(readFileSync(new URL(`../fixtures/certificates/${name}.crt`, import.meta.url), 'utf8'));

  it('tell the certificate of a key from others', () => {
    const key = parseDecryptionKey(pem);
    const belongs = (certificate: string) => belongsTo(namedKey(certificate) ?? expect.fail('not read'), key);
    expect(belongs(pemBody(pair.certificate))).toBe(true);
    expect(belongs(pemBody(decryptionPair('another').certificate))).toBe(false);
    expect(belongs(fixture('ec-p-256'))).toBe(false);
  });

  it.each([
    ['nothing', undefined],
    ['bytes that are no certificate', 'QUJD'],
    ['no base64', '?'],
    ['more than 16 KB', `${pemBody(pair.certificate)}${' '.repeat(16_384)}`],
    ['an RSA key of 1024 bits', fixture('rsa-1024')],
    ['an RSA key of 9216 bits', fixture('rsa-9216')],
    ['a public exponent of 33 bits', fixture('rsa-exponent-33-bits')],
    ['a DSA key', fixture('dsa')],
    ['a curve that is not accepted', fixture('ec-secp256k1')],
  ])('take nothing from %s', (_, certificate) => expect(namedKey(certificate)).toBeNull());
});

function caught(run: () => unknown): TypeError {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError) return error;
  }
  return expect.fail('no TypeError was thrown');
}
