import { isLoopback } from '../connections/addresses.ts';
import type { Connection } from '../connections/connection.ts';
import { makeReference, SamlError } from '../errors.ts';
import { emailKey } from '../provisioning/email.ts';
import type { Account } from '../provisioning/user-store.ts';
import { authnRequestMessage } from '../saml/authn-request.ts';
import { cannotSign, type ResolvedSso } from './options.ts';
import type { BeginLoginOptions, LoginHint, LoginStart, LoginUnavailable } from './types.ts';

/** Finds the connection of a login and begins it. */
export async function beginLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  who: LoginHint,
  options: BeginLoginOptions = {},
): Promise<LoginStart | LoginUnavailable> {
  const connections = (await findConnections(sso, who)).filter(({ enabled }) => enabled);
  const entitled: Connection[] = [];
  for (const connection of connections) {
    const organization = await sso.organization(connection.organizationId);
    if (organization.sso) entitled.push(connection);
  }
  const [connection] = entitled;
  if (connection === undefined) {
    const reason = connections.length > 0 ? 'sso_not_in_plan' : 'no_connection';
    return { kind: 'unavailable', reason, reference: makeReference() };
  }
  if (entitled.length > 1) {
    const choices = entitled.map(({ id, organizationId }) => ({ connectionId: id, organizationId }));
    return { kind: 'unavailable', reason: 'choose_connection', reference: makeReference(), choices };
  }
  return startLogin(sso, connection, {
    returnTo: sso.returnTo.own(options.returnTo),
    forceAuthn: options.forceAuthn === true,
    restarted: false,
    cookies: options.cookies,
  });
}

/** RelayState of a request that answers an unsolicited response: it must not come back with another. */
export const restartRelayState = 'saml-jit:restarted';

/** Makes the AuthnRequest and the cookie that binds its answer to this browser. */
export function startLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  login: {
    readonly returnTo: string | null;
    readonly forceAuthn: boolean;
    readonly restarted: boolean;
    readonly cookies: string | undefined;
  },
): LoginStart {
  const { returnTo, forceAuthn, restarted } = login;
  const { idp } = connection;
  if (idp.signRequests && sso.signing === undefined) throw new TypeError(cannotSign(connection.id));
  expectElsewhere(sso, connection);
  const issuedAt = sso.now();
  const { id, ...message } = authnRequestMessage({
    issuer: sso.entityIdOf(connection),
    acsUrl: sso.acsUrlOf(connection),
    issueInstant: issuedAt,
    forceAuthn,
    nameIdFormat: idp.nameIdFormat,
    sso: idp.sso,
    relayState: restarted ? restartRelayState : undefined,
    signing: idp.signRequests ? sso.signing : undefined,
  });
  const pending = { requestId: id, connectionId: connection.id, returnTo, issuedAt, forceAuthn, restarted };
  return { ...message, cookie: sso.cookies.seal(pending, login.cookies) };
}

/**
 * A customer who edits the own `idp` must not make this application post forms to itself, nor to what runs on the user's
 * own machine. Connections in code are the developer's.
 */
function expectElsewhere<U extends Account<string>>(
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
      details: { received: url.slice(0, 200) },
    });
  }
}

/**
 * Row 34 of the decision table: an e-mail leads where it is registered, and by its domain only if the deployment opts in.
 * Of a domain that somebody verified only its owners are asked: others may have registered addresses that are not theirs,
 * and would lead people from this login page to their own.
 */
async function findConnections<U extends Account<string>>(
  { registry, users, discoverByDomain }: ResolvedSso<U>,
  who: LoginHint,
): Promise<readonly Connection[]> {
  if ('connectionId' in who) {
    const connection = await registry.byId(who.connectionId);
    return connection === null ? [] : [connection];
  }
  if ('organizationId' in who) return await registry.byOrganization(who.organizationId);
  if ('email' in who) {
    const email = emailKey(who.email);
    if (email === null) return [];
    const owners = await registry.byDomain(email.slice(email.lastIndexOf('@') + 1));
    const owning = new Set(owners.map(({ organizationId }) => organizationId));
    const found: Connection[] = [];
    for (const organizationId of (await users.organizationsOf?.(who.email)) ?? []) {
      if (owning.size === 0 || owning.has(organizationId))
        found.push(...(await registry.byOrganization(organizationId)));
    }
    return found.length > 0 || discoverByDomain !== true ? found : owners;
  }
  return registry.only === null ? [] : [registry.only];
}
