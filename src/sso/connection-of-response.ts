import type { Connection } from '../connections/connection.ts';
import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { UnverifiedResponse } from '../saml/decode-response.ts';
import type { OpenedRequest } from './request-cookie.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { unknownIssuer } from './unknown-issuer.ts';

/**
 * The connection that a response is validated against: that of the route, else that of the request that this browser began,
 * else the one whose identity provider is the Issuer. A drafted connection replaces them.
 *
 * @throws SamlError `connection_unavailable`, `unknown_issuer`, `browser_mismatch` or `destination_mismatch`
 */
export async function connectionOfResponse<U extends Account<string>>(
  { registry }: ResolvedSso<U>,
  { issuer }: UnverifiedResponse,
  routed: string | undefined,
  opened: OpenedRequest | null,
  drafted: Connection | null,
): Promise<Connection> {
  if (drafted !== null) return expectOwnRoute(drafted, routed);
  const requested = opened?.state === 'open' ? opened.pending.connectionId : undefined;
  if (routed !== undefined && requested !== undefined && routed !== requested) {
    throw new SamlError('browser_mismatch', {
      hint: `The login was begun for the connection ${JSON.stringify(requested)}, and the response was posted to that of ${JSON.stringify(routed)}. Correct the ACS URL at the identity provider.`,
      details: { state: 'other_connection', expected: requested, received: routed },
    });
  }
  const id = routed ?? requested;
  if (id !== undefined) {
    const connection = await registry.byId(id);
    if (connection !== null) return expectOwnRoute(connection, routed);
    throw new SamlError('connection_unavailable', {
      hint: `There is no connection ${JSON.stringify(id)} (any more). Take the ACS URL from the metadata of an existing connection.`,
      details: { reason: 'not_found', received: id },
    });
  }
  // Entity IDs have at most 1024 characters (SAML Core 8.3.6): the store is not asked for a longer one.
  const candidates = issuer === null || issuer.length > 1024 ? [] : await registry.byIssuer(issuer);
  const [connection] = candidates;
  if (connection !== undefined && candidates.length === 1) return expectOwnRoute(connection, routed);
  return unknownIssuer(registry, issuer, candidates.length);
}

/**
 * Where several connections trust one identity provider, only their ACS URLs separate its applications: a response to
 * another ACS URL is addressed to another connection.
 */
function expectOwnRoute(connection: Connection, routed: string | undefined): Connection {
  if (connection.acs !== 'own' || routed !== undefined) return connection;
  throw new SamlError('destination_mismatch', {
    hint: `The response was posted to the shared ACS URL, and the connection ${JSON.stringify(connection.id)} has one of its own (acs: 'own'). Enter that at the identity provider: it ends in /acs/${encodeURIComponent(connection.id)}.`,
    details: { expected: `/acs/${encodeURIComponent(connection.id)}`, received: '/acs' },
  });
}
