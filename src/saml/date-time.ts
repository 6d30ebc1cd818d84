import { collapseWhiteSpace } from '../xml/element.ts';

const pattern = /^((?!00)\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z$/;

/**
 * Reads an `xs:dateTime` in UTC (SAML Core 1.3.3), e.g. `2026-11-24T08:00:00.123Z`; finer fractions than milliseconds are
 * cut. `null` for anything else: other zones, none, 24:00, leap seconds, days that a month does not have.
 */
export function parseDateTime(text: string): Date | null {
  const match = pattern.exec(collapseWhiteSpace(text));
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const milliseconds = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const date = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds),
  );
  // What is out of range would run over into the next unit.
  const isReal =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    date.getUTCMinutes() === Number(minute);
  return isReal ? date : null;
}
