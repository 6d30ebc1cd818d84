/** A certificate or public key in {@link SamlErrorDetails}. */
export interface KeyDetails {
  /** `null` for a public key without certificate. */
  readonly subject: string | null;
  /** SHA-256, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string;
  /** Last day of validity, such as `2027-11-24`; `null` for a public key without certificate. */
  readonly validTo: string | null;
}

type NoDetails = Readonly<Record<string, never>>;

/**
 * The `details` of a {@link SamlError}, by its code: `expected` is the value of the configuration, `received` the value of
 * the message. Values of the message are untrusted text. Times are ISO 8601.
 *
 * docs/errors.md is generated from this interface.
 *
 * @example
 * ```ts
 * if (error instanceof SamlError && error.code === 'audience_mismatch') {
 *   logger.warn({ expected: error.details.expected, received: error.details.received });
 * }
 * ```
 */
export interface SamlErrorDetails {
  invalid_encoding: NoDetails;
  message_too_large: {
    /** What is limited: a key of `limits`, or `bodyLimitBytes`. */
    readonly limit: string;
    readonly expected: number;
    readonly received?: number | undefined;
    readonly line?: number | undefined;
    readonly column?: number | undefined;
  };
  malformed_xml: { readonly line: number; readonly column: number; readonly problem: string };
  forbidden_xml: { readonly line: number; readonly column: number; readonly problem: string };
  unexpected_message: {
    /** Which message arrived instead. */
    readonly received?: string | undefined;
  };
  status_not_success: {
    /** The status codes, outermost first. */
    readonly status: readonly string[];
    readonly statusMessage: string;
  };
  unknown_issuer: {
    /** `null`: the message has no Issuer. */
    readonly received: string | null;
    /** How many connections have this entity ID. */
    readonly candidates: number;
  };
  issuer_mismatch: { readonly expected: string; readonly received: string | null };
  destination_mismatch: { readonly expected: string; readonly received: string | undefined };
  signature_missing: {
    readonly expected: 'either' | 'response' | 'assertion' | 'both';
    /** What is signed. */
    readonly received: readonly string[];
  };
  signature_invalid:
    | {
        readonly reason: 'key_not_configured';
        readonly received: KeyDetails;
        readonly expected: readonly KeyDetails[];
        /** Why the key could not be configured. */
        readonly weakness?: string | undefined;
      }
    | { readonly reason: 'unknown_key_or_altered'; readonly expected: readonly KeyDetails[] }
    | {
        readonly reason: 'altered';
        readonly expected?: readonly KeyDetails[] | undefined;
        /** Fingerprint of the configured key that signed, where the signature itself is valid. */
        readonly signedBy?: string | undefined;
      }
    | { readonly reason: 'malformed'; readonly problem: string };
  signature_wrapped: {
    /** Left out where the Reference is wrong: then `expected` and `received` are given. */
    readonly problem?: string | undefined;
    readonly expected?: string | number | undefined;
    readonly received?: string | number | undefined;
  };
  untrusted_certificate:
    | {
        readonly reason: 'key_not_configured';
        readonly received: KeyDetails;
        readonly expected: readonly KeyDetails[];
      }
    | {
        readonly reason: 'key_type';
        readonly received: 'rsa' | 'rsa-pss' | 'ec';
        readonly expected: readonly KeyDetails[];
      };
  certificate_invalid: { readonly reason: string };
  algorithm_not_allowed: { readonly expected: string; readonly received: string };
  verifiers_disagree: { readonly problem: string };
  decryption_key_missing: NoDetails;
  decryption_failed: NoDetails;
  assertion_missing: {
    readonly expected: 1;
    /** How many assertions the document has, at any depth. */
    readonly received: number;
  };
  assertion_multiple: { readonly expected: 1; readonly received: number };
  assertion_invalid: { readonly problem: string };
  audience_mismatch: {
    readonly expected: string;
    /** The audiences of the assertion, or the SPNameQualifier of its NameID. */
    readonly received: readonly string[];
  };
  recipient_mismatch: { readonly expected: string; readonly received: string | undefined };
  subject_confirmation_invalid: {
    readonly expected?: string | undefined;
    /** The methods of the confirmations. */
    readonly received?: readonly string[] | undefined;
  };
  conditions_invalid: {
    /** Latest acceptable end of the assertion. */
    readonly expected?: string | undefined;
    /** Its end, or the conditions that are not understood. */
    readonly received?: string | readonly string[] | undefined;
  };
  authn_statement_missing: NoDetails;
  not_yet_valid: { readonly expected: string; readonly received: string; readonly clockSkewSeconds: number };
  expired: { readonly expected: string; readonly received: string; readonly clockSkewSeconds: number };
  session_expired: { readonly expected: string; readonly received: string };
  in_response_to_mismatch: {
    /** ID of the pending request; `null`: no request is pending. */
    readonly expected: string | null;
    readonly received: string | undefined;
  };
  unsolicited_not_allowed: NoDetails;
  browser_mismatch:
    | {
        /** Of the cookie of the request. */
        readonly state: 'missing' | 'expired' | 'invalid';
      }
    | {
        readonly state: 'other_connection';
        readonly expected: string;
        readonly received: string;
      };
  request_used: { readonly requestId: string };
  replayed: { readonly assertionId: string };
  name_id_missing: { readonly received?: string | undefined };
  name_id_format_mismatch: { readonly expected: string | null; readonly received: string | undefined };
  authn_context_mismatch: { readonly expected: string; readonly received: string };
  metadata_invalid: NoDetails;
  connection_unavailable:
    | { readonly reason: 'not_found'; readonly received: string }
    | {
        readonly reason: 'invalid';
        /** Of the connection. */
        readonly id: string;
      }
    | { readonly reason: 'metadata_expired'; readonly expected: string; readonly received: string }
    | { readonly reason: 'signing_key_missing' }
    | {
        readonly reason: 'sso_url_not_allowed';
        /** The single sign-on URL. */
        readonly received: string;
      };
  store_failed: {
    /** The function of the application, such as `users.find`. */
    readonly function: string;
  };
  unexpected_error: NoDetails;
}
