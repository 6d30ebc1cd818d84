import { invalidOption } from '../configuration-error.ts';

/** Bounds on one XML document, enforced while reading, before any other work. */
export interface Limits {
  /** UTF-8 bytes of XML. Default 1 MiB. */
  readonly bytes: number;
  /** Nested elements. Default 64. */
  readonly depth: number;
  /** Elements in all. Default 12,000: room for 5,000 groups in an `<Attribute>` each. */
  readonly elements: number;
  /** Attributes and namespace declarations in all. Default 21,000: room for four for each group. */
  readonly attributes: number;
  /** Namespace declarations in force at one place. Default 32. */
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
 * Bounds on what the cross-check is asked to read, whatever {@link Limits} allow: no genuine message meets them. 5,000
 * groups in an `<Attribute>` each, with four attributes and declarations, are 30,000 nodes.
 */
export const crossCheckLimits = {
  /** Attributes and namespace declarations of one element. */
  attributesPerElement: 64,
  /** Elements, attributes and namespace declarations in all. */
  nodes: 31_000,
} as const;

/** Fills in the defaults. @throws TypeError for a limit that is not a positive integer */
export function resolveLimits(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return defaultLimits;
  const resolved: Record<keyof Limits, number> = { ...defaultLimits };
  for (const key of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const value = limits?.[key];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(['limits', key], 'must be a positive integer');
    resolved[key] = value;
  }
  // Some walks over the tree are recursive.
  if (resolved.depth > 1000) throw invalidOption(['limits', 'depth'], 'must be at most 1000');
  return resolved;
}
