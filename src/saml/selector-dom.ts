import { DOMImplementation, type Element, type Node } from '@xmldom/xmldom';
import { SamlError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { namespaces } from './names.ts';

// These limits bound the cost: xpath compares all nodes of a result pairwise, and each step or function may read all
// text.
const limits = { elements: 1000, attributes: 4000, characters: 65_536 };

/**
 * The Assertion of a verified document as a separate DOM, for XPath. It is made from the verified tree, so that no
 * other parser reads the text again.
 *
 * @param root the verified Assertion, or the verified Response around it
 * @throws SamlError `message_too_large` for more than 1,000 elements, 4,000 attributes, or 65,536 characters of text and attribute
 * values
 */
export function assertionDom(root: XmlElement): Element {
  const source = root.is(namespaces.assertion, 'Assertion') ? root : root.all(namespaces.assertion, 'Assertion')[0];
  if (!source) throw new TypeError('an XPath selector needs a verified Assertion');
  const document = new DOMImplementation().createDocument(null, '');
  const positions = new Map<Node, number>();
  // xpath sorts by this function; that of xmldom takes time linear in the siblings.
  const compareDocumentPosition = function (this: Node, other: Node): number {
    const difference = (positions.get(other) ?? 0) - (positions.get(this) ?? 0);
    return difference === 0
      ? 0
      : difference > 0
        ? other.DOCUMENT_POSITION_FOLLOWING
        : other.DOCUMENT_POSITION_PRECEDING;
  };
  const number = <N extends Node>(node: N): N => {
    positions.set(node, positions.size);
    return Object.assign(node, { compareDocumentPosition });
  };
  const spent = { elements: 0, attributes: 0, characters: 0 };
  const spend = (limit: keyof typeof limits, amount: number): void => {
    spent[limit] += amount;
    if (spent[limit] > limits[limit]) refuseSize(limit);
  };
  const copy = (element: XmlElement, parent: Node): Element => {
    spend('elements', 1);
    spend('attributes', element.attributes.length);
    const made = number(document.createElementNS(element.namespace || null, element.qualifiedName));
    for (const { prefix, localName, namespace, value } of element.attributes) {
      spend('characters', value.length);
      made.setAttributeNS(namespace || null, prefix ? `${prefix}:${localName}` : localName, value);
    }
    for (const attribute of made.attributes) number(attribute);
    parent.appendChild(made);
    for (const child of element.children) {
      if (typeof child === 'string') {
        spend('characters', child.length);
        made.appendChild(number(document.createTextNode(child)));
      } else copy(child, made);
    }
    return made;
  };
  return copy(source, number(document));
}

function refuseSize(limit: keyof typeof limits): never {
  throw new SamlError('message_too_large', {
    hint: `An XPath mapping reads assertions of at most ${limits.elements} elements, ${limits.attributes} attributes and ${limits.characters} characters of text; this one has more ${limit}. Map the attribute by its Name instead, or send fewer attributes.`,
    details: { limit, expected: limits[limit] },
  });
}
