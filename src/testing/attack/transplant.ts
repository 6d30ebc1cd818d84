import { type ForgeryMaterial, idsOf } from './material.ts';
import { afterIssuer, assertionOf, signatureOf, withAssertion } from './parts.ts';
import { digestOf, MARK, type MarkedSigning, signMarked } from './sign-marked.ts';

/** An element that may be signed. */
export type Part = 'assertion' | 'response';

/** Inside out, the order in which signatures are made. */
export function partsOf({ signs }: ForgeryMaterial): readonly Part[] {
  if (signs === 'both') return ['assertion', 'response'];
  return [signs === 'encrypted' ? 'assertion' : signs];
}

/** Puts a Signature at its place. */
export function place(xml: string, part: Part, signature: string): string {
  return part === 'response'
    ? afterIssuer(xml, signature)
    : withAssertion(xml, afterIssuer(assertionOf(xml), signature));
}

/** The victim's Response, signed as the identity provider does, but with these options. */
export function signForged(material: ForgeryMaterial, signing: Partial<MarkedSigning>): string {
  const ids = idsOf(material.forgedResponse);
  return partsOf(material).reduce(
    (xml, part) => signMarked(place(xml, part, MARK), { keyPair: material.key, ...signing, id: ids[part] }),
    material.forgedResponse,
  );
}

/** The victim's Response under IDs and Signatures of a genuine one; `edit` gets the correct digest. */
export function transplant(material: ForgeryMaterial, edit: (signature: string, digest: string) => string): string {
  const genuine = material.response();
  const ids = idsOf(genuine);
  const forgedIds = idsOf(material.forgedResponse);
  const signatureFor = (part: Part): string => signatureOf(part === 'response' ? genuine : assertionOf(genuine));
  return partsOf(material).reduce(
    (xml, part) => place(xml, part, edit(signatureFor(part), digestOf(xml, ids[part]))),
    material.forgedResponse.replaceAll(forgedIds.response, ids.response).replaceAll(forgedIds.assertion, ids.assertion),
  );
}
