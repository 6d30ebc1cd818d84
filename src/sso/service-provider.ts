import type { Account } from '../provisioning/user-store.ts';
import { parseCertificate } from '../xml/certificates.ts';
import { validityAt } from '../xml/validity.ts';
import type { OwnCertificate, ServiceProvider } from './connection-verbs.ts';
import { decryptionKeysOf, expectConnection } from './metadata.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/** `sso.connections.serviceProvider`. */
export async function serviceProvider<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connectionId: string,
): Promise<ServiceProvider> {
  const connection = await expectConnection(sso, connectionId);
  const now = sso.now();
  const describe = ({ certificate }: { readonly certificate: string }): OwnCertificate => {
    const { fingerprint, subject, validFrom, validTo } = parseCertificate(certificate);
    return { certificate, fingerprint, subject, validFrom, validTo, ...validityAt({ validFrom, validTo }, now) };
  };
  return {
    entityId: sso.entityIdOf(connection),
    acsUrl: sso.acsUrlOf(connection),
    metadataUrl: `${sso.baseUrl}/metadata/${encodeURIComponent(connection.id)}`,
    certificates: {
      signing: sso.signing === undefined ? [] : [describe(sso.signing)],
      encryption: decryptionKeysOf(sso, connection).map(describe),
    },
  };
}
