import type { Assertion } from './assertion.ts';
import { evaluateMessage } from './evaluate-response.ts';
import { resolveOptions, type ValidateResponseOptions } from './response-options.ts';
import { startTrace } from './trace.ts';

/**
 * Validates a SAML Response received by HTTP-POST, as the Web Browser SSO profile prescribes (SAML Profiles 4.1.4), and
 * returns its assertion: every value was signed by a pinned key, for this application, and is valid now.
 *
 * It keeps no state: claim `issuer` and `id` in a {@link ReplayCache} until `notOnOrAfter`, as `createSso` does.
 *
 * @param samlResponse form field SAMLResponse: base64
 * @param options what the message must fit: keys and names of the identity provider, names of the application, and the
 *   request
 * @throws SamlError if the message cannot be trusted; `hint` says what was expected and received
 * @throws ConfigurationError for invalid options, unknown keys included
 *
 * @example
 * ```ts
 * const assertion = await validateResponse(request.body.SAMLResponse, {
 *   identityProvider: { entityId: 'https://idp.example.com', certificates: [pem] },
 *   serviceProvider: { entityId: 'https://app.example.com/sso/metadata', acsUrl: 'https://app.example.com/sso/acs' },
 *   inResponseTo: session.requestId,
 * });
 * ```
 */
export async function validateResponse(samlResponse: string, options: ValidateResponseOptions): Promise<Assertion> {
  return evaluateMessage(samlResponse, resolveOptions(options), options.crossCheck !== false, startTrace('validate'));
}
