import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/testing/self-signed.ts';
import { belongsTo, parseDecryptionKey, resolveDecryptionKeys } from '../../src/xml/decryption-keys.ts';
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
      'there may be at most 4 decryption keys, not 5',
    );
  });
});

describe('belongsTo', () => {
  it('tells the certificate of a key from others, and from what is none', () => {
    const key = parseDecryptionKey(pem);
    expect(belongsTo(pemBody(pair.certificate), key)).toBe(true);
    expect(belongsTo(pemBody(decryptionPair('another').certificate), key)).toBe(false);
    expect(belongsTo('QUJD', key)).toBeNull();
    expect(belongsTo('?', key)).toBeNull();
    expect(belongsTo('QUJD'.repeat(5000), key)).toBeNull();
  });
});

function caught(run: () => unknown): TypeError {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError) return error;
  }
  return expect.fail('no TypeError was thrown');
}
