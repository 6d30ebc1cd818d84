import { SamlError } from '../errors.ts';
import type { Assertion } from './assertion.ts';
import { evaluateMessage } from './evaluate-response.ts';
import { resolveOptions, type ValidateResponseOptions } from './response-options.ts';
import { type ExplainedRule, startTrace } from './trace.ts';

/** The result of {@link explainResponse}. */
export interface ResponseExplanation {
  readonly verdict: 'accept' | 'reject';
  /** In the order of evaluation. After a failed signature, decryption or reading step there are no further rules. */
  readonly rules: readonly ExplainedRule[];
  /** `null` when the verdict is `reject`: an explanation repeats no value of a refused message outside of its hints. */
  readonly assertion: Assertion | null;
}

/**
 * Evaluates a response as {@link validateResponse} does (SAML Profiles 4.1.4), and returns the result of each rule. For
 * administrators: hints contain values of the message.
 *
 * @param samlResponse the form field: base64 of the XML
 * @param options as for {@link validateResponse}
 * @throws ConfigurationError for invalid options, unknown keys included; never for the message
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
  const context = resolveOptions(options);
  const trace = startTrace('explain');
  try {
    const assertion = await evaluateMessage(samlResponse, context, options.crossCheck !== false, trace);
    return { verdict: 'accept', rules: trace.rules, assertion };
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    return { verdict: 'reject', rules: trace.rules, assertion: null };
  }
}
