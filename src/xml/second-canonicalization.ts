import type { Element } from '@xmldom/xmldom';
import { C14nCanonicalization, ExclusiveCanonicalization } from 'xml-crypto';

// xml-crypto 6.3.2 deviates from the standards when it writes namespaces and attributes: it sorts prefixes by locale, drops
// attributes whose names begin with "xmlns", does not escape namespace URIs and does not support `#default`. It would refuse
// valid messages, so these parts are replaced; traversal and text are its own.

/** A canonicalization without comments. `prefixes` is the PrefixList, which may contain `#default`. */
export interface DomCanonicalization {
  readonly isExclusive: boolean;
  readonly prefixes: readonly string[];
}

/** The canonical form of an element of xmldom; only declarations of the element and its descendants are in scope. */
export function canonicalizeDom(element: Element, { isExclusive, prefixes }: DomCanonicalization): string {
  return isExclusive
    ? new Exclusive().processInner(element, [], '', {}, [...prefixes])
    : new Inclusive().processInner(element, [], '', {}, [], []);
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** The part of xmldom's attributes that is used here. */
interface DomAttribute {
  readonly name: string;
  readonly prefix: string | null;
  readonly localName: string | null;
  readonly namespaceURI: string | null;
  readonly value: string;
}

interface DomElement {
  readonly prefix: string | null;
  readonly namespaceURI: string | null;
  readonly attributes: ArrayLike<DomAttribute>;
}

interface Binding {
  readonly prefix: string;
  readonly namespaceURI: string;
}

class Exclusive extends ExclusiveCanonicalization {
  override renderAttrs({ attributes }: DomElement): string {
    return renderAttributes(attributes);
  }

  override renderNs(
    { prefix, namespaceURI, attributes }: DomElement,
    scope: Binding[],
    defaultNs: string,
    _defaultNsForPrefix: unknown,
    prefixes: readonly string[],
  ): { readonly rendered: string; readonly newDefaultNs: string } {
    const declarations = new Declarations(scope, defaultNs);
    declarations.need(prefix ?? '', namespaceURI ?? '');
    for (let index = 0; index < attributes.length; index++) {
      const attribute = attributes[index];
      if (attribute === undefined) continue;
      if (attribute.namespaceURI !== XMLNS) {
        if (attribute.prefix) declarations.need(attribute.prefix, attribute.namespaceURI ?? '');
      } else if (prefixes.includes(attribute.prefix ? (attribute.localName ?? '') : '#default')) {
        declarations.need(declared(attribute), attribute.value);
      }
    }
    return declarations.render();
  }
}

class Inclusive extends C14nCanonicalization {
  override renderAttrs({ attributes }: DomElement): string {
    return renderAttributes(attributes);
  }

  override renderNs(
    { attributes }: DomElement,
    _prefixesInScope: unknown,
    defaultNs: string,
    _defaultNsForPrefix: unknown,
    _ancestorNamespaces: unknown,
    scope: Binding[] = [],
  ): { readonly rendered: string; readonly newDefaultNs: string } {
    const declarations = new Declarations(scope, defaultNs);
    for (let index = 0; index < attributes.length; index++) {
      const attribute = attributes[index];
      if (attribute?.namespaceURI === XMLNS) declarations.need(declared(attribute), attribute.value);
    }
    return declarations.render();
  }
}

/** The prefix that a declaration binds. */
function declared({ prefix, localName }: DomAttribute): string {
  return prefix ? (localName ?? '') : '';
}

/** The declarations of one element. `scope` is xml-crypto's list of bindings in the output, innermost last. */
class Declarations {
  readonly #scope: Binding[];
  readonly #own: Binding[] = [];
  #defaultNs: string;

  constructor(scope: Binding[], defaultNs: string) {
    this.#scope = scope;
    this.#defaultNs = defaultNs;
  }

  need(prefix: string, namespaceURI: string): void {
    if (prefix === 'xml') return;
    const current =
      prefix === '' ? this.#defaultNs : this.#scope.findLast((each) => each.prefix === prefix)?.namespaceURI;
    if (current === namespaceURI) return;
    const binding = { prefix, namespaceURI };
    this.#own.push(binding);
    if (prefix === '') this.#defaultNs = namespaceURI;
    else this.#scope.push(binding);
  }

  render(): { readonly rendered: string; readonly newDefaultNs: string } {
    const rendered = this.#own
      .sort((a, b) => byCodePoint(a.prefix, b.prefix))
      .map(({ prefix, namespaceURI }) => ` xmlns${prefix && ':'}${prefix}="${escapeValue(namespaceURI)}"`)
      .join('');
    return { rendered, newDefaultNs: this.#defaultNs };
  }
}

function renderAttributes(attributes: ArrayLike<DomAttribute>): string {
  const own: DomAttribute[] = [];
  for (let index = 0; index < attributes.length; index++) {
    const attribute = attributes[index];
    if (attribute !== undefined && attribute.namespaceURI !== XMLNS) own.push(attribute);
  }
  return own
    .sort(
      (a, b) =>
        byCodePoint(a.namespaceURI ?? '', b.namespaceURI ?? '') || byCodePoint(a.localName ?? '', b.localName ?? ''),
    )
    .map(({ name, value }) => ` ${name}="${escapeValue(value)}"`)
    .join('');
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/** Canonical XML 2.3, attribute nodes. */
function escapeValue(value: string): string {
  return value.replace(/[&<"\t\n\r]/g, (character) => references[character] ?? character);
}

/** UTF-8 sorts by code point, JavaScript by code unit. */
function byCodePoint(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
