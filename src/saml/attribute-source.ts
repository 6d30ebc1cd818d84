/**
 * The source of the values of one field. Each kind has three results: values; an attribute that was received empty; or
 * no attribute.
 */
export type AttributeSource =
  /**
   * Candidates by Name: the first one that has a value. With `friendlyNames`, which presets set, the same candidates
   * are then tried by FriendlyName.
   */
  | { readonly kind: 'attributes'; readonly names: readonly string[]; readonly friendlyNames?: true | undefined }
  /** All attributes that match every given property; at least a name or friendly name is given. */
  | {
      readonly kind: 'attribute';
      readonly name?: string | undefined;
      readonly friendlyName?: string | undefined;
      /** NameFormat URI; an attribute without one is `unspecified` (SAML Core 2.7.3.1). */
      readonly nameFormat?: string | undefined;
    }
  | { readonly kind: 'xpath'; readonly expression: string }
  | { readonly kind: 'constant'; readonly value: string }
  /** The first value of each, joined; no value unless each has one. */
  | { readonly kind: 'join'; readonly sources: readonly AttributeSource[]; readonly with: string }
  /** The first that has a value. */
  | { readonly kind: 'firstOf'; readonly sources: readonly AttributeSource[] }
  /** Each value cut at each occurrence of `on`; blank pieces are dropped. */
  | { readonly kind: 'split'; readonly source: AttributeSource; readonly on: string }
  /** Each value replaced by its entry in the table; values without an entry are dropped. */
  | { readonly kind: 'map'; readonly source: AttributeSource; readonly table: Readonly<Record<string, string>> };

/** A source and all nested sources. */
export function withInnerSources(source: AttributeSource): readonly AttributeSource[] {
  return [source, ...innerSources(source).flatMap(withInnerSources)];
}

/** Whether a source may give a value without reading any attribute: the same value for every user. */
export function mayBeConstant(source: AttributeSource): boolean {
  if (source.kind === 'constant') return true;
  const inner = innerSources(source);
  return source.kind === 'join' ? inner.every(mayBeConstant) : inner.some(mayBeConstant);
}

function innerSources(source: AttributeSource): readonly AttributeSource[] {
  switch (source.kind) {
    case 'join':
    case 'firstOf':
      return source.sources;
    case 'split':
    case 'map':
      return [source.source];
    default:
      return [];
  }
}
