import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { type KeyType, selfSigned } from '../../src/testing/idp/self-signed.ts';
import { readXml } from '../../src/xml/read.ts';
import { type SignOptions, signatureAlgorithmFor, signEnveloped } from '../../src/xml/sign.ts';
import { element, serialize } from '../../src/xml/write.ts';
import { digestAlgorithmsWithSha1, signatureAlgorithmsWithSha1 } from '../../src/xml/xml-crypto-algorithms.ts';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

const keys = new Map<KeyType, ReturnType<typeof selfSigned>>();
function key(type: KeyType): ReturnType<typeof selfSigned> {
  const known = keys.get(type) ?? selfSigned({ keyType: type });
  keys.set(type, known);
  return known;
}

const message = serialize(
  element(
    'p:Response',
    { 'xmlns:p': 'urn:p', 'xmlns:a': 'urn:a', 'xmlns:xs': 'urn:xs', ID: '_response' },
    element('a:Issuer', {}, 'https://idp.example.test'),
    element(
      'a:Assertion',
      { ID: '_assertion' },
      element('a:Issuer', {}),
      element('a:Value', { type: 'xs:string' }, 'å\r\u2028&'),
    ),
  ),
);

function sign(options: Partial<SignOptions> & { keyType?: KeyType } = {}): string {
  const { privateKey, certificate } = key(options.keyType ?? 'rsa');
  return signEnveloped(message, { id: '_response', privateKey, certificate, ...options });
}

/** The references that xml-crypto verifies with the key of this type; `null` if the signature is invalid. */
function verify(xml: string, keyType: KeyType = 'rsa'): string[] | null {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const signature = document.getElementsByTagNameNS(SIGNATURE, 'Signature')[0];
  if (!signature) throw new Error('no signature');
  const verifier = new SignedXml({ publicCert: createPublicKey(key(keyType).certificate) });
  verifier.SignatureAlgorithms = signatureAlgorithmsWithSha1;
  verifier.HashAlgorithms = digestAlgorithmsWithSha1;
  verifier.loadSignature(signature.toString());
  try {
    return verifier.checkSignature(xml) ? verifier.getSignedReferences() : null;
  } catch {
    return null;
  }
}

describe('signEnveloped', () => {
  it('makes a signature that unmodified xml-crypto verifies, and that a changed byte invalidates', () => {
    const xml = sign();
    const verifier = new SignedXml({ publicCert: key('rsa').certificate });
    verifier.loadSignature(/<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '');
    expect(verifier.checkSignature(xml)).toBe(true);
    expect(verify(xml)).toHaveLength(1);
    expect(verify(xml.replace('https://idp', 'https://odp'))).toBeNull();
  });

  const algorithms: readonly [string, KeyType][] = [
    [`${MORE}rsa-sha256`, 'rsa'],
    [`${MORE}rsa-sha384`, 'rsa'],
    [`${MORE}rsa-sha512`, 'rsa'],
    [`${MORE_2007}sha256-rsa-MGF1`, 'rsa'],
    [`${MORE_2007}sha384-rsa-MGF1`, 'rsa'],
    [`${MORE_2007}sha512-rsa-MGF1`, 'rsa-pss'],
    [`${MORE}ecdsa-sha256`, 'p256'],
    [`${MORE}ecdsa-sha384`, 'p384'],
    [`${MORE}ecdsa-sha512`, 'p521'],
  ];
  it.each(algorithms)('signs with %s', (signatureAlgorithm, keyType) => {
    const xml = sign({ signatureAlgorithm, keyType });
    expect(verify(xml, keyType)?.[0]).toContain('https://idp.example.test');
    expect(verify(xml.replace('https://idp', 'https://odp'), keyType)).toBeNull();
  });

  it.each(['http://www.w3.org/2001/04/xmlenc#sha256', `${MORE}sha384`, 'http://www.w3.org/2001/04/xmlenc#sha512'])(
    'digests with %s',
    (digestAlgorithm) => {
      const xml = sign({ digestAlgorithm });
      expect(xml).toContain(`DigestMethod Algorithm="${digestAlgorithm}"`);
      expect(verify(xml)).toHaveLength(1);
    },
  );

  it.each([EXCLUSIVE, `${EXCLUSIVE}WithComments`, INCLUSIVE])('canonicalizes with %s', (canonicalization) => {
    const inclusive = canonicalization === INCLUSIVE;
    const signed = verify(sign({ id: '_assertion', canonicalization }))?.[0];
    expect(signed?.includes('xmlns:xs="urn:xs"')).toBe(inclusive);
    expect(signed).toContain('å&#xD;\u2028&amp;');
  });

  it('signs the namespaces of a PrefixList, which occurs in one Transform only', () => {
    const xml = sign({ id: '_assertion', inclusivePrefixes: ['xs', 'p'] });
    expect(verify(xml)?.[0]).toContain('xmlns:p="urn:p" xmlns:xs="urn:xs"');
    expect(xml.match(/InclusiveNamespaces/g)).toHaveLength(1);
    const list = [...readXml(xml).descendants()].find(({ localName }) => localName === 'InclusiveNamespaces');
    expect(list?.namespace).toBe(EXCLUSIVE);
    expect(list?.parent?.get('Algorithm')).toBe(EXCLUSIVE);
  });

  it('refuses a PrefixList for inclusive canonicalization', () => {
    expect(() => sign({ canonicalization: INCLUSIVE, inclusivePrefixes: ['xs'] })).toThrow(
      new TypeError('only exclusive canonicalization has a PrefixList'),
    );
  });

  it.each([
    ['first', ['Signature', 'Issuer', 'Value']],
    ['second', ['Issuer', 'Signature', 'Value']],
    ['last', ['Issuer', 'Value', 'Signature']],
  ] as const)('puts the signature %s', (position, order) => {
    const xml = sign({ id: '_assertion', position });
    expect(
      readXml(xml)
        .elements()[1]
        ?.elements()
        .map((child) => child.localName),
    ).toEqual(order);
    expect(verify(xml)).toHaveLength(1);
  });

  it('signs a child, then the root around it, and both verify', () => {
    const inner = sign({ id: '_assertion' });
    const { privateKey } = key('rsa');
    const xml = signEnveloped(inner, { id: '_response', privateKey });
    const assertion = /<a:Assertion .*<\/a:Assertion>/s.exec(xml)?.[0];
    expect(inner).toContain(assertion);
    expect(verify(xml)?.[0]).toContain('<a:Assertion');
    expect(readXml(xml).elements()[2]?.elements()[2]?.text).toBe('å\r\u2028&');
  });

  it('includes the certificate in KeyInfo only if given', () => {
    const bare = key('rsa').certificate.replace(/-----[^-]+-----|\s/g, '');
    expect(sign()).toContain(`<ds:X509Certificate>${bare}</ds:X509Certificate>`);
    const without = sign({ certificate: undefined });
    expect(without).not.toContain('KeyInfo');
    expect(verify(without)).toHaveLength(1);
  });

  it('uses the given prefix', () => {
    const xml = sign({ prefix: '' });
    expect(xml).toContain('<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">');
    expect(verify(xml)).toHaveLength(1);
  });

  it('accepts a PEM key', () => {
    const privateKey = key('rsa').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(verify(sign({ privateKey }))).toHaveLength(1);
    expect(() => sign({ privateKey: 'nonsense' })).toThrow(
      new TypeError('the private key is not an unencrypted PEM private key'),
    );
  });

  it('allows SHA-1 only with allowSha1', () => {
    const sha1 = { signatureAlgorithm: `${SIGNATURE}rsa-sha1`, digestAlgorithm: `${SIGNATURE}sha1` };
    expect(() => sign(sha1)).toThrow(new TypeError(`algorithm not allowed: ${SIGNATURE}rsa-sha1`));
    expect(() => sign({ digestAlgorithm: sha1.digestAlgorithm })).toThrow(
      new TypeError(`algorithm not allowed: ${SIGNATURE}sha1`),
    );
    expect(verify(sign({ ...sha1, allowSha1: true }))).toHaveLength(1);
    expect(
      verify(sign({ signatureAlgorithm: `${MORE}ecdsa-sha1`, keyType: 'p256', allowSha1: true }), 'p256'),
    ).toHaveLength(1);
  });

  it.each(['constructor', '__proto__', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'])(
    'refuses the algorithm %s',
    (uri) => {
      expect(() => sign({ signatureAlgorithm: uri })).toThrow(new TypeError(`algorithm not allowed: ${uri}`));
      expect(() => sign({ digestAlgorithm: uri })).toThrow(new TypeError(`algorithm not allowed: ${uri}`));
      expect(() => sign({ canonicalization: uri })).toThrow(new TypeError(`algorithm not allowed: ${uri}`));
    },
  );

  it('refuses an algorithm that does not fit the key', () => {
    expect(() => sign({ signatureAlgorithm: `${MORE}ecdsa-sha256` })).toThrow(
      new TypeError('cannot sign the element with the ID _response'),
    );
    expect(() => sign({ keyType: 'p256', signatureAlgorithm: `${MORE}rsa-sha256` })).toThrow(
      new TypeError('cannot sign the element with the ID _response'),
    );
  });

  it('refuses an ID that no element has, and an invalid ID', () => {
    expect(() => sign({ id: '_other' })).toThrow(new TypeError('cannot sign the element with the ID _other'));
    expect(() => sign({ id: `']|//*['` })).toThrow(new TypeError(`not an XML ID: "']|//*['"`));
  });
});

describe('algorithm tables', () => {
  it('do not verify with a key of another type', () => {
    const Rsa = signatureAlgorithmsWithSha1[`${MORE}rsa-sha256`];
    const Ecdsa = signatureAlgorithmsWithSha1[`${MORE}ecdsa-sha256`];
    if (!Rsa || !Ecdsa) throw new Error('missing');
    const { privateKey, certificate } = key('rsa');
    const value = new Rsa().getSignature('text', privateKey);
    expect(new Rsa().verifySignature('text', certificate, value)).toBe(true);
    expect(new Rsa().verifySignature('test', certificate, value)).toBe(false);
    expect(new Ecdsa().verifySignature('text', certificate, value)).toBe(false);
  });

  it('have no inherited keys', () => {
    for (const table of [signatureAlgorithmsWithSha1, digestAlgorithmsWithSha1]) {
      expect('constructor' in table).toBe(false);
      expect('toString' in table).toBe(false);
    }
  });
});

describe('signatureAlgorithmFor', () => {
  it.each([
    ['rsa', `${MORE}rsa-sha256`],
    ['rsa-pss', `${MORE_2007}sha256-rsa-MGF1`],
    ['p256', `${MORE}ecdsa-sha256`],
    ['p384', `${MORE}ecdsa-sha384`],
    ['p521', `${MORE}ecdsa-sha512`],
  ] as const)('suits a %s key', (keyType, uri) => {
    expect(signatureAlgorithmFor(key(keyType).privateKey)).toBe(uri);
    expect(verify(sign({ keyType }), keyType)).toHaveLength(1);
  });

  it('refuses other keys', () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey;
    expect(() => signatureAlgorithmFor(ed25519)).toThrow(
      new TypeError('SAML messages are signed with RSA or ECDSA keys, not ed25519'),
    );
  });
});
