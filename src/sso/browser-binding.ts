import type { Connection } from '../connections/connection.ts';
import { SamlError } from '../errors.ts';
import { duration } from '../lib/duration.ts';
import type { Account } from '../provisioning/user-store.ts';
import { restartRelayState } from './begin-login.ts';
import type { OpenedRequest, PendingRequest } from './request-cookie.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { CompleteLoginInput } from './types.ts';

/**
 * The browser that posts the response is the one that began the login (SAML Profiles 4.1.5: no login CSRF).
 *
 * @throws SamlError `browser_mismatch`
 */
export function expectSameBrowser<U extends Account<string>>(
  { baseUrl, requestLifetimeSeconds }: ResolvedSso<U>,
  opened: OpenedRequest,
  cookies: string | undefined,
): void {
  if (opened.state === 'open') return;
  const { host } = new URL(baseUrl);
  const allowed = `the ${duration(requestLifetimeSeconds * 1000)} of requestLifetimeSeconds`;
  const [arrived, adapter] =
    cookies === undefined
      ? ['no cookie arrived at all', 'an adapter that does not pass the Cookie header on, ']
      : ['this browser sent others, and not this one', ''];
  const reasons = {
    missing: `${arrived}. Either the login is complete already (the page was reloaded, or the user pressed Back), or it took longer than ${allowed}, or it was begun in another browser or on another host name than ${host} (localhost and 127.0.0.1 are two), or the cookie was lost (${adapter}a proxy that drops Set-Cookie, http instead of https, an older tab after 4 newer logins)`,
    expired: `the login took longer than ${allowed}, e.g. because the identity provider's page was left open`,
    invalid:
      'a cookie arrived that cannot be opened; it was altered, or sealed with another secret: all processes must share one, and while you change it the old one stays as second entry',
  };
  throw new SamlError('browser_mismatch', {
    hint: `The response answers a request whose cookie cannot be used: ${reasons[opened.state]}. Start the login again, at the host of baseUrl (${host}).`,
    details: { state: opened.state },
  });
}

/** A restart that is answered by another unsolicited response within this time is a loop. */
const loopSeconds = 60;

/**
 * Refuses an unsolicited response where the connection refuses them, and one that answers a restart (SAML Profiles 4.1.5).
 *
 * @throws SamlError `unsolicited_not_allowed`
 */
export function expectUnsolicitedAllowed<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { id, policy }: Connection,
  input: CompleteLoginInput,
): void {
  if (policy.idpInitiated === 'refuse') {
    throw new SamlError('unsolicited_not_allowed', {
      hint: `The response answers no request, and the connection ${JSON.stringify(id)} refuses logins that start at the identity provider (policy.idpInitiated). Start at the application's login page, or set it to "restart".`,
    });
  }
  if (policy.idpInitiated === 'allow') return;
  const isRecent = ({ restarted, connectionId, issuedAt }: PendingRequest): boolean =>
    restarted && connectionId === id && sso.now().getTime() - issuedAt.getTime() < loopSeconds * 1000;
  // Without cookies, the loop is detected by the echoed RelayState.
  const isLoop = input.relayState === restartRelayState || sso.cookies.pending(input.cookies).some(isRecent);
  if (!isLoop) return;
  throw new SamlError('unsolicited_not_allowed', {
    hint: `The identity provider answered the request of less than ${loopSeconds} s ago without InResponseTo, like an unsolicited response; another request would repeat this without end. Let it answer AuthnRequests (enable SP-initiated login there), or set policy.idpInitiated of the connection ${JSON.stringify(id)} to "allow".`,
  });
}
