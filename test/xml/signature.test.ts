import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KeyPair, type KeyType, selfSigned } from '../../src/testing/idp/self-signed.ts';
import { type SignOptions, signEnveloped } from '../../src/xml/sign.ts';
import { isVerifiedXml } from '../../src/xml/signature.ts';
import {
  DSIG,
  EXCLUSIVE,
  INCLUSIVE,
  keyPair,
  MARK,
  MORE,
  MORE_2007,
  SHA256,
  signMarked,
  verifyAll,
} from '../support/signing.ts';
import { content, marked, refuse, unsigned, verifyOne } from './support.ts';

/** Signs with xml-crypto, an independent implementation. */
function byXmlCrypto({ certificate, privateKey }: KeyPair, options: Partial<SignOptions> = {}): string {
  return signEnveloped(unsigned, { id: '_s', privateKey, certificate, ...options });
}

describe('verifySignature accepts', () => {
  const types: readonly (readonly [string, KeyType])[] = [
    ...['rsa-sha256', 'rsa-sha384', 'rsa-sha512'].map((name) => [MORE + name, 'rsa'] as const),
    ...['sha256', 'sha384', 'sha512'].flatMap((name) =>
      (['rsa', 'rsa-pss'] as const).map((type) => [`${MORE_2007}${name}-rsa-MGF1`, type] as const),
    ),
    ...['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'].flatMap((name) =>
      (['p256', 'p384', 'p521'] as const).map((type) => [MORE + name, type] as const),
    ),
  ];
  it.each(types)('%s by a key of type %s, made by xml-crypto', (signatureAlgorithm, type) => {
    const pair = keyPair(type);
    const xml = byXmlCrypto(pair, { signatureAlgorithm });
    const trust = { certificates: [pair.certificate] };
    expect(verifyOne(xml, trust)).toContain('alice');
    refuse(xml.replace('alice', 'mallory'), 'signature_invalid', 'was changed after', trust);
  });

  it('RSA of 4096 bits', () => {
    const pair = selfSigned({ privateKey: generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey });
    for (const name of ['rsa-sha256', 'rsa-sha384', 'rsa-sha512']) {
      const xml = byXmlCrypto(pair, { signatureAlgorithm: MORE + name });
      expect(verifyOne(xml, { certificates: [pair.certificate] })).toContain('alice');
    }
  });

  it.each([SHA256, `${MORE}sha384`, 'http://www.w3.org/2001/04/xmlenc#sha512'])('the digest %s', (digest) => {
    expect(verifyOne(byXmlCrypto(keyPair(), { digestAlgorithm: digest }))).toContain('alice');
    expect(verifyOne(signMarked(marked, { digest }))).toContain('alice');
  });

  it.each([EXCLUSIVE, `${EXCLUSIVE}WithComments`, INCLUSIVE, `${INCLUSIVE}#WithComments`])('%s', (canonicalization) => {
    expect(verifyOne(byXmlCrypto(keyPair(), { canonicalization }))).toContain('alice');
    const signing = { canonicalization, signedInfoCanonicalization: canonicalization };
    expect(verifyOne(signMarked(marked, signing))).toContain('alice');
    // Comments of the element are outside a same-document reference, with or without #WithComments.
    expect(verifyOne(signMarked(marked.replace('alice', 'al<!-- x -->ice'), signing))).toContain('>alice<');
  });

  it('a PrefixList, #default included, in the element and in SignedInfo', () => {
    expect(verifyOne(byXmlCrypto(keyPair(), { inclusivePrefixes: ['xs'] }))).toContain('xmlns:xs="urn:xs"');
    const prefixList = 'xs #default  nowhere';
    const xml = signMarked(marked, { prefixList, signedInfoPrefixList: prefixList });
    expect(verifyOne(xml)).toContain('<p:Message xmlns="urn:d" xmlns:p="urn:p" xmlns:xs="urn:xs" ID="_s">');
    expect(verifyOne(signMarked(marked))).toContain('<p:Message xmlns:p="urn:p" ID="_s">');
  });

  it.each(['first', 'second', 'last'] as const)('the Signature as %s child', (position) => {
    expect(verifyOne(byXmlCrypto(keyPair(), { position }))).toBe(verifyOne(byXmlCrypto(keyPair())));
  });

  it.each(['ds', 'dsig', ''])('the prefix %j of the Signature', (prefix) => {
    expect(verifyOne(byXmlCrypto(keyPair(), { prefix }))).toContain('alice');
    expect(verifyOne(signMarked(marked, { prefix, signedInfoCanonicalization: INCLUSIVE }))).toContain('alice');
  });

  it('base64 in lines with any line ends', () => {
    const xml = signMarked(marked);
    const lines = (text: string, end: string): string => text.replace(/.{1,64}/g, `$&${end}`);
    for (const end of ['\n', '\r\n', '&#13;\n', '\t ']) {
      const wrapped = xml
        .replace(/(?<=<ds:SignatureValue>)[^<]+/, (value) => lines(value, end))
        .replace(/(?<=<ds:X509Certificate>)[^<]+/, (value) => lines(value, end));
      expect(wrapped).not.toBe(xml);
      expect(verifyOne(wrapped)).toContain('alice');
    }
    const edit = (signature: string): string =>
      signature.replace(/(<ds:DigestValue>)([^<]+)/, (_, tag, value) => `${tag}\n${lines(value, '\n')}`);
    expect(verifyOne(signMarked(marked, { edit }))).toContain('alice');
  });

  it('white space and comments between the elements of the Signature', () => {
    const edit = (signature: string): string => signature.replaceAll('><ds:', '>\n  <!-- x --><ds:');
    expect(verifyOne(signMarked(marked, { edit }))).toContain('alice');
  });

  it('a certificate that expired: SAML pins the key', () => {
    const pair = selfSigned({ privateKey: keyPair().privateKey, notAfter: new Date('2021-01-01T00:00:00Z') });
    expect(verifyOne(byXmlCrypto(pair), { certificates: [pair.certificate] })).toContain('alice');
  });

  it('any of several pinned keys, old and new, independent of KeyInfo', () => {
    const [old, next, other] = [keyPair('rsa'), keyPair('rsa', 'next'), keyPair('p256')];
    const certificates = [other.certificate, old.certificate, next.certificate];
    for (const pair of [old, next]) {
      const [only] = verifyAll(byXmlCrypto(pair), { certificates });
      expect(only?.verified.signedBy.subject).toBe(pair === old ? 'CN=test identity provider' : 'CN=next');
    }
    for (const keyInfo of [
      null,
      '',
      '<ds:KeyName>x</ds:KeyName>',
      '<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>',
      '<ds:RetrievalMethod URI="http://attacker.test/key"/>',
      '<ds:X509Data><ds:X509Certificate>junk</ds:X509Certificate></ds:X509Data>',
      '<wsse:SecurityTokenReference xmlns:wsse="urn:wsse"/>',
    ]) {
      expect(verifyOne(signMarked(marked, { keyInfo }), { certificates })).toContain('alice');
    }
  });

  it('SHA-1 only with allowSha1, and reports that it was used', () => {
    const sha1 = { algorithm: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1` };
    for (const [signing, what] of [
      [{ algorithm: sha1.algorithm }, 'signature algorithm'],
      [{ digest: sha1.digest }, 'digest algorithm'],
      [sha1, 'signature algorithm'],
    ] as const) {
      const xml = signMarked(marked, signing);
      refuse(xml, 'algorithm_not_allowed', `The ${what} uses SHA-1`);
      expect(verifyAll(xml, { allowSha1: true })[0]?.verified.usesSha1).toBe(true);
    }
    expect(verifyAll(signMarked(marked), { allowSha1: true })[0]?.verified.usesSha1).toBe(false);
  });

  it('two Signatures with the same Id, as some identity providers write them', () => {
    const inner = `<p:Inner ID="_i">${MARK}</p:Inner>`;
    const id = (signature: string): string => signature.replace('<ds:Signature ', '<ds:Signature Id="sig" ');
    const signedInner = signMarked(marked.replace(MARK, '').replace('<p:Value', `${inner}<p:Value`), {
      id: '_i',
      edit: id,
    });
    const both = signMarked(signedInner.replace(content, content + MARK), { edit: id });
    expect(verifyAll(both).map(({ verified }) => verified.root.localName)).toEqual(['Message', 'Inner']);
  });

  it('a message, and returns only the signed bytes', () => {
    const [only] = verifyAll(signMarked(`<o xmlns:p="urn:evil">${marked}<p:Value>mallory</p:Value></o>`));
    expect(only?.verified.canonical).toBe(
      `<p:Message xmlns:p="urn:p" ID="_s">${content}<p:Value type="xs:string">alice</p:Value></p:Message>`,
    );
    expect(only?.verified.root.parent).toBeNull();
    expect(isVerifiedXml({ ...only?.verified })).toBe(false);
    expect(isVerifiedXml(null)).toBe(false);
  });
});
