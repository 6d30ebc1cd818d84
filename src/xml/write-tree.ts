import { isShadowed, type XmlElement } from './element.ts';

export interface WriteTreeOptions {
  /** A descendant on which the declarations in force are repeated. */
  readonly declareOn?: XmlElement | undefined;
  /** A descendant that is left out. */
  readonly omit?: XmlElement | undefined;
  /** XML written before the children of the element. */
  readonly first?: string | undefined;
}

/**
 * Writes an element that was read, standing alone: every namespace declaration in force is written on it, and characters
 * that parsers are known to change are written as references. Another parser reads the same infoset from it.
 */
export function writeTree(apex: XmlElement, { declareOn, omit, first = '' }: WriteTreeOptions = {}): string {
  const parts: string[] = [];
  const visit = (element: XmlElement): void => {
    const name = element.qualifiedName;
    parts.push('<', name);
    const outer = element === apex || element === declareOn ? null : (element.parent?.namespaces ?? null);
    for (let entry = element.namespaces; entry !== outer && entry !== null; entry = entry.outer) {
      if (isShadowed(entry, element.namespaces)) continue;
      parts.push(entry.prefix === '' ? ' xmlns="' : ` xmlns:${entry.prefix}="`, escapeSpecial(entry.uri), '"');
    }
    for (const { prefix, localName, value } of element.attributes) {
      parts.push(' ', prefix === '' ? localName : `${prefix}:${localName}`, '="', escapeSpecial(value), '"');
    }
    parts.push('>');
    if (element === apex) parts.push(first);
    for (const child of element.children) {
      if (typeof child === 'string') parts.push(escapeSpecial(child));
      else if (child !== omit) visit(child);
    }
    parts.push('</', name, '>');
  };
  visit(apex);
  return parts.join('');
}

// Markup, white space that normalization would touch, and what is beyond ordinary text: xmldom 0.8 turns U+0085 and
// U+2028 into line feeds.
const special = /[&<>"\t\r\n\x7F-\x9F\u2028\u2029\uFFFD]|[\u{10000}-\u{10FFFF}]/u;
const allSpecial = new RegExp(special.source, 'gu');

function escapeSpecial(text: string): string {
  return special.test(text) ? text.replace(allSpecial, (c) => `&#${c.codePointAt(0)};`) : text;
}
