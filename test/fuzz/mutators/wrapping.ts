import { copyMarkup, findMarkup, type Markup, placesOf } from '../markup.ts';
import type { Random } from '../random.ts';
import { attributeOf, edit, forge, insertInto, isSignature, setAttribute } from './edit.ts';
import type { Mutator } from './mutator.ts';

/**
 * Signature wrapping (Somorovsky et al., "On Breaking SAML", 2012), drawn at random: the signed element stays whole
 * somewhere, and a forged one stands where the application may look.
 */
function wrap(root: Markup, random: Random): Markup {
  const signed = random.maybe(placesOf(root).filter(({ element }) => element.children.some(isSignature)));
  if (signed === undefined) return root;
  const original = copyMarkup(signed.element);
  const forged = signed.element;
  forge(forged);
  if (random.oneIn(2)) setAttribute(forged, 'ID', '_forged');
  const signature = forged.children.find(isSignature);
  const keep = random.below(3);
  // The forged element has the signature, or the genuine one, or both.
  if (keep === 0) forged.children = forged.children.filter((child) => !isSignature(child));
  if (keep === 1) original.children = original.children.filter((child) => !isSignature(child));
  return hide(root, forged, original, signature, random);
}

function hide(
  root: Markup,
  forged: Markup,
  original: Markup,
  signature: Markup | string | undefined,
  random: Random,
): Markup {
  const wrapper: Markup = {
    name: random.pick([
      'samlp:Extensions',
      'saml:Advice',
      'ds:Object',
      'x',
      root.name,
      forged.name,
      'samlp:StatusDetail',
    ]),
    attributes: random.oneIn(3) ? [['xmlns:ds', 'http://www.w3.org/2000/09/xmldsig#']] : [],
    children: [original],
  };
  const hidden = random.oneIn(3) ? original : wrapper;
  const choice = random.below(6);
  if (choice === 0) insertInto(forged, hidden, random);
  else if (choice === 1) insertInto(root, hidden, random);
  else if (choice === 2 && typeof signature === 'object') signature.children.push(hidden);
  else if (choice === 3) insertInto(random.pick(placesOf(root)).element, hidden, random);
  else if (choice === 4 && typeof signature === 'object') {
    insertInto(
      findMarkup(signature, random.pick(['KeyInfo', 'SignedInfo', 'Reference', 'SignatureValue']))?.element ??
        signature,
      hidden,
      random,
    );
  } else {
    // The other way round: the genuine document around it all, the forged one inside.
    const outer = copyMarkup(original);
    insertInto(outer, root, random);
    return outer;
  }
  return root;
}

/** A second, forged Assertion next to or inside the existing one. */
function addForged(root: Markup, random: Random): void {
  const assertion = findMarkup(root, 'Assertion');
  if (assertion === undefined) return;
  const forged = copyMarkup(assertion.element);
  forge(forged);
  forged.children = forged.children.filter((child) => !isSignature(child));
  const id = attributeOf(assertion.element, 'ID') ?? '';
  setAttribute(forged, 'ID', random.pick(['_forged', id, ` ${id}`, id.toUpperCase()]));
  if (random.oneIn(4))
    forged.name = random.pick(['Assertion', 'x:Assertion', 'samlp:Assertion', 'saml:EncryptedAssertion']);
  insertInto(random.oneIn(2) ? root : random.pick(placesOf(root)).element, forged, random);
}

/** Attacks that keep a genuine signature and add a forged claim. */
export const wrappingMutators: readonly Mutator[] = [
  edit('wrapping: forged in place of signed', ({ root, replaceRoot, random }) => replaceRoot(wrap(root, random))),
  edit('wrapping: forged next to signed', ({ root, random }) => addForged(root, random)),
];
