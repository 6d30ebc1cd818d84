import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { crossCheck } from '../../src/xml/cross-check.ts';
import { vocabulary as all, documents, writeDocument } from '../support/documents.ts';
import { refusal } from '../support/refusal.ts';
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

// xmldom cannot read names beyond the basic plane.
const basic = (name: string): boolean => !/[\u{10000}-\u{10FFFF}]/u.test(name);
const vocabulary = { ...all, prefixes: all.prefixes.filter(basic), names: all.names.filter(basic) };

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

  it('agrees with every message that the strict verifier accepts', () => {
    fc.assert(
      fc.property(message, ({ tree, around, at, prefix, element, signedInfo }) => {
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
          crossCheck(signature, verified);
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

  it('agrees about both signatures of nested signed elements', () => {
    // xml-crypto must not use the namespaces in scope at the inner SignedInfo for the outer one.
    const inclusive: Signing = { signedInfoCanonicalization: INCLUSIVE };
    const inner = plain.replace('ID=', 'xmlns:q="urn:q" ID=');
    const signed = signMarked(`<p:o xmlns:p="urn:o" xmlns:r="urn:r" ID="_o">${inner}</p:o>`, inclusive);
    const xml = signMarked(signed.replace('</p:o>', `${MARK}</p:o>`), { ...inclusive, id: '_o' });
    const both = verifyAll(xml);
    expect(both).toHaveLength(2);
    for (const { signature, verified } of both) expect(crossCheck(signature, verified)).toBeUndefined();
  });

  it.each([
    ['SHA-1, where it is allowed', { algorithm: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1` }],
    ['RSA-PSS', { algorithm: `${MORE_2007}sha512-rsa-MGF1` }],
    ['a PrefixList in lines', { prefixList: 'q\n  p' }],
    ['no KeyInfo', { keyInfo: null }],
  ] satisfies [string, Signing][])('agrees about %s', (_, signing) => {
    const { signature, verified } = verifyFirst(signMarked(plain, signing), { allowSha1: true });
    expect(crossCheck(signature, verified)).toBeUndefined();
  });

  it('is not affected by the elements around the signed element', () => {
    const decoys = `<x ID="_x"/><SignedInfo xmlns="${DSIG}"/><Signature xmlns="urn:x"/><y Id="_y"/>`;
    const { signature, verified } = verifyFirst(`<o xmlns="urn:o" xmlns:ds="urn:x">${decoys}${signMarked(plain)}</o>`);
    expect(crossCheck(signature, verified)).toBeUndefined();
  });

  it.each([
    ['other content', signMarked(plain.replace('alice', 'mallory'))],
    ['one namespace more', signMarked(plain.replace('ID=', 'xmlns:q="urn:q" ID='), { canonicalization: INCLUSIVE })],
    ['another ID', signMarked(plain.replace('_s', '_t'), { id: '_t' })],
  ])('disagrees if given the result of another signature: %s', (_, other) => {
    const [ours, theirs] = [
      verifyFirst(signMarked(plain.replace('<p:b>', '<p:b xmlns:q="urn:q">'))),
      verifyFirst(other),
    ];
    expect(crossCheck(ours.signature, ours.verified)).toBeUndefined();
    expect(crossCheck(theirs.signature, theirs.verified)).toBeUndefined();
    const error = refusal(() => crossCheck(ours.signature, theirs.verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.message).toBe('two independent verifiers disagree about the signature');
    expect(error.details).toEqual({ problem: 'the second verifier digested other bytes' });
  });

  it('disagrees if given another key', () => {
    const [ours, theirs] = [
      verifyFirst(signMarked(plain)),
      verifyFirst(signMarked(plain, { keyPair: keyPair('rsa', 'other') }), {
        certificates: [keyPair('rsa', 'other').certificate],
      }),
    ];
    const error = refusal(() => crossCheck(ours.signature, theirs.verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.details).toEqual({ problem: 'the second verifier rejects the message' });
    expect(String(error.cause)).toContain('invalid signature');
  });

  it('disagrees about SHA-1 that the strict verifier did not report', () => {
    const { signature } = verifyFirst(signMarked(plain, { digest: `${DSIG}sha1` }), { allowSha1: true });
    const { verified } = verifyFirst(signMarked(plain));
    const error = refusal(() => crossCheck(signature, verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(String(error.cause)).toContain('sha1');
  });

  it('disagrees about a Signature without parent', () => {
    const { signature, verified } = verifyFirst(signMarked(plain));
    const [alone] = verifyFirst(signMarked(plain)).signature.elements();
    expect(crossCheck(signature, verified)).toBeUndefined();
    const error = refusal(() => crossCheck(alone?.parent?.parent ?? signature, verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.details).toEqual({ problem: 'the signature has no parent' });
  });

  // xmldom 0.8 cannot read these names. No identity provider is known to write them, and refusing is the safe side.
  it.each(['\u{10000}', 'p:\u{10000}'])('refuses the name %j without console output', (name) => {
    const print = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { signature, verified } = verifyFirst(signMarked(plain.replaceAll('p:b', name)));
    const error = refusal(() => crossCheck(signature, verified));
    expect(error.code).toBe('verifiers_disagree');
    expect(error.hint).toContain('a character beyond U+FFFF');
    expect(error.hint).toContain('a limit of the second verifier and not a sign of an attack');
    expect(error.details).toEqual({
      problem: 'the second verifier cannot read names with characters beyond U+FFFF',
    });
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
    const text = verifyFirst(signMarked(plain.replace('alice', name)));
    expect(crossCheck(text.signature, text.verified)).toBeUndefined();
  });
});
