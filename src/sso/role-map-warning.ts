import type { Connection } from '../connections/connection.ts';
import type { SsoEventBody } from './events.ts';

/** Bounds the memory for connections of a store. */
const maxRemembered = 10_000;

/**
 * Makes a function that warns, once per connection, that `policy.roleMap` has no effect because the application has no
 * roles.
 */
export function roleMapWarning(
  roles: readonly string[] | undefined,
  emit: (event: SsoEventBody) => void,
): (connection: Connection) => void {
  const warned = new Set<string>();
  return ({ id, policy }) => {
    if (roles !== undefined || Object.keys(policy.roleMap).length === 0 || warned.has(id)) return;
    if (warned.size >= maxRemembered) warned.clear();
    warned.add(id);
    emit({
      type: 'warning',
      connectionId: id,
      warning: 'role_map_unused',
      hint: `policy.roleMap of the connection ${JSON.stringify(id)} has no effect, and logins leave roles alone: give createSso "roles", the roles of the application, highest first; or remove policy.roleMap.`,
    });
  };
}
