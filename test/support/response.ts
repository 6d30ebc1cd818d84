import type { Assertion } from '../../src/saml/assertion.ts';
import { namespaces } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { acsUrl, attribute, idpId, plain, spId, statement } from './plain-message.ts';
import { keyPair, MARK, MORE, type Signing, signMarked } from './signing.ts';

/** Which element of a response is signed. */
export type Mode = 'response' | 'assertion' | 'both';
export const modes: readonly Mode[] = ['response', 'assertion', 'both'];

const pair = keyPair('p256');
export const signing: Signing = { keyPair: pair, algorithm: `${MORE}ecdsa-sha256` };

export const options: ValidateResponseOptions = {
  identityProvider: { entityId: idpId, certificates: [pair.certificate] },
  serviceProvider: { entityId: spId, acsUrl },
  inResponseTo: '_request',
  now: new Date('2026-01-01T00:01:00Z'),
};

/** Values of an Assertion, and what replaces its Signature. */
export interface Content {
  /** NameID. Default `alice`. */
  readonly nameId?: string | undefined;
  /** Default `_a`. */
  readonly id?: string | undefined;
  /** Markup in place of the signature. */
  readonly mark?: string | undefined;
}

/** An Assertion for {@link options}; its prefix is declared on itself. */
export function assertionXml({ nameId = 'alice', id = '_a', mark = '' }: Content = {}): string {
  return (
    `<saml:Assertion xmlns:saml="${namespaces.assertion}" ${plain.assertion.replace('_a', id)}>${plain.issuer}${mark}` +
    `<saml:Subject><saml:NameID>${nameId}</saml:NameID>${plain.confirmation}</saml:Subject>${plain.conditions}${plain.authn}` +
    `${statement(attribute('Name="mail"', `${nameId}@example.test`))}</saml:Assertion>`
  );
}

/** A Response around `content`. */
export function responseXml(content: string, { id = '_r', mark = '', status = 'Success', before = '' } = {}): string {
  return (
    `<samlp:Response ${plain.declarations} ${plain.response.replace('_r', id)}>${plain.responseIssuer}${mark}${before}` +
    `${plain.status.replace('Success', status)}${content}</samlp:Response>`
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
