import { SamlError } from '../errors.ts';
import type { Expectation } from './rules.ts';

/** An end before this has passed, skew considered: Unix time in milliseconds. */
export function earliest({ now, clockSkewSeconds }: Expectation): number {
  return now.getTime() - clockSkewSeconds * 1000;
}

/** A beginning after this is still to come, skew considered: Unix time in milliseconds. */
export function latest({ now, clockSkewSeconds }: Expectation): number {
  return now.getTime() + clockSkewSeconds * 1000;
}

/** @throws SamlError `not_yet_valid` */
export function notInFuture(what: string, instant: Date, expected: Expectation): void {
  if (instant.getTime() > latest(expected)) tooEarly(what, instant, expected);
}

/** @throws SamlError `not_yet_valid`, which tells how far the clocks are apart */
export function tooEarly(what: string, instant: Date, { now, clockSkewSeconds }: Expectation): never {
  throw new SamlError('not_yet_valid', {
    hint: `${what} is ${instant.toISOString()}; it is ${now.toISOString()} here, and ${clockSkewSeconds} s of difference are tolerated. The clocks differ by ${apart(instant, now)}: synchronize both with NTP.`,
    details: { expected: now.toISOString(), received: instant.toISOString(), clockSkewSeconds },
  });
}

/** @throws SamlError `expired`, which tells how far the clocks are apart */
export function tooLate(what: string, end: Date, { now, clockSkewSeconds }: Expectation): never {
  throw new SamlError('expired', {
    hint: `${what} is ${end.toISOString()}; it is ${now.toISOString()} here, ${apart(end, now)} later, and ${clockSkewSeconds} s of difference are tolerated. The login took too long, the page was posted again, or the clocks differ: sign in again, and synchronize both clocks with NTP.`,
    details: { expected: now.toISOString(), received: end.toISOString(), clockSkewSeconds },
  });
}

function apart(a: Date, b: Date): string {
  return `${Math.round(Math.abs(a.getTime() - b.getTime()) / 1000)} s`;
}

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
    hint: `InResponseTo of the ${where} is ${shown(received)}; expected ${expected === null ? 'none, since no login is pending' : shown(expected)}. An old page was posted again, or the identity provider does not repeat the ID of the request: start the login anew.`,
    details: { expected, received },
  });
}

/** Points out the usual typing errors. */
export function nearMiss(received: readonly string[], expected: string): string {
  // One slash, not all: a pattern for all takes time with the square of their number.
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/^https?:/, '')
      .replace(/\/$/, '');
  const close = received.find((value) => value !== expected && plain(value) === plain(expected));
  return close === undefined ? '' : ' (they differ only in a trailing slash, http or https, or upper and lower case)';
}

/** A value of the message, quoted and cut for a hint. */
export function shown(text: string | undefined): string {
  return text === undefined ? 'absent' : JSON.stringify(text.slice(0, 200));
}
