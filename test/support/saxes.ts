import { SaxesParser } from 'saxes';
import { SamlError } from '../../src/errors.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { XMLNS_NAMESPACE } from '../../src/xml/names.ts';
import { readXml } from '../../src/xml/read.ts';

/** All that a namespace-aware application sees of an element. */
export interface Infoset {
  readonly name: string;
  readonly namespace: string;
  /** `{namespace}name=value`, namespace declarations left out, in document order. */
  readonly attributes: readonly string[];
  readonly children: readonly (Infoset | string)[];
}

/** What saxes 6 makes of a document. */
export interface SaxesReading {
  /** `null` when it is not well-formed. */
  readonly infoset: Infoset | null;
  readonly error: string | undefined;
  /** Well-formed, but of what the strict reader never accepts: DTDs, processing instructions, relative namespaces, ... */
  readonly excluded: boolean;
  /** Where saxes itself departs from the standard: see {@link isLax}. */
  readonly lax: boolean;
}

/** Reads a document with saxes. */
export function readWithSaxes(xml: string): SaxesReading {
  const parser = new SaxesParser({ xmlns: true });
  const root: (Infoset | string)[] = [];
  const stack = [root];
  let error: string | undefined;
  let excluded = false;
  let lax = false;
  const exclude = (): void => {
    excluded = true;
  };
  parser.on('error', (found) => {
    error ??= found.message;
  });
  parser.on('doctype', exclude);
  parser.on('processinginstruction', exclude);
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0' || (encoding !== undefined && encoding.toLowerCase() !== 'utf-8')) exclude();
  });
  parser.on('text', (text) => stack.length > 1 && stack.at(-1)?.push(text));
  parser.on('cdata', (text) => stack.at(-1)?.push(text));
  parser.on('opentag', ({ name, uri, attributes }) => {
    const all = Object.values(attributes);
    if (all.some((a) => a.uri === XMLNS_NAMESPACE && a.value !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(a.value)))
      exclude();
    lax ||= isLax(name) || all.some((a) => isLax(a.name) || (a.uri === XMLNS_NAMESPACE && a.value !== a.value.trim()));
    const own = all.filter((a) => a.uri !== XMLNS_NAMESPACE).map((a) => `{${a.uri}}${a.name}=${a.value}`);
    const children: (Infoset | string)[] = [];
    stack.at(-1)?.push({ name, namespace: uri, attributes: own, children });
    stack.push(children);
  });
  parser.on('closetag', () => stack.pop());
  parser.write(xml).close();
  const top = root.map(merged)[0];
  return {
    infoset: error !== undefined || top === undefined || typeof top === 'string' ? null : top,
    error,
    excluded,
    lax,
  };
}

/**
 * saxes lets any name character begin a local part. Besides, it trims namespace URIs, and takes a high surrogate with any
 * character for a pair: it should not be asked about those.
 */
function isLax(name: string): boolean {
  return /:(?:[-.0-9\xB7\u203F\u2040]|[\u0300-\u036F])/.test(name);
}

/** Our reader's tree, or the SamlError that it refuses the document with. */
export function readOrRefuse(xml: string): XmlElement | SamlError {
  try {
    return readXml(xml);
  } catch (error) {
    if (error instanceof SamlError) return error;
    throw error;
  }
}

/** The same of our reader. */
export function infosetOf(element: XmlElement): Infoset {
  return {
    name: element.qualifiedName,
    namespace: element.namespace,
    attributes: element.attributes.map(
      ({ prefix, localName, namespace, value }) => `{${namespace}}${prefix && `${prefix}:`}${localName}=${value}`,
    ),
    children: element.children.map((child) => (typeof child === 'string' ? child : infosetOf(child))),
  };
}

function merged(node: Infoset | string): Infoset | string {
  if (typeof node === 'string') return node;
  const children: (Infoset | string)[] = [];
  for (const child of node.children.map(merged)) {
    const last = children.at(-1);
    if (typeof child === 'string' && typeof last === 'string') children[children.length - 1] = last + child;
    else if (child !== '') children.push(child);
  }
  return { ...node, children };
}
