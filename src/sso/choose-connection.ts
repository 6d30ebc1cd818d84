import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { SsoEventBody } from './events.ts';
import { findConnections } from './find-connections.ts';
import { loginRegistry } from './login-registry.ts';
import { quoteIds } from './quote-ids.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { LoginTarget } from './types.ts';

/** Why no login can begin. */
export interface Unavailable {
  readonly connection: null;
  readonly reason: Extract<SsoEventBody, { type: 'unavailable' }>['reason'];
  readonly hint: string;
  /** The connections that the reason is about. */
  readonly among: readonly Connection[];
}

/** Finds the one connection that a login uses: it is enabled, and the plan of its organization includes single sign-on. */
export async function chooseConnection<U extends Account<string>>(
  sso: ResolvedSso<U>,
  target: LoginTarget,
): Promise<Unavailable | { readonly connection: Connection }> {
  const { registry, invalid } = loginRegistry(sso);
  const { connections, otherwise } = await findConnections({ ...sso, registry }, target);
  const none = (reason: Unavailable['reason'], hint: string, among = connections): Unavailable => ({
    connection: null,
    reason,
    hint,
    among,
  });
  if (connections.length === 0 && invalid.length > 0)
    return none(
      'connection_invalid',
      'Every connection that was found is invalid (see the warnings connection_invalid).',
    );
  if (connections.length === 0) return none('no_connection', otherwise);

  const enabled = connections.filter((connection) => connection.enabled);
  if (enabled.length === 0) {
    const ids = quoteIds(connections.map(({ id }) => id));
    return none('connection_disabled', `Disabled (enabled: false): ${ids}. Enable the connection to allow logins.`);
  }
  const usable = await usableConnections(sso, enabled);
  const [connection, second] = usable;
  if (connection === undefined) {
    const ids = quoteIds(enabled.map(({ organizationId }) => organizationId));
    return none('sso_not_in_plan', `organization() says sso: false for ${ids}. Change the plan.`, enabled);
  }
  if (second !== undefined) {
    const ids = quoteIds(usable.map(({ id }) => id));
    const hint = `Several connections are possible: ${ids}. Name one of them (connectionId, /login?connection=), or let the user choose.`;
    return none('choose_connection', hint, usable);
  }
  return { connection };
}

/** The connections that a login can use: enabled ones of organizations whose plan includes single sign-on. */
export async function usableConnections<U extends Account<string>>(
  { organization }: Pick<ResolvedSso<U>, 'organization'>,
  connections: readonly Connection[],
): Promise<readonly Connection[]> {
  const usable: Connection[] = [];
  for (const connection of connections) {
    if (connection.enabled && (await organization(connection.organizationId)).sso) usable.push(connection);
  }
  return usable;
}
