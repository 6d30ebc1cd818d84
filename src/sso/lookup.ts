import { expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import { usableConnections } from './choose-connection.ts';
import type { ConnectionChoice, LookupTarget } from './connection-verbs.ts';
import { failure, unknownLogin } from './failure.ts';
import { findConnections } from './find-connections.ts';
import { loginRegistry } from './login-registry.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/** `sso.connections.lookup`. */
export async function lookupConnections<U extends Account<string>>(
  sso: ResolvedSso<U>,
  target: LookupTarget,
): Promise<readonly ConnectionChoice[]> {
  expectTarget(target);
  try {
    const { registry } = loginRegistry(sso);
    const found = await find({ ...sso, registry }, target);
    const usable = await usableConnections(sso, found);
    return usable.map(({ id, organizationId }) => ({ connectionId: id, organizationId }));
  } catch (cause) {
    throw failure(sso, cause, unknownLogin, 'No connection was looked up. Try again.');
  }
}

async function find<U extends Account<string>>(
  sso: ResolvedSso<U>,
  target: LookupTarget,
): Promise<readonly Connection[]> {
  if ('domain' in target) return await sso.registry.byDomain(target.domain);
  return (await findConnections(sso, target)).connections;
}

function expectTarget(target: LookupTarget): void {
  if (typeof target !== 'object' || target === null) throw new TypeError('lookup: pass { email } or { domain }');
  expectKnownKeys('lookup', target, ['email', 'domain']);
  const [value, ...more] = Object.values(target);
  if (typeof value !== 'string' || more.length > 0)
    throw new TypeError('lookup: pass one of email and domain, a string');
}
