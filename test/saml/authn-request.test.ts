import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { newId } from '../../src/lib/random-id.ts';
import { authnRequestMessage, buildAuthnRequest } from '../../src/saml/authn-request.ts';
import { namespaces } from '../../src/saml/names.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { readXml } from '../../src/xml/read.ts';

const options = {
  issuer: 'https://app.example.test/sso/metadata',
  acsUrl: 'https://app.example.test/sso/acs',
  issueInstant: new Date('2026-03-01T12:00:00.750Z'),
};
const destination = 'https://idp.example.test/sso?a=1&b=2';
const signing = selfSigned();

describe('buildAuthnRequest', () => {
  it('writes only the elements that Web Browser SSO requires', () => {
    const { xml } = buildAuthnRequest({ ...options, destination, id: '_1' });
    expect(xml).toBe(
      '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"' +
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-03-01T12:00:00Z"' +
        ' Destination="https://idp.example.test/sso?a=1&amp;b=2"' +
        ' ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"' +
        ' AssertionConsumerServiceURL="https://app.example.test/sso/acs">' +
        '<saml:Issuer>https://app.example.test/sso/metadata</saml:Issuer></samlp:AuthnRequest>',
    );
  });

  it('requests a new authentication only by option', () => {
    const forceAuthn = (value: boolean | undefined): string | undefined =>
      readXml(buildAuthnRequest({ ...options, destination, forceAuthn: value }).xml).get('ForceAuthn');
    expect(forceAuthn(true)).toBe('true');
    expect(forceAuthn(false)).toBeUndefined();
    expect(forceAuthn(undefined)).toBeUndefined();
  });

  it.each([
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'true'],
    ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', undefined],
  ])('asks for the NameID format %s', (nameIdFormat, allowCreate) => {
    const [, policy] = readXml(buildAuthnRequest({ ...options, destination, nameIdFormat }).xml).elements();
    expect(policy?.is(namespaces.protocol, 'NameIDPolicy')).toBe(true);
    expect(policy?.get('Format')).toBe(nameIdFormat);
    expect(policy?.get('AllowCreate')).toBe(allowCreate);
  });

  it('escapes values that contain markup', () => {
    const issuer = `"/><evil a='&lt;`;
    const request = readXml(buildAuthnRequest({ ...options, destination: issuer, issuer }).xml);
    expect(request.get('Destination')).toBe(issuer);
    expect(request.elements().map((child) => child.text)).toEqual([issuer]);
  });

  it('uses a new ID each time, which does not begin with a digit', () => {
    const ids = new Set(Array.from({ length: 100 }, () => buildAuthnRequest({ ...options, destination }).id));
    expect(ids.size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^_[0-9a-f]{32}$/);
    expect(newId()).toMatch(/^_[0-9a-f]{32}$/);
  });
});

describe('authnRequestMessage', () => {
  it('prefers HTTP-Redirect', () => {
    const sso = { redirect: destination, post: 'https://idp.example.test/post' };
    const message = authnRequestMessage({ ...options, sso, relayState: 'r' });
    if (message.kind !== 'redirect') throw new Error(message.kind);
    const query = new URL(message.url).searchParams;
    const request = readXml(inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString());
    expect(request.get('ID')).toBe(message.id);
    expect(request.get('Destination')).toBe(destination);
    expect(query.get('RelayState')).toBe('r');
    expect(query.has('Signature')).toBe(false);
  });

  it('uses HTTP-POST if this binding is configured', () => {
    const sso = { redirect: destination, post: 'https://idp.example.test/post' };
    const message = authnRequestMessage({ ...options, sso, binding: 'post' });
    expect(message).toMatchObject({ kind: 'form', action: sso.post });
    if (message.kind !== 'form') throw new Error(message.kind);
    const xml = Buffer.from(message.fields['SAMLRequest'] ?? '', 'base64').toString();
    expect(readXml(xml).get('Destination')).toBe(sso.post);
    expect(authnRequestMessage({ ...options, sso, binding: 'redirect' }).kind).toBe('redirect');
  });

  it.each([
    [undefined, 'sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'],
    ['sha384', 'sha384', 'http://www.w3.org/2001/04/xmldsig-more#sha384'],
    ['sha512', 'sha512', 'http://www.w3.org/2001/04/xmlenc#sha512'],
  ] as const)('signs a posted request with the hash %s, also as the digest', (hash, name, digest) => {
    const message = authnRequestMessage({ ...options, sso: { post: destination }, signing: { ...signing, hash } });
    if (message.kind !== 'form') throw new Error(message.kind);
    const xml = Buffer.from(message.fields['SAMLRequest'] ?? '', 'base64').toString();
    expect(xml).toContain(`<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-${name}"/>`);
    expect(xml).toContain(`<ds:DigestMethod Algorithm="${digest}"/>`);
  });

  it('signs a redirect in the query only', () => {
    const message = authnRequestMessage({ ...options, sso: { redirect: destination }, signing });
    if (message.kind !== 'redirect') throw new Error(message.kind);
    const query = new URL(message.url).searchParams;
    expect(query.has('Signature')).toBe(true);
    expect(inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString()).not.toContain('Signature');
  });

  it('posts a form if there is no other endpoint', () => {
    const message = authnRequestMessage({ ...options, sso: { post: destination }, relayState: 'r' });
    if (message.kind !== 'form') throw new Error(message.kind);
    const xml = Buffer.from(message.fields['SAMLRequest'] ?? '', 'base64').toString();
    expect(readXml(xml).get('ID')).toBe(message.id);
    expect(xml).not.toContain('Signature');
    expect(message.action).toBe(destination);
    expect(message.fields['RelayState']).toBe('r');
  });

  it('signs a posted request after its Issuer', () => {
    const message = authnRequestMessage({ ...options, sso: { post: destination }, signing, nameIdFormat: 'urn:f' });
    if (message.kind !== 'form') throw new Error(message.kind);
    const xml = Buffer.from(message.fields['SAMLRequest'] ?? '', 'base64').toString();
    expect(
      readXml(xml)
        .elements()
        .map((child) => child.localName),
    ).toEqual(['Issuer', 'Signature', 'NameIDPolicy']);
    const check = (text: string): boolean => {
      const verifier = new SignedXml({ publicCert: signing.certificate });
      verifier.loadSignature(/<ds:Signature .*<\/ds:Signature>/s.exec(text)?.[0] ?? '');
      return verifier.checkSignature(text);
    };
    expect(check(xml)).toBe(true);
    expect(check(xml.replace('/sso/acs', '/sso/bcs'))).toBe(false);
  });

  it('refuses a RelayState of more than 80 bytes', () => {
    const sso = { redirect: destination };
    expect(authnRequestMessage({ ...options, sso, relayState: 'é'.repeat(40) }).kind).toBe('redirect');
    expect(() => authnRequestMessage({ ...options, sso, relayState: 'é'.repeat(41) })).toThrow(
      new TypeError('RelayState must not exceed 80 bytes'),
    );
  });

  it('refuses an identity provider without endpoint', () => {
    expect(() => authnRequestMessage({ ...options, sso: {} })).toThrow(
      new TypeError('the identity provider has no single sign-on endpoint'),
    );
  });
});
