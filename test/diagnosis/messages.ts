import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ssoHandler } from '../../src/http/sso-handler.ts';
import { statusCodes } from '../../src/saml/names.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { begin, product } from '../sso/setup.ts';
import { type DiagnosisCase, type ExpectedHint, loginCase, respond, rewrite, signIn } from './support.ts';

/** The bytes of the form field are changed in transit. */
function encodingCase(
  name: string,
  transform: (samlResponse: string) => string,
  expected: ExpectedHint,
): DiagnosisCase {
  return loginCase(name, 'invalid_encoding', { transform }, expected);
}

/** A message other than a Response. */
function otherMessageCase(name: string, xml: string, expected: ExpectedHint): DiagnosisCase {
  return loginCase(name, 'unexpected_message', { transform: () => Buffer.from(xml).toString('base64') }, expected);
}

/** A failure that the identity provider reports as status. */
function statusCase(status: NonNullable<RespondOptions['status']>, expected: ExpectedHint): DiagnosisCase {
  const short = [status.code, status.subcode ?? []].flat().map((code) => code.replace(/.*:/, ''));
  return loginCase(
    `status ${short.join(' / ')}`,
    'status_not_success',
    { respond: { user: null, status } },
    {
      ...expected,
      values: [short.join(' / '), ...(expected.values ?? [])],
    },
  );
}

/** The identity provider writes the response with these overrides. */
function responseCase(
  name: string,
  code: DiagnosisCase['code'],
  overrides: Partial<RespondOptions>,
  expected: ExpectedHint,
): DiagnosisCase {
  return loginCase(name, code, { respond: overrides }, expected);
}

/** The response of the ACS URL to a form; an empty SAMLResponse is replaced by a valid one. */
async function postToAcs(form: Record<string, string>, method = 'POST'): Promise<unknown> {
  const app = product({}, { policy: { idpInitiated: 'allow' } });
  const fields = form['SAMLResponse'] === '' ? { SAMLResponse: respond(app) } : form;
  const answer = await ssoHandler(app.sso)({
    method,
    path: '/acs',
    query: new URLSearchParams(method === 'GET' ? fields : {}).toString(),
    header: () => undefined,
    body: async () => new TextEncoder().encode(new URLSearchParams(fields).toString()),
  });
  if (answer?.kind === 'error') throw answer.error;
  return answer;
}

function formCase(name: string, form: Record<string, string>, expected: ExpectedHint): DiagnosisCase {
  return {
    name,
    code: 'unexpected_message',
    ...expected,
    reproduce: () => postToAcs(form),
    fixed: () => postToAcs({ SAMLResponse: '' }),
  };
}

const swap = (from: string | RegExp, to: string): Partial<RespondOptions> => ({
  mutateBeforeSigning: (xml) => {
    const swapped = xml.replace(from, () => to);
    if (swapped === xml) throw new Error(`nothing to replace: ${from}`);
    return swapped;
  },
});

const { requester, responder } = statusCodes;
const saml2 = 'urn:oasis:names:tc:SAML:2.0';

export const messageCases: readonly DiagnosisCase[] = [
  encodingCase('a field truncated by a size limit in transit', (text) => text.slice(0, 3001), {
    cause: 'it is damaged or truncated: 3001 characters that do not form whole bytes',
    remedy: 'Look for a proxy, firewall or body parser that limits the size of forms',
  }),
  loginCase(
    'a field truncated between two bytes',
    'malformed_xml',
    { transform: (text) => text.slice(0, 3000) },
    {
      cause: 'the document ends inside <',
      remedy: 'a size limit of a proxy, firewall or body parser may have truncated it',
      values: ['Line 1, column 2251'],
    },
  ),
  encodingCase('base64 of base64', (text) => Buffer.from(text).toString('base64'), {
    cause: 'it is base64-encoded twice',
    remedy: 'the sender, or a gateway in between, must encode it once',
  }),
  encodingCase('URL-encoded twice', encodeURIComponent, {
    cause: 'it is still URL-encoded',
    remedy: 'the sender, or a gateway in between, encoded the form field twice',
  }),
  encodingCase('+ turned into blanks', (text) => text.replaceAll('+', ' '), {
    cause: 'it contains spaces in place of +',
    remedy: 'the sender did not URL-encode the form field',
  }),
  encodingCase('XML pasted without base64', (text) => Buffer.from(text, 'base64').toString(), {
    cause: 'the field contains XML that is not base64-encoded',
    remedy: 'HTTP-POST requires base64',
  }),
  encodingCase('base64 copied from a log that truncates lines', (text) => `${text.slice(0, 200)}...`, {
    cause: 'it contains the character "."',
    remedy: 'it was damaged in transit, or copied with surrounding text',
  }),
  encodingCase(
    'compressed as for a redirect',
    (text) => deflateRawSync(Buffer.from(text, 'base64')).toString('base64'),
    {
      cause: 'it is DEFLATE-compressed, as the HTTP-Redirect binding sends it',
      remedy: 'send responses by HTTP-POST',
    },
  ),
  {
    name: 'a response in the query of a GET request',
    code: 'unexpected_message',
    cause: 'The response came in the query of a GET request (HTTP-Redirect binding)',
    remedy: 'Choose HTTP-POST as the binding of the ACS URL at the identity provider',
    reproduce: () => postToAcs({ SAMLResponse: 'fVJN' }, 'GET'),
    fixed: () => postToAcs({ SAMLResponse: '' }),
  },
  formCase(
    'SAMLRequest posted to the ACS',
    { SAMLRequest: 'PHNhbWxwOkxvZ291dFJlcXVlc3Q+' },
    {
      cause: 'It has SAMLRequest instead',
      remedy: 'set the single logout URL, not the ACS URL, at the identity provider',
    },
  ),
  formCase(
    'an artifact',
    { SAMLart: 'AAQAAMFbLinl' },
    {
      cause: 'It has SAMLart instead',
      remedy: 'choose HTTP-POST, not HTTP-Artifact, as the binding of the ACS URL',
    },
  ),
  formCase(
    'a form of WS-Federation',
    { wa: 'wsignin1.0', wresult: '<t:RequestSecurityTokenResponse/>' },
    {
      cause: 'It has wresult, a WS-Federation token',
      remedy: 'choose SAML 2.0 (SAML-P, Web SSO) at the identity provider',
    },
  ),
  formCase(
    'a form of OpenID Connect',
    { id_token: 'eyJhbGciOi', state: 'x' },
    {
      cause: 'It has an OpenID Connect response',
      remedy: 'set the application up as a SAML 2.0 application at the identity provider',
    },
  ),
  formCase(
    'an empty form',
    {},
    {
      cause: 'The posted form has no field SAMLResponse. It is empty',
      remedy: 'another parser read the body before, or a redirect from http to https lost it',
    },
  ),
  otherMessageCase(
    'LogoutResponse sent to the ACS',
    `<samlp:LogoutResponse xmlns:samlp="${saml2}:protocol" Version="2.0"/>`,
    {
      cause: 'That is a logout message',
      remedy: 'set the single logout URL, not the ACS URL, at the identity provider',
      values: ['<LogoutResponse>'],
    },
  ),
  {
    name: 'AuthnRequest echoed',
    code: 'unexpected_message',
    cause: 'That is a request: the identity provider sent it back, or its login URL is set to this application',
    remedy: 'Expected a SAML 2.0 Response; received <AuthnRequest>',
    reproduce: async () => {
      const app = product();
      const begun = await begin(app.sso, {});
      if (begun.kind !== 'redirect') throw new Error('expected a redirect');
      const request = new URL(begun.url).searchParams.get('SAMLRequest') ?? '';
      const samlResponse = inflateRawSync(Buffer.from(request, 'base64')).toString('base64');
      return app.sso.completeLogin({ samlResponse });
    },
    fixed: () => signIn(product()),
  },
  otherMessageCase(
    'SAML 1.1',
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1"/>',
    {
      cause: 'That is SAML 1.1',
      remedy: 'choose SAML 2.0 at the identity provider',
    },
  ),
  otherMessageCase(
    'a WS-Federation token',
    '<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"/>',
    {
      cause: 'That is a WS-Federation token',
      remedy: 'choose SAML 2.0 (SAML-P, Web SSO) at the identity provider',
    },
  ),
  otherMessageCase('an assertion alone', `<saml:Assertion xmlns:saml="${saml2}:assertion" Version="2.0"/>`, {
    cause: 'That is an assertion without a Response',
    remedy: 'the identity provider must send a complete Response',
  }),
  otherMessageCase('metadata instead of a response', product().idp.metadata(), {
    cause: 'That is metadata',
    remedy: 'set it in the configuration of a connection (idp.metadata)',
  }),
  statusCase(
    { code: responder, subcode: statusCodes.authnFailed, message: 'Invalid password' },
    {
      cause: 'with the message "Invalid password"',
      remedy: 'The user could not authenticate there: wrong password, cancelled, or not assigned to this application',
    },
  ),
  statusCase(
    { code: responder, subcode: statusCodes.noPassive },
    {
      cause: 'It must not show a login page for this request',
      remedy: 'start an ordinary login',
    },
  ),
  statusCase(
    { code: responder, subcode: statusCodes.requestDenied, message: 'AADSTS50105: not assigned to a role' },
    {
      cause: 'with the message "AADSTS50105: not assigned to a role"',
      remedy: 'the user is not assigned to this application, or the request does not match the configuration there',
    },
  ),
  statusCase(
    { code: requester, subcode: statusCodes.invalidNameIdPolicy },
    {
      cause: 'It cannot send the NameID format that the connection asks for',
      remedy: 'change idp.nameIdFormat, or the format there',
    },
  ),
  statusCase(
    { code: requester, message: 'Unknown issuer' },
    {
      cause: 'It rejects the request',
      remedy: 'compare entity ID, ACS URL and signing of requests with the configuration there',
      values: ['"Unknown issuer"'],
    },
  ),
  statusCase(
    { code: responder, subcode: statusCodes.requestUnsupported },
    {
      cause: 'It does not support this kind of request',
      remedy: 'enable SP-initiated login there',
    },
  ),
  statusCase(
    { code: responder },
    {
      cause: 'It had an internal error, or refuses the user',
      remedy: 'ask its administrator',
    },
  ),
  loginCase(
    'more groups than the limits allow',
    'message_too_large',
    {
      respond: { attributes: [{ name: 'groups', values: Array.from({ length: 21_000 }, (_, i) => `g${i}`) }] },
    },
    {
      cause: 'The message has',
      remedy: 'Let the identity provider send fewer groups or attributes, or raise the limit',
      values: ['the limit is 1048576 bytes of XML (option limits.bytes)'],
    },
  ),
  {
    name: 'more elements than the limits allow',
    code: 'message_too_large',
    cause: 'More than 20 elements at line 1, column ',
    remedy: 'Configure the identity provider to send fewer groups or attributes, or raise the limit',
    values: ['(option limits.elements)'],
    reproduce: () => signIn(product({ limits: { elements: 20 } })),
    fixed: () => signIn(product({ limits: { elements: 200 } })),
  },
  responseCase(
    'success without an assertion',
    'assertion_missing',
    { assertion: false, signs: 'response' },
    {
      cause: 'The Response reports success and contains no Assertion',
      remedy: 'The identity provider must send the assertion by HTTP-POST, as a child of the Response',
    },
  ),
  loginCase(
    'two assertions',
    'assertion_multiple',
    { transform: rewrite('</samlp:Response>', `<saml:Assertion xmlns:saml="${saml2}:assertion"/></samlp:Response>`) },
    {
      cause: 'The Response contains 2 assertions; exactly one is accepted',
      remedy: 'The identity provider must send one',
    },
  ),
  responseCase(
    'no AuthnStatement',
    'authn_statement_missing',
    { authnInstant: null },
    {
      cause: 'The assertion has no AuthnStatement',
      remedy: 'Use the Web Browser SSO profile at the identity provider, not an attribute query',
    },
  ),
  responseCase(
    'confirmation by another method',
    'subject_confirmation_invalid',
    { confirmationMethod: `${saml2}:cm:sender-vouches` },
    {
      cause: `received "${saml2}:cm:sender-vouches"`,
      remedy: 'Use the Web Browser SSO profile at the identity provider',
      values: [`${saml2}:cm:bearer`],
    },
  ),
  responseCase('no Conditions', 'conditions_invalid', swap(/<saml:Conditions .*?<\/saml:Conditions>/s, ''), {
    cause: 'The assertion has no Conditions',
    remedy: 'The identity provider must send an AudienceRestriction and a period of validity',
  }),
  responseCase(
    'an unknown condition',
    'conditions_invalid',
    swap('</saml:Conditions>', '<x:Delegation xmlns:x="urn:x"/></saml:Conditions>'),
    {
      cause: 'The assertion has conditions that are not understood: "x:Delegation"',
      remedy: 'Remove them at the identity provider',
    },
  ),
];
