import { AssertionError } from 'node:assert';
import { NotApplicable, show } from './expect.ts';
import type { CaseContext } from './under-test.ts';

/** Runs one case, closes the store under test in any event, and reports a case that does not apply as skipped. */
export async function runCase<Fixture extends { readonly close?: (() => Promise<void>) | undefined }>(
  setUp: () => Promise<Fixture>,
  body: (fixture: Fixture) => Promise<void>,
  context: CaseContext,
): Promise<void> {
  const fixture = await setUp();
  let lacking: string | undefined;
  try {
    await body(fixture);
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw explained(error);
    lacking = error.message;
  } finally {
    await fixture.close?.();
  }
  // Some runners throw here, to end the test.
  if (lacking !== undefined) context.skip?.(lacking);
}

function explained(error: unknown): unknown {
  if (error instanceof AssertionError) return error;
  return new Error(`No step of this case should throw.\nexpected: no rejection\nreceived: ${show(error)}`, {
    cause: error,
  });
}
