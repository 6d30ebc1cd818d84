import { invalidOption } from '../configuration-error.ts';
import { printable } from '../lib/quote.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Sso } from '../sso/types.ts';
import { acsRoute, misdirectedMessage } from './acs-route.ts';
import { refuse, tryAgainUrl } from './failure-answer.ts';
import { type LoginRouteOptions, loginRoute } from './login-route.ts';
import { metadataRoute } from './metadata-route.ts';
import { parserWarning } from './mounting.ts';
import { isNavigation } from './navigation.ts';
import { notNavigatedPage, wrongMethodPage } from './pages.ts';
import { respond } from './responses.ts';
import { matchRoute } from './routes.ts';
import type { HttpHandler } from './types.ts';
import { warnOnce } from './warn-once.ts';

/** Options of {@link ssoHandler}. */
export interface SsoHandlerOptions extends LoginRouteOptions {
  /**
   * Maximum size of a posted form in bytes. Default four times `limits.bytes`: base64 takes a third more, percent-encoding
   * up to three times that.
   */
  readonly bodyLimitBytes?: number | undefined;
}

/**
 * The routes of a service provider, independent of any framework:
 *
 * - `GET /login?email=` or `?organization=` or `?connection=`, and `&returnTo=`: begins a login
 * - `POST /acs`, `POST /acs/{connectionId}`: the AssertionConsumerService (SAML Profiles 4.1.4)
 * - `GET /metadata`, `GET /metadata/{connectionId}`: for the administrator of the identity provider
 *
 * The application opens its session when `kind` is `login`. An adapter sends `response` in every case, unless the
 * application has sent a response of its own; then it adds the Set-Cookie headers of `response` to that.
 *
 * @param sso what `createSso` returned
 * @param options which parameters of a login request are used, and the limit of the request body
 * @throws ConfigurationError if `bodyLimitBytes` is not a positive integer
 *
 * @example
 * ```ts
 * import { ssoHandler } from 'saml-jit';
 *
 * const handle = ssoHandler(sso);
 * const answer = await handle({
 *   method: 'GET',
 *   path: '/login',
 *   query: 'email=alice%40acme.example',
 *   header: (name) => request.headers.get(name) ?? undefined,
 *   body: async () => new Uint8Array(),
 * });
 * if (answer?.kind === 'login') await openSession(answer.login.user.id);
 * ```
 */
export function ssoHandler<U extends Account<string>>(sso: Sso<U>, options: SsoHandlerOptions = {}): HttpHandler<U> {
  const { bodyLimitBytes = 4 * sso.limits.bytes } = options;
  if (!Number.isSafeInteger(bodyLimitBytes) || bodyLimitBytes < 1) {
    throw invalidOption(['bodyLimitBytes'], 'must be a positive integer');
  }
  const warn = warnOnce(sso);
  const onConsumed = (): void => warn(parserWarning('left its body empty'));
  return async (request) => {
    const { method, path } = request;
    const route = matchRoute(path);
    if (route === null) return null;
    const { name, connectionId } = route;
    const misdirected = name === 'acs' ? misdirectedMessage(request) : null;
    if (misdirected !== null) return refuse(sso, misdirected, request);
    const methods = name === 'acs' ? ['POST'] : ['GET', 'HEAD'];
    if (!methods.includes(method)) return respond(wrongMethodPage(methods, tryAgainUrl(path)));
    if (name === 'acs') return await acsRoute(sso, request, { connectionId, bodyLimitBytes, onConsumed });
    if (name === 'metadata') return await metadataRoute(sso, request, connectionId);
    // HEAD must not begin a login, and must not reveal for whom one would begin.
    if (method === 'HEAD') return respond({ status: 200, headers: [['Cache-Control', 'no-store']], body: '' });
    if (isNavigation((header) => request.header(header))) return await loginRoute(sso, request, options);
    warn({
      warning: 'login_not_navigated',
      hint: `${sso.basePath}/login was requested by fetch, in a frame or as an image (Sec-Fetch-Dest: ${printable(request.header('sec-fetch-dest') ?? '', 20)}). Open it as a page: a link, location.assign() or a redirect of a page.`,
    });
    return respond(notNavigatedPage());
  };
}
