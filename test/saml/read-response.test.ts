import { describe, expect, it, vi } from 'vitest';
import { namespaces, statusCodes } from '../../src/saml/names.ts';
import { expectResponse, expectSuccess, findAssertion, readResponse } from '../../src/saml/read-response.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { at, expectThrown, now } from './support.ts';

const names = `xmlns:p="${namespaces.protocol}" xmlns:a="${namespaces.assertion}"`;

function response(content = '', attributes = `Version="2.0" IssueInstant="${now.toISOString()}"`): XmlElement {
  return readXml(`<p:Response ${names} ${attributes}>${content}</p:Response>`);
}

describe('expectResponse', () => {
  it('accepts a SAML 2.0 Response, whatever its prefix', () => {
    expect(() => expectResponse(response())).not.toThrow();
    expect(() => expectResponse(readXml(`<Response xmlns="${namespaces.protocol}" Version="2.0"/>`))).not.toThrow();
  });

  it.each([
    ['LogoutRequest', namespaces.protocol, 'set the single logout URL, not the ACS URL'],
    ['LogoutResponse', namespaces.protocol, 'set the single logout URL, not the ACS URL'],
    ['AuthnRequest', namespaces.protocol, 'its login URL is set to this application'],
    ['ArtifactResponse', namespaces.protocol, 'received <ArtifactResponse>'],
    ['EntityDescriptor', namespaces.metadata, 'That is metadata'],
    ['EntitiesDescriptor', namespaces.metadata, 'That is metadata'],
    ['Response', 'urn:oasis:names:tc:SAML:1.0:protocol', 'choose SAML 2.0 at the identity provider'],
    ['Response', namespaces.assertion, `in the namespace ${namespaces.assertion}`],
    ['Assertion', namespaces.assertion, 'received <Assertion>'],
    ['response', namespaces.protocol, 'received <response>'],
    ['html', 'http://www.w3.org/1999/xhtml', 'received <html>'],
  ])('refuses <%s> of %s', (name, namespace, hinted) => {
    const other = readXml(`<${name} xmlns="${namespace}" Version="2.0"/>`);
    expectThrown(() => expectResponse(other), 'unexpected_message', 'Expected a SAML 2.0 Response', hinted);
  });

  it.each([
    ['', '(none)'],
    ['Version=""', ''],
    ['Version="1.1"', '1.1'],
    ['Version="2.1"', '2.1'],
    ['Version=" 2.0"', ' 2.0'],
    ['p:Version="2.0"', '(none)'],
    ['version="2.0"', '(none)'],
  ])('refuses the version [%s]', (attributes, received) => {
    const other = () => expectResponse(response('', attributes));
    expectThrown(other, 'unexpected_message', `a Response of version ${received}.`);
  });
});

describe('expectSuccess', () => {
  const status = (...codes: string[]) =>
    response(
      `<p:Status>${codes.reduceRight((inner, code) => `<p:StatusCode Value="${code}">${inner}</p:StatusCode>`, '')}</p:Status>`,
    );

  it('accepts success at the top level, with any nested code', () => {
    expect(() => expectSuccess(status(statusCodes.success))).not.toThrow();
    expect(() => expectSuccess(status(statusCodes.success, 'urn:example:remembered'))).not.toThrow();
    expect(() => expectSuccess(status(statusCodes.success, statusCodes.authnFailed, 'urn:x'))).not.toThrow();
  });

  it('refuses success that is only nested', () => {
    const failed = status(statusCodes.responder, statusCodes.success);
    expectThrown(() => expectSuccess(failed), 'status_not_success', 'Responder / Success');
  });

  it.each([
    [statusCodes.requester, 'compare entity ID, ACS URL and signing of requests'],
    [statusCodes.responder, 'It had an internal error, or refuses the user: ask its administrator'],
    [statusCodes.versionMismatch, 'does not support SAML 2.0'],
    [statusCodes.authnFailed, 'wrong password, cancelled, or not assigned'],
    [statusCodes.noPassive, 'start an ordinary login'],
    [statusCodes.requestDenied, 'It denied the request'],
    [statusCodes.invalidNameIdPolicy, 'change idp.nameIdFormat'],
    [statusCodes.noAuthnContext, 'in the requested way'],
    [statusCodes.requestUnsupported, 'enable SP-initiated login there'],
    [statusCodes.unknownPrincipal, 'create the user there'],
    ['urn:example:own', 'answered urn:example:own'],
    ['constructor', 'answered constructor. The login failed there'],
    ['__proto__', 'answered __proto__. The login failed there'],
  ])('names the remedy for %s', (code, hinted) => {
    expectThrown(() => expectSuccess(status(code)), 'status_not_success', hinted);
    const refined = status(statusCodes.responder, code);
    if (code !== statusCodes.responder)
      expectThrown(() => expectSuccess(refined), 'status_not_success', 'Responder / ');
  });

  it('uses the innermost known code', () => {
    const codes = [statusCodes.responder, statusCodes.authnFailed, 'urn:example:locked'];
    const hinted = ['Responder / AuthnFailed / urn:example:locked', 'wrong password'];
    expectThrown(() => expectSuccess(status(...codes)), 'status_not_success', ...hinted);
  });

  it('repeats the message of the identity provider', () => {
    const failed = `<p:Status><p:StatusCode Value="${statusCodes.responder}"/><p:StatusMessage>no "licence"</p:StatusMessage></p:Status>`;
    expectThrown(() => expectSuccess(response(failed)), 'status_not_success', String.raw`the message "no \"licence\""`);
  });

  it('reports at most five codes, truncated and printable', () => {
    const codes = ['x'.repeat(1000), 'a\u202eb', ...Array.from({ length: 20 }, (_, i) => `urn:${i}`)];
    const refused = vi.fn(() => expectSuccess(status(...codes)));
    expect(refused).toThrow('the identity provider did not sign the user in');
    expect(refused.mock.results[0]?.value).toMatchObject({
      code: 'status_not_success',
      details: { status: [`${'x'.repeat(200)}…`, 'a\\u{202e}b', 'urn:0', 'urn:1', 'urn:2'], statusMessage: '' },
    });
  });

  it.each([
    ['none', ''],
    ['one of another namespace', `<Status><StatusCode Value="${statusCodes.success}"/></Status>`],
    ['a code of another namespace', `<p:Status><StatusCode Value="${statusCodes.success}"/></p:Status>`],
    [
      'one that is deeper',
      `<p:Extensions><p:Status><p:StatusCode Value="${statusCodes.success}"/></p:Status></p:Extensions>`,
    ],
  ])('refuses %s', (_, content) => {
    expectThrown(() => expectSuccess(response(content)), 'status_not_success', 'answered without a status');
  });

  it('refuses two Status elements, in either order', () => {
    const success = `<p:Status><p:StatusCode Value="${statusCodes.success}"/></p:Status>`;
    const failure = `<p:Status><p:StatusCode Value="${statusCodes.responder}"/></p:Status>`;
    for (const content of [success + failure, failure + success, success + success]) {
      expectThrown(() => expectSuccess(response(content)), 'status_not_success');
    }
  });
});

describe('findAssertion', () => {
  it('finds the only child, encrypted or not', () => {
    expect(findAssertion(response('<p:Status/><a:Assertion ID="_1"/>')).get('ID')).toBe('_1');
    expect(findAssertion(response('<a:EncryptedAssertion/>')).localName).toBe('EncryptedAssertion');
  });

  it.each([
    ['', 'assertion_missing', 'contains no Assertion'],
    ['<Assertion/>', 'assertion_missing', 'contains no Assertion'],
    ['<p:Assertion/>', 'assertion_missing', 'contains no Assertion'],
    ['<p:Extensions><a:Assertion/></p:Extensions>', 'assertion_missing', 'has its Assertion'],
    ['<a:Assertion/><a:Assertion/>', 'assertion_multiple', 'contains 2 assertions'],
    ['<a:Assertion><a:Advice><a:Assertion/></a:Advice></a:Assertion>', 'assertion_multiple', 'contains 2 assertions'],
    ['<a:Assertion/><a:EncryptedAssertion/>', 'assertion_multiple', 'contains 2 assertions'],
    [
      '<x><y><a:EncryptedAssertion/></y></x><a:Assertion/><a:Assertion/>',
      'assertion_multiple',
      'contains 3 assertions',
    ],
  ] as const)('refuses [%s]', (content, code, hinted) => {
    expectThrown(() => findAssertion(response(content)), code, hinted);
  });
});

describe('readResponse', () => {
  it('reads all attributes and elements', () => {
    const attributes = 'Destination="d" InResponseTo="_r" IssueInstant="2026-11-24T08:00:05Z"';
    expect(readResponse(response('<a:Issuer>i</a:Issuer>', attributes), true)).toEqual({
      signed: true,
      issuer: 'i',
      destination: 'd',
      inResponseTo: '_r',
      issueInstant: at(5),
    });
  });

  it('distinguishes empty from absent, except for InResponseTo', () => {
    const time = `IssueInstant="${now.toISOString()}"`;
    const absent = { signed: false, issuer: null, destination: undefined, inResponseTo: undefined, issueInstant: now };
    expect(readResponse(response('', time), false)).toEqual(absent);
    const empty = response('<a:Issuer/>', `${time} Destination="" InResponseTo=""`);
    expect(readResponse(empty, false)).toEqual({ ...absent, issuer: '', destination: '' });
  });

  it('ignores attributes with a namespace', () => {
    const attributes = `IssueInstant="${now.toISOString()}" p:Destination="d" p:InResponseTo="_r"`;
    expect(readResponse(response('', attributes), false)).toMatchObject({
      destination: undefined,
      inResponseTo: undefined,
    });
  });
});
