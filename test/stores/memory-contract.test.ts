import { describe, test } from 'vitest';
import type { AuditRecord } from '../../src/provisioning/user-store.ts';
import { memoryUserStore } from '../../src/stores/memory.ts';
import { memoryReplayCache } from '../../src/stores/memory-replay-cache.ts';
import { replayCacheCases } from '../../src/testing/replay-cache-cases.ts';
import { userStoreCases } from '../../src/testing/store-cases.ts';

describe('memoryUserStore keeps the contract of a user store', () => {
  const cases = userStoreCases(async ({ oneAccountPerEmail }) => {
    const records: AuditRecord[] = [];
    let failing = false;
    const onAudit = (record: AuditRecord) => {
      const fails = failing;
      failing = false;
      if (fails) throw new Error('the audit record cannot be written');
      records.push(record);
    };
    const store = memoryUserStore<string>({ roles: ['owner', 'admin', 'member'], oneAccountPerEmail, onAudit });
    return {
      store,
      seed: (account) => store.put(account),
      accounts: (organizationId) => store.list(organizationId),
      audit: async () => records,
      failNextWrite: async () => {
        failing = true;
      },
    };
  });
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
