import type { StoredConnection } from '../../../connections/connection-store.ts';
import { rejects, same, skipUnless } from '../user-store/expect.ts';
import type { ConnectionCaseBody } from './under-test.ts';

const settings = 'Return { settings, version }, where settings is the connection as it was written.';
const exactly = 'Compare exactly, in a binary collation.';
const ordered = 'Order connections by id (code units: a binary collation), and begin after the given id.';

/** Ids of connections, sorted. */
export function idsOf(found: readonly StoredConnection[]): readonly unknown[] {
  return found.map(idOf).sort();
}

function idOf({ settings: value }: StoredConnection): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
}

export const lookUpCases: readonly ConnectionCaseBody[] = [
  [
    'get: exactly the settings that were written',
    async ({ store, seed, connection, domain, stored, id }) => {
      const written = connection('acme', {
        domains: [domain('Acme').toUpperCase(), `bücher.${domain('acme')}`],
        policy: { roleMap: { 'é \u{1F600} \\ "\'': 'admin', constructor: 'member' }, defaultRole: null },
        enabled: false,
        acs: 'own',
      });
      await seed(written);
      same((await stored('acme')).settings, written, settings);
      same(await store.get(id('unknown')), null, 'get must resolve to null if there is no connection.');
    },
  ],
  [
    'get: an id is compared exactly',
    async ({ store, seed, connection, id }) => {
      for (const name of ['acme', 'ACME', 'acme.', 'acme~', 'acme@1:2_3']) await seed(connection(name));
      for (const name of ['acme', 'ACME', 'acme.', 'acme~', 'acme@1:2_3']) {
        same((await store.get(id(name)))?.settings, connection(name), exactly);
      }
      for (const name of ['Acme', 'acm', 'acme%', 'acm_', 'acme ']) same(await store.get(id(name)), null, exactly);
    },
  ],
  [
    'find: by issuer',
    async ({ store, seed, connection, id }) => {
      const { idp } = connection('shared');
      await seed(connection('acme'));
      await seed(connection('a', { idp }));
      await seed(connection('b', { idp }));
      const find = async (issuer: string) => idsOf(await store.find({ issuer }));
      const issuer = idp.entityId ?? '';
      same(
        await find(issuer),
        [id('a'), id('b')],
        'find must return every connection of the issuer, also of several organizations.',
      );
      same([await find(issuer.toUpperCase()), await find(`${issuer}/`)], [[], []], exactly);
    },
  ],
  [
    'find: by the issuer of long metadata or an entity ID of 1,000 characters',
    async ({ store, seed, connection, id }) => {
      const { idp } = connection('acme');
      const entityId = `https://idp.example/${id('x')}/`.padEnd(1000, 'é');
      await seed(connection('acme', { idp: { ...idp, entityId } }));
      same(idsOf(await store.find({ issuer: entityId })), [id('acme')], exactly);
      same(idsOf(await store.find({ issuer: entityId.slice(0, -1) })), [], exactly);
    },
  ],
  [
    'find: by verified domain, in the form of IDNA',
    async ({ store, seed, connection, domain, id }) => {
      await seed(connection('acme', { domains: [domain('Acme').toUpperCase(), `bücher.${domain('x')}`] }));
      await seed(connection('globex', { domains: [domain('globex')] }));
      const find = async (name: string) => idsOf(await store.find({ domain: name }));
      const advice = 'Search by the domains that parseConnection() returns: lower-case, in the form of IDNA.';
      same(await find(domain('acme')), [id('acme')], advice);
      same(await find(`xn--bcher-kva.${domain('x')}`), [id('acme')], advice);
      same([await find(domain('x')), await find(`sub.${domain('acme')}`)], [[], []], exactly);
    },
  ],
  [
    'find: by organization',
    async ({ store, seed, connection, organization, id }) => {
      const organizationId = organization('Acme & Söhne');
      await seed(connection('a', { organizationId }));
      await seed(connection('b', { organizationId }));
      await seed(connection('c'));
      const find = async (name: string) => idsOf(await store.find({ organizationId: organization(name) }));
      same(await find('Acme & Söhne'), [id('a'), id('b')], 'find must return every connection of the organization.');
      same([await find('ACME & Söhne'), await find('Acme & Sohne'), await find('Acme')], [[], [], []], exactly);
    },
  ],
  [
    'list: all connections in pages, ordered by id',
    async ({ store, seed, connection, id }) => {
      skipUnless(store.list, 'the store has no list');
      const names = ['9', 'b', 'A', '10', '_', 'a', '~', 'B', '-'];
      for (const name of names) await seed(connection(name));
      const pages: unknown[][] = [];
      // Ids of other cases precede and follow.
      let after = id('');
      for (let page = 0; page < 3; page++) {
        const found = await store.list({ limit: 3, after });
        pages.push(found.map(idOf));
        after = String(pages.at(-1)?.at(-1));
      }
      const sorted = names.map(id).sort();
      same(pages, [sorted.slice(0, 3), sorted.slice(3, 6), sorted.slice(6)], ordered);
      same((await store.list({ limit: 1 })).length, 1, 'Without after, the list begins with the first connection.');
      same(await store.list({ limit: 9, after: '~'.repeat(255) }), [], ordered);
    },
  ],
  [
    'list: returns what get returns, also after an id that does not exist',
    async ({ store, seed, connection, id, stored }) => {
      skipUnless(store.list, 'the store has no list');
      await seed(connection('a'));
      await seed(connection('c'));
      same(await store.list({ limit: 1, after: id('b') }), [await stored('c')], ordered);
    },
  ],
  [
    'list: a limit that is not from 1 to 1000 is a TypeError',
    async ({ store }) => {
      skipUnless(store.list, 'the store has no list');
      const advice = 'Throw a TypeError for a limit that is not an integer from 1 to 1000.';
      for (const limit of [0, -1, 1.5, 1001, Number.NaN]) await rejects(store.list({ limit }), TypeError, advice);
    },
  ],
];
