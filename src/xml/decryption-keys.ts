import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ConfigurationError, type ConfigurationPath, checkAt, invalidOption } from '../configuration-error.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { isSameKey, readNamedCertificate } from './certificates.ts';

/** A private key that opens what was encrypted for this application. */
export interface DecryptionKey {
  readonly key: KeyObject;
  /** Of an RSA ciphertext, in bytes. */
  readonly size: number;
  readonly publicKey: KeyObject;
}

// The present one and those that it replaces. Anybody may send what is tried with each of them.
const maxKeys = 4;

const parsed = boundedCache<string, DecryptionKey>(100);

/**
 * Reads the keys of an application.
 *
 * @param pathOf the path of a key within the setting, for errors
 * @throws ConfigurationError as {@link parseDecryptionKey}, and for more than 4
 */
export function resolveDecryptionKeys(
  pems: readonly string[] = [],
  pathOf: (index: number) => ConfigurationPath = (index) => [index],
): readonly DecryptionKey[] {
  if (!Array.isArray(pems)) throw invalidOption([], 'must be a list of texts in PEM');
  if (pems.length > maxKeys)
    throw invalidOption([], `must hold at most ${maxKeys} decryption keys, not ${pems.length}`);
  return pems.map((pem, index) => checkAt(pathOf(index), () => parseDecryptionKey(pem)));
}

/**
 * Reads an RSA private key of at least 2048 bits in PEM. Each text is parsed once and kept.
 *
 * @throws ConfigurationError that says what was given instead, without repeating any of it
 */
export function parseDecryptionKey(pem: string): DecryptionKey {
  const known = parsed.get(pem);
  if (known) return known;
  const key = open(pem);
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa') refuse(`its type is ${key.asymmetricKeyType}`);
  if (modulusLength < 2048) refuse(`it has ${modulusLength} bits`);
  const made = { key, size: Math.ceil(modulusLength / 8), publicKey: createPublicKey(key) };
  parsed.set(pem, made);
  return made;
}

function open(text: string): KeyObject {
  if (typeof text !== 'string') refuse("it is not a string: read the file as text, readFileSync(path, 'utf8')");
  // As env files write line ends; a file may hold the certificate as well.
  const pem = text.replaceAll('\\n', '\n');
  if (/ENCRYPTED/.test(pem)) refuse('it is protected by a passphrase: remove it with "openssl pkey"');
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/.exec(pem)?.[0];
  if (key === undefined) {
    if (pem.includes('BEGIN CERTIFICATE')) refuse('it is a certificate: the private key that belongs to it is needed');
    if (pem.includes('BEGIN PUBLIC KEY')) refuse('it is a public key: the private key that belongs to it is needed');
    refuse(
      'no "-----BEGIN PRIVATE KEY-----" to "-----END PRIVATE KEY-----" is in it (was the path of a file given, or a part?)',
    );
  }
  try {
    return createPrivateKey(key);
  } catch {
    return refuse('it cannot be read: characters are missing or damaged');
  }
}

function refuse(reason: string): never {
  const message = `must be an RSA private key in PEM of at least 2048 bits; ${reason}`;
  throw new ConfigurationError(`a decryption key ${message}`, [{ path: [], message }]);
}

/** The public key of a certificate that a message names, in base64; `null` if it cannot be read or its key is too weak. */
export function namedKey(certificate: string | undefined): KeyObject | null {
  const named = certificate === undefined ? null : readNamedCertificate(certificate);
  return named === null || named.weakness !== undefined ? null : named.key;
}

/** Whether a public key belongs to this decryption key. */
export function belongsTo(named: KeyObject, { publicKey }: DecryptionKey): boolean {
  return isSameKey(named, publicKey);
}
