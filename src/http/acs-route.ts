import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Sso } from '../sso/types.ts';
import { failureAnswer, refuse, tryAgainUrl } from './failure-answer.ts';
import { artifactHint, type FormFields, samlFields } from './form.ts';
import { redirect, rejectionPage } from './pages.ts';
import { readForm } from './read-form.ts';
import { respond, startResponse, withCookies } from './responses.ts';
import type { HttpAnswer, HttpRequest } from './types.ts';

/** What the AssertionConsumerService needs besides the request. */
export interface AcsRouteOptions {
  /** From the path `/acs/{connectionId}`. */
  readonly connectionId: string | undefined;
  readonly bodyLimitBytes: number;
  /** Called if a body parser in front has read the form and left nothing. */
  readonly onConsumed: () => void;
}

/** `POST /acs` and `POST /acs/{connectionId}`: the AssertionConsumerService (SAML Profiles 4.1.4). */
export async function acsRoute<U extends Account<string>>(
  sso: Sso<U>,
  request: HttpRequest,
  { connectionId, bodyLimitBytes, onConsumed }: AcsRouteOptions,
): Promise<HttpAnswer<U>> {
  let form: FormFields = {};
  let fields: ReturnType<typeof samlFields>;
  try {
    form = await readForm(request, bodyLimitBytes, onConsumed);
    fields = samlFields(form);
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    const { SAMLResponse } = form;
    return refuse(sso, error, request, typeof SAMLResponse === 'string' ? SAMLResponse : undefined);
  }
  const { samlResponse } = fields;
  try {
    const result = await sso.completeLogin({ ...fields, connectionId, cookies: request.header('cookie') });
    switch (result.outcome) {
      case 'redirect':
        return respond(startResponse(result.start, result));
      case 'rejected': {
        const { message, reference, expireCookies } = result;
        // The page shows no reason: it may be about data of another organization.
        const page = rejectionPage(message, { reference, tryAgain: tryAgainUrl(request.path) });
        return { kind: 'rejected', rejection: result, samlResponse, response: withCookies(page, expireCookies) };
      }
      default:
        return {
          kind: 'login',
          login: result,
          response: withCookies(redirect(result.returnTo), result.expireCookies),
        };
    }
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return failureAnswer(sso, error, request, samlResponse);
  }
}

/** Returns the error for a message that arrived by GET (HTTP-Redirect or HTTP-Artifact): it is never a login. */
export function misdirectedMessage(request: HttpRequest): SamlError | null {
  if (request.method !== 'GET') return null;
  const query = new URLSearchParams(request.query);
  const hint = query.has('SAMLResponse')
    ? 'The response came in the query of a GET request (HTTP-Redirect binding). Choose HTTP-POST as the binding of the ACS URL at the identity provider.'
    : query.has('SAMLart')
      ? `The query of a GET request has SAMLart: ${artifactHint}.`
      : null;
  return hint === null ? null : new SamlError('unexpected_message', { hint });
}
