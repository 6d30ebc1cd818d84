import type { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import { failure as reportFailure, unknownLogin } from '../sso/failure.ts';
import type { Sso } from '../sso/types.ts';
import { isVerified } from '../sso/verified.ts';
import { failurePage, finishedPage } from './pages.ts';
import { matchRoute } from './routes.ts';
import type { HttpAnswer, HttpRequest, HttpResponse } from './types.ts';

/** Answers an error for which a verb of `sso` has emitted the event. */
export function failureAnswer<U extends Account<string>>(
  sso: Sso<U>,
  error: SamlError,
  { path }: HttpRequest,
  samlResponse?: string,
): HttpAnswer<U> {
  return { kind: 'error', error, samlResponse, response: failureResponse(sso, error, tryAgainUrl(path)) };
}

/** Emits the event of an error that occurred before any verb of `sso` was called, and answers it. */
export function refuse<U extends Account<string>>(
  sso: Sso<U>,
  error: SamlError,
  request: HttpRequest,
  samlResponse?: string,
): HttpAnswer<U> {
  reportFailure(sso, error, unknownLogin, '');
  return failureAnswer(sso, error, request, samlResponse);
}

/** Until a pinned key has verified the message, all failures look the same. */
function failureResponse<U extends Account<string>>(sso: Sso<U>, error: SamlError, tryAgain: string): HttpResponse {
  const { code, reference } = error;
  const content = { reference, tryAgain };
  if (!isVerified(error)) return failurePage(content);
  const isFinished =
    code === 'replayed' ||
    code === 'request_used' ||
    (error.code === 'browser_mismatch' && error.details.state === 'missing');
  if (isFinished) return finishedPage(content, { continueTo: sso.defaultReturnTo });
  return failurePage(content, code === 'store_failed' ? 500 : 400);
}

/** The login route, relative to this path: a proxy may serve it below another one. */
export function tryAgainUrl(path: string): string {
  const up = '../'.repeat(path.split('/').length - 2);
  const connection = matchRoute(path)?.connectionId;
  return `${up}login${connection === undefined ? '' : `?${new URLSearchParams({ connection })}`}`;
}
