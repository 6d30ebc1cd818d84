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
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // Date reads 24:00 and some days that a month does not have as the next day.
  return date.getUTCDate() === Number(day) && hour !== '24' ? date : null;
}
