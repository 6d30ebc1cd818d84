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

// Elsewhere these are written as references. xmldom reads no such names, and says so on the console.
const beyondBasicPlane = /[\u{10000}-\u{10FFFF}]/u;

/**
 * Asks xml-crypto over xmldom, an independent implementation, about a signature that {@link verifySignature} accepted:
 * same key, same algorithms. It must find it valid and must have digested the very bytes that are read.
 *
 * It is handed the signed element alone, so what surrounds it costs nothing and can confuse nobody.
 *
 * @param signature the element that `verified` was made from
 * @throws SamlError `message_too_large`, before any work, beyond {@link crossCheckLimits}; `verifiers_disagree`
 */
export function crossCheck(signature: XmlElement, verified: VerifiedXml): void {
  const signed = signature.parent;
  const signedInfo = signature.all(DSIG_NAMESPACE, 'SignedInfo')[0];
  if (signed === null) disagree('the signature has no parent');
  expectModest(signed);
  const verifier = new SignedXml({ publicCert: verified.signedBy.key, getCertFromKeyInfo: () => null });
  // The default also looks for Id and id, in a walk over the whole document each; here only ID names what is signed.
  verifier.idAttributes = ['ID'];
  verifier.SignatureAlgorithms = verified.usesSha1 ? signatureAlgorithmsWithSha1 : signatureAlgorithms;
  verifier.HashAlgorithms = verified.usesSha1 ? digestAlgorithmsWithSha1 : digestAlgorithms;
  verifier.CanonicalizationAlgorithms = canonicalizationAlgorithms;

  let valid: boolean;
  let references: readonly string[];
  try {
    // xml-crypto takes the namespaces around the first SignedInfo of a document for those around the signature in hand:
    // so it comes first (the transform removes it, wherever it stands) and declares all that is in force. KeyInfo, which
    // nobody is to believe, stays away.
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
    disagree('the second verifier refuses the message', cause);
  }
  if (valid !== true) disagree('the second verifier finds the digest wrong');
  if (references.length !== 1 || references[0] !== verified.canonical)
    disagree('the second verifier digested other bytes');
}

// xmldom copies all declarations in force for each element that declares another.
const fewDeclarations = 16;

/** xmldom adds attributes in time quadratic in their number, and a DOM costs ten times what our own tree does. */
function expectModest(signed: XmlElement): void {
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
    hint: `The signed element has more than ${crossCheckLimits[limit]} ${what}, which is more than the second verifier is asked to read. Let the identity provider send fewer groups or attributes, or switch crossCheck off.`,
    details: { limit: `crossCheck.${limit}`, expected: crossCheckLimits[limit] },
  });
}

function refuseNames(): never {
  throw new SamlError('verifiers_disagree', {
    hint: 'The signature is valid, but the name of an element or attribute, or a namespace prefix, holds a character beyond U+FFFF, which the parser of the second verifier cannot read. This is a limit of the second verifier and no sign of an attack. Use other names at the identity provider, or set crossCheck: false.',
    details: { problem: 'the second verifier cannot read names with characters beyond U+FFFF' },
  });
}

function disagree(problem: string, cause?: unknown): never {
  throw new SamlError('verifiers_disagree', {
    hint: `Two independent verifiers disagree about this message: ${problem}. Treat it as an attack; if the identity provider is known to be sound, report the message to the maintainers of saml-jit.`,
    details: { problem },
    cause,
  });
}
