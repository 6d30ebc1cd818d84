import { namespaces } from '../../../src/saml/names.ts';
import { localNameOf, type Markup, placesOf } from '../markup.ts';
import { edit } from './edit.ts';
import type { Mutator } from './mutator.ts';

const uris = [
  namespaces.assertion,
  namespaces.protocol,
  'http://www.w3.org/2000/09/xmldsig#',
  'http://www.w3.org/2001/04/xmlenc#',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
  'urn:x',
  `${namespaces.assertion} `,
  namespaces.assertion.toUpperCase(),
  '../relative',
  '',
];

function rename(element: Markup, from: string, to: string): void {
  const renamed = (name: string): string => {
    const own = name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
    return own === from ? `${to === '' ? '' : `${to}:`}${localNameOf(name)}` : name;
  };
  element.name = renamed(element.name);
  for (const attribute of element.attributes) {
    if (attribute[0] === (from === '' ? 'xmlns' : `xmlns:${from}`)) attribute[0] = to === '' ? 'xmlns' : `xmlns:${to}`;
    else if (attribute[0].includes(':') && !attribute[0].startsWith('xmlns:')) attribute[0] = renamed(attribute[0]);
  }
}

function prefixOf(name: string): string {
  return name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
}

/** Games with prefixes, namespace declarations and attributes of the xml prefix. */
export const namespaceMutators: readonly Mutator[] = [
  edit('namespace: declare', ({ places, random, draw }) => {
    const { element } = draw();
    const prefix = random.pick([
      '',
      'x',
      'ds',
      'xs',
      'xml',
      'xmlns',
      ...places.slice(0, 12).map((place) => prefixOf(place.element.name)),
    ]);
    element.attributes.unshift([prefix === '' ? 'xmlns' : `xmlns:${prefix}`, random.pick(uris)]);
  }),
  edit('namespace: drop a declaration', ({ places, random }) => {
    const declaring = places.filter(({ element }) => element.attributes.some(([name]) => name.startsWith('xmlns')));
    const element = random.maybe(declaring)?.element;
    if (element === undefined) return;
    const at = element.attributes.findIndex(([name]) => name.startsWith('xmlns'));
    element.attributes.splice(at, 1);
  }),
  edit('namespace: rename a prefix everywhere', ({ places, random, draw }) => {
    const from = prefixOf(draw().element.name);
    const to = random.pick(['', 'x', 'ds', 'saml', 'samlp', 'é', 'xmlnsx', 'constructor']);
    for (const { element } of places) rename(element, from, to);
  }),
  edit('namespace: rename a prefix below an element', ({ places, random, draw }) => {
    const { element } = draw();
    const from = prefixOf(element.name);
    const to = random.pick(['', 'x', 'samlp', 'saml']);
    const uri = places
      .flatMap((place) => place.element.attributes)
      .find(([name]) => name === (from === '' ? 'xmlns' : `xmlns:${from}`))?.[1];
    for (const place of placesOf(element)) rename(place.element, from, to);
    if (uri !== undefined && random.oneIn(2)) element.attributes.unshift([to === '' ? 'xmlns' : `xmlns:${to}`, uri]);
  }),
  edit('namespace: shadow a prefix', ({ random, draw }) => {
    const { element } = draw();
    const prefix = prefixOf(element.name);
    element.attributes.push([prefix === '' ? 'xmlns' : `xmlns:${prefix}`, random.pick(uris)]);
  }),
  edit('namespace: move declarations inwards', ({ root, places, random }) => {
    const declarations = root.attributes.filter(([name]) => name.startsWith('xmlns'));
    root.attributes = root.attributes.filter(([name]) => !name.startsWith('xmlns'));
    const repeat = [root, ...root.children.filter((child) => typeof child !== 'string')];
    for (const element of random.oneIn(2) ? repeat : places.map((place) => place.element)) {
      for (const [name, value] of declarations) {
        if (!element.attributes.some((attribute) => attribute[0] === name)) element.attributes.unshift([name, value]);
      }
    }
  }),
  edit('namespace: prefix an attribute', ({ random, draw }) => {
    const { element } = draw();
    const attribute = random.maybe(element.attributes);
    if (attribute !== undefined)
      attribute[0] = `${random.pick(['saml', 'samlp', 'ds', 'xml', 'xsi', 'x', 'xmlns'])}:${localNameOf(attribute[0])}`;
  }),
  edit('namespace: xml attribute', ({ root, random, draw }) => {
    const name = random.pick(['xml:lang', 'xml:space', 'xml:base', 'xml:id', 'xml:ID', 'xml:other']);
    // Canonical XML lets descendants inherit them.
    const element = random.oneIn(2) ? root : draw().element;
    element.attributes.push([name, random.pick(['en', 'preserve', 'urn:x', '_a', ''])]);
  }),
  edit('namespace: change the prefix of one element', ({ draw }) => {
    const { element } = draw();
    const prefix = prefixOf(draw().element.name);
    element.name = `${prefix === '' ? '' : `${prefix}:`}${localNameOf(element.name)}`;
  }),
];
