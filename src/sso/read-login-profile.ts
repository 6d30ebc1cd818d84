import type { Connection } from '../connections/connection.ts';
import { resolveMapping } from '../connections/presets.ts';
import { mapProfile } from '../provisioning/map-profile.ts';
import type { Profile } from '../provisioning/profile.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ValidatedResponse } from '../saml/evaluate-response.ts';
import { attributeReader } from '../saml/select.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/** The profile of the user, as the connection's mapping reads the assertion. @throws SamlError `message_too_large` */
export function readLoginProfile<U extends Account<string>>(
  { entityIdOf }: ResolvedSso<U>,
  connection: Connection,
  { assertion, verified }: ValidatedResponse,
): Profile {
  const mapping = resolveMapping(connection.idp);
  const spEntityId = entityIdOf(connection);
  return mapProfile({ assertion, connection, mapping, spEntityId, ...attributeReader(assertion, verified) });
}
