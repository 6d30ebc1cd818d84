import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { parseCertificate, parseTrustedKey } from '../../src/xml/certificates.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), 'utf8');
const pem = fixture('rsa-2048.crt');
const base64 = pem.replace(/-----[^-]+-----|\s/g, '');
const fingerprint = 'AE:19:97:47:6D:FB:6E:97:F8:43:DB:69:06:77:2D:10:B5:83:56:55:51:B2:62:B0:EE:79:F0:CC:7D:2D:E2:85';

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

function refusal(text: string, parse: (text: string) => unknown = parseCertificate): Refused {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof SamlError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('the certificate was accepted');
}

describe('parseCertificate', () => {
  test('returns key, fingerprint as openssl prints it, subject and dates', () => {
    const trusted = parseCertificate(pem);
    expect(trusted.fingerprint).toBe(fingerprint);
    expect(trusted.subject).toBe('CN=rsa-2048.example.test, O=Example');
    expect(trusted.key.asymmetricKeyType).toBe('rsa');
    expect(trusted.validTo.getTime() - trusted.validFrom.getTime()).toBe(3650 * 24 * 3600 * 1000);
  });

  test.each([
    ['bare base64', base64],
    ['base64 in lines', base64.replace(/.{1,76}/g, '$&\n')],
    ['base64 indented by tabs, as in metadata', `\n\t\t${base64.replace(/.{1,64}/g, '$&\n\t\t')}`],
    ['Windows line ends', pem.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${pem}`],
    ['literal \\n of an env file', pem.replaceAll('\n', '\\n')],
    ['literal \\r\\n', pem.replaceAll('\n', '\\r\\n')],
    ['line breaks lost', pem.replaceAll('\n', ' ')],
    ['all white space lost', pem.replace(/\s/g, '')],
    ['the label of old tools', pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['explanatory text around it', `subject=CN = idp\n${pem}\nthank you`],
    ['no-break spaces from a web page', base64.replace(/.{1,64}/g, '$&\u00A0')],
  ])('reads %s', (_, text) => {
    expect(parseCertificate(text).fingerprint).toBe(fingerprint);
  });

  test.each(['rsa-2048', 'rsa-4096', 'rsa-pss', 'ec-p-256', 'ec-p-384', 'ec-p-521'])(
    'accepts the key of %s',
    (name) => {
      expect(parseCertificate(fixture(`${name}.crt`)).subject).toBe(`CN=${name}.example.test, O=Example`);
    },
  );

  test.each([
    ['rsa-1024', 'its RSA key has 1024 bits, at least 2048 are required'],
    ['rsa-9216', 'its RSA key has 9216 bits, at most 8192 are accepted'],
    ['rsa-exponent-33-bits', 'its RSA key has a public exponent of more than 32 bits'],
    ['ec-secp256k1', 'its EC key is on the curve secp256k1, expected P-256, P-384, P-521'],
    ['ed25519', 'its key is of type ed25519, expected RSA or EC'],
    ['dsa', 'its key is of type dsa, expected RSA or EC'],
  ])('refuses the key of %s', (name, reason) => {
    const { code, message, hint } = refusal(fixture(`${name}.crt`));
    expect(code).toBe('certificate_invalid');
    expect(message).toBe('a configured certificate cannot be used');
    expect(hint).toContain(reason);
    expect(hint).toContain(`CN=${name}.example.test`);
  });

  test('refuses invalid dates', () => {
    const der = Buffer.from(base64, 'base64').toString('latin1');
    const [, date = ''] = /(\d{12}Z)/.exec(der) ?? [];
    const spoilt = Buffer.from(der.replace(date, `99${'9'.repeat(10)}Z`), 'latin1').toString('base64');
    expect(refusal(spoilt)).toMatchObject({
      code: 'certificate_invalid',
      hint: expect.stringContaining('its dates cannot be read'),
    });
  });

  test('refuses the public exponent 1, for which anyone can forge signatures', () => {
    const der = Buffer.from(base64, 'base64').toString('hex');
    expect(der).toContain('0203010001');
    const exponentOne = Buffer.from(der.replace('0203010001', '0203000001'), 'hex').toString('base64');
    expect(refusal(exponentOne)).toMatchObject({
      code: 'certificate_invalid',
      hint: expect.stringMatching(/exponent 1|cannot be read/),
    });
  });

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const body = (text: string): string => text.replace(/-----[^-]+-----|\s/g, '');

  test.each([
    ['an empty text', '', 'the text is empty'],
    ['white space', ' \r\n\t', 'the text is empty'],
    ['a private key', pkcs8, 'a private key was given'],
    ['base64 of a private key', body(pkcs8), 'a private key was given'],
    ['an old private key', privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'a private key was given'],
    ['certificate and private key', `${pem}${pkcs8}`, 'a private key was given'],
    ['an encrypted private key', encrypted, 'an encrypted private key was given'],
    ['base64 of an encrypted private key', body(encrypted), 'an encrypted private key was given'],
    ['a public key', spki, 'only a public key was given'],
    ['base64 of a public key', body(spki), 'only a public key was given'],
    ['a request', fixture('request.csr'), 'a certificate request (CSR) was given'],
    ['base64 of a request', body(fixture('request.csr')), 'a certificate request (CSR) was given'],
    ['a PKCS#7 bundle', fixture('bundle.p7b'), 'a PKCS#7 bundle was given'],
    ['base64 of a PKCS#7 bundle', body(fixture('bundle.p7b')), 'a PKCS#7 bundle was given'],
    [
      'a revocation list',
      '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----',
      'a revocation list (CRL) was given',
    ],
    ['a PEM block of another kind', '-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----', 'another kind'],
    ['several certificates', `${pem}${fixture('rsa-pss.crt')}`, '2 certificates were given in one text'],
    ['a SHA-256 fingerprint', fingerprint, 'only a fingerprint was given'],
    ['a fingerprint as openssl prints it', `sha256 Fingerprint=${fingerprint}`, 'only a fingerprint was given'],
    ['a SHA-1 fingerprint without colons', 'da39a3ee5e6b4b0d3255bfef95601890afd80709', 'only a fingerprint was given'],
    ['metadata', '<EntityDescriptor entityID="x"/>', 'XML was given'],
    ['an HTML page', '<!DOCTYPE html><html></html>', 'an HTML page was given'],
    ['a URL', 'https://idp.example.test/cert.pem', 'a URL was given'],
    ['a file name', './certs/idp.pem', 'a file name was given'],
    ['a binary file read as text', Buffer.from(base64, 'base64').toString('utf8'), 'a binary (DER) file'],
    ['base64 of a PEM file', Buffer.from(pem).toString('base64'), 'base64 of a PEM file'],
    ['an SSH key', 'ssh-rsa AAAAB3NzaC1yc2E=', 'an SSH public key'],
    ['base64 cut in the middle', base64.slice(0, 400), 'it is incomplete: 300 bytes of'],
    ['base64 cut inside a group', base64.slice(0, 401), 'not valid base64'],
    ['PEM without its end', pem.slice(0, 500), '-----END CERTIFICATE----- is missing'],
    ['PEM without its beginning', pem.slice(200), '-----BEGIN CERTIFICATE----- is missing'],
    [
      'more after the certificate',
      Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from('x')]).toString('base64'),
      '1 bytes follow',
    ],
    ['words', 'please see the attachment', 'not valid base64'],
    ['other bytes', 'AAAA', 'not base64 of a certificate'],
    ['an empty sequence', 'MAA=', 'not an X.509 certificate'],
    ['a text that is too long', 'A'.repeat(70_000), 'longer than 65536 characters'],
  ])('reports that %s was given', (_, text, reason) => {
    const { code, message, hint } = refusal(text);
    expect(code).toBe('certificate_invalid');
    expect(message).toBe('a configured certificate cannot be used');
    expect(hint).toContain(reason);
  });

  test('never repeats the text in the error, because it may be a secret', () => {
    const { hint } = refusal(pkcs8);
    expect(hint).not.toContain(body(pkcs8).slice(0, 20));
  });

  test('caches results by text', () => {
    expect(parseCertificate(pem)).toBe(parseCertificate(pem));
  });

  test('keeps at most 1,000 certificates and drops the oldest', () => {
    const first = parseCertificate(pem);
    for (let i = 0; i < 1000; i++) parseCertificate(`${base64}${' '.repeat(i + 1)}`);
    expect(parseCertificate(pem)).not.toBe(first);
    expect(parseCertificate(pem).fingerprint).toBe(first.fingerprint);
  });

  test('refuses arbitrary text with a SamlError', () => {
    const damaged = fc.tuple(fc.nat(base64.length - 5), fc.string()).map(([at, noise]) => base64.slice(0, at) + noise);
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (text) => {
        expect(refusal(text).code).toBe('certificate_invalid');
      }),
    );
  });
});

describe('parseTrustedKey', () => {
  const publicKey = createPublicKey(pem);
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const body = spki.replace(/-----[^-]+-----|\s/g, '');

  test('reads a certificate as parseCertificate does', () => {
    expect(parseTrustedKey(pem)).toBe(parseCertificate(pem));
  });

  test.each([
    ['a bare public key in PEM', spki],
    ['line breaks lost', spki.replaceAll('\n', ' ')],
    ['literal \\n of an env file', spki.replaceAll('\n', '\\n')],
    ['a byte order mark', `\uFEFF${spki}`],
  ])('reads a bare public key, which has no subject and no period of validity: %s', (_, text) => {
    const { key, ...rest } = parseTrustedKey(text);
    expect(key.equals(publicKey)).toBe(true);
    expect(rest).toEqual({
      fingerprint: createHash('sha256')
        .update(Buffer.from(body, 'base64'))
        .digest('hex')
        .toUpperCase()
        .replace(/..(?!$)/g, '$&:'),
      subject: null,
      validFrom: null,
      validTo: null,
      certificate: null,
    });
  });

  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const pkcs8 = small.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  test.each([
    [
      'with a weak key',
      small.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'has 1024 bits, at least 2048',
    ],
    ['of RSA alone', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'only a public key was given'],
    ['without its PEM lines', body, 'only a public key was given'],
    ['followed by another', spki + spki, 'only a public key was given'],
    ['without its end', spki.slice(0, 300), '-----END PUBLIC KEY----- is missing'],
    ['cut in the middle', spki.replace(body.slice(40, 44), ''), 'the public key cannot be read'],
    ['with junk', spki.replace(body.slice(40, 44), '!!!!'), 'not valid base64: it contains "!"'],
    ['that holds a private key', pkcs8.replaceAll('PRIVATE KEY', 'PUBLIC KEY'), 'the public key cannot be read'],
  ])('refuses a bare public key %s', (_, text, reason) => {
    const { code, hint } = refusal(text, parseTrustedKey);
    expect(code).toBe('certificate_invalid');
    expect(hint).toContain(reason);
  });
});
