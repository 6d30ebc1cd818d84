import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { decodeBase64 } from '../lib/base64.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { copyString } from '../lib/copy-string.ts';
import { describePastedBytes, describePastedText, onlyPublicKey } from './pasted.ts';

/** A pinned public key, with what identifies its certificate where there is one. */
export interface TrustedKey {
  readonly key: KeyObject;
  /**
   * SHA-256 of the certificate as colon-separated upper-case hex, as `openssl x509 -fingerprint -sha256` prints it; for a
   * bare public key SHA-256 of its SubjectPublicKeyInfo.
   */
  readonly fingerprint: string;
  /** Subject of the certificate, e.g. `CN=idp.example.com, O=Example`; `null` for a bare public key. */
  readonly subject: string | null;
  /** `null` for a bare public key, which has no period of validity. */
  readonly validFrom: Date | null;
  /** `null` for a bare public key, which has no period of validity. */
  readonly validTo: Date | null;
  /** Base64 of the DER form, in one line, as metadata carries it; `null` for a bare public key. */
  readonly certificate: string | null;
}

/** A public key with its X.509 certificate. */
export interface Certificate extends TrustedKey {
  readonly subject: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly certificate: string;
}

/** A certificate that an unverified message names. It grants no trust. */
export interface NamedCertificate extends Pick<Certificate, 'key' | 'fingerprint' | 'subject' | 'validTo'> {
  /** Why its key could not be pinned, in which case nothing may be verified with it; `undefined`: it could be. */
  readonly weakness: string | undefined;
}

/** Certificates that one connection may pin: a forged signature is held against every one of their keys. */
export const maxCertificates = 20;

const parsed = boundedCache<string, TrustedKey>(1000);
const maxLength = 64 * 1024;
const maxNamedLength = 16 * 1024;
const curves = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

/**
 * Reads one pinned key: an X.509 certificate as administrators paste it (PEM or bare base64, with any line breaks or none,
 * a byte order mark, or the literal `\n` of env files), or a bare public key in PEM (`-----BEGIN PUBLIC KEY-----`), as
 * metadata with a KeyValue has it. Each text is parsed once and kept.
 *
 * Accepted keys: RSA and RSA-PSS of at least 2048 bits, EC on P-256, P-384 or P-521. An expired certificate is accepted:
 * SAML pins the key, not its lifetime.
 *
 * @throws SamlError `certificate_invalid`; the hint names what was given instead
 */
export function parseTrustedKey(text: string): TrustedKey {
  if (typeof text !== 'string')
    throw new TypeError("a certificate must be text, PEM or base64: read its file with readFile(path, 'utf8')");
  if (text.length > maxLength) refuse(`the text is longer than ${maxLength} characters`);
  const known = parsed.get(text);
  if (known) return known;
  const clean = text.replace(/^\uFEFF/, '').replace(/\\r|\\n/g, '\n');
  const trusted = readPublicKey(clean) ?? readCertificate(clean);
  // The text is often a view into a whole metadata document.
  parsed.set(copyString(text), trusted);
  return trusted;
}

/** As {@link parseTrustedKey}, for what must be a certificate. @throws SamlError `certificate_invalid` */
export function parseCertificate(text: string): Certificate {
  const trusted = parseTrustedKey(text);
  return isCertificate(trusted) ? trusted : refuse(onlyPublicKey);
}

function isCertificate(trusted: TrustedKey): trusted is Certificate {
  return trusted.certificate !== null;
}

/** A bare public key: one PEM block with that label; `null` for any other text. */
function readPublicKey(text: string): TrustedKey | null {
  const [block, second] = text.matchAll(/-----BEGIN([^-]*)-----([^-]*)/g);
  if (block === undefined || second !== undefined || compact(block[1] ?? '') !== 'PUBLICKEY') return null;
  if (!text.includes('-----END')) refuse('the line -----END PUBLIC KEY----- is missing: the end was cut off');
  const body = block[2] ?? '';
  const bytes = decodeBase64(compact(body));
  if (bytes === null) return refuse(describeDamage(body));
  const key = openPublicKey(bytes);
  const fingerprint = keyFingerprint(key);
  const weakness = unusable(key);
  if (weakness) refuse(`${weakness} (${fingerprint})`, { remedy: strongerKey });
  return { key, fingerprint, subject: null, validFrom: null, validTo: null, certificate: null };
}

function openPublicKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (cause) {
    return refuse('the public key cannot be read', { cause });
  }
}

/** SHA-256 of the SubjectPublicKeyInfo, written as fingerprints of certificates are: the same for every certificate of a key. */
export function keyFingerprint(key: KeyObject): string {
  const digest = hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex').toUpperCase();
  return digest.replace(/..(?!$)/g, '$&:');
}

/** Whether two public keys are the same; keys of different types are not comparable for Node.js. */
export function isSameKey(a: KeyObject, b: KeyObject): boolean {
  return a.asymmetricKeyType === b.asymmetricKeyType && a.equals(b);
}

/**
 * Reads the certificate that a KeyInfo names, in base64; `null` if it is too long or cannot be read. Not cached, because the
 * sender of the message chooses it.
 */
export function readNamedCertificate(base64: string): NamedCertificate | null {
  const der = base64.length > maxNamedLength ? null : decodeBase64(base64);
  if (der === null) return null;
  try {
    const { publicKey: key, fingerprint256, subject, validTo } = new X509Certificate(der);
    return {
      key,
      fingerprint: fingerprint256,
      subject: subject?.replaceAll('\n', ', ') ?? '',
      validTo: new Date(validTo),
      weakness: unusable(key),
    };
  } catch {
    return null;
  }
}

function readCertificate(text: string): Certificate {
  const certificate = open(certificateBytes(text));
  const key = publicKey(certificate);
  const weakness = unusable(key);
  const subject = certificate.subject?.replaceAll('\n', ', ') ?? '';
  if (weakness) refuse(`${weakness} (${subject || certificate.fingerprint256})`, { remedy: strongerKey });
  const [validFrom, validTo] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (Number.isNaN(validFrom.getTime() + validTo.getTime())) refuse('its dates cannot be read');
  return {
    key,
    fingerprint: certificate.fingerprint256,
    subject,
    validFrom,
    validTo,
    certificate: certificate.raw.toString('base64'),
  };
}

/** DER bytes of the one certificate in `text`. */
function certificateBytes(clean: string): Uint8Array {
  const mistake = describePastedText(clean);
  if (mistake) refuse(mistake);
  const body = /-----BEGIN[^-]*-----([^-]*)-----END/.exec(clean)?.[1] ?? clean;
  const bytes = decodeBase64(compact(body));
  const misread = bytes ? describePastedBytes(bytes) : describeDamage(body);
  if (bytes && misread === undefined) return bytes;
  const withPlus = decodeBase64(compact(body.trim().replaceAll(' ', '+')));
  if (withPlus && describePastedBytes(withPlus) === undefined)
    refuse('it holds blanks where + stood: a form or URL was not encoded on the way; paste it again');
  return refuse(`${misread}`);
}

function describeDamage(text: string): string {
  const odd = /[^\w+/=\s-]/.exec(text)?.[0];
  const problem = odd === undefined ? 'characters are missing or damaged' : `it holds ${JSON.stringify(odd)}`;
  return `it is not valid base64: ${problem}`;
}

function compact(text: string): string {
  return text.replace(/[\s\u200B\uFEFF]+/g, '');
}

function open(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    return refuse('the bytes are not an X.509 certificate', { cause });
  }
}

function publicKey(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey;
  } catch (cause) {
    return refuse('its public key cannot be read', { cause });
  }
}

/** Why this key must not be pinned, or `undefined`. */
function unusable(key: KeyObject): string | undefined {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      if (modulusLength < 2048) return `its RSA key has ${modulusLength} bits, at least 2048 are required`;
      if (modulusLength > 8192) return `its RSA key has ${modulusLength} bits, at most 8192 are accepted`;
      // Each forged signature is held against each pinned key, and a long exponent makes that slow.
      if (publicExponent > 0xffff_ffffn) return 'its RSA key has a public exponent of more than 32 bits';
      if (publicExponent <= 1n) return `its RSA key has the public exponent ${publicExponent}`;
      return undefined;
    case 'ec':
      if (curves.has(namedCurve)) return undefined;
      return `its EC key is on the curve ${namedCurve || 'unknown'}, expected ${[...curves.values()].join(', ')}`;
    default:
      return `its key is of type ${key.asymmetricKeyType}, expected RSA or EC`;
  }
}

const paste =
  'Its metadata holds it (the text inside <X509Certificate>), its administration page offers it for download.';
const strongerKey = 'Let the identity provider make a new signing key: RSA with 2048 bits or more, or EC on P-256.';

function refuse(reason: string, { remedy = paste, cause }: { remedy?: string; cause?: unknown } = {}): never {
  const hint = `Expected the identity provider's X.509 signing certificate (PEM or base64), but ${reason}. ${remedy}`;
  throw new SamlError('certificate_invalid', { hint, details: { reason }, cause });
}
