import { randomInt } from 'node:crypto';

// No letter or digit that is mistaken for another one on the telephone.
const referenceAlphabet = 'ABCDEFGHJKMNPQRTUVWXY346789';

/** A random reference to one failure, such as `K7QX-M2RD`: about 38 bits. */
export function makeReference(): string {
  const letters = Array.from({ length: 8 }, () => referenceAlphabet.charAt(randomInt(referenceAlphabet.length))).join(
    '',
  );
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
