import type { Request, RequestHandler, Response } from 'express';
import type { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { LoginAccepted, LoginRejected, LoginUnavailable, Sso } from '../sso/types.ts';
import { type FormFields, formTooLarge, parseForm } from './form.ts';
import { type SsoAnswer, ssoHandler } from './handler.ts';
import { RequestAborted, readBody } from './node-body.ts';
import type { HttpResponse } from './pages.ts';

/** A function of the application that sees an event of a login, with Express's request and response. */
export type SsoHook<T> = (event: T & { readonly req: Request; readonly res: Response }) => void | Promise<void>;

/**
 * The application's part of a login. Each function may answer the request itself (then nothing is added) or leave it to
 * the default; one that answers later must return a promise. What a function throws goes to `next`.
 */
export interface SsoRouterOptions<U extends Account<string>> {
  /** The user is signed in: open the application's own session. Default answer: a redirect to `login.returnTo`. */
  readonly onLogin: SsoHook<{ readonly login: LoginAccepted<U> }>;
  /** Policy refuses the person. Default answer: status 403 and a page with the message. */
  readonly onRejected?: SsoHook<{ readonly rejection: LoginRejected }> | undefined;
  /** The message cannot be trusted. Default answer: status 400 and a page with code and message; `hint` is for logs. */
  readonly onError?: SsoHook<{ readonly error: SamlError }> | undefined;
  /** No login can begin. Default answer: a page that says the same to everybody, or lists the choices. */
  readonly loginPage?: SsoHook<{ readonly unavailable: LoginUnavailable }> | undefined;
  /** Bytes of a posted form. Default four times `limits.bytes`: base64 takes a third more, percent-encoding up to three times that. */
  readonly bodyLimitBytes?: number | undefined;
}

/**
 * Express handler for {@link ssoHandler}'s routes, Express 4 and 5. Mount it at the path of `baseUrl`, before any
 * `express.urlencoded()` of the whole application, whose default of 100 kB is too small for a user with many groups:
 *
 * ```ts
 * app.use('/sso', ssoRouter(sso, {
 *   onLogin: ({ login, req }) => { req.session.userId = login.user.id; },
 * }));
 * app.use(express.urlencoded());
 * ```
 *
 * Behind a parser with a raised limit it takes the parsed `req.body`. Errors other than SamlError go to `next`.
 * @throws TypeError when `onLogin` is missing or `bodyLimitBytes` is no positive integer
 */
export function ssoRouter<U extends Account<string>>(sso: Sso<U>, options: SsoRouterOptions<U>): RequestHandler {
  const { bodyLimitBytes = 4 * sso.limits.bytes } = options;
  if (typeof options.onLogin !== 'function') throw new TypeError('onLogin must be a function');
  if (!Number.isSafeInteger(bodyLimitBytes) || bodyLimitBytes < 1) {
    throw new TypeError('bodyLimitBytes must be a positive integer');
  }
  const handle = ssoHandler(sso);

  return async (req, res, next) => {
    try {
      const answer = await handle({
        method: req.method,
        path: req.path,
        query: new URLSearchParams(/\?.*/.exec(req.url)?.[0]),
        cookies: req.headers.cookie,
        readForm: () => readForm(req, bodyLimitBytes),
      });
      if (answer.kind === 'unmatched') return next();
      for (const cookie of answer.response.cookies) res.append('Set-Cookie', cookie);
      await callHook(options, answer, req, res);
      if (!res.headersSent && !res.writableEnded) send(answer.response, req, res);
    } catch (error) {
      if (!(error instanceof RequestAborted)) next(error);
    }
  };
}

async function callHook<U extends Account<string>>(
  { onLogin, onRejected, onError, loginPage }: SsoRouterOptions<U>,
  answer: Exclude<SsoAnswer<U>, { kind: 'unmatched' }>,
  req: Request,
  res: Response,
): Promise<void> {
  switch (answer.kind) {
    case 'login':
      return await onLogin({ login: answer.login, req, res });
    case 'rejected':
      return await onRejected?.({ rejection: answer.rejection, req, res });
    case 'error':
      return await onError?.({ error: answer.error, req, res });
    case 'unavailable':
      return await loginPage?.({ unavailable: answer.unavailable, req, res });
    case 'response':
      return;
  }
}

async function readForm(req: Request, limit: number): Promise<FormFields> {
  const body: unknown = req.body;
  // express.raw() was here.
  if (Buffer.isBuffer(body)) {
    if (body.length > limit) throw formTooLarge(limit);
    return parseForm(body);
  }
  const parsed: FormFields = typeof body === 'object' && body !== null ? { ...body } : {};
  // A stream that was read holds nothing for us: whoever read it parsed another kind of body.
  return Object.hasOwn(parsed, 'SAMLResponse') || req.readableDidRead ? parsed : parseForm(await readBody(req, limit));
}

function send(response: HttpResponse, req: Request, res: Response): void {
  res.status(response.status).set(response.headers);
  // The rest of a body that we stopped reading is not worth a connection.
  if (!req.complete) res.set('Connection', 'close');
  res.end(response.body);
}
