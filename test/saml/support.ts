import { expect } from 'vitest';
import { SamlError, type SamlErrorCode } from '../../src/errors.ts';
import type { Assertion } from '../../src/saml/assertion.ts';
import { decryptPart } from '../../src/saml/decrypt-assertion.ts';
import type { DecryptPart } from '../../src/saml/read-assertion.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { createTestIdp } from '../../src/testing/idp/create-test-idp.ts';
import type { RespondOptions, TestIdp } from '../../src/testing/idp/test-idp.ts';
import type { TestUser } from '../../src/testing/idp/users.ts';
import { defaultLimits } from '../../src/xml/limits.ts';

export const now: Date = new Date('2026-11-24T08:00:00Z');
export const acsUrl = 'https://app.example.com/sso/acs';
export const spEntityId = 'https://app.example.com/sso/metadata';
export const idpEntityId = 'https://idp.example.com/metadata';
export const requestId = '_2f6e3c9a4b1d4f0e8a7c5d3b';

export const alice: TestUser = {
  id: 'alice-1',
  email: 'alice@example.com',
  firstName: 'Alice',
  lastName: 'Liddell',
  groups: ['admins', 'users'],
};

/** The identity provider whose key is pinned: an EC key, since it signs some thousand responses. */
export const idp: TestIdp = createTestIdp({ entityId: idpEntityId, users: [alice], keyType: 'p256', now: () => now });

/** Opens what is encrypted in assertions that hold nothing of the kind: for an application without a key. */
export const withoutKey: DecryptPart = (encrypted, expected) =>
  decryptPart(
    encrypted,
    { spEntityId, decryptionKeys: [], sharedDecryptionKeys: false, limits: defaultLimits },
    expected,
  ).root;

/** A point of time `seconds` from {@link now}. */
export function at(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

/** A genuine answer to the pending request, with single values replaced. */
export function respond(overrides: Partial<RespondOptions> = {}): string {
  return idp.respond({ user: 'alice-1', acsUrl, audience: spEntityId, inResponseTo: requestId, ...overrides });
}

/** The same, unsolicited. */
export function respondUnasked(overrides: Partial<RespondOptions> = {}): string {
  return respond({ inResponseTo: undefined, ...overrides });
}

/** Replaces text before the response is signed; text that is not there fails the test. */
export function swap(from: string | RegExp, to: string): Partial<RespondOptions> {
  return { mutateBeforeSigning: (xml) => replaceOnce(xml, from, to) };
}

/** Replaces text of a response that is signed already. */
export function tamper(samlResponse: string, from: string | RegExp, to: string): string {
  return encode(replaceOnce(decode(samlResponse), from, to));
}

function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const replaced = text.replace(from, () => to);
  if (replaced === text) throw new Error(`nothing to replace: ${from}`);
  return replaced;
}

export function decode(samlResponse: string): string {
  return Buffer.from(samlResponse, 'base64').toString();
}

export function encode(xml: string): string {
  return Buffer.from(xml).toString('base64');
}

export const options: ValidateResponseOptions = {
  identityProvider: { entityId: idpEntityId, certificates: [idp.certificate] },
  serviceProvider: { entityId: spEntityId, acsUrl },
  inResponseTo: requestId,
  now,
};

export const unasked: Partial<ValidateResponseOptions> = { inResponseTo: null };

export function validate(samlResponse: string, changes: Partial<ValidateResponseOptions> = {}): Promise<Assertion> {
  return validateResponse(samlResponse, { ...options, ...changes });
}

/** What an end user reads, per code. */
export const sentences: Readonly<Partial<Record<SamlErrorCode, string>>> = {
  invalid_encoding: 'the SAML message is not valid base64 or UTF-8',
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
  malformed_xml: 'the SAML message is not well-formed XML',
  unexpected_message: 'the SAML message is not a SAML 2.0 Response',
  status_not_success: 'the identity provider did not sign the user in',
  issuer_mismatch: 'the SAML message names another issuer than the configured identity provider',
  destination_mismatch: 'the SAML message was sent to another address',
  signature_missing: 'the SAML message is not signed',
  signature_invalid: 'the signature of the SAML message is not valid',
  message_too_large: 'the SAML message exceeds a size limit',
  signature_wrapped: 'the signature does not cover the content it is attached to',
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  decryption_key_missing: 'the assertion is encrypted and no decryption key is configured',
  decryption_failed: 'the assertion could not be decrypted',
  assertion_missing: 'the SAML response contains no assertion',
  assertion_multiple: 'the SAML response contains more than one assertion',
  assertion_invalid: 'the assertion does not have the form that SAML 2.0 requires',
  audience_mismatch: 'the assertion was issued for another application',
  recipient_mismatch: 'the assertion was issued for another address',
  subject_confirmation_invalid: 'the assertion does not confirm its subject for this login',
  conditions_invalid: 'the conditions of the assertion cannot be accepted',
  authn_statement_missing: 'the assertion does not say that the user authenticated',
  not_yet_valid: 'the assertion is not valid yet',
  expired: 'the assertion has expired',
  session_expired: 'the session at the identity provider has ended',
  in_response_to_mismatch: 'the SAML response answers another request',
  name_id_missing: 'the assertion does not name its subject',
  name_id_format_mismatch: 'the assertion names its subject in another format than the one asked for',
  authn_context_mismatch: 'the user did not authenticate as requested',
};

/** Asserts code, public message, the hint, and that nothing but code and name can be serialized. */
export function expectError(
  error: unknown,
  code: SamlErrorCode,
  ...hinted: readonly string[]
): asserts error is SamlError {
  expect(error).toBeInstanceOf(SamlError);
  if (!(error instanceof SamlError)) return;
  expect({ code: error.code, hint: error.hint }).toEqual({ code, hint: error.hint });
  expect(error.message).toBe(sentences[code]);
  for (const text of hinted) expect(error.hint).toContain(text);
  expect(JSON.parse(JSON.stringify(error))).toEqual({ name: 'SamlError', code });
}

/** Asserts that `action` throws a SamlError as {@link expectError} wants it. */
export function expectThrown(action: () => unknown, code: SamlErrorCode, ...hinted: readonly string[]): void {
  expectError(thrownBy(action), code, ...hinted);
}

/** Asserts that a response is refused, as {@link expectError} wants it. */
export async function expectRefused(
  outcome: Promise<Assertion>,
  code: SamlErrorCode,
  ...hinted: readonly string[]
): Promise<void> {
  expectError(await rejectionOf(outcome), code, ...hinted);
}

/** What a promise is rejected with; one that is fulfilled fails the test. */
export async function rejectionOf(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => expect.fail('it was accepted'),
    (error: unknown) => error,
  );
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}
