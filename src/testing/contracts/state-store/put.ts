import { rejects, same, skipUnless } from '../user-store/expect.ts';
import type { StateCaseBody, StateFixture } from './under-test.ts';

const compareAndSet =
  'Compare the stored version and write in one atomic operation: update ... where version = $1, a transaction that locks the row, or a script.';
const absent =
  'With expectedVersion null, write only if there is no unexpired record: insert ... on conflict do nothing.';
const untouched = 'A put that resolves to false must change nothing, also no keys.';

export const putCases: readonly StateCaseBody[] = [
  [
    'put: a new record, which get returns',
    async ({ store, record, key, id }) => {
      const written = record({ keys: [key('a'), key('b')], version: 3 });
      same(await store.get('session', written.id), null, 'get must resolve to null if there is no record.');
      same(await store.put(written, null), true, absent);
      const { keys, ...rest } = (await store.get('session', written.id)) ?? record({ id: id('none') });
      const { keys: expected, ...others } = written;
      same([rest, [...keys].sort()], [others, [...expected].sort()], 'get must return the record as it was put.');
    },
  ],
  [
    'put: with null, a record must not exist',
    async ({ store, record, key, idsOf }) => {
      await store.put(record(), null);
      same(await store.put(record({ version: 2, value: 'other', keys: [key('a')] }), null), false, absent);
      same((await store.get('session', record().id))?.version, 1, untouched);
      same(await idsOf(key('a')), [], untouched);
    },
  ],
  [
    'put: with a version, the stored record must have it',
    async ({ store, record }) => {
      await store.put(record({ version: 5 }), null);
      same(await store.put(record({ version: 6, value: 'stale' }), 4), false, compareAndSet);
      same((await store.get('session', record().id))?.value, { user: 'ann' }, untouched);
      same(await store.put(record({ version: 6, value: 'new' }), 5), true, compareAndSet);
      const { version, value } = (await store.get('session', record().id)) ?? record();
      same([version, value], [6, 'new'], compareAndSet);
      same(await store.put(record({ version: 6, value: 'stale' }), 5), false, compareAndSet);
    },
  ],
  [
    'put: with a version, a record that does not exist is not written',
    async ({ store, record, key, idsOf }) => {
      same(await store.put(record({ version: 2, keys: [key('a')] }), 1), false, compareAndSet);
      same(await store.get('session', record().id), null, untouched);
      same(await idsOf(key('a')), [], untouched);
    },
  ],
  [
    'put: a version that does not grow is a TypeError, and writes nothing',
    async ({ store, record }) => {
      const advice = 'Throw a TypeError unless version is a positive integer that is greater than expectedVersion.';
      for (const version of [0, -1, 1.5, Number.NaN])
        await rejects(store.put(record({ version }), null), TypeError, advice);
      same(await store.get('session', record().id), null, advice);
      await store.put(record({ version: 2 }), null);
      for (const version of [1, 2]) await rejects(store.put(record({ version }), 2), TypeError, advice);
      same((await store.get('session', record().id))?.version, 2, advice);
    },
  ],
  [
    'put: of 20 concurrent new records exactly one is written',
    async (fixture) => {
      const { record } = fixture;
      await race(fixture, (index) => record({ version: index + 1, value: index }), null, absent);
    },
  ],
  [
    'put: of 20 concurrent writes with the same version exactly one is written',
    async (fixture) => {
      const { store, record } = fixture;
      await store.put(record(), null);
      await race(fixture, (index) => record({ version: index + 2, value: index }), 1, compareAndSet);
    },
  ],
  [
    'put: 5 writers that read and retry lose no update',
    async ({ store, other = store, record }) => {
      await store.put(record({ value: 0 }), null);
      const add = async (own: typeof store) => {
        for (let attempt = 0; attempt < 100; attempt++) {
          const { value, version } = (await own.get('session', record().id)) ?? record({ value: 0 });
          if (await own.put(record({ value: Number(value) + 1, version: version + 1 }), version)) return;
        }
      };
      await Promise.all(Array.from({ length: 5 }, (_, index) => add(index % 2 ? store : other)));
      same((await store.get('session', record().id))?.value, 5, compareAndSet);
    },
  ],
  [
    'put: one process reads, finds and replaces the records of another',
    async ({ store, other, record, key }) => {
      skipUnless(other, 'there is no second client');
      const advice = 'Both must use one storage, and name records in the same way.';
      await store.put(record({ keys: [key('a')] }), null);
      same((await other.get('session', record().id))?.value, { user: 'ann' }, advice);
      same((await other.find('session', key('a'), { limit: 2 })).length, 1, advice);
      same(await other.put(record({ version: 2 }), 1), true, advice);
      same((await store.get('session', record().id))?.version, 2, advice);
    },
  ],
  [
    'delete: the record is absent after it, and may be put again',
    async ({ store, record, key, idsOf }) => {
      const advice = 'delete must remove the record and its keys.';
      await store.put(record({ keys: [key('a')] }), null);
      await store.delete('session', record().id);
      same([await store.get('session', record().id), await idsOf(key('a'))], [null, []], advice);
      same(await store.put(record({ version: 2 }), 1), false, advice);
      same(await store.put(record({ keys: [key('b')] }), null), true, advice);
      same([await idsOf(key('a')), await idsOf(key('b'))], [[], [record().id]], advice);
    },
  ],
  [
    'delete: a missing record is not an error',
    async ({ store, id }) => {
      await store.delete('session', id('unknown'));
      await store.delete('session', '\0');
    },
  ],
  [
    'kinds: equal ids and keys of two kinds are independent',
    async ({ store, record, key, idsOf }) => {
      const advice = 'Make the kind a part of the primary key and of each look-up key.';
      const keys = [key('a')];
      await store.put(record({ keys }), null);
      same(await store.put(record({ kind: 'draft', keys, value: 'draft' }), null), true, advice);
      same((await store.get('session', record().id))?.value, { user: 'ann' }, advice);
      same((await store.get('draft', record().id))?.value, 'draft', advice);
      same(
        (await store.find('draft', key('a'), { limit: 9 })).map(({ value }) => value),
        ['draft'],
        advice,
      );
      await store.delete('session', record().id);
      same([await idsOf(key('a')), await idsOf(key('a'), 'draft')], [[], [record().id]], advice);
    },
  ],
];

/** Concurrent writers over both clients: one succeeds, and its record is the one that is read. */
async function race(
  { store, other = store, record }: StateFixture,
  make: (index: number) => ReturnType<typeof record>,
  expectedVersion: number | null,
  advice: string,
): Promise<void> {
  const writers = Array.from({ length: 20 }, (_, index) =>
    (index % 2 ? store : other).put(make(index), expectedVersion),
  );
  const winners = (await Promise.all(writers)).flatMap((isWritten, index) => (isWritten ? [index] : []));
  same(winners.length, 1, advice);
  same((await store.get('session', record().id))?.value, winners[0], advice);
}
