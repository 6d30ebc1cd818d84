import { namespaces } from '../../src/saml/names.ts';
import {
  audience,
  authn,
  classRef,
  conditions,
  type Genuine,
  genuine,
  idpId,
  issued,
  PASSWORD,
  plain,
  type Spec,
  spId,
} from './genuine-message.ts';

const stamped = (name: string, written: string, claims: Spec['claims'] = {}): Genuine =>
  genuine(name, { parts: { authn: written }, claims });
const session = 'AuthnInstant="2026-01-01T00:00:00Z"';
const until = { index: '_x', notOnOrAfter: new Date('2026-01-01T08:00:00Z') };

const authns: readonly Genuine[] = [
  stamped('empty SessionIndex', authn(`${session} SessionIndex=""`), { session: { index: '' } }),
  stamped('no SessionIndex: Entra without logout', authn(session), { session: {} }),
  stamped('SessionIndex with blanks and punctuation', authn(`${session} SessionIndex="s2::a b/c=="`), {
    session: { index: 's2::a b/c==' },
  }),
  stamped('SessionIndex of 1,000 characters', authn(`${session} SessionIndex="${'s'.repeat(1000)}"`), {
    session: { index: 's'.repeat(1000) },
  }),
  stamped('SessionNotOnOrAfter', authn(`${session} SessionIndex="_x" SessionNotOnOrAfter="2026-01-01T08:00:00Z"`), {
    session: until,
  }),
  stamped(
    'SessionNotOnOrAfter in the year 9999',
    authn(`${session} SessionIndex="_x" SessionNotOnOrAfter="9999-12-31T23:59:59Z"`),
    { session: { index: '_x', notOnOrAfter: new Date('9999-12-31T23:59:59Z') } },
  ),
  stamped(
    'several AuthnStatements: the first counts',
    authn() + authn(`${session} SessionIndex="_y"`, { context: classRef('urn:example:mfa') }),
  ),
  stamped(
    'SubjectLocality',
    authn(undefined, { before: '<saml:SubjectLocality Address="203.0.113.7" DNSName="pc.example.test"/>' }),
  ),
  stamped(
    'AuthenticatingAuthority: an IdP behind a proxy',
    authn(undefined, {
      context: `${classRef()}<saml:AuthenticatingAuthority>https://home.example.test</saml:AuthenticatingAuthority>`,
    }),
  ),
  stamped(
    'several AuthenticatingAuthorities',
    authn(undefined, {
      context: `${classRef()}<saml:AuthenticatingAuthority>urn:a</saml:AuthenticatingAuthority><saml:AuthenticatingAuthority>urn:b</saml:AuthenticatingAuthority>`,
    }),
  ),
  stamped(
    'AuthnContextDeclRef alone',
    authn(undefined, { context: '<saml:AuthnContextDeclRef>urn:example:decl</saml:AuthnContextDeclRef>' }),
    { authnContext: 'urn:example:decl' },
  ),
  stamped(
    'AuthnContextDeclRef in addition to the class',
    authn(undefined, { context: `${classRef()}<saml:AuthnContextDeclRef>urn:example:decl</saml:AuthnContextDeclRef>` }),
  ),
  stamped(
    'AuthnContextDecl by value',
    authn(undefined, {
      context: `${classRef()}<saml:AuthnContextDecl><x:Declaration xmlns:x="urn:example"/></saml:AuthnContextDecl>`,
    }),
  ),
  stamped(
    'AuthnContextDecl alone',
    authn(undefined, {
      context: '<saml:AuthnContextDecl><x:Declaration xmlns:x="urn:example"/></saml:AuthnContextDecl>',
    }),
    { authnContext: undefined },
  ),
  stamped('AuthnContextClassRef with white space around', authn(undefined, { context: classRef(`\n  ${PASSWORD}\n`) })),
  ...[
    'unspecified',
    'PasswordProtectedTransport',
    'Kerberos',
    'X509',
    'TLSClient',
    'PreviousSession',
    'MobileTwoFactorContract',
  ].map((name) =>
    stamped(
      `authentication by ${name}`,
      authn(undefined, { context: classRef(`urn:oasis:names:tc:SAML:2.0:ac:classes:${name}`) }),
      { authnContext: `urn:oasis:names:tc:SAML:2.0:ac:classes:${name}` },
    ),
  ),
  stamped(
    'authentication as SAML 1 names it: PingFederate',
    authn(undefined, { context: classRef('urn:oasis:names:tc:SAML:1.0:am:unspecified') }),
    { authnContext: 'urn:oasis:names:tc:SAML:1.0:am:unspecified' },
  ),
  stamped('REFEDS MFA', authn(undefined, { context: classRef('https://refeds.org/profile/mfa') }), {
    authnContext: 'https://refeds.org/profile/mfa',
  }),
  stamped('authenticated days ago', authn('AuthnInstant="2025-12-24T18:00:00Z" SessionIndex="_x"'), {
    authnInstant: new Date('2025-12-24T18:00:00Z'),
  }),
];

const span = 'NotBefore="2026-01-01T00:00:00Z" NotOnOrAfter="2026-01-01T00:05:00Z"';
const conditioned = (name: string, written: string, claims: Spec['claims'] = {}): Genuine =>
  genuine(name, { parts: { conditions: written }, claims });
const within = (name: string, content: string, claims: Spec['claims'] = {}): Genuine =>
  conditioned(name, conditions(span, content), claims);

const conditionsOf: readonly Genuine[] = [
  within('several Audiences, ours last', audience('https://other.example.test', spId), {
    audiences: ['https://other.example.test', spId],
  }),
  within('several Audiences, ours first', audience(spId, 'https://other.example.test'), {
    audiences: [spId, 'https://other.example.test'],
  }),
  within('several AudienceRestrictions that all name us', audience() + audience('urn:federation', spId), {
    audiences: [spId, 'urn:federation', spId],
  }),
  within('Audience with white space around', audience(`\n      ${spId}\n    `)),
  within('Audience in CDATA', audience(`<![CDATA[${spId}]]>`)),
  within('OneTimeUse', `${audience()}<saml:OneTimeUse/>`),
  within('OneTimeUse before AudienceRestriction', `<saml:OneTimeUse/>${audience()}`),
  within('ProxyRestriction', `${audience()}<saml:ProxyRestriction Count="0"/>`),
  within(
    'ProxyRestriction with Audience',
    `${audience()}<saml:ProxyRestriction Count="1"><saml:Audience>urn:proxy</saml:Audience></saml:ProxyRestriction>`,
  ),
  within('all conditions at once', `<saml:ProxyRestriction/>${audience()}<saml:OneTimeUse/>`),
  conditioned('Conditions without NotBefore', conditions('NotOnOrAfter="2026-01-01T00:05:00Z"')),
  conditioned(
    'Conditions without NotOnOrAfter: the confirmation ends it',
    conditions('NotBefore="2026-01-01T00:00:00Z"'),
  ),
  conditioned('Conditions without times', conditions('')),
];

const xsi = `xmlns:xsi="${namespaces.schemaInstance}" xmlns:x="urn:example"`;
const advised = (name: string, content: string): Genuine =>
  genuine(name, { parts: { advice: `<saml:Advice>${content}</saml:Advice>` } });

const others: readonly Genuine[] = [
  advised('empty Advice', ''),
  advised('Advice with AssertionIDRef', '<saml:AssertionIDRef>_other</saml:AssertionIDRef>'),
  advised('Advice with AssertionURIRef', '<saml:AssertionURIRef>https://idp.example.test/a/1</saml:AssertionURIRef>'),
  advised('Advice of another namespace', '<x:Note xmlns:x="urn:example" ID="_note">hello</x:Note>'),
  genuine('AuthzDecisionStatement', {
    parts: {
      more: '<saml:AuthzDecisionStatement Resource="https://sp.example.test/" Decision="Permit"><saml:Action Namespace="urn:oasis:names:tc:SAML:1.0:action:rwedc">Read</saml:Action></saml:AuthzDecisionStatement>',
    },
  }),
  genuine('a Statement of its own type', { parts: { more: `<saml:Statement ${xsi} xsi:type="x:Custom"/>` } }),
  genuine('Issuer with the Format entity', {
    parts: { issuer: `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${idpId}</saml:Issuer>` },
  }),
  genuine('Issuer with white space around', {
    parts: {
      issuer: `<saml:Issuer>\n    ${idpId}\n  </saml:Issuer>`,
      responseIssuer: `<saml:Issuer> ${idpId} </saml:Issuer>`,
    },
  }),
  genuine('IssueInstant days ago, as in a cached assertion', {
    parts: { assertion: plain.assertion.replace('2026-01-01', '2025-12-01') },
    claims: { issueInstant: new Date('2025-12-01T00:00:00Z') },
  }),
  genuine('everything said at once', {
    parts: {
      advice: '<saml:Advice/>',
      authn: authn() + authn(),
      conditions: conditions(span, `${audience()}<saml:OneTimeUse/>`),
    },
    claims: { authnInstant: issued },
  }),
];

/** AuthnStatement, Conditions, Advice and what else stands in an assertion. */
export const statements: readonly Genuine[] = [...authns, ...conditionsOf, ...others];
