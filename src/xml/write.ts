import { parseQName } from './names.ts';

let create: (xml: string) => XmlFragment;
let read: (fragment: XmlFragment) => string;

/** An XML element to be serialized. Only {@link element} makes one, so that a string is always text and always escaped. */
export class XmlFragment {
  readonly #xml: string;

  /** @internal Use {@link element}. */
  private constructor(xml: string) {
    this.#xml = xml;
  }

  static {
    create = (xml) => new XmlFragment(xml);
    read = (fragment) => fragment.#xml;
  }
}

const NOT_A_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * Creates an element with its attributes (including namespace declarations) and children, in order.
 *
 * @param name qualified name; its prefix must be declared by an `xmlns:prefix` attribute here or on an ancestor
 * @param attributes values by qualified name; `undefined` omits the attribute
 * @param children elements, and strings, which become text
 * @throws TypeError for an invalid qualified name, or a character that XML 1.0 (section 2.2) does not allow
 * @example
 * ```ts
 * import { createTestIdp, element } from 'saml-jit/testing';
 *
 * const idp = createTestIdp({ users: [{ id: 'alice' }] });
 * const advice = element('saml:Advice', { 'xmlns:saml': 'urn:oasis:names:tc:SAML:2.0:assertion' });
 * const [acsUrl, audience] = ['https://app.example.com/sso/acs', 'https://app.example.com/sso/metadata'];
 * idp.respond({ user: 'alice', acsUrl, audience, extraAssertionChildren: [advice] });
 * ```
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  ...children: readonly (XmlFragment | string)[]
): XmlFragment {
  let xml = `<${checkedName(name)}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) xml += ` ${checkedName(attribute)}="${escapeAttribute(value)}"`;
  }
  const content = children.map((child) => (child instanceof XmlFragment ? read(child) : escapeText(child))).join('');
  return create(content === '' ? `${xml}/>` : `${xml}>${content}</${name}>`);
}

/** The XML text of an element, without XML declaration. */
export function serialize(fragment: XmlFragment): string {
  return read(fragment);
}

function checkedName(name: string): string {
  if (parseQName(name) === null) throw new TypeError(`not an XML name: ${JSON.stringify(name)}`);
  return name;
}

// In addition to markup: white space that parsers normalize (XML 1.0, 2.11 and 3.3.3), and U+0085 and U+2028, which are
// line ends in XML 1.1 and for xmldom.
function escapeText(text: string): string {
  return checkedCharacters(text).replace(/[&<>\r\u0085\u2028]/g, reference);
}

function escapeAttribute(value: string): string {
  return checkedCharacters(value).replace(/[&<>"\t\n\r\u0085\u2028]/g, reference);
}

function checkedCharacters(text: string): string {
  const found = NOT_A_CHARACTER.exec(text)?.[0];
  if (found === undefined) return text;
  throw new TypeError(`XML cannot contain the character U+${codePoint(found).padStart(4, '0')}`);
}

function reference(character: string): string {
  if (character === '&') return '&amp;';
  if (character === '<') return '&lt;';
  if (character === '>') return '&gt;';
  if (character === '"') return '&quot;';
  return `&#x${codePoint(character)};`;
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
}
