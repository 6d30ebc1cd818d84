import { SamlError } from '../errors.ts';
import { decrypt, Undecryptable } from '../xml/decrypt.ts';
import { belongsTo, namedKey } from '../xml/decryption-keys.ts';
import type { XmlElement } from '../xml/element.ts';
import { type EncryptedContent, readEncryptedContent } from '../xml/encrypted-data.ts';
import { decryptVerified, type VerifiedXml } from '../xml/signature.ts';
import { loadOf, stayBusy } from './even-load.ts';
import { namespaces } from './names.ts';
import { expectOneAssertion, findAssertion, readResponse } from './read-response.ts';
import type { ValidationContext } from './response-options.ts';
import { responseIssuer } from './rules.ts';
import { requireSigned, type VerifiedSignature, verifySignatures } from './verify-signatures.ts';

/** An assertion that was encrypted. */
export interface DecryptedAssertion {
  /** The Assertion, signed itself or within a signed Response. */
  readonly verified: VerifiedXml;
  /** The signature inside the encryption, if there is one. */
  readonly signatures: readonly VerifiedSignature[];
  readonly usesAesCbc: boolean;
}

/** A single encrypted element of an assertion. */
export interface DecryptedPart {
  readonly root: XmlElement;
  readonly usesAesCbc: boolean;
}

/** The values that decryption of a part depends on. */
export type DecryptionTrust = Pick<
  ValidationContext,
  'spEntityId' | 'decryptionKeys' | 'sharedDecryptionKeys' | 'limits'
>;

/**
 * Decrypts the EncryptedAssertion of a Response (SAML Core 2.3.4).
 *
 * Every failure between the private key and the signature is the same error: different errors for padding, characters
 * and XML would be an oracle that decrypts other messages byte by byte (Jager and Somorovsky, 2011). The same applies
 * to AES-CBC inside a signed Response: where identity providers share a decryption key, one may have copied the
 * ciphertext of another, and its signature over that ciphertext proves nothing about the content.
 *
 * @param root the Response as received; it reports success
 * @param outer the Response, verified; `null` where only the Assertion may be signed
 * @throws SamlError `decryption_key_missing`, `decryption_failed`, and others that do not depend on the plaintext
 */
export function decryptAssertion(
  root: XmlElement,
  outer: VerifiedXml | null,
  context: ValidationContext,
): DecryptedAssertion {
  const response = outer?.root ?? root;
  if (outer === null && ['response', 'both'].includes(context.requireSigned)) requireSigned([], context.requireSigned);
  responseIssuer({ response: readResponse(response, outer !== null), expected: context });
  const content = readEncrypted(findAssertion(response), context, 'the assertion');
  expectAllowed(content, outer, context);
  expectSmallAround(response);
  const began = performance.now();
  try {
    return open(content, outer, context);
  } catch (error) {
    if (outer !== null && content.algorithm.authenticated && error instanceof SamlError) throw error;
    // An altered AES-GCM ciphertext always fails at its tag, so its duration reveals nothing.
    if (!content.algorithm.authenticated) stayBusy(began, loadOf(content.ciphertext));
    throw decryptionFailed(content, context);
  }
}

/** The decision depends only on the algorithm and on whether the Response is signed, never on the plaintext. */
function expectAllowed(
  { algorithm }: EncryptedContent,
  outer: VerifiedXml | null,
  { allowAesCbc }: Pick<ValidationContext, 'allowAesCbc'>,
): void {
  if (algorithm.authenticated || outer !== null || allowAesCbc) return;
  throw new SamlError('algorithm_not_allowed', {
    hint: 'The assertion is encrypted with AES-CBC, which does not detect alterations, and the Response around it is not signed. Choose AES-GCM (such as AES-256-GCM) in the encryption settings of this application at the identity provider, or let it sign the Response. If it can do neither, set security.allowAesCbc of the connection (allowAesCbc of validateResponse) to true.',
    details: { expected: 'AES-GCM, or a signed Response', received: 'AES-CBC' },
  });
}

// Real messages have about 50. The plaintext may be as large as the limits allow, and this is added to it.
const maxAround = 2000;

function expectSmallAround(response: XmlElement): void {
  let size = 0;
  for (const { attributes } of response.descendants()) size += 1 + attributes.length;
  if (size <= maxAround) return;
  throw new SamlError('message_too_large', {
    hint: `The Response has ${size} elements and attributes outside of the EncryptedAssertion, more than ${maxAround}. Real identity providers do not send such messages; treat the message as an attack.`,
    details: { limit: 'elements', expected: maxAround, received: size },
  });
}

function open(content: EncryptedContent, outer: VerifiedXml | null, trust: ValidationContext): DecryptedAssertion {
  const { decryptionKeys: keys, limits } = trust;
  const covered = outer === null ? null : decryptVerified(outer, content, keys, limits);
  const root = covered?.root ?? decrypt(content, keys, limits).root;
  expectOneAssertion(root);
  const signatures = verifySignatures(root, [root], trust);
  const trusted = content.algorithm.authenticated || !trust.sharedDecryptionKeys ? covered : null;
  const verified = trusted ?? signatures[0]?.verified;
  if (verified === undefined) throw new Undecryptable();
  return { verified, signatures, usesAesCbc: !content.algorithm.authenticated };
}

/** Decrypts an EncryptedID or EncryptedAttribute of a verified assertion (SAML Core 2.2.4, 2.7.3.2). */
export function decryptPart(
  encrypted: XmlElement,
  trust: DecryptionTrust,
  expected: 'NameID' | 'Attribute',
): DecryptedPart {
  const content = readEncrypted(encrypted, trust, expected === 'NameID' ? 'the NameID' : 'an attribute');
  if (trust.sharedDecryptionKeys && !content.algorithm.authenticated) {
    throw new SamlError('algorithm_not_allowed', {
      hint: `<${encrypted.localName}> is encrypted with AES-CBC. Several connections share one decryption key, and then an identity provider could read what another one encrypted. Give this connection a decryption key of its own (decryption of the connection; SimpleSAMLphp and Lasso encrypt with AES-CBC only), or choose AES-GCM at the identity provider, or encrypt the assertion as a whole.`,
      details: { expected: 'AES-GCM, or a decryption key of the connection', received: 'AES-CBC' },
    });
  }
  try {
    const { root } = decrypt(content, trust.decryptionKeys, trust.limits);
    if (root.is(namespaces.assertion, expected)) return { root, usesAesCbc: !content.algorithm.authenticated };
  } catch {
    // The same error as for an unexpected element, so that the two cannot be distinguished.
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
    hint: `The identity provider encrypts ${what}, and no decryption key is configured. Configure one (decryption of createSso or of the connection, serviceProvider.decryptionKeys of validateResponse) and give the identity provider its certificate, or switch encryption off there: TLS protects the message.`,
  });
}

/** One error for all causes. The hint repeats only what is visible in the message and in the metadata. */
function decryptionFailed(
  { algorithm, encryptedKeys }: EncryptedContent,
  { decryptionKeys, sharedDecryptionKeys }: DecryptionTrust,
): SamlError {
  const certificate = encryptedKeys.find((each) => each.certificate !== undefined)?.certificate;
  const key = namedKey(certificate);
  const named =
    key === null
      ? 'The message does not name the certificate that it was encrypted for: compare the one at the identity provider with that in the metadata of this application.'
      : decryptionKeys.some((ours) => belongsTo(key, ours))
        ? 'The message names the certificate of a configured key.'
        : 'The message names a certificate that belongs to none of the configured keys: give the identity provider the current one (it is in the metadata of this application).';
  const cbc =
    sharedDecryptionKeys && !algorithm.authenticated
      ? ' With AES-CBC the assertion itself must be signed, since several connections share one decryption key: sign it, choose AES-GCM, or give this connection a decryption key of its own (decryption of the connection).'
      : '';
  return new SamlError('decryption_failed', {
    hint: `The encrypted data could not be decrypted into content that the identity provider signed. ${named}${cbc} Otherwise the encrypted data is damaged, is not XML, or is not signed by a configured certificate; the error does not say which, because that would help an attacker to decrypt. Sign the Response at the identity provider and encrypt with AES-GCM to learn more, or switch encryption off for a test.`,
  });
}
