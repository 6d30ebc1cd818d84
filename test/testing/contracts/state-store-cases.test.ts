import { describe, expect, test } from 'vitest';
import { memoryStateStore } from '../../../src/stores/memory-state-store.ts';
import { stateStoreCases } from '../../../src/testing/contracts/state-store/cases.ts';
import { stateDefects } from './state-defects.ts';

function testClock() {
  const clock = { time: Date.parse('2026-03-01T12:00:00Z') };
  const advance = async (seconds: number) => {
    clock.time += seconds * 1000;
  };
  return { now: () => new Date(clock.time), advance };
}

describe('stateStoreCases', () => {
  test('each case has a unique name', () => {
    const names = stateStoreCases(async () => ({ store: memoryStateStore(), advance: async () => {} })).map(
      ({ name }) => name,
    );
    expect(names.length).toBeGreaterThan(50);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(Object.entries(stateDefects))('a store that %s fails', async (_, { make, caughtBy }) => {
    const cases = stateStoreCases(async () => {
      const { now, advance } = testClock();
      return { store: make(now), now, advance };
    });
    const found = cases.find(({ name }) => name === caughtBy);
    expect(found, `there is no case "${caughtBy}"`).toBeDefined();
    await expect(found?.run()).rejects.toThrow('expected: ');
  });

  test('cases about several processes are skipped without a second client; each store is closed', async () => {
    let open = 0;
    const skipped: string[] = [];
    const cases = stateStoreCases(async () => {
      const { now, advance } = testClock();
      open += 1;
      const close = async () => {
        open -= 1;
      };
      return { store: memoryStateStore({ now }), now, advance, close };
    });
    for (const { run } of cases) await run({ skip: (reason) => skipped.push(reason) });
    expect(skipped).toEqual(Array(3).fill('there is no second client'));
    expect(open).toBe(0);
  });
});
