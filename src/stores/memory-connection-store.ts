import { checkAt, invalidOption } from '../configuration-error.ts';
import type {
  CompleteConnectionStore,
  ConnectionStoreOptions,
  StorableConnection,
  StoredConnection,
} from '../connections/connection-store.ts';
import { connectionPage, domainTaken, parseStorable } from '../connections/storable.ts';

/** Options of {@link memoryConnectionStore}. */
export interface MemoryConnectionStoreOptions extends ConnectionStoreOptions {
  readonly connections?: readonly StorableConnection[] | undefined;
}

interface Entry {
  /** JSON, so that callers and store share no objects. */
  readonly text: string;
  readonly version: number;
  readonly organizationId: string;
  readonly issuer: string;
  readonly domains: readonly string[];
}

/**
 * A connection store for tests, demos and prototypes: everything is lost with the process.
 *
 * @param options connections to begin with, and the roles that `put` accepts
 * @throws ConfigurationError for initial connections that `put` would refuse, or two of one id
 * @example
 * ```ts
 * const connections = memoryConnectionStore({ roles: ['admin', 'member'] });
 * await connections.put({ id: 'acme', organizationId: 'acme', idp: { metadata } }, null);
 * const sso = createSso({ ...options, connections });
 * ```
 */
export function memoryConnectionStore(options: MemoryConnectionStoreOptions = {}): CompleteConnectionStore {
  // Nothing awaits between reading and writing below: that makes each call atomic.
  const entries = new Map<string, Entry>();
  let latestVersion = 0;

  function write(connection: StorableConnection, expectedVersion: number | null): boolean {
    const { id, organizationId, idp, domains } = parseStorable(connection, options);
    if ((entries.get(id)?.version ?? null) !== expectedVersion) return false;
    for (const entry of entries.values()) {
      const taken = domains.find((domain) => entry.domains.includes(domain));
      if (taken !== undefined && entry.organizationId !== organizationId && entry !== entries.get(id)) {
        throw domainTaken(connection, taken);
      }
    }
    latestVersion += 1;
    const text = JSON.stringify(connection);
    entries.set(id, { text, version: latestVersion, organizationId, issuer: idp.entityId, domains });
    return true;
  }

  const matching = (condition: (entry: Entry, id: string) => boolean): readonly StoredConnection[] =>
    [...entries]
      .filter(([id, entry]) => condition(entry, id))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { text, version }]) => ({ settings: JSON.parse(text), version }));

  for (const [index, connection] of (options.connections ?? []).entries()) {
    const isWritten = checkAt(
      ['connections', index],
      () => write(connection, null),
      ({ message }) => message,
    );
    if (!isWritten)
      throw invalidOption(
        ['connections', index, 'id'],
        `must be unique; received ${JSON.stringify(connection.id)} twice`,
      );
  }

  return {
    async get(id) {
      return matching((_, each) => each === id)[0] ?? null;
    },
    async find(by) {
      if ('issuer' in by) return matching(({ issuer }) => issuer === by.issuer);
      if ('domain' in by) return matching(({ domains }) => domains.includes(by.domain));
      return matching(({ organizationId }) => organizationId === by.organizationId);
    },
    async list(page) {
      const { limit, after } = connectionPage(page);
      return matching((_, id) => id > after).slice(0, limit);
    },
    async put(connection, expectedVersion) {
      return write(connection, expectedVersion);
    },
    async delete(id) {
      entries.delete(id);
    },
  };
}
