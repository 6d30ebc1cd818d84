import { SamlError } from '../errors.ts';
import { printable } from '../lib/quote.ts';
import { collapseWhiteSpace, type XmlElement } from '../xml/element.ts';
import { parseDateTime } from './date-time.ts';
import { namespaces, statusCodes } from './names.ts';
import { readIssuer } from './read-assertion.ts';

/**
 * Attributes of a Response (SAML Core 3.2.2). If the Response is not signed, these are claims that can only lead to a
 * refusal.
 */
export interface ResponseContent {
  readonly signed: boolean;
  readonly issuer: string | null;
  readonly destination: string | undefined;
  /** `undefined` also if it is empty: some identity providers send that in unsolicited responses. */
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
 * Status (SAML Core 3.2.2.1): only Success continues, and the top-level code decides (Core 3.2.2.2). It is checked
 * before any signature, because a failed login grants nothing.
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
    hint: `The identity provider answered ${short.join(' / ') || 'without a status'}${message === '' ? '' : ` with the message ${JSON.stringify(printable(message))}`}. ${remedy(codes)} See its log for details.`,
    details: { status: shown, statusMessage: printable(message) },
  });
}

/** All codes, outermost first: nested codes are more specific (Core 3.2.2.2). */
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
    [statusCodes.noPassive]: 'It must not show a login page for this request: start an ordinary login.',
    [statusCodes.requestDenied]:
      'It denied the request: the user is not assigned to this application, or the request does not match the configuration there.',
    [statusCodes.invalidNameIdPolicy]:
      'It cannot send the NameID format that the connection asks for: change idp.nameIdFormat, or the format there.',
    [statusCodes.noAuthnContext]: 'It cannot authenticate the user in the requested way.',
    [statusCodes.requester]:
      'It rejects the request: compare entity ID, ACS URL and signing of requests with the configuration there.',
    [statusCodes.requestUnsupported]: 'It does not support this kind of request: enable SP-initiated login there.',
    [statusCodes.unknownPrincipal]:
      'It does not know the user whom the application named: create the user there, or assign the application to them.',
    [statusCodes.responder]: 'It had an internal error, or refuses the user: ask its administrator.',
    [statusCodes.versionMismatch]: 'It does not support SAML 2.0.',
  };
  const code = codes.findLast((candidate) => Object.hasOwn(known, candidate));
  return (code === undefined ? undefined : known[code]) ?? 'The login failed there.';
}

/**
 * The only Assertion or EncryptedAssertion of the whole document, which must be a child of the Response.
 *
 * @throws SamlError `assertion_missing` or `assertion_multiple`
 */
export function findAssertion(response: XmlElement): XmlElement {
  const found = assertionsIn(response);
  const [assertion] = found;
  if (assertion === undefined || (found.length === 1 && assertion.parent !== response)) {
    throw new SamlError('assertion_missing', {
      hint: `The Response reports success and ${assertion === undefined ? 'contains no Assertion' : 'has its Assertion inside another element'}. The identity provider must send the assertion by HTTP-POST, as a child of the Response.`,
      details: { expected: 1, received: found.length },
    });
  }
  if (found.length > 1) {
    throw new SamlError('assertion_multiple', {
      hint: `The Response contains ${found.length} assertions; exactly one is accepted, so that it is certain which one was verified. The identity provider must send one.`,
      details: { expected: 1, received: found.length },
    });
  }
  return assertion;
}

/**
 * Refuses a decrypted document that is not exactly one Assertion.
 *
 * @throws SamlError `assertion_missing` or `assertion_multiple`
 */
export function expectOneAssertion(root: XmlElement): void {
  const found = assertionsIn(root);
  if (found.length === 1 && root.is(ASSERTION, 'Assertion')) return;
  throw new SamlError(found.length > 1 ? 'assertion_multiple' : 'assertion_missing', {
    hint: `The EncryptedAssertion contains <${printable(root.localName)}> with ${found.length} assertions in total; it must contain one Assertion. Correct this at the identity provider.`,
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
    return ' That is an assertion without a Response: the identity provider must send a complete Response.';
  if (root.localName === 'Envelope')
    return ' That is a SOAP message: the identity provider must send responses by HTTP-POST.';
  if (root.is(PROTOCOL, 'AuthnRequest'))
    return ' That is a request: the identity provider sent it back, or its login URL is set to this application.';
  if (/^Logout/.test(root.localName))
    return ' That is a logout message: set the single logout URL, not the ACS URL, at the identity provider.';
  if (root.namespace === namespaces.metadata)
    return ' That is metadata: set it in the configuration of a connection (idp.metadata).';
  return ' Use the ACS URL at the identity provider for SAML 2.0 responses by HTTP-POST only.';
}

const forIdp = ' Correct this at the identity provider.';

function unexpected(received: string, explanation: string): never {
  throw new SamlError('unexpected_message', {
    hint: `Expected a SAML 2.0 Response; received ${received}.${explanation}`,
    details: { received },
  });
}
