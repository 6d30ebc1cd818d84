import type { AttributeSource } from '../connections/connection.ts';
import type { AttributeReader } from '../saml/select.ts';
import { filled } from './custom-attributes.ts';

/** The values that arrived, without blank ones; `null`: nothing arrived. */
export function arrived(source: AttributeSource | undefined, read: AttributeReader['read']): readonly string[] | null {
  const values = source === undefined ? null : read(source);
  return values && filled(values);
}

/** One of the sources that make up a source. */
export interface Candidate {
  readonly source: AttributeSource;
  /** Of the attribute that it reads; left out: it is made of several, or selected by XPath. */
  readonly name?: string;
}

/** The sources that make up a source, best first. */
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
