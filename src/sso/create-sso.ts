import type { Account } from '../provisioning/user-store.ts';
import { buildSpMetadata } from '../saml/sp-metadata.ts';
import { userVerbs } from './account-status.ts';
import { beginLogin } from './begin-login.ts';
import { completeLogin } from './complete-login.ts';
import { explainLogin } from './explain.ts';
import { describedConnection, requestFacts } from './metadata.ts';
import { resolveSso } from './options.ts';
import type { Sso, SsoOptions } from './types.ts';

/**
 * Single sign-on for one application: SAML messages in, users out.
 *
 * Options and connections in code are checked here, so that a wrong certificate or a misspelt option fails at start and not
 * at the first login. What changes with time, such as `validUntil` of metadata, is checked at each login.
 *
 * @throws TypeError for options that make no sense; a wrong certificate or wrong metadata is its `cause`, a SamlError
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
    beginLogin: (who, beginOptions) => beginLogin(sso, who, beginOptions),
    completeLogin: (input) => completeLogin(sso, input),
    explain: (input) => explainLogin(sso, input),
    users: userVerbs(sso),
    metadata: async (input = {}) => {
      const connection = await describedConnection(sso, input);
      const [decryption] = (connection ?? sso.registry.only)?.decryption ?? sso.decryptionKeys;
      return buildSpMetadata({
        entityId: sso.entityIdOf(connection),
        acsUrls: [sso.acsUrlOf(connection)],
        signingCertificates: sso.signing === undefined ? [] : [sso.signing.certificate],
        ...requestFacts(sso, connection),
        encryptionCertificates: decryption === undefined ? [] : [decryption.certificate],
        // What is signed is all that is read, so either signature will do unless the connection says otherwise.
        wantAssertionsSigned: connection?.idp.requireSigned !== 'response',
      });
    },
  };
}
