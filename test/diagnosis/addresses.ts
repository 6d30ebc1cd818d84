import type { ConnectionInput } from '../../src/index.ts';
import { createTestIdp, type RespondOptions } from '../../src/testing/index.ts';
import { acsUrl, entityId, key, product } from '../sso/setup.ts';
import { type DiagnosisCase, type ExpectedHint, signIn, signInIdpInitiated } from './support.ts';

const idp = {
  entityId: 'https://idp.example.test/metadata',
  ssoUrl: 'https://idp.example.test/sso',
  certificate: key.certificate,
};
const allowed = { policy: { idpInitiated: 'allow' } } as const;

/** The configured entity ID of the identity provider is not the one that it sends. */
function unknownIssuerCase(
  name: string,
  configured: string,
  { cause, remedy, values = [] }: ExpectedHint,
): DiagnosisCase {
  return {
    name,
    code: 'unknown_issuer',
    cause,
    remedy,
    values: [`"${configured}"`, `"${idp.entityId}"`, 'Connection "acme"', ...values],
    reproduce: () => signInIdpInitiated(product({}, { ...allowed, idp: { ...idp, entityId: configured } })),
    fixed: () => signInIdpInitiated(product({}, { ...allowed, idp })),
  };
}

/** The identity provider is configured with wrong values of the service provider. */
function spSettingCase(
  name: string,
  code: DiagnosisCase['code'],
  respond: Partial<RespondOptions>,
  expected: ExpectedHint,
): DiagnosisCase {
  return { name, code, ...expected, reproduce: () => signIn(product(), { respond }), fixed: () => signIn(product()) };
}

const audience = 'Set the audience (SP entity ID, identifier) at the identity provider to exactly that';
const acs = 'Correct the ACS URL (reply URL, single sign-on URL, destination) at the identity provider, to the letter';

function audienceCase(name: string, received: string, cause: string): DiagnosisCase {
  const values = [`"${received}"`, `"${entityId}"`];
  return spSettingCase(name, 'audience_mismatch', { audiences: [received] }, { cause, remedy: audience, values });
}

function acsCase(name: string, received: string, cause: string): DiagnosisCase {
  const values = [`"${received}"`, `"${acsUrl}"`];
  return spSettingCase(
    name,
    'destination_mismatch',
    { destination: received, recipient: received },
    { cause, remedy: acs, values },
  );
}

/** Two customers; each identity provider has its own ACS URL. */
const globexIdp = createTestIdp({ key, entityId: 'https://login.globex.example/saml' });
const acme: ConnectionInput = {
  id: 'acme',
  organizationId: 'acme',
  acs: 'own',
  spEntityId: 'urn:app:acme',
  idp,
  ...allowed,
};
const globex: ConnectionInput = {
  ...acme,
  id: 'globex',
  organizationId: 'globex',
  spEntityId: 'urn:app:globex',
  idp: { metadata: globexIdp.metadata() },
};
const connections = [acme, globex];
const own = `${acsUrl}/acme`;

function signInAtConnection(connectionId: string, respond: Partial<RespondOptions>): unknown {
  return signInIdpInitiated(product({ connections }), {
    connectionId,
    respond: { acsUrl: own, audience: 'urn:app:acme', ...respond },
  });
}

export const addresses: readonly DiagnosisCase[] = [
  unknownIssuerCase('entity ID with an extra slash', `${idp.entityId}/`, {
    cause: 'they differ only in the slash at the end',
    remedy: 'Set idp.entityId of the connection to the Issuer that the identity provider sends, to the letter',
  }),
  unknownIssuerCase('entity ID with http', 'http://idp.example.test/metadata', {
    cause: 'they differ only in http and https',
    remedy: 'Set idp.entityId of the connection',
  }),
  unknownIssuerCase('entity ID pasted from the single sign-on URL', idp.ssoUrl, {
    cause: 'which is its single sign-on URL: the entity ID is another value',
    remedy: 'Set idp.entityId of the connection',
  }),
  {
    name: 'an identity provider that is not configured, among many customers',
    code: 'unknown_issuer',
    cause: 'No connection has an identity provider with the entity ID "https://idp.example.test/metadata"',
    remedy: 'if this is not one of your identity providers, your ACS URL was entered there by mistake',
    reproduce: () => signInIdpInitiated(product({ connections: [globex, { ...globex, id: 'third' }] })),
    fixed: () => signInIdpInitiated(product()),
  },
  {
    name: 'two connections of one identity provider',
    code: 'unknown_issuer',
    cause: '2 connections have the entity ID "https://idp.example.test/metadata"',
    remedy: "Set acs: 'own' for them, and give each its own ACS URL at the identity provider",
    reproduce: () =>
      signInIdpInitiated(
        product({
          connections: [
            { ...acme, acs: 'shared' },
            { ...acme, id: 'acme-2', acs: 'shared' },
          ],
        }),
      ),
    fixed: () => signInAtConnection('acme', {}),
  },
  audienceCase('audience with an extra slash', `${entityId}/`, 'they differ only in the slash at the end'),
  audienceCase('audience with http', entityId.replace('https', 'http'), 'they differ only in http and https'),
  audienceCase('ACS URL entered as audience', acsUrl, 'the configured value is the ACS URL'),
  audienceCase('audience of staging', 'https://staging.example.com/sso/metadata', 'they differ only in the host'),
  spSettingCase(
    'no audience at all',
    'audience_mismatch',
    { audiences: null },
    {
      cause: 'The assertion names no audience',
      remedy: audience,
      values: [`"${entityId}"`],
    },
  ),
  acsCase('ACS URL with http', acsUrl.replace('https', 'http'), 'they differ only in http and https'),
  acsCase('ACS URL of staging', 'https://staging.example.com/sso/acs', 'they differ only in the host'),
  acsCase('ACS URL with a port', 'https://app.example.com:8443/sso/acs', 'they differ only in the port'),
  acsCase('ACS URL with another path', 'https://app.example.com/saml/consume', 'they differ only in the path'),
  acsCase('ACS URL in upper case', 'https://App.Example.com/sso/acs', 'they differ only in upper and lower case'),
  spSettingCase(
    'recipient of staging, and no destination',
    'recipient_mismatch',
    { destination: null, recipient: 'https://staging.example.com/sso/acs' },
    {
      cause: 'they differ only in the host',
      remedy: 'Correct the ACS URL (reply URL, recipient) at the identity provider, to the letter',
      values: ['"https://staging.example.com/sso/acs"', `"${acsUrl}"`],
    },
  ),
  spSettingCase(
    'NameID made for another application',
    'audience_mismatch',
    { spNameQualifier: 'https://other.example' },
    {
      cause: 'The NameID names the person for another application',
      remedy: 'correct SPNameQualifier at the identity provider, or leave it out',
      values: ['"https://other.example"', `"${entityId}"`],
    },
  ),
  {
    name: "response posted to another customer's ACS URL",
    code: 'issuer_mismatch',
    cause: 'The Issuer of the Response is "https://idp.example.test/metadata"',
    remedy: 'or post to the address of the right connection',
    values: ['"https://login.globex.example/saml"'],
    reproduce: () => signInAtConnection('globex', {}),
    fixed: () => signInAtConnection('acme', {}),
  },
  {
    name: "response for another customer's entity ID",
    code: 'audience_mismatch',
    cause: 'The assertion is for "urn:app:globex"',
    remedy: audience,
    values: ['"urn:app:acme"'],
    reproduce: () => signInAtConnection('acme', { audience: 'urn:app:globex' }),
    fixed: () => signInAtConnection('acme', {}),
  },
  {
    name: 'ACS URL of a deleted connection',
    code: 'connection_unavailable',
    cause: 'There is no connection "initech" (any more)',
    remedy: 'Take the ACS URL from the metadata of an existing connection',
    reproduce: () => signInAtConnection('initech', {}),
    fixed: () => signInAtConnection('acme', {}),
  },
  {
    name: 'a response to the login of one connection posted to the ACS URL of another',
    code: 'browser_mismatch',
    cause: 'The login was begun for the connection "acme", and the response was posted to that of "globex"',
    remedy: 'Correct the ACS URL at the identity provider',
    reproduce: () => signIn(product({}, { acs: 'own' }), { connectionId: 'globex' }),
    fixed: () => signIn(product()),
  },
];
