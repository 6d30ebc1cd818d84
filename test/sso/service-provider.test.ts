import { describe, expect, it } from 'vitest';
import type { ConnectionStore } from '../../src/index.ts';
import { selfSigned } from '../../src/testing/index.ts';
import { parseCertificate } from '../../src/xml/certificates.ts';
import { acsUrl, entityId, product, start } from './setup.ts';

const day = 86_400_000;
const ending = (days: number, commonName: string) => {
  const { privateKey, certificate } = selfSigned({
    commonName,
    notBefore: new Date(start.getTime() - day),
    notAfter: new Date(start.getTime() + days * day),
  });
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate };
};
const [signing, newest, older] = [ending(10, 'signing'), ending(400, 'newest'), ending(-0.5, 'older')];

describe('sso.connections.serviceProvider', () => {
  it('describes the application to the identity provider of a connection', async () => {
    const { sso } = product();
    expect(await sso.connections.serviceProvider('acme')).toEqual({
      entityId,
      acsUrl,
      metadataUrl: 'https://app.example.com/sso/metadata/acme',
      certificates: { signing: [], encryption: [] },
    });
  });

  it('has the entity ID and ACS URL of the connection, as its metadata has', async () => {
    const { sso } = product({}, { id: 'a:b', acs: 'own', spEntityId: 'urn:app:acme' });
    const found = await sso.connections.serviceProvider('a:b');
    expect(found).toMatchObject({
      entityId: 'urn:app:acme',
      acsUrl: 'https://app.example.com/sso/acs/a%3Ab',
      metadataUrl: 'https://app.example.com/sso/metadata/a%3Ab',
    });
    const metadata = await sso.metadata({ connectionId: 'a:b' });
    expect(metadata).toContain(`entityID="${found.entityId}"`);
    expect(metadata).toContain(`Location="${found.acsUrl}"`);
  });

  it('shows certificates with their expiry, the newest decryption key first, and no private key', async () => {
    const { sso } = product({ signing, decryption: [newest, older] });
    const { certificates } = await sso.connections.serviceProvider('acme');
    expect(certificates.signing).toEqual([
      {
        certificate: signing.certificate,
        fingerprint: parseCertificate(signing.certificate).fingerprint,
        subject: 'CN=signing',
        validFrom: new Date(start.getTime() - day),
        validTo: new Date(start.getTime() + 10 * day),
        state: 'expiring',
        daysLeft: 10,
      },
    ]);
    expect(certificates.encryption.map(({ subject, state, daysLeft }) => [subject, state, daysLeft])).toEqual([
      ['CN=newest', 'valid', 400],
      ['CN=older', 'expired', 0],
    ]);
    expect(JSON.stringify(certificates)).not.toContain('PRIVATE KEY');
  });

  it('shows the decryption key of the connection instead of that of createSso', async () => {
    const { sso } = product({ decryption: newest }, { decryption: older });
    const { certificates } = await sso.connections.serviceProvider('acme');
    expect(certificates.encryption).toMatchObject([{ subject: 'CN=older' }]);
  });

  it('refuses an unknown connection', async () => {
    await expect(product().sso.connections.serviceProvider('other')).rejects.toThrow(
      new TypeError('there is no connection "other"'),
    );
  });

  it('reports an invalid row as the other functions do', async () => {
    const connections: ConnectionStore = { get: async () => ({ settings: { id: 'acme' } }), find: async () => [] };
    const app = product({ connections });
    await expect(app.sso.connections.serviceProvider('acme')).rejects.toMatchObject({
      code: 'connection_unavailable',
      message: 'single sign-on is not available for this connection',
      hint: expect.stringContaining('Correct the row of the connection store'),
    });
    expect(app.events).toMatchObject([{ type: 'failed', code: 'connection_unavailable' }]);
  });
});
