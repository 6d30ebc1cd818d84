import type { LoginRestarted, LoginStart } from '../sso/types.ts';
import { formPage, redirect } from './pages.ts';
import type { HttpResponse } from './types.ts';

/** An answer for which the application has no hook. */
export function respond(response: HttpResponse): { readonly kind: 'response'; readonly response: HttpResponse } {
  return { kind: 'response', response };
}

/** The response with Set-Cookie headers for these values. */
export function withCookies(response: HttpResponse, cookies: readonly string[]): HttpResponse {
  return { ...response, headers: [...response.headers, ...cookies.map((cookie) => ['Set-Cookie', cookie] as const)] };
}

/** Values of the Set-Cookie headers. */
export function cookiesOf({ headers }: HttpResponse): readonly string[] {
  return headers.flatMap(([name, value]) => (isCookie(name) ? [value] : []));
}

/** Whether a header is Set-Cookie. */
export function isCookie(name: string): boolean {
  return name.toLowerCase() === 'set-cookie';
}

/** Sends the browser to the identity provider, by HTTP-Redirect or HTTP-POST. */
export function startResponse(start: LoginStart, restarted?: LoginRestarted): HttpResponse {
  const response = start.kind === 'redirect' ? redirect(start.url) : formPage(start);
  return withCookies(response, [...(restarted?.expireCookies ?? []), start.cookie]);
}
