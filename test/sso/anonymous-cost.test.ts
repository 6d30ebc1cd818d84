import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionInput } from '../../src/index.ts';
import { createTestIdp, selfSigned } from '../../src/testing/index.ts';
import { acsUrl, entityId, product, start, unsolicited, untrustedKey } from './setup.ts';

afterEach(() => vi.restoreAllMocks());

describe('an unknown key', () => {
  it('is searched without parsing the certificates of the other connections again', async () => {
    // More texts than the cache of certificates holds: each spelling is a text of its own.
    const spellings = Array.from({ length: 20 }, (_, n) => `${'\n'.repeat(n + 1)}${untrustedKey.certificate}`);
    const others = Array.from(
      { length: 60 },
      (_, n): ConnectionInput => ({
        id: `c${n}`,
        organizationId: `c${n}`,
        idp: {
          entityId: `urn:c${n}`,
          ssoUrl: 'https://idp.example/sso',
          certificates: spellings.map((text) => `${' '.repeat(n)}${text}`),
        },
      }),
    );
    const app = product();
    const acme = { id: 'acme', organizationId: 'acme', idp: { metadata: app.idp.metadata() } };
    const { sso } = product({ connections: [acme, ...others] });
    const samlResponse = unsolicited(app, { key: selfSigned({ commonName: 'unknown.example' }) });
    const reads = vi.spyOn(X509Certificate.prototype, 'publicKey', 'get');
    await expect(sso.completeLogin({ samlResponse })).rejects.toMatchObject({ code: 'untrusted_certificate' });
    // That of the message, and the one of this connection, which the others drove out of the cache.
    expect(reads.mock.calls.length).toBeLessThan(10);
  });
});

describe('an encrypted message with an unknown Issuer', () => {
  const own = selfSigned({ commonName: 'app.example.com' });
  const decryption = {
    privateKey: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: own.certificate,
  };
  const idpOf = (issuer: string) =>
    createTestIdp({
      entityId: issuer,
      key: untrustedKey,
      users: [{ id: 'a', email: 'a@x.example' }],
      now: () => start,
    });
  const durationOf = async (issuer: string): Promise<number> => {
    const { sso } = product({ decryption });
    const samlResponse = idpOf(issuer).respond({
      user: 'a',
      acsUrl,
      audience: entityId,
      signs: 'assertion',
      encryption: { certificate: own.certificate },
    });
    const began = performance.now();
    await expect(sso.completeLogin({ samlResponse })).rejects.toThrow();
    return performance.now() - began;
  };

  it.each([
    ['of a customer', 'https://idp.example.test/metadata'],
    ['of no connection', 'https://unknown.example/idp'],
  ])('takes at least a quarter of a second, also if the Issuer is one %s', async (_whose, issuer) => {
    expect(await durationOf(issuer)).toBeGreaterThan(240);
  });
});
