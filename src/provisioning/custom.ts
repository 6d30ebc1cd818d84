import type { CustomType } from '../connections/connection.ts';
import { parseDateTime } from '../saml/date-time.ts';

/** Further attributes as a profile and an account hold them: texts, under the keys of the mapping. */
type Custom = Readonly<Record<string, readonly string[]>>;

/** What a value of each type of a further attribute is. */
export interface CustomValues {
  readonly string: string;
  readonly strings: readonly string[];
  readonly boolean: boolean;
  readonly number: number;
  readonly date: Date;
}

/** Further attributes as {@link readCustom} gives them: `null` where there is no value, a list empty. */
export type CustomFields<Types extends Readonly<Record<string, CustomType>>> = {
  readonly [Key in keyof Types]: Types[Key] extends 'strings' ? readonly string[] : CustomValues[Types[Key]] | null;
};

/**
 * Reads further attributes of a profile or an account as values of a type. What is absent, or cannot be read so, is `null`;
 * of several values all but a list takes the first.
 *
 * @param custom `profile.custom` or `user.custom`
 * @param types what each key is, as in the mapping of the connection
 * @example
 * const { department, hired, manager } = readCustom(user.custom, {
 *   department: 'string', // string | null
 *   hired: 'date', // Date | null
 *   manager: 'boolean', // boolean | null
 * });
 */
export function readCustom<const Types extends Readonly<Record<string, CustomType>>>(
  custom: Custom | undefined,
  types: Types,
): CustomFields<Types> {
  const fields = Object.entries(types).map(([key, type]) => {
    const values = custom && Object.hasOwn(custom, key) ? filled(custom[key] ?? []) : [];
    return [key, type === 'strings' ? values : readers[type](values)];
  });
  // The types of the values follow those of the keys, which fromEntries cannot tell.
  return Object.fromEntries(fields) as CustomFields<Types>;
}

/** The one spelling in which values of a type are kept; `null` if the first value is none of that type. */
export function canonicalValues(type: CustomType, values: readonly string[]): readonly string[] | null {
  if (type === 'strings') return values;
  const value = readers[type](values);
  return value === null ? null : [value instanceof Date ? value.toISOString() : String(value)];
}

/** Values that say something. */
export function filled(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.trim() !== '');
}

type Readers = {
  readonly [Type in Exclude<CustomType, 'strings'>]: (values: readonly string[]) => CustomValues[Type] | null;
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
