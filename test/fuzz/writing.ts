import { namespaces } from '../../src/saml/names.ts';
import type { Random } from './random.ts';

/** An element to be written in some style; `''` as namespace of an attribute is none. */
export interface Element {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** Elements, text, or markup that is written as it is. */
  readonly children: readonly (Element | string | { readonly markup: string })[];
}

const prefixes = [
  'saml',
  'saml2',
  'samlp',
  'saml2p',
  'a',
  'A',
  'b',
  'x-1.z',
  '_',
  'é',
  '名',
  'xmlnsx',
  'ns0',
  'constructor',
  'ds',
];
const unused = ['xs', 'xsi', 'un.used', 'Z', 'soap'];

/** One way to write XML: of all that the standards leave to the writer, what this writer does. */
export class Style {
  readonly #random: Random;
  readonly #prefixes = new Map<string, string>();
  /** Where namespaces are declared: on the root, or where they are used. */
  readonly #early: boolean;
  readonly #indent: boolean;
  readonly #odd: boolean;

  constructor(random: Random) {
    this.#random = random;
    this.#early = random.oneIn(2);
    this.#indent = random.oneIn(2);
    this.#odd = random.oneIn(2);
    const free = [...prefixes];
    for (const uri of [namespaces.protocol, namespaces.assertion]) {
      const prefix = random.oneIn(4) && !this.#values().includes('') ? '' : random.pick(free);
      free.splice(free.indexOf(prefix), 1);
      this.#prefixes.set(uri, prefix);
    }
  }

  /** A document element. */
  document(root: Element): string {
    const random = this.#random;
    const aside = (): string => (this.#odd ? random.pick(['', '\n', '<!-- & < > -->', ' \t', '<!---->\n']) : '');
    const declaration = random.pick([
      '',
      '',
      "<?xml version='1.0'?>",
      '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>',
    ]);
    return `${random.oneIn(8) ? '\uFEFF' : ''}${declaration}${aside()}${this.#element(root, new Map())}${aside()}`;
  }

  /** An element that makes sense where it is read alone. */
  fragment(element: Element): string {
    return this.#element(element, new Map());
  }

  #values(): string[] {
    return [...this.#prefixes.values()];
  }

  #element(element: Element, outer: ReadonlyMap<string, string>): string {
    const random = this.#random;
    const scope = new Map(outer);
    const declarations: [string, string][] = [];
    const declare = (prefix: string, uri: string): void => {
      if (scope.get(prefix) === uri && !random.oneIn(12)) return;
      if (declarations.some(([declared]) => declared === prefix)) return;
      scope.set(prefix, uri);
      declarations.push([prefix, uri]);
    };
    const prefix = this.#prefixes.get(element.namespace) ?? '';
    if (outer.size === 0 && this.#early) for (const [uri, own] of this.#prefixes) declare(own, uri);
    declare(prefix, element.namespace);
    if (this.#odd && random.oneIn(6))
      declare(random.pick(unused), random.pick(['urn:x', 'urn:y', 'http://example.test/?a=1#b']));

    const attributes: [string, string][] = [
      ...declarations.map(([own, uri]): [string, string] => [own === '' ? 'xmlns' : `xmlns:${own}`, uri]),
      ...element.attributes.map(([name, value]): [string, string] => [name, value]),
    ];
    if (random.oneIn(3)) attributes.reverse();
    const name = prefix === '' ? element.name : `${prefix}:${element.name}`;
    const start = `${[name, ...attributes.map(([key, value]) => this.#attribute(key, value))].join(this.#space())}`;
    if (element.children.length === 0 && random.oneIn(2)) return `<${start}/>`;
    const isLeaf = element.children.every((child) => typeof child === 'string');
    const children = element.children.map((child) => {
      if (typeof child === 'string') return this.#text(child);
      return 'markup' in child ? child.markup : this.#gap() + this.#element(child, scope);
    });
    return `<${start}>${children.join('')}${isLeaf ? '' : this.#gap()}</${name}${this.#odd && random.oneIn(4) ? ' \n' : ''}>`;
  }

  #space(): string {
    return this.#odd ? this.#random.pick([' ', '  ', '\n', '\t ']) : ' ';
  }

  #gap(): string {
    if (!this.#indent) return '';
    return this.#odd ? this.#random.pick(['\n  ', ' ', '', '<!-- gap -->\n', '\t&#10;']) : '\n  ';
  }

  #attribute(name: string, value: string): string {
    const quote = this.#random.pick(['"', "'"]);
    const written = Array.from(value, (c) => {
      if (c === quote || c === '<' || c === '&' || c === '\t' || c === '\n' || c === '\r') return this.#refer(c);
      return this.#odd && this.#random.oneIn(20) ? this.#refer(c) : c;
    });
    return `${name}${this.#odd && this.#random.oneIn(8) ? ' = ' : '='}${quote}${written.join('')}${quote}`;
  }

  #text(text: string): string {
    const random = this.#random;
    const pieces = Array.from(text, (c) => {
      if (c === '<' || c === '&' || c === '\r' || c === '>')
        return random.oneIn(2) && c !== '\r' && c !== '>' ? `<![CDATA[${c}]]>` : this.#refer(c);
      return this.#odd && random.oneIn(16) ? this.#refer(c) : c;
    });
    if (this.#odd && random.oneIn(4))
      pieces.splice(random.below(pieces.length + 1), 0, random.pick(['<!-- c -->', '<![CDATA[]]>', '<!---->']));
    return pieces.join('');
  }

  #refer(character: string): string {
    const code = character.codePointAt(0) ?? 0;
    const named: Readonly<Record<string, string>> = {
      '<': '&lt;',
      '>': '&gt;',
      '&': '&amp;',
      '"': '&quot;',
      "'": '&apos;',
    };
    const forms = [`&#${code};`, `&#x${code.toString(16)};`, `&#x00${code.toString(16).toUpperCase()};`];
    return this.#random.pick([named[character] ?? `&#${code};`, ...forms]);
  }
}
