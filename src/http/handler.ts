import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import type { Account } from '../provisioning/user-store.ts';
import { failure as reportFailure, unknownLogin } from '../sso/failure.ts';
import type {
  BeginLoginOptions,
  LoginAccepted,
  LoginRejected,
  LoginRestarted,
  LoginStart,
  LoginTarget,
  LoginUnavailable,
  Sso,
} from '../sso/types.ts';
import { UnknownConnection } from '../sso/unknown-connection.ts';
import { isVerified } from '../sso/verified.ts';
import { artifactHint, type FormFields, samlFields } from './form.ts';
import { isNavigation } from './navigation.ts';
import {
  choicePage,
  failurePage,
  finishedPage,
  formPage,
  type HttpResponse,
  notNavigatedPage,
  portalPage,
  redirect,
  rejectionPage,
  wrongMethodPage,
} from './pages.ts';
import { matchRoute, type Route } from './routes.ts';
import { warnOnce } from './warn-once.ts';

/** An HTTP request, as any framework can describe it. */
export interface SsoRequest {
  readonly method: string;
  /** Path below the mount point, e.g. `/acs`, percent-encoded as received. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Reads the posted form; asked of the AssertionConsumerService alone. May throw SamlError. */
  readonly readForm: () => Promise<FormFields>;
}

/** What the routes let anonymous visitors do and see. */
export interface SsoHandlerOptions {
  /**
   * Where a login hint leads to several connections, `/login` lists them. Default `false`: the list tells anybody who types
   * an e-mail address or an organization's id which connections that person or organization has.
   */
  readonly showChoices?: boolean | undefined;
  /** `/login?forceAuthn=1` asks the identity provider to authenticate anew. Default `false`. */
  readonly allowForceAuthn?: boolean | undefined;
}

/**
 * What happened, for the framework's adapter to hand to the application first. `response` is the default answer: the
 * adapter sends its cookies in any case, and the rest unless the application answered itself.
 */
export type SsoAnswer<U extends Account<string>> =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'login'; readonly login: LoginAccepted<U>; readonly response: HttpResponse }
  | {
      readonly kind: 'rejected';
      readonly rejection: LoginRejected;
      readonly samlResponse: string;
      readonly response: HttpResponse;
    }
  | { readonly kind: 'unavailable'; readonly unavailable: LoginUnavailable; readonly response: HttpResponse }
  | {
      readonly kind: 'error';
      readonly error: SamlError;
      /** The form field, where one was posted. */
      readonly samlResponse: string | undefined;
      readonly response: HttpResponse;
    }
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
export function ssoHandler<U extends Account<string>>(
  sso: Sso<U>,
  options: SsoHandlerOptions = {},
): (request: SsoRequest) => Promise<SsoAnswer<U>> {
  const warn = warnOnce(sso);
  return async (request) => {
    const route = matchRoute(request.path);
    if (route === null) return { kind: 'unmatched' };
    const misdirected = route.name === 'acs' ? misdirectedMessage(request) : null;
    if (misdirected !== null) return refuse(sso, misdirected, request);
    const methods = route.name === 'acs' ? ['POST'] : ['GET', 'HEAD'];
    if (!methods.includes(request.method)) return respond(wrongMethodPage(methods, tryAgain(request.path, route)));
    if (route.name === 'acs') return await assertionConsumer(sso, request, route);
    if (route.name === 'metadata') return await metadata(sso, request, route);
    // Nobody signs in by HEAD: it must not begin a login, nor tell for whom one would begin.
    if (request.method === 'HEAD') return respond({ ...redirect('', []), status: 200, headers: noStore });
    if (isNavigation(request.header)) return await login(sso, request, options);
    warn({
      warning: 'login_not_navigated',
      hint: `${sso.basePath}/login was requested by fetch, in a frame or as an image (Sec-Fetch-Dest: ${printable(request.header('sec-fetch-dest') ?? '', 20)}). Open it as a page: a link, location.assign() or a redirect of a page.`,
    });
    return respond(notNavigatedPage());
  };
}

const noStore = { 'Cache-Control': 'no-store' };

function respond(response: HttpResponse): { readonly kind: 'response'; readonly response: HttpResponse } {
  return { kind: 'response', response };
}

async function login<U extends Account<string>>(
  sso: Sso<U>,
  { query, header }: SsoRequest,
  { showChoices = false, allowForceAuthn = false }: SsoHandlerOptions,
): Promise<SsoAnswer<U>> {
  const hint = loginHint(query);
  const options: BeginLoginOptions = {
    returnTo: query.get('returnTo') ?? undefined,
    forceAuthn: allowForceAuthn && ['1', 'true'].includes(query.get('forceAuthn') ?? ''),
    cookies: header('cookie'),
  };
  let start: LoginStart | LoginUnavailable;
  try {
    start = await sso.beginLogin(hint, options);
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return { kind: 'error', error, samlResponse: undefined, response: portalPage(error.reference) };
  }
  if (start.kind !== 'unavailable') return respond(begin(start));
  // Without a hint the choices would be the list of all customers.
  const choices = Object.keys(hint).length === 0 ? [] : (start.choices ?? []);
  const response = showChoices && choices.length > 0 ? choicePage(choices, query) : portalPage(start.reference);
  return { kind: 'unavailable', unavailable: { ...start, choices }, response };
}

function loginHint(query: URLSearchParams): LoginTarget {
  const [connectionId, organizationId, email] = ['connection', 'organization', 'email'].map((name) => query.get(name));
  if (connectionId) return { connectionId };
  if (organizationId) return { organizationId };
  return email ? { email } : {};
}

async function assertionConsumer<U extends Account<string>>(
  sso: Sso<U>,
  request: SsoRequest,
  route: Route,
): Promise<SsoAnswer<U>> {
  let form: FormFields = {};
  let fields: ReturnType<typeof samlFields>;
  try {
    form = await request.readForm();
    fields = samlFields(form);
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    const { SAMLResponse } = form;
    return refuse(sso, error, request, typeof SAMLResponse === 'string' ? SAMLResponse : undefined);
  }
  const { samlResponse } = fields;
  const again = tryAgain(request.path, route);
  try {
    const input = { ...fields, connectionId: route.connectionId, cookies: request.header('cookie') };
    const result = await sso.completeLogin(input);
    switch (result.outcome) {
      case 'redirect':
        return respond(begin(result.start, result));
      case 'rejected': {
        const { message, reference, expireCookies: cookies } = result;
        // Not the reason: it may tell of another organization's data.
        const response = { ...rejectionPage(message, { reference, tryAgain: again }), cookies };
        return { kind: 'rejected', rejection: result, samlResponse, response };
      }
      default:
        return { kind: 'login', login: result, response: redirect(result.returnTo, result.expireCookies) };
    }
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return { kind: 'error', error, samlResponse, response: failure(sso, error, again) };
  }
}

async function metadata<U extends Account<string>>(
  sso: Sso<U>,
  request: SsoRequest,
  route: Route,
): Promise<SsoAnswer<U>> {
  const headers = { 'Content-Type': 'application/samlmetadata+xml', 'X-Content-Type-Options': 'nosniff' };
  try {
    return respond({
      status: 200,
      headers,
      cookies: [],
      body: await sso.metadata({ connectionId: route.connectionId }),
    });
  } catch (error) {
    // Anybody can type a URL.
    if (error instanceof UnknownConnection) return { kind: 'unmatched' };
    if (!(error instanceof SamlError)) throw error;
    // The verb has emitted its event.
    return {
      kind: 'error',
      error,
      samlResponse: undefined,
      response: failure(sso, error, tryAgain(request.path, route)),
    };
  }
}

function begin(start: LoginStart, restarted?: LoginRestarted): HttpResponse {
  const cookies = [...(restarted?.expireCookies ?? []), start.cookie];
  return start.kind === 'redirect' ? redirect(start.url, cookies) : formPage(start, cookies);
}

/** A message by GET, where the identity provider must use HTTP-POST: never a login. */
function misdirectedMessage({ method, query }: SsoRequest): SamlError | null {
  if (method !== 'GET') return null;
  const hint = query.has('SAMLResponse')
    ? 'The response came in the query of a GET request (HTTP-Redirect binding). Choose HTTP-POST as the binding of the ACS URL at the identity provider.'
    : query.has('SAMLart')
      ? `The query of a GET request has SAMLart: ${artifactHint}.`
      : null;
  return hint === null ? null : new SamlError('unexpected_message', { hint });
}

/** A failure that the verbs of `sso` have not seen, and therefore not reported. */
function refuse<U extends Account<string>>(
  sso: Sso<U>,
  error: SamlError,
  { path }: SsoRequest,
  samlResponse?: string,
): SsoAnswer<U> {
  reportFailure(sso, error, unknownLogin, '');
  return { kind: 'error', error, samlResponse, response: failure(sso, error, tryAgain(path, matchRoute(path))) };
}

/** The answer to a failed login. Until a pinned key has verified the message, all failures look the same. */
function failure<U extends Account<string>>(sso: Sso<U>, error: SamlError, again: string): HttpResponse {
  const { code, reference } = error;
  const content = { reference, tryAgain: again };
  if (!isVerified(error)) return failurePage(content);
  const isFinished =
    code === 'replayed' ||
    code === 'request_used' ||
    (code === 'browser_mismatch' && error.details.state === 'missing');
  if (isFinished) return finishedPage(content, { continueTo: sso.defaultReturnTo });
  return failurePage(content, code === 'store_failed' ? 500 : 400);
}

/** The login page, relative to this one: a proxy may serve it below another path. */
function tryAgain(path: string, route: Route | null): string {
  const up = '../'.repeat(path.split('/').length - 2);
  const connection = route?.connectionId;
  return `${up}login${connection === undefined ? '' : `?${new URLSearchParams({ connection })}`}`;
}
