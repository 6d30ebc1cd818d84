import type { Account, AuditRecord } from '../../../src/provisioning/user-store.ts';
import { type MemoryUserStore, memoryUserStore } from '../../../src/stores/memory.ts';
import type { StoreNeeds, UserStoreUnderTest } from '../../../src/testing/contracts/user-store/under-test.ts';

/** The store in memory with all hooks of the contract kit. */
export type MemoryBench = UserStoreUnderTest<Account> & {
  readonly store: MemoryUserStore<string>;
  readonly records: AuditRecord[];
};

export function memoryBench({ oneAccountPerEmail }: StoreNeeds): MemoryBench {
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
    records,
    seed: (account) => store.put(account),
    accounts: (organizationId) => store.list(organizationId),
    audit: async () => records,
    failNextWrite: async () => {
      failing = true;
    },
  };
}
