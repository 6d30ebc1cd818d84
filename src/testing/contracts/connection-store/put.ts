import type { StorableConnection } from '../../../connections/connection-store.ts';
import { rejects, same, skipUnless } from '../user-store/expect.ts';
import { idsOf } from './look-ups.ts';
import type { ConnectionCaseBody, ConnectionFixture } from './under-test.ts';

const compareAndSet = 'Compare the stored version and write in one atomic operation.';
const absent = 'With expectedVersion null, write only if there is no connection of the id.';
const validated =
  'Validate with parseConnection(connection, { roles, defaults: { id: null, organizationId: null }, now: null }), before anything is written.';
const noPut = 'the store has no put';

export const putCases: readonly ConnectionCaseBody[] = [
  [
    'put: a new connection, and then another version of it',
    async ({ store, connection, stored, id, domain }) => {
      skipUnless(store.put, noPut);
      same(await store.put(connection('acme', { domains: [domain('old')] }), null), true, absent);
      const { version = null } = await stored('acme');
      same(typeof version, 'number', 'get and find must return the version that put expects.');
      const { idp } = connection('moved');
      const changed = connection('acme', {
        organizationId: connection('x').organizationId,
        idp,
        domains: [domain('new')],
      });
      same(await store.put(changed, version), true, compareAndSet);
      const after = await stored('acme');
      same(
        [after.settings, after.version === version],
        [changed, false],
        'Each write must give the connection another version.',
      );
      const found = async (by: Parameters<typeof store.find>[0]) => idsOf(await store.find(by));
      const { organizationId, idp: before } = connection('acme');
      const old = [{ organizationId }, { issuer: before.entityId ?? '' }, { domain: domain('old') }];
      const now = [
        { organizationId: changed.organizationId },
        { issuer: idp.entityId ?? '' },
        { domain: domain('new') },
      ];
      const advice = 'put must replace everything by which the connection is found.';
      for (const by of old) same(await found(by), [], advice);
      for (const by of now) same(await found(by), [id('acme')], advice);
    },
  ],
  [
    'put: with null, a connection must not exist',
    async ({ store, connection, stored }) => {
      skipUnless(store.put, noPut);
      await store.put(connection('acme'), null);
      same(await store.put(connection('acme', { enabled: false }), null), false, absent);
      same((await stored('acme')).settings, connection('acme'), absent);
    },
  ],
  [
    'put: with a version, the stored connection must have it',
    async ({ store, connection, stored, id }) => {
      skipUnless(store.put, noPut);
      same(await store.put(connection('acme'), 1), false, compareAndSet);
      same(await store.get(id('acme')), null, compareAndSet);
      await store.put(connection('acme'), null);
      const { version = 0 } = await stored('acme');
      await store.put(connection('acme', { enabled: false }), version);
      const stale = connection('acme', { acs: 'own' });
      same([await store.put(stale, version), await store.put(stale, version + 1000)], [false, false], compareAndSet);
      same((await stored('acme')).settings, connection('acme', { enabled: false }), compareAndSet);
    },
  ],
  [
    'put: of 20 concurrent new connections with one id exactly one is written',
    async (fixture) => race(fixture, null, absent),
  ],
  [
    'put: of 20 concurrent writes with the same version exactly one is written',
    async (fixture) => {
      skipUnless(fixture.store.put, noPut);
      await fixture.store.put(fixture.connection('acme'), null);
      await race(fixture, (await fixture.stored('acme')).version ?? 0, compareAndSet);
    },
  ],
  [
    'put: 20 concurrent writes of different connections are all written',
    async ({ store, other = store, connection, id, organization }) => {
      skipUnless(store.put, noPut);
      const organizationId = organization('acme');
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
      const writes = names.map(async (name, index) =>
        (index % 2 ? store : other).put?.(connection(name, { organizationId }), null),
      );
      const advice = 'Writes of different connections must not conflict.';
      same(
        await Promise.all(writes),
        names.map(() => true),
        advice,
      );
      same(idsOf(await store.find({ organizationId })), names.map(id).sort(), advice);
    },
  ],
  [
    'put: settings that createSso would refuse are a TypeError, and nothing is written',
    async ({ store, connection, id, domain }) => {
      skipUnless(store.put, noPut);
      const { idp, ...rest } = connection('acme');
      const wrong: readonly Partial<StorableConnection>[] = [
        { idp: {} },
        { idp: { ...idp, certificate: 'no certificate' } },
        { domains: ['gmail.com'] },
        { domains: [domain('acme'), 'no domain'] },
        { policy: { defaultRole: 'superuser' } },
        { policy: { roleMap: { staff: 'superuser' } } },
      ];
      for (const changes of wrong) {
        await rejects(store.put({ idp, ...rest, ...changes }, null), TypeError, validated);
        same([await store.get(id('acme')), await store.find({ domain: domain('acme') })], [null, []], validated);
      }
      same(await store.put(connection('acme', { policy: { defaultRole: 'member' } }), null), true, validated);
    },
  ],
  [
    'put: neither id nor organization is filled in',
    async ({ store, connection }) => {
      skipUnless(store.put, noPut);
      const { id: _, ...withoutId } = connection('acme');
      const { organizationId: __, ...withoutOrganization } = connection('acme');
      for (const incomplete of [withoutId, withoutOrganization]) {
        // As JavaScript may call it.
        await rejects(store.put(incomplete as StorableConnection, null), TypeError, validated);
      }
    },
  ],
  [
    'put: metadata that has expired is written, as it may still be used for some days',
    async ({ store, connection, stored, id }) => {
      skipUnless(store.put, noPut);
      const { idp } = connection('acme');
      const certificate = String(idp.certificate).replace(/-----[A-Z ]+-----|\s/g, '');
      const metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/${id('m')}" validUntil="2020-01-01T00:00:00Z"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>`;
      same(await store.put(connection('acme', { idp: { metadata } }), null), true, validated);
      same((await stored('acme')).settings, connection('acme', { idp: { metadata } }), validated);
      const advice = 'Search by the entity ID that parseConnection() returns, also if the connection has metadata.';
      same(idsOf(await store.find({ issuer: `https://idp.example/${id('m')}` })), [id('acme')], advice);
    },
  ],
  [
    'delete: the connection is not found after it, and may be put again, with another version',
    async ({ store, connection, stored, id, domain }) => {
      skipUnless(store.put && store.delete, 'the store has no put and delete');
      const acme = connection('acme', { domains: [domain('acme')] });
      await store.put(acme, null);
      const { version = 0 } = await stored('acme');
      await store.delete(id('acme'));
      const { organizationId } = acme;
      const left = [
        await store.get(id('acme')),
        await store.find({ domain: domain('acme') }),
        await store.find({ organizationId }),
      ];
      same(left, [null, [], []], 'delete must remove everything by which the connection is found.');
      same(await store.put(acme, version), false, compareAndSet);
      same(await store.put(acme, null), true, absent);
      same(
        (await stored('acme')).version === version,
        false,
        'A version must not occur again: a page that is open for hours may expect it.',
      );
      await store.delete(id('unknown'));
    },
  ],
  [
    'put: one process reads the writes of another',
    async ({ store, other, connection, id }) => {
      skipUnless(store.put && other?.put, 'there is no second client with put');
      await store.put(connection('acme'), null);
      const read = await other.get(id('acme'));
      same(read, await store.get(id('acme')), 'Both must use one storage.');
      same(await other.put(connection('acme', { enabled: false }), read?.version ?? 0), true, compareAndSet);
    },
  ],
];

async function race(
  { store, other = store, connection, stored }: ConnectionFixture,
  expectedVersion: number | null,
  advice: string,
): Promise<void> {
  skipUnless(store.put, noPut);
  const of = (index: number) => connection('acme', { policy: { roleMap: { staff: 'member', [`${index}`]: 'admin' } } });
  const writes = Array.from({ length: 20 }, async (_, index) =>
    (index % 2 ? store : other).put?.(of(index), expectedVersion),
  );
  const winners = (await Promise.all(writes)).flatMap((isWritten, index) => (isWritten ? [index] : []));
  same(winners.length, 1, advice);
  same((await stored('acme')).settings, of(winners[0] ?? -1), advice);
}
