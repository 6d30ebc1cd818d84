import type { ConfigurationPath } from '../configuration-error.ts';
import { normalizeDomain } from './addresses.ts';
import type { Connection } from './connection.ts';
import type { ConnectionPage, ConnectionStoreOptions, StorableConnection } from './connection-store.ts';
import { configurationError } from './issues.ts';
import { parseConnection } from './schema.ts';

/**
 * Validates a connection that is to be stored, as `createSso` validates what it reads, and fills in neither id nor organization.
 *
 * @throws TypeError that lists every problem with its path
 */
export function parseStorable(connection: StorableConnection, { roles }: ConnectionStoreOptions): Connection {
  const parsed = parseConnection(connection, { roles, defaults: { id: null, organizationId: null }, now: null });
  expectStorableTexts(connection);
  return parsed;
}

// PostgreSQL stores neither in JSON.
const notStorable = /\0|\p{Surrogate}/u;

/** @throws ConfigurationError for a text that not every database stores */
function expectStorableTexts(value: unknown, path: ConfigurationPath = []): void {
  if (typeof value === 'string' && notStorable.test(value)) {
    throw configurationError('invalid connection', [
      { path, message: 'contains a zero character or one half of a surrogate pair, which databases do not store' },
    ]);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    expectStorableTexts(key, [...path, key]);
    expectStorableTexts(each, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

/** The refusal of a domain that a connection of another organization has. It does not name that organization. */
export function domainTaken({ id, domains = [] }: StorableConnection, domain: string): TypeError {
  const index = domains.findIndex((each) => normalizeDomain(each) === domain);
  const message = `${domain} is a verified domain of another organization: remove it here, or from the connections of that organization`;
  return configurationError(`invalid connection ${JSON.stringify(id)}`, [{ path: ['domains', index], message }]);
}

/** The limit, and the id after which the page begins; empty: the first page. @throws TypeError for an invalid limit */
export function connectionPage({ limit, after = '' }: ConnectionPage): {
  readonly limit: number;
  readonly after: string;
} {
  if (Number.isInteger(limit) && limit > 0 && limit <= 1000) return { limit, after };
  throw new TypeError('limit must be an integer from 1 to 1000');
}
