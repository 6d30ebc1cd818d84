import { copyMarkup, findMarkup, localNameOf, type Markup, type Place, placesOf } from '../markup.ts';
import type { Random } from '../random.ts';
import { base64Mutators } from './base64.ts';
import { attributeOf, edit, insertInto, replaceElement, setAttribute } from './edit.ts';
import type { Mutator } from './mutator.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

/** Identifiers of algorithms, allowed ones, forbidden ones and none. */
const algorithms: readonly string[] = [
  ...['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256', 'ecdsa-sha512', 'rsa-md5', 'hmac-sha256', 'sha384'].map(
    (name) => MORE + name,
  ),
  ...['rsa-sha1', 'dsa-sha1', 'hmac-sha1', 'sha1', 'enveloped-signature', 'base64', 'RSA-SHA1'].map(
    (name) => DSIG + name,
  ),
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
  ...[
    EXCLUSIVE,
    `${EXCLUSIVE}WithComments`,
    INCLUSIVE,
    `${INCLUSIVE}#WithComments`,
    'http://www.w3.org/2006/12/xml-c14n11',
  ],
  'http://www.w3.org/TR/1999/REC-xslt-19991116',
  'http://www.w3.org/TR/1999/REC-xpath-19991116',
  'http://www.w3.org/2002/06/xmldsig-filter2',
  ...['constructor', '__proto__', 'toString', '', ' '],
];

const uris = [
  '',
  '#',
  '#xpointer(/)',
  "#xpointer(id('_a'))",
  'http://idp.example.test/x',
  'file:///etc/passwd',
  '#_new',
];

function signaturesOf(places: readonly Place[]): Place[] {
  return places.filter(({ element }) => localNameOf(element.name) === 'Signature');
}

function within(place: Place | undefined, localName: string): Markup | undefined {
  return place === undefined ? undefined : findMarkup(place.element, localName)?.element;
}

function prefixed(like: Markup, localName: string): string {
  return like.name.includes(':') ? `${like.name.slice(0, like.name.indexOf(':'))}:${localName}` : localName;
}

function empty(name: string, algorithm: string, children: Markup['children'] = []): Markup {
  return { name, attributes: [['Algorithm', algorithm]], children };
}

function mutateText(element: Markup, random: Random): void {
  const { apply } = random.pick(base64Mutators);
  element.children = [apply(element.children.filter((child) => typeof child === 'string').join(''), random, [])];
}

/** An edit of one Signature, if there is one. */
function onSignature(
  name: string,
  change: (signature: Place, random: Random, places: readonly Place[]) => void,
): Mutator {
  return edit(`signature: ${name}`, ({ places, random }) => {
    const signature = random.maybe(signaturesOf(places));
    if (signature !== undefined) change(signature, random, places);
  });
}

/** Edits of signatures: what they say, where they stand, what is stuffed into them. */
export const signatureMutators: readonly Mutator[] = [
  onSignature('another algorithm', (signature, random) => {
    const methods = placesOf(signature.element).filter(
      ({ element }) => attributeOf(element, 'Algorithm') !== undefined,
    );
    const method = random.maybe(methods);
    if (method !== undefined) setAttribute(method.element, 'Algorithm', random.pick(algorithms));
  }),
  onSignature('another Reference URI', (signature, random, places) => {
    const ids = places.flatMap(({ element }) => attributeOf(element, 'ID') ?? []);
    const reference = within(signature, 'Reference');
    if (reference !== undefined) setAttribute(reference, 'URI', random.pick([...uris, ...ids.map((id) => `#${id}`)]));
  }),
  onSignature('another Transform', (signature, random) => {
    const transforms = within(signature, 'Transforms');
    if (transforms === undefined) return;
    const transform = empty(prefixed(transforms, 'Transform'), random.pick(algorithms));
    if (random.oneIn(2))
      transform.children.push({ name: prefixed(transforms, 'XPath'), attributes: [], children: ['1'] });
    insertInto(transforms, transform, random);
  }),
  onSignature('PrefixList', (signature, random) => {
    const canonicalizing = placesOf(signature.element).filter(({ element }) =>
      /^(?:Transform|CanonicalizationMethod)$/.test(localNameOf(element.name)),
    );
    const list = random.pick([
      '',
      '#default',
      'xs',
      'saml samlp',
      ' xs\n ds ',
      'nothing',
      '#default #default',
      'xml',
      '*',
      '#all',
    ]);
    random.maybe(canonicalizing)?.element.children.push({
      name: 'ec:InclusiveNamespaces',
      attributes: [
        ['xmlns:ec', random.oneIn(8) ? DSIG : EXCLUSIVE],
        ['PrefixList', list],
      ],
      children: random.oneIn(8) ? ['x'] : [],
    });
  }),
  onSignature('copy a part', (signature, random) => {
    const parts = placesOf(signature.element).filter(({ parent }) => parent !== null);
    const single = parts.filter(({ element }) =>
      /^(?:SignedInfo|Reference|DigestValue)$/.test(localNameOf(element.name)),
    );
    const part = random.maybe(random.oneIn(2) ? single : parts);
    if (part?.parent) insertInto(random.oneIn(4) ? signature.element : part.parent, copyMarkup(part.element), random);
  }),
  onSignature('base64 of a value', (signature, random) => {
    const names = random.oneIn(8) ? ['X509Certificate'] : ['SignatureValue', 'DigestValue'];
    const value = within(signature, random.pick(names));
    if (value !== undefined) mutateText(value, random);
  }),
  onSignature('comment in a value', (signature, random) => {
    const value = within(signature, random.pick(['SignatureValue', 'DigestValue', 'X509Certificate']));
    if (value !== undefined)
      insertInto(value, random.pick(['<!-- c -->', '<![CDATA[]]>', '<x/>', '&#32;', '\n', 'QUJD']), random);
  }),
  onSignature('values of another', (signature, random, places) => {
    const other = random.pick(signaturesOf(places));
    for (const name of ['SignatureValue', 'DigestValue', 'KeyInfo']) {
      const [mine, theirs] = [within(signature, name), within(other, name)];
      if (mine !== undefined && theirs !== undefined && random.oneIn(2)) mine.children = copyMarkup(theirs).children;
    }
  }),
  onSignature('move', (signature, random, places) => {
    replaceElement(signature);
    const outside = places.filter(
      ({ element }) => !placesOf(signature.element).some((inner) => inner.element === element),
    );
    const into =
      random.maybe(outside.filter(({ element }) => /^(?:Response|Assertion)$/.test(localNameOf(element.name)))) ??
      random.maybe(outside);
    if (into !== undefined)
      insertInto(random.oneIn(3) ? random.pick(outside).element : into.element, signature.element, random);
  }),
  onSignature('duplicate', (signature, random, places) => {
    insertInto(
      random.oneIn(2) ? (signature.parent ?? signature.element) : random.pick(places).element,
      copyMarkup(signature.element),
      random,
    );
  }),
  onSignature('delete', (signature) => replaceElement(signature)),
  onSignature('Object', (signature, random, places) => {
    const object: Markup = {
      name: prefixed(signature.element, 'Object'),
      attributes: [],
      children: [copyMarkup(random.pick(places).element)],
    };
    if (random.oneIn(2)) insertInto(signature.element, object, random);
    else signature.element.children.push(object);
  }),
  onSignature('stuff KeyInfo', (signature, random, places) => {
    const keyInfo = within(signature, 'KeyInfo');
    if (keyInfo === undefined) return;
    const name = random.pick(['KeyName', 'KeyValue', 'RetrievalMethod', 'X509Data', 'PGPData']);
    const stuffing: Markup = {
      name: prefixed(keyInfo, name),
      attributes: [],
      children: [random.oneIn(2) ? 'x' : copyMarkup(random.pick(places).element)],
    };
    if (name === 'RetrievalMethod') setAttribute(stuffing, 'URI', random.pick(uris));
    if (random.oneIn(3)) keyInfo.children = [stuffing];
    else insertInto(keyInfo, stuffing, random);
  }),
  onSignature('drop KeyInfo', (signature) => {
    const keyInfo = findMarkup(signature.element, 'KeyInfo');
    if (keyInfo !== undefined) replaceElement(keyInfo);
  }),
  onSignature('text between the parts', (signature, random) => {
    const parts = placesOf(signature.element).filter(({ element }) =>
      element.children.some((child) => typeof child !== 'string'),
    );
    const into = random.maybe(parts);
    if (into !== undefined)
      insertInto(into.element, random.pick(['\n', ' ', '<!-- c -->', 'x', '\u00A0', '&#13;']), random);
  }),
];
