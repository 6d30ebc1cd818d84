import { namespaces } from '../../src/saml/names.ts';
import type { KeyType } from '../../src/testing/idp/self-signed.ts';
import { vendors } from '../../src/testing/idp/vendors.ts';
import { decryptionPair } from '../support/encryption.ts';
import { modes } from '../support/response.ts';
import { EXCLUSIVE, INCLUSIVE, keyPair, MORE, MORE_2007, SHA256 } from '../support/signing.ts';
import { encrypted, opensCbcWith } from './genuine-encryption.ts';
import type { Genuine } from './genuine-message.ts';
import { signedWith } from './genuine-signatures.ts';
import { vendorNames, vendorResponse } from './genuine-vendors.ts';

// These write what Okta writes, signatures aside.
const likeOkta: readonly string[] = ['google', 'ping', 'jumpcloud'];

/** Every vendor with everything else that its administrator may choose to sign, in the clear and encrypted. */
export const vendorProducts: readonly Genuine[] = vendorNames
  .filter((vendor) => !likeOkta.includes(vendor))
  .flatMap((vendor) => [
    ...modes
      .filter((signs) => vendor !== 'okta' && signs !== vendors[vendor].signs)
      .map((signs) => vendorResponse(`${vendor}, ${signs} signed`, vendor, { signs })),
    ...modes.map((signs) => vendorResponse(`${vendor}, ${signs} signed, encrypted`, vendor, { signs, encrypt: true })),
  ]);

const bits = ['256', '384', '512'] as const;
const algorithms: readonly (readonly [KeyType, string])[] = bits.flatMap((size): (readonly [KeyType, string])[] => [
  ['rsa', `${MORE}rsa-sha${size}`],
  ['rsa', `${MORE_2007}sha${size}-rsa-MGF1`],
  ['rsa-pss', `${MORE_2007}sha${size}-rsa-MGF1`],
  ['p256', `${MORE}ecdsa-sha${size}`],
  ['p384', `${MORE}ecdsa-sha${size}`],
  ['p521', `${MORE}ecdsa-sha${size}`],
]);
const digests = [SHA256, `${MORE}sha384`, 'http://www.w3.org/2001/04/xmlenc#sha512'];
const canonicalizations = [EXCLUSIVE, `${EXCLUSIVE}WithComments`, INCLUSIVE, `${INCLUSIVE}#WithComments`];
const short = (uri: string): string => uri.replace(/^.*\/(?=[^/]+$)/, '');

/** Keys and algorithms with digests, both signed; canonicalizations of element and SignedInfo with what is signed. */
export const algorithmProducts: readonly Genuine[] = [
  ...algorithms.flatMap(([keyType, algorithm]) =>
    digests.map((digest) =>
      signedWith(
        `${keyType} ${short(algorithm)}, ${short(digest)}`,
        keyPair(keyType),
        { algorithm, digest },
        { mode: 'both' },
      ),
    ),
  ),
  ...canonicalizations.flatMap((canonicalization) =>
    canonicalizations
      .filter((signedInfo) => signedInfo !== EXCLUSIVE || canonicalization !== EXCLUSIVE)
      .flatMap((signedInfoCanonicalization) =>
        (['response', 'both'] as const).map((mode) =>
          signedWith(
            `${short(canonicalization)}, SignedInfo ${short(signedInfoCanonicalization)}, ${mode} signed`,
            keyPair('p256'),
            { canonicalization, signedInfoCanonicalization },
            { mode },
          ),
        ),
      ),
  ),
];

const { encryption: XENC, encryption11: XENC11 } = namespaces;
const contents = ['128', '192', '256'].flatMap((size) => [`${XENC11}aes${size}-gcm`, `${XENC}aes${size}-cbc`]);
const transports = [
  ['mgf1p, label', { digest: 'http://www.w3.org/2000/09/xmldsig#sha1', label: Buffer.from('label') }],
  ['mgf1p SHA-384', { digest: `${MORE}sha384` }],
  ['rsa-oaep SHA-256', { digest: `${XENC}sha256`, maskGeneration: `${XENC11}mgf1sha256` }],
  [
    'rsa-oaep SHA-512, key as sibling',
    { digest: `${XENC}sha512`, maskGeneration: `${XENC11}mgf1sha512`, encryptedKey: 'sibling' },
  ],
] as const;

/** Content encryptions with key transports and with what is signed. */
export const encryptionProducts: readonly Genuine[] = contents.flatMap((contentAlgorithm) =>
  transports.flatMap(([name, style]) =>
    modes.map((mode) =>
      encrypted(`${short(contentAlgorithm)}, ${name}, ${mode} signed`, { contentAlgorithm, ...style }, undefined, {
        mode,
        ...(mode === 'assertion' && contentAlgorithm.endsWith('-cbc')
          ? { options: opensCbcWith(decryptionPair()) }
          : {}),
      }),
    ),
  ),
);
