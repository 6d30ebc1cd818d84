import { ConfigurationError, expectKnownKeys, invalidOption } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionStore, StorableConnection, StoredConnection } from '../connections/connection-store.ts';
import { isConnectionId, parseConnection } from '../connections/schema.ts';
import { connectionPage } from '../connections/storable.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ConnectionEntry, ConnectionVerbs, SaveResult, ValidConnectionEntry } from './connection-verbs.ts';
import { lookupConnections } from './lookup.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { serviceProvider } from './service-provider.ts';
import { expectOwnKeys } from './shared-keys.ts';

/** Makes `sso.connections`. */
export function connectionVerbs<U extends Account<string>>(sso: ResolvedSso<U>): ConnectionVerbs {
  return {
    get: (connectionId) => getConnection(sso, connectionId),
    list: (page) => listConnections(sso, page),
    save: (connection, options) => saveConnection(sso, connection, options),
    lookup: (target) => lookupConnections(sso, target),
    serviceProvider: (connectionId) => serviceProvider(sso, connectionId),
  };
}

async function getConnection<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connectionId: string,
): Promise<ConnectionEntry | null> {
  // Anyone can send an id, and a store may fail for a value that it cannot store.
  if (!isConnectionId(connectionId)) return null;
  const { connectionStore } = sso;
  if (connectionStore === null) return entriesInCode(sso).find(({ id }) => id === connectionId) ?? null;
  const row = await connectionStore.get(connectionId);
  if (row === null || row === undefined) return null;
  const entry = entryOf(sso, row);
  // A database may compare ids without regard to case.
  return entry.connection === null || entry.id === connectionId ? entry : null;
}

async function listConnections<U extends Account<string>>(
  sso: ResolvedSso<U>,
  page: Parameters<ConnectionVerbs['list']>[0],
): Promise<readonly ConnectionEntry[]> {
  const { connectionStore } = sso;
  const { limit, after } = connectionPage(page);
  if (connectionStore === null) {
    const sorted = entriesInCode(sso).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return sorted.filter(({ id }) => id > after).slice(0, limit);
  }
  expectCapability(connectionStore, 'list');
  const rows = await connectionStore.list(page);
  return rows.map((row) => entryOf(sso, row));
}

async function saveConnection<U extends Account<string>>(
  sso: ResolvedSso<U>,
  settings: StorableConnection,
  options: Parameters<ConnectionVerbs['save']>[1],
): Promise<SaveResult> {
  const { connectionStore } = sso;
  if (connectionStore === null) {
    throw new TypeError(
      'save: the connections of this application are given in code (option connections of createSso). Change them there, or give createSso a ConnectionStore',
    );
  }
  expectCapability(connectionStore, 'put');
  const expectedVersion = versionOf(options);
  const connection = parseConnection(settings, {
    ...parseOptions(sso),
    canSign: sso.signing !== undefined,
  });
  expectOwnKeys(connection, [], sso.decryptionKeys);
  if (expectedVersion !== null) await expectSameOrganization(connectionStore, connection);
  const isSaved: unknown = await connectionStore.put(settings, expectedVersion);
  if (typeof isSaved === 'boolean') return isSaved ? { outcome: 'saved', connection } : { outcome: 'conflict' };
  throw new TypeError(`put of the ConnectionStore must resolve to true or false; received ${typeof isSaved}`);
}

/** The id may come from a form: with it, one customer could take over the connection of another. */
async function expectSameOrganization(
  store: ConnectionStore,
  { id, organizationId }: Pick<Connection, 'id' | 'organizationId'>,
): Promise<void> {
  const settings: unknown = (await store.get(id))?.settings;
  const isOther =
    typeof settings === 'object' &&
    settings !== null &&
    'organizationId' in settings &&
    settings.organizationId !== organizationId;
  if (isOther)
    throw invalidOption(
      ['organizationId'],
      'is not that of the stored connection: a connection stays with its organization. Delete it, and save a new one',
    );
}

/** A missing version would overwrite what another operator saved. @throws TypeError */
function versionOf(options: Parameters<ConnectionVerbs['save']>[1]): number | null {
  expectKnownKeys('save', options ?? {}, ['expectedVersion']);
  const version: unknown = options?.expectedVersion;
  if (version === null || (typeof version === 'number' && Number.isSafeInteger(version))) return version;
  throw new TypeError(
    `save: expectedVersion must be the version that get or list returned, or null for a new connection; received ${String(version)}`,
  );
}

function entriesInCode<U extends Account<string>>({
  registry,
  connectionInputs,
}: ResolvedSso<U>): ValidConnectionEntry[] {
  return registry.all.map((connection, index) => {
    return { id: connection.id, settings: connectionInputs[index], version: null, connection, error: null };
  });
}

function entryOf<U extends Account<string>>(sso: ResolvedSso<U>, row: StoredConnection): ConnectionEntry {
  const { settings } = row;
  const version = row.version ?? null;
  try {
    const connection = parseConnection(settings, parseOptions(sso));
    return { id: connection.id, settings, version, connection, error: null };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const id: unknown = typeof settings === 'object' && settings !== null && 'id' in settings ? settings.id : null;
    return { id: typeof id === 'string' ? id : null, settings, version, connection: null, error };
  }
}

/** As connections of a store are parsed for a login: no id is filled in, and nothing depends on the time. */
function parseOptions<U extends Account<string>>({
  policy,
  roles,
}: ResolvedSso<U>): Parameters<typeof parseConnection>[1] {
  return { roles, defaults: { policy, id: null, organizationId: null }, now: null };
}

function expectCapability<K extends 'list' | 'put'>(
  store: ConnectionStore,
  name: K,
): asserts store is ConnectionStore & Required<Pick<ConnectionStore, K>> {
  if (typeof store[name] === 'function') return;
  const verb = name === 'put' ? 'save' : name;
  throw new TypeError(
    `the connection store has no ${name}(), an optional function of a ConnectionStore: add it to use sso.connections.${verb}`,
  );
}
