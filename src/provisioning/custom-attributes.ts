import type { CustomAttributeType } from '../connections/connection.ts';
import { parseDateTime } from '../saml/date-time.ts';

/** Further attributes as a profile and an account hold them: texts, under the keys of the mapping. */
type Custom = Readonly<Record<string, readonly string[]>>;

/** What a value of each type of a further attribute is. */
export interface CustomAttributeValues {
  readonly string: string;
  readonly strings: readonly string[];
  readonly boolean: boolean;
  readonly number: number;
  readonly date: Date;
}

/** Further attributes as {@link readCustomAttributes} gives them: `null` where there is no value, a list empty. */
export type CustomAttributeFields<Types extends Readonly<Record<string, CustomAttributeType>>> = {
  readonly [Key in keyof Types]: Types[Key] extends 'strings'
    ? readonly string[]
    : CustomAttributeValues[Types[Key]] | null;
};

/**
 * Reads further attributes of a profile or an account as values of a type. What is absent, or cannot be read so, is `null`;
 * of several values all but a list takes the first.
 *
 * @param customAttributes `profile.customAttributes` or `user.customAttributes`
 * @param types what each key is, as in the mapping of the connection
 * @example
 * const { department, hired, manager } = readCustomAttributes(user.customAttributes, {
 *   department: 'string', // string | null
 *   hired: 'date', // Date | null
 *   manager: 'boolean', // boolean | null
 * });
 */
export function readCustomAttributes<const Types extends Readonly<Record<string, CustomAttributeType>>>(
  customAttributes: Custom | undefined,
  types: Types,
): CustomAttributeFields<Types> {
  const fields = Object.entries(types).map(([key, type]) => {
    const values = customAttributes && Object.hasOwn(customAttributes, key) ? filled(customAttributes[key] ?? []) : [];
    return [key, type === 'strings' ? values : readers[type](values)];
  });
  // The types of the values follow those of the keys, which fromEntries cannot tell.
  return Object.fromEntries(fields) as CustomAttributeFields<Types>;
}

/** The one spelling in which values of a type are kept; `null` if the first value is none of that type. */
export function canonicalValues(type: CustomAttributeType, values: readonly string[]): readonly string[] | null {
  if (type === 'strings') return values;
  const value = readers[type](values);
  return value === null ? null : [value instanceof Date ? value.toISOString() : String(value)];
}

/** Values that say something. */
export function filled(values: readonly string[]): readonly string[] {
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

// A customer writes these values; no boolean, number or date is as long as this.
const maxTyped = 64;

/** The first value without white space around it; `''`, which is no value of any type, where it is too long for one. */
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
  // Beyond, digits would get lost: that is an identifier, not a quantity.
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
