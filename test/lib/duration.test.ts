import { expect, it } from 'vitest';
import { duration } from '../../src/lib/duration.ts';

it.each([
  [0, '0 s'],
  [1, '1 s'],
  [119, '119 s'],
  [120, '2 min'],
  [301, '5 min 1 s'],
  [3600, '1 h'],
  [12_000, '3 h 20 min'],
  [3601, '1 h'],
  [86_400, '1 day'],
  [180_000, '2 days 2 h'],
  [400 * 86_400, '400 days'],
])('%d s is %s', (seconds, text) => {
  expect(duration(seconds * 1000)).toBe(text);
  expect(duration(-seconds * 1000)).toBe(text);
});
