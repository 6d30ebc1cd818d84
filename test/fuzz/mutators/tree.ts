import { copyMarkup, localNameOf, type Markup, type Place } from '../markup.ts';
import { dictionary } from './dictionary.ts';
import { attributeOf, edit, forge, insertInto, replaceElement, setAttribute } from './edit.ts';
import type { Mutator } from './mutator.ts';

function identifiers(places: readonly Place[]): string[] {
  return places.flatMap(({ element }) => attributeOf(element, 'ID') ?? []);
}

function isWithin(outer: Markup, element: Markup): boolean {
  return outer === element || outer.children.some((child) => typeof child !== 'string' && isWithin(child, element));
}

const idNames = ['ID', 'Id', 'id', 'iD', 'xml:id', 'saml:ID', 'samlp:ID', 'ds:Id'];

/** Surgery on elements and attributes. */
export const treeMutators: readonly Mutator[] = [
  edit('tree: delete', ({ draw }) => {
    replaceElement(draw());
  }),
  edit('tree: unwrap', ({ draw }) => {
    const place = draw();
    replaceElement(place, ...place.element.children);
  }),
  edit('tree: copy', ({ random, draw }) => {
    insertInto(draw().element, copyMarkup(draw().element), random);
  }),
  edit('tree: move', ({ places, random, draw }) => {
    const place = draw();
    replaceElement(place);
    // Into itself would be a circle.
    const outside = places.filter(({ element }) => !isWithin(place.element, element));
    const into = random.maybe(outside);
    if (into !== undefined) insertInto(into.element, place.element, random);
  }),
  edit('tree: swap', ({ draw }) => {
    const [a, b] = [draw(), draw()];
    if (isWithin(a.element, b.element) || isWithin(b.element, a.element)) return;
    const copy = copyMarkup(b.element);
    replaceElement(b, a.element);
    replaceElement(a, copy);
  }),
  edit('tree: wrap', ({ places, random, draw, replaceRoot }) => {
    const { element, parent } = draw();
    const name = random.pick([
      element.name,
      'x',
      'samlp:Extensions',
      'saml:Advice',
      'ds:Object',
      random.pick(places).element.name,
    ]);
    const attributes = random.oneIn(2) ? element.attributes.map(([key, value]): [string, string] => [key, value]) : [];
    const wrapper: Markup = { name, attributes, children: [element] };
    if (random.oneIn(2)) setAttribute(wrapper, 'ID', random.pick(['_new', ...identifiers(places)]));
    if (parent === null) replaceRoot(wrapper);
    else parent.children[parent.children.indexOf(element)] = wrapper;
  }),
  edit('tree: insert from another message', ({ random, draw, donated }) => {
    const place = draw();
    const donor = random.maybe(donated());
    if (donor === undefined) return;
    if (random.oneIn(2)) insertInto(place.element, donor.element, random);
    else replaceElement(place, donor.element);
  }),
  edit('tree: exchange with the same element of another message', ({ random, draw, donated }) => {
    const place = draw();
    const same = donated().filter(({ element }) => localNameOf(element.name) === localNameOf(place.element.name));
    const donor = random.maybe(same);
    if (donor !== undefined) replaceElement(place, donor.element);
  }),
  edit('tree: forge text', ({ draw }) => {
    forge(draw().element);
  }),
  edit('tree: insert a token', ({ random, draw }) => {
    insertInto(draw().element, random.pick(dictionary), random);
  }),
  edit('tree: delete an attribute', ({ random, draw }) => {
    const { attributes } = draw().element;
    attributes.splice(random.below(attributes.length), 1);
  }),
  edit('tree: copy an attribute', ({ random, draw }) => {
    const attribute = random.maybe(draw().element.attributes);
    if (attribute !== undefined) draw().element.attributes.push([attribute[0], attribute[1]]);
  }),
  edit('tree: change an attribute', ({ places, random, draw }) => {
    const attribute = random.maybe(draw().element.attributes);
    const other = random.maybe(random.pick(places).element.attributes);
    if (attribute !== undefined)
      attribute[1] = random.pick(['', other?.[1] ?? '', random.pick(dictionary), ` ${attribute[1]} `]);
  }),
  edit('tree: shuffle attributes', ({ places, random }) => {
    for (const { element } of places) if (random.oneIn(3)) element.attributes.reverse();
  }),
  edit('tree: another ID', ({ places, random, draw }) => {
    const { element } = draw();
    element.attributes.push([random.pick(idNames), random.pick(['_new', ...identifiers(places)])]);
  }),
  edit('tree: swap IDs', ({ places, random }) => {
    const bearers = places.filter(({ element }) => attributeOf(element, 'ID') !== undefined);
    const [a, b] = [random.maybe(bearers)?.element, random.maybe(bearers)?.element];
    if (a === undefined || b === undefined) return;
    const [idOfA = '', idOfB = ''] = [attributeOf(a, 'ID'), attributeOf(b, 'ID')];
    setAttribute(a, 'ID', idOfB);
    setAttribute(b, 'ID', idOfA);
  }),
];
