import { rejects, same, settled, skipUnless } from '../user-store/expect.ts';
import { idsOf } from './look-ups.ts';
import type { ConnectionCaseBody } from './under-test.ts';

const taken = 'Throw a TypeError for a domain that a connection of another organization has, and write nothing.';
const released = 'A domain is free as soon as no connection of the organization has it.';
const atomic = 'Let the database decide: a unique index on the domain, or one write of connections at a time.';
const noPut = 'the store has no put';

export const domainCases: readonly ConnectionCaseBody[] = [
  [
    'domains: one that another organization has is a TypeError, and nothing is written',
    async ({ store, connection, domain, id }) => {
      skipUnless(store.put, noPut);
      await store.put(connection('acme', { domains: [domain('shared')] }), null);
      const rival = connection('globex', { domains: [domain('own'), domain('Shared').toUpperCase()] });
      await rejects(store.put(rival, null), TypeError, taken);
      same([await store.get(id('globex')), await store.find({ domain: domain('own') })], [null, []], taken);
      const { error } = await settled(store.put(rival, null));
      const message = error instanceof Error ? error.message : '';
      same(message.includes(domain('shared')), true, 'The error must name the domain.');
      same(message.includes('acme'), false, 'The error must not name the other organization: a customer may read it.');
      same(await store.put(connection('globex', { domains: [domain('own')] }), null), true, taken);
    },
  ],
  [
    'domains: several connections of one organization may share one',
    async ({ store, connection, domain, organization, id }) => {
      skipUnless(store.put, noPut);
      const changes = { organizationId: organization('acme'), domains: [domain('shared')] };
      same(await store.put(connection('a', changes), null), true, 'Only another organization makes a domain taken.');
      same(await store.put(connection('b', changes), null), true, 'Only another organization makes a domain taken.');
      same(idsOf(await store.find({ domain: domain('shared') })), [id('a'), id('b')], 'find must give both.');
    },
  ],
  [
    'domains: free after the last connection of the organization has released it',
    async ({ store, connection, domain, organization, stored, id }) => {
      skipUnless(store.put && store.delete, 'the store has no put and delete');
      const changes = { organizationId: organization('acme'), domains: [domain('shared')] };
      for (const name of ['a', 'b']) await store.put(connection(name, changes), null);
      const rival = connection('globex', { domains: [domain('shared')] });
      await store.put(connection('a', { ...changes, domains: [] }), (await stored('a')).version ?? 0);
      await rejects(store.put(rival, null), TypeError, taken);
      await store.delete(id('b'));
      same(await store.put(rival, null), true, released);
      same(idsOf(await store.find({ domain: domain('shared') })), [id('globex')], released);
    },
  ],
  [
    'domains: a connection that moves to another organization keeps its domains',
    async ({ store, connection, domain, organization, stored }) => {
      skipUnless(store.put, noPut);
      const domains = [domain('shared')];
      await store.put(connection('a', { domains }), null);
      const moved = connection('a', { domains, organizationId: organization('new') });
      same(await store.put(moved, (await stored('a')).version ?? 0), true, released);
      await store.put(connection('b', { domains, organizationId: organization('new') }), null);
      const back = connection('a', { domains });
      await rejects(store.put(back, (await stored('a')).version ?? 0), TypeError, taken);
      same((await stored('a')).settings, moved, taken);
    },
  ],
  [
    'domains: of 10 concurrent organizations exactly one gets it',
    async ({ store, other = store, connection, domain, id }) => {
      skipUnless(store.put, noPut);
      const domains = [domain('shared')];
      const names = Array.from({ length: 10 }, (_, index) => `o${index}`);
      const results = await Promise.all(
        names.map((name, index) =>
          settled(Promise.resolve((index % 2 ? store : other).put?.(connection(name, { domains }), null))),
        ),
      );
      same(results.filter(({ value }) => value === true).length, 1, atomic);
      same(results.filter(({ error }) => error instanceof TypeError).length, 9, `${atomic} ${taken}`);
      const winner = names[results.findIndex(({ value }) => value === true)] ?? '';
      same(idsOf(await store.find({ domain: domain('shared') })), [id(winner)], atomic);
    },
  ],
  [
    'domains: of two organizations that exchange theirs concurrently neither has both',
    async ({ store, other = store, connection, domain, stored }) => {
      skipUnless(store.put, noPut);
      const [a, b] = [domain('a'), domain('b')];
      for (let round = 0; round < 5; round++) {
        const names = [`a${round}`, `b${round}`] as const;
        const own = [[`${round}.${a}`], [`${round}.${b}`]] as const;
        const both = [...own[0], ...own[1]];
        for (const index of [0, 1] as const) await store.put(connection(names[index], { domains: own[index] }), null);
        const writes = [0, 1].map(async (index) => {
          const name = names[index === 0 ? 0 : 1];
          const { version = 0 } = await stored(name);
          return settled(Promise.resolve((index ? store : other).put?.(connection(name, { domains: both }), version)));
        });
        const errors = (await Promise.all(writes)).map(({ error }) => error instanceof TypeError);
        same(errors, [true, true], `${atomic} ${taken}`);
        for (const each of both) same((await store.find({ domain: each })).length, 1, atomic);
      }
    },
  ],
];
