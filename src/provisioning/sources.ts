import type { AttributeSource } from '../connections/connection.ts';
import type { AttributeReader } from '../saml/select.ts';
import { withoutBlank } from './custom-attributes.ts';

/** The values that a source gives, without blank ones; `null`: it is absent. */
export function readValues(
  source: AttributeSource | undefined,
  read: AttributeReader['read'],
): readonly string[] | null {
  const values = source === undefined ? null : read(source);
  return values && withoutBlank(values);
}

/** One of the alternatives of a source. */
export interface Candidate {
  readonly source: AttributeSource;
  /** Name of the attribute that it reads; left out: it combines several, or is an XPath selector. */
  readonly name?: string;
}

/** The alternatives of a source, best first. */
export function candidates(source: AttributeSource): readonly Candidate[] {
  switch (source.kind) {
    case 'attributes': {
      const byName = source.names.map((name) => ({ source: { kind: 'attributes', names: [name] }, name }) as const);
      if (!source.friendlyNames) return byName;
      return [
        ...byName,
        ...source.names.map((name) => ({ source: { kind: 'attribute', friendlyName: name }, name }) as const),
      ];
    }
    case 'firstOf':
      return source.sources.flatMap(candidates);
    case 'attribute':
      return [{ source, name: source.name ?? source.friendlyName ?? '' }];
    default:
      return [{ source }];
  }
}
