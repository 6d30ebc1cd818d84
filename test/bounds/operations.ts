import { vi } from 'vitest';

/** Cryptographic operations since the last {@link resetOperations}. */
export const operations = { hash: 0, verify: 0, privateDecrypt: 0, certificates: 0 };

export function resetOperations(): void {
  Object.assign(operations, { hash: 0, verify: 0, privateDecrypt: 0, certificates: 0 });
}

/** node:crypto that counts, and otherwise does what it does: for `vi.mock('node:crypto', countingCrypto)`. */
export async function countingCrypto(): Promise<typeof import('node:crypto')> {
  const real = await vi.importActual<typeof import('node:crypto')>('node:crypto');
  const count = <F extends (...args: never[]) => unknown>(name: keyof typeof operations, call: F): F =>
    ((...args: Parameters<F>) => {
      operations[name]++;
      return call(...args);
    }) as F;
  class X509Certificate extends real.X509Certificate {
    constructor(certificate: ConstructorParameters<typeof real.X509Certificate>[0]) {
      super(certificate);
      operations.certificates++;
    }
  }
  return {
    ...real,
    X509Certificate,
    hash: count('hash', real.hash),
    verify: count('verify', real.verify),
    privateDecrypt: count('privateDecrypt', real.privateDecrypt),
  };
}
