import { describe, expect, test } from 'vitest';
import { type StateRecord, stateKey } from '../../src/saml/state-store.ts';
import { memoryStateStore } from '../../src/stores/memory-state-store.ts';
import { stateStoreCases } from '../../src/testing/contracts/state-store/cases.ts';
import { configurationError } from '../support/configuration-error.ts';

function clocked(maxEntries?: number) {
  const clock = { time: Date.parse('2026-03-01T12:00:00Z') };
  const now = () => new Date(clock.time);
  return { clock, now, store: memoryStateStore({ maxEntries, now }) };
}

const record = (id: string, expires: Date, keys: readonly string[] = []): StateRecord => ({
  kind: 'session',
  id,
  organizationId: null,
  keys,
  value: null,
  version: 1,
  expiresAt: expires,
});

describe('memoryStateStore', () => {
  describe('the contract', () => {
    const cases = stateStoreCases(async () => {
      const { clock, now, store } = clocked();
      const advance = async (seconds: number) => {
        clock.time += seconds * 1000;
      };
      return { store, other: store, now, advance };
    });
    for (const { name, run } of cases) test(name, run);
  });

  test('a full store rejects new records and keeps all others, until a record expires or is deleted', async () => {
    const { clock, store } = clocked(2);
    const at = (seconds: number) => new Date(clock.time + seconds * 1000);
    await store.put(record('a', at(10)), null);
    await store.put(record('b', at(20)), null);
    const full = new Error('the state store is full: 2 records have not expired yet');
    await expect(store.put(record('c', at(10)), null)).rejects.toThrow(full);
    expect(await store.put({ ...record('a', at(10)), version: 2 }, 1)).toBe(true);
    clock.time += 10_000;
    expect(await store.put(record('c', at(10)), null)).toBe(true);
    await expect(store.put(record('d', at(10)), null)).rejects.toThrow(full);
    await store.delete('session', 'b');
    expect(await store.put(record('d', at(10)), null)).toBe(true);
    expect(await store.get('session', 'c')).not.toBeNull();
  });

  test('100,000 records that expire at different times are written and removed in time', async () => {
    const { clock, store } = clocked(20_000);
    for (let index = 0; index < 100_000; index++) {
      clock.time += 10;
      const expires = new Date(clock.time + 1000 + ((index * 7919) % 100_000));
      await store.put(record(`${index}`, expires, [stateKey('user', `${index % 100}`)]), null);
    }
    clock.time += 200_000;
    expect(await store.find('session', stateKey('user', '1'), { limit: 1 })).toEqual([]);
  });

  test('a write to a full store visits only records that have expired', async () => {
    let calls = 0;
    let time = 0;
    const counted = () => {
      calls++;
      return new Date(time);
    };
    const store = memoryStateStore({ maxEntries: 2000, now: counted });
    for (let index = 0; index < 2000; index++) await store.put(record(`${index}`, new Date(1000 + index), []), null);
    for (let index = 0; index < 500; index++) {
      time = 1000 + index;
      calls = 0;
      expect(await store.put(record(`later-${index}`, new Date(1_000_000), []), null)).toBe(true);
      expect(calls).toBeLessThan(20);
    }
    await expect(store.put(record('full', new Date(1_000_000), []), null)).rejects.toThrow('the state store is full');
  });

  test.each([
    [{ kind: 'Session' }, 'kind must be a kind of state, such as session'],
    [{ id: 'a b' }, 'id must be 1 to 255 visible ASCII characters without spaces'],
    [{ organizationId: '\0' }, 'organizationId must be null or well-formed text'],
    [{ keys: ['ann@acme.example'] }, 'a key of a state record must be made by stateKey()'],
    [{ value: undefined }, 'value must be JSON'],
    [{ version: 0 }, 'version must be a positive integer'],
    [{ expiresAt: new Date('') }, 'expiresAt must be a valid Date'],
  ])('a record with %j is a TypeError', async (changes, message) => {
    const { now, store } = clocked();
    const wrong = { ...record('a', new Date(now().getTime() + 1000)), ...changes } as StateRecord;
    await expect(store.put(wrong, null)).rejects.toThrow(new TypeError(message));
    expect(await store.put(record('a', new Date(now().getTime() + 1000)), null)).toBe(true);
  });

  test('a version that does not increase, a key in clear text or an invalid page is a TypeError', async () => {
    const { now, store } = clocked();
    await expect(store.put(record('a', now()), 1)).rejects.toThrow(
      new TypeError('version must be greater than the expected version'),
    );
    await expect(store.find('session', 'ann', { limit: 1 })).rejects.toThrow(
      new TypeError('a key of a state record must be made by stateKey()'),
    );
    await expect(store.find('session', stateKey('user'), { limit: 1, after: '\0' })).rejects.toThrow(
      new TypeError('after must be the id of a state record'),
    );
  });

  test.each([0, 1.5, Number.NaN])('maxEntries of %s is a ConfigurationError', (maxEntries) => {
    expect(() => memoryStateStore({ maxEntries })).toThrow(configurationError('maxEntries must be a positive integer'));
  });
});

test('keys of different names or parts are different', () => {
  const keys = [stateKey('a'), stateKey('a', ''), stateKey('a', 'b'), stateKey('ab'), stateKey('a', 'b', '')];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys[0]).toMatch(/^[\w-]{43}$/);
});
