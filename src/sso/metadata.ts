import { expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import { buildSpMetadata, type ServiceProviderMetadataOptions } from '../saml/sp-metadata.ts';
import type { DecryptionPair } from '../xml/decryption-pairs.ts';
import { failure, unknownLogin } from './failure.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { UnknownConnection } from './unknown-connection.ts';

/** `sso.metadata`: the metadata for the identity provider of one connection, or for all. */
export async function spMetadata<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: { readonly connectionId?: string | undefined } = {},
): Promise<string> {
  expectKnownKeys('metadata', input, ['connectionId']);
  const { connectionId } = input;
  const connection = connectionId === undefined ? null : await expectConnection(sso, connectionId);
  const [decryption] = decryptionKeysOf(sso, connection);
  return buildSpMetadata({
    entityId: sso.entityIdOf(connection),
    acsUrls: [sso.acsUrlOf(connection)],
    signingCertificates: sso.signing === undefined ? [] : [sso.signing.certificate],
    ...requestOptions(sso, connection),
    encryptionCertificates: decryption === undefined ? [] : [decryption.certificate],
    // Only signed content is read, so a signature of either kind suffices unless the connection requires one.
    wantAssertionsSigned: connection?.idp.requireSigned !== 'response',
  });
}

/**
 * Reads a connection.
 *
 * @throws TypeError for an unknown connection
 * @throws SamlError `connection_unavailable` or `store_failed`
 */
export async function expectConnection<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connectionId: string,
): Promise<Connection> {
  const connection = await find(sso, connectionId);
  if (connection === null) throw new UnknownConnection(connectionId);
  return connection;
}

async function find<U extends Account<string>>(sso: ResolvedSso<U>, connectionId: string): Promise<Connection | null> {
  try {
    return await sso.registry.byId(connectionId);
  } catch (cause) {
    throw failure(sso, cause, unknownLogin, 'The metadata was not made. Fetch it again.');
  }
}

/** The decryption keys of a connection, newest first. `null`: those of the only connection, else those of `createSso`. */
export function decryptionKeysOf<U extends Account<string>>(
  { registry, decryptionKeys }: Pick<ResolvedSso<U>, 'registry' | 'decryptionKeys'>,
  connection: Connection | null,
): readonly DecryptionPair[] {
  return (connection ?? registry.only)?.decryption ?? decryptionKeys;
}

/** What the metadata says about AuthnRequests: those of one connection, or what holds for every connection. */
function requestOptions<U extends Account<string>>(
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
