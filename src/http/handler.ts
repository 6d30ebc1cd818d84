import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type {
  LoginAccepted,
  LoginHint,
  LoginRejected,
  LoginRestarted,
  LoginStart,
  LoginUnavailable,
  Sso,
} from '../sso/types.ts';
import { type FormFields, samlFields } from './form.ts';
import { choicePage, failurePage, formPage, type HttpResponse, portalPage, redirect } from './pages.ts';

/** An HTTP request, as any framework can describe it. */
export interface SsoRequest {
  readonly method: string;
  /** Path below the mount point, e.g. `/acs`, percent-encoded as received. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The Cookie header. */
  readonly cookies: string | undefined;
  /** Reads the posted form; asked of the AssertionConsumerService alone. May throw SamlError. */
  readonly readForm: () => Promise<FormFields>;
}

/**
 * What happened, for the framework's adapter to hand to the application first. `response` is the default answer: the
 * adapter sends its cookies in any case, and the rest unless the application answered itself.
 */
export type SsoAnswer<U extends Account<string>> =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'login'; readonly login: LoginAccepted<U>; readonly response: HttpResponse }
  | { readonly kind: 'rejected'; readonly rejection: LoginRejected; readonly response: HttpResponse }
  | { readonly kind: 'unavailable'; readonly unavailable: LoginUnavailable; readonly response: HttpResponse }
  | { readonly kind: 'error'; readonly error: SamlError; readonly response: HttpResponse }
  /** Not a path of ours: the application's next handler decides. */
  | { readonly kind: 'unmatched' };

/**
 * The routes of a service provider, for any framework:
 *
 * - `GET /login?email=` or `?organization=` or `?connection=`, and `&returnTo=`: begins a login
 * - `POST /acs`, `POST /acs/{connectionId}`: the AssertionConsumerService (SAML Profiles 4.1.4)
 * - `GET /metadata`, `GET /metadata/{connectionId}`: for the identity provider's administrator
 *
 * The returned function rejects only with errors that are not the message's fault.
 */
export function ssoHandler<U extends Account<string>>(sso: Sso<U>): (request: SsoRequest) => Promise<SsoAnswer<U>> {
  return async (request) => {
    const route = match(request.path);
    if (route === null) return { kind: 'unmatched' };
    const methods = route.name === 'acs' ? ['POST'] : ['GET', 'HEAD'];
    const misdirected = route.name === 'acs' && request.method === 'GET' && request.query.has('SAMLResponse');
    if (!misdirected && !methods.includes(request.method))
      return { kind: 'response', response: methodNotAllowed(methods) };
    try {
      if (misdirected) throw responseByRedirect();
      if (route.name === 'login') return await login(sso, request);
      if (route.name === 'acs') return await assertionConsumer(sso, request, route.connectionId);
      return await metadata(sso, route.connectionId);
    } catch (error) {
      if (!(error instanceof SamlError)) throw error;
      return { kind: 'error', error, response: failurePage(statusOf(error), error.message, error.code) };
    }
  };
}

interface Route {
  readonly name: string;
  readonly connectionId: string | undefined;
}

function match(path: string): Route | null {
  const [, name, encodedId] = /^\/(login|acs|metadata)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (name === undefined || (name === 'login' && encodedId !== undefined)) return null;
  try {
    return { name, connectionId: encodedId === undefined ? undefined : decodeURIComponent(encodedId) };
  } catch {
    return null;
  }
}

async function login<U extends Account<string>>(sso: Sso<U>, { query, cookies }: SsoRequest): Promise<SsoAnswer<U>> {
  const hint = loginHint(query);
  const start = await sso.beginLogin(hint, { returnTo: query.get('returnTo') ?? undefined, cookies });
  if (start.kind !== 'unavailable') return { kind: 'response', response: begin(start) };
  // Without a hint the choices would be the list of all customers.
  const choices = Object.keys(hint).length === 0 ? [] : (start.choices ?? []);
  const response = choices.length === 0 ? portalPage() : choicePage(choices, query);
  return { kind: 'unavailable', unavailable: { ...start, choices }, response };
}

function loginHint(query: URLSearchParams): LoginHint {
  const [connectionId, organizationId, email] = ['connection', 'organization', 'email'].map((name) => query.get(name));
  if (connectionId) return { connectionId };
  if (organizationId) return { organizationId };
  return email ? { email } : {};
}

async function assertionConsumer<U extends Account<string>>(
  sso: Sso<U>,
  { cookies, readForm }: SsoRequest,
  connectionId: string | undefined,
): Promise<SsoAnswer<U>> {
  const result = await sso.completeLogin({ ...samlFields(await readForm()), connectionId, cookies });
  switch (result.outcome) {
    case 'redirect':
      return { kind: 'response', response: begin(result.start, result) };
    case 'rejected': {
      // Not the reason: it may tell of another organization's data.
      const response = { ...failurePage(403, result.message), cookies: result.expireCookies };
      return { kind: 'rejected', rejection: result, response };
    }
    default:
      return { kind: 'login', login: result, response: redirect(result.returnTo, result.expireCookies) };
  }
}

async function metadata<U extends Account<string>>(sso: Sso<U>, connectionId?: string): Promise<SsoAnswer<U>> {
  const headers = { 'Content-Type': 'application/samlmetadata+xml', 'X-Content-Type-Options': 'nosniff' };
  try {
    const body = await sso.metadata({ connectionId });
    return { kind: 'response', response: { status: 200, headers, cookies: [], body } };
  } catch (error) {
    // There is no such connection: anybody can type a URL, so it is nobody's mistake.
    if (connectionId !== undefined && error instanceof TypeError) return { kind: 'unmatched' };
    throw error;
  }
}

function begin(start: LoginStart, restarted?: LoginRestarted): HttpResponse {
  const cookies = [...(restarted?.expireCookies ?? []), ...start.expireCookies, start.cookie];
  return start.kind === 'redirect' ? redirect(start.url, cookies) : formPage(start, cookies);
}

function statusOf({ code }: SamlError): number {
  if (code === 'message_too_large') return 413;
  return code === 'store_failed' ? 500 : 400;
}

function responseByRedirect(): SamlError {
  return new SamlError('unexpected_message', {
    hint: 'The response came in the query of a GET request (HTTP-Redirect binding). Choose HTTP-POST as the binding of the ACS URL at the identity provider.',
  });
}

function methodNotAllowed(methods: readonly string[]): HttpResponse {
  const page = failurePage(405, 'this address cannot be used like that');
  return { ...page, headers: { ...page.headers, Allow: methods.join(', ') } };
}
