// The test build without the strict verifier: the second verifier alone decides about signatures. Nothing in `src` can do this.

const replacement = `
import { verifyAgain as secondVerifier } from './second-verifier.EXT';
import { writeTree as writeForSecond } from './write-tree.EXT';

// The second verifier sees neither the elements around the signed one, and so no xml:* attributes that are inherited, nor
// comments, which the reader drops.
function refuseUnseen(signature, index, trust) {
  try {
    strictVerifySignature(signature, index, trust);
  } catch (error) {
    if (/which has an xml:\\* attribute|contains a comment|occurs \\d+ times/.test(error.hint)) throw error;
  }
}

export function verifySignature(signature, index, trust) {
  const signed = signature.parent;
  if (signed === null) refuseWrapped('a Signature is the root of the document');
  const xml = writeForSecond(signed, {
    omit: signature,
    first: writeForSecond(signature, {
      declareOn: signature.all(DSIG_NAMESPACE, 'SignedInfo')[0],
      omit: signature.all(DSIG_NAMESPACE, 'KeyInfo')[0],
    }),
  });
  let cause;
  for (const trusted of trust.keys) {
    for (const allowSha1 of trust.allowSha1 ? [false, true] : [false]) {
      try {
        const canonical = secondVerifier(xml, trusted.key, { allowSha1 });
        const root = readXml(canonical, growLimits(trust.limits));
        refuseUnseen(signature, index, trust);
        return new Verified(canonical, root, trusted, { key: 'rsa', hash: 'sha256' }, allowSha1);
      } catch (error) {
        cause = error;
      }
    }
  }
  // It is refused. Only the code and the hint are those of the strict verifier.
  strictVerifySignature(signature, index, trust);
  throw new Error('the second verifier alone refuses what the strict verifier accepts', { cause });
}
`;

/**
 * The source of `signature.ts`, or of what is compiled from it, without the strict verifier.
 *
 * @param {string} source
 * @param {'ts' | 'js'} extension of the modules that are imported
 */
export function secondAlone(source, extension) {
  const strict = 'export function verifySignature(';
  if (!source.includes(strict)) throw new Error('signature.ts has no function verifySignature');
  return source.replace(strict, 'function strictVerifySignature(') + replacement.replaceAll('EXT', extension);
}

/** A plugin of vite that replaces the module in tests. */
export const secondAlonePlugin = {
  name: 'second-verifier-alone',
  enforce: 'pre',
  transform: (/** @type {string} */ code, /** @type {string} */ id) =>
    id.endsWith('/src/xml/signature.ts') ? secondAlone(code, 'ts') : null,
};

/** Whether this is that test build. */
export const isSecondAlone = process.env['SAML_JIT_SECOND_ALONE'] === 'true';

// Nothing of this lets anything be read that the key has not signed.
const unseen = [
  // It reads the parent of the Signature alone, and no XPath: other elements may have the ID, which may be any text.
  /^another element has it as/,
  /^IDA-[12]: (another element|the same element|outside what is signed)/,
  /^REF-5: (the ID|an ID with)/,
  // The key signed it: the strict profile is narrower than XML Signature.
  /^C14-4: a PrefixList of 65$/,
];

/**
 * The cases of a table; in the test build without those that the second verifier alone does not refuse.
 *
 * @template {readonly [name: string, ...unknown[]]} Row
 * @param {readonly Row[]} rows
 * @returns {Row[]}
 */
export function seenBySecond(rows) {
  return rows.filter(([name]) => !isSecondAlone || !unseen.some((pattern) => pattern.test(name)));
}
