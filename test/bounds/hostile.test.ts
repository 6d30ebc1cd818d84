import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { identityProvider, serviceProvider, signedResponse } from '../bench/corpus.mjs';
import { hostileBodies, hostileFields } from '../bench/hostile-bodies.mjs';
import { operations, resetOperations } from './operations.ts';

vi.mock('node:crypto', async () => (await import('./operations.ts')).countingCrypto());

const decryptionKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const validate = (field: string) =>
  validateResponse(field, {
    identityProvider: { entityId: identityProvider.entityId, certificates: [identityProvider.certificate] },
    serviceProvider: { ...serviceProvider, decryptionKeys: [decryptionKey] },
    inResponseTo: null,
  });
const encoded = (xml: string): string => Buffer.from(xml).toString('base64');
const outcome = (field: string): Promise<string> =>
  validate(field).then(
    () => 'accepted',
    (error) => (error instanceof SamlError ? error.code : `no SamlError: ${error}`),
  );

describe('a body that no pinned key signed', () => {
  beforeEach(async () => {
    // The pinned certificate is read once and kept.
    await outcome(encoded('<a/>'));
    resetOperations();
  });

  it.each(Object.entries(hostileBodies))('is refused after a few cryptographic operations: %s', async (_, xml) => {
    const code = await outcome(encoded(xml));
    expect(code).not.toBe('accepted');
    expect(code).not.toContain('no SamlError');
    // One pinned key, and the certificate in KeyInfo to explain the refusal; the digest only where the first verifies.
    expect(operations.verify).toBeLessThanOrEqual(2);
    expect(operations.hash).toBeLessThanOrEqual(1);
    expect(operations.certificates).toBeLessThanOrEqual(1);
    expect(operations.privateDecrypt).toBeLessThanOrEqual(4);
  });

  it.each(Object.entries(hostileFields))('is refused before any cryptographic operation: %s', async (_, field) => {
    expect(['invalid_encoding', 'malformed_xml']).toContain(await outcome(field));
    expect(operations).toEqual({ hash: 0, verify: 0, privateDecrypt: 0, certificates: 0 });
  });

  it('is counted correctly: in a genuine login each verifier verifies once and digests once', async () => {
    expect(await outcome(encoded(signedResponse(3)))).toBe('accepted');
    expect(operations).toMatchObject({ hash: 2, verify: 2, privateDecrypt: 0 });
  });
});
