import { expect } from 'vitest';
import { messages } from '../../src/error-codes.ts';
import { type Account, type LoginResult, type RejectReason, SamlError, type SamlErrorCode } from '../../src/index.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { acsUrl, begin, entityId, jar, type Product, product, type Role, requestIdOf, start } from '../sso/setup.ts';

type Warning = 'certificate_expired' | 'sha1_used' | 'metadata_expiring' | 'metadata_expired';

/** Texts that the hint must contain. */
export interface ExpectedHint {
  /** Names the cause. */
  readonly cause: string;
  /** Says what to change. */
  readonly remedy: string;
  /** The values that differ, expected and received. */
  readonly values?: readonly string[];
}

/** A mistake or failure that administrators meet in practice, and the expected hint. */
export interface DiagnosisCase extends ExpectedHint {
  readonly name: string;
  /** Code of the error, reason of the rejection, or warning; `TypeError` for a configuration error without a code. */
  readonly code: SamlErrorCode | RejectReason | Warning | 'TypeError';
  /** Causes the error, rejection or warning. */
  readonly reproduce: () => unknown;
  /** The same without the mistake: it must succeed. */
  readonly fixed: () => unknown;
}

/** What is logged for the administrator. */
export interface Diagnosis {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The error, rejection or warning that an action causes; without one, the test fails. */
export async function diagnose(action: () => unknown): Promise<Diagnosis> {
  const outcome = await settle(action);
  if (outcome instanceof SamlError) return { code: outcome.code, message: outcome.message, hint: outcome.hint };
  if (outcome instanceof TypeError) {
    const { cause } = outcome;
    return cause instanceof SamlError
      ? { code: cause.code, message: cause.message, hint: outcome.message }
      : { code: 'TypeError', message: '', hint: outcome.message };
  }
  const { reason, warning, message = '', hint } = Object(outcome);
  const code = reason ?? warning;
  if (typeof code !== 'string' || typeof hint !== 'string')
    throw new Error('expected an error, rejection or warning', { cause: outcome });
  return { code, message, hint };
}

/** The result of an action: its value or its error. */
export async function settle(action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    return error;
  }
}

/** Asserts what must hold of every hint: bounded, printable, no secret, no certificate, no list of users. */
export function expectPresentable({ code, message, hint }: Diagnosis): void {
  if (code in messages) expect(message).toBe(messages[code as SamlErrorCode]);
  expect(hint.length).toBeLessThanOrEqual(2000);
  // A configuration error lists its problems in lines.
  expect(hint.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u);
  expect(hint).not.toMatch(/[A-Za-z0-9+/=_-]{120}/);
  expect(hint.split('@').length - 1).toBeLessThanOrEqual(2);
}

/** What is different in one login. */
export interface LoginOverrides {
  /** Changes to the response of the identity provider. */
  readonly respond?: Partial<RespondOptions>;
  /** Changes the form field in transit. */
  readonly transform?: (samlResponse: string) => string;
  /** Changes the Cookie header that the browser sends. */
  readonly cookies?: (cookies: string) => string | undefined;
  /** Seconds between the request and the arrival of the response. */
  readonly delaySeconds?: number;
  readonly connectionId?: string;
  readonly forceAuthn?: boolean;
}

/** An SP-initiated login. */
export async function signIn(app: Product, overrides: LoginOverrides = {}): Promise<LoginResult<Account<Role>>> {
  const { transform = identity, cookies = identity, delaySeconds = 0, connectionId, forceAuthn = false } = overrides;
  const begun = await begin(app.sso, {}, { forceAuthn });
  const inResponseTo = requestIdOf(begun);
  const samlResponse = transform(respond(app, { inResponseTo, ...overrides.respond }));
  app.pass(delaySeconds);
  return app.sso.completeLogin({ samlResponse, cookies: cookies(jar(begun.cookie)), connectionId });
}

/** A login that fails with these overrides, and succeeds without them. */
export function loginCase(
  name: string,
  code: DiagnosisCase['code'],
  overrides: LoginOverrides,
  expected: ExpectedHint,
): DiagnosisCase {
  return { name, code, ...expected, reproduce: () => signIn(product(), overrides), fixed: () => signIn(product()) };
}

/** An IdP-initiated login. */
export async function signInIdpInitiated(
  app: Product,
  overrides: LoginOverrides = {},
): Promise<LoginResult<Account<Role>>> {
  const samlResponse = (overrides.transform ?? identity)(respond(app, overrides.respond));
  app.pass(overrides.delaySeconds ?? 0);
  return app.sso.completeLogin({ samlResponse, connectionId: overrides.connectionId });
}

/** A response of the identity provider for Alice. */
export function respond({ idp }: Product, overrides: Partial<RespondOptions> = {}): string {
  return idp.respond({ user: 'alice-1', acsUrl, audience: entityId, ...overrides });
}

/** A time, `seconds` after the start of the clock of a product. */
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

function identity<T>(value: T): T {
  return value;
}
