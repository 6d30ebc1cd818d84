import type { CustomAttributeType } from '../connections/connection.ts';
import { parseDateTime } from '../saml/date-time.ts';

/** Further attributes of a profile or an account: strings, under the keys of the mapping. */
type CustomAttributes = Readonly<Record<string, readonly string[]>>;

/** The JavaScript type of each type of a further attribute. */
export interface CustomAttributeValues {
  readonly string: string;
  readonly strings: readonly string[];
  readonly boolean: boolean;
  readonly number: number;
  readonly date: Date;
}

/** Result of {@link readCustomAttributes}: `null`, or an empty list, for an attribute without a value. */
export type CustomAttributeFields<Types extends Readonly<Record<string, CustomAttributeType>>> = {
  readonly [Key in keyof Types]: Types[Key] extends 'strings'
    ? readonly string[]
    : CustomAttributeValues[Types[Key]] | null;
};

/**
 * Reads further attributes of a profile or an account as typed values. An attribute that is absent, or not of the type, is
 * `null`. Every type except `strings` reads the first of several values. Throws nothing.
 *
 * @param customAttributes `profile.customAttributes` or `user.customAttributes`
 * @param types the type of each key, as in the mapping of the connection
 * @example
 * ```ts
 * import { readCustomAttributes } from 'saml-jit';
 *
 * const { department, hired, manager } = readCustomAttributes(user.customAttributes, {
 *   department: 'string', // string | null
 *   hired: 'date', // Date | null
 *   manager: 'boolean', // boolean | null
 * });
 * ```
 */
export function readCustomAttributes<const Types extends Readonly<Record<string, CustomAttributeType>>>(
  customAttributes: CustomAttributes | undefined,
  types: Types,
): CustomAttributeFields<Types> {
  const fields = Object.entries(types).map(([key, type]) => {
    const values =
      customAttributes && Object.hasOwn(customAttributes, key) ? withoutBlank(customAttributes[key] ?? []) : [];
    return [key, type === 'strings' ? values : readers[type](values)];
  });
  // fromEntries does not relate the types of the values to their keys.
  return Object.fromEntries(fields) as CustomAttributeFields<Types>;
}

/** The canonical spelling of values of a type; `null` if the first value is not of the type. */
export function canonicalValues(type: CustomAttributeType, values: readonly string[]): readonly string[] | null {
  if (type === 'strings') return values;
  const value = readers[type](values);
  return value === null ? null : [value instanceof Date ? value.toISOString() : String(value)];
}

/** The values that are not blank. */
export function withoutBlank(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.trim() !== '');
}

type Readers = {
  readonly [Type in Exclude<CustomAttributeType, 'strings'>]: (
    values: readonly string[],
  ) => CustomAttributeValues[Type] | null;
};

const readers: Readers = {
  string: ([first]) => first?.trim() ?? null,
  boolean: (values) => booleans.get(shortText(values).toLowerCase()) ?? null,
  number: (values) => readNumber(shortText(values)),
  date: (values) => readDate(shortText(values)),
};

// The values are customer input; no boolean, number or date is longer.
const maxTyped = 64;

/** The first value, trimmed; `''`, which no type accepts, if it is too long. */
function shortText([first = '']: readonly string[]): string {
  const text = first.trim();
  return text.length > maxTyped ? '' : text;
}

// The spellings of xs:boolean, and Active Directory's TRUE and FALSE.
const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function readNumber(text: string): number | null {
  if (!/^[+-]?\d+(?:\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  // A larger number would lose digits: it is an identifier, not a quantity.
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

// xs:date, at midnight UTC; xs:dateTime with a zone; the GeneralizedTime of directories.
function readDate(text: string): Date | null {
  return parseDateTime(
    text
      .replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/, '$1-$2-$3T$4:$5:$6$7Z')
      .replace(/^\d{4}-\d\d-\d\d$/, '$&T00:00:00Z'),
  );
}
