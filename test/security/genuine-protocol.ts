import { options } from '../support/response.ts';
import {
  acsUrl,
  audience,
  authn,
  conditions,
  confirmation,
  type Genuine,
  genuine,
  plain,
  type Spec,
  spId,
} from './genuine-message.ts';

const success = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>';
const status = (name: string, content: string, spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts: { status: `<samlp:Status>${content}</samlp:Status>` } });
const responded = (name: string, response: string, spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts: { response, ...spec.parts } });
const unsolicited = {
  confirmation: confirmation(`Recipient="${acsUrl}" NotOnOrAfter="2026-01-01T00:05:00Z"`),
};
const alone = { claims: { inResponseTo: undefined }, options: { inResponseTo: null } };

const responses: readonly Genuine[] = [
  responded('Consent', `Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ${plain.response}`, { mode: 'both' }),
  responded('attributes of another namespace on the Response', `xmlns:x="urn:example" x:node="7" ${plain.response}`),
  genuine('Extensions', {
    mode: 'both',
    parts: { extensions: '<samlp:Extensions><x:Trace xmlns:x="urn:example">1</x:Trace></samlp:Extensions>' },
  }),
  status('StatusMessage with Success', `${success}<samlp:StatusMessage>Authentication succeeded</samlp:StatusMessage>`),
  status(
    'StatusDetail with Success',
    `${success}<samlp:StatusDetail><x:Cause xmlns:x="urn:example">none</x:Cause></samlp:StatusDetail>`,
  ),
  status('StatusMessage and StatusDetail, Response signed', `${success}<samlp:StatusMessage/><samlp:StatusDetail/>`, {
    mode: 'response',
  }),
  ...(['response', 'assertion'] as const).map((mode) =>
    status(
      `a second-level status code inside Success, ${mode} signed`,
      success.replace('/>', '><samlp:StatusCode Value="urn:example:status:remembered"/></samlp:StatusCode>'),
      { mode },
    ),
  ),
  status(
    'two levels of status codes inside Success',
    success.replace(
      '/>',
      '><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"><samlp:StatusCode Value="urn:x"/></samlp:StatusCode></samlp:StatusCode>',
    ),
  ),
  status('status code with white space around', success.replace('Success"', 'Success "')),
  genuine('no Issuer of an unsigned Response', { parts: { responseIssuer: '' } }),
  genuine('Response Issuer with the Format entity', {
    mode: 'response',
    parts: {
      responseIssuer: plain.responseIssuer.replace(
        'Issuer>',
        'Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">',
      ),
    },
  }),
  responded('no Destination, Assertion signed', plain.response.replace(` Destination="${acsUrl}"`, '')),
  responded('no Destination, Response signed', plain.response.replace(` Destination="${acsUrl}"`, ''), {
    mode: 'response',
  }),
  responded('unsolicited: begun at the portal', plain.response.replace(' InResponseTo="_request"', ''), {
    parts: unsolicited,
    ...alone,
  }),
  responded('unsolicited, with an empty InResponseTo', plain.response.replace('"_request"', '""'), {
    parts: { confirmation: unsolicited.confirmation.replace('NotOn', 'InResponseTo="" NotOn') },
    ...alone,
  }),
  genuine('Status behind the Assertion', {
    edit: (xml) => xml.replace(plain.status, '').replace('</samlp:Response>', `${plain.status}</samlp:Response>`),
  }),
  genuine('only the Response must be signed, and both are', { mode: 'both', options: { requireSigned: 'response' } }),
  genuine('both must be signed, and are', { mode: 'both', options: { requireSigned: 'both' } }),
];

const identified = (name: string, id: string): Genuine =>
  genuine(`ID: ${name}`, {
    mode: 'both',
    parts: { assertion: plain.assertion.replace('_a', id), response: plain.response.replace('"_r"', `"${id}r"`) },
    claims: { id },
  });

const ids: readonly Genuine[] = [
  identified('id and a number: Okta', 'id37481921468930121486217394'),
  identified('a GUID: ADFS, Entra', '_6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11'),
  identified('ID_ and a GUID: Keycloak', 'ID_6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11'),
  identified('dots, hyphens and underscores: PingFederate', 'f.A-1_b.C-2__3'),
  identified('a letter', 'a'),
  identified('an underscore', '_'),
  identified('letters beyond ASCII', 'Größe_名前'),
  identified('a letter beyond the basic plane', '\u{20000}x'),
  identified('a bare UUID that begins with a digit', '6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11'),
  identified('a bare UUID that begins with a letter', 'a62f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11'),
  identified('a number', '37481921468930121486217394'),
  identified('a hyphen first', '-6a2f1c0e'),
  identified('a dot first', '.6a2f1c0e'),
  identified('a middle dot first', '\u00b76a2f1c0e'),
  identified('a URN, with colons', 'urn:uuid:6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11'),
  identified('a colon first', ':6a2f1c0e'),
  identified('1,000 characters', `_${'f'.repeat(999)}`),
];

/** The moments of a message, each as written; validated at 00:01:00. */
function timed(
  name: string,
  times: { readonly at?: string; readonly from?: string; readonly to?: string; readonly ends?: string },
  spec: Spec = {},
): Genuine {
  const { at = '2026-01-01T00:00:00Z', from = '2026-01-01T00:00:00Z', to = '2026-01-01T00:05:00Z', ends = to } = times;
  return genuine(`time: ${name}`, {
    ...spec,
    parts: {
      assertion: `ID="_a" Version="2.0" IssueInstant="${at}"`,
      response: plain.response.replace('2026-01-01T00:00:00Z', at),
      authn: authn(`AuthnInstant="${at}" SessionIndex="_x"`),
      conditions: conditions(`NotBefore="${from}" NotOnOrAfter="${to}"`),
      confirmation: confirmation(`Recipient="${acsUrl}" NotOnOrAfter="${ends}" InResponseTo="_request"`),
      ...spec.parts,
    },
  });
}
const moment = (text: string): Spec['claims'] => ({ issueInstant: new Date(text), authnInstant: new Date(text) });
const ending = (text: string): Spec['claims'] => ({ notOnOrAfter: new Date(text) });

const times: readonly Genuine[] = [
  ...[1, 2, 3, 6, 7, 9, 12].map((digits) =>
    timed(
      `fraction of ${digits} digits`,
      { at: `2026-01-01T00:00:00.${'123456789012'.slice(0, digits)}Z` },
      { claims: moment(`2026-01-01T00:00:00.${'123'.slice(0, digits).padEnd(3, '0')}Z`) },
    ),
  ),
  timed('fraction of zeros', { at: '2026-01-01T00:00:00.0000000Z' }),
  timed('white space around', { at: ' 2026-01-01T00:00:00Z\n' }),
  ...(
    [
      ['+00:00', '2026-01-01T00:00:00+00:00', '2026-01-01T00:05:00+00:00'],
      ['-00:00', '2026-01-01T00:00:00-00:00', '2026-01-01T00:05:00-00:00'],
      ['+00:00, with a fraction', '2026-01-01T00:00:00.000+00:00', '2026-01-01T00:05:00.000+00:00'],
      ['+01:00', '2026-01-01T01:00:00+01:00', '2026-01-01T01:05:00+01:00'],
      ['-08:00, where it is still the year before', '2025-12-31T16:00:00-08:00', '2025-12-31T16:05:00-08:00'],
      ['+05:30', '2026-01-01T05:30:00+05:30', '2026-01-01T05:35:00+05:30'],
      ['different ones', '2026-01-01T01:00:00+01:00', '2025-12-31T19:05:00-05:00'],
    ] as const
  ).map(([name, at, to]) => timed(`the offset ${name}`, { at, from: at, to })),
  timed(
    'issued as late as the skew allows',
    { at: '2026-01-01T00:02:00Z', from: '2026-01-01T00:02:00Z' },
    { claims: moment('2026-01-01T00:02:00Z') },
  ),
  timed(
    'issued a few milliseconds ahead: clocks differ',
    { at: '2026-01-01T00:01:00.007Z', from: '2026-01-01T00:01:00.007Z' },
    { claims: moment('2026-01-01T00:01:00.007Z') },
  ),
  timed('begins now, without any skew', { from: '2026-01-01T00:01:00Z' }, { options: { clockSkewSeconds: 0 } }),
  timed(
    'ends a millisecond from now, without any skew',
    { to: '2026-01-01T00:01:00.001Z' },
    { options: { clockSkewSeconds: 0 }, claims: ending('2026-01-01T00:01:00.001Z') },
  ),
  timed(
    'ended as early as the skew allows',
    { to: '2026-01-01T00:00:00.001Z' },
    { claims: ending('2026-01-01T00:00:00.001Z') },
  ),
  timed(
    'ended within the largest skew',
    { from: '2025-12-31T23:50:00Z', to: '2025-12-31T23:56:00.001Z' },
    { options: { clockSkewSeconds: 300 }, claims: ending('2025-12-31T23:56:00.001Z') },
  ),
  timed(
    'the session ended as early as the skew allows',
    {},
    {
      parts: {
        authn: authn(
          'AuthnInstant="2026-01-01T00:00:00Z" SessionIndex="_x" SessionNotOnOrAfter="2026-01-01T00:00:00.001Z"',
        ),
      },
      claims: { session: { index: '_x', notOnOrAfter: new Date('2026-01-01T00:00:00.001Z') } },
    },
  ),
  timed(
    'lasts for an hour: ADFS, Entra',
    { from: '2025-12-31T23:55:00Z', to: '2026-01-01T01:00:00Z' },
    { claims: ending('2026-01-01T01:00:00Z') },
  ),
  timed(
    'lasts for 20 hours: LemonLDAP::NG',
    { to: '2026-01-01T20:00:00Z' },
    { claims: ending('2026-01-01T20:00:00Z') },
  ),
  timed('lasts for 24 hours from now', { to: '2026-01-02T00:01:00Z' }, { claims: ending('2026-01-02T00:01:00Z') }),
  timed(
    'Conditions last for years, the confirmation for minutes',
    { to: '2036-01-01T00:00:00Z', ends: '2026-01-01T00:05:00Z' },
    { claims: ending('2026-01-01T00:05:00Z') },
  ),
  timed('on a leap day', { at: '2024-02-29T23:59:59Z' }, { claims: moment('2024-02-29T23:59:59Z') }),
];

const fold = (separator: string, width: number) => (base64: string) =>
  base64.replace(new RegExp(`.{${width}}`, 'g'), `$&${separator}`);
const transported: readonly Genuine[] = [
  genuine('base64 in lines of 76, CRLF: MIME', { field: fold('\r\n', 76) }),
  genuine('base64 in lines of 64', { field: fold('\n', 64) }),
  genuine('base64 in lines of 60', { field: fold('\n', 60) }),
  genuine('base64 in lines that begin with blanks', { field: fold('\n    ', 76) }),
  genuine('base64 with a line break at the end', { field: (base64) => `${base64}\r\n` }),
  genuine('base64 with white space before', { field: (base64) => `\n\t${base64}` }),
  ...[1, 2, 3].map((more) =>
    genuine(`base64 with the padding of ${more} bytes more`, { wire: (xml) => xml + ' '.repeat(more) }),
  ),
];

/** A message between parties of other names. */
function named(name: string, { idp = 'https://idp.example.test', sp = spId, acs = acsUrl }): Genuine {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;');
  return genuine(name, {
    mode: 'both',
    parts: {
      responseIssuer: `<saml:Issuer>${escaped(idp)}</saml:Issuer>`,
      issuer: `<saml:Issuer>${escaped(idp)}</saml:Issuer>`,
      response: plain.response.replace(acsUrl, escaped(acs)),
      confirmation: confirmation().replace(acsUrl, escaped(acs)),
      conditions: conditions(undefined, audience(escaped(sp))),
    },
    claims: { issuer: idp, audiences: [sp] },
    options: {
      identityProvider: { ...options.identityProvider, entityId: idp },
      serviceProvider: { entityId: sp, acsUrl: acs },
    },
  });
}

const parties: readonly Genuine[] = [
  named('entity ID of the IdP: a URN', { idp: 'urn:example:idp' }),
  named('entity ID of the IdP: Entra', { idp: 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/' }),
  named('entity ID of the IdP: a bare name', { idp: 'idp.example.test' }),
  named('entity ID of the IdP: a query with &', { idp: 'https://idp.example.test/metadata?id=1&v=2' }),
  named('entity ID of the IdP: letters beyond ASCII', { idp: 'https://größe.example.test/名' }),
  named('entity ID of the IdP: 1,024 characters', { idp: `https://idp.example.test/${'x'.repeat(999)}` }),
  named('entity ID of the application: a URN', { sp: 'urn:amazon:webservices:x' }),
  named('entity ID of the application: spn: of Entra', { sp: 'spn:6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11' }),
  named('ACS URL with a port', { acs: 'https://sp.example.test:8443/acs' }),
  named('ACS URL with a query', { acs: 'https://sp.example.test/acs?tenant=a&x=%20' }),
  named('ACS URL on IPv6 loopback', { acs: 'http://[::1]:3000/acs' }),
  named('ACS URL with capitals and escapeds', { acs: 'https://SP.example.test/%7Ea/ACS/' }),
  named('ACS URL of an international domain', { acs: 'https://xn--gre-6ka8i.example.test/acs' }),
];

/** Response, IDs, times, base64 and the names of the parties. */
export const protocols: readonly Genuine[] = [...responses, ...ids, ...times, ...transported, ...parties];
