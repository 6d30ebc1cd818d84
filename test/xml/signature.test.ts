import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SamlErrorCode } from '../../src/errors.ts';
import { type KeyPair, type KeyType, selfSigned } from '../../src/testing/self-signed.ts';
import { type SignOptions, signEnveloped } from '../../src/xml/sign.ts';
import { isVerifiedXml } from '../../src/xml/signature.ts';
import { refusal } from '../support/refusal.ts';
import {
  DSIG,
  ENVELOPED,
  EXCLUSIVE,
  INCLUSIVE,
  keyPair,
  MARK,
  MORE,
  MORE_2007,
  SHA256,
  type Signing,
  signMarked,
  type Trust,
  verifyAll,
} from '../support/signing.ts';

const messages: Partial<Record<SamlErrorCode, string>> = {
  signature_invalid: 'the signature of the SAML message is not valid',
  signature_wrapped: 'the signature does not cover the content it is attached to',
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
};

const content = '<p:Issuer>idp</p:Issuer>';
const marked = `<p:Message xmlns:p="urn:p" xmlns:xs="urn:xs" xmlns="urn:d" ID="_s">${content}${MARK}<p:Value type="xs:string">alice</p:Value></p:Message>`;
const unsigned = marked.replace(MARK, '');

/** Signs with xml-crypto: an implementation that is not ours. */
function byXmlCrypto({ certificate, privateKey }: KeyPair, options: Partial<SignOptions> = {}): string {
  return signEnveloped(unsigned, { id: '_s', privateKey, certificate, ...options });
}

function verifyOne(xml: string, trust: Partial<Trust> = {}): string {
  const [only, ...more] = verifyAll(xml, trust);
  if (only === undefined || more.length > 0) throw new Error('expected one signature');
  expect(isVerifiedXml(only.verified)).toBe(true);
  return only.verified.canonical;
}

function refuse(xml: string, code: SamlErrorCode, hint: string, trust: Partial<Trust> = {}): void {
  const error = refusal(() => verifyAll(xml, trust));
  expect([error.code, error.message, error.hint]).toEqual([code, messages[code], expect.stringContaining(hint)]);
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

  it('base64 in lines, however they end', () => {
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

  it('any of several pinned keys, old and new, whatever KeyInfo says', () => {
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

  it('SHA-1 by consent alone, and says that it was used', () => {
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

  it('two Signatures of one Id, as some identity providers write them', () => {
    const inner = `<p:Inner ID="_i">${MARK}</p:Inner>`;
    const id = (signature: string): string => signature.replace('<ds:Signature ', '<ds:Signature Id="sig" ');
    const signedInner = signMarked(marked.replace(MARK, '').replace('<p:Value', `${inner}<p:Value`), {
      id: '_i',
      edit: id,
    });
    const both = signMarked(signedInner.replace(content, content + MARK), { edit: id });
    expect(verifyAll(both).map(({ verified }) => verified.root.localName)).toEqual(['Message', 'Inner']);
  });

  it('and reads what was signed, nothing else', () => {
    const [only] = verifyAll(signMarked(`<o xmlns:p="urn:evil">${marked}<p:Value>mallory</p:Value></o>`));
    expect(only?.verified.canonical).toBe(
      `<p:Message xmlns:p="urn:p" ID="_s">${content}<p:Value type="xs:string">alice</p:Value></p:Message>`,
    );
    expect(only?.verified.root.parent).toBeNull();
    expect(isVerifiedXml({ ...only?.verified })).toBe(false);
    expect(isVerifiedXml(null)).toBe(false);
  });
});

/** Replaces once, and fails where there is nothing to replace. */
function swap(from: string | RegExp, to: string): (text: string) => string {
  return (text) => {
    const changed = text.replace(from, () => to);
    if (changed === text) throw new Error(`nothing to replace: ${from}`);
    return changed;
  };
}

const reference = /<ds:Reference .*<\/ds:Reference>/s;
const again = (pattern: RegExp) => (text: string) => text.replace(pattern, (found) => found + found);

// Each bears an intact signature over its SignedInfo, by the pinned key.
describe('verifySignature refuses what the strict profile excludes, although the key signed it', () => {
  const cases: readonly (readonly [string, (signature: string) => string, SamlErrorCode, string])[] = [
    [
      'SIG-2: two SignedInfo',
      again(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s),
      'signature_invalid',
      'begins with SignedInfo',
    ],
    [
      'SIG-2: no SignedInfo',
      swap(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s, ''),
      'signature_invalid',
      'begins with SignedInfo',
    ],
    [
      'no SignatureValue',
      swap(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s, ''),
      'signature_invalid',
      'begins with SignedInfo',
    ],
    [
      'two SignatureValues',
      again(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s),
      'signature_wrapped',
      '<SignatureValue> beside',
    ],
    [
      'XSW-OBJ: an Object',
      swap('</ds:Signature>', '<ds:Object/></ds:Signature>'),
      'signature_wrapped',
      '<Object> beside',
    ],
    [
      'an Object instead of KeyInfo',
      swap(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '<ds:Object/>'),
      'signature_wrapped',
      '<Object> beside',
    ],
    ['two KeyInfo', again(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s), 'signature_wrapped', '<KeyInfo> beside'],
    [
      'a foreign element',
      swap('<ds:SignatureValue>', '<x xmlns="urn:x"/><ds:SignatureValue>'),
      'signature_invalid',
      'of another namespace',
    ],
    ['text', swap('<ds:SignatureValue>', 'x<ds:SignatureValue>'), 'signature_invalid', 'text inside <Signature>'],
    [
      'SignedInfo of another namespace',
      (s) => s.replace('<ds:SignedInfo>', '<SignedInfo xmlns="urn:x">').replace('</ds:SignedInfo>', '</SignedInfo>'),
      'signature_invalid',
      'of another namespace',
    ],
    ['REF-1: no Reference', swap(reference, ''), 'signature_wrapped', 'this one holds 0'],
    ['REF-3: two References', again(reference), 'signature_wrapped', 'this one holds 2'],
    ['REF-2: an empty URI', swap('URI="#_s"', 'URI=""'), 'signature_wrapped', 'received ""'],
    ['REF-2: no URI', swap(' URI="#_s"', ''), 'signature_wrapped', 'received no URI'],
    ['REF-2: a bare #', swap('URI="#_s"', 'URI="#"'), 'signature_wrapped', 'received "#"'],
    [
      'REF-4: an external URI',
      swap('URI="#_s"', 'URI="http://attacker.test/#_s"'),
      'signature_wrapped',
      'attacker.test',
    ],
    ['REF-4: an XPointer', swap('URI="#_s"', `URI="#xpointer(id('_s'))"`), 'signature_wrapped', 'refers to'],
    ['REF-4: an XPointer to the root', swap('URI="#_s"', 'URI="#xpointer(/)"'), 'signature_wrapped', 'refers to'],
    ['another ID', swap('URI="#_s"', 'URI="#_other"'), 'signature_wrapped', 'refers to "_other"'],
    ['an ID in other spelling', swap('URI="#_s"', 'URI="#_S"'), 'signature_wrapped', 'refers to "_S"'],
    ['an escaped ID', swap('URI="#_s"', 'URI="#%5Fs"'), 'signature_wrapped', 'refers to "%5Fs"'],
    ['a namespaced URI', swap('URI="#_s"', 'ds:URI="#_s"'), 'signature_wrapped', 'received no URI'],
    [
      'TRF-1: no Transforms',
      swap(/<ds:Transforms>.*<\/ds:Transforms>/s, ''),
      'signature_invalid',
      '<Transforms> is expected',
    ],
    [
      'TRF-1: enveloped-signature alone',
      swap(/<ds:Transform Algorithm="[^"]*c14n#">.*?<\/ds:Transform>/s, ''),
      'signature_invalid',
      'holds <nothing>',
    ],
    [
      'TRF-1: no enveloped-signature',
      swap(`<ds:Transform Algorithm="${ENVELOPED}"/>`, ''),
      'signature_invalid',
      'holds <nothing>',
    ],
    [
      'TRF-1: two canonicalizations',
      again(/<ds:Transform Algorithm="[^"]*c14n#">.*?<\/ds:Transform>/s),
      'algorithm_not_allowed',
      '3 transforms',
    ],
    [
      'TRF-1: enveloped-signature twice',
      again(/<ds:Transform Algorithm="[^"]*enveloped-signature"\/>/),
      'algorithm_not_allowed',
      '3 transforms',
    ],
    [
      'TRF-1: the other order',
      (s) => s.replace(/(<ds:Transform Algorithm="[^"]*"\/>)(<ds:Transform .*<\/ds:Transform>)/s, '$2$1'),
      'algorithm_not_allowed',
      'first transform',
    ],
    [
      'TRF-2: XPath',
      swap(
        `<ds:Transform Algorithm="${ENVELOPED}"/>`,
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>',
      ),
      'algorithm_not_allowed',
      'first transform',
    ],
    [
      'TRF-2: XSLT',
      swap(`Transform Algorithm="${EXCLUSIVE}"`, 'Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"'),
      'algorithm_not_allowed',
      'canonicalization "http://www.w3.org/TR/1999/REC-xslt',
    ],
    [
      'TRF-2: base64',
      swap(`Transform Algorithm="${EXCLUSIVE}"`, `Transform Algorithm="${DSIG}base64"`),
      'algorithm_not_allowed',
      'canonicalization',
    ],
    [
      'parameters of enveloped-signature',
      swap(
        `<ds:Transform Algorithm="${ENVELOPED}"/>`,
        `<ds:Transform Algorithm="${ENVELOPED}"><ds:XPath>x</ds:XPath></ds:Transform>`,
      ),
      'algorithm_not_allowed',
      'first transform',
    ],
    [
      'C14-3: Canonical XML 1.1',
      swap(`Transform Algorithm="${EXCLUSIVE}"`, 'Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"'),
      'algorithm_not_allowed',
      'xml-c14n11',
    ],
    [
      'C14-3: Canonical XML 1.1 of SignedInfo',
      swap(`Method Algorithm="${EXCLUSIVE}"`, 'Method Algorithm="http://www.w3.org/2006/12/xml-c14n11"'),
      'algorithm_not_allowed',
      'xml-c14n11',
    ],
    [
      'no canonicalization of SignedInfo',
      swap(/<ds:CanonicalizationMethod .*<\/ds:CanonicalizationMethod>/s, ''),
      'signature_invalid',
      '<CanonicalizationMethod> is expected',
    ],
    [
      'C14-4: a PrefixList of 65',
      swap(
        `Algorithm="${EXCLUSIVE}"></ds:Transform>`,
        `Algorithm="${EXCLUSIVE}"><x:InclusiveNamespaces xmlns:x="${EXCLUSIVE}" PrefixList="${'p '.repeat(65)}"/></ds:Transform>`,
      ),
      'algorithm_not_allowed',
      'PrefixList of over 64',
    ],
    [
      'C14-4: two PrefixLists',
      swap(
        `Algorithm="${EXCLUSIVE}"></ds:Transform>`,
        `Algorithm="${EXCLUSIVE}">${`<x:InclusiveNamespaces xmlns:x="${EXCLUSIVE}"/>`.repeat(2)}</ds:Transform>`,
      ),
      'algorithm_not_allowed',
      'other parameters',
    ],
    [
      'C14-4: a PrefixList of another namespace',
      swap(
        `Algorithm="${EXCLUSIVE}"></ds:Transform>`,
        `Algorithm="${EXCLUSIVE}"><ds:InclusiveNamespaces PrefixList="p"/></ds:Transform>`,
      ),
      'algorithm_not_allowed',
      'other parameters',
    ],
    [
      'ALG-1: HMAC',
      swap(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${DSIG}hmac-sha1"`),
      'algorithm_not_allowed',
      'hmac-sha1',
    ],
    [
      'ALG-1: HMAC-SHA-256',
      swap(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${MORE}hmac-sha256"`),
      'algorithm_not_allowed',
      'hmac-sha256',
    ],
    [
      'ALG-2: MD5',
      swap(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${MORE}rsa-md5"`),
      'algorithm_not_allowed',
      'rsa-md5',
    ],
    ['ALG-2: MD5 digest', swap(SHA256, `${MORE}md5`), 'algorithm_not_allowed', 'digest algorithm'],
    [
      'ALG-2: DSA',
      swap(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${DSIG}dsa-sha1"`),
      'algorithm_not_allowed',
      'dsa-sha1',
    ],
    [
      'ALG-3: an unknown algorithm',
      swap(/SignatureMethod Algorithm="[^"]*"/, 'SignatureMethod Algorithm="other"'),
      'algorithm_not_allowed',
      '"other"',
    ],
    [
      'ALG-3: no algorithm',
      swap(/SignatureMethod Algorithm="[^"]*"/, 'SignatureMethod'),
      'algorithm_not_allowed',
      'signature algorithm ""',
    ],
    ...['constructor', '__proto__', 'toString', 'hasOwnProperty'].flatMap((name) => [
      [
        `ALG-5: signature ${name}`,
        swap(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${name}"`),
        'algorithm_not_allowed',
        name,
      ] as const,
      [`ALG-5: digest ${name}`, swap(SHA256, name), 'algorithm_not_allowed', name] as const,
      [
        `ALG-5: canonicalization ${name}`,
        swap(`Method Algorithm="${EXCLUSIVE}"`, `Method Algorithm="${name}"`),
        'algorithm_not_allowed',
        name,
      ] as const,
      [
        `ALG-5: transform ${name}`,
        swap(`Transform Algorithm="${EXCLUSIVE}"`, `Transform Algorithm="${name}"`),
        'algorithm_not_allowed',
        name,
      ] as const,
    ]),
    [
      'parameters of SignatureMethod',
      swap(
        /(?<=SignatureMethod Algorithm="[^"]*")\/>/,
        '><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>',
      ),
      'algorithm_not_allowed',
      'with parameters',
    ],
    [
      'parameters of DigestMethod',
      swap(/(?<=DigestMethod Algorithm="[^"]*")\/>/, '><ds:X/></ds:DigestMethod>'),
      'algorithm_not_allowed',
      'with parameters',
    ],
    ['SIG-4: two DigestValues', again(/<ds:DigestValue>.*<\/ds:DigestValue>/s), 'signature_invalid', 'holds more than'],
    ['SIG-4: two DigestMethods', again(/<ds:DigestMethod [^>]*>/), 'signature_invalid', '<DigestValue> is expected'],
    [
      'an empty DigestValue',
      swap(/<ds:DigestValue>[^<]*/, '<ds:DigestValue>'),
      'signature_invalid',
      '<DigestValue> is not base64',
    ],
    [
      'an element in DigestValue',
      swap('</ds:DigestValue>', '<ds:X/></ds:DigestValue>'),
      'signature_invalid',
      '<DigestValue> is not base64',
    ],
    [
      'B64-1: junk in DigestValue',
      swap('</ds:DigestValue>', '*</ds:DigestValue>'),
      'signature_invalid',
      '<DigestValue> is not base64',
    ],
    [
      'B64-1: DigestValue without padding',
      swap('=</ds:DigestValue>', '</ds:DigestValue>'),
      'signature_invalid',
      '<DigestValue> is not base64',
    ],
    [
      'C14-1: the digest of nothing',
      swap(/<ds:DigestValue>[^<]*/, '<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='),
      'signature_invalid',
      'was changed after',
    ],
    [
      'another digest',
      swap(/<ds:DigestValue>[^<]{4}/, '<ds:DigestValue>AAAA'),
      'signature_invalid',
      'was changed after',
    ],
    [
      'a digest of another length',
      swap(/<ds:DigestValue>[^<]*/, '<ds:DigestValue>AAAA'),
      'signature_invalid',
      'was changed after',
    ],
  ];
  it.each(cases)('%s', (_, edit, code, hint) => {
    const xml = signMarked(marked, { edit });
    expect(xml).not.toBe(signMarked(marked));
    refuse(xml, code, hint);
  });

  it('and accepts the message that they were made from', () => {
    expect(verifyOne(signMarked(marked))).toContain('alice');
    const most = Array.from({ length: 64 }, (_, i) => `p${i}`).join(' ');
    expect(verifyOne(signMarked(marked, { prefixList: most }))).toContain('alice');
  });
});

describe('verifySignature refuses a Signature in the wrong place', () => {
  it.each([
    ['REF-5: an ID that is no NCName', marked.replace('_s', "a'b"), { id: "a'b" }, 'refers to'],
    ['REF-5: an ID with a bracket', marked.replace('_s', 'a]b'), { id: 'a]b' }, 'refers to'],
    ['an empty ID', marked.replace('ID="_s"', 'ID=""'), { id: '' }, '#...'],
    ['IDA-1: another element with this Id', marked.replace('<p:Value', '<p:Value Id="_s"'), {}, 'occurs 2 times'],
    ['IDA-1: another element with this id', marked.replace('<p:Value', '<p:Value id="_s"'), {}, 'occurs 2 times'],
    [
      'IDA-2: another element with this xml:id',
      marked.replace('<p:Value', '<p:Value xml:id="_s"'),
      {},
      'occurs 2 times',
    ],
    ['IDA-2: another element with this p:ID', marked.replace('<p:Value', '<p:Value p:ID="_s"'), {}, 'occurs 2 times'],
    ['IDA-2: the same element with this p:ID', marked.replace(' ID=', ' p:ID="_s" ID='), {}, 'occurs 2 times'],
    ['IDA-2: outside what is signed', `<o iD="_s">${marked}</o>`, {}, 'occurs 2 times'],
    [
      'SIG-6: a Signature below the signed element',
      marked.replace(content, `<p:Issuer>${MARK}</p:Issuer>`).replace(`</p:Issuer>${MARK}`, '</p:Issuer>'),
      {},
      'refers to "_s"',
    ],
    ['a Signature beside the signed element', `<o>${unsigned}${MARK}</o>`, {}, 'refers to "_s"'],
    ['a Signature in an element of another ID', `<o ID="_o">${unsigned}${MARK}</o>`, {}, '(ID "_o") refers to "_s"'],
  ] as const)('%s', (_, xml, signing: Signing, hint) => {
    refuse(signMarked(xml, signing), 'signature_wrapped', hint);
  });

  it.each(['Id="_s"', 'id="_s"', 'xml:id="_s"', 'p:ID="_s"'])('IDA-2: the ID is only written as %s', (written) => {
    const xml = signMarked(marked).replace(' ID="_s"', ` ${written}`);
    refuse(xml, 'signature_wrapped', '(ID undefined) refers to "_s"');
  });

  it('IDA-1: two elements of one ID, wherever they are', () => {
    const xml = signMarked(marked);
    refuse(`<o>${xml}<x ID="_s"/></o>`, 'signature_wrapped', 'two elements bear the ID "_s"');
    refuse(`<o><x ID="_x"/><x ID="_x"/>${xml}</o>`, 'signature_wrapped', 'two elements bear the ID "_x"');
    expect(verifyOne(`<o><x ID="_x"/><x ID="_y"/>${xml}</o>`)).toContain('alice');
  });

  it('a Signature that is the whole document', () => {
    const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(signMarked(marked))?.[0] ?? '';
    refuse(signature, 'signature_wrapped', 'is the root of the document');
  });

  it('XSW-DECOY: a second Signature that repeats the first', () => {
    const xml = signMarked(marked);
    const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
    refuse(xml.replace(signature, signature + signature), 'signature_invalid', 'was changed after');
  });

  it('an xml:* attribute around what is signed inclusively: it would be signed without being there', () => {
    const inclusive: Signing = { canonicalization: INCLUSIVE };
    refuse(`<o xml:lang="en">${signMarked(marked, inclusive)}</o>`, 'signature_wrapped', 'bears an xml:* attribute');
    expect(verifyOne(`<o xml:lang="en">${signMarked(marked)}</o>`)).toContain('alice');
    const own = marked.replace(' ID=', ' xml:lang="en" ID=');
    expect(verifyOne(signMarked(own, inclusive))).toContain('xml:lang="en"');
    // For SignedInfo the signed element itself is around.
    refuse(signMarked(own, { signedInfoCanonicalization: INCLUSIVE }), 'signature_wrapped', 'bears an xml:* attribute');
    expect(verifyOne(signMarked(own))).toContain('xml:lang="en"');
  });

  it('bounds the work: a canonical form beyond four times the limit', () => {
    const long = `urn:${'x'.repeat(2000)}`;
    const many = marked
      .replace('xmlns:p', `xmlns:q="${long}" xmlns:p`)
      .replace('<p:Value', () => `${'<q:v/>'.repeat(200)}<p:Value`);
    const xml = signMarked(many);
    expect(verifyOne(xml)).toContain('alice');
    const limits = { bytes: xml.length, depth: 64, elements: 1000, attributes: 64, prefixes: 64 };
    const error = refusal(() => verifyAll(xml, { limits }));
    expect([error.code, error.message]).toEqual(['message_too_large', 'the SAML message exceeds a size limit']);
  });
});

describe('verifySignature tells why a signature is bad', () => {
  const altered = (from: string | RegExp, to: string): string => swap(from, to)(signMarked(marked));

  it('the content was altered', () => {
    const error = refusal(() => verifyAll(altered('alice', 'mallory')));
    expect([error.code, error.message]).toEqual(['signature_invalid', messages.signature_invalid]);
    expect(error.details).toMatchObject({ reason: 'altered' });
    expect(error.hint).toContain('<Message> was changed after CN=test identity provider signed it');
  });

  it.each([
    ['SignedInfo', swap('<ds:SignatureMethod', ' <ds:SignatureMethod')],
    ['SignatureValue', swap(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA')],
    ['the length of SignatureValue', swap(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>AAAA')],
    ['the digest', swap(/<ds:DigestValue>..../, '<ds:DigestValue>AAAA')],
  ])('%s was altered, and KeyInfo names the pinned key', (_, edit) => {
    const error = refusal(() => verifyAll(edit(signMarked(marked))));
    expect([error.code, error.message]).toEqual(['signature_invalid', messages.signature_invalid]);
    expect(error.details).toMatchObject({ reason: 'altered' });
    expect(error.hint).toContain('names the configured certificate CN=test identity provider');
  });

  it.each([
    ['junk', (value: string) => `${value}*`],
    ['a comment of base64 that is none', (value: string) => `${value}<!-- -->=`],
    ['the url alphabet', (value: string) => value.replace(/[+/]/, '-')],
    ['no padding', (value: string) => value.replace(/=+$/, '')],
    ['nothing', () => ''],
    ['an element', (value: string) => `${value}<ds:X/>`],
  ])('B64-1: SignatureValue holds %s', (_, change) => {
    const xml = signMarked(marked).replace(/(?<=<ds:SignatureValue>)[^<]*/, change);
    refuse(xml, 'signature_invalid', '<SignatureValue> is not base64');
  });

  it('KEY-1: a key that is not configured made it; both are named', () => {
    const stranger = selfSigned({ commonName: 'stranger', notAfter: new Date('2031-05-06T00:00:00Z') });
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: stranger })));
    expect([error.code, error.message]).toEqual(['untrusted_certificate', messages.untrusted_certificate]);
    const [received, expected] = [error.details['received'], error.details['expected']];
    expect(received).toEqual({
      subject: 'CN=stranger',
      fingerprint: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      validTo: '2031-05-06',
    });
    expect(expected).toEqual([
      { subject: 'CN=test identity provider', fingerprint: expect.any(String), validTo: '2049-12-31' },
    ]);
    for (const part of [
      'CN=stranger',
      'valid until 2031-05-06',
      'Configured: CN=test identity provider',
      'valid until 2049-12-31',
    ]) {
      expect(error.hint).toContain(part);
    }
    expect(verifyOne(signMarked(marked, { keyPair: stranger }), { certificates: [stranger.certificate] })).toContain(
      'alice',
    );
  });

  it('KeyInfo names a certificate that did not even sign', () => {
    const xml = signMarked(marked, {
      keyPair: keyPair('rsa', 'a'),
      keyInfo: certificateInfo(keyPair('rsa', 'b').certificate),
    });
    const error = refusal(() => verifyAll(xml));
    expect(error.code).toBe('signature_invalid');
    expect(error.details).toMatchObject({ reason: 'key_not_configured', received: { subject: 'CN=b' } });
  });

  it('KEY-1: KeyInfo borrows the pinned certificate for the signature of a stranger', () => {
    const xml = signMarked(marked, {
      keyPair: keyPair('rsa', 'stranger'),
      keyInfo: certificateInfo(keyPair().certificate),
    });
    const error = refusal(() => verifyAll(xml));
    expect(error.code).toBe('signature_invalid');
    expect(error.hint).toContain("attached to somebody else's signature");
  });

  it('the message names no certificate', () => {
    const error = refusal(() => verifyAll(signMarked(marked, { keyPair: keyPair('rsa', 'stranger'), keyInfo: null })));
    expect(error.code).toBe('signature_invalid');
    expect(error.details).toMatchObject({ reason: 'unknown_key_or_altered' });
    expect(error.hint).toContain('does not name its certificate');
  });

  it.each([
    ['EC algorithm, RSA key', `${MORE}ecdsa-sha256`, 'EC', 'rsa', 'rsa'],
    ['RSA algorithm, EC key', `${MORE}rsa-sha256`, 'RSA', 'p256', 'p256'],
    ['RSA-PSS algorithm, EC key', `${MORE_2007}sha256-rsa-MGF1`, 'RSA', 'p256', 'p256'],
    ['PKCS#1 algorithm, RSA-PSS key', `${MORE}rsa-sha256`, 'RSA', 'rsa-pss', 'rsa'],
  ] as const)('ALG-6: %s', (_, algorithm, kind, pinned, signer) => {
    const edit = (signature: string): string =>
      signature.replace(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${algorithm}"`);
    const { certificate } = keyPair(pinned);
    const xml = signMarked(marked, { keyPair: keyPair(signer), edit, keyInfo: null });
    refuse(xml, 'untrusted_certificate', `was made with an ${kind} key`, { certificates: [certificate] });
  });

  it('ALG-6: an ECDSA signature in DER, and one of another curve', () => {
    const pair = keyPair('p256');
    const signing: Signing = { keyPair: pair, algorithm: `${MORE}ecdsa-sha256` };
    const trust = { certificates: [pair.certificate] };
    expect(verifyOne(signMarked(marked, signing), trust)).toContain('alice');
    refuse(
      signMarked(marked, { ...signing, keyPair: keyPair('p384'), keyInfo: null }),
      'signature_invalid',
      'No configured key',
      trust,
    );
    const der = signMarked(marked, signing).replace(/(?<=<ds:SignatureValue>)[^<]*/, (value) => derOf(value));
    refuse(der, 'signature_invalid', 'does not verify', trust);
  });
});

function certificateInfo(pem: string): string {
  return `<ds:X509Data><ds:X509Certificate>${pem.replace(/-----[^-]+-----/g, '')}</ds:X509Certificate></ds:X509Data>`;
}

/** The DER form of an ECDSA signature of XML, whose r and s are merely concatenated. */
function derOf(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const integer = (part: Uint8Array): Buffer => Buffer.concat([Buffer.from([2, part.length + 1, 0]), part]);
  const both = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]).toString('base64');
}
