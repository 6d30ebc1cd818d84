import { SamlError } from '../errors.ts';
import { duration } from '../lib/duration.ts';
import { shown } from '../lib/quote.ts';
import { difference } from './difference.ts';
import type { Expectation, RuleInput } from './rule.ts';

/** An end before this time has passed, including the skew: Unix time in milliseconds. */
export function earliest({ now, clockSkewSeconds }: Expectation): number {
  return now.getTime() - clockSkewSeconds * 1000;
}

/** A start after this time is in the future, including the skew: Unix time in milliseconds. */
export function latest({ now, clockSkewSeconds }: Expectation): number {
  return now.getTime() + clockSkewSeconds * 1000;
}

/** @throws SamlError `not_yet_valid` */
export function notInFuture(what: string, instant: Date, expected: Expectation): void {
  if (instant.getTime() > latest(expected)) tooEarly(what, instant, expected);
}

/** @throws SamlError `not_yet_valid`, with the difference of the clocks */
export function tooEarly(what: string, instant: Date, { now, clockSkewSeconds }: Expectation): never {
  throw new SamlError('not_yet_valid', {
    hint: `${what} is ${instant.toISOString()}; it is ${now.toISOString()} here, and ${clockSkewSeconds} s of difference are tolerated. The identity provider's clock is ${duration(instant.getTime() - now.getTime())} ahead of this server's: ${compareClocks}.`,
    details: { expected: now.toISOString(), received: instant.toISOString(), clockSkewSeconds },
  });
}

/** @throws SamlError `expired`, whose hint distinguishes an old page from a wrong clock, as far as the times allow */
export function tooLate(what: string, end: Date, { assertion, expected }: RuleInput): never {
  const { now, clockSkewSeconds, requestedAt } = expected;
  const issued = assertion.issueInstant;
  const behind = (requestedAt?.getTime() ?? Number.NEGATIVE_INFINITY) - issued.getTime();
  // A response cannot be older than its request: if it seems so, the clocks differ.
  const cause =
    end <= issued
      ? 'which is after that end. Correct this at the identity provider'
      : behind > clockSkewSeconds * 1000
        ? `for ${duration(end.getTime() - issued.getTime())}, by the identity provider's clock, and answers a request made at ${requestedAt?.toISOString()} by this one: the identity provider's clock is at least ${duration(behind)} behind this server's: ${compareClocks}`
        : `for ${duration(end.getTime() - issued.getTime())}. If this happened once, the page was left open, or posted again (Back, a restored tab): sign in again. If every login fails like this, the identity provider's clock is behind this server's: ${compareClocks}`;
  throw new SamlError('expired', {
    hint: `${what} is ${end.toISOString()}; it is ${now.toISOString()} here, ${duration(now.getTime() - end.getTime())} later, and ${clockSkewSeconds} s of difference are tolerated. The assertion was issued at ${issued.toISOString()}, ${cause}.`,
    details: { expected: now.toISOString(), received: end.toISOString(), clockSkewSeconds },
  });
}

const compareClocks =
  'compare each with the correct time (here: date -u), and set the wrong one by NTP; if other identity providers work, it is that of the identity provider';

/** @throws SamlError `issuer_mismatch` */
export function wrongIssuer(where: string, received: string | null, expected: string): never {
  throw new SamlError('issuer_mismatch', {
    hint: `The Issuer of the ${where} is ${shown(received ?? undefined)}; this connection expects ${shown(expected)}. Correct the entity ID of the identity provider in the connection${nearMiss(received === null ? [] : [received], expected)}, or post to the address of the right connection.`,
    details: { expected, received },
  });
}

/** @throws SamlError `in_response_to_mismatch` */
export function wrongRequest(where: string, received: string | undefined, expected: string | null): never {
  throw new SamlError('in_response_to_mismatch', {
    hint: `InResponseTo of the ${where} is ${shown(received)}; expected ${expected === null ? 'none, since no login is pending' : shown(expected)}. An old page was posted again, or the identity provider does not return the ID of the request: start the login again.`,
    details: { expected, received },
  });
}

/** Names the only difference between a value and the expected one, if it is a common mistake. */
export function nearMiss(received: readonly string[], expected: string): string {
  for (const value of received.slice(0, 5)) {
    const slip = difference(value, expected);
    if (slip !== undefined) return ` (they differ only in ${slip})`;
  }
  return '';
}
