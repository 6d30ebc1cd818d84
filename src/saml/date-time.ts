import { collapseWhiteSpace } from '../xml/element.ts';

const pattern = /^((?!00)\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))$/;
const MINUTE = 60_000;
// The largest offset is 14:00 (XML Schema 2, 3.2.7.3).
const maxOffset = 14 * 60;

/**
 * Reads an `xs:dateTime` with a time zone, e.g. `2026-11-24T08:00:00.123Z`; finer fractions than milliseconds are cut.
 * SAML Core 1.3.3 requires `Z`; an offset such as `+00:00` or `+02:00` is converted.
 *
 * @returns `null` for anything else: no zone, 24:00, leap seconds, days that a month does not have, and years outside
 * of 100 to 9999 in UTC
 */
export function parseDateTime(text: string): Date | null {
  const match = pattern.exec(collapseWhiteSpace(text));
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const milliseconds = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds),
  );
  // Date carries a value out of range over into the next unit.
  const isReal =
    local.getUTCMonth() === Number(month) - 1 &&
    local.getUTCDate() === Number(day) &&
    local.getUTCHours() === Number(hour) &&
    local.getUTCMinutes() === Number(minute);
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes);
  if (!isReal || offset > maxOffset) return null;
  const date = new Date(local.getTime() - (sign === '-' ? -offset : offset) * MINUTE);
  return date.getUTCFullYear() >= 100 && date.getUTCFullYear() <= 9999 ? date : null;
}
