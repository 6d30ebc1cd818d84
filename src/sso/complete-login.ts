import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import { startTrace } from '../saml/trace.ts';
import { startLogin } from './begin-login.ts';
import { claimResponse } from './claim-response.ts';
import { type EvaluatedLogin, evaluateLogin, type LoginProgress, startProgress } from './evaluate-login.ts';
import { expectRequestPossible } from './expect-request.ts';
import { failure } from './failure.ts';
import { loginRegistry } from './login-registry.ts';
import { warnOfMetadata } from './metadata-validity.ts';
import { provisionLogin } from './provision-login.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { CompleteLoginInput, LoginRestarted, LoginResult } from './types.ts';
import { isRestarted } from './validation-context.ts';
import { markVerified } from './verified.ts';

/** Validates the response, claims it, and provisions the user. */
export async function completeLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
): Promise<LoginResult<U>> {
  if (typeof input.samlResponse !== 'string') throw new TypeError('samlResponse must be a string');
  const progress: CompletionProgress = { ...startProgress(), assertionId: null, isClaimed: false };
  try {
    const { registry } = loginRegistry(sso);
    return await complete({ ...sso, registry }, input, progress);
  } catch (cause) {
    const { connection, assertionId, isClaimed, isVerified } = progress;
    const at = {
      connectionId: connection?.id ?? null,
      organizationId: connection?.organizationId ?? null,
      assertionId,
    };
    const next = isClaimed ? 'The response is used up: the user must start again.' : 'The user may try again.';
    const error = failure(sso, cause, at, `No user was signed in. ${next}`);
    if (isVerified && error instanceof SamlError) markVerified(error);
    throw error;
  }
}

interface CompletionProgress extends LoginProgress {
  /** Set once the evaluation succeeded. */
  assertionId: string | null;
  /** The response cannot be used again. */
  isClaimed: boolean;
}

async function complete<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
  progress: CompletionProgress,
): Promise<LoginResult<U>> {
  const login = await evaluateLogin(sso, input, startTrace('validate'), progress);
  const { connection, response, inResponseTo, pending } = login;
  progress.assertionId = response.assertion.id;
  emitWarnings(sso, login);

  const restarts = isRestarted(connection, inResponseTo);
  // Before the response is used up.
  if (restarts) expectRequestPossible(sso, connection);
  // Disabled connections use no space in the replay cache: provisioning refuses their logins.
  if (connection.enabled) await claimResponse(sso, login);
  progress.isClaimed = connection.enabled;
  if (restarts) return restart(sso, login, input);
  const returnTo = pending === null ? sso.returnTo.foreign(input.relayState) : pending.returnTo;
  return await provisionLogin(sso, login, {
    returnTo: returnTo ?? sso.returnTo.fallback,
    forceAuthn: pending?.forceAuthn === true,
    expireCookies: pending === null ? [] : sso.cookies.expire(input.cookies, pending.requestId),
  });
}

function emitWarnings<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { connection, response, now }: EvaluatedLogin,
): void {
  sso.warnOfRoleMap(connection);
  const expiring = sso.certificateWatch(connection, response.signedBy, now);
  for (const { warning, hint } of [...response.warnings, ...expiring])
    sso.emit({ type: 'warning', connectionId: connection.id, warning, hint });
  warnOfMetadata(sso, connection, now);
}

/** Answers an IdP-initiated login with a request of this application: its answer is bound to this browser. */
function restart<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { connection, response }: EvaluatedLogin,
  { relayState, cookies }: CompleteLoginInput,
): LoginRestarted {
  const returnTo = sso.returnTo.foreign(relayState);
  const start = startLogin(sso, connection, { returnTo, forceAuthn: false, restarted: true, cookies });
  const { id: connectionId, organizationId } = connection;
  sso.emit({ type: 'restarted', connectionId, organizationId, assertionId: response.assertion.id });
  return { outcome: 'redirect', start, connectionId, organizationId, expireCookies: [] };
}
