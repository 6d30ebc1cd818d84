import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import { DSIG_NAMESPACE } from '../../xml/names.ts';
import { type Forgery, type ForgeryEntry, fromEntry } from './forgery.ts';
import type { MarkedSigning } from './sign-marked.ts';
import { signForged } from './transplant.ts';

const by = (algorithm: string, sign: MarkedSigning['sign']): Partial<MarkedSigning> => ({ algorithm, sign });

/** Content of KeyInfo (XML Signature 4.5.2). */
function keyValue(key: KeyObject): string {
  const { n, e } = key.asymmetricKeyType === 'rsa' ? createPublicKey(key).export({ format: 'jwk' }) : {};
  if (n === undefined || e === undefined) {
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
    return `<dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">${der}</dsig11:DEREncodedKeyValue>`;
  }
  const [modulus, exponent] = [n, e].map((value) => Buffer.from(value, 'base64url').toString('base64'));
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${modulus}</ds:Modulus><ds:Exponent>${exponent}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
}

const attacks: readonly ForgeryEntry[] = [
  [
    'hmac-with-the-certificate',
    'ALG-1',
    'An HMAC whose secret is the certificate, which is public. Careless: lets the message choose the algorithm.',
    (material) =>
      signForged(
        material,
        by(`${DSIG_NAMESPACE}hmac-sha1`, (bytes) =>
          createHmac('sha1', material.key.certificate).update(bytes).digest(),
        ),
      ),
  ],
  [
    'hmac-with-the-public-key',
    'ALG-1',
    'An HMAC whose secret is the public key.',
    (material) => {
      const secret = createPublicKey(material.key.privateKey).export({ type: 'spki', format: 'pem' });
      return signForged(
        material,
        by('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', (bytes) =>
          createHmac('sha256', secret).update(bytes).digest(),
        ),
      );
    },
  ],
  [
    'algorithm-of-object-prototype',
    'ALG-5',
    'The signature algorithm is "constructor". Careless: looks it up in an object, and finds an inherited property.',
    (material) =>
      signForged(
        material,
        by('constructor', () => Buffer.from('x')),
      ),
  ],
  [
    'untrusted-key',
    'KEY-1',
    'Signed with an untrusted key, whose certificate is in KeyInfo. Careless: takes the key from the message.',
    ({ victimsResponse, untrustedKey }) => victimsResponse({ key: untrustedKey }),
  ],
  [
    'untrusted-key-under-the-trusted-certificate',
    'KEY-1',
    'Signed with an untrusted key; KeyInfo contains the trusted certificate. Careless: compares the certificate, verifies with another key.',
    (material) =>
      signForged(material, {
        keyPair: { ...material.untrustedKey, certificate: material.key.certificate },
      }),
  ],
  [
    'untrusted-key-value',
    'KEY-2',
    'Signed with an untrusted key; KeyInfo contains the bare key. Careless: takes the key from the message.',
    (material) =>
      signForged(material, { keyPair: material.untrustedKey, keyInfo: keyValue(material.untrustedKey.privateKey) }),
  ],
];

/** Signatures by keys or algorithms that the application does not trust. */
export const keyForgeries: readonly Forgery[] = attacks.map(fromEntry);
