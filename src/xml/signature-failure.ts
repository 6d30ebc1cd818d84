import { type KeyObject, X509Certificate } from 'node:crypto';
import { printable, SamlError } from '../errors.ts';
import { type SignatureAlgorithm, takesKey } from './algorithms.ts';
import { decodeBase64 } from './base64.ts';
import type { TrustedKey } from './certificates.ts';
import type { XmlElement } from './element.ts';
import { DSIG_NAMESPACE } from './names.ts';
import type { SignatureTrust } from './signature.ts';

/**
 * Tells why no pinned key verifies a SignatureValue. The certificate in KeyInfo never grants trust: it only tells apart a
 * key that is not configured from a message that was altered.
 */
export function explainUnverified(
  algorithm: SignatureAlgorithm,
  { keys, ownFingerprints, explainKey }: Pick<SignatureTrust, 'keys' | 'ownFingerprints' | 'explainKey'>,
  keyInfo: XmlElement | undefined,
  verifiedBy: (key: KeyObject) => boolean,
): never {
  const configured = keys
    .slice(0, 3)
    .map(describe)
    .concat(keys.length > 3 ? `${keys.length - 3} more` : [])
    .join('; ');
  const named = keyInfo === undefined ? null : certificateOf(keyInfo);
  const pinned = named === null ? undefined : keys.find((key) => key.fingerprint === named.fingerprint);
  const known = explainKey?.(named?.fingerprint ?? null);
  const elsewhere = known === undefined ? '' : ` ${known}.`;

  if (named !== null && pinned === undefined) {
    const genuine = verifiedBy(named.key);
    throw new SamlError(genuine ? 'untrusted_certificate' : 'signature_invalid', {
      hint: `${genuine ? 'Signed with' : 'The signature is not valid, and the message names'} a certificate that is not configured: ${describe(named)}. Configured: ${configured}. ${relation(named, keys, ownFingerprints)}.${elsewhere} Take the certificate from the identity provider's metadata, over a channel you trust, and set it in the connection (idp.certificates takes several).`,
      details: { reason: 'key_not_configured', received: summary(named), expected: keys.map(summary) },
    });
  }
  if (!keys.some(({ key }) => takesKey(algorithm, key))) {
    throw new SamlError('untrusted_certificate', {
      hint: `The signature was made with an ${algorithm.key === 'ec' ? 'EC' : 'RSA'} key, and no configured certificate holds one. Configured: ${configured}.${elsewhere} Configure the certificate that the identity provider signs with now.`,
      details: { reason: 'key_type', received: algorithm.key, expected: keys.map(summary) },
    });
  }
  throw new SamlError('signature_invalid', {
    hint:
      pinned === undefined
        ? `No configured key verifies the signature, and the message does not name its certificate. Either it was changed after signing, or the identity provider signs with another key. Configured: ${configured}.${elsewhere} Compare with the certificate in the identity provider's metadata.`
        : `The message names the configured certificate ${describe(pinned)}, but its signature does not verify: SignedInfo or SignatureValue were changed after signing, or the certificate was attached to somebody else's signature. Look for a proxy or filter that rewrites the message, and compare the certificate with the identity provider's metadata.`,
    details: { reason: pinned === undefined ? 'unknown_key_or_altered' : 'altered', expected: keys.map(summary) },
  });
}

type Named = Pick<TrustedKey, 'key' | 'fingerprint' | 'subject' | 'validTo'>;

/** First certificate of KeyInfo, if it can be read at all. Not cached: whoever sends the message chooses it. */
function certificateOf(keyInfo: XmlElement): Named | null {
  const element = keyInfo
    .all(DSIG_NAMESPACE, 'X509Data')
    .flatMap((data) => data.all(DSIG_NAMESPACE, 'X509Certificate'))[0];
  const der = element === undefined || element.text.length > 16_384 ? null : decodeBase64(element.text);
  if (der === null) return null;
  try {
    const { publicKey, fingerprint256, subject, validTo } = new X509Certificate(der);
    return {
      key: publicKey,
      fingerprint: fingerprint256,
      subject: subject?.replaceAll('\n', ', ') ?? '',
      validTo: new Date(validTo),
    };
  } catch {
    return null;
  }
}

/** What subjects and dates suggest; a self-signed certificate may say anything. */
function relation(named: Named, keys: readonly TrustedKey[], own: ReadonlySet<string> | undefined): string {
  if (keys.some(({ fingerprint }) => own?.has(fingerprint)))
    return "The application's own certificate was configured instead of that of the identity provider";
  const namesake = keys.find(({ subject }) => subject === named.subject);
  if (namesake === undefined)
    return 'The subjects differ: another certificate was configured than that of this identity provider, or somebody else signed the message';
  return named.validTo > namesake.validTo
    ? 'The subjects are equal, and the one that signed is newer: the identity provider changed its certificate, or that of another application of the same identity provider was configured'
    : 'The subjects are equal, and the one that signed is not newer: the certificate of another application of the same identity provider was configured, or the identity provider does not sign with the new one yet';
}

function describe(key: Named): string {
  return `${printable(key.subject || '(no subject)')}, SHA-256 ${key.fingerprint}, valid until ${isoDate(key.validTo)}`;
}

function summary(key: Named): Readonly<Record<string, string>> {
  return { subject: key.subject, fingerprint: key.fingerprint, validTo: isoDate(key.validTo) };
}

function isoDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 10);
}
