import type { KeyObject } from 'node:crypto';
import type { KeyDetails } from '../error-details.ts';
import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import { acceptsKey, type SignatureAlgorithm } from './algorithms.ts';
import { isSameKey, type NamedCertificate, readNamedCertificate, type TrustedKey } from './certificates.ts';
import type { XmlElement } from './element.ts';
import { DSIG_NAMESPACE } from './names.ts';
import type { SignatureTrust } from './signature-trust.ts';

/**
 * Throws an error that explains why no pinned key verifies a SignatureValue. The certificate in KeyInfo never grants trust:
 * it only distinguishes a key that is not configured from a message that was altered.
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
  const pinned = named === null ? undefined : keys.find((key) => matchesPinned(key, named));
  const explainNamedKey = (): string => {
    const known = explainKey?.(named?.key ?? null);
    return known === undefined ? '' : ` ${known}.`;
  };

  if (named !== null && pinned === undefined) {
    if (named.weakness !== undefined) {
      throw new SamlError('signature_invalid', {
        hint: `No configured key verifies the signature, and the message names a certificate that can never be configured: ${describe(named)}; ${named.weakness}. Configured: ${configured}. Create a signing key at the identity provider with RSA of 2048 bits or more, or EC on P-256, and configure its certificate.`,
        details: {
          reason: 'key_not_configured',
          weakness: named.weakness,
          received: summary(named),
          expected: keys.map(summary),
        },
      });
    }
    const isSignedByNamed = verifiedBy(named.key);
    throw new SamlError(isSignedByNamed ? 'untrusted_certificate' : 'signature_invalid', {
      hint: `${isSignedByNamed ? 'Signed with' : 'The signature is not valid, and the message names'} a certificate that is not configured: ${describe(named)}. Configured: ${configured}. ${compareCertificates(named, keys, ownFingerprints)}.${explainNamedKey()} Take the certificate from the identity provider's metadata, over a channel you trust, and set it in the connection (idp.certificates takes several).`,
      details: { reason: 'key_not_configured', received: summary(named), expected: keys.map(summary) },
    });
  }
  if (!keys.some(({ key }) => acceptsKey(algorithm, key))) {
    throw new SamlError('untrusted_certificate', {
      hint: `The signature was made with an ${algorithm.key === 'ec' ? 'EC' : 'RSA'} key, and no configured certificate has a key of that type. Configured: ${configured}.${explainNamedKey()} Configure the certificate that the identity provider signs with now.`,
      details: { reason: 'key_type', received: algorithm.key, expected: keys.map(summary) },
    });
  }
  throw new SamlError('signature_invalid', {
    hint:
      pinned === undefined
        ? `No configured key verifies the signature, and the message does not name its certificate. Either it was changed after signing, or the identity provider signs with another key. Configured: ${configured}.${explainNamedKey()} Compare with the certificate in the identity provider's metadata.`
        : `The message names ${pinned.certificate === null ? 'a certificate of' : 'the configured certificate'} ${describe(pinned)}, but its signature does not verify: SignedInfo or SignatureValue were changed after signing, or the certificate was attached to a signature made with another key. Look for a proxy or filter that rewrites the message, and compare the certificate with the identity provider's metadata.`,
    details: { reason: pinned === undefined ? 'unknown_key_or_altered' : 'altered', expected: keys.map(summary) },
  });
}

/** Whether a certificate is the pinned one. A bare public key matches any certificate of that key. */
function matchesPinned(pinned: TrustedKey, named: NamedCertificate): boolean {
  if (pinned.certificate !== null) return pinned.fingerprint === named.fingerprint;
  return isSameKey(pinned.key, named.key);
}

type Described = Pick<TrustedKey, 'fingerprint' | 'subject' | 'validTo'>;

/** The first certificate of KeyInfo; `null` if absent or unreadable. */
function certificateOf(keyInfo: XmlElement): NamedCertificate | null {
  const element = keyInfo
    .all(DSIG_NAMESPACE, 'X509Data')
    .flatMap((data) => data.all(DSIG_NAMESPACE, 'X509Certificate'))[0];
  return element === undefined ? null : readNamedCertificate(element.text);
}

/** Suggests a cause from subjects and dates. A self-signed certificate can contain any subject, so this is only a hint. */
function compareCertificates(
  named: NamedCertificate,
  keys: readonly TrustedKey[],
  own: ReadonlySet<string> | undefined,
): string {
  if (keys.some(({ fingerprint }) => own?.has(fingerprint)))
    return "The application's own certificate was configured instead of the identity provider's";
  const namesake = keys.find(({ subject }) => subject === named.subject);
  if (namesake === undefined)
    return 'The subjects differ: the configured certificate is not that of this identity provider, or another party signed the message';
  return namesake.validTo !== null && named.validTo > namesake.validTo
    ? 'The subjects are equal, and the one that signed is newer: the identity provider changed its certificate, or that of another application of the same identity provider was configured'
    : 'The subjects are equal, and the one that signed is not newer: the certificate of another application of the same identity provider was configured, or the identity provider does not sign with the new one yet';
}

function describe({ subject, fingerprint, validTo }: Described): string {
  if (validTo === null) return `a public key without certificate, SHA-256 ${fingerprint}`;
  return `${printable(subject || '(no subject)')}, SHA-256 ${fingerprint}, valid until ${isoDate(validTo)}`;
}

function summary({ subject, fingerprint, validTo }: Described): KeyDetails {
  return { subject, fingerprint, validTo: validTo === null ? null : isoDate(validTo) };
}

function isoDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 10);
}
