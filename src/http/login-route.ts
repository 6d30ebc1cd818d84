import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { LoginStart, LoginTarget, LoginUnavailable, Sso } from '../sso/types.ts';
import { choicePage, portalPage } from './pages.ts';
import { respond, startResponse } from './responses.ts';
import type { HttpAnswer, HttpRequest } from './types.ts';

/** What the login route allows an anonymous visitor. */
export interface LoginRouteOptions {
  /**
   * If the login target has several connections, `/login` lists them. Default `false`: the list shows anyone who enters
   * an e-mail address or the id of an organization which connections that user or organization has.
   */
  readonly showChoices?: boolean | undefined;
  /** `/login?forceAuthn=1` asks the identity provider to authenticate the user anew. Default `false`. */
  readonly allowForceAuthn?: boolean | undefined;
}

/** `GET /login`: begins a login (SAML Profiles 4.1.3). */
export async function loginRoute<U extends Account<string>>(
  sso: Sso<U>,
  request: HttpRequest,
  { showChoices = false, allowForceAuthn = false }: LoginRouteOptions,
): Promise<HttpAnswer<U>> {
  const query = new URLSearchParams(request.query);
  const target = loginTarget(query);
  let start: LoginStart | LoginUnavailable;
  try {
    start = await sso.beginLogin(target, {
      returnTo: query.get('returnTo') ?? undefined,
      forceAuthn: allowForceAuthn && ['1', 'true'].includes(query.get('forceAuthn') ?? ''),
      cookies: request.header('cookie'),
    });
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return { kind: 'error', error, samlResponse: undefined, response: portalPage(error.reference) };
  }
  if (start.kind !== 'unavailable') return respond(startResponse(start));
  // Without a target the choices would be the list of all customers.
  const choices = Object.keys(target).length === 0 ? [] : (start.choices ?? []);
  const response = showChoices && choices.length > 0 ? choicePage(choices, query) : portalPage(start.reference);
  return { kind: 'unavailable', unavailable: { ...start, choices }, response };
}

function loginTarget(query: URLSearchParams): LoginTarget {
  const [connectionId, organizationId, email] = ['connection', 'organization', 'email'].map((name) => query.get(name));
  if (connectionId) return { connectionId };
  if (organizationId) return { organizationId };
  return email ? { email } : {};
}
