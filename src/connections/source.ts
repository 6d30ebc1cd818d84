import { z } from 'zod';
import { unknownKeyIssue } from '../configuration-error.ts';
import { closest } from '../lib/closest.ts';
import type { AttributeSource } from '../saml/attribute-source.ts';
import { attributeNameFormats } from '../saml/names.ts';
import { compileSelector } from '../saml/select.ts';
import type { CustomAttributeSource } from './connection.ts';
import type { CustomAttributeInput, SourceInput } from './input.ts';
import { withoutPrototype } from './policy.ts';
import { table, text } from './values.ts';

/** One form of a source. */
interface Form<Output> {
  readonly schema: z.ZodType<Output>;
  /** The allowed keys of an object. The first one distinguishes it from other objects. */
  readonly keys?: readonly string[];
}

function form<Shape extends z.ZodRawShape, Output>(
  shape: Shape,
  make: (value: z.output<z.ZodObject<Shape>>) => Output,
): Required<Form<Output>> {
  return { keys: Object.keys(shape), schema: z.object(shape).transform(make) };
}

const selector = z.string().superRefine((expression, context) => {
  try {
    compileSelector(expression);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});
const formatNames = new Map<string, string>(Object.entries(attributeNameFormats));
const nameFormat = text.transform((format, context) => {
  const known = format.includes(':') ? format : formatNames.get(format);
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: `expected a URI, or one of ${[...formatNames.keys()].join(', ')}` });
  return z.NEVER;
});
const separator = z.string().max(20, 'is longer than 20 characters');

const name: Form<AttributeSource> = {
  schema: text.transform((only) => ({ kind: 'attributes', names: [only] })),
};
const attribute = { friendlyName: text, nameFormat: nameFormat.optional() };
const simpleForms = [
  form(
    { name: text, ...attribute, friendlyName: text.optional() },
    (value): AttributeSource => ({ kind: 'attribute', ...value }),
  ),
  form(attribute, (value): AttributeSource => ({ kind: 'attribute', ...value })),
  form({ constant: text }, ({ constant }): AttributeSource => ({ kind: 'constant', value: constant })),
  form({ xpath: selector }, ({ xpath }): AttributeSource => ({ kind: 'xpath', expression: xpath })),
];

const maxDepth = 4;
const tooDeep = {
  schema: z.never({ error: `is nested in more than ${maxDepth} lists and objects: name the attribute in fewer steps` }),
};

// One schema for each depth: input that is nested too deeply is refused before it is traversed.
function sourceWithin(depth: number): z.ZodType<AttributeSource, SourceInput> {
  if (depth === maxDepth) return transformed((value) => (typeof value === 'string' ? name : tooDeep));
  const inner = sourceWithin(depth + 1);
  const several = z.array(inner).min(1, 'must name an attribute').max(50, 'holds more than 50 sources');
  const list: Form<AttributeSource> = { schema: several.transform(firstOf) };
  const forms = [
    ...simpleForms,
    form(
      { join: several, with: separator.optional() },
      (value): AttributeSource => ({ kind: 'join', sources: value.join, with: value.with ?? ' ' }),
    ),
    form(
      { split: inner, on: separator.min(1, 'must not be empty') },
      ({ split, on }): AttributeSource => ({ kind: 'split', source: split, on }),
    ),
    form(
      { map: table(text, 1000), of: inner },
      ({ map, of }): AttributeSource => ({ kind: 'map', source: of, table: lookUpTable(map) }),
    ),
  ];
  return transformed((value) =>
    typeof value === 'string' ? name : Array.isArray(value) ? list : formOf(value, forms),
  );
}

/** Validates and parses a source. */
export const sourceSchema: z.ZodType<AttributeSource, SourceInput> = sourceWithin(0);

const typed = form(
  { from: sourceSchema, type: z.enum(['string', 'strings', 'boolean', 'number', 'date']) },
  ({ from, type }): CustomAttributeSource => ({ kind: 'typed', type, source: from }),
);

/** Validates and parses the source of a custom attribute, which may have a type. */
export const customAttributeSchema: z.ZodType<CustomAttributeSource, CustomAttributeInput> = transformed<
  CustomAttributeSource,
  CustomAttributeInput
>((value) => (isObject(value) && typed.keys.some((key) => key in value) ? typed : { schema: sourceSchema }));

type Params = Readonly<Record<string, unknown>> | undefined;

// A union would only report that no member matches; this reports what is wrong with the member that was meant.
function transformed<Output, Input>(choose: (value: unknown) => Form<Output> | null): z.ZodType<Output, Input> {
  return z.custom<Input>().transform((value, context): Output => {
    const report = (message: string, path: readonly PropertyKey[] = [], params: Params = undefined): void =>
      context.addIssue({ code: 'custom', message, path: [...path], ...(params && { params }) });
    const chosen = choose(value);
    if (chosen === null) {
      report(value === undefined ? 'is required' : expected);
      return z.NEVER;
    }
    const { schema, keys } = chosen;
    const unknown = keys && isObject(value) ? Object.keys(value).filter((key) => !keys.includes(key)) : [];
    for (const key of unknown) {
      const { path, message, suggestion } = unknownKeyIssue([key], closest(key, keys ?? []), keys ?? []);
      report(message, path, { suggestion });
    }
    const { success, data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) {
      report(issue.message, issue.path, issue.code === 'custom' ? issue.params : undefined);
    }
    return success && unknown.length === 0 ? data : z.NEVER;
  });
}

const expected =
  'expected the name of an attribute, a list (the first of it that has a value), or one of { name }, { friendlyName }, ' +
  '{ constant }, { join }, { split, on }, { map, of }, { xpath }';

function formOf<Output>(value: unknown, forms: readonly Required<Form<Output>>[]): Form<Output> | null {
  if (!isObject(value)) return null;
  const written = Object.keys(value);
  const meant = ({ keys }: Required<Form<Output>>) => written.some((key) => closest(key, keys) !== undefined);
  return (
    forms.find(({ keys: [first] }) => first !== undefined && written.includes(first)) ??
    forms.find(({ keys }) => keys.some((key) => written.includes(key))) ??
    forms.find(meant) ??
    null
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf(sources: readonly AttributeSource[]): AttributeSource {
  const names = sources.flatMap((source) => (source.kind === 'attributes' ? source.names : []));
  const onlyNames = sources.every(({ kind }) => kind === 'attributes');
  return onlyNames ? { kind: 'attributes', names } : { kind: 'firstOf', sources };
}

function lookUpTable(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return withoutPrototype(Object.fromEntries(Object.entries(map).map(([key, value]) => [key.trim(), value])));
}
