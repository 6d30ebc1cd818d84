import { expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ServiceProviderMetadataOptions } from '../saml/sp-metadata.ts';
import { failure, unknownLogin } from './failure.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { UnknownConnection } from './unknown-connection.ts';

/**
 * The connection that metadata is asked for; `null`: none, it is for all.
 *
 * @throws TypeError for an unknown connection or key
 * @throws SamlError `connection_unavailable` or `store_failed`
 */
export async function describedConnection<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: { readonly connectionId?: string | undefined },
): Promise<Connection | null> {
  expectKnownKeys('metadata', input, ['connectionId']);
  const { connectionId } = input;
  if (connectionId === undefined) return null;
  const connection = await find(sso, connectionId);
  if (connection === null) throw new UnknownConnection(connectionId);
  return connection;
}

async function find<U extends Account<string>>(sso: ResolvedSso<U>, connectionId: string): Promise<Connection | null> {
  try {
    return await sso.registry.byId(connectionId);
  } catch (cause) {
    throw failure(sso, cause, unknownLogin, 'The metadata was not given out. Fetch it again.');
  }
}

/** What metadata says of AuthnRequests: of those of one connection, or what holds for every connection. */
export function requestFacts<U extends Account<string>>(
  { signing, registry }: Pick<ResolvedSso<U>, 'signing' | 'registry'>,
  connection: Connection | null,
): Pick<ServiceProviderMetadataOptions, 'authnRequestsSigned' | 'nameIdFormats'> {
  const described = connection === null ? registry.all : [connection];
  const formats = new Set(described.map(({ idp }) => idp.nameIdFormat));
  return {
    authnRequestsSigned: signing !== undefined && described.every(({ idp }) => idp.signRequests !== false),
    nameIdFormats: formats.size === 1 ? [...formats].filter((format) => format !== null) : [],
  };
}
