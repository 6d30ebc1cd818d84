import type { Assertion, AssertionAttribute } from '../../src/saml/assertion.ts';
import { nameIdFormats, namespaces } from '../../src/saml/names.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { type Mode, options, signing as usual } from '../support/response.ts';
import { MARK, type Signing, signMarked } from '../support/signing.ts';

/** A message that the standards allow, and all that it says. */
export interface Genuine {
  readonly name: string;
  /** The form field SAMLResponse. */
  readonly field: () => string;
  readonly assertion: Assertion;
  readonly options: ValidateResponseOptions;
}

/** Claims that differ from the plain ones; attributes one by one. */
export type Claims = Partial<Omit<Assertion, 'attributes' | 'attributeList'>> & {
  readonly attributes?: readonly AssertionAttribute[] | undefined;
};

/** How a message differs from the plain one. */
export interface Spec {
  readonly parts?: Partial<Parts> | undefined;
  /** Default `assertion`. */
  readonly mode?: Mode | undefined;
  readonly signing?: Signing | undefined;
  /** Default: as `signing`. */
  readonly responseSigning?: Signing | undefined;
  /** Where among its siblings a Signature stands; default `second`, after Issuer, as the schema has it. */
  readonly place?: 'first' | 'second' | 'last' | undefined;
  /** Changes the document before it is signed. */
  readonly edit?: ((xml: string) => string) | undefined;
  /** Makes what stands in place of the Assertion, which is signed by then. */
  readonly encrypt?: ((assertion: string) => string) | undefined;
  /** What becomes of the signed document on its way. */
  readonly wire?: ((xml: string) => string) | undefined;
  readonly field?: ((base64: string) => string) | undefined;
  readonly claims?: Claims | undefined;
  readonly options?: Partial<ValidateResponseOptions> | undefined;
}

/** Who takes part in the plain message. */
export const idpId: string = options.identityProvider.entityId;
export const spId: string = options.serviceProvider.entityId;
export const acsUrl: string = options.serviceProvider.acsUrl;
/** How the user authenticated. */
export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password';
/** When every plain message was issued; it is judged a minute later. */
export const issued: Date = new Date('2026-01-01T00:00:00Z');
/** When the plain message can no longer be used. */
export const ends: Date = new Date('2026-01-01T00:05:00Z');

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

type Parts = typeof plain;

const plainAssertion: Omit<Assertion, 'attributes' | 'attributeList'> = {
  id: '_a',
  issuer: idpId,
  issueInstant: issued,
  subject: { nameId: 'alice', format: nameIdFormats.unspecified },
  session: { index: '_x' },
  authnContext: PASSWORD,
  authnInstant: issued,
  audiences: [spId],
  inResponseTo: '_request',
  notOnOrAfter: ends,
};
const plainAttributes: readonly AssertionAttribute[] = [{ name: 'mail', values: ['alice@example.test'] }];

/** A genuine message that differs from the plain one as told. */
export function genuine(name: string, spec: Spec): Genuine {
  return {
    name,
    field: () => {
      const base64 = Buffer.from(write(spec)).toString('base64');
      return spec.field?.(base64) ?? base64;
    },
    assertion: expectedAssertion(spec.claims),
    options: { ...options, ...spec.options },
  };
}

/** The plain assertion with other claims. */
export function expectedAssertion({ attributes = plainAttributes, ...claims }: Claims = {}): Assertion {
  const merged = new Map<string, readonly string[]>();
  for (const { name, values } of attributes) merged.set(name, [...(merged.get(name) ?? []), ...values]);
  return { ...plainAssertion, ...claims, attributes: merged, attributeList: attributes };
}

const RESPONSE_MARK = '<!--signature of the response-->';

function write(spec: Spec): string {
  const { mode = 'assertion', place = 'second', edit = same, encrypt = same, wire = same } = spec;
  const { responseSigning = spec.signing } = spec;
  const parts = { ...plain, ...spec.parts };
  const placed = (mark: string, first: string, rest: string): string =>
    place === 'first' ? mark + first + rest : place === 'second' ? first + mark + rest : first + rest + mark;
  const assertion = placed(
    mode === 'response' ? '' : MARK,
    parts.issuer,
    `<saml:Subject>${parts.nameId}${parts.confirmation}</saml:Subject>${parts.conditions}${parts.advice}${parts.authn}${parts.attributes}${parts.more}`,
  );
  const content = placed(
    mode === 'assertion' ? '' : RESPONSE_MARK,
    parts.responseIssuer,
    `${parts.extensions}${parts.status}<saml:Assertion ${parts.assertion}>${assertion}</saml:Assertion>`,
  );
  let xml = edit(`${parts.prolog}<samlp:Response ${parts.declarations} ${parts.response}>${content}</samlp:Response>`);
  if (mode !== 'response') xml = signMarked(xml, { ...usual, ...spec.signing, id: idOf(xml, 'Assertion') });
  xml = xml.replace(/<([^\s<>:]+:)?Assertion\s.*<\/\1Assertion\s*>/su, encrypt);
  if (mode === 'assertion') return wire(xml);
  xml = xml.replace(RESPONSE_MARK, MARK);
  return wire(signMarked(xml, { ...usual, ...responseSigning, id: idOf(xml, 'Response') }));
}

function idOf(xml: string, name: string): string {
  const id = new RegExp(`<(?:[^\\s<>:/]+:)?${name}\\s[^>]*?\\bID\\s*=\\s*["']([^"']*)`, 'u').exec(xml)?.[1];
  if (id === undefined) throw new TypeError(`no ID of ${name}`);
  return id;
}

const same = (xml: string): string => xml;
