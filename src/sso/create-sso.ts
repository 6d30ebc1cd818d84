import type { Account } from '../provisioning/user-store.ts';
import { userVerbs } from './account-status.ts';
import { beginLogin } from './begin-login.ts';
import { completeLogin } from './complete-login.ts';
import { connectionVerbs } from './connections.ts';
import { explainLogin } from './explain.ts';
import { spMetadata } from './metadata.ts';
import { resolveSso } from './options.ts';
import type { Sso, SsoOptions } from './types.ts';

/**
 * Makes single sign-on by SAML 2.0 (SAML Profiles 4.1) for one application.
 *
 * Options and connections in code are validated here, so that a wrong certificate or a misspelt option fails at start and
 * not at the first login. What depends on the time, such as `validUntil` of metadata, is validated at each login.
 *
 * @param options `baseUrl`, `secret`, `connections` and `users` are required
 * @throws ConfigurationError for invalid options; the SamlError of an invalid certificate or metadata is its `cause`
 *
 * @example
 * ```ts
 * const sso = createSso({
 *   baseUrl: 'https://app.example.com/sso',
 *   secret: process.env['SSO_SECRET'] ?? '',
 *   connections: { idp: { metadata: await readFile('idp-metadata.xml', 'utf8') } },
 *   users: memoryUserStore(),
 * });
 * ```
 */
export function createSso<U extends Account<string>>(options: SsoOptions<U>): Sso<U> {
  const sso = resolveSso(options);
  return {
    basePath: new URL(sso.baseUrl).pathname,
    limits: sso.limits,
    defaultReturnTo: sso.returnTo.fallback,
    emit: sso.emit,
    beginLogin: (target, beginOptions) => beginLogin(sso, target, beginOptions),
    completeLogin: (input) => completeLogin(sso, input),
    explain: (input) => explainLogin(sso, input),
    metadata: (input) => spMetadata(sso, input),
    connections: connectionVerbs(sso),
    users: userVerbs(sso),
  };
}
