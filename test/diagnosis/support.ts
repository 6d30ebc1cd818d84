import { expect } from 'vitest';
import { messages } from '../../src/error-codes.ts';
import { type Account, type LoginResult, type RejectReason, SamlError, type SamlErrorCode } from '../../src/index.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { acsUrl, begin, entityId, jar, type Product, product, type Role, requestIdOf, start } from '../sso/setup.ts';

type Warning = 'certificate_expired' | 'sha1_used' | 'metadata_expiring' | 'metadata_expired';

/** Something that administrators really meet. */
export interface Mishap {
  readonly name: string;
  /** Code of the error, reason of the rejection, or warning; `TypeError` for a configuration without one. */
  readonly ends: SamlErrorCode | RejectReason | Warning | 'TypeError';
  /** What the hint says of the cause. */
  readonly cause: string;
  /** What it says to do. */
  readonly remedy: string;
  /** The values that differ, expected and received. */
  readonly values?: readonly string[];
  readonly happens: () => unknown;
  /** The same without the mishap: it must end well. */
  readonly fixed: () => unknown;
}

/** What an administrator finds in the log. */
export interface Diagnosis {
  readonly ends: string;
  readonly message: string;
  readonly hint: string;
}

/** The error, rejection or warning of a mishap; without one, the test fails. */
export async function diagnose(happens: () => unknown): Promise<Diagnosis> {
  const outcome = await settle(happens);
  if (outcome instanceof SamlError) return { ends: outcome.code, message: outcome.message, hint: outcome.hint };
  if (outcome instanceof TypeError) {
    const { cause } = outcome;
    return cause instanceof SamlError
      ? { ends: cause.code, message: cause.message, hint: outcome.message }
      : { ends: 'TypeError', message: '', hint: outcome.message };
  }
  const { reason, warning, message = '', hint } = Object(outcome);
  const ends = reason ?? warning;
  if (typeof ends !== 'string' || typeof hint !== 'string')
    throw new Error('there was no error, or another one', { cause: outcome });
  return { ends, message, hint };
}

/** The result of an action: its value or its error. */
export async function settle(action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    return error;
  }
}

/** Asserts what must hold of every hint: bounded, printable, no secret, no certificate, no list of people. */
export function expectPresentable({ ends, message, hint }: Diagnosis): void {
  if (ends in messages) expect(message).toBe(messages[ends as SamlErrorCode]);
  expect(hint.length).toBeLessThanOrEqual(2000);
  // A configuration error lists its problems in lines.
  expect(hint.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u);
  expect(hint).not.toMatch(/[A-Za-z0-9+/=_-]{120}/);
  expect(hint.split('@').length - 1).toBeLessThanOrEqual(2);
}

/** How one login departs from the ordinary. */
export interface Departure {
  /** What the identity provider writes otherwise. */
  readonly respond?: Partial<RespondOptions>;
  /** What happens to the form field on its way. */
  readonly onTheWay?: (samlResponse: string) => string;
  /** The Cookie header that arrives. */
  readonly cookies?: (cookies: string) => string | undefined;
  /** Seconds between the request and the arrival of its answer. */
  readonly takes?: number;
  readonly connectionId?: string;
  readonly forceAuthn?: boolean;
}

/** A login that starts at the application. */
export async function signIn(app: Product, departure: Departure = {}): Promise<LoginResult<Account<Role>>> {
  const { onTheWay = same, cookies = same, takes = 0, connectionId, forceAuthn = false } = departure;
  const begun = await begin(app.sso, {}, { forceAuthn });
  const inResponseTo = requestIdOf(begun);
  const samlResponse = onTheWay(respond(app, { inResponseTo, ...departure.respond }));
  app.pass(takes);
  return app.sso.completeLogin({ samlResponse, cookies: cookies(jar(begun.cookie)), connectionId });
}

/** A login that fails in transit, and one that does not. */
export function onTheWay(
  name: string,
  ends: Mishap['ends'],
  departure: Departure,
  says: Pick<Mishap, 'cause' | 'remedy' | 'values'>,
): Mishap {
  return { name, ends, ...says, happens: () => signIn(product(), departure), fixed: () => signIn(product()) };
}

/** A login that starts at the identity provider. */
export async function arrive(app: Product, departure: Departure = {}): Promise<LoginResult<Account<Role>>> {
  const samlResponse = (departure.onTheWay ?? same)(respond(app, departure.respond));
  app.pass(departure.takes ?? 0);
  return app.sso.completeLogin({ samlResponse, connectionId: departure.connectionId });
}

/** What the identity provider of this product answers for Alice. */
export function respond({ idp }: Product, overrides: Partial<RespondOptions> = {}): string {
  return idp.respond({ user: 'alice-1', acsUrl, audience: entityId, ...overrides });
}

/** A point of time, `seconds` from the one at which products start. */
export function at(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}

/** The first warning that the product reported. */
export function warningOf({ events }: Product): unknown {
  return events.find(({ type }) => type === 'warning');
}

/** Replaces text of the XML in a form field; text that is not there fails the test. */
export function rewrite(from: string | RegExp, to: string): (samlResponse: string) => string {
  return (samlResponse) => {
    const xml = Buffer.from(samlResponse, 'base64').toString();
    const replaced = xml.replace(from, () => to);
    if (replaced === xml) throw new Error(`nothing to replace: ${from}`);
    return Buffer.from(replaced).toString('base64');
  };
}

function same<T>(value: T): T {
  return value;
}
