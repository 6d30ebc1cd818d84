import type { Element, Node } from '@xmldom/xmldom';
import xpath from 'xpath';
import { SamlError } from '../errors.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { copyString } from '../lib/copy-string.ts';
import { trimWhiteSpace } from '../xml/element.ts';
import type { VerifiedXml } from '../xml/signature.ts';
import type { Assertion, AssertionAttribute, AssertionSubject } from './assertion.ts';
import type { AttributeSource } from './attribute-source.ts';
import { attributeNameFormats, namespaces } from './names.ts';
import { nameIdOf } from './read-assertion.ts';
import { assertionDom } from './selector-dom.ts';
import { checkSelector, selectorPrefixes } from './selector-grammar.ts';

/** A compiled XPath selector. */
export interface Selector {
  readonly expression: string;
  /** @internal */
  readonly evaluate: (assertion: Element) => readonly Node[];
}

// The type declarations of xpath lack parse(), the only function that compiles once.
interface Parsed {
  select(options: { node: Node; namespaces: Readonly<Record<string, string>> }): Node[];
}
const { parse } = xpath as unknown as { parse(expression: string): Parsed };

// Limits of one mapped attribute, because customers may write the mapping.
const limits = { values: 5000, characters: 65_536 };

const compiled = boundedCache<string, Selector>(1000);

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
  const values = selector.evaluate(assertion).map((node) => copyString(node.nodeValue ?? node.textContent ?? ''));
  return values.length === 0 ? null : values;
}

/** Reads mapped values from one assertion. */
export interface AttributeReader {
  /** The values of a source; an empty list, or only blank values: received empty. `null`: not received. */
  read(source: AttributeSource): readonly string[] | null;
  /** The NameID elements from which `read` makes the values of this source. */
  nameIds(source: AttributeSource): readonly AssertionSubject[];
}

/**
 * A reader over one verified assertion. Names and FriendlyNames are compared exactly; several attributes of one name are
 * merged in document order. XPath sees the verified XML only.
 *
 * `verified: null` reads attributes without XPath. Its `read` throws SamlError `message_too_large` as {@link selectValues} does, for a list that is split into more than 5,000
 * values, and for parts of more than 65,536 characters that are joined; and TypeError as {@link compileSelector}.
 */
export function attributeReader(
  assertion: Pick<Assertion, 'attributeList'>,
  verified: VerifiedXml | null,
): AttributeReader {
  const byName = new Map<string, AssertionAttribute[]>();
  const byFriendlyName = new Map<string, AssertionAttribute[]>();
  for (const attribute of assertion.attributeList) {
    // The documentation of Entra ID writes one Name with a leading blank.
    append(byName, attribute.name.trim(), attribute);
    if (attribute.friendlyName !== undefined) append(byFriendlyName, attribute.friendlyName.trim(), attribute);
  }
  let parsed: Element | undefined;
  const dom = (): Element => {
    if (verified === null) throw new TypeError('an XPath selector needs the verified XML of the assertion');
    parsed ??= assertionDom(verified.root);
    return parsed;
  };
  /** The attributes that a source of these kinds selects; `null`: none was received. */
  const chosen = (source: NamedSource): readonly AssertionAttribute[] | null => {
    if (source.kind === 'attribute') {
      const found = assertion.attributeList.filter((each) => isMeant(source, each));
      return found.length === 0 ? null : found;
    }
    const candidates = source.names.map((name) => byName.get(name));
    if (source.friendlyNames) candidates.push(...source.names.map((name) => byFriendlyName.get(name)));
    return (
      candidates.find((found) => found?.some(({ values }) => values.some(isFilled))) ?? candidates.find(Boolean) ?? null
    );
  };
  const read = (source: AttributeSource): readonly string[] | null => {
    switch (source.kind) {
      case 'attributes':
      case 'attribute':
        return chosen(source)?.flatMap(({ values }) => values) ?? null;
      case 'firstOf':
        return firstFilled(source.sources, read);
      case 'xpath':
        return valuesOf(compileSelector(source.expression), dom());
      case 'constant':
        return [source.value];
      case 'join':
        return join(source.sources.map(read), source.with);
      case 'split':
        return split(read(source.source), source.on);
      case 'map':
        return lookUp(read(source.source), source.table);
    }
  };
  const nameIds = (source: AttributeSource): readonly AssertionSubject[] => {
    switch (source.kind) {
      case 'attributes':
      case 'attribute':
        return chosen(source)?.flatMap((attribute) => attribute.nameIds ?? []) ?? [];
      case 'firstOf': {
        const first = source.sources.find((each) => read(each)?.some(isFilled));
        return first === undefined ? [] : nameIds(first);
      }
      case 'join':
        return source.sources.flatMap(nameIds);
      case 'split':
      case 'map':
        return nameIds(source.source);
      case 'xpath':
        return compileSelector(source.expression).evaluate(dom()).flatMap(nameIdsAround);
      case 'constant':
        return [];
    }
  };
  return { read, nameIds };
}

/** The NameID that a selected node is or is inside of, else the NameIDs in it: their qualifiers apply to the selected text. */
function nameIdsAround(node: Node): readonly AssertionSubject[] {
  for (let outer: Node | null = node; outer !== null; outer = outer.parentNode)
    if (isElement(outer) && outer.localName === 'NameID' && outer.namespaceURI === namespaces.assertion)
      return [subjectOf(outer)];
  return isElement(node) ? [...node.getElementsByTagNameNS(namespaces.assertion, 'NameID')].map(subjectOf) : [];
}

function isElement(node: Node): node is Element {
  return node.nodeType === node.ELEMENT_NODE;
}

function subjectOf(nameId: Element): AssertionSubject {
  const get = (name: string): string | undefined => nameId.getAttribute(name) ?? undefined;
  return nameIdOf({ get }, trimWhiteSpace(nameId.textContent ?? ''), copyString);
}

type NamedSource = AttributeSource & { readonly kind: 'attributes' | 'attribute' };

function isMeant(source: AttributeSource & { readonly kind: 'attribute' }, attribute: AssertionAttribute): boolean {
  const { nameFormat = attributeNameFormats.unspecified } = attribute;
  return (
    (source.name === undefined || source.name === attribute.name.trim()) &&
    (source.friendlyName === undefined || source.friendlyName === attribute.friendlyName?.trim()) &&
    (source.nameFormat === undefined || source.nameFormat === nameFormat)
  );
}

// Some identity providers send every attribute, many of them empty.
function firstFilled<Candidate>(
  candidates: readonly Candidate[],
  read: (candidate: Candidate) => readonly string[] | null,
): readonly string[] | null {
  let arrived: readonly string[] | null = null;
  for (const candidate of candidates) {
    const values = read(candidate);
    if (values?.some(isFilled)) return values;
    arrived ??= values;
  }
  return arrived;
}

// All parts are required, because a key of some of them could be that of several users.
function join(parts: readonly (readonly string[] | null)[], separator: string): readonly string[] | null {
  const values: string[] = [];
  for (const part of parts) {
    if (part === null) return null;
    const value = part.find(isFilled);
    if (value !== undefined) values.push(value.trim());
  }
  const characters = values.reduce((sum, { length }) => sum + length, 0);
  if (characters > limits.characters) refuseSize('characters', 'a text that the mapping joins');
  return values.length === parts.length ? [values.join(separator)] : [];
}

function split(values: readonly string[] | null, on: string): readonly string[] | null {
  if (values === null) return null;
  const pieces: string[] = [];
  for (const value of values) {
    for (const piece of value.split(on, limits.values + 1)) pieces.push(piece.trim());
    // Refused and not truncated, because the rest might contain the group that grants a role.
    if (pieces.length > limits.values) refuseSize('values', `a list that the mapping splits on ${JSON.stringify(on)}`);
  }
  return pieces.filter(isFilled);
}

function refuseSize(limit: keyof typeof limits, where: string): never {
  const expected = limits[limit];
  throw new SamlError('message_too_large', {
    hint: `Expected at most ${expected} ${limit} in ${where}; received more. Configure the identity provider to send less.`,
    details: { limit, expected },
  });
}

function lookUp(values: readonly string[] | null, table: Readonly<Record<string, string>>): readonly string[] | null {
  if (values === null) return null;
  return values.flatMap((value) => (Object.hasOwn(table, value.trim()) ? (table[value.trim()] ?? []) : []));
}

function isFilled(value: string): boolean {
  return value.trim() !== '';
}

function append(map: Map<string, AssertionAttribute[]>, name: string, attribute: AssertionAttribute): void {
  const known = map.get(name);
  if (known) known.push(attribute);
  else map.set(name, [attribute]);
}
