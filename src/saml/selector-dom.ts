import { DOMImplementation, type Element, type Node } from '@xmldom/xmldom';
import { SamlError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { namespaces } from './names.ts';

// xpath compares each node of a result with each other one.
const maxElements = 1000;
const maxAttributes = 4000;

/**
 * The Assertion of a verified document as a DOM of its own, for XPath: made from the verified tree, so that no other
 * parser reads the text again.
 *
 * @param root the verified Assertion, or the verified Response around it
 * @throws SamlError `message_too_large` for more than 1,000 elements or 4,000 attributes
 */
export function assertionDom(root: XmlElement): Element {
  const source = root.is(namespaces.assertion, 'Assertion') ? root : root.all(namespaces.assertion, 'Assertion')[0];
  if (!source) throw new TypeError('an XPath selector needs a verified Assertion');
  const document = new DOMImplementation().createDocument(null, '');
  const positions = new Map<Node, number>();
  // xpath sorts by this; xmldom's own takes time linear in the siblings.
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
  let elements = 0;
  let attributes = 0;
  const copy = (element: XmlElement, parent: Node): Element => {
    elements += 1;
    attributes += element.attributes.length;
    if (elements > maxElements || attributes > maxAttributes) refuseSize();
    const made = number(document.createElementNS(element.namespace || null, element.qualifiedName));
    for (const { prefix, localName, namespace, value } of element.attributes) {
      made.setAttributeNS(namespace || null, prefix ? `${prefix}:${localName}` : localName, value);
    }
    for (const attribute of made.attributes) number(attribute);
    parent.appendChild(made);
    for (const child of element.children) {
      if (typeof child === 'string') made.appendChild(number(document.createTextNode(child)));
      else copy(child, made);
    }
    return made;
  };
  return copy(source, number(document));
}

function refuseSize(): never {
  throw new SamlError('message_too_large', {
    hint: `An XPath mapping reads assertions of at most ${maxElements} elements and ${maxAttributes} attributes; this one has more. Map the attribute by its Name instead, or send fewer attributes.`,
    details: { limit: 'elements', expected: maxElements },
  });
}
