import type { Connection } from '../connections/connection.ts';
import { shown } from '../lib/quote.ts';
import { normalizeEmail } from '../provisioning/email.ts';
import type { Account } from '../provisioning/user-store.ts';
import { callApplication } from './call-application.ts';
import { quoteIds } from './quote-ids.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { LoginTarget } from './types.ts';

/** The connections of a login target, disabled ones included. */
export interface FoundConnections {
  readonly connections: readonly Connection[];
  /** The reason if the list is empty, for the hint. */
  readonly otherwise: string;
}

/**
 * Finds the connections of a login target (rule connection-discovery). An e-mail address is looked up by the organizations
 * in which it is registered, and by its domain only with `discoverByDomain`. If an organization has verified the domain,
 * only such organizations count: another one may have registered addresses that do not belong to it, and would lead their
 * owners from this login page to its own identity provider.
 */
export async function findConnections<U extends Account<string>>(
  sso: ResolvedSso<U>,
  target: LoginTarget,
): Promise<FoundConnections> {
  const { registry } = sso;
  if ('connectionId' in target) {
    const connection = await registry.byId(target.connectionId);
    const otherwise = `There is no connection ${shown(target.connectionId)}. Correct the link to the login page, or restore the connection.`;
    return { connections: connection === null ? [] : [connection], otherwise };
  }
  if ('organizationId' in target) {
    const otherwise = `The organization ${shown(target.organizationId)} has no connection. Correct the link to the login page, or set up a connection for the organization.`;
    return { connections: await registry.byOrganization(target.organizationId), otherwise };
  }
  if ('email' in target) return await findByEmail(sso, target.email);
  return {
    connections: registry.only === null ? [] : [registry.only],
    otherwise: `Nothing names the connection, and there is not exactly one in the option connections${registry.all.length > 1 ? ` but ${registry.all.length}` : ''}. Name the e-mail address, organization or connection (/login?email=, ?organization= or ?connection=).`,
  };
}

async function findByEmail<U extends Account<string>>(
  { registry, users, discoverByDomain }: ResolvedSso<U>,
  text: string,
): Promise<FoundConnections> {
  const email = normalizeEmail(text);
  if (email === null) return { connections: [], otherwise: `${shown(text)} is not an e-mail address.` };
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const owners = await registry.byDomain(domain);
  const owning = new Set(owners.map(({ organizationId }) => organizationId));
  const registered = await organizationsOf(users, text);
  const trusted = registered.filter((organizationId) => owning.size === 0 || owning.has(organizationId));
  const found: Connection[] = [];
  for (const organizationId of trusted) found.push(...(await registry.byOrganization(organizationId)));
  if (found.length === 0 && discoverByDomain === true && owners.length > 0)
    return { connections: owners, otherwise: '' };

  const verified = `The domain ${shown(domain)} is verified by ${list(
    owners.map(({ id }) => id),
    'connection',
  )}`;
  if (users.organizationsOf === undefined) {
    const otherwise = `The user store has no organizationsOf(email), so that no connection is found by e-mail address. Add it, name the organization or connection, or set discoverByDomain.`;
    return { connections: found, otherwise };
  }
  if (registered.length === 0) {
    const discover = owners.length === 0 ? '' : ` ${verified}: with discoverByDomain its connection would be used.`;
    const otherwise = `users.organizationsOf found no organization of ${shown(text)}.${discover}`;
    return { connections: found, otherwise };
  }
  const where = `${shown(text)} is registered in ${list(registered, 'organization')}`;
  const otherwise =
    trusted.length === 0
      ? `${where}. ${verified} of another organization, so that only that one counts.`
      : `${where}, and no connection belongs to ${trusted.length === 1 ? 'it' : 'them'}.`;
  return { connections: found, otherwise };
}

async function organizationsOf<U extends Account<string>>(
  users: ResolvedSso<U>['users'],
  email: string,
): Promise<readonly string[]> {
  return await callApplication('users.organizationsOf', async () => {
    const organizations: unknown = (await users.organizationsOf?.(email)) ?? [];
    const isList = Array.isArray(organizations) && organizations.every((id): id is string => typeof id === 'string');
    if (isList) return organizations;
    throw new TypeError('organizationsOf() must resolve to a list of ids of organizations');
  });
}

function list(ids: readonly string[], noun: string): string {
  return `the ${noun}${new Set(ids).size === 1 ? '' : 's'} ${quoteIds(ids)}`;
}
