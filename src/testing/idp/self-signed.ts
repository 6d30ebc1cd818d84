import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type SigningOptions,
  sign,
} from 'node:crypto';
import { privateKeyOf } from '../../xml/sign.ts';
import { bitString, explicit, integer, nothing, objectIdentifier, sequence, set, time, utf8String } from './der.ts';

/** Kinds of key that SAML messages are signed with; `rsa` and `rsa-pss` have 2048 bits. */
export type KeyType = 'rsa' | 'rsa-pss' | 'p256' | 'p384' | 'p521';

/** Options of {@link selfSigned}. */
export interface SelfSignedOptions {
  /** Kind of key to make; default `rsa`. */
  readonly keyType?: KeyType | undefined;
  /** Use this key (PEM or key object) instead of a new one. */
  readonly privateKey?: KeyObject | string | undefined;
  /** Common name of the subject; default `test identity provider`. */
  readonly commonName?: string | undefined;
  /** Default 2020-01-01. */
  readonly notBefore?: Date | undefined;
  /** Default 2049-12-31. */
  readonly notAfter?: Date | undefined;
}

/** A private key and the certificate of its public key. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

/**
 * Makes a self-signed X.509 certificate (RFC 5280), and a key where none is given. For tests: the key is not protected.
 *
 * With an RSA key and dates given, the certificate is always the same.
 *
 * @param options type of the key, and names and times of the certificate
 * @throws TypeError for a key that SAML messages are not signed with
 * @example
 * ```ts
 * const { privateKey, certificate } = selfSigned({ keyType: 'p256', commonName: 'idp.example.com' });
 * ```
 */
export function selfSigned(options: SelfSignedOptions = {}): KeyPair {
  const { keyType = 'rsa', commonName = 'test identity provider' } = options;
  const { notBefore = new Date('2020-01-01T00:00:00Z'), notAfter = new Date('2049-12-31T23:59:59Z') } = options;
  const privateKey = options.privateKey === undefined ? generateKey(keyType) : privateKeyOf(options.privateKey);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const scheme = schemeOf(privateKey);
  const name = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
  const validity = sequence(time(notBefore), time(notAfter));
  const serial = createHash('sha256').update(publicKey).update(validity).update(name).digest().subarray(0, 16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;

  // Without extensions the version is 1, which is the default and therefore not written.
  const body = sequence(integer(serial), scheme.identifier, name, validity, name, publicKey);
  const signature = sign(scheme.hash, body, { key: privateKey, ...scheme.parameters });
  const certificate = sequence(body, scheme.identifier, bitString(signature));
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    privateKey,
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

function generateKey(type: KeyType): KeyObject {
  switch (type) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    case 'rsa-pss':
      return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
    default:
      return generateKeyPairSync('ec', { namedCurve: type.replace('p', 'P-') }).privateKey;
  }
}

interface Scheme {
  readonly hash: string;
  readonly identifier: Uint8Array;
  readonly parameters?: SigningOptions;
}

const sha256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), nothing);
const mgf1 = sequence(objectIdentifier('1.2.840.113549.1.1.8'), sha256);
const saltLength = integer(Buffer.from([32]));

function ecdsa(hash: string, arc: number): Scheme {
  return { hash, identifier: sequence(objectIdentifier(`1.2.840.10045.4.3.${arc}`)) };
}

const schemes: ReadonlyMap<string | undefined, Scheme> = new Map([
  ['rsa', { hash: 'sha256', identifier: sequence(objectIdentifier('1.2.840.113549.1.1.11'), nothing) }],
  [
    'rsa-pss',
    {
      hash: 'sha256',
      identifier: sequence(
        objectIdentifier('1.2.840.113549.1.1.10'),
        sequence(explicit(0, sha256), explicit(1, mgf1), explicit(2, saltLength)),
      ),
      parameters: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    },
  ],
  ['prime256v1', ecdsa('sha256', 2)],
  ['secp384r1', ecdsa('sha384', 3)],
  ['secp521r1', ecdsa('sha512', 4)],
]);

function schemeOf(key: KeyObject): Scheme {
  const scheme = schemes.get(key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType);
  if (!scheme) throw new TypeError(`SAML messages are not signed with ${key.asymmetricKeyType} keys`);
  return scheme;
}
