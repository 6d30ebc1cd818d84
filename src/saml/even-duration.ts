import { setTimeout } from 'node:timers/promises';
import { SamlError } from '../errors.ts';

const quantum = 250;

/**
 * Delays a `decryption_failed`, and any failure for which `isConcealed` is true, to a whole number of quarters of a
 * second since the start: the duration would reveal how far decryption proceeded. The tree of the message is released
 * during the delay.
 */
export async function withEvenDuration<T>(run: () => Promise<T>, isConcealed: () => boolean = () => false): Promise<T> {
  const began = performance.now();
  try {
    return await run();
  } catch (error) {
    if ((error instanceof SamlError && error.code === 'decryption_failed') || isConcealed())
      await setTimeout(quantum - ((performance.now() - began) % quantum));
    throw error;
  }
}
