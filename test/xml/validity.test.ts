import { describe, expect, it } from 'vitest';
import { validityAt } from '../../src/xml/validity.ts';

const validFrom = new Date('2026-01-01T00:00:00Z');
const validTo = new Date('2027-01-01T00:00:00Z');
const day = 86_400_000;

describe('validityAt', () => {
  it.each([
    ['before the beginning', validFrom.getTime() - 1, 'not_yet_valid', 366],
    ['at the beginning', validFrom.getTime(), 'valid', 365],
    ['just over 30 days ahead', validTo.getTime() - 30 * day - 1, 'valid', 31],
    ['30 days ahead', validTo.getTime() - 30 * day, 'expiring', 30],
    ['just over a day ahead', validTo.getTime() - day - 1, 'expiring', 2],
    ['a day ahead', validTo.getTime() - day, 'expiring', 1],
    ['at the end', validTo.getTime(), 'expiring', 0],
    ['after the end', validTo.getTime() + 1, 'expired', 0],
    ['two days after the end', validTo.getTime() + 2 * day, 'expired', -2],
  ])('%s', (_, time, state, daysLeft) =>
    expect(validityAt({ validFrom, validTo }, new Date(time))).toEqual({ state, daysLeft }),
  );

  it('a bare public key does not expire', () =>
    expect(validityAt({ validFrom: null, validTo: null }, validTo)).toEqual({ state: 'valid', daysLeft: null }));
});
