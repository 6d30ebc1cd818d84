import { SamlError } from '../errors.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Sso } from '../sso/types.ts';
import { UnknownConnection } from '../sso/unknown-connection.ts';
import { failureAnswer } from './failure-answer.ts';
import { respond } from './responses.ts';
import type { HttpAnswer, HttpRequest } from './types.ts';

/** Media type and other headers of metadata (SAML Metadata 4.1.1). */
const headers = [
  ['Content-Type', 'application/samlmetadata+xml'],
  ['X-Content-Type-Options', 'nosniff'],
] as const;

/** `GET /metadata` and `GET /metadata/{connectionId}`: the metadata of the service provider. */
export async function metadataRoute<U extends Account<string>>(
  sso: Sso<U>,
  request: HttpRequest,
  connectionId: string | undefined,
): Promise<HttpAnswer<U> | null> {
  try {
    return respond({ status: 200, headers, body: await sso.metadata({ connectionId }) });
  } catch (error) {
    // Anyone can request any URL.
    if (error instanceof UnknownConnection) return null;
    if (!(error instanceof SamlError)) throw error;
    return failureAnswer(sso, error, request);
  }
}
