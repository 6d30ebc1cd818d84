import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { invalidOption } from '../configuration-error.ts';

const version = 1;
const ivBytes = 12;
const tagBytes = 16;

/** Bytes that {@link seal} adds to its content. */
export const sealBytes: number = 1 + ivBytes + tagBytes;

/**
 * The key under which an application seals cookies (HKDF-SHA-256).
 * @throws TypeError for a secret of fewer than 32 characters
 */
export function deriveKey(secret: string, application: string): Uint8Array {
  if (typeof secret !== 'string' || secret.length < 32) {
    const received = secret ? `it has ${secret.length}` : 'it is missing: is the environment variable set?';
    throw invalidOption(
      ['secret'],
      `must have at least 32 characters; ${received} (openssl rand -base64 32 makes one)`,
    );
  }
  return new Uint8Array(hkdfSync('sha256', secret, '', `saml-jit request cookie ${application}`, 32));
}

/** Encrypts and authenticates `content` (AES-256-GCM), and authenticates `name` with it. Base64url. */
export function seal(content: string, name: string, key: Uint8Array): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(name));
  const sealed = [Buffer.of(version), iv, cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** The content of what {@link seal} made under this name and key; `null` for anything else. */
export function unseal(value: string, name: string, key: Uint8Array): string | null {
  const bytes = Buffer.from(value, 'base64url');
  // Buffer reads base64 leniently; one value has one spelling.
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
