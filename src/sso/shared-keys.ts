import { ConfigurationError } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { DecryptionKey } from '../xml/decryption-keys.ts';

/**
 * Whether identity providers of other connections may encrypt for the keys of this one: they may where it uses those of
 * `createSso`, and there are several connections.
 */
export function sharesDecryptionKeys(
  { decryption }: Connection,
  only: Connection | null,
  applicationKeys: readonly DecryptionKey[],
): boolean {
  if (only !== null) return false;
  return decryption === undefined || applicationKeys.some((key) => decryption.some((own) => isSame(own, key)));
}

/**
 * Checks that a key of one connection is not also that of another, or of `createSso`.
 *
 * @throws TypeError that names the connections
 */
export function expectOwnDecryptionKeys(
  connections: readonly Connection[],
  applicationKeys: readonly DecryptionKey[],
): void {
  if (connections.length < 2) return;
  for (const [index, { id, decryption = [] }] of connections.entries()) {
    const other = connections.slice(index + 1).find((later) => later.decryption?.some(isIn(decryption)));
    const owner = other !== undefined ? `connection ${JSON.stringify(other.id)}` : 'createSso (decryption)';
    if (other === undefined && !decryption.some(isIn(applicationKeys))) continue;
    const problem = `has a decryption key that ${owner} has as well: an identity provider could read what another one encrypted. Make a key pair for each connection`;
    throw new ConfigurationError(`connection ${JSON.stringify(id)} ${problem}`, [
      { path: ['connections', index, 'decryption'], message: problem },
    ]);
  }
}

function isIn(keys: readonly DecryptionKey[]): (key: DecryptionKey) => boolean {
  return (key) => keys.some((other) => isSame(key, other));
}

function isSame(a: DecryptionKey, b: DecryptionKey): boolean {
  return a.publicKey.equals(b.publicKey);
}
