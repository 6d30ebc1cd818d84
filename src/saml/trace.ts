import { SamlError } from '../errors.ts';

/** One rule of an explanation. */
export interface ExplainedRule {
  readonly rule: string;
  /** Section of the standard; `saml-jit` for a rule of this library. */
  readonly section: string;
  readonly result: 'pass' | 'fail' | 'skip';
  /** Why it failed, or was skipped. */
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
}

/** A check that is independent of the other checks of its list. */
interface IndependentCheck<Input> {
  readonly name: string;
  readonly section: string;
  /** @throws SamlError if the check fails */
  readonly check: (input: Input) => void;
}

/** The record of one evaluation. Only an evaluation without failure has a result. */
export interface Trace {
  /** The steps so far, in order. */
  readonly rules: readonly ExplainedRule[];
  /** Performs a step on which all later steps depend: its failure ends the evaluation. */
  step<T>(rule: string, section: string, perform: () => T): T;
  /** The same for an asynchronous step. */
  stepAsync<T>(rule: string, section: string, perform: () => Promise<T>): Promise<T>;
  /**
   * Performs independent checks. Any failure ends the evaluation: at once when validating, after the
   * last check when explaining.
   *
   * @throws SamlError the first failure
   */
  checkAll<Input>(checks: readonly IndependentCheck<Input>[], input: Input): void;
}

/** `validate` ends at the first failure; `explain` also performs the remaining independent checks. */
export type TraceMode = 'validate' | 'explain';

/** Makes the empty trace of one evaluation. */
export function startTrace(mode: TraceMode): Trace {
  const rules: ExplainedRule[] = [];
  const record = (rule: string, section: string, failure?: unknown): void => {
    if (failure === undefined) rules.push({ rule, section, result: 'pass' });
    else if (failure instanceof SamlError)
      rules.push({ rule, section, result: 'fail', code: failure.code, hint: failure.hint });
  };
  const step = <T>(rule: string, section: string, perform: () => T): T => {
    try {
      const value = perform();
      record(rule, section);
      return value;
    } catch (failure) {
      record(rule, section, failure);
      throw failure;
    }
  };
  return {
    rules,
    step,
    async stepAsync(rule, section, perform) {
      try {
        const value = await perform();
        record(rule, section);
        return value;
      } catch (failure) {
        record(rule, section, failure);
        throw failure;
      }
    },
    checkAll(checks, input) {
      let first: SamlError | undefined;
      for (const { name, section, check } of checks) {
        try {
          step(name, section, () => check(input));
        } catch (failure) {
          if (mode === 'validate' || !(failure instanceof SamlError)) throw failure;
          first ??= failure;
        }
      }
      if (first !== undefined) throw first;
    },
  };
}
