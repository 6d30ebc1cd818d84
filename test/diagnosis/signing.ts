import type { ConnectionInput } from '../../src/index.ts';
import { createTestIdp, type RespondOptions, selfSigned, type TestIdpOptions } from '../../src/testing/index.ts';
import { key, product } from '../sso/setup.ts';
import { type DiagnosisCase, loginCase, rewrite, signIn, warningOf } from './support.ts';

const metadata = createTestIdp({ key }).metadata();
const sha1 = {
  signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  allowSha1: true,
} as const satisfies Partial<RespondOptions>;

function connection(idp: Partial<ConnectionInput['idp']>): Partial<ConnectionInput> {
  return { idp: { metadata, ...idp } };
}

function signInWithGoogle(requireSigned: 'either' | 'response' | 'both', idpOptions: TestIdpOptions = {}): unknown {
  return signIn(product({}, connection({ requireSigned }), { vendor: 'google', ...idpOptions }));
}

const pem = (pair: typeof key): string => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const encryptionPair = selfSigned({ commonName: 'app.example.com' });
const decryption = { privateKey: pem(encryptionPair), certificate: encryptionPair.certificate };
const formerPair = selfSigned({ commonName: 'app.example.com' });

function signInEncrypted(options: Parameters<typeof product>[0], certificate = encryptionPair.certificate): unknown {
  return signIn(product(options), { respond: { encryption: { certificate } } });
}

export const signing: readonly DiagnosisCase[] = [
  {
    name: 'Google signs the assertion, and both are required',
    code: 'signature_missing',
    cause: 'Only the assertion is signed, and this connection requires both Response and Assertion',
    remedy:
      'set requireSigned of the connection to "either": only signed content is read, and Google Workspace never signs both',
    reproduce: () => signInWithGoogle('both'),
    fixed: () => signInWithGoogle('either'),
  },
  {
    name: 'Google signs the assertion, and the response is required',
    code: 'signature_missing',
    cause: 'Only the assertion is signed, and this connection requires the response',
    remedy: 'Sign that too at the identity provider',
    reproduce: () => signInWithGoogle('response'),
    fixed: () => signInWithGoogle('response', { signs: 'response' }),
  },
  loginCase(
    'nothing is signed',
    'signature_missing',
    { respond: { signs: 'none' } },
    {
      cause: 'Neither the Response nor the Assertion is signed',
      remedy: 'Switch signing on at the identity provider',
    },
  ),
  {
    name: 'the identity provider signs with SHA-1',
    code: 'algorithm_not_allowed',
    cause: 'The signature algorithm uses SHA-1',
    remedy: 'Switch the identity provider to SHA-256 (where it cannot, allow SHA-1 for this connection: allowSha1)',
    reproduce: () => signIn(product(), { respond: sha1 }),
    fixed: () => signIn(product({}, { ...connection({}), security: { allowSha1: true } }), { respond: sha1 }),
  },
  {
    name: 'SHA-1, which the connection allows',
    code: 'sha1_used',
    cause: 'The message was signed with SHA-1, which this connection allows',
    remedy: 'Ask the identity provider to switch to SHA-256, then remove security.allowSha1',
    reproduce: async () => {
      const app = product({}, { ...connection({}), security: { allowSha1: true } });
      await signIn(app, { respond: sha1 });
      return warningOf(app);
    },
    fixed: async () => {
      const app = product({}, { ...connection({}), security: { allowSha1: true } });
      await signIn(app);
      return warningOf(app);
    },
  },
  loginCase(
    'HMAC instead of a signature',
    'algorithm_not_allowed',
    { transform: rewrite('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256') },
    {
      cause: 'xmldsig-more#hmac-sha256',
      remedy: 'Choose RSA-SHA256 at the identity provider',
      values: ['allowed: RSA or ECDSA with SHA-256'],
    },
  ),
  loginCase(
    'a digest with MD5',
    'algorithm_not_allowed',
    { transform: rewrite('xmlenc#sha256', 'xmldsig-more#md5') },
    {
      cause: 'digest algorithm "http://www.w3.org/2001/04/xmldsig-more#md5"',
      remedy: 'Choose RSA-SHA256 at the identity provider',
    },
  ),
  loginCase(
    'a proxy that rewrites addresses',
    'signature_invalid',
    { transform: rewrite('alice@acme.example', 'alice@acme.example.com') },
    {
      cause: 'The content of <Assertion> was changed after CN=test identity provider signed it',
      remedy: 'Look for a proxy, filter or browser extension between the identity provider and this application',
    },
  ),
  loginCase(
    'a gateway that indents the XML',
    'signature_invalid',
    { transform: rewrite('<saml:Subject>', '\n    <saml:Subject>') },
    {
      cause: 'was changed after CN=test identity provider signed it (the digests differ)',
      remedy: 'Look for a proxy, filter or browser extension',
    },
  ),
  {
    name: 'encrypted assertion, and the application has no decryption key',
    code: 'decryption_key_missing',
    cause: 'no decryption key is configured',
    remedy: 'give the identity provider its certificate, or switch encryption off there',
    reproduce: () => signInEncrypted({}),
    fixed: () => signInEncrypted({ decryption }),
  },
  {
    name: 'encrypted assertion for a key that was replaced',
    code: 'decryption_failed',
    cause: 'The message names a certificate that belongs to none of the configured keys',
    remedy: 'give the identity provider the current one (it is in the metadata of this application)',
    reproduce: () => signInEncrypted({ decryption }, formerPair.certificate),
    fixed: () =>
      signInEncrypted(
        { decryption: [decryption, { privateKey: pem(formerPair), certificate: formerPair.certificate }] },
        formerPair.certificate,
      ),
  },
];
