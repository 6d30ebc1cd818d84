import type { Connection } from '../connections/connection.ts';
import { SamlError } from '../errors.ts';
import { duration } from '../lib/duration.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { UnverifiedResponse } from '../saml/response.ts';
import type { ValidationContext } from '../saml/response-options.ts';
import { parseTrustedKey } from '../xml/certificates.ts';
import type { ResolvedSso } from './options.ts';
import type { OpenedRequest } from './request-cookie.ts';
import { sharesDecryptionKeys } from './shared-keys.ts';
import type { CompleteLoginInput } from './types.ts';
import { unknownIssuer } from './unknown-issuer.ts';

/**
 * By which connection a response is judged: that of the route, else that of the request that this browser began, else the
 * one whose identity provider is named as Issuer. A drafted one is tried instead of them.
 *
 * @throws SamlError `connection_unavailable`, `unknown_issuer` or `browser_mismatch`
 */
export async function connectionFor<U extends Account<string>>(
  { registry }: ResolvedSso<U>,
  { issuer }: UnverifiedResponse,
  routed: string | undefined,
  opened: OpenedRequest | null,
  drafted: Connection | null = null,
): Promise<Connection> {
  if (drafted !== null) return atItsAddress(drafted, routed);
  const requested = opened?.state === 'open' ? opened.pending.connectionId : undefined;
  if (routed !== undefined && requested !== undefined && routed !== requested) {
    throw new SamlError('browser_mismatch', {
      hint: `The login was begun for the connection ${JSON.stringify(requested)}, and the response was posted to that of ${JSON.stringify(routed)}. Correct the ACS URL at the identity provider.`,
      details: { state: 'other_connection', expected: requested, received: routed },
    });
  }
  const id = routed ?? requested;
  if (id !== undefined) {
    const connection = await registry.byId(id);
    if (connection !== null) return atItsAddress(connection, routed);
    throw new SamlError('connection_unavailable', {
      hint: `There is no connection ${JSON.stringify(id)} (any more). Take the ACS URL from the metadata of an existing connection.`,
      details: { reason: 'not_found', received: id },
    });
  }
  // No entity ID is longer (SAML Core 8.3.6), and no store need be asked for one.
  const candidates = issuer === null || issuer.length > 1024 ? [] : await registry.byIssuer(issuer);
  const [connection] = candidates;
  if (connection !== undefined && candidates.length === 1) return atItsAddress(connection, routed);
  return unknownIssuer(registry, issuer, candidates.length);
}

/**
 * Where several connections trust one identity provider, their addresses alone tell its applications apart: what was made
 * for another address is for another of them.
 */
function atItsAddress(connection: Connection, routed: string | undefined): Connection {
  if (connection.acs !== 'own' || routed !== undefined) return connection;
  throw new SamlError('destination_mismatch', {
    hint: `The response was posted to the shared ACS URL, and the connection ${JSON.stringify(connection.id)} has one of its own (acs: 'own'). Enter that at the identity provider: it ends in /acs/${encodeURIComponent(connection.id)}.`,
    details: { expected: `/acs/${encodeURIComponent(connection.id)}`, received: '/acs' },
  });
}

/** What the message is held against. */
export function validationContextFor<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  input: Pick<CompleteLoginInput, 'connectionId'>,
  request: {
    readonly inResponseTo: string | null;
    readonly opened: OpenedRequest | null;
    readonly now: Date;
    readonly explainKey?: ValidationContext['explainKey'];
  },
): ValidationContext {
  const { idp } = connection;
  const pending = request.opened?.state === 'open' ? request.opened.pending : null;
  return {
    idpEntityId: idp.entityId,
    keys: idp.certificates.map(parseTrustedKey),
    ownFingerprints: ownFingerprintsOf(sso, connection),
    explainKey: request.explainKey,
    spEntityId: sso.entityIdOf(connection),
    // The address that it was posted to: a response for another one, though ours, is not accepted here.
    acsUrl: sso.acsUrlOf(input.connectionId === undefined ? null : { ...connection, acs: 'own' }),
    inResponseTo: request.inResponseTo,
    now: request.now,
    clockSkewSeconds: sso.clockSkewSeconds,
    allowSha1: connection.security.allowSha1,
    allowAesCbc: connection.security.allowAesCbc,
    requireDestination: connection.security.requireDestination,
    maxAssertionLifetimeSeconds: connection.security.maxAssertionLifetimeSeconds,
    requireSigned: idp.requireSigned,
    // Every mapping knows attributes that may name the subject: whether anything does is for provisioning to judge.
    requireNameId: false,
    // A restarted login is answered with a request that asks for the format.
    nameIdFormat: isRestarted(connection, request.inResponseTo) ? null : idp.nameIdFormat,
    limits: sso.limits,
    decryptionKeys: connection.decryption ?? sso.decryptionKeys,
    sharedDecryptionKeys: sharesDecryptionKeys(connection, sso.registry.only, sso.decryptionKeys),
    requestedAt: pending?.issuedAt,
    authenticatedSince: pending?.forceAuthn === true ? pending.issuedAt : undefined,
  };
}

function ownFingerprintsOf<U extends Account<string>>(
  { ownFingerprints }: ResolvedSso<U>,
  { decryption }: Connection,
): ReadonlySet<string> {
  if (decryption === undefined) return ownFingerprints;
  return new Set([...ownFingerprints, ...decryption.map(({ fingerprint }) => fingerprint)]);
}

/** Whether a response is answered with a request of our own, and signs nobody in. */
export function isRestarted({ enabled, policy }: Connection, inResponseTo: string | null): boolean {
  return inResponseTo === null && enabled && policy.idpInitiated === 'restart';
}

/** The browser that posts the response is the one that began the login (SAML Profiles 4.1.5: no login CSRF). */
export function expectSameBrowser<U extends Account<string>>(
  { baseUrl, requestLifetimeSeconds }: ResolvedSso<U>,
  opened: OpenedRequest,
  cookies: string | undefined,
): void {
  if (opened.state === 'open') return;
  const { host } = new URL(baseUrl);
  const allowed = `the ${duration(requestLifetimeSeconds * 1000)} of requestLifetimeSeconds`;
  const [arrived, adapter] =
    cookies === undefined
      ? ['no cookie arrived at all', 'an adapter that does not pass the Cookie header on, ']
      : ['this browser sent others, and not this one', ''];
  const reasons = {
    missing: `${arrived}. Either the login is complete already (the page was reloaded, or the user pressed Back), or it took longer than ${allowed}, or it was begun in another browser or on another host name than ${host} (localhost and 127.0.0.1 are two), or the cookie was lost (${adapter}a proxy that drops Set-Cookie, http instead of https, an older tab after 4 newer logins)`,
    expired: `the login took longer than ${allowed}, e.g. because the identity provider's page was left open`,
    invalid:
      'a cookie arrived that cannot be opened; it was altered, or sealed with another secret: all processes must share one, and while you change it the old one stays as second entry',
  };
  throw new SamlError('browser_mismatch', {
    hint: `The response answers a request whose cookie cannot be used: ${reasons[opened.state]}. Start the login anew, at the host of baseUrl (${host}).`,
    details: { state: opened.state },
  });
}
