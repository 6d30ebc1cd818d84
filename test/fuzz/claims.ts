import type { Assertion } from '../../src/saml/assertion.ts';

/** All that an Assertion says, as text that can be compared. */
export function claimsOf(assertion: Assertion): string {
  return JSON.stringify(assertion, (_, value: unknown) => {
    if (value instanceof Map) return [...value];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
