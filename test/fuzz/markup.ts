import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';

/** An element that can be edited: nothing keeps it well-formed. */
export interface Markup {
  name: string;
  /** Namespace declarations included; values without escapes. */
  attributes: [name: string, value: string][];
  /** Strings are XML as written. */
  children: (Markup | string)[];
}

/** An element and where it stands; the root has no parent. */
export interface Place {
  readonly element: Markup;
  readonly parent: Markup | null;
}

/** Reads a document for editing; `null` when it is not well-formed. Comments are gone, CDATA is text. */
export function parseMarkup(xml: string): Markup | null {
  try {
    return editable(readXml(xml));
  } catch {
    return null;
  }
}

function editable(element: XmlElement): Markup {
  const attributes: [string, string][] = [];
  const outer = element.parent?.namespaces ?? null;
  for (let entry = element.namespaces; entry !== outer && entry !== null; entry = entry.outer) {
    attributes.unshift([entry.prefix === '' ? 'xmlns' : `xmlns:${entry.prefix}`, entry.uri]);
  }
  for (const { prefix, localName, value } of element.attributes) {
    attributes.push([prefix === '' ? localName : `${prefix}:${localName}`, value]);
  }
  const children = element.children.map((child) => (typeof child === 'string' ? escapeText(child) : editable(child)));
  return { name: element.qualifiedName, attributes, children };
}

/** The document as text. */
export function writeMarkup(node: Markup | string): string {
  if (typeof node === 'string') return node;
  const attributes = node.attributes.map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join('');
  return `<${node.name}${attributes}>${node.children.map(writeMarkup).join('')}</${node.name}>`;
}

/** All elements in document order. */
export function placesOf(root: Markup): Place[] {
  const places: Place[] = [{ element: root, parent: null }];
  const visit = (parent: Markup): void => {
    for (const element of parent.children) {
      if (typeof element === 'string') continue;
      places.push({ element, parent });
      visit(element);
    }
  };
  visit(root);
  return places;
}

/** The first element of this local name, in document order. */
export function findMarkup(root: Markup, localName: string): Place | undefined {
  return placesOf(root).find(({ element }) => localNameOf(element.name) === localName);
}

/** Name without prefix. */
export function localNameOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A copy that shares nothing. */
export function copyMarkup(element: Markup): Markup {
  return structuredClone(element);
}

/** Text as element content. */
function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Text as attribute value in double quotes. */
function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}
