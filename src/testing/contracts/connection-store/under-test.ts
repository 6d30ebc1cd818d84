import { randomUUID } from 'node:crypto';
import type { ConnectionStore, StorableConnection, StoredConnection } from '../../../connections/connection-store.ts';
import { selfSigned } from '../../idp/self-signed.ts';

/** A connection store, made for an application with the roles `owner`, `admin` and `member`. */
export interface ConnectionStoreUnderTest {
  readonly store: ConnectionStore;
  /**
   * A second client of the same storage, like that of another process. Absent: cases about several processes are
   * skipped.
   */
  readonly other?: ConnectionStore | undefined;
  /** Writes a new connection directly. Default: `put` of the store. */
  seed?: ((connection: StorableConnection) => Promise<void>) | undefined;
  /** Called after each case, passed or failed. */
  close?: (() => Promise<void>) | undefined;
}

/** A store, and connections whose ids, organizations, issuers and domains no other case uses. */
export interface ConnectionFixture {
  readonly store: ConnectionStore;
  readonly other: ConnectionStore | undefined;
  readonly close: () => Promise<void>;
  /** An id, organization or domain of this case, by its name. */
  id(name: string): string;
  organization(name: string): string;
  domain(name: string): string;
  /** The connection `name` of the organization of that name, with the changes. */
  connection(name: string, changes?: Partial<StorableConnection>): StorableConnection;
  seed(connection: StorableConnection): Promise<void>;
  /** The result of `get`. @throws TypeError if the connection does not exist */
  stored(name: string): Promise<StoredConnection>;
}

/** Sets a store up for one case. */
export async function openConnectionFixture(
  setUp: () => Promise<ConnectionStoreUnderTest>,
): Promise<ConnectionFixture> {
  const underTest = await setUp();
  const { store, other } = underTest;
  const own = randomUUID();
  const { certificate } = selfSigned();
  const id = (name: string) => `${own}-${name}`;
  const organization = (name: string) => `organization ${own} ${name}`;
  return {
    store,
    other,
    close: async () => underTest.close?.(),
    id,
    organization,
    domain: (name) => `${name}.${own}.example`,
    connection: (name, changes = {}) => ({
      id: id(name),
      organizationId: organization(name),
      idp: { entityId: `https://idp.example/${own}/${name}`, ssoUrl: 'https://idp.example/sso', certificate },
      ...changes,
    }),
    async seed(connection) {
      if (underTest.seed) return underTest.seed(connection);
      if (!store.put) throw new TypeError('a store without put needs the hook seed');
      await store.put(connection, null);
    },
    async stored(name) {
      const found = await store.get(id(name));
      if (found === null) throw new TypeError(`get found no connection ${id(name)}`);
      return found;
    },
  };
}

/** One case: its name and its function. */
export type ConnectionCaseBody = readonly [name: string, body: (fixture: ConnectionFixture) => Promise<void>];
