import { AssertionError } from 'node:assert';
import { NotApplicable, show } from './expect.ts';
import type { CaseContext } from './under-test.ts';

/** Runs one case with what it needs, closes that in any case, and reports a case that does not apply as skipped. */
export async function runCase<Bench extends { readonly close?: (() => Promise<void>) | undefined }>(
  setUp: () => Promise<Bench>,
  play: (bench: Bench) => Promise<void>,
  context: CaseContext,
): Promise<void> {
  const bench = await setUp();
  let lacking: string | undefined;
  try {
    await play(bench);
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw explained(error);
    lacking = error.message;
  } finally {
    await bench.close?.();
  }
  // Some runners throw here, to leave the test.
  if (lacking !== undefined) context.skip?.(lacking);
}

function explained(error: unknown): unknown {
  if (error instanceof AssertionError) return error;
  return new Error(`Nothing in this case is a reason to throw.\nexpected: no rejection\nreceived: ${show(error)}`, {
    cause: error,
  });
}
