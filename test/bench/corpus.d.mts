export const identityProvider: { readonly entityId: string; readonly ssoUrl: string; readonly certificate: string };
export const serviceProvider: { readonly entityId: string; readonly acsUrl: string };
/** A login that the identity provider started, valid for an hour; the Assertion is signed, the Response is not. */
export function signedResponse(groups: number): string;
