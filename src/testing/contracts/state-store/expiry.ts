import { same } from '../user-store/expect.ts';
import type { StateCaseBody } from './under-test.ts';

const absent = 'Treat an expired record as absent in every function, even if it was not removed yet.';
const atomic =
  'Replace an expired record in one atomic operation: insert ... on conflict do update ... where the stored one has expired.';
const renewed = 'The time of expiry is that of the last put.';

export const expiryCases: readonly StateCaseBody[] = [
  [
    'expiry: get and find return unexpired records only',
    async ({ store, record, key, id, after, advance, idsOf }) => {
      const keys = [key('all')];
      await store.put(record({ id: id('short'), keys, expiresAt: after(0.5) }), null);
      await store.put(record({ id: id('long'), keys }), null);
      await advance(1.1);
      same([await store.get('session', id('short')), await idsOf(key('all'))], [null, [id('long')]], absent);
    },
  ],
  [
    'expiry: an expired record is put again with null, without its old keys',
    async ({ store, record, key, after, advance, idsOf }) => {
      await store.put(record({ version: 7, keys: [key('old')], expiresAt: after(0.5) }), null);
      await advance(1.1);
      same(await store.put(record({ version: 8 }), 7), false, absent);
      same(await store.put(record({ value: 'new', keys: [key('new')] }), null), true, absent);
      same((await store.get('session', record().id))?.value, 'new', absent);
      same(
        [await idsOf(key('old')), await idsOf(key('new'))],
        [[], [record().id]],
        'Remove the keys of the expired record.',
      );
    },
  ],
  [
    'expiry: of 20 concurrent puts of an expired record exactly one is written',
    async ({ store, other = store, record, after, advance }) => {
      await store.put(record({ expiresAt: after(0.2) }), null);
      await advance(1.1);
      const writers = Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).put(record({ value: index, version: index + 1 }), null),
      );
      const winners = (await Promise.all(writers)).flatMap((isWritten, index) => (isWritten ? [index] : []));
      same(winners.length, 1, atomic);
      same((await store.get('session', record().id))?.value, winners[0], atomic);
    },
  ],
  [
    'expiry: a put can extend or shorten the lifetime of the record',
    async ({ store, record, key, id, after, advance, idsOf }) => {
      const keys = [key('all')];
      await store.put(record({ id: id('longer'), keys, expiresAt: after(0.5) }), null);
      await store.put(record({ id: id('longer'), keys, version: 2 }), 1);
      await store.put(record({ id: id('shorter'), keys }), null);
      await store.put(record({ id: id('shorter'), keys, version: 2, expiresAt: after(0.5) }), 1);
      await advance(1.1);
      same((await store.get('session', id('longer')))?.version, 2, renewed);
      same([await store.get('session', id('shorter')), await idsOf(key('all'))], [null, [id('longer')]], renewed);
    },
  ],
  [
    'expiry: a record that has expired already is written and absent',
    async ({ store, record, key, after, idsOf }) => {
      const expired = record({ keys: [key('a')], expiresAt: after(-3600) });
      same(await store.put(expired, null), true, 'A time of expiry in the past is no error.');
      same([await store.get('session', expired.id), await idsOf(key('a'))], [null, []], absent);
      same(await store.put(record(), null), true, absent);
    },
  ],
  [
    'expiry: times are kept to the millisecond, also in 400 days',
    async ({ store, record, id, after }) => {
      const advice = 'Keep the time of expiry to the millisecond, in 64 bits.';
      const times = [after(86_400 * 400 + 0.001), after(3600.999)];
      for (const [index, expiresAt] of times.entries()) {
        await store.put(record({ id: id(`${index}`), expiresAt }), null);
        same((await store.get('session', id(`${index}`)))?.expiresAt, expiresAt, advice);
      }
    },
  ],
  [
    'expiry: nothing unexpired is removed among 300 records',
    async ({ store, record, key, id, after, advance, idsOf }) => {
      const keys = [key('all')];
      const put = (name: string, seconds: number) =>
        store.put(record({ id: id(name), keys, expiresAt: after(seconds) }), null);
      await Promise.all(Array.from({ length: 200 }, (_, index) => put(`${index}`, index % 2 ? 60 : 0.5)));
      await advance(1.1);
      await Promise.all(Array.from({ length: 100 }, (_, index) => put(`more ${index}`.replace(' ', '-'), 60)));
      const advice = 'Remove expired records only; a full store must throw.';
      same((await idsOf(key('all'))).length, 200, advice);
      same((await store.get('session', id('1')))?.version, 1, advice);
    },
  ],
];
