import { setImmediate } from 'node:timers/promises';
import type { StateRecord, StateStore } from '../../../src/saml/state-store.ts';
import { memoryStateStore } from '../../../src/stores/memory-state-store.ts';

/** A state store with one defect, and the case that must catch it. */
interface DefectiveStore {
  readonly make: (now: () => Date) => StateStore;
  readonly caughtBy: string;
}

/** The store in memory with some of its functions replaced. */
function replacing(
  caughtBy: string,
  replace: (store: StateStore, now: () => Date) => Partial<StateStore>,
): DefectiveStore {
  const make = (now: () => Date): StateStore => {
    const store = memoryStateStore({ now });
    return { ...store, ...replace(store, now) };
  };
  return { make, caughtBy };
}

/** Writes another record than the one that was given. */
function writing(caughtBy: string, change: (record: StateRecord) => Partial<StateRecord>): DefectiveStore {
  return replacing(caughtBy, (store) => ({
    put: (record, expected) => store.put({ ...record, ...change(record) }, expected),
  }));
}

/** Reads another record than the one that was written. */
function reading(caughtBy: string, change: (record: StateRecord) => Partial<StateRecord>): DefectiveStore {
  return replacing(caughtBy, (store) => ({
    get: async (kind, id) => {
      const record = await store.get(kind, id);
      return record && { ...record, ...change(record) };
    },
  }));
}

const versionOf = async (store: StateStore, { kind, id }: StateRecord) => (await store.get(kind, id))?.version ?? null;

export const stateDefects: Readonly<Record<string, DefectiveStore>> = {
  'looks before it writes': replacing(
    'put: of 20 concurrent writes with the same version exactly one is written',
    (store) => ({
      async put(record, expected) {
        const version = await versionOf(store, record);
        if (version !== expected || record.version <= (expected ?? 0)) return store.put(record, expected);
        await setImmediate();
        return store.put(
          { ...record, version: Math.max(record.version, (await versionOf(store, record)) ?? 0) + 1 },
          await versionOf(store, record),
        );
      },
    }),
  ),
  'looks before it adds': replacing('put: of 20 concurrent new records exactly one is written', (store) => ({
    async put(record, expected) {
      if (expected !== null || (await store.get(record.kind, record.id)) !== null) return store.put(record, expected);
      await setImmediate();
      await store.delete(record.kind, record.id);
      return store.put(record, null);
    },
  })),
  'replaces what exists': replacing('put: with null, a record must not exist', (store) => ({
    async put(record, expected) {
      if (expected === null) await store.delete(record.kind, record.id);
      return store.put(record, expected);
    },
  })),
  'writes whatever the version': replacing('put: with a version, the stored record must have it', (store) => ({
    async put(record, expected) {
      if (expected === null || (await store.get(record.kind, record.id)) === null) return store.put(record, expected);
      await store.delete(record.kind, record.id);
      return store.put(record, null);
    },
  })),
  'adds what does not exist': replacing(
    'put: with a version, a record that does not exist is not written',
    (store) => ({
      put: async (record, expected) => store.put(record, (await versionOf(store, record)) === null ? null : expected),
    }),
  ),
  'takes a version that does not grow': writing(
    'put: a version that does not grow is a TypeError, and writes nothing',
    ({ version }) => ({ version: version > 0 ? version : 1 }),
  ),
  'keeps old keys': replacing('find: the keys of a put replace those before', (store) => ({
    async put(record, expected) {
      const before = (await store.get(record.kind, record.id))?.keys ?? [];
      return store.put({ ...record, keys: [...before, ...record.keys] }, expected);
    },
  })),
  'writes keys before it compares': replacing('put: with null, a record must not exist', (store) => ({
    async put(record, expected) {
      const isWritten = await store.put(record, expected);
      const stored = await store.get(record.kind, record.id);
      if (isWritten || stored === null) return isWritten;
      await store.delete(record.kind, record.id);
      await store.put({ ...stored, keys: record.keys }, null);
      return false;
    },
  })),
  'has one key for each record': writing('find: the records that have the key, and no others', ({ keys }) => ({
    keys: keys.slice(0, 1),
  })),
  'finds everything at once': replacing('find: pages in the order of ids', (store) => ({
    find: (kind, key) => store.find(kind, key, { limit: 1000 }),
  })),
  'orders without regard to case': replacing('find: pages in the order of ids', (store) => ({
    find: async (kind, key, { limit, after = '' }) =>
      [...(await store.find(kind, key, { limit: 1000 }))]
        .sort((a, b) => a.id.localeCompare(b.id, 'en'))
        .filter(({ id }) => id.localeCompare(after, 'en') > 0)
        .slice(0, limit),
  })),
  'looks for the record before a page': replacing(
    'find: a page begins after an id that was deleted, or never existed',
    (store) => ({
      find: async (kind, key, { limit, after }) => {
        const all = await store.find(kind, key, { limit: 1000 });
        const index = all.findIndex(({ id }) => id === after);
        return all.slice(index + 1, index + 1 + limit);
      },
    }),
  ),
  'takes any limit': replacing('find: a limit that is not from 1 to 1000 is a TypeError', (store) => ({
    find: (kind, key, page) =>
      store.find(kind, key, { ...page, limit: page.limit > 0 ? Math.min(page.limit, 1000) | 0 : 1 }),
  })),
  'mixes kinds': replacing('kinds: equal ids and keys of two kinds are independent', (store) => ({
    get: (_, id) => store.get('session', id),
    find: (_, key, page) => store.find('session', key, page),
    put: (record, expected) => store.put({ ...record, kind: 'session' }, expected),
    delete: (_, id) => store.delete('session', id),
  })),
  'deletes nothing': replacing('delete: the record is absent after it, and may be put again', () => ({
    delete: async () => {},
  })),
  'never expires': writing('expiry: get and find return unexpired records only', () => ({
    expiresAt: new Date('2999-01-01'),
  })),
  'cannot renew': replacing('expiry: a put can extend or shorten the lifetime of the record', (store) => ({
    async put(record, expected) {
      const expiresAt = (await store.get(record.kind, record.id))?.expiresAt ?? record.expiresAt;
      return store.put({ ...record, expiresAt }, expected);
    },
  })),
  'does not replace what has expired': replacing(
    'expiry: an expired record is put again with null, without its old keys',
    (store) => {
      const seen = new Set<string>();
      return {
        async put(record, expected) {
          if (expected === null && seen.has(record.id)) return false;
          seen.add(record.id);
          return store.put(record, expected);
        },
      };
    },
  ),
  'keeps seconds only': reading('expiry: times are kept to the millisecond, also in 400 days', ({ expiresAt }) => ({
    expiresAt: new Date(Math.floor(expiresAt.getTime() / 1000) * 1000),
  })),
  'refuses a time in the past': replacing(
    'expiry: a record that has expired already is written and absent',
    (store, now) => ({
      put: async (record, expected) => record.expiresAt > now() && store.put(record, expected),
    }),
  ),
  'removes the oldest when it is full': replacing('expiry: nothing unexpired is removed among 300 records', (store) => {
    const ids: string[] = [];
    return {
      async put(record, expected) {
        ids.push(record.id);
        if (ids.length > 150) await store.delete(record.kind, ids.shift() ?? '');
        return store.put(record, expected);
      },
    };
  }),
  'drops zero characters': reading('value: a zero character', ({ value }) => ({
    value: JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')),
  })),
  'replaces lone surrogates': reading('value: half of a surrogate pair', ({ value }) => ({
    value: JSON.parse(JSON.stringify(value).replace(/\\ud[89a-f]../g, '\ufffd')),
  })),
  'normalizes text': reading('value: two forms of é', ({ value }) => ({
    value: JSON.parse(JSON.stringify(value).normalize('NFC')),
  })),
  'takes null for no organization name': reading('value: an organization, or none', ({ organizationId }) => ({
    organizationId: organizationId ?? '',
  })),
  'folds ids': replacing('id: compared exactly', (store) => ({
    put: (record, expected) => store.put({ ...record, id: record.id.toLowerCase() }, expected),
    get: (kind, id) => store.get(kind, id.toLowerCase()),
  })),
  'fails at odd ids': replacing('id: an invalid id is not found, and is not written', (store) => ({
    get: async (kind, id) => {
      if (id.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
      return store.get(kind, id);
    },
  })),
  'claims without memory': replacing('claim: true the first time, then false', () => ({
    claim: async () => true,
  })),
};
