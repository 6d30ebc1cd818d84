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

/** An attribute. Namespace declarations are not attributes here: see {@link Namespaces}. */
export interface XmlAttribute {
  /** `''` without a prefix. */
  readonly prefix: string;
  readonly localName: string;
  /** `''` for an attribute in no namespace. */
  readonly namespace: string;
  readonly value: string;
}

/** A namespace declaration, linked to the earlier ones of the same element and of its ancestors. */
export interface Namespaces {
  /** `''` for the default namespace. */
  readonly prefix: string;
  /** `''` where the default namespace is undeclared. */
  readonly uri: string;
  readonly outer: Namespaces | null;
  /** Number of declarations in this list. */
  readonly size: number;
}

export type XmlNode = XmlElement | string;

/**
 * An element as the strict reader read it: without comments, with CDATA and references expanded to text, and adjacent text
 * joined. It does not show whether the element was signed: see `VerifiedXml`.
 */
export class XmlElement {
  /** Name as written, prefix included. */
  readonly qualifiedName: string;
  readonly prefix: string;
  readonly localName: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Every declaration in scope, innermost first. */
  readonly namespaces: Namespaces | null;
  readonly children: readonly XmlNode[];
  readonly parent: XmlElement | null;
  /** Whether the source had a comment directly inside this element. Set by the reader, which drops the comment itself. */
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

  /** Value of the attribute with this name and no namespace; `undefined` if absent. */
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

  /** Child elements with this expanded name, in document order. */
  all(namespace: string, localName: string): XmlElement[] {
    const found: XmlElement[] = [];
    for (const child of this.children) {
      if (typeof child !== 'string' && child.is(namespace, localName)) found.push(child);
    }
    return found;
  }

  /** Text of the element itself, without that of its child elements. */
  get text(): string {
    if (this.children.length === 1 && typeof this.children[0] === 'string') return this.children[0];
    return this.children.filter((child) => typeof child === 'string').join('');
  }

  /** Whether the element has no child elements. */
  get isLeaf(): boolean {
    return this.children.every((child) => typeof child === 'string');
  }

  /** This element and all its descendants, in document order. */
  descendants(): XmlElement[] {
    const found: XmlElement[] = [];
    addWithDescendants(this, found);
    return found;
  }
}

// Recursion is safe, because the reader limits the depth.
function addWithDescendants(element: XmlElement, found: XmlElement[]): void {
  found.push(element);
  for (const child of element.children) if (typeof child !== 'string') addWithDescendants(child, found);
}

/** URI bound to `prefix` (`''`: the default namespace); `undefined` if undeclared. The caller handles the prefix `xml`. */
export function lookupNamespace(namespaces: Namespaces | null, prefix: string): string | undefined {
  for (let entry = namespaces; entry !== null; entry = entry.outer) {
    if (entry.prefix === prefix) return entry.uri;
  }
  return undefined;
}

/** Whether an inner declaration of the same prefix overrides this one. */
export function isShadowed(entry: Namespaces, innermost: Namespaces | null): boolean {
  for (let other = innermost; other !== entry && other !== null; other = other.outer) {
    if (other.prefix === entry.prefix) return true;
  }
  return false;
}

/** Trims XML white space only, unlike `String.prototype.trim`. */
export function trimWhiteSpace(text: string): string {
  return trimEnds(text, isWhiteSpace);
}

/** Collapses white space, as XML Schema 2, 4.3.6 prescribes for URIs and dates: runs become one space, the ends are trimmed. */
export function collapseWhiteSpace(text: string): string {
  if (!/[\t\n\r ]/.test(text)) return text;
  // Processed as bytes: String.replace takes a tenth of a second for a megabyte.
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (!isWhiteSpace(byte)) bytes[length++] = byte;
    else if (length > 0 && bytes[length - 1] !== SPACE) bytes[length++] = SPACE;
  }
  return bytes.toString('utf8', 0, bytes[length - 1] === SPACE ? length - 1 : length);
}
