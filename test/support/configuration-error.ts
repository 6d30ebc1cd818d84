import { expect } from 'vitest';

/** Matches a ConfigurationError with this message, for `toThrow`. */
export function configurationError(message: string): object {
  return expect.objectContaining({ name: 'ConfigurationError', message });
}
