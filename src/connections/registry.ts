import { createHash } from 'node:crypto';
import { ConfigurationError, type ConfigurationPath, checkAt, invalidOption } from '../configuration-error.ts';
import { SamlError } from '../errors.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { normalizeDomain } from './addresses.ts';
import type { Connection } from './connection.ts';
import type { ConnectionInput } from './input.ts';
import { oneLine } from './issues.ts';
import { type ConnectionDefaults, checkPolicy, isConnectionId, parseConnection } from './schema.ts';

/** What a store is asked for: exactly one of the keys. */
export type ConnectionQuery =
  | { readonly issuer: string }
  | { readonly domain: string }
  | { readonly organizationId: string };

/**
 * Where an application keeps its customers' connections. Rows have the shape of {@link ConnectionInput}, with `id` and
 * `organizationId`; each is validated when it is read, so one bad row fails alone.
 */
export interface ConnectionStore {
  /** The connection with this id, or `null`. */
  get(id: string): Promise<unknown | null>;
  /**
   * Every connection of an issuer (entity ID of the identity provider, compared exactly), of a verified e-mail domain
   * (lower-case, IDNA form), or of an organization.
   */
  find(by: ConnectionQuery): Promise<readonly unknown[]>;
}

/** The configured connections. */
export interface ConnectionRegistry {
  /** Every connection, in the order given; empty with a {@link ConnectionStore}. */
  readonly all: readonly Connection[];
  /** The connection, if there is only one; `null` with several or a store. */
  readonly only: Connection | null;
  /** @throws SamlError `connection_unavailable` when the store's row is not valid */
  byId(id: string): Promise<Connection | null>;
  /** By entity ID of the identity provider: a hint only, several connections may share it. */
  byIssuer(issuer: string): Promise<readonly Connection[]>;
  byDomain(domain: string): Promise<readonly Connection[]>;
  byOrganization(organizationId: string): Promise<readonly Connection[]>;
  /** The same connections; invalid rows of the store are reported to this function instead. */
  reportingTo(onInvalid: (row: InvalidRow) => void): ConnectionRegistry;
}

/** A row of a {@link ConnectionStore} that is not valid, and was omitted from a list. */
export interface InvalidRow {
  /** `null`: it has no valid id. */
  readonly id: string | null;
  readonly error: TypeError;
}

/** Options of {@link connectionRegistry}. */
export interface RegistryOptions {
  readonly defaults?: { readonly policy?: ConnectionDefaults['policy'] } | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly onInvalid?: ((row: InvalidRow) => void) | undefined;
  /** Calls a function of the store; it may replace the error that the function throws. Default: calls it. */
  readonly callStore?:
    | (<T>(name: 'connections.get' | 'connections.find', call: () => Promise<T>) => Promise<T>)
    | undefined;
}

/**
 * Makes a registry of connections. It does not depend on the time: `validUntil` of metadata is checked at each login.
 *
 * @throws ConfigurationError with every issue of connections given by value, or of the default policy
 */
export function connectionRegistry(
  connections: ConnectionInput | readonly ConnectionInput[] | ConnectionStore,
  options: RegistryOptions = {},
): ConnectionRegistry {
  checkPolicy(options.defaults?.policy, options.roles);
  expectConnections(connections);
  if (isStore(connections)) return fromStore(connections, options);
  if (isList(connections)) return fromList(connections, (index) => ['connections', index], options);
  return fromList([connections], () => ['connections'], options);
}

function fromList(
  inputs: readonly ConnectionInput[],
  pathOf: (index: number) => ConfigurationPath,
  options: RegistryOptions,
): ConnectionRegistry {
  const single = inputs.length === 1;
  const defaults: ConnectionDefaults = {
    ...options.defaults,
    id: single ? 'default' : null,
    // A single-tenant application names no organization. If others are named, a default would mix up tenants.
    organizationId: inputs.every((input) => input?.organizationId === undefined) ? 'default' : null,
  };
  const errors: ConfigurationError[] = [];
  const all = inputs.flatMap((input, index) => {
    try {
      const check = () => parseConnection(input, { roles: options.roles, defaults, now: null });
      return [checkAt(pathOf(index), check, ({ message }) => (single ? message : `connections[${index}]: ${message}`))];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      errors.push(error);
      return [];
    }
  });
  const ids = all.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) {
    const message = `two connections have the id ${JSON.stringify(repeated)}`;
    errors.push(new ConfigurationError(message, [{ path: ['connections'], message }]));
  }
  const [first, ...more] = errors;
  if (first) throw more.length === 0 ? first : joinErrors(first, more);
  const lookup: Lookup = {
    get: async (id) => all.find((connection) => connection.id === id) ?? null,
    find: async (by) => all.filter((connection) => matches(connection, by)),
    reportingTo: () => lookup,
  };
  return registry(all, lookup);
}

function joinErrors(first: ConfigurationError, more: readonly ConfigurationError[]): ConfigurationError {
  const errors = [first, ...more];
  const message = errors.map((error) => error.message).join('\n');
  const issues = errors.flatMap((error) => error.issues);
  return new ConfigurationError(message, issues, { cause: first.cause });
}

function fromStore(store: ConnectionStore, options: RegistryOptions): ConnectionRegistry {
  const parse = cachedParser(options);
  const { callStore = (_name, call) => call() } = options;
  const lookup = (onInvalid: RegistryOptions['onInvalid']): Lookup => ({
    async get(id) {
      const row = await callStore('connections.get', () => store.get(id));
      if (row === null || row === undefined) return null;
      const connection = parse(row);
      if (connection instanceof TypeError) {
        throw new SamlError('connection_unavailable', {
          hint: `${oneLine(connection)}. Correct the row of the connection store.`,
          details: { reason: 'invalid', id },
          cause: connection,
        });
      }
      // A database may compare without regard to case.
      return connection.id === id ? connection : null;
    },
    async find(by) {
      const rows = await callStore('connections.find', () => findRows(store, by));
      return rows.flatMap((row) => {
        const connection = parse(row);
        if (!(connection instanceof TypeError)) return matches(connection, by) ? [connection] : [];
        onInvalid?.({ id: idOf(row), error: connection });
        return [];
      });
    },
    reportingTo: lookup,
  });
  return registry([], lookup(options.onInvalid));
}

async function findRows(store: ConnectionStore, by: ConnectionQuery): Promise<readonly unknown[]> {
  const rows: unknown = await store.find(by);
  if (isRows(rows)) return rows;
  throw new TypeError(`find of the ConnectionStore must resolve to an array; received ${typeof rows}`);
}

function idOf(row: unknown): string | null {
  const id: unknown = typeof row === 'object' && row !== null && 'id' in row ? row.id : null;
  return typeof id === 'string' && isConnectionId(id) ? id : null;
}

interface Lookup {
  get(id: string): Promise<Connection | null>;
  find(by: ConnectionQuery): Promise<readonly Connection[]>;
  reportingTo(onInvalid: (row: InvalidRow) => void): Lookup;
}

function registry(all: readonly Connection[], { get, find, reportingTo }: Lookup): ConnectionRegistry {
  return {
    all,
    only: all.length === 1 ? (all[0] ?? null) : null,
    // Ids come from anonymous visitors, and some text makes a store fail, e.g. a null character in PostgreSQL.
    byId: async (id) => (isConnectionId(id) ? get(id) : null),
    byIssuer: (issuer) => find({ issuer }),
    byDomain: async (domain) => {
      const normalized = normalizeDomain(domain);
      return normalized === null ? [] : find({ domain: normalized });
    },
    byOrganization: async (organizationId) =>
      organizationId.length > 1024 || organizationId.includes('\0') ? [] : find({ organizationId }),
    reportingTo: (onInvalid) => registry(all, reportingTo(onInvalid)),
  };
}

function matches(connection: Connection, by: ConnectionQuery): boolean {
  if ('issuer' in by) return connection.idp.entityId === by.issuer;
  return 'domain' in by ? connection.domains.includes(by.domain) : connection.organizationId === by.organizationId;
}

/** Parses rows, each content once: parsing certificates and metadata costs more than the look-up. */
function cachedParser(options: RegistryOptions): (row: unknown) => Connection | TypeError {
  const cache = boundedCache<string, Connection>(1000);
  const defaults: ConnectionDefaults = { ...options.defaults, id: null, organizationId: null };
  return (row) => {
    try {
      const text = JSON.stringify(row) ?? '';
      const key = createHash('sha256').update(text).digest('base64');
      const connection = cache.get(key) ?? parseConnection(row, { roles: options.roles, defaults, now: null });
      // Also after a hit: connections in use stay.
      cache.set(key, connection);
      return connection;
    } catch (error) {
      if (error instanceof TypeError) return error;
      throw error;
    }
  };
}

function expectConnections(value: unknown): void {
  const expected = 'must be a connection ({ idp: ... }), a list of them, or a ConnectionStore';
  if (typeof value !== 'object' || value === null)
    throw invalidOption(['connections'], `${expected}; received ${value === null ? 'null' : typeof value}`);
  if (isList(value) || isStore(value) || 'idp' in value) return;
  if ('get' in value || 'find' in value)
    throw invalidOption(['connections'], `${expected}, which has both get and find`);
  const byId = Object.entries(value).find(([, each]) => typeof each === 'object' && each !== null && 'idp' in each);
  if (byId)
    throw invalidOption(
      ['connections'],
      `${expected}; to give each an id, write [{ id: ${JSON.stringify(byId[0])}, ... }, ...]`,
    );
}

function isStore(value: object): value is ConnectionStore {
  return 'get' in value && 'find' in value && !isList(value);
}

function isRows(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isList(value: unknown): value is readonly ConnectionInput[] {
  return Array.isArray(value);
}
