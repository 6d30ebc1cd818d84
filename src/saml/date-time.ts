import { collapseWhiteSpace } from '../xml/element.ts';

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z$/;

/**
 * Reads an `xs:dateTime` in UTC (SAML Core 1.3.3), e.g. `2026-11-24T08:00:00.123Z`; finer fractions than milliseconds are
 * cut. `null` for anything else: other zones, none, 24:00, leap seconds, days that a month does not have.
 */
export function parseDateTime(text: string): Date | null {
  const match = pattern.exec(collapseWhiteSpace(text));
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Date.UTC lets fields overflow, and takes years below 100 for those of the twentieth century.
  const same =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return same ? date : null;
}
