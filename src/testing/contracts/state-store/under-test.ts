import { randomUUID } from 'node:crypto';
import { type StateKind, type StateRecord, type StateStore, stateKey } from '../../../saml/state-store.ts';

/** A state store, and its clock. */
export interface StateStoreUnderTest {
  readonly store: StateStore;
  /**
   * A second client of the same storage, like that of another process. Absent: cases about several processes are
   * skipped.
   */
  readonly other?: StateStore | undefined;
  /** Advances the time by this number of seconds, at most 1.5: by a clock of the test, or by waiting. */
  advance(seconds: number): Promise<void>;
  /** The clock of the store. Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
  /** Called after each case, passed or failed. */
  close?: (() => Promise<void>) | undefined;
}

/** A store, and records whose ids and keys no other case uses. */
export interface StateFixture {
  readonly store: StateStore;
  readonly other: StateStore | undefined;
  readonly advance: (seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
  /** An id of this case. */
  id(name: string): string;
  /** A key of this case. */
  key(name: string): string;
  /** The time this number of seconds from now. */
  after(seconds: number): Date;
  /** A session that lasts for a minute, with the changes. */
  record(changes?: Partial<StateRecord>): StateRecord;
  /** Ids of all records of a kind that have the key. */
  idsOf(key: string, kind?: StateKind): Promise<readonly string[]>;
}

/** Sets a store up for one case. */
export async function openStateFixture(setUp: () => Promise<StateStoreUnderTest>): Promise<StateFixture> {
  const underTest = await setUp();
  const { store, other } = underTest;
  const own = randomUUID();
  const after = (seconds: number) => new Date((underTest.now?.() ?? new Date()).getTime() + seconds * 1000);
  return {
    store,
    other,
    // The hooks may be methods of an instance.
    advance: (seconds) => underTest.advance(seconds),
    close: async () => underTest.close?.(),
    id: (name) => `${own}:${name}`,
    key: (name) => stateKey('case', own, name),
    after,
    record: (changes = {}) => ({
      kind: 'session',
      id: `${own}:ann`,
      organizationId: 'acme',
      keys: [],
      value: { user: 'ann' },
      version: 1,
      expiresAt: after(60),
      ...changes,
    }),
    idsOf: async (key, kind = 'session') => (await store.find(kind, key, { limit: 1000 })).map(({ id }) => id),
  };
}

/** One case: its name and its function. */
export type StateCaseBody = readonly [name: string, body: (fixture: StateFixture) => Promise<void>];
