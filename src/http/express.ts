import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { invalidOption } from '../configuration-error.ts';
import type { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { LoginAccepted, LoginRejected, LoginUnavailable, Sso } from '../sso/types.ts';
import { keepCookies } from './express-cookies.ts';
import { watchSession } from './express-session.ts';
import { type Arrival, mountWarning, parserFailureWarning, unservedWarning } from './mounting.ts';
import { RequestAborted, readBody } from './node-body.ts';
import { cookiesOf, isCookie } from './responses.ts';
import { type SsoHandlerOptions, ssoHandler } from './sso-handler.ts';
import type { HttpAnswer, HttpRequest, HttpResponse } from './types.ts';
import { warnOnce } from './warn-once.ts';

/** A function of the application that is called with the result of a login, and Express's request and response. */
export type SsoHook<T> = (event: T & { readonly req: Request; readonly res: Response }) => void | Promise<void>;

/**
 * The application's hooks. Each hook may answer the request itself (then only cookies are added) or leave it to the
 * default; a hook that answers later must return a promise. What a hook throws is passed to `next`.
 */
export interface SsoRouterOptions<U extends Account<string>> extends SsoHandlerOptions {
  /**
   * The user is signed in: open the application's own session. A function that works with callbacks, such as
   * `req.session.regenerate`, must be wrapped in a promise. Default answer: a redirect to `login.returnTo`.
   */
  readonly onLogin: SsoHook<{ readonly login: LoginAccepted<U> }>;
  /** Policy refuses the user. Default answer: status 403 and a page with the message and `rejection.reference`. */
  readonly onRejected?:
    | SsoHook<{
        readonly rejection: LoginRejected;
        /** The message, for `sso.explain`. It contains personal data. */
        readonly samlResponse: string;
      }>
    | undefined;
  /**
   * The login failed. Default answer: a page with `error.reference` that is the same for every message that no pinned key
   * has verified. `code` and `hint` are for logs: until the message is verified, an anonymous visitor must not see them.
   */
  readonly onError?:
    | SsoHook<{
        readonly error: SamlError;
        /** The message, for `sso.explain`, if one was posted. It is not trusted and may contain personal data. */
        readonly samlResponse: string | undefined;
      }>
    | undefined;
  /**
   * No login can begin. Default answer: a page that is the same for every visitor; with `showChoices`, a list of
   * connections.
   */
  readonly onUnavailable?: SsoHook<{ readonly unavailable: LoginUnavailable }> | undefined;
}

/** Handlers to mount together: the routes, and an error handler that detects a body parser in front that failed. */
export type SsoRouter = [RequestHandler, ErrorRequestHandler];

/**
 * Express handlers for the routes of {@link ssoHandler}, for Express 4 and 5. Mount them at the path of `baseUrl`, before
 * any `express.urlencoded()` of the whole application, whose default limit of 100 kB is too small for a user with many
 * groups. Behind a parser with a higher limit they use the parsed `req.body`. Errors other than SamlError are passed to `next`.
 *
 * @param sso what `createSso` returned
 * @param options `onLogin`, which begins the session of the application, is required
 * @throws ConfigurationError if `onLogin` is missing or `bodyLimitBytes` is not a positive integer
 * @example
 * ```ts
 * import express from 'express';
 * import { ssoRouter } from 'saml-jit/express';
 *
 * const app = express();
 * app.use('/sso', ssoRouter(sso, {
 *   onLogin: ({ login, req }) => { req.session.userId = login.user.id; },
 * }));
 * app.use(express.urlencoded());
 * ```
 */
export function ssoRouter<U extends Account<string>>(sso: Sso<U>, options: SsoRouterOptions<U>): SsoRouter {
  if (typeof options.onLogin !== 'function') throw invalidOption(['onLogin'], 'must be a function');
  const handle = ssoHandler(sso, options);
  const warn = warnOnce(sso);

  const routes: RequestHandler = async (req, res, next) => {
    try {
      const answer = await handle(toHttpRequest(req));
      const warning = (answer === null ? unservedWarning : mountWarning)(sso.basePath, arrivalOf(req));
      if (warning !== null) warn(warning);
      if (answer === null) return next();
      const ownCookies = cookiesOf(answer.response);
      keepCookies(res, ownCookies);
      const onHookEnd = answer.kind === 'login' ? watchSession({ req, res, ownCookies, warn }) : undefined;
      await callHook(options, answer, req, res);
      onHookEnd?.();
      if (!res.headersSent && !res.writableEnded) send(answer.response, req, res);
    } catch (error) {
      if (!(error instanceof RequestAborted)) next(error);
    }
  };

  const failedBefore: ErrorRequestHandler = (error, req, _res, next) => {
    const warning = isParserError(error) ? parserFailureWarning(req, error.type) : null;
    if (warning !== null) warn(warning);
    next(error);
  };
  return [routes, failedBefore];
}

function toHttpRequest(req: Request): HttpRequest {
  return {
    method: req.method,
    path: req.path,
    query: /\?(.*)/.exec(req.url)?.[1] ?? '',
    header: (name) => headerOf(req, name),
    // What a parser has read cannot be read again.
    body: async (maxBytes) => (req.readableDidRead ? new Uint8Array() : await readBody(req, maxBytes)),
    parsedBody: req.body,
  };
}

function headerOf({ headers }: Request, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}

function arrivalOf({ baseUrl, path }: Request): Arrival {
  return { mountPath: baseUrl, path };
}

async function callHook<U extends Account<string>>(
  { onLogin, onRejected, onError, onUnavailable }: SsoRouterOptions<U>,
  answer: HttpAnswer<U>,
  req: Request,
  res: Response,
): Promise<void> {
  switch (answer.kind) {
    case 'login':
      return await onLogin({ login: answer.login, req, res });
    case 'rejected':
      return await onRejected?.({ rejection: answer.rejection, samlResponse: answer.samlResponse, req, res });
    case 'error':
      return await onError?.({ error: answer.error, samlResponse: answer.samlResponse, req, res });
    case 'unavailable':
      return await onUnavailable?.({ unavailable: answer.unavailable, req, res });
    case 'response':
      return;
  }
}

function send({ status, headers, body }: HttpResponse, req: Request, res: Response): void {
  res.status(status);
  for (const [name, value] of headers) if (!isCookie(name)) res.setHeader(name, value);
  // If the body was not read to its end, the connection cannot be used for another request.
  if (!req.complete) res.setHeader('Connection', 'close');
  res.end(body);
}

/** Whether an error is one of body-parser, such as `entity.too.large`. */
function isParserError(error: unknown): error is { readonly type: string } {
  if (typeof error !== 'object' || error === null || !('type' in error) || typeof error.type !== 'string') return false;
  return /^(?:charset|encoding|entity|parameters|querystring|request|stream)\./.test(error.type);
}
