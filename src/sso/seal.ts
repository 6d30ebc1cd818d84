import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { invalidOption } from '../configuration-error.ts';

const version = 1;
const ivBytes = 12;
const tagBytes = 16;

/** Bytes that {@link seal} adds to its content. */
export const sealBytes: number = 1 + ivBytes + tagBytes;

/** What a sealed request was sent for. A request that is sealed for one purpose does not open for another. */
export type RequestPurpose = 'login' | 'test' | 'logout';

/**
 * Derives the key under which an application seals the requests of one purpose (HKDF-SHA-256, RFC 5869). The label
 * includes the purpose and the application, so that no key opens what another purpose or application sealed.
 *
 * @throws TypeError for a secret of fewer than 32 characters
 */
export function deriveKey(secret: string, purpose: RequestPurpose, application: string): Uint8Array {
  if (typeof secret !== 'string' || secret.length < 32) {
    const received = secret ? `it has ${secret.length}` : 'it is missing: is the environment variable set?';
    throw invalidOption(
      ['secret'],
      `must have at least 32 characters; ${received} (openssl rand -base64 32 makes one)`,
    );
  }
  return new Uint8Array(hkdfSync('sha256', secret, '', `saml-jit ${purpose} request ${application}`, 32));
}

/** Encrypts and authenticates `content` (AES-256-GCM), and authenticates `name` with it. Base64url. */
export function seal(content: string, name: string, key: Uint8Array): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(name));
  const sealed = [Buffer.of(version), iv, cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** Returns the content that {@link seal} sealed under this name and key; `null` for anything else. */
export function unseal(value: string, name: string, key: Uint8Array): string | null {
  const bytes = Buffer.from(value, 'base64url');
  // Buffer decodes base64 leniently: only the canonical spelling is accepted.
  if (bytes.toString('base64url') !== value || bytes[0] !== version || bytes.length < sealBytes) return null;
  const body = 1 + ivBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, body), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(body, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
