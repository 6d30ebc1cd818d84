import { setImmediate } from 'node:timers/promises';
import {
  type Account,
  type AuditRecord,
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
  type UserStore,
} from '../../../src/provisioning/user-store.ts';
import type { UserStoreUnderTest } from '../../../src/testing/contracts/user-store/under-test.ts';

/** A row of the table that a developer in a hurry would make: subjects in a column, everything in one place. */
type Row = { -readonly [K in keyof Account]: Account[K] };

/** As a database answers: later. */
const query = <T>(result: T): Promise<T> => setImmediate(result);

/**
 * The store that a developer in a hurry writes: each function looks, decides and writes, with queries in between; e-mails are
 * compared as text, subjects without the provider; no version, no tombstones, no transaction.
 */
export function naiveStore(): UserStoreUnderTest<Account> {
  const rows: Row[] = [];
  const audits: AuditRecord[] = [];
  let failing = false;

  const insert = (account: Partial<Account> & Pick<Account, 'organizationId' | 'email'>): Row => {
    const row: Row = {
      name: null,
      role: null,
      status: 'active',
      emailVerified: true,
      identities: [],
      version: '1',
      ...account,
      id: String(rows.length + 1),
    };
    rows.push(row);
    return row;
  };
  const log = async (record: AuditRecord): Promise<void> => {
    if (failing) {
      failing = false;
      throw new Error('the audit table is locked');
    }
    audits.push(await query(record));
  };
  const setStatus = async (id: string, status: Account['status']): Promise<void> => {
    for (const row of rows) if (row.id === id) row.status = status;
  };

  const store: UserStore = {
    async find({ organizationId, email, subject }) {
      await query(null);
      const mine = rows.filter((row) => row.organizationId === organizationId);
      return {
        bySubject: mine.find((row) => row.identities.some((each) => each.subject === subject)) ?? null,
        byEmail: mine.find((row) => row.email === email) ?? null,
      };
    },
    async create({ identity, customAttributes, ...user }, { seats, audit }) {
      const mine = await query(rows.filter((row) => row.organizationId === user.organizationId));
      if (seats !== null && mine.length >= seats) throw new SeatLimitReached('no seat left');
      if (await query(mine.some((row) => row.email === user.email))) throw new UserConflict('the e-mail exists');
      const joined = Object.entries(customAttributes).map(([key, values]) => [key, [values.join(',')]]);
      const row = insert({ ...user, identities: [identity], customAttributes: Object.fromEntries(joined) });
      await log(audit);
      return row;
    },
    async update({ id }, { addIdentity, removeIdentity: _, ...changes }, { keepLast, audit }) {
      const row = await query(rows.find((each) => each.id === id));
      if (!row) throw new UserConflict('the account is gone');
      if (keepLast !== null && changes.role !== keepLast) {
        const owners = await query(rows.filter((each) => each.role === keepLast));
        if (owners.length < 2) throw new LastRoleHolder('the last one');
      }
      Object.assign(row, changes);
      if (addIdentity) row.identities = [...row.identities, addIdentity];
      await log(audit);
      return row;
    },
    async organizationsOf(email) {
      return rows.filter((row) => row.email === email).map(({ organizationId }) => organizationId);
    },
    async listStale({ olderThan }) {
      return rows.filter(({ lastLoginAt }) => lastLoginAt && lastLoginAt < olderThan);
    },
    suspend: (id) => setStatus(id, 'suspended'),
    async remove(id) {
      rows.splice(0, rows.length, ...rows.filter((row) => row.id !== id));
    },
    restore: (id) => setStatus(id, 'active'),
  };
  return {
    store,
    seed: async (account) => insert(account),
    accounts: async (organizationId) => rows.filter((row) => row.organizationId === organizationId),
    audit: async () => audits,
    failNextWrite: async () => {
      failing = true;
    },
  };
}
