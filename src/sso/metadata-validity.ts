import type { Connection } from '../connections/connection.ts';
import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ResolvedSso } from './resolved-sso.ts';

const dayMs = 86_400_000;
const graceDays = 7;
const noticeDays = 7;

/** The state of metadata by its `validUntil` (SAML Metadata 2.3.1). */
interface MetadataStatus {
  /** `grace`: it has expired, and logins still work; `expired`: they are refused. */
  readonly state: 'expiring' | 'grace' | 'expired';
  readonly validUntil: Date;
  /** Logins are refused from this time on. */
  readonly usableUntil: Date;
}

/** Compares `validUntil` with the time. @returns `null` if the metadata is valid for more than a week, or has no `validUntil` */
function metadataStatus({ idp }: Connection, now: Date): MetadataStatus | null {
  const { metadataValidUntil: validUntil } = idp;
  if (validUntil === null) return null;
  const left = validUntil.getTime() - now.getTime();
  if (left > noticeDays * dayMs) return null;
  const usableUntil = new Date(validUntil.getTime() + graceDays * dayMs);
  return { state: left > 0 ? 'expiring' : now < usableUntil ? 'grace' : 'expired', validUntil, usableUntil };
}

const remedy =
  'Download it again and replace idp.metadata, or set entityId, ssoUrl and certificate of idp instead, which do not expire';

/** Checks that the grace period after `validUntil` has not ended. @throws SamlError `connection_unavailable` */
export function expectMetadataUsable(connection: Connection, now: Date): void {
  const status = metadataStatus(connection, now);
  if (status?.state !== 'expired') return;
  throw new SamlError('connection_unavailable', {
    hint: `The metadata of the identity provider of the connection ${JSON.stringify(connection.id)} expired at ${status.validUntil.toISOString()} (validUntil), and the ${graceDays} days after that are over. ${remedy}.`,
    details: { reason: 'metadata_expired', expected: now.toISOString(), received: status.validUntil.toISOString() },
  });
}

/** Emits a warning, once a day, about metadata that expires within a week or has expired. */
export function warnOfMetadata<U extends Account<string>>(
  { emit, firstToday }: Pick<ResolvedSso<U>, 'emit' | 'firstToday'>,
  connection: Connection,
  now: Date,
): void {
  const status = metadataStatus(connection, now);
  const connectionId = connection.id;
  if (status === null || !firstToday(`metadata ${status.state} ${connectionId}`)) return;
  const { state, validUntil, usableUntil } = status;
  const then = `Logins ${state === 'expired' ? 'are' : 'will be'} refused from ${usableUntil.toISOString()} on.`;
  if (state === 'expiring') {
    const hint = `The metadata of the identity provider expires at ${validUntil.toISOString()} (validUntil). ${then} ${remedy}.`;
    emit({ type: 'warning', connectionId, warning: 'metadata_expiring', hint });
  } else {
    const hint = `The metadata of the identity provider expired at ${validUntil.toISOString()} (validUntil). ${then} ${remedy}.`;
    emit({ type: 'warning', connectionId, warning: 'metadata_expired', hint });
  }
}
