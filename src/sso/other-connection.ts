import type { KeyObject } from 'node:crypto';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionRegistry } from '../connections/registry.ts';
import { SamlError } from '../errors.ts';
import { shown } from '../lib/quote.ts';
import { keyFingerprint, parseTrustedKey } from '../xml/certificates.ts';
import { ApplicationFailure } from './call-application.ts';
import { quoteIds } from './quote-ids.ts';

/** Connections by the public key that they pin; see {@link indexPinnedKeys}. */
export type PinnedKeys = ReadonlyMap<string, readonly Connection[]>;

/**
 * Indexes the connections in code by the keys that they pin, once: anyone can send a message with an unknown key, and reading
 * all certificates for each message would take seconds.
 */
export function indexPinnedKeys(connections: readonly Connection[]): PinnedKeys {
  const index = new Map<string, Connection[]>();
  for (const connection of connections) {
    for (const id of new Set(connection.idp.certificates.map((text) => keyFingerprint(parseTrustedKey(text).key)))) {
      const pinning = index.get(id) ?? [];
      pinning.push(connection);
      index.set(id, pinning);
    }
  }
  return index;
}

/**
 * Explains an unknown key by the other connections: the message may have been posted to the ACS URL of the wrong connection.
 * Only hints depend on it.
 *
 * @param issuer Issuer of the message, an untrusted claim
 * @returns a sentence for the hint, given the key of the certificate that the message names; `undefined`: nothing points to
 * another connection
 */
export async function otherConnectionOf(
  { registry, pinnedKeys }: { readonly registry: ConnectionRegistry; readonly pinnedKeys: PinnedKeys },
  connection: Connection,
  issuer: string | null,
): Promise<(key: KeyObject | null) => string | undefined> {
  const foreign = issuer !== null && issuer !== connection.idp.entityId && issuer.length <= 1024;
  const owners = foreign ? names(await byIssuer(registry, issuer), connection) : null;
  const ofIssuer =
    owners &&
    `The Issuer ${shown(issuer ?? '')} is that of ${owners}, and the message was validated against the connection ${shown(connection.id)}: compare the ACS URL at the identity provider, and the connection that the login was begun for`;
  return (key) => {
    const pinning = key === null ? null : names(pinnedKeys.get(keyFingerprint(key)) ?? [], connection);
    const ofKey = pinning && `The key of that certificate is configured for ${pinning}`;
    return [ofIssuer, ofKey].filter((text) => text !== null).join('. ') || undefined;
  };
}

/** A failing store must not replace the failure that is being explained. */
async function byIssuer(registry: ConnectionRegistry, issuer: string): Promise<readonly Connection[]> {
  try {
    return await registry.byIssuer(issuer);
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof SamlError) return [];
    throw error;
  }
}

function names(connections: readonly Connection[], except: Connection): string | null {
  const ids = connections.filter(({ id }) => id !== except.id).map(({ id }) => id);
  return ids.length === 0 ? null : `the connection${ids.length > 1 ? 's' : ''} ${quoteIds(ids)}`;
}
