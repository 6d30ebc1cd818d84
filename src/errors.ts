/** Everything a {@link SamlError} may report. Stable: a code is never renamed, only added. */
export type SamlErrorCode = keyof typeof messages;

// One constant sentence per code. It reaches end users, so it carries no value from the message and no secret.
const messages = {
  invalid_encoding: 'the SAML message is not valid base64 or UTF-8',
  message_too_large: 'the SAML message exceeds a size limit',
  malformed_xml: 'the SAML message is not well-formed XML',
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
  unexpected_message: 'the SAML message is not a SAML 2.0 Response',
  status_not_success: 'the identity provider did not sign the user in',
  unknown_issuer: 'the SAML message comes from an identity provider that is not configured',
  issuer_mismatch: 'the SAML message names another issuer than the configured identity provider',
  destination_mismatch: 'the SAML message was sent to another address',
  signature_missing: 'the SAML message is not signed',
  signature_invalid: 'the signature of the SAML message is not valid',
  signature_wrapped: 'the signature does not cover the content it is attached to',
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
  certificate_invalid: 'a configured certificate cannot be used',
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  verifiers_disagree: 'two independent verifiers disagree about the signature',
  decryption_key_missing: 'the assertion is encrypted and no decryption key is configured',
  decryption_failed: 'the assertion could not be decrypted',
  assertion_missing: 'the SAML response holds no assertion',
  assertion_multiple: 'the SAML response holds more than one assertion',
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
  unsolicited_not_allowed: 'a login must start at the application',
  browser_mismatch: 'the login was not started in this browser, or took too long',
  request_used: 'the login request was already answered',
  replayed: 'the SAML response was already used',
  name_id_missing: 'the assertion does not name its subject',
  name_id_format_mismatch: 'the assertion names its subject in another format than the one asked for',
  authn_context_mismatch: 'the user did not authenticate as requested',
  metadata_invalid: 'the metadata cannot be used',
  connection_unavailable: 'single sign-on is not available for this connection',
  store_failed: 'the login could not be completed',
} as const;

/** What a {@link SamlError} carries beside its code; for the operator, never for an end user. */
export interface SamlErrorInfo {
  /** What the administrator of the identity provider or of the application changes, with expected and received values. */
  readonly hint: string;
  /** The same as data, for logs and tools. Values from the message are untrusted text. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * A SAML message, certificate or metadata document was refused.
 *
 * `code` and `message` are safe to show an end user: both are constant. `hint`, `details` and `cause` are for the
 * operator; they are not enumerable, so that serializing the error into a response body does not leak them.
 */
export class SamlError extends Error {
  override readonly name = 'SamlError';
  readonly code: SamlErrorCode;
  declare readonly hint: string;
  declare readonly details: Readonly<Record<string, unknown>>;

  constructor(code: SamlErrorCode, info: SamlErrorInfo) {
    super(messages[code], info.cause === undefined ? undefined : { cause: info.cause });
    this.code = code;
    Object.defineProperty(this, 'hint', { value: printable(info.hint, 2000), enumerable: false });
    Object.defineProperty(this, 'details', { value: info.details ?? {}, enumerable: false });
  }
}

/**
 * Text from an untrusted message, made safe to print in a log line: control, format and bidirectional characters are
 * written as `\u{...}`, and what is longer than `max` characters is cut.
 */
export function printable(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
