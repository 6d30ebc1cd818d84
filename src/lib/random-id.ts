import { randomBytes, randomInt } from 'node:crypto';

/** A new ID for SAML: 128 random bits, and never a digit at the start, which xs:ID forbids (SAML Core 1.3.4). */
export function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}

// No letters or digits that are easily confused with others.
const referenceAlphabet = 'ABCDEFGHJKMNPQRTUVWXY346789';

/** A random reference to one failure, such as `K7QX-M2RD`: about 38 bits. */
export function makeReference(): string {
  const letters = Array.from({ length: 8 }, () => referenceAlphabet.charAt(randomInt(referenceAlphabet.length))).join(
    '',
  );
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
