import type { SamlError } from '../errors.ts';

const verified = new WeakSet<SamlError>();

/** Records that the message was verified with a pinned key before this failure. */
export function markVerified(error: SamlError): void {
  verified.add(error);
}

/**
 * Whether the message was verified with a pinned key before this failure. If not, the answer to the browser must reveal
 * nothing, because anyone can cause it.
 */
export function isVerified(error: SamlError): boolean {
  return verified.has(error);
}
