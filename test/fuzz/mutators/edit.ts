import { localNameOf, type Markup, type Place, parseMarkup, placesOf, writeMarkup } from '../markup.ts';
import type { Random } from '../random.ts';
import type { Mutator } from './mutator.ts';

/** The input of an edit of the element tree, in addition to the tree. */
export interface Workbench {
  readonly root: Markup;
  /** Puts another root in its place. */
  readonly replaceRoot: (root: Markup) => void;
  readonly places: readonly Place[];
  readonly random: Random;
  /** Draws an element: any, one of those that matter, or one that no signature covers. */
  readonly draw: () => Place;
  /** Elements of other messages of the same identity provider, in document order. */
  readonly donated: () => readonly Place[];
}

/** A mutator that edits the tree in place. What is not well-formed stays as it is. */
export function edit(name: string, change: (bench: Workbench) => void): Mutator {
  return {
    name,
    apply: (xml, random, donors) => {
      const root = parseMarkup(xml);
      if (root === null) return xml;
      const donated = (): readonly Place[] => {
        const donor = parseMarkup(random.pick(donors));
        return donor === null ? [] : placesOf(donor);
      };
      const places = placesOf(root);
      const draw = (): Place => random.pick(random.pick([places, places.filter(matters), uncovered(root)]));
      let result = root;
      const replaceRoot = (other: Markup): void => {
        result = other;
      };
      change({ root, replaceRoot, places, random, draw, donated });
      return writeMarkup(result);
    },
  };
}

const main = /^(?:Response|Assertion|Signature|SignedInfo|Reference|Subject|NameID|Issuer|Conditions)$/;

function matters({ element, parent }: Place): boolean {
  return parent === null || main.test(localNameOf(element.name));
}

/** What can be changed without breaking a signature at once; the root is always among it. */
function uncovered(root: Markup): Place[] {
  const found: Place[] = [{ element: root, parent: null }];
  const visit = (element: Markup, covered: boolean): void => {
    const signs = element.children.some(isSignature);
    for (const child of element.children) {
      if (typeof child === 'string') continue;
      const free = isSignature(child) || !(covered || signs);
      if (free && localNameOf(child.name) !== 'SignedInfo') {
        found.push({ element: child, parent: element });
        visit(child, false);
      } else visit(child, true);
    }
  };
  visit(root, false);
  return found;
}

/** Whether a child is a Signature. */
export function isSignature(child: Markup | string): child is Markup {
  return typeof child !== 'string' && localNameOf(child.name) === 'Signature';
}

/** Puts a node among the children of an element, anywhere. */
export function insertInto(element: Markup, node: Markup | string, random: Random): void {
  element.children.splice(random.below(element.children.length + 1), 0, node);
}

/** Puts nodes in the place of an element; the root stays. */
export function replaceElement({ element, parent }: Place, ...nodes: readonly (Markup | string)[]): void {
  parent?.children.splice(parent.children.indexOf(element), 1, ...nodes);
}

/** The value of an attribute. */
export function attributeOf(element: Markup, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute[0] === name)?.[1];
}

/** Gives an attribute another value, or adds it. */
export function setAttribute(element: Markup, name: string, value: string): void {
  const known = element.attributes.find((attribute) => attribute[0] === name);
  if (known === undefined) element.attributes.push([name, value]);
  else known[1] = value;
}

/** Replaces the user in an element and its descendants. */
export function forge(element: Markup): void {
  for (const child of element.children) if (typeof child !== 'string') forge(child);
  if (/^(?:NameID|AttributeValue)$/.test(localNameOf(element.name))) element.children = ['mallory'];
}
