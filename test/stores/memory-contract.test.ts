import { describe, test } from 'vitest';
import { memoryReplayCache } from '../../src/stores/memory-replay-cache.ts';
import { replayCacheCases } from '../../src/testing/contracts/replay-cache.ts';
import { userStoreCases } from '../../src/testing/contracts/user-store/cases.ts';
import { memoryBench } from '../testing/contracts/memory-bench.ts';

describe('memoryUserStore keeps the contract of a user store', () => {
  const cases = userStoreCases(async (needs) => memoryBench(needs));
  for (const { name, run } of cases) test(name, run);
});

describe('memoryReplayCache keeps the contract of a replay cache', () => {
  const cases = replayCacheCases(async () => {
    let seconds = 0;
    const cache = memoryReplayCache({ now: () => new Date(seconds * 1000) });
    return {
      cache,
      other: cache,
      advance: async (passed) => {
        seconds += passed;
      },
    };
  });
  for (const { name, run } of cases) test(name, run);
});
