import type { Connection } from '../connections/connection.ts';
import { SamlError } from '../errors.ts';
import { isLoopback } from '../lib/hosts.ts';
import type { Account } from '../provisioning/user-store.ts';
import { cannotSign } from './options.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/** Checks that an AuthnRequest can be sent to the identity provider. @throws SamlError `connection_unavailable` */
export function expectRequestPossible<U extends Account<string>>(sso: ResolvedSso<U>, connection: Connection): void {
  if (connection.idp.signRequests === true && sso.signing === undefined) {
    throw new SamlError('connection_unavailable', {
      hint: `${cannotSign(connection.id)}.`,
      details: { reason: 'signing_key_missing' },
    });
  }
  expectForeignUrl(sso, connection);
}

/**
 * A customer who edits `idp` must not be able to send forms of this application to the application itself, or to a server
 * on the user's machine. Connections in code are written by the developer and are not checked.
 */
function expectForeignUrl<U extends Account<string>>(
  { baseUrl, registry }: ResolvedSso<U>,
  connection: Connection,
): void {
  if (registry.all.includes(connection)) return;
  const own = new URL(baseUrl);
  for (const url of Object.values(connection.idp.sso)) {
    const { origin, hostname } = new URL(url ?? '', own);
    if (url === undefined || (origin !== own.origin && (isLoopback(own.hostname) || !isLoopback(hostname)))) continue;
    throw new SamlError('connection_unavailable', {
      hint: `The single sign-on URL of the connection ${JSON.stringify(connection.id)} is ${JSON.stringify(url.slice(0, 200))}, which is ${origin === own.origin ? 'an address of this application' : "the user's own machine"}. Enter the one of the identity provider.`,
      details: { reason: 'sso_url_not_allowed', received: url.slice(0, 200) },
    });
  }
}
