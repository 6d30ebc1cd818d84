import { describe, expect, test } from 'vitest';
import { memoryConnectionStore } from '../../../src/stores/memory-connection-store.ts';
import { connectionStoreCases } from '../../../src/testing/contracts/connection-store/cases.ts';
import { connectionDefects } from './connection-defects.ts';

describe('connectionStoreCases', () => {
  test('each case has a unique name', () => {
    const names = connectionStoreCases(async () => ({ store: memoryConnectionStore() })).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(Object.entries(connectionDefects))('a store that %s fails', async (_, { make, caughtBy }) => {
    const found = connectionStoreCases(async () => ({ store: make() })).find(({ name }) => name === caughtBy);
    expect(found, `there is no case "${caughtBy}"`).toBeDefined();
    await expect(found?.run()).rejects.toThrow('expected: ');
  });

  test('a store with only get and find passes the cases for them; each store is closed', async () => {
    let open = 0;
    const skipped: string[] = [];
    const cases = connectionStoreCases(async () => {
      open += 1;
      const { get, find, put } = memoryConnectionStore();
      return {
        store: { get, find },
        seed: async (connection) => {
          await put(connection, null);
        },
        close: async () => {
          open -= 1;
        },
      };
    });
    for (const { run } of cases) await run({ skip: (reason) => skipped.push(reason) });
    expect(skipped.length).toBe(cases.length - 6);
    expect(open).toBe(0);
  });
});
