import { SamlError } from '../../src/errors.ts';

/** The SamlError that `action` throws. Anything else it does fails the test. */
export function refusal(action: () => unknown): SamlError {
  try {
    action();
  } catch (error) {
    if (error instanceof SamlError) return error;
    throw new Error('expected a SamlError', { cause: error });
  }
  throw new Error('expected a refusal, but it was accepted');
}
