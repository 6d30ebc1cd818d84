import {
  C14nCanonicalization,
  type CanonicalizationOrTransformationAlgorithm,
  ExclusiveCanonicalization,
  SignedXml,
} from 'xml-crypto';
import { ENVELOPED_SIGNATURE, EXCLUSIVE_C14N } from './algorithms.ts';
import { compareCodePoints, escapeAttribute } from './canonicalize.ts';
import { XMLNS_NAMESPACE } from './names.ts';

// xml-crypto 6.3.2 deviates from the standards when it renders namespaces and attributes: it sorts prefixes by locale,
// drops attributes whose names begin with "xmlns", does not escape namespace URIs and does not support `#default`. It would
// refuse valid messages, so these parts are replaced; parser, traversal, references and digests are its own.

/** The part of xmldom's attributes that is used here. */
interface DomAttribute {
  readonly name: string;
  readonly prefix: string | null;
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly value: string;
}

interface DomElement {
  readonly prefix: string | null;
  readonly namespaceURI: string | null;
  readonly attributes: ArrayLike<DomAttribute> | undefined;
}

interface Binding {
  readonly prefix: string;
  readonly namespaceURI: string;
}

interface RenderedNamespaces {
  readonly rendered: string;
  readonly newDefaultNs: string;
}

class Exclusive extends ExclusiveCanonicalization {
  override renderAttrs(node: DomElement): string {
    return renderAttributes(node);
  }

  override renderNs(
    node: DomElement,
    scope: Binding[],
    defaultNs: string,
    _defaultNsForPrefix: unknown,
    prefixList: readonly string[],
  ): RenderedNamespaces {
    const declared = new Declarations(scope, defaultNs);
    declared.need(node.prefix ?? '', node.namespaceURI ?? '');
    for (const attribute of Array.from(node.attributes ?? [])) {
      if (attribute.namespaceURI !== XMLNS_NAMESPACE) {
        if (attribute.prefix) declared.need(attribute.prefix, attribute.namespaceURI ?? '');
      } else if (prefixList.includes(attribute.prefix ? attribute.localName : '#default')) {
        declared.need(attribute.prefix ? attribute.localName : '', attribute.value);
      }
    }
    return declared.render();
  }
}

class Inclusive extends C14nCanonicalization {
  override renderAttrs(node: DomElement): string {
    return renderAttributes(node);
  }

  override renderNs(
    node: DomElement,
    _prefixesInScope: unknown,
    defaultNs: string,
    _defaultNsForPrefix: unknown,
    _ancestorNamespaces: unknown,
    scope: Binding[] = [],
  ): RenderedNamespaces {
    const declared = new Declarations(scope, defaultNs);
    for (const attribute of Array.from(node.attributes ?? [])) {
      if (attribute.namespaceURI !== XMLNS_NAMESPACE) continue;
      declared.need(attribute.prefix ? attribute.localName : '', attribute.value);
    }
    return declared.render();
  }
}

/** Collects the declarations of one element. `scope` is xml-crypto's list of bindings in the output, innermost last. */
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
    const current = prefix === '' ? this.#defaultNs : this.#scope.findLast((b) => b.prefix === prefix)?.namespaceURI;
    if (current === namespaceURI) return;
    const binding = { prefix, namespaceURI };
    this.#own.push(binding);
    if (prefix === '') this.#defaultNs = namespaceURI;
    else this.#scope.push(binding);
  }

  render(): RenderedNamespaces {
    const rendered = this.#own
      .sort((a, b) => compareCodePoints(a.prefix, b.prefix))
      .map(({ prefix, namespaceURI }) => ` xmlns${prefix && ':'}${prefix}="${escapeAttribute(namespaceURI)}"`)
      .join('');
    return { rendered, newDefaultNs: this.#defaultNs };
  }
}

function renderAttributes(node: DomElement): string {
  return Array.from(node.attributes ?? [])
    .filter((attribute) => attribute.namespaceURI !== XMLNS_NAMESPACE)
    .sort(
      (a, b) =>
        compareCodePoints(a.namespaceURI ?? '', b.namespaceURI ?? '') || compareCodePoints(a.localName, b.localName),
    )
    .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`)
    .join('');
}

/** Canonicalizations and transforms of the cross-check, by URI. */
export const canonicalizationAlgorithms: Record<string, new () => CanonicalizationOrTransformationAlgorithm> =
  Object.assign(Object.create(null), {
    [ENVELOPED_SIGNATURE]: new SignedXml().CanonicalizationAlgorithms[ENVELOPED_SIGNATURE],
    [EXCLUSIVE_C14N]: Exclusive,
    [`${EXCLUSIVE_C14N}WithComments`]: Exclusive,
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315': Inclusive,
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments': Inclusive,
  });
