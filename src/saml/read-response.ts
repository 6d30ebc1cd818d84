import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import { collapseWhiteSpace, type XmlElement } from '../xml/element.ts';
import { parseDateTime } from './date-time.ts';
import { namespaces, statusCodes } from './names.ts';
import { readIssuer } from './read-assertion.ts';

/** Attributes of a Response (SAML Core 3.2.2). Where it is not signed they are claims that may only make us refuse. */
export interface ResponseContent {
  readonly signed: boolean;
  readonly issuer: string | null;
  readonly destination: string | undefined;
  /** `undefined` also when it is empty: identity providers send that on unsolicited responses. */
  readonly inResponseTo: string | undefined;
  readonly issueInstant: Date;
}

const { assertion: ASSERTION, protocol: PROTOCOL } = namespaces;

/** Refuses any other message than a SAML 2.0 Response. @throws SamlError `unexpected_message` */
export function expectResponse(root: XmlElement): void {
  if (!root.is(PROTOCOL, 'Response')) {
    unexpected(`<${printable(root.localName)}> in the namespace ${printable(root.namespace)}`, describeOther(root));
  }
  if (root.get('Version') !== '2.0')
    unexpected(`a Response of version ${printable(root.get('Version') ?? '(none)')}`, forIdp);
}

/**
 * Status (SAML Core 3.2.2.1): only Success continues, and the top-level code decides (Core 3.2.2.2). It is checked before
 * any signature, since a refusal claims nothing.
 *
 * @throws SamlError `status_not_success`
 */
export function expectSuccess(response: XmlElement): void {
  const [status, ...more] = response.all(PROTOCOL, 'Status');
  const [top, ...others] = status?.all(PROTOCOL, 'StatusCode') ?? [];
  const isSuccess = top !== undefined && codeValue(top) === statusCodes.success;
  if (isSuccess && others.length === 0 && more.length === 0) return;
  const codes = status === undefined ? [] : statusCodesOf(status);
  const message = status?.all(PROTOCOL, 'StatusMessage')[0]?.text ?? '';
  const shown = codes.slice(0, 5).map((code) => printable(code));
  const short = shown.map((code) => code.replace(/^urn:oasis:names:tc:SAML:2\.0:status:/, ''));
  throw new SamlError('status_not_success', {
    hint: `The identity provider answered ${short.join(' / ') || 'without a status'}${message === '' ? '' : ` with the message ${JSON.stringify(printable(message))}`}. ${remedy(codes)} Its own log says more.`,
    details: { status: shown, statusMessage: printable(message) },
  });
}

/** Every code, outermost first: those inside another one say more about it (Core 3.2.2.2). */
function statusCodesOf(status: XmlElement): string[] {
  return status
    .descendants()
    .filter((element) => element.is(PROTOCOL, 'StatusCode'))
    .map(codeValue);
}

function codeValue(code: XmlElement): string {
  return collapseWhiteSpace(code.get('Value') ?? '');
}

function remedy(codes: readonly string[]): string {
  const known: Readonly<Record<string, string>> = {
    [statusCodes.authnFailed]:
      'The user could not authenticate there: wrong password, cancelled, or not assigned to this application.',
    [statusCodes.noPassive]: 'It may not show a login page to this request: start an ordinary login.',
    [statusCodes.requestDenied]:
      'It denied the request: the user is not assigned to this application, or the request is not as configured there.',
    [statusCodes.invalidNameIdPolicy]:
      'It cannot send the NameID format that the connection asks for: change idp.nameIdFormat, or the format there.',
    [statusCodes.noAuthnContext]: 'It cannot authenticate the user in the way that was asked for.',
    [statusCodes.requester]:
      'It finds fault with the request: compare entity ID, ACS URL and signing of requests with what is configured there.',
    [statusCodes.requestUnsupported]: 'It does not support this kind of request: enable SP-initiated login there.',
    [statusCodes.unknownPrincipal]:
      'It does not know the user whom the application named: create the user there, or assign the application to them.',
    [statusCodes.responder]: 'It failed by itself, or refuses the user: ask its administrator.',
    [statusCodes.versionMismatch]: 'It does not speak SAML 2.0.',
  };
  const code = codes.findLast((candidate) => Object.hasOwn(known, candidate));
  return (code === undefined ? undefined : known[code]) ?? 'The login failed there.';
}

/**
 * The one Assertion or EncryptedAssertion of the whole document, at any depth: a child of the Response.
 *
 * @throws SamlError `assertion_missing` or `assertion_multiple`
 */
export function findAssertion(response: XmlElement): XmlElement {
  const found = assertionsIn(response);
  const [assertion] = found;
  if (assertion === undefined || (found.length === 1 && assertion.parent !== response)) {
    throw new SamlError('assertion_missing', {
      hint: `The Response reports success and ${assertion === undefined ? 'holds no Assertion' : 'hides its Assertion inside another element'}. The identity provider must send the assertion by HTTP-POST, as a child of the Response.`,
      details: { expected: 1, received: found.length },
    });
  }
  if (found.length > 1) {
    throw new SamlError('assertion_multiple', {
      hint: `The Response holds ${found.length} assertions; exactly one is accepted, since it must be certain which one was verified. The identity provider must send one.`,
      details: { expected: 1, received: found.length },
    });
  }
  return assertion;
}

/**
 * Refuses a document, once decrypted, that is anything but one Assertion.
 *
 * @throws SamlError `assertion_missing` or `assertion_multiple`
 */
export function expectOneAssertion(root: XmlElement): void {
  const found = assertionsIn(root);
  if (found.length === 1 && root.is(ASSERTION, 'Assertion')) return;
  throw new SamlError(found.length > 1 ? 'assertion_multiple' : 'assertion_missing', {
    hint: `The EncryptedAssertion holds <${printable(root.localName)}> with ${found.length} assertions in all; it must hold one Assertion. Correct this at the identity provider.`,
    details: { expected: 1, received: found.length },
  });
}

function assertionsIn(root: XmlElement): XmlElement[] {
  const found: XmlElement[] = [];
  for (const element of root.descendants()) {
    if (element.is(ASSERTION, 'Assertion') || element.is(ASSERTION, 'EncryptedAssertion')) found.push(element);
  }
  return found;
}

/** @throws SamlError `unexpected_message` or `assertion_invalid` */
export function readResponse(response: XmlElement, signed: boolean): ResponseContent {
  const issuers = response.all(ASSERTION, 'Issuer');
  if (issuers.length > 1) unexpected('a Response with several Issuers', forIdp);
  const issueInstant = parseDateTime(response.get('IssueInstant') ?? '');
  if (issueInstant === null)
    unexpected(
      `a Response with the IssueInstant ${printable(response.get('IssueInstant') ?? '(none)')}, which is not a time with its zone, such as 2026-11-24T08:00:00Z`,
      forIdp,
    );
  return {
    signed,
    issuer: issuers[0] === undefined ? null : readIssuer(issuers[0]),
    destination: response.get('Destination'),
    inResponseTo: response.get('InResponseTo') || undefined,
    issueInstant,
  };
}

function describeOther(root: XmlElement): string {
  if (root.namespace.startsWith('urn:oasis:names:tc:SAML:1'))
    return ' That is SAML 1.1: choose SAML 2.0 at the identity provider.';
  if (/^RequestSecurityToken/.test(root.localName))
    return ' That is a WS-Federation token: choose SAML 2.0 (SAML-P, Web SSO) at the identity provider.';
  if (root.is(ASSERTION, 'Assertion'))
    return ' That is an assertion without the Response around it: the identity provider must send a whole Response.';
  if (root.localName === 'Envelope')
    return ' That is a SOAP message: the identity provider must send responses by HTTP-POST.';
  if (root.is(PROTOCOL, 'AuthnRequest'))
    return ' That is a request: the identity provider sent it back, or its login URL is set to this application.';
  if (/^Logout/.test(root.localName))
    return ' That is a logout message: set the single logout URL, not the ACS URL, at the identity provider.';
  if (root.namespace === namespaces.metadata)
    return ' That is metadata: it belongs into the configuration of a connection (idp.metadata), not into a login.';
  return ' Give the identity provider the ACS URL for SAML 2.0 responses by HTTP-POST alone.';
}

const forIdp = ' Correct this at the identity provider.';

function unexpected(received: string, explanation: string): never {
  throw new SamlError('unexpected_message', {
    hint: `Expected a SAML 2.0 Response; received ${received}.${explanation}`,
    details: { received },
  });
}
