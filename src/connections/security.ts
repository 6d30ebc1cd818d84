import { defaultLifetimeSeconds } from '../saml/response-options.ts';
import type { ConnectionSecurity } from './connection.ts';
import type { SecurityInput } from './input.ts';

const strict: ConnectionSecurity = {
  allowSha1: false,
  allowAesCbc: false,
  requireDestination: false,
  maxAssertionLifetimeSeconds: defaultLifetimeSeconds,
};

/** Completes validated security settings with the defaults. */
export function resolveSecurity(input: SecurityInput = {}): ConnectionSecurity {
  return {
    allowSha1: input.allowSha1 ?? strict.allowSha1,
    allowAesCbc: input.allowAesCbc ?? strict.allowAesCbc,
    requireDestination: input.requireDestination ?? strict.requireDestination,
    maxAssertionLifetimeSeconds: input.maxAssertionLifetimeSeconds ?? strict.maxAssertionLifetimeSeconds,
  };
}
