import { describe, expect, it } from 'vitest';
import type { SamlErrorCode } from '../../src/errors.ts';
import { refusal } from '../support/refusal.ts';
import { isSecondAlone, seenBySecond } from '../support/second-alone.mjs';
import {
  DSIG,
  ENVELOPED,
  EXCLUSIVE,
  INCLUSIVE,
  MARK,
  MORE,
  SHA256,
  type Signing,
  signMarked,
  verifyAll,
} from '../support/signing.ts';
import { content, marked, refuse, swap, unsigned, verifyOne } from './support.ts';

const reference = /<ds:Reference .*<\/ds:Reference>/s;
const again = (pattern: RegExp) => (text: string) => text.replace(pattern, (found) => found + found);

// Each has a valid signature over its SignedInfo, made with the pinned key.
describe('verifySignature refuses forms outside the strict profile, although a pinned key signed them', () => {
  const cases: readonly (readonly [string, (signature: string) => string, SamlErrorCode, string])[] = [
    [
      'SIG-2: two SignedInfo',
      again(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s),
      'signature_invalid',
      'must begin with SignedInfo',
    ],
    [
      'SIG-2: no SignedInfo',
      swap(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s, ''),
      'signature_invalid',
      'must begin with SignedInfo',
    ],
    [
      'no SignatureValue',
      swap(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s, ''),
      'signature_invalid',
      'must begin with SignedInfo',
    ],
    [
      'two SignatureValues',
      again(/<ds:SignatureValue>.*<\/ds:SignatureValue>/s),
      'signature_wrapped',
      '<SignatureValue> in addition to',
    ],
    [
      'XSW-OBJ: an Object',
      swap('</ds:Signature>', '<ds:Object/></ds:Signature>'),
      'signature_wrapped',
      '<Object> in addition to',
    ],
    [
      'an Object instead of KeyInfo',
      swap(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s, '<ds:Object/>'),
      'signature_wrapped',
      '<Object> in addition to',
    ],
    ['two KeyInfo', again(/<ds:KeyInfo>.*<\/ds:KeyInfo>/s), 'signature_wrapped', '<KeyInfo> in addition to'],
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
    ['REF-1: no Reference', swap(reference, ''), 'signature_wrapped', 'this one contains 0'],
    ['REF-3: two References', again(reference), 'signature_wrapped', 'this one contains 2'],
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
      'TRF-1: no Transform',
      swap(/<ds:Transforms>.*<\/ds:Transforms>/s, '<ds:Transforms/>'),
      'signature_invalid',
      'contains <nothing>',
    ],
    [
      'TRF-1: enveloped-signature alone, with the digest of the exclusive form',
      swap(/<ds:Transform Algorithm="[^"]*c14n#">.*?<\/ds:Transform>/s, ''),
      'signature_invalid',
      'the digests differ',
    ],
    [
      'TRF-1: no enveloped-signature',
      swap(`<ds:Transform Algorithm="${ENVELOPED}"/>`, ''),
      'algorithm_not_allowed',
      `first transform ${EXCLUSIVE}`,
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
      'C14-4: a PrefixList with a child element',
      swap(
        `Algorithm="${EXCLUSIVE}"></ds:Transform>`,
        `Algorithm="${EXCLUSIVE}"><x:InclusiveNamespaces xmlns:x="${EXCLUSIVE}" PrefixList="p"><x/></x:InclusiveNamespaces></ds:Transform>`,
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
    [
      'SIG-4: two DigestValues',
      again(/<ds:DigestValue>.*<\/ds:DigestValue>/s),
      'signature_invalid',
      'contains more than',
    ],
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
      'B64-1: extra characters in DigestValue',
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
  it.each(seenBySecond(cases))('%s', (_, edit, code, hint) => {
    const xml = signMarked(marked, { edit });
    expect(xml).not.toBe(signMarked(marked));
    refuse(xml, code, hint);
  });

  it('accepts the unmodified message', () => {
    expect(verifyOne(signMarked(marked))).toContain('alice');
    const most = Array.from({ length: 64 }, (_, i) => `p${i}`).join(' ');
    expect(verifyOne(signMarked(marked, { prefixList: most }))).toContain('alice');
  });
});

describe('verifySignature refuses a Signature in the wrong place', () => {
  it.each(
    seenBySecond<readonly [string, string, Signing, string]>([
      ...[
        "a'b",
        "1'] | //*['1",
        'a]b',
        '[',
        '1(2',
        'a/b',
        'a@b',
        '*',
        '1 2',
        ' 1',
        '1\u00a0',
        '\u2160;',
        '1+2',
        '#1',
      ].map((id): [string, string, Signing, string] => [
        `REF-5: the ID ${JSON.stringify(id)}`,
        marked.replace('_s', id),
        { id },
        'contains characters that XML names do not allow',
      ]),
      [
        'REF-5: an ID with a quotation mark',
        marked.replace('_s', 'a&quot;b'),
        { id: 'a"b', edit: (signature: string) => signature.replace('#a"b', '#a&quot;b') },
        'contains characters that XML names do not allow',
      ],
      [
        'IDA-1: another element with an ID that begins with a digit',
        marked.replace('_s', '1').replace('<p:Value', '<p:Value Id="1"'),
        { id: '1' },
        'occurs 2 times',
      ],
      [
        'another ID, equal as a number',
        marked.replace('_s', '1'),
        { id: '1', edit: (signature: string) => signature.replace('"#1"', '"#01"') },
        'refers to "01"',
      ],
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
      ['a Signature as a sibling of the signed element', `<o>${unsigned}${MARK}</o>`, {}, 'refers to "_s"'],
      ['a Signature in an element of another ID', `<o ID="_o">${unsigned}${MARK}</o>`, {}, '(ID "_o") refers to "_s"'],
    ]),
  )('%s', (_, xml, signing, hint) => {
    refuse(signMarked(xml, signing), 'signature_wrapped', hint);
  });

  it.each(['Id="_s"', 'id="_s"', 'xml:id="_s"', 'p:ID="_s"'])('IDA-2: the ID occurs only as %s', (written) => {
    const xml = signMarked(marked).replace(' ID="_s"', ` ${written}`);
    refuse(xml, 'signature_wrapped', '(ID undefined) refers to "_s"');
  });

  it('IDA-1: two elements with the same ID, at any position', () => {
    const xml = signMarked(marked);
    refuse(`<o>${xml}<x ID="_s"/></o>`, 'signature_wrapped', 'two elements have the ID "_s"');
    refuse(`<o><x ID="_x"/><x ID="_x"/>${xml}</o>`, 'signature_wrapped', 'two elements have the ID "_x"');
    expect(verifyOne(`<o><x ID="_x"/><x ID="_y"/>${xml}</o>`)).toContain('alice');
  });

  it('a Signature as the root element', () => {
    const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(signMarked(marked))?.[0] ?? '';
    refuse(signature, 'signature_wrapped', 'is the root of the document');
  });

  it('XSW-DECOY: a second Signature that repeats the first', () => {
    const xml = signMarked(marked);
    const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
    refuse(xml.replace(signature, signature + signature), 'signature_invalid', 'was changed after');
  });

  // The second verifier reads nothing around the signed element.
  it.skipIf(isSecondAlone).each([
    ['by a Transform', INCLUSIVE],
    ['by default', null],
  ])('inclusive canonicalization %s below an element with an xml:* attribute', (_, uri) => {
    const inclusive: Signing = { canonicalization: uri };
    refuse(`<o xml:lang="en">${signMarked(marked, inclusive)}</o>`, 'signature_wrapped', 'has an xml:* attribute');
    expect(verifyOne(`<o xml:lang="en">${signMarked(marked)}</o>`)).toContain('alice');
    const own = marked.replace(' ID=', ' xml:lang="en" ID=');
    expect(verifyOne(signMarked(own, inclusive))).toContain('xml:lang="en"');
    // The signed element is an ancestor of SignedInfo.
    refuse(signMarked(own, { signedInfoCanonicalization: INCLUSIVE }), 'signature_wrapped', 'has an xml:* attribute');
    expect(verifyOne(signMarked(own))).toContain('xml:lang="en"');
  });

  it('reads a canonical form that repeated declarations make larger', () => {
    const many = marked
      .replace('xmlns:p', 'xmlns:q="urn:q" xmlns:p')
      .replace('<p:Value', () => `${'<v q:a=""/>'.repeat(200)}<p:Value`);
    const limits = { bytes: 100_000, depth: 64, elements: 1000, attributes: 250, prefixes: 64 };
    expect(verifyOne(signMarked(many), { limits }).split('xmlns:').length).toBeGreaterThan(200);
  });

  it('limits the work before any key is used: a SignedInfo of at most 16,384 characters', () => {
    const xml = signMarked(marked);
    const padded = (length: number): string => xml.replace(/(<(?:\w+:)?SignedInfo[^>]*>)/, `$1${' '.repeat(length)}`);
    // The added white space breaks the signature: the short SignedInfo is refused by the keys, the long one by its length.
    refuse(padded(10_000), 'signature_invalid', 'its signature does not verify');
    refuse(padded(16_384), 'signature_invalid', 'SignedInfo has');
  });

  it('limits the work: a canonical form of at most twice the limit', () => {
    const long = `urn:${'x'.repeat(1000)}`;
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
