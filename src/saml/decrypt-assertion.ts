import { setTimeout } from 'node:timers/promises';
import { SamlError } from '../errors.ts';
import { decrypt, Undecryptable } from '../xml/decrypt.ts';
import { belongsTo } from '../xml/decryption-keys.ts';
import type { XmlElement } from '../xml/element.ts';
import { type EncryptedContent, readEncryptedContent } from '../xml/encrypted-data.ts';
import { decryptVerified, type VerifiedXml } from '../xml/signature.ts';
import { namespaces } from './names.ts';
import { readIssuer } from './read-assertion.ts';
import { expectOneAssertion, expectSuccess, findAssertion, readResponse } from './read-response.ts';
import type { Judgement } from './response-options.ts';
import { responseIssuer } from './rules.ts';
import { requireSigned, type VerifiedSignature, verifySignatures } from './verify-signatures.ts';

/** An assertion that was encrypted. */
export interface DecryptedAssertion {
  /** The Assertion: signed itself, or inside of what is. */
  readonly verified: VerifiedXml;
  /** The signature inside of the encryption, if there is one. */
  readonly signatures: readonly VerifiedSignature[];
}

/** What opens the encrypted parts of a message. */
export type DecryptionTrust = Pick<Judgement, 'spEntityId' | 'decryptionKeys' | 'limits'>;

/**
 * Opens the EncryptedAssertion of a Response (SAML Core 2.3.4).
 *
 * What anybody may send is answered in one way, whatever fails between the private key and the signature: a padding, a
 * character or an XML error told apart would decrypt other people's messages, byte by byte (Jager and Somorovsky, 2011).
 * The same holds of AES-CBC in what another identity provider signed: it may have picked up the ciphertext elsewhere.
 *
 * @param outer the Response, verified; `null` where only the Assertion may be signed
 * @throws SamlError `decryption_key_missing`, `decryption_failed`, and what a look at the ciphertext's surroundings shows
 */
export function decryptAssertion(
  root: XmlElement,
  outer: VerifiedXml | null,
  judgement: Judgement,
): DecryptedAssertion {
  const response = outer?.root ?? root;
  expectSuccess(response);
  if (outer === null && ['response', 'both'].includes(judgement.requireSigned))
    requireSigned([], judgement.requireSigned);
  responseIssuer({ response: readResponse(response, outer !== null), expected: judgement });
  const content = readEncrypted(findAssertion(response), judgement, 'the assertion');
  try {
    return open(content, outer, judgement);
  } catch (error) {
    if (outer !== null && content.algorithm.authenticated && error instanceof SamlError) throw error;
    throw decryptionFailed(content, judgement);
  }
}

// Longer than any message within the limits takes.
const quantum = 250;

/**
 * Waits until a whole number of quarters of a second has passed: how long a message took would tell how far its decryption
 * came.
 *
 * @param began from performance.now()
 */
export function untilFullQuantum(began: number): Promise<void> {
  return setTimeout(quantum - ((performance.now() - began) % quantum));
}

function open(content: EncryptedContent, outer: VerifiedXml | null, trust: Judgement): DecryptedAssertion {
  const { decryptionKeys: keys, limits } = trust;
  const covered = outer === null ? null : decryptVerified(outer, content, keys, limits);
  const root = covered?.root ?? decrypt(content, keys, limits).root;
  expectOneAssertion(root);
  const signatures = verifySignatures(root, [root], trust);
  if (!content.algorithm.authenticated) {
    const issuer = root.all(namespaces.assertion, 'Issuer')[0];
    if (issuer === undefined || readIssuer(issuer) !== trust.idpEntityId) throw new Undecryptable();
  }
  const verified = covered ?? signatures[0]?.verified;
  if (verified === undefined) throw new Undecryptable();
  return { verified, signatures };
}

/** Opens an EncryptedID or EncryptedAttribute of a verified assertion (SAML Core 2.2.4, 2.7.3.2). */
export function decryptPart(
  encrypted: XmlElement,
  trust: DecryptionTrust,
  expected: 'NameID' | 'Attribute',
): XmlElement {
  const content = readEncrypted(encrypted, trust, expected === 'NameID' ? 'the NameID' : 'an attribute');
  try {
    const { root } = decrypt(content, trust.decryptionKeys, trust.limits);
    if (root.is(namespaces.assertion, expected)) return root;
  } catch {
    // As if it had held something else.
  }
  throw decryptionFailed(content, trust);
}

function readEncrypted(
  encrypted: XmlElement,
  { decryptionKeys, spEntityId }: DecryptionTrust,
  what: string,
): EncryptedContent {
  if (decryptionKeys.length > 0) return readEncryptedContent(encrypted, spEntityId);
  throw new SamlError('decryption_key_missing', {
    hint: `The identity provider encrypts ${what}, and no decryption key is configured. Configure one (decryption of createSso, serviceProvider.decryptionKeys of validateResponse) and give the identity provider its certificate, or switch the encryption off there: TLS protects the message.`,
  });
}

/** One error for all causes. The hint says what anybody can see who looks at the message and at our metadata. */
function decryptionFailed({ encryptedKeys }: EncryptedContent, { decryptionKeys }: DecryptionTrust): SamlError {
  const certificate = encryptedKeys.find((each) => each.certificate !== undefined)?.certificate;
  const ours = certificate === undefined ? [] : decryptionKeys.map((key) => belongsTo(certificate, key));
  const named = ours.includes(true)
    ? 'The message names the certificate of a configured key.'
    : ours.includes(false)
      ? 'The message names a certificate that belongs to none of the configured keys: give the identity provider the present one (it is in the metadata of this application).'
      : 'The message does not name the certificate that it was encrypted for: compare the one at the identity provider with that in the metadata of this application.';
  return new SamlError('decryption_failed', {
    hint: `What is encrypted could not be turned into something that the identity provider signed. ${named} Otherwise what was encrypted is damaged, is not XML, or is not signed by a configured certificate; which of these is never told, since that would help attackers to decrypt. Sign the Response at the identity provider to learn more, or switch encryption off for a test.`,
  });
}
