import type { ConnectionInput } from './input.ts';

/** A query of a store: exactly one of the keys. */
export type ConnectionQuery =
  | { readonly issuer: string }
  | { readonly domain: string }
  | { readonly organizationId: string };

/** A page of a list. */
export interface ConnectionPage {
  /** Maximum number of connections, from 1 to 1000. */
  readonly limit: number;
  /** The id of the last connection of the page before; it need not exist any more. Default: the first page. */
  readonly after?: string | undefined;
}

/** A connection as a {@link ConnectionStore} keeps it. */
export interface StoredConnection {
  /** Has the shape of a {@link StorableConnection}; it is validated when it is read, so one bad row fails alone. */
  readonly settings: unknown;
  /** Differs after each write: what `put` expects. Left out by a store without `put`. */
  readonly version?: number | undefined;
}

/** The settings of a connection in a {@link ConnectionStore}: nothing fills in an id or organization. */
export interface StorableConnection extends ConnectionInput {
  readonly id: string;
  readonly organizationId: string;
}

/**
 * Stores the connections of an application's customers. Logins need `get` and `find`; settings pages need the others.
 * `connectionStoreCases` of `saml-jit/testing/contracts` is the contract as tests.
 */
export interface ConnectionStore {
  /** The connection with this id, or `null`. */
  get(id: string): Promise<StoredConnection | null>;
  /**
   * Every connection of an issuer (entity ID of the identity provider, compared exactly), of a verified e-mail domain
   * (lower-case, IDNA form), or of an organization.
   */
  find(by: ConnectionQuery): Promise<readonly StoredConnection[]>;
  /** All connections, ordered by id (code units, ascending). */
  list?(page: ConnectionPage): Promise<readonly StoredConnection[]>;
  /**
   * Writes the connection if the stored one has `expectedVersion`. Resolves to `false`, and writes nothing, if it has another
   * version. Atomic, also with several processes.
   *
   * @param expectedVersion `null`: there must be no connection with this id
   * @throws TypeError that lists every problem of the settings, or that names a domain that a connection of another
   * organization has; nothing is written then
   */
  put?(connection: StorableConnection, expectedVersion: number | null): Promise<boolean>;
  /** Deletes the connection, and releases its domains. A missing connection is not an error. */
  delete?(id: string): Promise<void>;
}

/** A connection store with every capability, as those of this library are. */
export interface CompleteConnectionStore extends ConnectionStore {
  list(page: ConnectionPage): Promise<readonly StoredConnection[]>;
  put(connection: StorableConnection, expectedVersion: number | null): Promise<boolean>;
  delete(id: string): Promise<void>;
}

/** Options of every connection store of this library. */
export interface ConnectionStoreOptions {
  /** The application's roles, as `createSso` has them: `put` refuses a policy that names another. Left out: not checked. */
  readonly roles?: readonly string[] | undefined;
}
