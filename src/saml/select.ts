import type { Element, Node } from '@xmldom/xmldom';
import xpath from 'xpath';
import { detach } from '../xml/detach.ts';
import type { VerifiedXml } from '../xml/signature.ts';
import type { Assertion } from './assertion.ts';
import { assertionDom } from './selector-dom.ts';
import { checkSelector, selectorPrefixes } from './selector-grammar.ts';

/** Where the value of one field comes from: attribute Names or FriendlyNames in order, or an XPath expression. */
export type AttributeSource =
  | { readonly kind: 'attributes'; readonly names: readonly string[] }
  | { readonly kind: 'xpath'; readonly expression: string };

/** A compiled XPath selector. */
export interface Selector {
  readonly expression: string;
  /** @internal */
  readonly evaluate: (assertion: Element) => readonly Node[];
}

// The type declarations of xpath lack parse(), which alone compiles once.
interface Parsed {
  select(options: { node: Node; namespaces: Readonly<Record<string, string>> }): Node[];
}
const { parse } = xpath as unknown as { parse(expression: string): Parsed };

const compiled = new Map<string, Selector>();
const cacheSize = 1000;

/**
 * Compiles a selector: a path of child and attribute steps, relative to the Assertion or from the root
 * (`/saml:Assertion/...`), with predicates. Prefixes: `saml`, `samlp`, `xs`, `xsi`. Each expression is compiled once.
 *
 * @throws TypeError for anything else, with the reason
 */
export function compileSelector(expression: string): Selector {
  const known = compiled.get(expression);
  if (known) return known;
  checkSelector(expression);
  const parsed = parse(expression);
  const selector: Selector = {
    expression,
    evaluate: (node) => parsed.select({ node, namespaces: selectorPrefixes }),
  };
  const oldest = compiled.size < cacheSize ? undefined : compiled.keys().next().value;
  if (oldest !== undefined) compiled.delete(oldest);
  compiled.set(expression, selector);
  return selector;
}

/**
 * Evaluates a selector on a verified assertion: the text of each selected element, attribute or text node, in document
 * order. `null`: nothing was selected.
 *
 * @throws SamlError `message_too_large` for an assertion of more than 1,000 elements, 4,000 attributes or 65,536 characters of text
 */
export function selectValues(selector: Selector, verified: VerifiedXml): readonly string[] | null {
  return valuesOf(selector, assertionDom(verified.root));
}

function valuesOf(selector: Selector, assertion: Element): readonly string[] | null {
  const values = selector.evaluate(assertion).map((node) => detach(node.nodeValue ?? node.textContent ?? ''));
  return values.length === 0 ? null : values;
}

/** Reads mapped values from one assertion. */
export interface AttributeReader {
  /** Values of the first candidate that arrived, `[]` when it arrived without any; `null` when none arrived. */
  read(source: AttributeSource): readonly string[] | null;
}

/**
 * A reader over one verified assertion. A candidate is an attribute's exact Name, else its FriendlyName; several
 * attributes of one name are merged in document order. XPath sees the verified XML only.
 *
 * Its `read` throws SamlError `message_too_large` as {@link selectValues} does, and TypeError as {@link compileSelector}.
 */
export function attributeReader(assertion: Pick<Assertion, 'attributeList'>, verified: VerifiedXml): AttributeReader {
  const byName = new Map<string, string[]>();
  const byFriendlyName = new Map<string, string[]>();
  for (const { name, friendlyName, values } of assertion.attributeList) {
    // The documentation of Entra ID spells one Name with a leading blank.
    append(byName, name.trim(), values);
    if (friendlyName !== undefined) append(byFriendlyName, friendlyName.trim(), values);
  }
  let dom: Element | undefined;
  return {
    read(source) {
      if (source.kind === 'xpath') {
        dom ??= assertionDom(verified.root);
        return valuesOf(compileSelector(source.expression), dom);
      }
      for (const name of source.names) {
        const values = byName.get(name) ?? byFriendlyName.get(name);
        if (values) return values;
      }
      return null;
    },
  };
}

function append(map: Map<string, string[]>, name: string, values: readonly string[]): void {
  const known = map.get(name);
  if (known) for (const value of values) known.push(value);
  else map.set(name, [...values]);
}
