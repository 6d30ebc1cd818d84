import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { invalidOption } from '../configuration-error.ts';
import type { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { LoginAccepted, LoginRejected, LoginUnavailable, Sso } from '../sso/types.ts';
import { isParserError, mountWarning, parserWarning, unservedWarning } from './express-mounting.ts';
import { watchSession } from './express-session.ts';
import { type FormFields, formTooLarge, parseForm } from './form.ts';
import { type SsoAnswer, type SsoHandlerOptions, ssoHandler } from './handler.ts';
import { RequestAborted, readBody } from './node-body.ts';
import type { HttpResponse } from './pages.ts';
import { matchRoute } from './routes.ts';
import { warnOnce } from './warn-once.ts';

/** A function of the application that sees an event of a login, with Express's request and response. */
export type SsoHook<T> = (event: T & { readonly req: Request; readonly res: Response }) => void | Promise<void>;

/**
 * The application's part of a login. Each function may answer the request itself (then nothing is added) or leave it to
 * the default; one that answers later must return a promise. What a function throws goes to `next`.
 */
export interface SsoRouterOptions<U extends Account<string>> extends SsoHandlerOptions {
  /**
   * The user is signed in: open the application's own session. A function that works with callbacks, such as
   * `req.session.regenerate`, must be wrapped in a promise. Default answer: a redirect to `login.returnTo`.
   */
  readonly onLogin: SsoHook<{ readonly login: LoginAccepted<U> }>;
  /** Policy refuses the person. Default answer: status 403 and a page with the message and `rejection.reference`. */
  readonly onRejected?:
    | SsoHook<{
        readonly rejection: LoginRejected;
        /** The message, for `sso.explain`. It holds personal data. */
        readonly samlResponse: string;
      }>
    | undefined;
  /**
   * Nobody was signed in. Default answer: a page that is the same for every message that no pinned key has verified, with
   * `error.reference`. `code` and `hint` are for logs: until the message is verified, an anonymous visitor must not see them.
   */
  readonly onError?:
    | SsoHook<{
        readonly error: SamlError;
        /** The message, for `sso.explain`, where one was posted. It is not trusted and may hold personal data. */
        readonly samlResponse: string | undefined;
      }>
    | undefined;
  /** No login can begin. Default answer: a page that says the same to everybody; with `showChoices`, a list of connections. */
  readonly onUnavailable?: SsoHook<{ readonly unavailable: LoginUnavailable }> | undefined;
  /** Bytes of a posted form. Default four times `limits.bytes`: base64 takes a third more, percent-encoding up to three times that. */
  readonly bodyLimitBytes?: number | undefined;
}

/** Handlers to mount together: the routes, and one that notices where a body parser in front of them failed. */
export type SsoRouter = [RequestHandler, ErrorRequestHandler];

/**
 * Express handlers for {@link ssoHandler}'s routes, Express 4 and 5. Mount them at the path of `baseUrl`, before any
 * `express.urlencoded()` of the whole application, whose default of 100 kB is too small for a user with many groups:
 *
 * ```ts
 * app.use('/sso', ssoRouter(sso, {
 *   onLogin: ({ login, req }) => { req.session.userId = login.user.id; },
 * }));
 * app.use(express.urlencoded());
 * ```
 *
 * Behind a parser with a raised limit they take the parsed `req.body`. Errors other than SamlError go to `next`.
 * @throws TypeError when `onLogin` is missing or `bodyLimitBytes` is no positive integer
 */
export function ssoRouter<U extends Account<string>>(sso: Sso<U>, options: SsoRouterOptions<U>): SsoRouter {
  const { bodyLimitBytes = 4 * sso.limits.bytes } = options;
  if (typeof options.onLogin !== 'function') throw invalidOption(['onLogin'], 'must be a function');
  if (!Number.isSafeInteger(bodyLimitBytes) || bodyLimitBytes < 1) {
    throw invalidOption(['bodyLimitBytes'], 'must be a positive integer');
  }
  const handle = ssoHandler(sso, options);
  const warn = warnOnce(sso);

  const routes: RequestHandler = async (req, res, next) => {
    try {
      const answer = await handle({
        method: req.method,
        path: req.path,
        query: new URLSearchParams(/\?.*/.exec(req.url)?.[0]),
        header: (name) => headerOf(req, name),
        readForm: () => readForm(req, bodyLimitBytes, () => warn(parserWarning('left its body empty'))),
      });
      if (answer.kind === 'unmatched') {
        const unserved = unservedWarning(sso.basePath, req);
        if (unserved !== null) warn(unserved);
        return next();
      }
      const mounted = mountWarning(sso.basePath, req);
      if (mounted !== null) warn(mounted);
      for (const cookie of answer.response.cookies) res.append('Set-Cookie', cookie);
      const ended =
        answer.kind === 'login' ? watchSession({ req, res, ownCookies: answer.response.cookies, warn }) : undefined;
      await callHook(options, answer, req, res);
      ended?.();
      if (!res.headersSent && !res.writableEnded) send(answer.response, req, res);
    } catch (error) {
      if (!(error instanceof RequestAborted)) next(error);
    }
  };

  const failedBefore: ErrorRequestHandler = (error, req, _res, next) => {
    const isResponse = req.method === 'POST' && matchRoute(req.path)?.name === 'acs';
    if (isResponse && isParserError(error)) warn(parserWarning(`failed (${error.type})`));
    next(error);
  };
  return [routes, failedBefore];
}

async function callHook<U extends Account<string>>(
  { onLogin, onRejected, onError, onUnavailable }: SsoRouterOptions<U>,
  answer: Exclude<SsoAnswer<U>, { kind: 'unmatched' }>,
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

function headerOf({ headers }: Request, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}

async function readForm(req: Request, limit: number, onEmptied: () => void): Promise<FormFields> {
  const body: unknown = req.body;
  // express.raw() was here.
  if (Buffer.isBuffer(body)) {
    if (body.length > limit) throw formTooLarge(limit);
    return parseForm(body);
  }
  const parsed: FormFields = typeof body === 'object' && body !== null ? { ...body } : {};
  if (Object.hasOwn(parsed, 'SAMLResponse')) return parsed;
  if (!req.readableDidRead) return parseForm(await readBody(req, limit));
  // Another parser read the stream, and it cannot be read again.
  if (Object.keys(parsed).length === 0 && req.headers['content-length'] !== '0') onEmptied();
  return parsed;
}

function send(response: HttpResponse, req: Request, res: Response): void {
  res.status(response.status).set(response.headers);
  // The rest of a body that we stopped reading is not worth a connection.
  if (!req.complete) res.set('Connection', 'close');
  res.end(response.body);
}
