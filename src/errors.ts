import { randomInt } from 'node:crypto';
import { messages, type SamlErrorCode } from './error-codes.ts';

export type { SamlErrorCode };

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
 * `code` and `message` are constant and carry no value of the message; but they tell an anonymous visitor who is a
 * customer, until a pinned key has verified the message: show `reference`. `hint`, `details` and `cause` are for the
 * operator; they are not enumerable, so that serializing the error into a response body does not leak them.
 */
export class SamlError extends Error {
  override readonly name = 'SamlError';
  readonly code: SamlErrorCode;
  declare readonly hint: string;
  declare readonly details: Readonly<Record<string, unknown>>;
  /** Random, such as `K7QX-M2RD`: shown to the end user and found in the event, so that support finds the cause. */
  declare readonly reference: string;

  constructor(code: SamlErrorCode, info: SamlErrorInfo) {
    super(messages[code], info.cause === undefined ? undefined : { cause: info.cause });
    this.code = code;
    Object.defineProperty(this, 'hint', { value: printable(info.hint, 2000), enumerable: false });
    Object.defineProperty(this, 'details', { value: info.details ?? {}, enumerable: false });
    Object.defineProperty(this, 'reference', { value: makeReference(), enumerable: false });
  }
}

// No letter or digit that is mistaken for another one on the telephone.
const referenceAlphabet = 'ABCDEFGHJKMNPQRTUVWXY346789';

/** A random reference to one failure, such as `K7QX-M2RD`: some 38 bits. @internal */
export function makeReference(): string {
  const letters = Array.from({ length: 8 }, () => referenceAlphabet.charAt(randomInt(referenceAlphabet.length))).join(
    '',
  );
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/**
 * Text from an untrusted message, made safe to print in a log line: control, format and bidirectional characters are
 * written as `\u{...}`, and what is longer than `max` characters is cut.
 */
export function printable(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
