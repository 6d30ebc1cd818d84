import { messages, type SamlErrorCode } from './error-codes.ts';
import type { SamlErrorDetails } from './error-details.ts';
import { printable } from './lib/quote.ts';
import { makeReference } from './lib/random-id.ts';

export type { SamlErrorCode };

/** The content of a {@link SamlError}; for the operator, never for an end user. */
export interface SamlErrorInfo<C extends SamlErrorCode = SamlErrorCode> {
  /** What the administrator of the identity provider or of the application changes, with expected and received values. */
  readonly hint: string;
  /** The same as data, for logs and tools. Values from the message are untrusted text. */
  readonly details?: SamlErrorDetails[C] | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}

/** A {@link SamlError} of one code. */
export interface SamlErrorOf<C extends SamlErrorCode> extends Error {
  readonly name: 'SamlError';
  readonly code: C;
  readonly hint: string;
  /** Values from the message are untrusted text. */
  readonly details: SamlErrorDetails[C];
  /** Random, such as `K7QX-M2RD`: shown to the end user and part of the event, so that support finds the cause. */
  readonly reference: string;
}

/**
 * A SAML message, certificate or metadata document was refused. A union over the codes: after a test of `code`, `details`
 * has the type of that code.
 *
 * `code` and `message` are constant and contain no value of the message. Until a pinned key has verified the message, they
 * still show an anonymous visitor who is a customer: display `reference` instead. `hint`, `details` and `cause` are for the
 * operator; they are not enumerable, so that serializing the error into a response body does not leak them.
 *
 * @example
 * ```ts
 * try {
 *   await validateResponse(samlResponse, options);
 * } catch (error) {
 *   if (!(error instanceof SamlError)) throw error;
 *   if (error.code === 'destination_mismatch') console.warn('posted to', error.details.received);
 *   console.warn(error.reference, error.code, error.hint);
 * }
 * ```
 */
export type SamlError<C extends SamlErrorCode = SamlErrorCode> = { readonly [K in C]: SamlErrorOf<K> }[C];

/** Makes a {@link SamlError}, and narrows to it in `instanceof`. */
export interface SamlErrorConstructor {
  new <C extends SamlErrorCode>(code: C, info: SamlErrorInfo<C> & RequiredDetails<C>): SamlError<C>;
  /** Narrows to the union of all codes. */
  [Symbol.hasInstance](value: unknown): value is SamlError;
}

/** Details may be omitted only where all of them are optional. */
type RequiredDetails<C extends SamlErrorCode> =
  Record<never, never> extends SamlErrorDetails[C] ? unknown : { readonly details: SamlErrorDetails[C] };

// The type of a class cannot be a union, and `instanceof` would narrow to a class of `any`.
/** The class of {@link SamlErrorOf}. */
export const SamlError: SamlErrorConstructor = class SamlErrorClass<C extends SamlErrorCode>
  extends Error
  implements SamlErrorOf<C>
{
  override readonly name = 'SamlError';
  readonly code: C;
  declare readonly hint: string;
  declare readonly details: SamlErrorDetails[C];
  declare readonly reference: string;

  constructor(code: C, info: SamlErrorInfo<C>) {
    super(messages[code], info.cause === undefined ? undefined : { cause: info.cause });
    this.code = code;
    Object.defineProperty(this, 'hint', { value: printable(info.hint, 2000), enumerable: false });
    Object.defineProperty(this, 'details', { value: info.details ?? {}, enumerable: false });
    Object.defineProperty(this, 'reference', { value: makeReference(), enumerable: false });
  }

  static override [Symbol.hasInstance](value: unknown): value is SamlError {
    return Function.prototype[Symbol.hasInstance].call(SamlErrorClass, value);
  }
};
