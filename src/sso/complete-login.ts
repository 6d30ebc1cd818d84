import { createHash } from 'node:crypto';
import type { Connection } from '../connections/connection.ts';
import { resolveMapping } from '../connections/presets.ts';
import { makeReference, printable, SamlError } from '../errors.ts';
import { mapProfile } from '../provisioning/map-profile.ts';
import type { Profile } from '../provisioning/profile.ts';
import { provision } from '../provisioning/provision.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import { withEvenDuration } from '../saml/decrypt-assertion.ts';
import { namespaces } from '../saml/names.ts';
import { decodeResponse, evaluateResponse, type ValidatedResponse } from '../saml/response.ts';
import { attributeReader } from '../saml/select.ts';
import { restartRelayState, startLogin } from './begin-login.ts';
import { callApplication, calledStore } from './call-application.ts';
import { expectRequestPossible } from './expect-request.ts';
import { failure } from './failure.ts';
import { loginRegistry } from './login-registry.ts';
import { expectMetadataUsable, warnOfMetadata } from './metadata-validity.ts';
import type { ResolvedSso } from './options.ts';
import { otherConnectionOf } from './other-connection.ts';
import type { PendingRequest } from './request-cookie.ts';
import type { CompleteLoginInput, LoginAccepted, LoginRestarted, LoginResult, SamlSession } from './types.ts';
import { connectionFor, expectSameBrowser, isRestarted, validationContextFor } from './validate-login.ts';
import { markVerified } from './verified.ts';

/** A restart that is answered by yet another unsolicited response within this time is a loop, not a person. */
const loopSeconds = 60;

/** Judges the response, claims it, and provisions the user. */
export async function completeLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
): Promise<LoginResult<U>> {
  if (typeof input.samlResponse !== 'string') throw new TypeError('samlResponse must be a string');
  const progress: Progress = {
    connectionId: null,
    organizationId: null,
    isEncrypted: false,
    isVerified: false,
    assertionId: null,
    claimed: false,
  };
  try {
    const { registry } = loginRegistry(sso);
    // A stranger can encrypt too: that decryption was tried would tell that the Issuer is a customer's.
    const isConcealed = (): boolean => progress.isEncrypted && !progress.isVerified;
    return await withEvenDuration(() => complete({ ...sso, registry }, input, progress), isConcealed);
  } catch (cause) {
    const next = progress.claimed ? 'The response is used up: the user must start anew.' : 'The user may try again.';
    const error = failure(sso, cause, progress, `Nobody was signed in. ${next}`);
    if (progress.isVerified && error instanceof SamlError) markVerified(error);
    throw error;
  }
}

/** How far a login came, for the event if it fails. */
interface Progress {
  connectionId: string | null;
  organizationId: string | null;
  /** It holds an EncryptedAssertion. */
  isEncrypted: boolean;
  /** A pinned key verified the message. */
  isVerified: boolean;
  /** Once the message was found good. */
  assertionId: string | null;
  /** The message was good, and cannot be used again. */
  claimed: boolean;
}

async function complete<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput,
  progress: Progress,
): Promise<LoginResult<U>> {
  const received = decodeResponse(input.samlResponse, sso.limits);
  progress.isEncrypted = received.root.all(namespaces.assertion, 'EncryptedAssertion').length > 0;
  const { inResponseTo } = received;
  const opened = inResponseTo === null ? null : sso.cookies.open(input.cookies, inResponseTo);
  const connection = await connectionFor(sso, received, input.connectionId, opened);
  progress.connectionId = connection.id;
  progress.organizationId = connection.organizationId;
  sso.warnOfRoleMap(connection);
  const now = sso.now();
  expectMetadataUsable(connection, now);
  const explainKey = await otherConnectionOf(sso, connection, received.issuer);
  const judged = evaluateResponse(
    received,
    validationContextFor(sso, connection, input, { inResponseTo, opened, now, explainKey }),
  );
  progress.isVerified = true;
  if (opened !== null) expectSameBrowser(sso, opened, input.cookies);
  else expectUnsolicitedAllowed(sso, connection, input);
  if (sso.crossCheck) judged.crossCheck();
  progress.assertionId = judged.assertion.id;
  const expiring = sso.certificateWatch(connection, judged.signedBy, now);
  for (const { warning, hint } of [...judged.warnings, ...expiring])
    sso.emit({ type: 'warning', connectionId: connection.id, warning, hint });
  warnOfMetadata(sso, connection, now);

  const pending = opened?.state === 'open' ? opened.pending : null;
  const restarts = isRestarted(connection, inResponseTo);
  // Before the response is used up.
  if (restarts) expectRequestPossible(sso, connection);
  // Whoever is disabled gets no room in the replay cache: nothing follows from the message anyway.
  if (connection.enabled) await claim(sso, connection, judged, pending, now);
  progress.claimed = connection.enabled;
  if (restarts) return restart(sso, connection, judged.assertion, input);
  const returnTo = pending === null ? sso.returnTo.foreign(input.relayState) : pending.returnTo;
  return await provisionUser(sso, connection, judged, {
    returnTo: returnTo ?? sso.returnTo.fallback,
    forceAuthn: pending?.forceAuthn === true,
    expireCookies: pending === null ? [] : sso.cookies.expire(input.cookies, pending.requestId),
  });
}

/** Refuses an unsolicited response where the connection does, and one that answers our own restart. */
export function expectUnsolicitedAllowed<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { id, policy }: Connection,
  input: CompleteLoginInput,
): void {
  if (policy.idpInitiated === 'refuse') {
    throw new SamlError('unsolicited_not_allowed', {
      hint: `The response answers no request, and the connection ${JSON.stringify(id)} refuses logins that start at the identity provider (policy.idpInitiated). Start at the application's login page, or set it to "restart".`,
    });
  }
  if (policy.idpInitiated === 'allow') return;
  const isRecent = ({ restarted, connectionId, issuedAt }: PendingRequest): boolean =>
    restarted && connectionId === id && sso.now().getTime() - issuedAt.getTime() < loopSeconds * 1000;
  // A browser without cookies is told by what the identity provider repeats.
  const loop = input.relayState === restartRelayState || sso.cookies.pending(input.cookies).some(isRecent);
  if (!loop) return;
  throw new SamlError('unsolicited_not_allowed', {
    hint: `The identity provider answered the request of less than ${loopSeconds} s ago without InResponseTo, as if nobody had asked; asking again would go on for ever. Let it answer AuthnRequests (enable SP-initiated login there), or set policy.idpInitiated of the connection ${JSON.stringify(id)} to "allow".`,
  });
}

/** Single use (SAML Profiles 4.1.4.5): first the assertion, then the request. Nothing is un-claimed. */
async function claim<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  { assertion, usableUnsolicited }: ValidatedResponse,
  pending: PendingRequest | null,
  now: Date,
): Promise<void> {
  const remaining = (end: number): number => Math.max(1, Math.ceil((end - now.getTime()) / 1000));
  const key = ['assertion', assertion.issuer, sso.entityIdOf(connection), assertion.id];
  const assertionEnd = assertion.notOnOrAfter.getTime() + sso.clockSkewSeconds * 1000;
  // A claim of a login that began here ends with its request, and an unsolicited response that is answered with a request
  // signs nobody in: if the claims lasted until the assertions end, an identity provider could fill the cache with them.
  const requestEnd = (pending?.issuedAt ?? now).getTime() + sso.requestLifetimeSeconds * 1000;
  const untilEnd = usableUnsolicited && connection.policy.idpInitiated === 'allow';
  const assertionSeconds = remaining(untilEnd ? assertionEnd : Math.min(assertionEnd, requestEnd));
  if (!(await claimOnce(sso, key, assertionSeconds))) {
    throw new SamlError('replayed', {
      hint: `The assertion ${printable(assertion.id)} was already used. The page was reloaded or posted twice (Back and Forward do that), or somebody replays a stolen response: start the login anew.`,
      details: { assertionId: assertion.id },
    });
  }
  if (pending === null) return;
  if (!(await claimOnce(sso, ['request', pending.requestId], remaining(requestEnd)))) {
    throw new SamlError('request_used', {
      hint: 'The login request was already answered by another response. Start the login anew.',
      details: { requestId: pending.requestId },
    });
  }
}

/** A cache that answers in other words must not pass for one that said yes. */
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

/** A key of one length, whatever identity providers put into their IDs. */
function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Answers an IdP-initiated login with a request of our own, so that the browser proves that it wants to log in. */
function restart<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  assertion: Assertion,
  input: CompleteLoginInput,
): LoginRestarted {
  const returnTo = sso.returnTo.foreign(input.relayState);
  const start = startLogin(sso, connection, { returnTo, forceAuthn: false, restarted: true, cookies: input.cookies });
  const { id: connectionId, organizationId } = connection;
  sso.emit({ type: 'restarted', connectionId, organizationId, assertionId: assertion.id });
  return { outcome: 'redirect', start, connectionId, organizationId, expireCookies: [] };
}

async function provisionUser<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  judged: ValidatedResponse,
  ending: Pick<LoginAccepted<U>, 'returnTo' | 'forceAuthn' | 'expireCookies'>,
): Promise<LoginResult<U>> {
  const { assertion } = judged;
  const { id: connectionId, organizationId } = connection;
  const profile = profileOf(sso, connection, judged);
  const common = { profile, connectionId, organizationId, expireCookies: ending.expireCookies };
  const event = { connectionId, organizationId, assertionId: assertion.id };
  const result = await provision({
    store: calledStore(sso.users),
    connection,
    organization: await sso.organization(organizationId),
    roles: sso.roles,
    profile,
    now: sso.now(),
    assertionId: assertion.id,
  });
  const { identity } = result;
  if (result.outcome === 'rejected') {
    const { reason, message, hint } = result;
    const reference = makeReference();
    sso.emit({ type: 'rejected', ...event, reason, identity, hint, reference });
    // For the operator: it must not slip into a response body.
    return Object.defineProperty({ outcome: 'rejected', reason, message, hint, reference, ...common }, 'hint', {
      enumerable: false,
    });
  }
  const { outcome, user, changes, notes } = result;
  sso.emit({ type: 'login', ...event, outcome, userId: user.id, identity: result.identity, changes, notes });
  return {
    outcome,
    user,
    changes,
    notes,
    ...common,
    assertion,
    samlSession: sessionOf(connectionId, assertion),
    returnTo: ending.returnTo,
    forceAuthn: ending.forceAuthn,
  };
}

/** The person, as the connection's mapping reads the assertion. */
export function profileOf<U extends Account<string>>(
  { entityIdOf }: ResolvedSso<U>,
  connection: Connection,
  { assertion, verified }: ValidatedResponse,
): Profile {
  const mapping = resolveMapping(connection.idp);
  const spEntityId = entityIdOf(connection);
  return mapProfile({ assertion, connection, mapping, spEntityId, ...attributeReader(assertion, verified) });
}

function sessionOf(connectionId: string, { issuer, subject, session }: Assertion): SamlSession {
  return {
    connectionId,
    issuer,
    nameId: subject?.nameId ?? null,
    nameIdFormat: subject?.format ?? null,
    nameQualifier: subject?.nameQualifier,
    spNameQualifier: subject?.spNameQualifier,
    sessionIndex: session.index,
    notOnOrAfter: session.notOnOrAfter?.toISOString(),
  };
}
