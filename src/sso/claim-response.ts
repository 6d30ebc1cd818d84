import { createHash } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import type { Account } from '../provisioning/user-store.ts';
import { callApplication } from './call-application.ts';
import type { EvaluatedLogin } from './evaluate-login.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/**
 * Makes a response single-use (SAML Profiles 4.1.4.5): claims first the assertion, then the request. No claim is undone.
 *
 * @throws SamlError `replayed` or `request_used`; what the replay cache throws, as an ApplicationFailure
 */
export async function claimResponse<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { connection, response: { assertion, usableUnsolicited }, pending, now }: EvaluatedLogin,
): Promise<void> {
  const remaining = (end: number): number => Math.max(1, Math.ceil((end - now.getTime()) / 1000));
  const key = ['assertion', assertion.issuer, sso.entityIdOf(connection), assertion.id];
  const assertionEnd = assertion.notOnOrAfter.getTime() + sso.clockSkewSeconds * 1000;
  // A claim of an SP-initiated login expires with its request, and an unsolicited response that is answered with a request
  // signs no user in: if these claims lasted until the assertions end, an identity provider could fill the cache.
  const requestEnd = (pending?.issuedAt ?? now).getTime() + sso.requestLifetimeSeconds * 1000;
  const untilEnd = usableUnsolicited && connection.policy.idpInitiated === 'allow';
  const assertionSeconds = remaining(untilEnd ? assertionEnd : Math.min(assertionEnd, requestEnd));
  if (!(await claimOnce(sso, key, assertionSeconds))) {
    throw new SamlError('replayed', {
      hint: `The assertion ${printable(assertion.id)} was already used. The page was reloaded or posted twice (Back and Forward do that), or an attacker replays a stolen response: start the login again.`,
      details: { assertionId: assertion.id },
    });
  }
  if (pending === null) return;
  if (!(await claimOnce(sso, ['request', pending.requestId], remaining(requestEnd)))) {
    throw new SamlError('request_used', {
      hint: 'The login request was already answered by another response. Start the login again.',
      details: { requestId: pending.requestId },
    });
  }
}

/** A result that is not a boolean is rejected: an object, for example, must not count as `true`. */
async function claimOnce<U extends Account<string>>(
  { replayCache }: ResolvedSso<U>,
  key: readonly string[],
  seconds: number,
): Promise<boolean> {
  return await callApplication('replayCache.claim', async () => {
    const first: unknown = await replayCache.claim(digest(key), seconds);
    if (typeof first === 'boolean') return first;
    throw new TypeError(`replayCache.claim must resolve to true (the first time) or false; received ${typeof first}`);
  });
}

/** A key of constant length for IDs of any length. */
function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
