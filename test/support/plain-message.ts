import { namespaces } from '../../src/saml/names.ts';

// A response and its parts, as text that tests can take apart.

/** The parties of the plain message. */
export const idpId = 'https://idp.example.test';
export const spId = 'https://sp.example.test';
export const acsUrl = 'https://sp.example.test/acs';
/** How the user authenticated. */
export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password';
/** SubjectConfirmation with the given method, attributes of SubjectConfirmationData, and content. */
export function confirmation(
  attributes = `Recipient="${acsUrl}" NotOnOrAfter="2026-01-01T00:05:00Z" InResponseTo="_request"`,
  { method = 'bearer', before = '', inside = '' } = {},
): string {
  return (
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:${method}">${before}` +
    `<saml:SubjectConfirmationData ${attributes}>${inside}</saml:SubjectConfirmationData></saml:SubjectConfirmation>`
  );
}

/** Conditions with these attributes, and an AudienceRestriction. */
export function conditions(
  attributes = 'NotBefore="2026-01-01T00:00:00Z" NotOnOrAfter="2026-01-01T00:05:00Z"',
  content = audience(),
): string {
  return `<saml:Conditions ${attributes}>${content}</saml:Conditions>`;
}

/** AudienceRestriction; by default for us. */
export function audience(...audiences: readonly string[]): string {
  const list = audiences.length === 0 ? [spId] : audiences;
  return `<saml:AudienceRestriction>${list.map((each) => `<saml:Audience>${each}</saml:Audience>`).join('')}</saml:AudienceRestriction>`;
}

/** AuthnStatement with the given attributes, content before AuthnContext, and content of that. */
export function authn(
  attributes = 'AuthnInstant="2026-01-01T00:00:00Z" SessionIndex="_x"',
  { before = '', context = classRef() } = {},
): string {
  return `<saml:AuthnStatement ${attributes}>${before}<saml:AuthnContext>${context}</saml:AuthnContext></saml:AuthnStatement>`;
}

/** AuthnContextClassRef. */
export function classRef(uri = PASSWORD): string {
  return `<saml:AuthnContextClassRef>${uri}</saml:AuthnContextClassRef>`;
}

/** Attribute with the given attributes, and as many values. */
export function attribute(attributes: string, ...values: readonly string[]): string {
  return `<saml:Attribute ${attributes}>${values.map((value) => (value.startsWith('<saml:AttributeValue') ? value : `<saml:AttributeValue>${value}</saml:AttributeValue>`)).join('')}</saml:Attribute>`;
}

/** AttributeStatement. */
export function statement(...attributes: readonly string[]): string {
  return `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>`;
}

const issuer = `<saml:Issuer>${idpId}</saml:Issuer>`;

/** The plain message, in pieces. */
export const plain = {
  /** Before the root. */
  prolog: '',
  declarations: `xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}"`,
  response: `ID="_r" Version="2.0" IssueInstant="2026-01-01T00:00:00Z" Destination="${acsUrl}" InResponseTo="_request"`,
  responseIssuer: issuer,
  extensions: '',
  status: '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>',
  assertion: 'ID="_a" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"',
  issuer,
  nameId: '<saml:NameID>alice</saml:NameID>',
  confirmation: confirmation(),
  conditions: conditions(),
  advice: '',
  authn: authn(),
  attributes: statement(attribute('Name="mail"', 'alice@example.test')),
  more: '',
};
