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

/** The SamlError that `work` rejects with. Any other outcome fails the test. */
export async function rejection(work: Promise<unknown>): Promise<SamlError> {
  const failure = await work.then(
    () => new Error('expected a refusal, but it was accepted'),
    (error: unknown) => error,
  );
  if (failure instanceof SamlError) return failure;
  throw new Error('expected a SamlError', { cause: failure });
}
