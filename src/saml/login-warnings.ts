import { printable } from '../lib/quote.ts';
import { validityAt } from '../xml/validity.ts';
import type { AssertionContent } from './read-assertion.ts';
import type { VerifiedSignature } from './verify-signatures.ts';

/** A problem to report to the operator, although the login succeeds. @internal */
export interface LoginWarning {
  readonly warning: string;
  readonly hint: string;
}

/** Warnings about certificates and SHA-1, each once, even if both signatures cause it. */
export function signatureWarnings(signatures: readonly VerifiedSignature[], now: Date): LoginWarning[] {
  const keys = new Map(signatures.map(({ verified: { signedBy } }) => [signedBy.fingerprint, signedBy]));
  const warnings: LoginWarning[] = [];
  for (const { subject, fingerprint, validFrom, validTo } of keys.values()) {
    if (!['expired', 'not_yet_valid'].includes(validityAt({ validFrom, validTo }, now).state)) continue;
    warnings.push({
      warning: 'certificate_expired',
      hint: `The certificate ${subject} (SHA-256 ${fingerprint}) is valid from ${validFrom?.toISOString()} to ${validTo?.toISOString()}. It is pinned and still verifies; ask the identity provider's administrator for the next one.`,
    });
  }
  if (signatures.some(({ verified }) => verified.usesSha1)) {
    warnings.push({
      warning: 'sha1_used',
      hint: 'The message was signed with SHA-1, which this connection allows. Ask the identity provider to switch to SHA-256, then remove security.allowSha1.',
    });
  }
  return warnings;
}

/** The message has content that is encrypted with AES-CBC. */
export const aesCbcUsed: LoginWarning = {
  warning: 'aes_cbc_used',
  hint: 'The message has content that is encrypted with AES-CBC, which does not detect alterations. Choose AES-GCM (such as AES-256-GCM) in the encryption settings of this application at the identity provider, if it supports that; then remove security.allowAesCbc of the connection where it is set.',
};

/** One warning for all values of an assertion that were left out. */
export function noteWarnings({ notes }: AssertionContent): LoginWarning[] {
  if (notes.length === 0) return [];
  const more = notes.length > 5 ? `; and ${notes.length - 5} more` : '';
  return [{ warning: 'attribute_value_omitted', hint: printable(`${notes.slice(0, 5).join('; ')}${more}`, 2000) }];
}
