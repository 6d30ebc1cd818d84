import { setImmediate } from 'node:timers/promises';
import { SamlError } from '../errors.ts';
import type { XmlElement } from './element.ts';
import { crossCheckLimits } from './limits.ts';
import { DSIG_NAMESPACE } from './names.ts';
import type { VerifiedXml } from './signature.ts';
import { writeTree } from './write-tree.ts';

const longMessage = 65_536;

/**
 * Verifies a signature that {@link verifySignature} accepted once more with {@link verifyAgain}, with the same key. It must
 * find the signature valid and must have digested exactly the bytes that are read.
 *
 * It receives the signed element only: the surrounding elements cost no time and cannot affect its result.
 *
 * @param signature the element that `verified` was made from
 * @throws SamlError `message_too_large`, before any work, beyond {@link crossCheckLimits}; `verifiers_disagree`
 */
export async function crossCheck(signature: XmlElement, verified: VerifiedXml): Promise<void> {
  const signed = signature.parent;
  const signedInfo = signature.all(DSIG_NAMESPACE, 'SignedInfo')[0];
  if (signed === null) reportDisagreement('the signature has no parent');
  checkSize(signed, signedInfo);
  // Both elements declare all namespaces in scope. KeyInfo is omitted, because it must not be trusted.
  const signatureXml = writeTree(signature, {
    declareOn: signedInfo,
    omit: signature.all(DSIG_NAMESPACE, 'KeyInfo')[0],
  });
  if (signatureXml.length > crossCheckLimits.signature) refuseSize('signature', 'characters in its signature');
  const signedXml = writeTree(signed, { omit: signature, first: signatureXml });
  if (countReferences(signedXml) > crossCheckLimits.references) refuseSize('references', 'escaped characters');
  // Loaded when it is first needed: its libraries take longer than the rest of this package.
  const { verifyAgain } = await import('./second-verifier.ts');
  // Between the two verifiers of a long message, other requests are served.
  if (signedXml.length > longMessage) await setImmediate();
  let canonical: string;
  try {
    canonical = verifyAgain(signedXml, verified.signedBy.key, { allowSha1: verified.usesSha1 });
  } catch (cause) {
    reportDisagreement('the second verifier rejects the message', cause);
  }
  if (canonical !== verified.canonical) reportDisagreement('the second verifier digested other bytes');
}

// xmldom takes longer for each declaration in scope.
const fewDeclarations = 16;

/** Enforces {@link crossCheckLimits}: xmldom takes quadratic time per attribute list, and ten times our tree's memory. */
function checkSize(signed: XmlElement, signedInfo: XmlElement | undefined): void {
  let nodes = 0;
  let copied = 0;
  // Recursion is safe: the reader bounds the depth.
  const visit = (element: XmlElement, depth: number): void => {
    const { attributes, namespaces, parent } = element;
    const inScope = namespaces?.size ?? 0;
    const declared = element === signed || element === signedInfo ? inScope : inScope - (parent?.namespaces?.size ?? 0);
    const own = attributes.length + declared;
    if (own > crossCheckLimits.attributesPerElement) refuseSize('attributesPerElement', 'attributes on one element');
    nodes += 1 + own + (declared === 0 ? 0 : Math.max(0, inScope - fewDeclarations));
    for (const child of element.children) {
      if (typeof child === 'string') copied += child.length * depth;
      else visit(child, depth + 1);
    }
  };
  visit(signed, 1);
  if (nodes > crossCheckLimits.nodes) refuseSize('nodes', 'elements and attributes');
  if (copied > crossCheckLimits.copiedCharacters)
    refuseSize('copiedCharacters', 'characters, each counted once per depth');
}

/** References in a document that we wrote: every `&`. Ends at the limit. */
function countReferences(xml: string): number {
  let count = 0;
  for (let at = xml.indexOf('&'); at >= 0 && count <= crossCheckLimits.references; at = xml.indexOf('&', at + 1))
    count++;
  return count;
}

function refuseSize(limit: keyof typeof crossCheckLimits, what: string): never {
  throw new SamlError('message_too_large', {
    hint: `The signed element has more than ${crossCheckLimits[limit]} ${what}, the limit of the second verifier. Configure the identity provider to send fewer groups or attributes, or set crossCheck: false.`,
    details: { limit: `crossCheck.${limit}`, expected: crossCheckLimits[limit] },
  });
}

function reportDisagreement(problem: string, cause?: unknown): never {
  throw new SamlError('verifiers_disagree', {
    hint: `Two independent verifiers disagree about this message: ${problem}. Treat it as an attack; if you trust the identity provider, report the message to the maintainers of saml-jit.`,
    details: { problem },
    cause,
  });
}
