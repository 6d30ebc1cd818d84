import { namespaces } from '../../saml/names.ts';
import { DSIG_NAMESPACE } from '../../xml/names.ts';
import { type Forgery, type ForgeryEntry, fromEntry } from './forgery.ts';
import type { ForgeryMaterial } from './material.ts';
import { afterIssuer, appendTo, elementText, replace, withAssertion } from './parts.ts';
import { MARK, signMarked } from './sign-marked.ts';
import { partsOf, place, signForged, transplant } from './transplant.ts';

const digestValue = /(?<=<ds:DigestValue>)[^<]*/;
/** SHA-256 of no bytes at all. */
const digestOfNothing = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const signedInfoOf = (signature: string): string => elementText(signature, 'ds:SignedInfo', 'last');
const referenceOf = (signature: string): string => elementText(signature, 'ds:Reference', 'last');

/** A document of another kind, signed by the key that the application trusts. */
function otherDocument({ key }: ForgeryMaterial, name: string, attributes: string): string {
  return signMarked(`<${name} ${attributes} ID="_other">${MARK}</${name}>`, { keyPair: key, id: '_other' });
}

const attacks: readonly ForgeryEntry[] = [
  [
    'signature-removed',
    'SIG-1',
    'An unsigned Response. Careless: verifies only signatures that are present.',
    ({ forgedResponse }) => forgedResponse,
  ],
  [
    'signature-emptied',
    'SIG-1',
    'An empty Signature. Careless: finds no error in an empty signature.',
    (material) =>
      partsOf(material).reduce(
        (xml, part) => place(xml, part, `<ds:Signature xmlns:ds="${DSIG_NAMESPACE}"/>`),
        material.forgedResponse,
      ),
  ],
  [
    'signature-of-another-namespace',
    'SIG-1',
    'A Signature element of another namespace. Careless: compares local names, so the verifier finds no signature to verify.',
    (material) => transplant(material, (text) => text.replaceAll(DSIG_NAMESPACE, 'urn:x')),
  ],
  [
    'content-replaced',
    'SIG-8',
    'Other content under the IDs and Signatures of a genuine Response. Careless: verifies the SignatureValue, not the digest.',
    (material) => transplant(material, (text) => text),
  ],
  [
    'digest-replaced',
    'SIG-8',
    'The same, with the digest of the new content. Careless: compares the digest, does not verify the SignatureValue.',
    (material) => transplant(material, (text, digest) => replace(text, digestValue, digest)),
  ],
  [
    'forged-signed-info-first',
    'SIG-2',
    'Two SignedInfo elements: one with the digest of the forged content, then the genuine one. Careless: verifies one, takes the digest from the other.',
    (material) =>
      transplant(material, (text, digest) => {
        const genuine = signedInfoOf(text);
        return replace(text, genuine, replace(genuine, digestValue, digest) + genuine);
      }),
  ],
  [
    'forged-signed-info-last',
    'SIG-2',
    'The same, in the other order.',
    (material) =>
      transplant(material, (text, digest) => {
        const genuine = signedInfoOf(text);
        return replace(text, genuine, genuine + replace(genuine, digestValue, digest));
      }),
  ],
  [
    'digest-in-comment',
    'SIG-3',
    'The digest of the forged content in a comment before the genuine digest. Careless: reads the first node, while canonicalization removes comments.',
    (material) =>
      transplant(material, (text, digest) => text.replace(digestValue, (genuine) => `<!--${digest}-->${genuine}`)),
  ],
  [
    'two-digest-values',
    'SIG-4',
    'A second DigestValue, of the forged content, before the genuine one.',
    (material) =>
      transplant(material, (text, digest) =>
        replace(text, '<ds:DigestValue>', `<ds:DigestValue>${digest}</ds:DigestValue><ds:DigestValue>`),
      ),
  ],
  [
    'two-references',
    'REF-3',
    'A second Reference, to the forged content, before the genuine one.',
    (material) =>
      transplant(material, (text, digest) => {
        const genuine = referenceOf(text);
        return replace(text, genuine, replace(genuine, digestValue, digest) + genuine);
      }),
  ],
  [
    'no-reference',
    'REF-1',
    'A SignedInfo without any Reference, intact and signed by the trusted key: it signs nothing. Careless: a check of all digests passes for an empty list.',
    (material) => signForged(material, { edit: (text) => replace(text, referenceOf(text), '') }),
  ],
  [
    'void-canonicalization',
    'C14-1',
    'A relative namespace makes some canonicalizers fail with empty output, and the signed digest is that of empty input.',
    (material) =>
      replace(
        signForged(material, { edit: (text) => replace(text, digestValue, digestOfNothing) }),
        '<samlp:Response ',
        '<samlp:Response xmlns:x="relative" ',
      ),
  ],
  [
    'signature-on-status',
    'SIG-6',
    'The trusted key signed the Status of a forged Response, nothing else. Careless: finds a valid signature somewhere.',
    ({ forgedResponse, key }) =>
      signMarked(replace(forgedResponse, '<samlp:Status>', `<samlp:Status ID="_status">${MARK}`), {
        keyPair: key,
        id: '_status',
      }),
  ],
  ...(
    [
      ['EntityDescriptor', 'md:EntityDescriptor', `xmlns:md="${namespaces.metadata}" entityID="x"`],
      ['LogoutResponse', 'samlp:LogoutResponse', `xmlns:samlp="${namespaces.protocol}"`],
      ['AuthnRequest', 'samlp:AuthnRequest', `xmlns:samlp="${namespaces.protocol}"`],
    ] as const
  ).flatMap(([kind, name, attributes]) => {
    const slug = kind.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase();
    return [
      [
        `${slug}-in-extensions`,
        'REU-1',
        `A signed ${kind} is in Extensions of a forged Response. Careless: accepts any element that the key signed.`,
        (material: ForgeryMaterial) =>
          afterIssuer(
            material.forgedResponse,
            `<samlp:Extensions>${otherDocument(material, name, attributes)}</samlp:Extensions>`,
          ),
      ],
      [
        `${slug}-in-assertion`,
        'REU-1',
        `A signed ${kind} is inside a forged Assertion.`,
        (material: ForgeryMaterial) =>
          withAssertion(
            material.forgedResponse,
            appendTo(material.forgedAssertion, 'saml:Assertion', otherDocument(material, name, attributes)),
          ),
      ],
    ] as const;
  }),
];

/** Signatures that are missing, empty, ambiguous, or cover other content. */
export const signatureForgeries: readonly Forgery[] = attacks.map(fromEntry);
