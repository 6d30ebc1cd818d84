import { expect } from 'vitest';

/** Matches a ConfigurationError with this message, a text or a matcher of Vitest, for `toThrow`. */
export function configurationError(message: unknown): object {
  return expect.objectContaining({ name: 'ConfigurationError', message });
}
