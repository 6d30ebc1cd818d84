import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import { decodeResponse, type UnverifiedResponse } from '../saml/decode-response.ts';
import { evaluateResponse, type ValidatedResponse } from '../saml/evaluate-response.ts';
import { withEvenDuration } from '../saml/even-duration.ts';
import { namespaces } from '../saml/names.ts';
import type { Trace } from '../saml/trace.ts';
import { expectSameBrowser, expectUnsolicitedAllowed } from './browser-binding.ts';
import { connectionOfResponse } from './connection-of-response.ts';
import type { ResolvedDraft } from './draft.ts';
import { expectMetadataUsable } from './metadata-validity.ts';
import { otherConnectionOf } from './other-connection.ts';
import type { PendingRequest } from './request-cookie.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { CompleteLoginInput } from './types.ts';
import { validationContextFor } from './validation-context.ts';

/** How far the evaluation of a login came: known also if it fails. */
export interface LoginProgress {
  /** `null` until it is chosen. */
  connection: Connection | null;
  /** It has an EncryptedAssertion. */
  isEncrypted: boolean;
  /** A pinned key verified the message. */
  isVerified: boolean;
}

/** A login before its first step. */
export function startProgress(): LoginProgress {
  return { connection: null, isEncrypted: false, isVerified: false };
}

/** What an explanation assumes instead of the facts. `completeLogin` assumes nothing. */
export interface Assumptions {
  /** ID of the request that is answered; `undefined`: that of the message. */
  readonly inResponseTo: string | null | undefined;
  /** Any browser may post the message. */
  readonly anyBrowser: boolean;
  readonly now: (received: UnverifiedResponse) => Date;
  readonly draft: ResolvedDraft | null;
}

/** A login that may be claimed, or explained. */
export interface EvaluatedLogin {
  readonly connection: Connection;
  readonly response: ValidatedResponse;
  /** `null`: the response is unsolicited. */
  readonly inResponseTo: string | null;
  /** The request of this browser that the response answers. */
  readonly pending: PendingRequest | null;
  readonly now: Date;
}

/**
 * Evaluates a login up to the point where it would be claimed: decode, choose the connection, check its metadata, validate,
 * bind to the browser, cross-check. This is the only place that has the order of these steps; it writes nothing.
 *
 * @param progress is updated with each step
 * @param assumed `null`: the login is to be completed
 * @throws SamlError the first failure; what a function of the application throws
 */
export async function evaluateLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
  trace: Trace,
  progress: LoginProgress,
  assumed: Assumptions | null = null,
): Promise<EvaluatedLogin> {
  // Anyone can encrypt a message: a measurable attempt to decrypt would show that the Issuer is a customer's.
  const isConcealed = (): boolean => progress.isEncrypted && !progress.isVerified;
  return await withEvenDuration(() => evaluate(sso, input, trace, progress, assumed), isConcealed);
}

async function evaluate<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
  trace: Trace,
  progress: LoginProgress,
  assumed: Assumptions | null,
): Promise<EvaluatedLogin> {
  const { cookies, connectionId: routed } = input;
  const received = decodeResponse(input.samlResponse, sso.limits, trace);
  progress.isEncrypted = received.root.all(namespaces.assertion, 'EncryptedAssertion').length > 0;
  const inResponseTo = assumed?.inResponseTo === undefined ? received.inResponseTo : assumed.inResponseTo;
  const opened = inResponseTo === null || assumed?.anyBrowser === true ? null : sso.cookies.open(cookies, inResponseTo);
  const pending = opened?.state === 'open' ? opened.pending : null;
  const draft = assumed?.draft ?? null;
  const connection = await trace.stepAsync('connection', 'saml-jit', async () => {
    const chosen = await connectionOfResponse(sso, received, routed, opened, draft?.connection ?? null);
    return draft === null ? chosen : draft.apply(chosen);
  });
  progress.connection = connection;
  const now = assumed?.now(received) ?? sso.now();
  trace.step('metadata', 'SAML Metadata 2.3.1', () => expectMetadataUsable(connection, now));
  const explainKey = await otherConnectionOf(sso, connection, received.issuer);
  const context = validationContextFor(sso, connection, { routed, inResponseTo, pending, now, explainKey });
  const response = evaluateResponse(received, context, trace);
  progress.isVerified = true;
  if (opened !== null) trace.step('browser', 'SAML Profiles 4.1.5', () => expectSameBrowser(sso, opened, cookies));
  if (inResponseTo === null)
    trace.step('unsolicited', 'SAML Profiles 4.1.5', () => expectUnsolicitedAllowed(sso, connection, input));
  if (sso.crossCheck) await trace.stepAsync('crossCheck', 'saml-jit', response.crossCheck);
  return { connection, response, inResponseTo, pending, now };
}
