import type { Connection } from '../connections/connection.ts';
import type { ConnectionRegistry } from '../connections/registry.ts';
import { SamlError } from '../errors.ts';
import { parseUrl } from '../lib/parse-url.ts';
import { shown } from '../lib/quote.ts';
import { difference } from '../saml/difference.ts';

/** @throws SamlError `unknown_issuer`, whose hint names the configured entity IDs that are most similar */
export function unknownIssuer(registry: ConnectionRegistry, issuer: string | null, candidates: number): never {
  const hint =
    issuer === null
      ? 'The message has no Issuer, so its connection is unknown. Configure the identity provider to send one, or set acs: "own" for the connection and give its own ACS URL to the identity provider.'
      : candidates > 1
        ? `${candidates} connections have the entity ID ${shown(issuer)}; the message does not show which one it is for. Set acs: 'own' for them, and give each its own ACS URL at the identity provider.`
        : `No connection has an identity provider with the entity ID ${shown(issuer)}.${nearest(registry.all, issuer)} Set idp.entityId of the connection to the Issuer that the identity provider sends, to the letter; if this is not one of your identity providers, your ACS URL was entered there by mistake.`;
  throw new SamlError('unknown_issuer', { hint, details: { received: issuer?.slice(0, 1024) ?? null, candidates } });
}

// Anyone can send an unknown issuer: the work is bounded.
const maxCompared = 500;

/** At most two connections: those that differ by a common mistake, else those of the same host, else the only one. */
function nearest(all: readonly Connection[], issuer: string): string {
  const connections = issuer.length > 1024 ? [] : all.slice(0, maxCompared);
  const slips = connections.filter(({ idp }) => difference(issuer, idp.entityId) !== undefined);
  const host = hostOf(issuer);
  const sameHost = host === '' ? [] : connections.filter(({ idp }) => hostOf(idp.entityId) === host);
  const near = [slips, sameHost, connections.length === 1 ? connections : []].find((some) => some.length > 0) ?? [];
  return near
    .slice(0, 2)
    .map(
      (connection) =>
        ` Connection ${shown(connection.id)} has ${shown(connection.idp.entityId)}${how(connection, issuer)}.`,
    )
    .join('');
}

function how({ idp }: Connection, issuer: string): string {
  if (idp.entityId === idp.sso.redirect || idp.entityId === idp.sso.post)
    return ', which is its single sign-on URL: the entity ID is another value';
  const slip = difference(issuer, idp.entityId);
  return slip === undefined ? '' : `: they differ only in ${slip}`;
}

function hostOf(entityId: string): string {
  return parseUrl(entityId)?.host ?? '';
}
