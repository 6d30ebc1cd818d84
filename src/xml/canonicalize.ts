import { SamlError } from '../errors.ts';
import { isShadowed, type XmlAttribute, type XmlElement } from './element.ts';
import { XML_NAMESPACE } from './names.ts';

/** A canonicalization method. The reader drops comments, so `WithComments` variants need no method of their own. */
export type Canonicalization =
  /** Canonical XML 1.0 (https://www.w3.org/TR/xml-c14n). */
  | { readonly method: 'inclusive' }
  /** Exclusive XML Canonicalization 1.0 (https://www.w3.org/TR/xml-exc-c14n/); `''` in `prefixes` is `#default`. */
  | { readonly method: 'exclusive'; readonly prefixes: ReadonlySet<string> };

export interface CanonicalizeOptions {
  /** A descendant that is omitted: the enveloped signature. */
  readonly omit?: XmlElement | undefined;
  /** Maximum length of the result: declarations that each child repeats can make it much larger than the source. */
  readonly maxLength?: number | undefined;
}

/** Namespace declarations already written to the output, innermost first. */
interface Rendered {
  readonly prefix: string;
  readonly uri: string;
  readonly outer: Rendered | null;
}

/**
 * Returns the canonical form of `apex` and its descendants, in time linear in its size.
 *
 * Does not copy inherited `xml:*` attributes, which inclusive canonicalization requires: the caller must refuse them.
 *
 * @throws SamlError `message_too_large` when the canonical form exceeds `maxLength` characters
 */
export function canonicalize(apex: XmlElement, how: Canonicalization, options: CanonicalizeOptions = {}): string {
  const { omit, maxLength = Number.POSITIVE_INFINITY } = options;
  let output = '';

  // Recursion is safe: the reader bounds the depth.
  function write(element: XmlElement, outer: Rendered | null): void {
    const name = element.qualifiedName;
    output += `<${name}`;
    const rendered = renderDeclarations(element, outer);
    for (const { prefix, uri } of addedDeclarations(rendered, outer)) {
      output += prefix === '' ? ` xmlns="${escapeAttribute(uri)}"` : ` xmlns:${prefix}="${escapeAttribute(uri)}"`;
    }
    for (const attribute of sortAttributes(element.attributes)) {
      const { prefix, localName } = attribute;
      output += ` ${prefix === '' ? localName : `${prefix}:${localName}`}="${escapeAttribute(attribute.value)}"`;
    }
    output += '>';
    for (const child of element.children) {
      if (typeof child !== 'string') {
        if (child !== omit) write(child, rendered);
        continue;
      }
      if (!textEscapes.some.test(child)) {
        output += child;
        continue;
      }
      // Checked before escaping, because escaping a megabyte of ">" is slow.
      if (child.length >= longText && output.length + escapedLength(child, textEscapes) > maxLength) tooLarge();
      output += escapeCharacters(child, textEscapes);
    }
    output += `</${name}>`;
    if (output.length > maxLength) tooLarge();
  }

  function tooLarge(): never {
    throw new SamlError('message_too_large', {
      hint: `The canonical form of <${apex.localName}> exceeds ${maxLength} characters: it repeats namespace declarations and escapes characters. Real identity providers do not send such messages.`,
      details: { limit: 'bytes', expected: maxLength },
    });
  }

  function renderDeclarations(element: XmlElement, outer: Rendered | null): Rendered | null {
    let rendered = outer;
    const own = element === apex ? null : (element.parent?.namespaces ?? null);
    if (how.method === 'exclusive') {
      // Exclusive C14N 3: the visibly utilized prefixes ...
      if (element.namespace !== XML_NAMESPACE) rendered = render(element.prefix, element.namespace, rendered);
      for (const { prefix, namespace } of element.attributes) {
        if (prefix !== '' && namespace !== XML_NAMESPACE) rendered = render(prefix, namespace, rendered);
      }
      if (how.prefixes.size === 0) return rendered;
    }
    // ... and the prefixes of the PrefixList, which follow Canonical XML: all in scope, changed only by declarations.
    for (let entry = element.namespaces; entry !== own && entry !== null; entry = entry.outer) {
      if (how.method === 'exclusive' && !how.prefixes.has(entry.prefix)) continue;
      if (element === apex && isShadowed(entry, element.namespaces)) continue;
      rendered = render(entry.prefix, entry.uri, rendered);
    }
    return rendered;
  }

  write(apex, null);
  return output;
}

function render(prefix: string, uri: string, rendered: Rendered | null): Rendered | null {
  let current: string | undefined;
  for (let entry = rendered; entry !== null; entry = entry.outer) {
    if (entry.prefix !== prefix) continue;
    current = entry.uri;
    break;
  }
  // xmlns="" is written only inside an element whose output declares a default namespace.
  return (current ?? (prefix === '' ? '' : undefined)) === uri ? rendered : { prefix, uri, outer: rendered };
}

/** The declarations that one element adds, sorted by prefix in code-point order (Canonical XML 2.2). */
function addedDeclarations(rendered: Rendered | null, outer: Rendered | null): readonly Rendered[] {
  if (rendered === outer) return [];
  const own: Rendered[] = [];
  for (let entry = rendered; entry !== outer && entry !== null; entry = entry.outer) own.push(entry);
  return own.length === 1 ? own : own.sort((a, b) => compareCodePoints(a.prefix, b.prefix));
}

type Order = (a: XmlAttribute, b: XmlAttribute) => number;

const byLocalName: Order = (a, b) => compareCodePoints(a.localName, b.localName);

/** Sorts attributes by namespace, then by local name, in code-point order (Canonical XML 2.2). */
function sortAttributes(attributes: readonly XmlAttribute[]): readonly XmlAttribute[] {
  if (attributes.length < 2) return attributes;
  const isMixed = attributes.some(({ namespace }) => namespace !== attributes[0]?.namespace);
  const order = isMixed ? byNamespace(attributes) : byLocalName;
  const isSorted = attributes.every((attribute, i) => i === 0 || order(attributes[i - 1] ?? attribute, attribute) < 0);
  return isSorted ? attributes : attributes.toSorted(order);
}

const byShortNamespace: Order = (a, b) => compareCodePoints(a.namespace, b.namespace) || byLocalName(a, b);

/** Ranks long namespaces once, instead of comparing them for each pair of attributes. */
function byNamespace(attributes: readonly XmlAttribute[]): Order {
  if (attributes.every(({ namespace }) => namespace.length < 128)) return byShortNamespace;
  const namespaces = [...new Set(attributes.map(({ namespace }) => namespace))].sort(compareCodePoints);
  const rank = new Map(namespaces.map((namespace, i) => [namespace, i]));
  return (a, b) => (rank.get(a.namespace) ?? 0) - (rank.get(b.namespace) ?? 0) || byLocalName(a, b);
}

/** Compares by code point, as the standard requires. JavaScript compares UTF-16 units, which sorts U+FFFD after U+10000. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x <= 0xdfff;
    const ySurrogate = y >= 0xd800 && y <= 0xdfff;
    return xSurrogate === ySurrogate ? x - y : xSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}

interface Escapes {
  readonly some: RegExp;
  readonly each: RegExp;
  readonly written: ReadonlyMap<string, string>;
  /** By character code; `undefined` for characters that are not escaped. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  readonly lengths: Uint8Array;
}

const textEscapes = createEscapes(/[&<>\r]/, /[&<>\r]/g, { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' });
const attributeEscapes = createEscapes(/[&<"\t\n\r]/, /[&<"\t\n\r]/g, {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
});

/** Escapes an attribute value (Canonical XML 2.3). */
function escapeAttribute(text: string): string {
  return attributeEscapes.some.test(text) ? escapeCharacters(text, attributeEscapes) : text;
}

function createEscapes(some: RegExp, each: RegExp, written: Readonly<Record<string, string>>): Escapes {
  const entries = Object.entries(written);
  const bytes: (Uint8Array | undefined)[] = Array.from({ length: 256 });
  const lengths = new Uint8Array(256).fill(1);
  for (const [character, reference] of entries) {
    bytes[character.charCodeAt(0)] = Buffer.from(reference);
    lengths[character.charCodeAt(0)] = reference.length;
  }
  return { some, each, written: new Map(entries), bytes, lengths };
}

const longText = 256;

function escapedLength(text: string, { lengths }: Escapes): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) length += lengths[text.charCodeAt(i)] ?? 1;
  return length;
}

// Long text is escaped as bytes: String.replace takes a tenth of a second for a megabyte of ">".
function escapeCharacters(text: string, { each, written, bytes, lengths }: Escapes): string {
  if (text.length < longText) return text.replace(each, (character) => written.get(character) ?? character);
  const input = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < input.length; i++) length += lengths[input[i] ?? 0] ?? 1;
  const output = Buffer.allocUnsafe(length);
  let at = 0;
  for (let i = 0; i < input.length; i++) {
    const byte = input[i] ?? 0;
    const reference = bytes[byte];
    if (reference === undefined) output[at++] = byte;
    else for (let k = 0; k < reference.length; k++) output[at++] = reference[k] ?? 0;
  }
  return output.toString(input.length === text.length ? 'latin1' : 'utf8');
}
