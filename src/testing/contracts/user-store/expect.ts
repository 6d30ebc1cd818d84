import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';

/** Ends a case about a capability that the store does not have. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** Skips the case unless the store has the capability that it tests. */
export function skipUnless(capability: unknown, lacking: string): asserts capability {
  if (!capability) throw new NotApplicable(lacking);
}

/** @throws AssertionError unless both are deeply equal; `advice` says what to change in the store */
export function same(received: unknown, expected: unknown, advice: string): void {
  if (isDeepStrictEqual(received, expected)) return;
  throw failure(advice, received, expected, show(received), show(expected));
}

/** @throws AssertionError unless the promise is rejected with an error of the class */
export async function rejects(
  work: Promise<unknown>,
  expected: abstract new (...args: never[]) => Error,
  advice: string,
): Promise<void> {
  const result = await settled(work);
  if (result.error instanceof expected) return;
  const received = 'error' in result ? result.error : result.value;
  const what = 'error' in result ? `the rejection ${show(received)}` : `no rejection, but ${show(received)}`;
  throw failure(advice, received, expected.name, what, `a rejection with ${expected.name}`);
}

/** The value that the promise resolves to. @throws AssertionError if it is rejected */
export async function succeeds<T>(work: Promise<T>, advice: string): Promise<T> {
  return work.catch((error: unknown) => {
    throw failure(advice, error, 'no rejection', `the rejection ${show(error)}`, 'no rejection');
  });
}

/** The result of a promise: `value`, or `error`. */
export async function settled<T>(work: Promise<T>): Promise<{ readonly value?: T; readonly error?: unknown }> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** An error as its name and message; anything else as the inspector shows it, in full where that is short. */
export function show(value: unknown): string {
  return value instanceof Error
    ? `${value.name}: ${value.message}`
    : inspect(value, { depth: 5, maxStringLength: 300 });
}

function failure(advice: string, actual: unknown, expected: unknown, received: string, wanted: string): AssertionError {
  return new AssertionError({ message: `${advice}\nexpected: ${wanted}\nreceived: ${received}`, actual, expected });
}
