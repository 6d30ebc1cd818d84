import { expectKnownKeys, invalidOption } from '../configuration-error.ts';

/** Limits of one XML document, enforced while reading, before any other work. */
export interface Limits {
  /** UTF-8 bytes of XML. Default 1 MiB. */
  readonly bytes: number;
  /** Depth of nested elements. Default 64. */
  readonly depth: number;
  /** Elements in total. Default 12,000: enough for 5,000 groups in an `<Attribute>` each. */
  readonly elements: number;
  /** Attributes and namespace declarations in total. Default 21,000: enough for four per group. */
  readonly attributes: number;
  /** Namespace declarations in scope at one element. Default 32. */
  readonly prefixes: number;
}

export const defaultLimits: Readonly<Limits> = {
  bytes: 1024 * 1024,
  depth: 64,
  elements: 12_000,
  attributes: 21_000,
  prefixes: 32,
};

/**
 * Limits of what the cross-check reads, independent of {@link Limits}. No real message reaches them: 5,000 groups in an
 * `<Attribute>` each, with four attributes and declarations, are 30,000 nodes.
 */
export const crossCheckLimits = {
  /** Attributes and namespace declarations of one element. */
  attributesPerElement: 64,
  /** Elements, attributes and namespace declarations in total. */
  nodes: 31_000,
  /** Characters of text, each multiplied by its depth: xml-crypto copies the text of an element once for each ancestor. */
  copiedCharacters: 16_000_000,
  /** Characters that are written as references, each of which takes xmldom long. */
  references: 50_000,
  /** Characters of the Signature without KeyInfo, of which the signature itself covers SignedInfo only. */
  signature: 262_144,
} as const;

/** Fills in the defaults. @throws ConfigurationError for an unknown limit, or one that is not a positive integer */
export function resolveLimits(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return defaultLimits;
  expectKnownKeys('limits', limits, Object.keys(defaultLimits), ['limits']);
  const resolved: Record<keyof Limits, number> = { ...defaultLimits };
  for (const key of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const value = limits?.[key];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(['limits', key], 'must be a positive integer');
    resolved[key] = value;
  }
  // Some traversals of the tree are recursive.
  if (resolved.depth > 1000) throw invalidOption(['limits', 'depth'], 'must be at most 1000');
  return resolved;
}
