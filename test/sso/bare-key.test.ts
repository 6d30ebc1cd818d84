import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateStatus, parseConnection } from '../../src/index.ts';
import { key, product, unsolicited, untrustedKey } from './setup.ts';

const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
const idp = {
  entityId: 'https://idp.example.test/metadata',
  ssoUrl: 'https://idp.example.test/sso',
  certificate: pem,
};

describe('a connection that pins a public key without certificate', () => {
  it('signs users in', async () => {
    const app = product({}, { idp, policy: { idpInitiated: 'allow' } });
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toHaveProperty('outcome', 'created');
    expect(app.events.map(({ type }) => type)).toEqual(['login']);
  });

  it('refuses an untrusted key', async () => {
    const app = product({}, { idp, policy: { idpInitiated: 'allow' } });
    const samlResponse = unsolicited(app, { key: untrustedKey });
    await expect(app.sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'untrusted_certificate' });
  });

  it('is searched for the key of another connection', async () => {
    const app = product({
      connections: [
        { id: 'acme', organizationId: 'acme', idp: { ...idp, certificate: untrustedKey.certificate } },
        { id: 'globex', organizationId: 'globex', idp: { ...idp, entityId: 'https://globex.example/idp' } },
      ],
    });
    await expect(app.sso.completeLogin({ samlResponse: unsolicited(app) })).rejects.toMatchObject({
      code: 'untrusted_certificate',
      hint: expect.stringContaining('The key of that certificate is configured for the connection "globex"'),
    });
  });

  it('has a status without period of validity', () => {
    expect(certificateStatus(parseConnection({ idp }), new Date('2026-11-24T08:00:00Z'))).toMatchObject([
      { subject: null, validFrom: null, validTo: null, state: 'valid', daysLeft: null },
    ]);
  });
});
