import { SamlError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { indexSignatures, type VerifiedXml, verifySignature } from '../xml/signature.ts';
import type { SignatureTrust } from '../xml/signature-trust.ts';
import type { RequireSigned } from './response-options.ts';

/** A valid signature, and the element that it covers. */
export interface VerifiedSignature {
  readonly element: XmlElement;
  readonly verified: VerifiedXml;
}

/**
 * Verifies every signature of a document. Each must cover a different one of the signable elements.
 *
 * @param signable outermost first
 * @returns in the order of `signable`
 * @throws SamlError `signature_wrapped`, or as {@link verifySignature} does
 */
export function verifySignatures(
  root: XmlElement,
  signable: readonly XmlElement[],
  trust: SignatureTrust,
): VerifiedSignature[] {
  const index = indexSignatures(root);
  for (const signature of index.signatures) {
    const { parent } = signature;
    const stray = parent === null || !signable.includes(parent);
    if (stray || index.signatures.some((other) => other !== signature && other.parent === parent)) {
      throw new SamlError('signature_wrapped', {
        hint: `A Signature is ${stray ? `inside <${parent?.localName}>` : 'next to another one'}; only the Response and its Assertion may be signed, each once. Real identity providers do not send such messages; treat the message as an attack.`,
        details: { problem: stray ? 'a Signature in another element' : 'two Signatures in one element' },
      });
    }
  }
  return signable.flatMap((signed) =>
    index.signatures
      .filter(({ parent }) => parent === signed)
      .map((element) => ({ element, verified: verifySignature(element, index, trust) })),
  );
}

/**
 * The outermost signature, if the required elements are signed.
 *
 * @throws SamlError `signature_missing`
 */
export function requireSigned(signatures: readonly VerifiedSignature[], required: RequireSigned): VerifiedSignature {
  const signed = signatures.map(({ verified }) => verified.root.localName.toLowerCase());
  const missing = required === 'both' ? ['response', 'assertion'] : required === 'either' ? [] : [required];
  const [outermost] = signatures;
  if (outermost !== undefined && missing.every((name) => signed.includes(name))) return outermost;
  const demand = `this connection requires ${required === 'both' ? 'both Response and Assertion' : `the ${required}`} to be signed`;
  const problem =
    outermost !== undefined
      ? `Only the ${signed.join(' and ')} is signed, and ${demand}. Sign that too`
      : missing.includes('response')
        ? `The Response is not signed, and ${demand}. Switch that on`
        : 'Neither the Response nor the Assertion is signed. Switch signing on';
  const remedy =
    missing.length === 0
      ? ''
      : ', or set requireSigned of the connection to "either": only signed content is read, and Google Workspace never signs both';
  throw new SamlError('signature_missing', {
    hint: `${problem} at the identity provider${remedy}.`,
    details: { expected: required, received: signed },
  });
}
