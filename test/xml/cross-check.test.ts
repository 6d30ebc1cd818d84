import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { crossCheck } from '../../src/xml/cross-check.ts';
import { crossCheckLimits } from '../../src/xml/limits.ts';
import { documents, vocabulary, writeDocument } from '../support/documents.ts';
import { rejection } from '../support/refusal.ts';
import {
  DSIG,
  EXCLUSIVE,
  INCLUSIVE,
  keyPair,
  MARK,
  MORE_2007,
  type Signing,
  signMarked,
  type Trust,
  type VerifiedSignature,
  verifyAll,
} from '../support/signing.ts';

// Thousands of cases each; the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const ec = keyPair('p256');
const algorithm = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';

describe('crossCheck', () => {
  const prefixList = fc.option(
    fc.subarray(['#default', ...vocabulary.prefixes, 'o', 'unknown']).map((prefixes) => prefixes.join(' ')),
    { nil: undefined },
  );
  const canonicalization = fc
    .tuple(fc.constantFrom(EXCLUSIVE, `${EXCLUSIVE}WithComments`, INCLUSIVE, `${INCLUSIVE}#WithComments`), prefixList)
    .map(([uri, list]) => ({ uri, list: uri.startsWith(EXCLUSIVE) ? list : undefined }));
  const uri = fc.constantFrom(...vocabulary.uris, 'urn:o?a=1&amp;b=&quot;2&quot;&lt;');
  const message = fc.record({
    tree: documents(vocabulary).map((tree) => ({ ...tree, xmlAttribute: null })),
    around: fc.uniqueArray(fc.tuple(fc.constantFrom('', 'o', ...vocabulary.prefixes), uri), {
      maxLength: 5,
      selector: ([prefix]) => prefix,
    }),
    at: fc.nat(),
    prefix: fc.constantFrom('ds', '', 'a', 'S'),
    element: canonicalization,
    signedInfo: canonicalization,
  });

  it('agrees with every message that the strict verifier accepts', async () => {
    await fc.assert(
      fc.asyncProperty(message, async ({ tree, around, at, prefix, element, signedInfo }) => {
        const declarations = around.map(([name, value]) => ` xmlns${name && ':'}${name}="${value}"`).join('');
        const inner = writeDocument(tree, {
          scope: new Map(around),
          attribute: 'ID="_s"',
          insert: { markup: MARK, at },
        });
        const xml = signMarked(`<p:outer xmlns:p="urn:p"${declarations}>${inner}</p:outer>`, {
          keyPair: ec,
          algorithm,
          prefix,
          canonicalization: element.uri,
          prefixList: element.list,
          signedInfoCanonicalization: signedInfo.uri,
          signedInfoPrefixList: signedInfo.list,
        });
        for (const { signature, verified } of verifyAll(xml, { certificates: [ec.certificate] }))
          await crossCheck(signature, verified);
      }),
      { numRuns: 500, seed: 20_260 },
    );
  });

  const plain = `<p:a xmlns:p="urn:p" ID="_s">${MARK}<p:b>alice</p:b></p:a>`;

  function verifyFirst(xml: string, trust: Partial<Trust> = {}): VerifiedSignature {
    const [first] = verifyAll(xml, trust);
    if (first === undefined) throw new Error('not signed');
    return first;
  }

  it('agrees about both signatures of nested signed elements', async () => {
    // xml-crypto must not use the namespaces in scope at the inner SignedInfo for the outer one.
    const inclusive: Signing = { signedInfoCanonicalization: INCLUSIVE };
    const inner = plain.replace('ID=', 'xmlns:q="urn:q" ID=');
    const signed = signMarked(`<p:o xmlns:p="urn:o" xmlns:r="urn:r" ID="_o">${inner}</p:o>`, inclusive);
    const xml = signMarked(signed.replace('</p:o>', `${MARK}</p:o>`), { ...inclusive, id: '_o' });
    const both = verifyAll(xml);
    expect(both).toHaveLength(2);
    for (const { signature, verified } of both) await crossCheck(signature, verified);
  });

  it.each([
    ['SHA-1, where it is allowed', { algorithm: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1` }],
    ['RSA-PSS', { algorithm: `${MORE_2007}sha512-rsa-MGF1` }],
    ['a PrefixList in lines', { prefixList: 'q\n  p' }],
    ['no KeyInfo', { keyInfo: null }],
  ] satisfies [string, Signing][])('agrees about %s', async (_, signing) => {
    const { signature, verified } = verifyFirst(signMarked(plain, signing), { allowSha1: true });
    await crossCheck(signature, verified);
  });

  it('is not affected by the elements around the signed element', async () => {
    const decoys = `<x ID="_x"/><SignedInfo xmlns="${DSIG}"/><Signature xmlns="urn:x"/><y Id="_y"/>`;
    const { signature, verified } = verifyFirst(`<o xmlns="urn:o" xmlns:ds="urn:x">${decoys}${signMarked(plain)}</o>`);
    await crossCheck(signature, verified);
  });

  it.each([
    ['other content', signMarked(plain.replace('alice', 'mallory'))],
    ['one namespace more', signMarked(plain.replace('ID=', 'xmlns:q="urn:q" ID='), { canonicalization: INCLUSIVE })],
    ['another ID', signMarked(plain.replace('_s', '_t'), { id: '_t' })],
  ])('disagrees if given the result of another signature: %s', async (_, other) => {
    const [ours, theirs] = [
      verifyFirst(signMarked(plain.replace('<p:b>', '<p:b xmlns:q="urn:q">'))),
      verifyFirst(other),
    ];
    await crossCheck(ours.signature, ours.verified);
    await crossCheck(theirs.signature, theirs.verified);
    const error = await rejection(crossCheck(ours.signature, theirs.verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.message).toBe('two independent verifiers disagree about the signature');
    expect(error.details).toEqual({ problem: 'the second verifier digested other bytes' });
  });

  it('disagrees if given another key', async () => {
    const [ours, theirs] = [
      verifyFirst(signMarked(plain)),
      verifyFirst(signMarked(plain, { keyPair: keyPair('rsa', 'other') }), {
        certificates: [keyPair('rsa', 'other').certificate],
      }),
    ];
    const error = await rejection(crossCheck(ours.signature, theirs.verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.details).toEqual({ problem: 'the second verifier rejects the message' });
    expect(String(error.cause)).toContain('invalid signature');
  });

  it('disagrees about SHA-1 that the strict verifier did not report', async () => {
    const { signature } = verifyFirst(signMarked(plain, { digest: `${DSIG}sha1` }), { allowSha1: true });
    const { verified } = verifyFirst(signMarked(plain));
    const error = await rejection(crossCheck(signature, verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(String(error.cause)).toContain('sha1');
  });

  it('disagrees about a Signature without parent', async () => {
    const { signature, verified } = verifyFirst(signMarked(plain));
    const [alone] = verifyFirst(signMarked(plain)).signature.elements();
    await crossCheck(signature, verified);
    const error = await rejection(crossCheck(alone?.parent?.parent ?? signature, verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.details).toEqual({ problem: 'the signature has no parent' });
  });

  it.each(['\u{10000}', 'p:\u{10000}', 'p:\u{fffd}'])('reads the name %j without console output', async (name) => {
    const print = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { signature, verified } = verifyFirst(signMarked(plain.replaceAll('p:b', name)));
    await crossCheck(signature, verified);
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  const nested = (depth: number, text: string) =>
    plain.replace('alice', `${'<p:c>'.repeat(depth)}${text}${'</p:c>'.repeat(depth)}`);
  const padded = (length: number) =>
    signMarked(plain).replace('</ds:SignatureValue>', `${'\n'.repeat(length)}</ds:SignatureValue>`);
  it.each<readonly [keyof typeof crossCheckLimits, string, string]>([
    ['copiedCharacters', signMarked(nested(40, 'a'.repeat(500_000))), signMarked(nested(10, 'a'.repeat(500_000)))],
    ['references', signMarked(nested(1, '&amp;'.repeat(50_001))), signMarked(nested(1, '&amp;'.repeat(5000)))],
    ['signature', padded(300_000), padded(3000)],
  ])('refuses before any work what exceeds the limit: %s', async (limit, xml, twin) => {
    const large = verifyFirst(xml);
    const error = await rejection(crossCheck(large.signature, large.verified));
    expect(error.code).toBe('message_too_large');
    expect(error.message).toBe('the SAML message exceeds a size limit');
    expect(error.details).toEqual({ limit: `crossCheck.${limit}`, expected: crossCheckLimits[limit] });
    const within = verifyFirst(twin);
    await crossCheck(within.signature, within.verified);
  });
});
