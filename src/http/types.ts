import type { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { LoginAccepted, LoginRejected, LoginUnavailable } from '../sso/types.ts';

/**
 * An HTTP request as an adapter of a framework describes it to an {@link HttpHandler}. It has no host on purpose: entity
 * ID, ACS URL and redirects depend on `baseUrl` only.
 */
export interface HttpRequest {
  /** In upper case, as received. */
  readonly method: string;
  /** Path below that of `baseUrl`, e.g. `/acs`, percent-encoded as received. */
  readonly path: string;
  /** Query as received, without `?`; empty if absent. Signatures of the HTTP-Redirect binding are made over it. */
  readonly query: string;
  /** Value of the header with this lower-case name; several values are joined by `, `. */
  header(name: string): string | undefined;
  /**
   * Reads the body, no bytes if a parser in front of the handler has read it. An error other than RangeError is passed on.
   * @throws RangeError for a body of more than `maxBytes`, without reading the rest
   */
  body(maxBytes: number): Promise<Uint8Array>;
  /** What a parser in front of the handler made of the body: an object of fields, or bytes. */
  readonly parsedBody?: unknown;
}

/** A complete HTTP response. */
export interface HttpResponse {
  readonly status: number;
  /** Names and values; several `Set-Cookie` are several entries. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Not to be sent in the response to HEAD. */
  readonly body: string;
}

/**
 * What a request results in. The adapter calls the hook of the application for its `kind` first, then sends `response`. If
 * the hook has sent a response of its own, the adapter adds only the `Set-Cookie` headers of `response` to it.
 */
export type HttpAnswer<U extends Account<string> = Account<string>> =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'login'; readonly login: LoginAccepted<U>; readonly response: HttpResponse }
  | {
      readonly kind: 'rejected';
      readonly rejection: LoginRejected;
      readonly samlResponse: string;
      readonly response: HttpResponse;
    }
  | { readonly kind: 'unavailable'; readonly unavailable: LoginUnavailable; readonly response: HttpResponse }
  | {
      readonly kind: 'error';
      readonly error: SamlError;
      /** The form field; `undefined` if none was posted. */
      readonly samlResponse: string | undefined;
      readonly response: HttpResponse;
    };

/**
 * A set of routes, independent of any framework. It resolves to `null` for a path that is not one of them: the adapter then
 * passes the request on, or answers 404. It rejects only with errors that are not the fault of the request.
 */
export type HttpHandler<U extends Account<string> = Account<string>> = (
  request: HttpRequest,
) => Promise<HttpAnswer<U> | null>;
