import { formatInstant } from '../../saml/authn-request.ts';
import { namespaces } from '../../saml/names.ts';
import { element, serialize, type XmlFragment } from '../../xml/write.ts';
import type { Instant, ResponseContents } from './response-contents.ts';
import type { TestAttribute } from './users.ts';

/** Writes a Response, unsigned. */
export function buildResponse(contents: ResponseContents): string {
  const { status } = contents;
  const response = element(
    'samlp:Response',
    {
      'xmlns:samlp': namespaces.protocol,
      'xmlns:saml': namespaces.assertion,
      ID: contents.id,
      Version: '2.0',
      IssueInstant: instant(contents.issueInstant),
      Destination: contents.destination ?? undefined,
      InResponseTo: contents.responseInResponseTo ?? undefined,
    },
    ...optional(contents.issuer, (issuer) => element('saml:Issuer', {}, issuer)),
    element(
      'samlp:Status',
      {},
      element(
        'samlp:StatusCode',
        { Value: status.code },
        ...optional(status.subcode, (subcode) => element('samlp:StatusCode', { Value: subcode })),
      ),
      ...optional(status.message, (message) => element('samlp:StatusMessage', {}, message)),
    ),
    ...(contents.assertion ? [assertion(contents)] : []),
    ...contents.extraResponseChildren,
  );
  return serialize(response);
}

function assertion(contents: ResponseContents): XmlFragment {
  const { attributes } = contents;
  return element(
    'saml:Assertion',
    {
      'xmlns:xs': namespaces.schema,
      'xmlns:xsi': namespaces.schemaInstance,
      ID: contents.assertionId,
      Version: '2.0',
      IssueInstant: instant(contents.issueInstant),
    },
    ...optional(contents.assertionIssuer, (issuer) => element('saml:Issuer', {}, issuer)),
    subject(contents),
    conditions(contents),
    ...(contents.authnInstant === null ? [] : [authnStatement(contents)]),
    ...(attributes === null || attributes.length === 0
      ? []
      : [element('saml:AttributeStatement', {}, ...attributes.map(attribute))]),
    ...contents.extraAssertionChildren,
  );
}

function subject(contents: ResponseContents): XmlFragment {
  const { nameId, nameIdFormat, nameQualifier, spNameQualifier, confirmationMethod } = contents;
  return element(
    'saml:Subject',
    {},
    ...optional(nameId, (value) =>
      element(
        'saml:NameID',
        {
          NameQualifier: nameQualifier ?? undefined,
          SPNameQualifier: spNameQualifier ?? undefined,
          Format: nameIdFormat ?? undefined,
        },
        value,
      ),
    ),
    ...optional(confirmationMethod, (method) =>
      element(
        'saml:SubjectConfirmation',
        { Method: method },
        element('saml:SubjectConfirmationData', {
          NotBefore: instant(contents.confirmationNotBefore),
          NotOnOrAfter: instant(contents.confirmationNotOnOrAfter),
          Recipient: contents.recipient ?? undefined,
          InResponseTo: contents.confirmationInResponseTo ?? undefined,
        }),
      ),
    ),
  );
}

function conditions({ notBefore, notOnOrAfter, audiences }: ResponseContents): XmlFragment {
  return element(
    'saml:Conditions',
    { NotBefore: instant(notBefore), NotOnOrAfter: instant(notOnOrAfter) },
    ...optional(audiences, (list) =>
      element('saml:AudienceRestriction', {}, ...list.map((audience) => element('saml:Audience', {}, audience))),
    ),
  );
}

function authnStatement(contents: ResponseContents): XmlFragment {
  return element(
    'saml:AuthnStatement',
    {
      AuthnInstant: instant(contents.authnInstant),
      SessionIndex: contents.sessionIndex ?? undefined,
      SessionNotOnOrAfter: instant(contents.sessionNotOnOrAfter),
    },
    element(
      'saml:AuthnContext',
      {},
      ...optional(contents.authnContext, (context) => element('saml:AuthnContextClassRef', {}, context)),
    ),
  );
}

function attribute({ name, nameFormat, friendlyName, values }: TestAttribute): XmlFragment {
  return element(
    'saml:Attribute',
    { Name: name, NameFormat: nameFormat, FriendlyName: friendlyName },
    ...values.map((value) =>
      element('saml:AttributeValue', typeof value === 'string' ? { 'xsi:type': 'xs:string' } : {}, value),
    ),
  );
}

function optional<T>(value: T | null | undefined, make: (value: T) => XmlFragment): XmlFragment[] {
  return value === null || value === undefined ? [] : [make(value)];
}

function instant(value: Instant): string | undefined {
  return value instanceof Date ? formatInstant(value) : (value ?? undefined);
}
