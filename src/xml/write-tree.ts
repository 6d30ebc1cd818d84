import { isShadowed, type XmlElement } from './element.ts';

export interface WriteTreeOptions {
  /** A descendant on which all declarations in scope are repeated. */
  readonly declareOn?: XmlElement | undefined;
  /** A descendant that is omitted. */
  readonly omit?: XmlElement | undefined;
  /** XML written before the children of the element. */
  readonly first?: string | undefined;
}

/**
 * Writes an element as a document of its own: with all namespace declarations in scope, and with references for characters
 * that some parsers change, so that another parser reads the same infoset.
 */
export function writeTree(apex: XmlElement, { declareOn, omit, first = '' }: WriteTreeOptions = {}): string {
  const parts: string[] = [];
  const visit = (element: XmlElement): void => {
    const name = element.qualifiedName;
    parts.push('<', name);
    const outer = element === apex || element === declareOn ? null : (element.parent?.namespaces ?? null);
    for (let entry = element.namespaces; entry !== outer && entry !== null; entry = entry.outer) {
      if (isShadowed(entry, element.namespaces)) continue;
      parts.push(entry.prefix === '' ? ' xmlns="' : ` xmlns:${entry.prefix}="`, inValue(entry.uri), '"');
    }
    for (const { prefix, localName, value } of element.attributes) {
      parts.push(' ', prefix === '' ? localName : `${prefix}:${localName}`, '="', inValue(value), '"');
    }
    parts.push('>');
    if (element === apex) parts.push(first);
    for (const child of element.children) {
      if (typeof child === 'string') parts.push(inText(child));
      else if (child !== omit) visit(child);
    }
    parts.push('</', name, '>');
  };
  visit(apex);
  return parts.join('');
}

// Markup, white space that parsers normalize, and unusual characters: xmldom converts U+0085 and U+2028 to line feeds. As few
// as possible, because xmldom takes long for each reference.
const inText = (text: string): string =>
  text.replace(/[&<>\r\x7F-\x9F\u2028\u2029\uFFFD]|[\u{10000}-\u{10FFFF}]/gu, reference);
const inValue = (text: string): string =>
  text.replace(/[&<"\t\r\n\x7F-\x9F\u2028\u2029\uFFFD]|[\u{10000}-\u{10FFFF}]/gu, reference);

function reference(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
