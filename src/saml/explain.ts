import { SamlError } from '../errors.ts';
import type { Assertion } from './assertion.ts';
import { withEvenDuration } from './decrypt-assertion.ts';
import { decodeResponse, evaluateResponse, type Trail } from './response.ts';
import { resolveOptions, type ValidateResponseOptions } from './response-options.ts';

/** One rule of an explanation. */
export interface ExplainedRule {
  readonly rule: string;
  /** Section of the standard, or row of the decision table. */
  readonly section: string;
  readonly result: 'pass' | 'fail' | 'skip';
  /** Why it failed, or was skipped. */
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
}

/** What {@link explainResponse} found. */
export interface ResponseExplanation {
  readonly verdict: 'accept' | 'reject';
  /** In the order in which they were asked; none after the first that makes the next ones meaningless. */
  readonly rules: readonly ExplainedRule[];
  /** `null` when the verdict is `reject`: nothing of a refused message is repeated. */
  readonly assertion: Assertion | null;
}

/** A trail that keeps what happened at each step. */
export interface RecordedTrail extends Trail {
  readonly rules: readonly ExplainedRule[];
}

/** Makes an empty trail. */
export function recordTrail(): RecordedTrail {
  const rules: ExplainedRule[] = [];
  return {
    rules,
    exhaustive: true,
    step(rule, section, check) {
      try {
        const value = check();
        rules.push({ rule, section, result: 'pass' });
        return value;
      } catch (error) {
        if (error instanceof SamlError)
          rules.push({ rule, section, result: 'fail', code: error.code, hint: error.hint });
        throw error;
      }
    },
  };
}

/**
 * Judges a response as {@link validateResponse} does, and tells of every rule whether it holds. For administrators: hints
 * carry values of the message.
 *
 * @throws TypeError for options that make no sense; never for the message
 *
 * @example
 * ```ts
 * const { verdict, rules } = await explainResponse(samlResponse, options);
 * for (const { rule, result, hint } of rules) console.log(result, rule, hint ?? '');
 * ```
 */
export async function explainResponse(
  samlResponse: string,
  options: ValidateResponseOptions,
): Promise<ResponseExplanation> {
  const judgement = resolveOptions(options);
  const trail = recordTrail();
  try {
    const assertion = await withEvenDuration(async () => {
      const judged = evaluateResponse(decodeResponse(samlResponse, judgement.limits, trail), judgement, trail);
      if (options.crossCheck !== false) trail.step('crossCheck', 'saml-jit', judged.crossCheck);
      return judged.assertion;
    });
    return { verdict: 'accept', rules: trail.rules, assertion };
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return { verdict: 'reject', rules: trail.rules, assertion: null };
  }
}
