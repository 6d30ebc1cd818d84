import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import { violatingFunction } from '../provisioning/invariants.ts';
import { ApplicationFailure, isContractError } from './call-application.ts';
import { plain, type SsoEventBody } from './events.ts';

/** The known facts of a login that fails. */
export interface FailedAt {
  readonly connectionId: string | null;
  readonly organizationId: string | null;
  /** `null` until the message is validated. */
  readonly assertionId: string | null;
}

/** A login of which nothing is known. */
export const unknownLogin: FailedAt = { connectionId: null, organizationId: null, assertionId: null };

/** Codes that may be an attack. */
const security = ['verifiers_disagree', 'signature_wrapped', 'replayed'];

/**
 * Emits the `failed` event of an error.
 *
 * @param consequence for the hint of an error that the message did not cause: the result for the user, and what to do
 * @returns the error that the verb rejects with: a SamlError, or an error of this package itself unchanged
 */
export function failure(
  { emit }: { readonly emit: (event: SsoEventBody) => void },
  cause: unknown,
  at: FailedAt,
  consequence: string,
): unknown {
  const error =
    cause instanceof SamlError ? cause : (applicationFailed(cause, consequence) ?? unexpected(cause, consequence));
  const { connectionId, organizationId, assertionId } = at;
  const { code, hint, details, reference } = error;
  emit({
    type: 'failed',
    connectionId,
    organizationId,
    assertionId,
    code,
    hint,
    details: plain(details),
    reference,
    error,
    security: security.includes(code),
  });
  return code === 'unexpected_error' ? cause : error;
}

/** @returns `store_failed`, which names the function; `undefined` if no function of the application failed */
function applicationFailed(cause: unknown, consequence: string): SamlError | undefined {
  const failed = (functionName: string, error: unknown): SamlError =>
    new SamlError('store_failed', {
      hint: `${functionName} failed: ${describe(error)}. ${consequence}`,
      details: { function: functionName },
      cause: error,
    });
  if (cause instanceof ApplicationFailure) return failed(cause.functionName, cause.cause);
  if (isContractError(cause)) return failed('users.create or users.update', cause);
  const violating = violatingFunction(cause);
  return violating === undefined ? undefined : failed(`users.${violating}`, cause);
}

function unexpected(cause: unknown, consequence: string): SamlError {
  const hint = `An error inside saml-jit, not of the message and not of a function of your application: ${describe(cause)}. ${consequence} Please report it, with the stack of the cause.`;
  return new SamlError('unexpected_error', { hint, cause });
}

function describe(error: unknown): string {
  return error instanceof Error
    ? printable(`${error.name}: ${error.message}`)
    : 'it threw something that is not an Error';
}
