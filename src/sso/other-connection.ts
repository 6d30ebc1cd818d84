import type { Connection } from '../connections/connection.ts';
import type { ConnectionRegistry } from '../connections/registry.ts';
import { SamlError } from '../errors.ts';
import { shown } from '../saml/rule-failures.ts';
import { parseTrustedKey } from '../xml/certificates.ts';
import { ApplicationFailure } from './call-application.ts';
import { quoted } from './find-connections.ts';

// Anybody can send a message that is signed with an unknown key.
const maxCompared = 500;

/**
 * Explains an unknown key by the other connections: a message that was posted to the address of the wrong one. Only hints
 * depend on it.
 *
 * @param issuer Issuer of the message, an untrusted claim
 * @returns a sentence for the hint, given the fingerprint of the certificate that the message names; `undefined`: nothing
 * points to another connection
 */
export async function otherConnectionOf(
  registry: ConnectionRegistry,
  connection: Connection,
  issuer: string | null,
): Promise<(fingerprint: string | null) => string | undefined> {
  const foreign = issuer !== null && issuer !== connection.idp.entityId && issuer.length <= 1024;
  const owners = foreign ? names(await byIssuer(registry, issuer), connection) : null;
  const ofIssuer =
    owners &&
    `The Issuer ${shown(issuer ?? '')} is that of ${owners}, and the message was validated against the connection ${shown(connection.id)}: compare the ACS URL at the identity provider, and the connection that the login was begun for`;
  return (fingerprint) => {
    const pinning = fingerprint === null ? null : names(pinnedBy(registry, fingerprint), connection);
    const ofKey = pinning && `That certificate is configured for ${pinning}`;
    return [ofIssuer, ofKey].filter((text) => text !== null).join('. ') || undefined;
  };
}

/** A store that fails here must not hide the failure that is to be explained. */
async function byIssuer(registry: ConnectionRegistry, issuer: string): Promise<readonly Connection[]> {
  try {
    return await registry.byIssuer(issuer);
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof SamlError) return [];
    throw error;
  }
}

function pinnedBy({ all }: ConnectionRegistry, fingerprint: string): readonly Connection[] {
  return all
    .slice(0, maxCompared)
    .filter(({ idp }) => idp.certificates.some((text) => parseTrustedKey(text).fingerprint === fingerprint));
}

function names(connections: readonly Connection[], except: Connection): string | null {
  const ids = connections.filter(({ id }) => id !== except.id).map(({ id }) => id);
  return ids.length === 0 ? null : `the connection${ids.length > 1 ? 's' : ''} ${quoted(ids)}`;
}
