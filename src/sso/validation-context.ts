import type { Connection } from '../connections/connection.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ValidationContext } from '../saml/response-options.ts';
import { parseTrustedKey } from '../xml/certificates.ts';
import type { PendingRequest } from './request-cookie.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { sharesDecryptionKeys } from './shared-keys.ts';

/** The facts of one response that its validation depends on. */
interface ResponseFacts {
  /** From the route `/acs/{connectionId}`; `undefined` on the shared route. */
  readonly routed: string | undefined;
  readonly inResponseTo: string | null;
  /** The request of this browser that the response answers; `null`: none was found. */
  readonly pending: PendingRequest | null;
  readonly now: Date;
  readonly explainKey: ValidationContext['explainKey'];
}

/** What the response is validated against. */
export function validationContextFor<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  { routed, inResponseTo, pending, now, explainKey }: ResponseFacts,
): ValidationContext {
  const { idp, security } = connection;
  return {
    idpEntityId: idp.entityId,
    keys: idp.certificates.map(parseTrustedKey),
    ownFingerprints: ownFingerprintsOf(sso, connection),
    explainKey,
    spEntityId: sso.entityIdOf(connection),
    // The URL that it was posted to: a response for another ACS URL of this application is not accepted here.
    acsUrl: sso.acsUrlOf(routed === undefined ? null : { ...connection, acs: 'own' }),
    inResponseTo,
    now,
    clockSkewSeconds: sso.clockSkewSeconds,
    allowSha1: security.allowSha1,
    allowAesCbc: security.allowAesCbc,
    requireDestination: security.requireDestination,
    maxAssertionLifetimeSeconds: security.maxAssertionLifetimeSeconds,
    requireSigned: idp.requireSigned,
    // Every mapping has attributes that may name the subject: provisioning checks that one does.
    requireNameId: false,
    // A restarted login is answered with a request that asks for the format.
    nameIdFormat: isRestarted(connection, inResponseTo) ? null : idp.nameIdFormat,
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

/** Whether a response is answered with a request of this application, and signs no user in. */
export function isRestarted({ enabled, policy }: Connection, inResponseTo: string | null): boolean {
  return inResponseTo === null && enabled && policy.idpInitiated === 'restart';
}
