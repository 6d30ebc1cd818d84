import type { Connection } from '../connections/connection.ts';
import { shown } from '../lib/quote.ts';
import { normalizeEmail } from '../provisioning/email.ts';
import type { Account } from '../provisioning/user-store.ts';
import { callApplication } from './call-application.ts';
import { quoteIds } from './quote-ids.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { LoginTarget } from './types.ts';

/** The connections that a login may begin with. */
export interface FoundConnections {
  readonly connections: readonly Connection[];
  /** For the hint: why there is none. */
  readonly otherwise: string;
}

/**
 * Row 34 of the decision table: an e-mail leads where it is registered, and by its domain only if the deployment opts in.
 * Of a domain that somebody verified only its owners are asked: others may have registered addresses that are not theirs,
 * and would lead people from this login page to their own.
 */
export async function findConnections<U extends Account<string>>(
  sso: ResolvedSso<U>,
  who: LoginTarget,
): Promise<FoundConnections> {
  const { registry } = sso;
  if ('connectionId' in who) {
    const connection = await registry.byId(who.connectionId);
    const otherwise = `There is no connection ${shown(who.connectionId)}. Correct the link to the login page, or restore the connection.`;
    return { connections: connection === null ? [] : [connection], otherwise };
  }
  if ('organizationId' in who) {
    const otherwise = `The organization ${shown(who.organizationId)} has no connection. Correct the link to the login page, or set up a connection for the organization.`;
    return { connections: await registry.byOrganization(who.organizationId), otherwise };
  }
  if ('email' in who) return await byEmail(sso, who.email);
  return {
    connections: registry.only === null ? [] : [registry.only],
    otherwise: `Nothing names the connection, and there is not exactly one in the option connections${registry.all.length > 1 ? ` but ${registry.all.length}` : ''}. Name the e-mail address, organization or connection (/login?email=, ?organization= or ?connection=).`,
  };
}

async function byEmail<U extends Account<string>>(
  { registry, users, discoverByDomain }: ResolvedSso<U>,
  text: string,
): Promise<FoundConnections> {
  const email = normalizeEmail(text);
  if (email === null) return { connections: [], otherwise: `${shown(text)} is not an e-mail address.` };
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const owners = await registry.byDomain(domain);
  const owning = new Set(owners.map(({ organizationId }) => organizationId));
  const registered = await organizationsOf(users, text);
  const asked = registered.filter((organizationId) => owning.size === 0 || owning.has(organizationId));
  const found: Connection[] = [];
  for (const organizationId of asked) found.push(...(await registry.byOrganization(organizationId)));
  if (found.length === 0 && discoverByDomain === true && owners.length > 0)
    return { connections: owners, otherwise: '' };

  const verified = `The domain ${shown(domain)} is verified by ${list(
    owners.map(({ id }) => id),
    'connection',
  )}`;
  if (users.organizationsOf === undefined) {
    const otherwise = `The user store has no organizationsOf(email), so that no e-mail address leads to a connection. Add it, name the organization or connection, or set discoverByDomain.`;
    return { connections: found, otherwise };
  }
  if (registered.length === 0) {
    const discover = owners.length === 0 ? '' : ` ${verified}: with discoverByDomain the address would lead there.`;
    const otherwise = `users.organizationsOf found no organization of ${shown(text)}.${discover}`;
    return { connections: found, otherwise };
  }
  const where = `${shown(text)} is registered in ${list(registered, 'organization')}`;
  const otherwise =
    asked.length === 0
      ? `${where}. ${verified} of another organization, so that only that one is asked.`
      : `${where}, and no connection belongs to ${asked.length === 1 ? 'it' : 'them'}.`;
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
