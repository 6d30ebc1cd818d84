import { describe, expect, it } from 'vitest';
import { namespaces } from '../../src/saml/names.ts';
import { createTestIdp, selfSigned } from '../../src/testing/index.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { pemBody } from '../support/signing.ts';
import { acsUrl, begin, entityId, jar, product, unsolicited } from './setup.ts';

const pair = decryptionPair();
const next = decryptionPair('next');
const own = { privateKey: pemOf(pair), certificate: pair.certificate };
const newer = { privateKey: pemOf(next), certificate: next.certificate };

/** A login at an identity provider that encrypts for this certificate. */
async function logIn(app: ReturnType<typeof product>, encryptionCertificate: string) {
  app.idp.addServiceProvider({ entityId, acsUrl, encryptionCertificate });
  const start = await begin(app.sso, { connectionId: 'acme' });
  const { fields } = await app.idp.login(start, 'alice-1');
  const samlResponse = fields['SAMLResponse'] ?? '';
  expect(Buffer.from(samlResponse, 'base64').toString()).toContain('EncryptedAssertion');
  return { samlResponse, cookies: jar(start.cookie) };
}

describe('an application that can decrypt', () => {
  it('shows its certificate in the metadata, and accepts an assertion that is encrypted for it', async () => {
    const app = product({ decryption: own });
    const metadata = await app.sso.metadata();
    expect(metadata).toContain('<md:KeyDescriptor use="encryption">');
    expect(metadata).toContain(pemBody(pair.certificate));
    const posted = await logIn(app, pair.certificate);
    const explained = await app.sso.explain(posted);
    expect(explained).toMatchObject({ verdict: 'accept', decision: { action: 'create' } });
    expect(explained.rules).toContainEqual({ rule: 'decryption', section: 'SAML Core 2.3.4', result: 'pass' });
    const result = await app.sso.completeLogin(posted);
    expect(result).toMatchObject({ outcome: 'created', user: { email: 'alice@acme.example', role: 'admin' } });
    await expect(app.sso.completeLogin(posted)).rejects.toMatchObject({ code: 'replayed' });
  });

  it('decrypts assertions for the former key while identity providers change to the new one', async () => {
    const app = product({ decryption: [newer, own] });
    const metadata = await app.sso.metadata();
    expect(metadata).toContain(pemBody(next.certificate));
    expect(metadata).not.toContain(pemBody(pair.certificate));
    expect(await app.sso.completeLogin(await logIn(app, pair.certificate))).toMatchObject({ outcome: 'created' });
    const after = product({ decryption: newer });
    const refused = after.sso.completeLogin(await logIn(after, pair.certificate));
    await expect(refused).rejects.toMatchObject({ code: 'decryption_failed' });
  });

  it('maps decrypted attributes, also by XPath', async () => {
    const idp = {
      mapping: { name: { xpath: 'saml:AttributeStatement/saml:Attribute[@Name="lastName"]/saml:AttributeValue' } },
    };
    const app = product({ decryption: own });
    const mapped = product({
      decryption: own,
      connections: { id: 'acme', organizationId: 'acme', idp: { metadata: app.idp.metadata(), ...idp } },
    });
    const login = await logIn(mapped, pair.certificate);
    expect(await mapped.sso.completeLogin(login)).toMatchObject({ outcome: 'created', user: { name: 'Liddell' } });
  });
});

describe('several customers, whose identity providers encrypt for one key', () => {
  it('may use AES-GCM in a signed Response, and not AES-CBC', async () => {
    const policy = { idpInitiated: 'allow' } as const;
    const single = product({ decryption: own }, { policy });
    const other = createTestIdp({ entityId: 'https://other.example' });
    const connections = [
      { id: 'acme', organizationId: 'acme', idp: { metadata: single.idp.metadata() }, policy },
      { id: 'globex', organizationId: 'globex', idp: { metadata: other.metadata() } },
    ];
    const several = product({ decryption: own, connections });
    const outcome = (app: ReturnType<typeof product>, contentAlgorithm: string) => {
      const encryption = { certificate: pair.certificate, contentAlgorithm };
      return app.sso.completeLogin({ samlResponse: unsolicited(app, { signs: 'response', encryption }) });
    };
    const cbc = `${namespaces.encryption}aes256-cbc`;
    expect(await outcome(several, `${namespaces.encryption11}aes256-gcm`)).toMatchObject({ outcome: 'created' });
    expect(await outcome(single, cbc)).toMatchObject({ outcome: 'created' });
    const error = await outcome(several, cbc).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'decryption_failed', message: 'the assertion could not be decrypted' });
    expect(error).toHaveProperty('hint', expect.stringContaining('With AES-CBC the assertion itself must be signed'));
  });
});

describe('an application without a valid decryption key', () => {
  it('the hint of an encrypted response names the missing option', async () => {
    const app = product();
    expect(await app.sso.metadata()).not.toContain('use="encryption"');
    const error = await app.sso.completeLogin(await logIn(app, pair.certificate)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'decryption_key_missing',
      message: 'the assertion is encrypted and no decryption key is configured',
    });
    expect(error).toHaveProperty('hint', expect.stringContaining('decryption of createSso'));
  });

  it.each([
    [
      'the certificate of another key',
      { ...own, certificate: next.certificate },
      'decryption.certificate does not belong to the private key',
    ],
    [
      'the same in a list',
      [newer, { ...own, certificate: next.certificate }],
      'decryption[1].certificate does not belong',
    ],
    ['a certificate as key', { ...own, privateKey: pair.certificate }, 'it is a certificate'],
    ['an EC key', ec(), 'its type is ec'],
    ['five keys', [own, own, own, own, own], 'at most 4 decryption keys'],
  ])('does not start with %s', (_, decryption, reason) => {
    expect(() => product({ decryption })).toThrow(TypeError);
    expect(() => product({ decryption })).toThrow(reason);
  });

  function ec() {
    const made = selfSigned({ keyType: 'p256' });
    return { privateKey: pemOf(made), certificate: made.certificate };
  }
});
