import { rejects, same } from '../user-store/expect.ts';
import type { StateCaseBody } from './under-test.ts';

const exactly = 'find must return the records that have exactly this key, each once.';
const ordered = 'Order the records by id (code units: a binary collation), and begin after the given id.';

export const keyCases: readonly StateCaseBody[] = [
  [
    'find: the records that have the key, and no others',
    async ({ store, record, key, id, idsOf }) => {
      await store.put(record({ id: id('a'), keys: [key('user'), key('index')] }), null);
      await store.put(record({ id: id('b'), keys: [key('user')] }), null);
      await store.put(record({ id: id('c'), keys: [key('index')] }), null);
      await store.put(record({ id: id('d') }), null);
      same(await idsOf(key('user')), [id('a'), id('b')], exactly);
      same(await idsOf(key('index')), [id('a'), id('c')], exactly);
      same(await idsOf(key('unknown')), [], exactly);
      const [found] = await store.find('session', key('user'), { limit: 1 });
      same(found, await store.get('session', id('a')), 'find must return complete records, as get does.');
    },
  ],
  [
    'find: pages in the order of ids',
    async ({ store, record, key, id }) => {
      const names = ['9', 'b', 'A', '10', '_', 'a', '~', 'B', 'c', '-'];
      for (const name of names) await store.put(record({ id: id(name), keys: [key('all')] }), null);
      const pages: string[][] = [];
      let after: string | undefined;
      do {
        const found = await store.find('session', key('all'), { limit: 4, after });
        pages.push(found.map((each) => each.id));
        after = found.at(-1)?.id;
      } while (after !== undefined && pages.length < 9);
      const sorted = names.map(id).sort();
      same(pages, [sorted.slice(0, 4), sorted.slice(4, 8), sorted.slice(8), []], ordered);
    },
  ],
  [
    'find: a page begins after an id that was deleted, or never existed',
    async ({ store, record, key, id }) => {
      for (const name of ['a', 'b', 'c', 'e']) await store.put(record({ id: id(name), keys: [key('all')] }), null);
      const page = async (after: string, limit = 9) =>
        (await store.find('session', key('all'), { limit, after })).map((each) => each.id);
      await store.delete('session', id('b'));
      same([await page(id('b')), await page(id('d'))], [[id('c'), id('e')], [id('e')]], ordered);
      same(await page(id('a'), 1), [id('c')], 'A page must be full as long as there are more records.');
      same(await page(id('e')), [], ordered);
    },
  ],
  [
    'find: the keys of a put replace those before',
    async ({ store, record, key, idsOf }) => {
      const advice = 'put must replace all keys of the record.';
      await store.put(record({ keys: [key('a'), key('b')] }), null);
      await store.put(record({ keys: [key('b'), key('c')], version: 2 }), 1);
      const { id } = record();
      same([await idsOf(key('a')), await idsOf(key('b')), await idsOf(key('c'))], [[], [id], [id]], advice);
      await store.put(record({ version: 3 }), 2);
      same([await idsOf(key('b')), await idsOf(key('c'))], [[], []], advice);
      await store.put(record({ keys: [key('a'), key('a')], version: 4 }), 3);
      same(await idsOf(key('a')), [id], exactly);
    },
  ],
  [
    'find: a record has 20 keys, and 100 records have one',
    async ({ store, record, key, id, idsOf }) => {
      const keys = Array.from({ length: 20 }, (_, index) => key(`${index}`));
      await store.put(record({ keys }), null);
      for (const each of keys) same(await idsOf(each), [record().id], exactly);
      const ids = Array.from({ length: 100 }, (_, index) => id(`${index}`));
      await Promise.all(ids.map((each) => store.put(record({ id: each, keys: [key('all')] }), null)));
      same(await idsOf(key('all')), [...ids].sort(), ordered);
    },
  ],
  [
    'find: a limit that is not from 1 to 1000 is a TypeError',
    async ({ store, key }) => {
      const advice = 'Throw a TypeError for a limit that is not an integer from 1 to 1000.';
      for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
        await rejects(store.find('session', key('a'), { limit }), TypeError, advice);
      }
    },
  ],
];
