import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateTime } from '../../src/saml/date-time.ts';

const years = { min: new Date('0100-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };

describe('parseDateTime', () => {
  it('reads the format that Date writes', () => {
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(parseDateTime(date.toISOString())).toEqual(date);
      }),
    );
  });

  it('reads any offset as Date does', () => {
    const offset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 59 }),
    );
    const date = fc.date({ ...years, min: new Date('0100-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z') });
    fc.assert(
      fc.property(date, offset, (time, [sign, hours, minutes]) => {
        const zone = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
        const text = time.toISOString().replace('Z', zone);
        expect(parseDateTime(text)).toEqual(new Date(text));
      }),
    );
  });

  it('reads whole seconds, and cuts fractions finer than milliseconds', () => {
    fc.assert(
      fc.property(fc.date(years), fc.stringMatching(/^[0-9]{1,12}$/), (date, digits) => {
        const second = `${date.toISOString().slice(0, 19)}`;
        const whole = Date.parse(`${second}Z`);
        expect(parseDateTime(`${second}Z`)?.getTime()).toBe(whole);
        const milliseconds = Math.floor(Number(`0.${digits}`) * 1000 + 1e-9);
        expect(parseDateTime(`${second}.${digits}Z`)?.getTime()).toBe(whole + milliseconds);
      }),
    );
  });

  it('never reads a time that Date reads differently', () => {
    const parts = fc.tuple(
      ...[9999, 13, 32, 25, 61, 61].map((max, index) =>
        fc.integer({ min: 0, max }).map((n) => String(n).padStart(index === 0 ? 4 : 2, '0')),
      ),
    );
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
        const read = parseDateTime(text);
        // Date lets 24:00 and, in some months, the days up to 31 overflow into the next day.
        if (read !== null) expect(read.toISOString()).toBe(text.replace('Z', '.000Z'));
        else expect(new Date(text).getTime()).toSatisfy((time: number) => Number.isNaN(time) || overflows(text, time));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [' 2026-11-24T08:00:00Z ', '2026-11-24T08:00:00.000Z'],
    ['\n2026-11-24T08:00:00.5Z\t', '2026-11-24T08:00:00.500Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T23:59:59.999999999999Z', '2000-02-29T23:59:59.999Z'],
    ['1601-01-01T00:00:00Z', '1601-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['2026-11-24T08:00:00+00:00', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T08:00:00-00:00', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T08:00:00.1234567+00:00', '2026-11-24T08:00:00.123Z'],
    ['2026-11-24T09:00:00+01:00', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T02:30:00-05:30', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T22:00:00+14:00', '2026-11-24T08:00:00.000Z'],
    ['2026-11-23T18:00:00-14:00', '2026-11-24T08:00:00.000Z'],
    ['2027-01-01T00:30:00+01:00', '2026-12-31T23:30:00.000Z'],
  ])('reads %j', (text, expected) => {
    expect(parseDateTime(text)?.toISOString()).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' '],
    ['no zone', '2026-11-24T08:00:00'],
    ['an offset without a colon', '2026-11-24T08:00:00+0100'],
    ['an offset of hours alone', '2026-11-24T08:00:00+01'],
    ['an offset without a sign', '2026-11-24T08:00:0001:00'],
    ['an offset with another minus sign', '2026-11-24T08:00:00\u221201:00'],
    ['an offset after Z', '2026-11-24T08:00:00Z+01:00'],
    ['two offsets', '2026-11-24T08:00:00+01:00+01:00'],
    ['an offset of more than 14 hours', '2026-11-24T08:00:00+14:01'],
    ['an offset of 15 hours', '2026-11-24T08:00:00-15:00'],
    ['an offset with 60 minutes', '2026-11-24T08:00:00+01:60'],
    ['an offset with seconds', '2026-11-24T08:00:00+01:00:00'],
    ['an offset that leads before the year 100', '0100-01-01T00:00:00+00:01'],
    ['an offset that leads behind the year 9999', '9999-12-31T23:59:59-00:01'],
    ['February 30 with an offset', '2026-02-30T08:00:00+01:00'],
    ['a zone in small letters', '2026-11-24T08:00:00z'],
    ['a small t', '2026-11-24t08:00:00Z'],
    ['a blank for T', '2026-11-24 08:00:00Z'],
    ['a blank inside', '2026-11-24T08:00:00 Z'],
    ['a date', '2026-11-24'],
    ['a date with zone', '2026-11-24Z'],
    ['no seconds', '2026-11-24T08:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['the end of a day', '2026-11-24T24:00:00Z'],
    ['hour 25', '2026-11-24T25:00:00Z'],
    ['minute 60', '2026-11-24T08:60:00Z'],
    ['February 30', '2026-02-30T08:00:00Z'],
    ['February 29 of a common year', '2026-02-29T08:00:00Z'],
    ['February 29 of 1900', '1900-02-29T08:00:00Z'],
    ['April 31', '2026-04-31T08:00:00Z'],
    ['month 0', '2026-00-24T08:00:00Z'],
    ['month 13', '2026-13-24T08:00:00Z'],
    ['day 0', '2026-11-00T08:00:00Z'],
    ['year 0', '0000-01-01T00:00:00Z'],
    ['a year of two digits', '26-11-24T08:00:00Z'],
    ['a year of five digits', '12026-11-24T08:00:00Z'],
    ['a sign', '+2026-11-24T08:00:00Z'],
    ['a year before Christ', '-2026-11-24T08:00:00Z'],
    ['digits of other scripts', '２０２６-11-24T08:00:00Z'],
    ['a point without digits', '2026-11-24T08:00:00.Z'],
    ['a comma', '2026-11-24T08:00:00,5Z'],
    ['more digits than any product sends', '2026-11-24T08:00:00.0000000000001Z'],
    ['a second line', '2026-11-24T08:00:00Z\n2026-11-24T08:00:00Z'],
    ['a no-break space', '2026-11-24T08:00:00Z\u00a0'],
    ['seconds since 1970', '1795507200'],
  ])('refuses %s', (_, text) => {
    expect(parseDateTime(text)).toBeNull();
  });

  it('refuses long text in reasonable time', () => {
    expect(parseDateTime(`2026-11-24T08:00:00.${'0'.repeat(1_000_000)}`)).toBeNull();
    expect(parseDateTime(`${' \n'.repeat(500_000)}x`)).toBeNull();
  });
});

function overflows(text: string, time: number): boolean {
  return text.startsWith('00') || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10);
}
