import type { Assertion } from '../../src/saml/assertion.ts';
import { bearerConfirmation, nameIdFormats, namespaces, statusCodes } from '../../src/saml/names.ts';
import { idpEntityId, now, requestId, serviceProvider } from './originals.ts';
import type { Random } from './random.ts';
import type { Element } from './writing.ts';

// Without @, which marks the SignatureValue to be filled in.
const characters = [
  ...'aA1 .,-_/:é名<>&"\'\t\n\r]'.split(''),
  ...[
    ']]>',
    '\u0085',
    '\u2028',
    '\uFEFF',
    '\uFFFD',
    '\u00A0',
    '\u{1F600}',
    '\u{10FFFF}',
    '\u0301',
    '\u202E',
    '\x7F',
    '&amp;',
    '<!--',
    '&#65;',
  ],
];

const spaces = ['', '', '', ' ', '\n\t  '];

function text(random: Random): string {
  const length = random.oneIn(40) ? 2000 : random.below(12);
  return Array.from({ length }, () => random.pick(characters)).join('');
}

/** ID of all Responses. */
export const responseId = '_r';

/** Makes up what an identity provider asserts. */
export function makeContent(random: Random): Assertion {
  const id = random.pick(['_a', '_0123-456.789', 'a', '_é', '6a2f1c0e-8b1d-4f0a', '-1', '.1', '1:é']);
  const attributeList = Array.from({ length: random.below(5) }, () => ({
    name: random.pick(['mail', 'urn:oid:2.5.4.42', '__proto__', 'constructor', `é${text(random)}`]),
    ...(random.oneIn(2) ? { friendlyName: text(random) } : {}),
    ...(random.oneIn(2) ? { nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic' } : {}),
    values: Array.from({ length: random.below(4) }, () => text(random)),
  }));
  const attributes = new Map<string, string[]>();
  for (const { name, values } of attributeList) attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
  const qualified = random.oneIn(3) ? { nameQualifier: text(random), spNameQualifier: serviceProvider.entityId } : {};
  const notOnOrAfter = new Date(now.getTime() + 300_000);
  return {
    id,
    issuer: idpEntityId,
    issueInstant: now,
    subject: { nameId: `x${text(random)}`.replace(/[\t\n\r ]+$/, ''), format: nameIdFormats.persistent, ...qualified },
    attributes,
    attributeList,
    session: random.oneIn(2) ? { index: `_s${text(random)}` } : {},
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
    authnInstant: now,
    audiences: [serviceProvider.entityId],
    inResponseTo: requestId,
    notOnOrAfter,
  };
}

type Children = Element['children'];

/** A Response around an Assertion. `marks` is where the signature goes. */
export function responseElement(assertion: Element, marks: Children, random: Random): Element {
  const { protocol: samlp, assertion: saml } = namespaces;
  const attributes = [
    ['ID', responseId],
    ['Version', '2.0'],
    ['IssueInstant', now.toISOString()],
    ['Destination', serviceProvider.acsUrl],
    ['InResponseTo', requestId],
  ] as const;
  const success = {
    namespace: samlp,
    name: 'StatusCode',
    attributes: [['Value', statusCodes.success]],
    children: [],
  } as const;
  return {
    namespace: samlp,
    name: 'Response',
    attributes,
    children: place(random, marks, [
      { namespace: saml, name: 'Issuer', attributes: [], children: [idpEntityId] },
      { namespace: samlp, name: 'Status', attributes: [], children: [success] },
      assertion,
    ]),
  };
}

/** The Assertion that says so. `seal` may put something else in the place of its NameID and Attributes. */
export function assertionElement(
  assertion: Assertion,
  marks: Children,
  random: Random,
  seal: (part: Element) => Element,
): Element {
  const element = (
    name: string,
    attributes: Readonly<Record<string, string | undefined>>,
    ...children: Children
  ): Element => ({
    namespace: namespaces.assertion,
    name,
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    ),
    children,
  });
  const { subject, notOnOrAfter } = assertion;
  const end = notOnOrAfter.toISOString();
  return element(
    'Assertion',
    { ID: assertion.id, Version: '2.0', IssueInstant: assertion.issueInstant.toISOString() },
    ...place(random, marks, [
      element('Issuer', {}, assertion.issuer),
      element(
        'Subject',
        {},
        seal(
          element(
            'NameID',
            {
              Format: subject?.format,
              NameQualifier: subject?.nameQualifier,
              SPNameQualifier: subject?.spNameQualifier,
            },
            // White space around it does not belong to it.
            `${random.pick(spaces)}${subject?.nameId ?? ''}${random.pick(spaces)}`,
          ),
        ),
        element(
          'SubjectConfirmation',
          { Method: bearerConfirmation },
          element('SubjectConfirmationData', {
            Recipient: serviceProvider.acsUrl,
            NotBefore: random.oneIn(4) ? now.toISOString() : undefined,
            NotOnOrAfter: end,
            InResponseTo: requestId,
          }),
        ),
      ),
      element(
        'Conditions',
        { NotOnOrAfter: end },
        element('AudienceRestriction', {}, ...assertion.audiences.map((audience) => element('Audience', {}, audience))),
      ),
      element(
        'AuthnStatement',
        { AuthnInstant: assertion.authnInstant.toISOString(), SessionIndex: assertion.session.index },
        element('AuthnContext', {}, element('AuthnContextClassRef', {}, assertion.authnContext ?? '')),
      ),
      element(
        'AttributeStatement',
        {},
        ...assertion.attributeList.map(({ name, friendlyName, nameFormat, values }) =>
          seal(
            element(
              'Attribute',
              { Name: name, FriendlyName: friendlyName, NameFormat: nameFormat },
              ...values.map((value) =>
                element('AttributeValue', random.oneIn(4) ? { 'xml:lang': 'en', 'xml:space': 'preserve' } : {}, value),
              ),
            ),
          ),
        ),
      ),
    ]),
  );
}

/** Signatures stand behind the Issuer; some identity providers put them elsewhere. */
function place(random: Random, marks: Children, children: Children): Children {
  const at = random.oneIn(4) ? random.below(children.length + 1) : 1;
  return [...children.slice(0, at), ...marks, ...children.slice(at)];
}
