import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { selfSigned } from '../../src/testing/index.ts';
import { key, product, untrustedKey } from '../sso/setup.ts';
import { pemBody } from '../support/signing.ts';
import { type DiagnosisCase, type LoginOverrides, rewrite, signInIdpInitiated, warningOf } from './support.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), 'utf8');
const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256;

const idp = { entityId: 'https://idp.example.test/metadata', ssoUrl: 'https://idp.example.test/sso' };
// Contains +, which a form without URL encoding turns into a space.
const long = pemBody(fixture('rsa-2048.crt'));

/** Configures a connection with this certificate. */
export function connect(certificate: unknown): unknown {
  const settings: object = { ...idp, certificate };
  return product({}, { idp: settings });
}

/** Text that an administrator may paste into the field for the certificate. */
function pastedCase(name: string, text: unknown, cause: string, remedy: string): DiagnosisCase {
  return {
    name: `${name} pasted as the certificate`,
    code: typeof text === 'string' ? 'certificate_invalid' : 'TypeError',
    cause,
    remedy,
    values: ['idp.certificate'],
    reproduce: () => connect(text),
    fixed: () => connect(key.certificate),
  };
}

const fromIdp = 'Copy it from the metadata of the identity provider (the text inside <X509Certificate>)';

/** A login where `configured` is pinned and the identity provider signs with `signer`. */
function signInWithPinned(
  configured: string,
  signer = key,
  overrides: LoginOverrides = {},
  options: Parameters<typeof product>[0] = {},
): unknown {
  const connection = { idp: { ...idp, certificate: configured }, policy: { idpInitiated: 'allow' } } as const;
  return signInIdpInitiated(product(options, connection, { key: signer }), overrides);
}

function pair({ privateKey, certificate }: typeof key): { privateKey: string; certificate: string } {
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate };
}

const microsoft = { commonName: 'Microsoft Azure Federated SSO Certificate' };
const lastYear = { notBefore: new Date('2022-11-20'), notAfter: new Date('2025-11-20') };
const thisYear = { notBefore: new Date('2025-11-01'), notAfter: new Date('2028-11-01') };
const old = selfSigned({ ...microsoft, ...lastYear });
const renewed = selfSigned({ ...microsoft, ...thisYear });
const otherApp = selfSigned({ ...microsoft, ...thisYear });
const application = selfSigned({ commonName: 'app.example.com' });
const forEncryption = selfSigned({ commonName: 'encryption.idp.example.test' });
const elliptic = selfSigned({ keyType: 'p256', commonName: 'ec.idp.example.test' });

/** Spellings of a certificate that are accepted, because they are unambiguous. */
export const acceptedSpellings: Readonly<Record<string, string>> = {
  'PEM with literal \\n, as in an env file': key.certificate.replaceAll('\n', '\\n'),
  'PEM in quotation marks': `"${key.certificate}"`,
  'PEM on one line': key.certificate.replaceAll('\n', ' '),
  'PEM with CRLF': key.certificate.replaceAll('\n', '\r\n'),
  'base64 alone': pemBody(key.certificate),
  'the public key alone, in PEM': createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  'openssl x509 -text, PEM at its end': `Certificate:\n    Data:\n        Version: 3 (0x2)\n${key.certificate}`,
};

export const certificates: readonly DiagnosisCase[] = [
  pastedCase(
    'the private key',
    key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'a private key was given',
    'never share it, and replace it if it was shared',
  ),
  pastedCase('a certificate request', fixture('request.csr'), 'a certificate request (CSR) was given', fromIdp),
  pastedCase('a PKCS#7 bundle', fixture('bundle.p7b'), 'a PKCS#7 bundle was given', 'openssl pkcs7 -print_certs'),
  pastedCase('half of the base64', long.slice(0, 400), 'it is incomplete: 300 bytes of', fromIdp),
  pastedCase(
    'PEM without its last line',
    key.certificate.slice(0, 500),
    '-----END CERTIFICATE----- is missing',
    fromIdp,
  ),
  pastedCase(
    'base64 that a web page abbreviates',
    `${long.slice(0, 20)}...`,
    'it is abbreviated (...)',
    'copy all of it',
  ),
  pastedCase(
    'PEM from a word processor',
    key.certificate.replaceAll('-----', '—–-'),
    'its dashes were replaced by typographic ones',
    'copy it as plain text',
  ),
  pastedCase('base64 in quotation marks', `"${long}"`, 'it is enclosed in quotation marks', 'remove them'),
  pastedCase(
    'base64 of the PEM file',
    Buffer.from(key.certificate).toString('base64'),
    'base64 of a PEM file',
    'decode it once',
  ),
  pastedCase(
    'base64 in which a form replaced + by spaces',
    long.replaceAll('+', ' '),
    'it contains spaces in place of +: a form or URL was not encoded',
    'paste it again',
  ),
  pastedCase(
    'the output of openssl x509 -text -noout',
    'Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 4096 (0x1000)\n',
    'the text form of a certificate was given',
    'pass the PEM block (openssl x509 without -noout)',
  ),
  pastedCase('a path', '/etc/saml/idp.pem', 'a file name was given', 'pass the content of the file'),
  pastedCase('a relative path', 'certs/idp.crt', 'a file name was given', 'pass the content of the file'),
  pastedCase('a Buffer', Buffer.from(key.certificate), 'received bytes', "pass its text, e.g. readFile(path, 'utf8')"),
  pastedCase(
    'the URL of the metadata',
    'https://idp.example.test/metadata',
    'a URL was given',
    'for the metadata behind it use `metadata`, else download the certificate',
  ),
  pastedCase('the metadata', product().idp.metadata(), 'XML was given', 'for IdP metadata use `metadata`'),
  pastedCase('a fingerprint', fingerprint(key.certificate), 'only a fingerprint was given', fromIdp),
  pastedCase(
    'a chain of two certificates',
    `${key.certificate}${untrustedKey.certificate}`,
    '2 certificates were given in one text',
    'list each signing certificate separately (idp.certificates)',
  ),
  pastedCase(
    'a certificate with a weak key',
    fixture('rsa-1024.crt'),
    'its RSA key has 1024 bits, at least 2048 are required',
    'Create a new signing key at the identity provider: RSA with 2048 bits or more',
  ),
  {
    name: 'certificate of another identity provider',
    code: 'untrusted_certificate',
    cause: 'The subjects differ: the configured certificate is not that of this identity provider',
    remedy: "Take the certificate from the identity provider's metadata",
    values: ['CN=untrusted.example', fingerprint(untrustedKey.certificate), fingerprint(key.certificate)],
    reproduce: () => signInWithPinned(untrustedKey.certificate),
    fixed: () => signInWithPinned(key.certificate),
  },
  {
    name: "the application's own certificate configured for the identity provider",
    code: 'untrusted_certificate',
    cause: "The application's own certificate was configured instead of the identity provider's",
    remedy: "Take the certificate from the identity provider's metadata",
    values: ['Configured: CN=app.example.com', fingerprint(application.certificate), fingerprint(key.certificate)],
    reproduce: () => signInWithPinned(application.certificate, key, {}, { signing: pair(application) }),
    fixed: () => signInWithPinned(key.certificate, key, {}, { signing: pair(application) }),
  },
  {
    name: "the identity provider's encryption certificate configured",
    code: 'untrusted_certificate',
    cause: 'Configured: CN=encryption.idp.example.test',
    remedy: 'set it in the connection (idp.certificates takes several)',
    values: [fingerprint(forEncryption.certificate), fingerprint(key.certificate)],
    reproduce: () => signInWithPinned(forEncryption.certificate),
    fixed: () => signInWithPinned(key.certificate),
  },
  {
    name: "last year's certificate, after the identity provider changed it",
    code: 'untrusted_certificate',
    cause: 'The subjects are equal, and the one that signed is newer: the identity provider changed its certificate',
    remedy: 'over a channel you trust, and set it in the connection (idp.certificates takes several)',
    values: [
      'valid until 2025-11-20',
      'valid until 2028-11-01',
      fingerprint(old.certificate),
      fingerprint(renewed.certificate),
    ],
    reproduce: () => signInWithPinned(old.certificate, renewed),
    fixed: () => signInWithPinned(renewed.certificate, renewed),
  },
  {
    name: 'the next certificate, which the identity provider does not sign with yet',
    code: 'untrusted_certificate',
    cause: 'or the identity provider does not sign with the new one yet',
    remedy: 'set it in the connection (idp.certificates takes several)',
    values: ['valid until 2025-11-20', 'valid until 2028-11-01'],
    reproduce: () => signInWithPinned(renewed.certificate, old),
    fixed: () => signInWithPinned(old.certificate, old),
  },
  {
    name: 'certificate of another application of the same identity provider',
    code: 'untrusted_certificate',
    cause: 'the certificate of another application of the same identity provider was configured',
    remedy: "Take the certificate from the identity provider's metadata",
    values: [fingerprint(otherApp.certificate), fingerprint(renewed.certificate)],
    reproduce: () => signInWithPinned(otherApp.certificate, renewed),
    fixed: () => signInWithPinned(renewed.certificate, renewed),
  },
  {
    name: 'certificate with a key of another kind',
    code: 'untrusted_certificate',
    cause: 'The signature was made with an RSA key, and no configured certificate has a key of that type',
    remedy: 'Configure the certificate that the identity provider signs with now',
    values: ['CN=ec.idp.example.test', fingerprint(elliptic.certificate)],
    reproduce: () => signInWithPinned(elliptic.certificate, key, { transform: withoutKeyInfo }),
    fixed: () => signInWithPinned(key.certificate, key, { transform: withoutKeyInfo }),
  },
  {
    name: 'wrong certificate, and a message without KeyInfo',
    code: 'signature_invalid',
    cause: 'Either it was changed after signing, or the identity provider signs with another key',
    remedy: "Compare with the certificate in the identity provider's metadata",
    values: ['CN=untrusted.example', fingerprint(untrustedKey.certificate)],
    reproduce: () => signInWithPinned(untrustedKey.certificate, key, { transform: withoutKeyInfo }),
    fixed: () => signInWithPinned(key.certificate, key, { transform: withoutKeyInfo }),
  },
  {
    name: 'expired certificate',
    code: 'certificate_expired',
    cause: 'valid from 2022-11-20T00:00:00.000Z to 2025-11-20T00:00:00.000Z',
    remedy: "ask the identity provider's administrator for the next one",
    values: [fingerprint(old.certificate)],
    reproduce: () => firstWarning(old),
    fixed: () => signInWithPinned(renewed.certificate, renewed),
  },
];

async function firstWarning(signer: typeof key): Promise<unknown> {
  const app = product({}, { policy: { idpInitiated: 'allow' } }, { key: signer });
  await signInIdpInitiated(app);
  return warningOf(app);
}

function withoutKeyInfo(samlResponse: string): string {
  return rewrite(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/s, '')(samlResponse);
}
