import { setImmediate } from 'node:timers/promises';
import type {
  CompleteConnectionStore,
  StorableConnection,
  StoredConnection,
} from '../../../src/connections/connection-store.ts';
import { memoryConnectionStore } from '../../../src/stores/memory-connection-store.ts';

/** A connection store with one defect, and the case that must catch it. */
interface DefectiveStore {
  readonly make: () => CompleteConnectionStore;
  readonly caughtBy: string;
}

const roles = ['owner', 'admin', 'member'];

/** The store in memory with some of its functions replaced. */
function replacing(
  caughtBy: string,
  replace: (store: CompleteConnectionStore) => Partial<CompleteConnectionStore>,
): DefectiveStore {
  return {
    caughtBy,
    make: () => {
      const store = memoryConnectionStore({ roles });
      return { ...store, ...replace(store) };
    },
  };
}

const versionOf = async (store: CompleteConnectionStore, id: string) => (await store.get(id))?.version ?? null;
const withoutDomains = ({ domains: _, ...rest }: StorableConnection): StorableConnection => rest;

export const connectionDefects: Readonly<Record<string, DefectiveStore>> = {
  'gives the settings alone': replacing('get: exactly the settings that were written', (store) => ({
    get: async (id) => ((await store.get(id))?.settings ?? null) as StoredConnection | null,
  })),
  'folds ids': replacing('get: an id is compared exactly', (store) => ({
    get: async (id) => (await store.get(id)) ?? (await store.get(id.replace('Acme', 'acme'))),
  })),
  'finds one of several': replacing('find: by issuer', (store) => ({
    find: async (by) => (await store.find(by)).slice(0, 1),
  })),
  'cuts issuers': replacing('find: by the issuer of long metadata or an entity ID of 1,000 characters', (store) => ({
    find: async (by) => store.find('issuer' in by ? { issuer: by.issuer.padEnd(1000, 'é') } : by),
  })),
  'looks for domains as they were typed': replacing('find: by verified domain, in the form of IDNA', (store) => ({
    find: async (by) => ('domain' in by && by.domain.startsWith('xn--') ? [] : store.find(by)),
  })),
  'lists everything': replacing('list: all connections in pages, ordered by id', (store) => ({
    list: ({ after }) => store.list({ limit: 1000, after }),
  })),
  'writes whatever the version': replacing('put: with a version, the stored connection must have it', (store) => ({
    put: async (connection, expected) =>
      store.put(connection, expected === null ? null : await versionOf(store, connection.id)),
  })),
  'replaces what exists': replacing('put: with null, a connection must not exist', (store) => ({
    put: async (connection, expected) => store.put(connection, expected ?? (await versionOf(store, connection.id))),
  })),
  'looks before it writes': replacing(
    'put: of 20 concurrent writes with the same version exactly one is written',
    (store) => ({
      async put(connection, expected) {
        if ((await versionOf(store, connection.id)) !== expected) return false;
        await setImmediate();
        return store.put(connection, await versionOf(store, connection.id));
      },
    }),
  ),
  'checks no roles': replacing(
    'put: settings that createSso would refuse are a TypeError, and nothing is written',
    () => memoryConnectionStore(),
  ),
  'fills in what is missing': replacing('put: neither id nor organization is filled in', (store) => ({
    put: (connection, expected) =>
      store.put(
        { ...connection, id: connection.id ?? 'default', organizationId: connection.organizationId ?? 'default' },
        expected,
      ),
  })),
  'counts versions from 1': replacing(
    'delete: the connection is not found after it, and may be put again, with another version',
    (store) => {
      const versions = new Map<string, number>();
      return {
        async get(id) {
          const found = await store.get(id);
          return found && { ...found, version: versions.get(id) };
        },
        async put(connection, expected) {
          const { id } = connection;
          if ((versions.get(id) ?? null) !== expected) return false;
          versions.set(id, (expected ?? 0) + 1);
          return store.put(connection, await versionOf(store, id));
        },
        async delete(id) {
          versions.delete(id);
          await store.delete(id);
        },
      };
    },
  ),
  'knows no domains of others': replacing(
    'domains: one that another organization has is a TypeError, and nothing is written',
    (store) => ({ put: (connection, expected) => store.put(withoutDomains(connection), expected) }),
  ),
  'takes a domain for that of one connection': replacing(
    'domains: several connections of one organization may share one',
    (store) => ({
      async put(connection, expected) {
        for (const domain of connection.domains ?? []) {
          if ((await store.find({ domain })).length > 0) throw new TypeError(`${domain} is taken`);
        }
        return store.put(connection, expected);
      },
    }),
  ),
  'never releases a domain': replacing(
    'domains: free after the last connection of the organization has released it',
    (store) => {
      const owners = new Map<string, string>();
      return {
        async put(connection, expected) {
          for (const domain of connection.domains ?? []) {
            const owner = owners.get(domain) ?? connection.organizationId;
            if (owner !== connection.organizationId) throw new TypeError(`${domain} is taken`);
            owners.set(domain, owner);
          }
          return store.put(connection, expected);
        },
      };
    },
  ),
  'looks for other owners before it writes': replacing(
    'domains: of 10 concurrent organizations exactly one gets it',
    (store) => {
      const inner = new Map<string, CompleteConnectionStore>();
      return {
        async put(connection, expected) {
          for (const each of inner.values()) {
            for (const domain of connection.domains ?? []) {
              if ((await each.find({ domain })).length > 0) throw new TypeError(`${domain} is taken`);
            }
          }
          await setImmediate();
          const own = inner.get(connection.organizationId) ?? memoryConnectionStore({ roles });
          inner.set(connection.organizationId, own);
          return (await own.put(connection, expected)) && (await store.put(withoutDomains(connection), expected));
        },
      };
    },
  ),
};
