import { ConfigurationError, checkAt } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { DecryptionKey } from '../xml/decryption-keys.ts';

/**
 * Whether identity providers of other connections can encrypt for the keys of this connection: it uses the keys of
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
 * Checks that connections share no decryption key with each other, or with `createSso` if there are several connections.
 *
 * @throws TypeError that names the connections
 */
export function expectOwnDecryptionKeys(
  connections: readonly Connection[],
  applicationKeys: readonly DecryptionKey[],
): void {
  if (connections.length < 2) return;
  for (const [index, connection] of connections.entries())
    checkAt(
      ['connections', index],
      () => expectOwnKeys(connection, connections.slice(index + 1), applicationKeys),
      ({ message }) => message,
    );
}

/**
 * Checks that one connection shares no decryption key with others, or with `createSso`.
 *
 * @throws ConfigurationError that names the connections
 */
export function expectOwnKeys(
  { id, decryption = [] }: Connection,
  others: readonly Connection[],
  applicationKeys: readonly DecryptionKey[],
): void {
  const other = others.find((each) => each.decryption?.some(isIn(decryption)));
  if (other === undefined && !decryption.some(isIn(applicationKeys))) return;
  const owner = other !== undefined ? `connection ${JSON.stringify(other.id)}` : 'createSso (decryption)';
  const problem = `has a decryption key that ${owner} has as well: an identity provider could read what another one encrypted. Make a key pair for each connection`;
  throw new ConfigurationError(`connection ${JSON.stringify(id)} ${problem}`, [
    { path: ['decryption'], message: problem },
  ]);
}

function isIn(keys: readonly DecryptionKey[]): (key: DecryptionKey) => boolean {
  return (key) => keys.some((other) => isSame(key, other));
}

function isSame(a: DecryptionKey, b: DecryptionKey): boolean {
  return a.publicKey.equals(b.publicKey);
}
