import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { CustomAttributeType } from '../../src/connections/connection.ts';
import { canonicalValues, readCustomAttributes } from '../../src/provisioning/custom-attributes.ts';

describe('canonicalValues', () => {
  test.each<[CustomAttributeType, string, string | null]>([
    ['boolean', 'true', 'true'],
    ['boolean', ' False ', 'false'],
    ['boolean', '1', 'true'],
    ['boolean', '0', 'false'],
    ['boolean', 'yes', null],
    ['boolean', 'constructor', null],
    ['number', '7', '7'],
    ['number', ' +007.50 ', '7.5'],
    ['number', '-0.25', '-0.25'],
    ['number', '9007199254740991', '9007199254740991'],
    ['number', '9007199254740992', null],
    ['number', '0x10', null],
    ['number', '1,5', null],
    ['number', 'Infinity', null],
    ['number', '.5', null],
    ['number', '1e3', null],
    ['date', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['date', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['date', '2026-02-29', null],
    ['date', '2026-03-01T12:30:00Z', '2026-03-01T12:30:00.000Z'],
    ['date', '2026-03-01T00:30:00.5+02:00', '2026-02-28T22:30:00.500Z'],
    ['date', '2026-03-01T12:30:00-05:30', '2026-03-01T18:00:00.000Z'],
    ['date', '2026-03-01T12:30:00', null],
    ['date', '2026-03-01T12:30:00+15:00', null],
    ['date', '9999-12-31T23:00:00-02:00', null],
    ['date', '20260301123000Z', '2026-03-01T12:30:00.000Z'],
    ['date', '20260301123000.0Z', '2026-03-01T12:30:00.000Z'],
    ['date', '03/01/2026', null],
    ['date', '1772323200', null],
    ['string', ' a  b ', 'a  b'],
  ])('%s %j', (type, sent, kept) => {
    expect(canonicalValues(type, [sent, 'more'])).toEqual(kept === null ? null : [kept]);
  });

  test.each<[CustomAttributeType, string]>([
    ['boolean', 'true'],
    ['number', `${'0'.repeat(62)}7`],
    ['date', '2026-03-01'],
  ])('a %s has at most 64 characters, white space around it not counted', (type, sent) => {
    const space = ' '.repeat(1000);
    expect(canonicalValues(type, [space + sent + space])).not.toBeNull();
    expect(canonicalValues(type, [sent + 'x'.repeat(65)])).toBeNull();
    expect(canonicalValues('number', [`${'0'.repeat(64)}7`])).toBeNull();
    expect(canonicalValues('date', [`2026-03-01T00:00:00.${'0'.repeat(60)}Z`])).toBeNull();
    // A text is no typed value: it may be long.
    expect(canonicalValues('string', ['x'.repeat(1000)])).toEqual(['x'.repeat(1000)]);
  });

  test.each(['T', '1', '-', '.', ' ', '+', ':', '0T0'])(
    'refuses a million characters of %j in reasonable time',
    (text) => {
      const long = text.repeat(1_000_000 / text.length);
      for (const type of ['boolean', 'number', 'date'] as const) {
        expect(canonicalValues(type, [long])).toBeNull();
        expect(canonicalValues(type, [`2026${long}x`])).toBeNull();
      }
    },
  );

  test('a canonical value is its own canonical value', () => {
    const type = fc.constantFrom<CustomAttributeType>('string', 'strings', 'boolean', 'number', 'date');
    const value = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.double().map(String),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(type, value, (each, sent) => {
        fc.pre(sent.trim() !== '');
        const once = canonicalValues(each, [sent]);
        if (once !== null) expect(canonicalValues(each, once)).toEqual(once);
      }),
    );
  });
});

describe('readCustomAttributes', () => {
  const types = { city: 'string', teams: 'strings', manager: 'boolean', level: 'number', hired: 'date' } as const;

  test('gives values of each type', () => {
    const fields = readCustomAttributes(
      { city: ['Bonn'], teams: ['a', 'b'], manager: ['false'], level: ['3'], hired: ['2026-03-01T00:00:00.000Z'] },
      types,
    );
    expect(fields).toEqual({
      city: 'Bonn',
      teams: ['a', 'b'],
      manager: false,
      level: 3,
      hired: new Date('2026-03-01'),
    });
    expectTypeOf(fields).toEqualTypeOf<{
      readonly city: string | null;
      readonly teams: readonly string[];
      readonly manager: boolean | null;
      readonly level: number | null;
      readonly hired: Date | null;
    }>();
  });

  test.each([undefined, {}, { city: [], teams: [], manager: [], level: [], hired: [] }])(
    'returns null or an empty list for fields that are absent in %j',
    (customAttributes) => {
      expect(readCustomAttributes(customAttributes, types)).toEqual({
        city: null,
        teams: [],
        manager: null,
        level: null,
        hired: null,
      });
    },
  );

  test('returns null for a value of another type', () => {
    expect(readCustomAttributes({ manager: ['x'], level: ['x'], hired: ['x'] }, types)).toMatchObject({
      manager: null,
      level: null,
      hired: null,
    });
  });

  test('skips blank values', () => {
    expect(
      readCustomAttributes({ city: ['', 'Bonn'], teams: [' ', 'a'] }, { city: 'string', teams: 'strings' }),
    ).toEqual({
      city: 'Bonn',
      teams: ['a'],
    });
  });

  test('does not read inherited properties of Object.prototype', () => {
    expect(readCustomAttributes({}, { constructor: 'string', toString: 'strings' })).toEqual({
      constructor: null,
      toString: [],
    });
  });
});
