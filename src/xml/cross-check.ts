import { SignedXml } from 'xml-crypto';
import { SamlError } from '../errors.ts';
import type { XmlElement } from './element.ts';
import { crossCheckLimits } from './limits.ts';
import { DSIG_NAMESPACE } from './names.ts';
import type { VerifiedXml } from './signature.ts';
import { writeTree } from './write-tree.ts';
import {
  digestAlgorithms,
  digestAlgorithmsWithSha1,
  signatureAlgorithms,
  signatureAlgorithmsWithSha1,
} from './xml-crypto-algorithms.ts';
import { canonicalizationAlgorithms } from './xml-crypto-canonicalization.ts';

// In text and values they are written as references, in names they cannot be. xmldom does not read such names, and logs
// to the console.
const beyondBasicPlane = /[\u{10000}-\u{10FFFF}]/u;

/**
 * Verifies a signature that {@link verifySignature} accepted once more with an independent implementation, xml-crypto over
 * xmldom, with the same key and algorithms. It must find the signature valid and must have digested exactly the bytes that
 * are read.
 *
 * It receives the signed element only: the surrounding elements cost no time and cannot affect its result.
 *
 * @param signature the element that `verified` was made from
 * @throws SamlError `message_too_large`, before any work, beyond {@link crossCheckLimits}; `verifiers_disagree`
 */
export function crossCheck(signature: XmlElement, verified: VerifiedXml): void {
  const signed = signature.parent;
  const signedInfo = signature.all(DSIG_NAMESPACE, 'SignedInfo')[0];
  if (signed === null) reportDisagreement('the signature has no parent');
  checkSize(signed);
  const verifier = new SignedXml({ publicCert: verified.signedBy.key, getCertFromKeyInfo: () => null });
  // SAML uses ID only. The default also searches the whole document for Id and for id.
  verifier.idAttributes = ['ID'];
  verifier.SignatureAlgorithms = verified.usesSha1 ? signatureAlgorithmsWithSha1 : signatureAlgorithms;
  verifier.HashAlgorithms = verified.usesSha1 ? digestAlgorithmsWithSha1 : digestAlgorithms;
  verifier.CanonicalizationAlgorithms = canonicalizationAlgorithms;

  let valid: boolean;
  let references: readonly string[];
  try {
    // xml-crypto uses the namespaces in scope at the first SignedInfo of the document for any signature. Therefore this
    // signature is written first (the transform removes it from any position) and its SignedInfo declares all namespaces
    // in scope. KeyInfo is omitted, because it must not be trusted.
    const signatureXml = writeTree(signature, {
      declareOn: signedInfo,
      omit: signature.all(DSIG_NAMESPACE, 'KeyInfo')[0],
    });
    const signedXml = writeTree(signed, { omit: signature, first: signatureXml });
    if (beyondBasicPlane.test(signedXml)) refuseNames();
    verifier.loadSignature(signatureXml);
    valid = verifier.checkSignature(signedXml);
    references = verifier.getSignedReferences();
  } catch (cause) {
    if (cause instanceof SamlError) throw cause;
    reportDisagreement('the second verifier rejects the message', cause);
  }
  if (valid !== true) reportDisagreement('the second verifier computes another digest');
  if (references.length !== 1 || references[0] !== verified.canonical)
    reportDisagreement('the second verifier digested other bytes');
}

// xmldom copies all declarations in scope for each element that adds one.
const fewDeclarations = 16;

/** Enforces {@link crossCheckLimits}: xmldom takes quadratic time per attribute list, and ten times our tree's memory. */
function checkSize(signed: XmlElement): void {
  let nodes = 0;
  for (const { attributes, namespaces, parent } of signed.descendants()) {
    const declared = (namespaces?.size ?? 0) - (parent?.namespaces?.size ?? 0);
    const own = attributes.length + declared;
    if (own > crossCheckLimits.attributesPerElement) refuseSize('attributesPerElement', 'attributes on one element');
    const copied = declared === 0 ? 0 : Math.max(0, (namespaces?.size ?? 0) - fewDeclarations);
    nodes += 1 + own + copied;
  }
  if (nodes > crossCheckLimits.nodes) refuseSize('nodes', 'elements and attributes');
}

function refuseSize(limit: keyof typeof crossCheckLimits, what: string): never {
  throw new SamlError('message_too_large', {
    hint: `The signed element has more than ${crossCheckLimits[limit]} ${what}, the limit of the second verifier. Configure the identity provider to send fewer groups or attributes, or set crossCheck: false.`,
    details: { limit: `crossCheck.${limit}`, expected: crossCheckLimits[limit] },
  });
}

function refuseNames(): never {
  throw new SamlError('verifiers_disagree', {
    hint: 'The signature is valid, but the name of an element or attribute, or a namespace prefix, contains a character beyond U+FFFF, which the parser of the second verifier cannot read. This is a limit of the second verifier and not a sign of an attack. Use other names at the identity provider, or set crossCheck: false.',
    details: { problem: 'the second verifier cannot read names with characters beyond U+FFFF' },
  });
}

function reportDisagreement(problem: string, cause?: unknown): never {
  throw new SamlError('verifiers_disagree', {
    hint: `Two independent verifiers disagree about this message: ${problem}. Treat it as an attack; if you trust the identity provider, report the message to the maintainers of saml-jit.`,
    details: { problem },
    cause,
  });
}
