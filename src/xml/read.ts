import { SamlError, type SamlErrorCode } from '../errors.ts';
import {
  codeUnits,
  expandReferences,
  findForbidden,
  normalizeAttributeValue,
  normalizeLineEnds,
} from './characters.ts';
import {
  lookupNamespace,
  type Namespaces,
  type QName,
  type XmlAttribute,
  XmlElement,
  type XmlNode,
} from './element.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { qNameAt, XML_NAMESPACE, XMLNS_NAMESPACE } from './names.ts';

/**
 * Reads a document: well-formed XML 1.0 with namespaces, without DTD and processing instructions, in one linear pass.
 * Stricter than common parsers, so that no two parsers can read different content from one signed document.
 *
 * @param source decoded text; a byte order mark and an XML declaration with UTF-8 are accepted
 * @param around namespaces in scope at the root, for an element taken from another document
 * @returns the root element
 * @throws SamlError `malformed_xml`, `forbidden_xml` or `message_too_large`, with line and column
 */
export function readXml(source: string, limits: Limits = defaultLimits, around: Namespaces | null = null): XmlElement {
  return new Reader(source, limits, around).read();
}

const declaration =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(["'])1\.0\1(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(["'])([A-Za-z][A-Za-z0-9._-]*)\2)?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(["'])(?:yes|no)\4)?[ \t\n]*\?>/;
// The limit of SAML for entity IDs (Core 8.3.6). Canonical XML repeats a namespace in each element that uses it.
const maxNamespace = 1024;
// Real elements have about ten attributes. The limit bounds the cost of sorting and comparing them.
const maxAttributes = 64;
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:/;

const END = 0;
const TAB = 9;
const LF = 10;
const SPACE = 32;
const EXCLAMATION = 33;
const QUOTE = 34;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const SLASH = 47;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;
const BRACKET = 93;
/** The highest code unit that XML 1.0 allows. */
const LAST = 0xfffd;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Shared by all elements without attributes, to save memory. */
const noAttributes: Writable<XmlAttribute>[] = [];

class Reader {
  text: string;
  /** Code units of {@link text}. */
  readonly codes: Uint16Array;
  readonly limits: Limits;
  readonly around: Namespaces | null;
  at = 0;
  elements = 0;
  attributes = 0;
  /** Value of {@link elements} when the prefix xml was last declared. */
  declaresXml = 0;

  constructor(source: string, limits: Limits, around: Namespaces | null) {
    this.limits = limits;
    this.around = around;
    // The number of characters is checked first, because it is cheap and never exceeds the number of bytes.
    const bytes = source.length > limits.bytes ? source.length : Buffer.byteLength(source);
    if (bytes > limits.bytes) {
      throw new SamlError('message_too_large', {
        hint: `The XML has at least ${bytes} bytes; the limit is ${limits.bytes} (option limits.bytes). Configure the identity provider to send fewer groups or attributes, or raise the limit.`,
        details: { limit: 'bytes', expected: limits.bytes, received: bytes },
      });
    }
    this.text = source.startsWith('\uFEFF') ? source.slice(1) : source;
    const excluded = findForbidden(this.text);
    if (excluded !== -1) this.fail('malformed_xml', excluded, 'a character that XML 1.0 excludes');
    this.text = normalizeLineEnds(this.text);
    this.codes = codeUnits(this.text);
  }

  read(): XmlElement {
    const text = this.text;
    const codes = this.codes;
    this.readDeclaration();
    let root: XmlElement | null = null;
    let open: XmlElement | null = null;
    let children: XmlNode[] = [];
    const outerChildren: XmlNode[][] = [];
    let pending = '';

    for (;;) {
      if (open === null) this.expectWhitespace();
      else pending += this.readText();
      const less = this.at;
      if (codes[less] === END) break;

      const code = codes[less + 1];
      if (code === EXCLAMATION) {
        if (text.startsWith('<!--', less)) {
          this.skipComment(less);
          if (open !== null) open.hasComment = true;
        } else if (text.startsWith('<![CDATA[', less)) {
          if (open === null) this.fail('malformed_xml', less, 'a CDATA section is outside the root element');
          const close = text.indexOf(']]>', less + 9);
          if (close === -1) this.fail('malformed_xml', less, 'a CDATA section is not closed');
          this.expectCharacters(less, close);
          pending += text.slice(less + 9, close);
          this.at = close + 3;
        } else if (text.startsWith('<!DOCTYPE', less)) {
          this.fail('forbidden_xml', less, 'a document type declaration (DOCTYPE); SAML forbids it');
        } else this.fail('malformed_xml', less, '"<!" does not begin a comment or a CDATA section');
        continue;
      }
      if (code === QUESTION)
        this.fail('forbidden_xml', less, 'a processing instruction, or an XML declaration that is not at the start');

      if (code === SLASH) {
        if (open === null) this.fail('malformed_xml', less, 'an end tag without a start tag');
        if (pending !== '') {
          // Most elements have one text: an array literal takes a fraction of the memory of an array grown by push().
          if (children.length === 0) (open as Writable<XmlElement>).children = [pending];
          else children.push(pending);
          pending = '';
        }
        this.readEndTag(less, open);
        open = open.parent;
        children = outerChildren.pop() ?? [];
        continue;
      }

      if (open === null && root !== null) this.fail('malformed_xml', less, 'a second root element');
      if (pending !== '') {
        children.push(pending);
        pending = '';
      }
      const own: XmlNode[] = [];
      const element: XmlElement = this.readStartTag(less, open, own);
      if (open === null) root = element;
      else children.push(element);
      if (outerChildren.length >= this.limits.depth) this.refuseLimit(less, 'depth', 'nested elements');
      if (codes[this.at - 2] === SLASH) continue;
      outerChildren.push(children);
      children = own;
      open = element;
    }

    if (open !== null)
      this.fail(
        'malformed_xml',
        text.length,
        `the document ends inside <${open.qualifiedName}>; a size limit of a proxy, firewall or body parser may have truncated it`,
      );
    if (root === null) this.fail('malformed_xml', text.length, 'there is no root element');
    return root;
  }

  readDeclaration(): void {
    const text = this.text;
    if (!/^<\?xml[ \t\n?]/.test(text)) return;
    const match = declaration.exec(text);
    if (match === null) this.fail('malformed_xml', 0, 'the XML declaration is not that of XML 1.0');
    if (match[3] !== undefined && match[3].toLowerCase() !== 'utf-8') {
      this.fail('forbidden_xml', 0, `the encoding ${match[3].slice(0, 40)}; only UTF-8 is accepted`);
    }
    this.at = match[0].length;
  }

  expectWhitespace(): void {
    this.skipSpace();
    const code = this.codes[this.at];
    if (code !== LESS && code !== END) this.fail('malformed_xml', this.at, 'text outside the root element');
  }

  /** Text up to the next `<`, or to the end. */
  readText(): string {
    const codes = this.codes;
    const start = this.at;
    let at = start;
    let plain = true;
    for (let code = codes[at]; code !== LESS; code = codes[++at]) {
      if (code === undefined || code === END) break;
      if (code > GREATER) {
        if (code > LAST) this.refuseCharacter(at);
      } else if (code === AMPERSAND) plain = false;
      // The character before any text is ">", so both brackets belong to this text.
      else if (code === GREATER && codes[at - 1] === BRACKET && codes[at - 2] === BRACKET) {
        this.fail('malformed_xml', at - 2, '"]]>" in text');
      } else if (code < SPACE && !isSpace(code)) this.refuseCharacter(at);
    }
    this.at = at;
    if (at === start) return '';
    const raw = this.text.slice(start, at);
    return plain ? raw : this.expand(raw, start);
  }

  expand(raw: string, offset: number): string {
    return expandReferences(raw, (at, problem) => this.fail('malformed_xml', offset + at, problem));
  }

  expectCharacters(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const code = this.codes[at] ?? 0;
      if (code > LAST || (code < SPACE && !isSpace(code))) this.refuseCharacter(at);
    }
  }

  refuseCharacter(at: number): never {
    this.fail('malformed_xml', at, 'a character that XML 1.0 excludes');
  }

  skipComment(start: number): void {
    const end = this.text.indexOf('--', start + 4);
    if (end === -1) this.fail('malformed_xml', start, 'a comment is not closed');
    this.expectCharacters(start, end);
    if (this.codes[end + 2] !== GREATER) this.fail('malformed_xml', end, '"--" inside a comment');
    this.at = end + 3;
  }

  readEndTag(start: number, open: XmlElement): void {
    this.at = start + 2;
    const name = this.readName();
    this.skipSpace();
    if (name.written !== open.qualifiedName || this.codes[this.at] !== GREATER) {
      this.fail('malformed_xml', start, `the end tag does not match <${open.qualifiedName}>`);
    }
    this.at++;
  }

  readStartTag(start: number, parent: XmlElement | null, children: XmlNode[]): XmlElement {
    const codes = this.codes;
    if (++this.elements > this.limits.elements) this.refuseLimit(start, 'elements', 'elements');
    this.at = start + 1;
    const name = this.readName();
    const outer = parent === null ? this.around : parent.namespaces;
    let namespaces = outer;
    let attributes: Writable<XmlAttribute>[] = noAttributes;

    for (;;) {
      const before = this.at;
      this.skipSpace();
      const code = codes[this.at];
      if (code === GREATER) break;
      if (code === SLASH && codes[this.at + 1] === GREATER) {
        this.at++;
        break;
      }
      if (this.at === before) {
        this.fail('malformed_xml', before, `<${name.written}> is not closed, or white space is missing in it`);
      }
      if (++this.attributes > this.limits.attributes) this.refuseLimit(before, 'attributes', 'attributes');
      const attributeStart = this.at;
      const attribute = this.readName();
      const value = this.readAttributeValue(attribute);
      const { prefix, localName } = attribute;
      if (prefix === 'xmlns' || attribute.written === 'xmlns') {
        namespaces = this.declare(attributeStart, attribute, value, namespaces, outer);
      } else {
        if (attributes.length === maxAttributes) {
          this.fail('forbidden_xml', attributeStart, `more than ${maxAttributes} attributes on one element`);
        }
        const read = { prefix, localName, namespace: '', value };
        if (attributes === noAttributes) attributes = [read];
        else attributes.push(read);
      }
    }
    this.at++;

    // Resolved last, because a declaration may follow the attribute that uses it.
    for (const attribute of attributes) {
      if (attribute.prefix === '') continue;
      attribute.namespace = this.resolve(start, attribute.prefix, namespaces);
    }
    const repeated = findRepeated(attributes);
    if (repeated !== undefined) this.fail('malformed_xml', start, `two attributes have the name ${repeated.localName}`);
    const namespace = this.resolve(start, name.prefix, namespaces);
    return new XmlElement(name, namespace, attributes, namespaces, children, parent);
  }

  declare(
    at: number,
    name: QName,
    uri: string,
    namespaces: Namespaces | null,
    outer: Namespaces | null,
  ): Namespaces | null {
    const prefix = name.prefix === '' ? '' : name.localName;
    if (prefix === 'xmlns' || uri === XMLNS_NAMESPACE || (prefix === 'xml') !== (uri === XML_NAMESPACE)) {
      this.fail('malformed_xml', at, 'the prefixes xml and xmlns and their namespaces cannot be rebound');
    }
    if (uri.length > maxNamespace) {
      this.fail('forbidden_xml', at, `the namespace of ${name.written} is longer than ${maxNamespace} characters`);
    }
    if (uri === '' ? prefix !== '' : !absoluteUri.test(uri)) {
      this.fail(
        uri === '' ? 'malformed_xml' : 'forbidden_xml',
        at,
        `the namespace of ${name.written} is ${uri === '' ? 'empty' : 'a relative URI'}`,
      );
    }
    for (let entry = namespaces; entry !== outer && entry !== null; entry = entry.outer) {
      if (entry.prefix === prefix) this.fail('malformed_xml', at, `${name.written} is declared twice on one element`);
    }
    // Allowed by the standard and without effect, so it is not recorded: canonical XML does not write it.
    if (prefix === 'xml') {
      if (this.declaresXml === this.elements)
        this.fail('malformed_xml', at, 'xmlns:xml is declared twice on one element');
      this.declaresXml = this.elements;
      return namespaces;
    }
    const size = (namespaces?.size ?? 0) + 1;
    if (size > this.limits.prefixes) this.refuseLimit(at, 'prefixes', 'namespace declarations in scope');
    return { prefix, uri, outer: namespaces, size };
  }

  resolve(at: number, prefix: string, namespaces: Namespaces | null): string {
    if (prefix === 'xml') return XML_NAMESPACE;
    const uri = prefix === 'xmlns' ? undefined : lookupNamespace(namespaces, prefix);
    if (prefix === '') return uri ?? '';
    if (uri === undefined) this.fail('malformed_xml', at, `the prefix ${prefix} is not declared`);
    return uri;
  }

  readName(): QName {
    const codes = this.codes;
    const start = this.at;
    let at = start;
    while (!endsName(codes[at])) at++;
    this.at = at;
    return qNameAt(this.text, codes, start, at) ?? this.fail('malformed_xml', start, 'a name is expected here');
  }

  readAttributeValue(name: QName): string {
    const codes = this.codes;
    this.skipSpace();
    if (codes[this.at] !== EQUALS) this.fail('malformed_xml', this.at, `the attribute ${name.written} has no value`);
    this.at++;
    this.skipSpace();
    const quote = codes[this.at];
    if (quote !== QUOTE && quote !== APOSTROPHE) {
      this.fail('malformed_xml', this.at, `the value of ${name.written} is not quoted`);
    }
    const start = this.at + 1;
    let end = start;
    let refers = false;
    let spaced = false;
    for (let code = codes[end]; code !== quote; code = codes[++end]) {
      if (code === undefined || code === END)
        this.fail('malformed_xml', this.at, `the value of ${name.written} is not closed`);
      if (code > LESS) {
        if (code > LAST) this.refuseCharacter(end);
      } else if (code === LESS) this.fail('malformed_xml', start, `"<" in the value of ${name.written}`);
      else if (code === AMPERSAND) refers = true;
      else if (code < SPACE) {
        if (!isSpace(code)) this.refuseCharacter(end);
        spaced = true;
      }
    }
    this.at = end + 1;
    const raw = this.text.slice(start, end);
    const normalized = spaced ? normalizeAttributeValue(raw) : raw;
    return refers ? this.expand(normalized, start) : normalized;
  }

  skipSpace(): void {
    while (isSpace(this.codes[this.at])) this.at++;
  }

  refuseLimit(offset: number, limit: keyof Limits, what: string): never {
    const { line, column } = this.locate(offset);
    throw new SamlError('message_too_large', {
      hint: `More than ${this.limits[limit]} ${what} at line ${line}, column ${column} (option limits.${limit}). Configure the identity provider to send fewer groups or attributes, or raise the limit.`,
      details: { limit, expected: this.limits[limit], line, column },
    });
  }

  fail(code: SamlErrorCode & ('malformed_xml' | 'forbidden_xml'), offset: number, problem: string): never {
    const { line, column } = this.locate(offset);
    throw new SamlError(code, {
      hint: `Line ${line}, column ${column}: ${problem}. The message was damaged in transit or not made by an identity provider; start the login again.`,
      details: { line, column, problem },
    });
  }

  locate(offset: number): { readonly line: number; readonly column: number } {
    let line = 1;
    let lineStart = 0;
    for (let at = 0; at < offset; at++) {
      if (this.text.charCodeAt(at) !== LF) continue;
      line++;
      lineStart = at + 1;
    }
    return { line, column: offset - lineStart + 1 };
  }
}

/** Finds an attribute whose expanded name occurred before (Namespaces in XML 6.3). */
function findRepeated(attributes: readonly XmlAttribute[]): XmlAttribute | undefined {
  if (attributes.length < 2) return undefined;
  if (attributes.length <= 8) {
    return attributes.find(({ localName, namespace }, i) => {
      for (let k = 0; k < i; k++) {
        if (attributes[k]?.localName === localName && attributes[k]?.namespace === namespace) return true;
      }
      return false;
    });
  }
  // Namespaces are numbered, because they may be long: the keys stay short.
  const numbers = new Map<string, number>();
  const seen = new Set<string>();
  return attributes.find(({ localName, namespace }) => {
    const number = numbers.get(namespace) ?? numbers.size;
    numbers.set(namespace, number);
    const name = namespace === '' ? localName : `${number}:${localName}`;
    if (seen.has(name)) return true;
    seen.add(name);
    return false;
  });
}

/** Whether a code unit ends a name: white space, `/`, `=`, `>` and the end of the document. */
function endsName(code: number | undefined): boolean {
  return (
    code === undefined || (code <= GREATER && (code <= SPACE || code === GREATER || code === EQUALS || code === SLASH))
  );
}

function isSpace(code: number | undefined): boolean {
  return code === SPACE || code === LF || code === TAB;
}
