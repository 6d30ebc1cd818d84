import { trimEnds } from '../lib/trim-ends.ts';
import { isWhiteSpace } from '../lib/white-space.ts';

const SPACE = 32;

/** A qualified name and its parts. */
export interface QName {
  readonly written: string;
  /** `''` without a prefix. */
  readonly prefix: string;
  readonly localName: string;
}

/** An attribute; namespace declarations are kept apart. */
export interface XmlAttribute {
  /** `''` without a prefix. */
  readonly prefix: string;
  readonly localName: string;
  /** `''` for an attribute in no namespace. */
  readonly namespace: string;
  readonly value: string;
}

/** A namespace declaration, linked to those declared before it on the same element or around it. */
export interface Namespaces {
  /** `''` for the default namespace. */
  readonly prefix: string;
  /** `''` where the default namespace is undeclared. */
  readonly uri: string;
  readonly outer: Namespaces | null;
  /** Length of this list. */
  readonly size: number;
}

export type XmlNode = XmlElement | string;

/**
 * An element as the strict reader saw it. Comments are gone, CDATA and references are text, adjacent text is one string.
 * Whether anybody signed it is not known here: see `VerifiedXml`.
 */
export class XmlElement {
  /** Name as written, prefix included. */
  readonly qualifiedName: string;
  readonly prefix: string;
  readonly localName: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Every declaration in force here, innermost first. */
  readonly namespaces: Namespaces | null;
  readonly children: readonly XmlNode[];
  readonly parent: XmlElement | null;
  /** A comment stood directly inside; nothing else is left of it. The reader sets this. */
  hasComment = false;

  constructor(
    name: QName,
    namespace: string,
    attributes: readonly XmlAttribute[],
    namespaces: Namespaces | null,
    children: readonly XmlNode[],
    parent: XmlElement | null,
  ) {
    this.qualifiedName = name.written;
    this.prefix = name.prefix;
    this.localName = name.localName;
    this.namespace = namespace;
    this.attributes = attributes;
    this.namespaces = namespaces;
    this.children = children;
    this.parent = parent;
  }

  /** Value of the attribute in no namespace; `undefined` when absent. */
  get(localName: string): string | undefined {
    for (const attribute of this.attributes) {
      if (attribute.localName === localName && attribute.namespace === '') return attribute.value;
    }
    return undefined;
  }

  is(namespace: string, localName: string): boolean {
    return this.localName === localName && this.namespace === namespace;
  }

  /** Child elements, in document order. */
  elements(): XmlElement[] {
    const found: XmlElement[] = [];
    for (const child of this.children) if (typeof child !== 'string') found.push(child);
    return found;
  }

  /** Child elements of one expanded name, in document order. */
  all(namespace: string, localName: string): XmlElement[] {
    const found: XmlElement[] = [];
    for (const child of this.children) {
      if (typeof child !== 'string' && child.is(namespace, localName)) found.push(child);
    }
    return found;
  }

  /** Text of the element itself, without that of its children. */
  get text(): string {
    if (this.children.length === 1 && typeof this.children[0] === 'string') return this.children[0];
    return this.children.filter((child) => typeof child === 'string').join('');
  }

  /** Holds text only. */
  get isLeaf(): boolean {
    return this.children.every((child) => typeof child === 'string');
  }

  /** This element and all below it, in document order. */
  descendants(): XmlElement[] {
    const found: XmlElement[] = [];
    addWithDescendants(this, found);
    return found;
  }
}

// Recursion is safe: the reader bounds the depth.
function addWithDescendants(element: XmlElement, found: XmlElement[]): void {
  found.push(element);
  for (const child of element.children) if (typeof child !== 'string') addWithDescendants(child, found);
}

/** URI bound to `prefix` (`''`: the default namespace); `undefined` when undeclared. `xml` is the caller's affair. */
export function lookupNamespace(namespaces: Namespaces | null, prefix: string): string | undefined {
  for (let entry = namespaces; entry !== null; entry = entry.outer) {
    if (entry.prefix === prefix) return entry.uri;
  }
  return undefined;
}

/** Whether a declaration is hidden by one of the same prefix further in. */
export function isShadowed(entry: Namespaces, innermost: Namespaces | null): boolean {
  for (let other = innermost; other !== entry && other !== null; other = other.outer) {
    if (other.prefix === entry.prefix) return true;
  }
  return false;
}

/** Without the white space of XML at its ends: of no other characters, unlike `String.prototype.trim`. */
export function trimWhiteSpace(text: string): string {
  return trimEnds(text, isWhiteSpace);
}

/** White space of URIs and dates is not significant (XML Schema 2, 4.3.6): runs become one space, none at the ends. */
export function collapseWhiteSpace(text: string): string {
  if (!/[\t\n\r ]/.test(text)) return text;
  // On bytes: replacing in a string takes a tenth of a second for a megabyte.
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (!isWhiteSpace(byte)) bytes[length++] = byte;
    else if (length > 0 && bytes[length - 1] !== SPACE) bytes[length++] = SPACE;
  }
  return bytes.toString('utf8', 0, bytes[length - 1] === SPACE ? length - 1 : length);
}
