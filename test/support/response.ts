import type { Assertion } from '../../src/saml/assertion.ts';
import { namespaces } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { keyPair, MARK, MORE, type Signing, signMarked } from './signing.ts';

/** Which element of a response is signed. */
export type Mode = 'response' | 'assertion' | 'both';
export const modes: readonly Mode[] = ['response', 'assertion', 'both'];

const pair = keyPair('p256');
export const signing: Signing = { keyPair: pair, algorithm: `${MORE}ecdsa-sha256` };

export const options: ValidateResponseOptions = {
  identityProvider: { entityId: 'https://idp.example.test', certificates: [pair.certificate] },
  serviceProvider: { entityId: 'https://sp.example.test', acsUrl: 'https://sp.example.test/acs' },
  inResponseTo: '_request',
  now: new Date('2026-01-01T00:01:00Z'),
};

/** What the parts of a response say, written by hand so that attacks can take them apart. */
export interface Content {
  /** NameID. Default `alice`. */
  readonly nameId?: string | undefined;
  /** Default `_a`. */
  readonly id?: string | undefined;
  /** Markup in place of the signature. */
  readonly mark?: string | undefined;
}

const issuer = '<saml:Issuer>https://idp.example.test</saml:Issuer>';

/** An Assertion for {@link options}; its prefix is declared on itself. */
export function assertionXml({ nameId = 'alice', id = '_a', mark = '' }: Content = {}): string {
  return (
    `<saml:Assertion xmlns:saml="${namespaces.assertion}" ID="${id}" Version="2.0" IssueInstant="2026-01-01T00:00:00Z">${issuer}${mark}` +
    `<saml:Subject><saml:NameID>${nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
    '<saml:SubjectConfirmationData Recipient="https://sp.example.test/acs" NotOnOrAfter="2026-01-01T00:05:00Z" InResponseTo="_request"/>' +
    '</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="2026-01-01T00:00:00Z" NotOnOrAfter="2026-01-01T00:05:00Z">' +
    '<saml:AudienceRestriction><saml:Audience>https://sp.example.test</saml:Audience></saml:AudienceRestriction></saml:Conditions>' +
    '<saml:AuthnStatement AuthnInstant="2026-01-01T00:00:00Z" SessionIndex="_x"><saml:AuthnContext><saml:AuthnContextClassRef>' +
    'urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>' +
    `<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>${nameId}@example.test</saml:AttributeValue>` +
    '</saml:Attribute></saml:AttributeStatement></saml:Assertion>'
  );
}

/** A Response around `content`. */
export function responseXml(content: string, { id = '_r', mark = '', status = 'Success', before = '' } = {}): string {
  return (
    `<samlp:Response xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}" ID="${id}" Version="2.0" ` +
    `IssueInstant="2026-01-01T00:00:00Z" Destination="https://sp.example.test/acs" InResponseTo="_request">${issuer}${mark}${before}` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>${content}</samlp:Response>`
  );
}

/** A signed assertion. */
export function signedAssertion(content: Content = {}): string {
  return signMarked(assertionXml({ mark: MARK, ...content }), { ...signing, id: content.id ?? '_a' });
}

/** A genuine response, signed in this mode. */
export function genuine(mode: Mode): string {
  const assertion = mode === 'response' ? assertionXml() : signedAssertion();
  return mode === 'assertion'
    ? responseXml(assertion)
    : signMarked(responseXml(assertion, { mark: MARK }), { ...signing, id: '_r' });
}

/** The first Signature in a document, as text. */
export function signatureOf(xml: string): string {
  const found = /<ds:Signature .*?<\/ds:Signature>/s.exec(xml)?.[0];
  if (found === undefined) throw new Error('no Signature');
  return found;
}

/** Validates a response for {@link options}. */
export function validate(xml: string, changes: Partial<ValidateResponseOptions> = {}): Promise<Assertion> {
  return validateResponse(Buffer.from(xml).toString('base64'), { ...options, ...changes });
}
