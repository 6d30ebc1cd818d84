import type { ConnectionInput } from '../../src/index.ts';
import { createTestIdp, type RespondOptions } from '../../src/testing/index.ts';
import { acsUrl, entityId, key, product } from '../sso/setup.ts';
import { arrive, type Mishap, signIn } from './support.ts';

const idp = {
  entityId: 'https://idp.example.test/metadata',
  ssoUrl: 'https://idp.example.test/sso',
  certificate: key.certificate,
};
const allowed = { policy: { idpInitiated: 'allow' } } as const;

/** The application has another entity ID of the identity provider than this one uses. */
function issuer(
  name: string,
  configured: string,
  { cause, remedy, values = [] }: Pick<Mishap, 'cause' | 'remedy' | 'values'>,
): Mishap {
  return {
    name,
    ends: 'unknown_issuer',
    cause,
    remedy,
    values: [`"${configured}"`, `"${idp.entityId}"`, 'Connection "acme"', ...values],
    happens: () => arrive(product({}, { ...allowed, idp: { ...idp, entityId: configured } })),
    fixed: () => arrive(product({}, { ...allowed, idp })),
  };
}

/** The identity provider has other values of the application than the application itself. */
function registered(
  name: string,
  ends: Mishap['ends'],
  respond: Partial<RespondOptions>,
  says: Pick<Mishap, 'cause' | 'remedy' | 'values'>,
): Mishap {
  return { name, ends, ...says, happens: () => signIn(product(), { respond }), fixed: () => signIn(product()) };
}

const audience = 'Set the audience (SP entity ID, identifier) at the identity provider to exactly that';
const acs = 'Correct the ACS URL (reply URL, single sign-on URL, destination) at the identity provider, to the letter';

function wrongAudience(name: string, received: string, cause: string): Mishap {
  const values = [`"${received}"`, `"${entityId}"`];
  return registered(name, 'audience_mismatch', { audiences: [received] }, { cause, remedy: audience, values });
}

function wrongAcs(name: string, received: string, cause: string): Mishap {
  const values = [`"${received}"`, `"${acsUrl}"`];
  return registered(
    name,
    'destination_mismatch',
    { destination: received, recipient: received },
    { cause, remedy: acs, values },
  );
}

/** Two customers; each identity provider was given its own ACS URL. */
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

function tenant(connectionId: string, respond: Partial<RespondOptions>): unknown {
  return arrive(product({ connections }), {
    connectionId,
    respond: { acsUrl: own, audience: 'urn:app:acme', ...respond },
  });
}

export const addresses: readonly Mishap[] = [
  issuer('entity ID with a slash too many', `${idp.entityId}/`, {
    cause: 'they differ only in the slash at the end',
    remedy: 'Set idp.entityId of the connection to the Issuer that the identity provider sends, to the letter',
  }),
  issuer('entity ID with http', 'http://idp.example.test/metadata', {
    cause: 'they differ only in http and https',
    remedy: 'Set idp.entityId of the connection',
  }),
  issuer('entity ID pasted from the single sign-on URL', idp.ssoUrl, {
    cause: 'which is its single sign-on URL: the entity ID is another value',
    remedy: 'Set idp.entityId of the connection',
  }),
  {
    name: 'an identity provider that is not configured, among many customers',
    ends: 'unknown_issuer',
    cause: 'No connection has an identity provider with the entity ID "https://idp.example.test/metadata"',
    remedy: 'if this is not one of your identity providers, your ACS URL was entered there by mistake',
    happens: () => arrive(product({ connections: [globex, { ...globex, id: 'third' }] })),
    fixed: () => arrive(product()),
  },
  {
    name: 'two connections of one identity provider',
    ends: 'unknown_issuer',
    cause: '2 connections have the entity ID "https://idp.example.test/metadata"',
    remedy: "Set acs: 'own' for them, and give each its own ACS URL at the identity provider",
    happens: () =>
      arrive(
        product({
          connections: [
            { ...acme, acs: 'shared' },
            { ...acme, id: 'acme-2', acs: 'shared' },
          ],
        }),
      ),
    fixed: () => tenant('acme', {}),
  },
  wrongAudience('audience with a slash too many', `${entityId}/`, 'they differ only in the slash at the end'),
  wrongAudience('audience with http', entityId.replace('https', 'http'), 'they differ only in http and https'),
  wrongAudience('ACS URL entered as audience', acsUrl, 'the configured value is the ACS URL'),
  wrongAudience('audience of staging', 'https://staging.example.com/sso/metadata', 'they differ only in the host'),
  registered(
    'no audience at all',
    'audience_mismatch',
    { audiences: null },
    {
      cause: 'The assertion names no audience',
      remedy: audience,
      values: [`"${entityId}"`],
    },
  ),
  wrongAcs('ACS URL with http', acsUrl.replace('https', 'http'), 'they differ only in http and https'),
  wrongAcs('ACS URL of staging', 'https://staging.example.com/sso/acs', 'they differ only in the host'),
  wrongAcs('ACS URL with a port', 'https://app.example.com:8443/sso/acs', 'they differ only in the port'),
  wrongAcs('ACS URL with another path', 'https://app.example.com/saml/consume', 'they differ only in the path'),
  wrongAcs('ACS URL in upper case', 'https://App.Example.com/sso/acs', 'they differ only in upper and lower case'),
  registered(
    'recipient of staging, and no destination',
    'recipient_mismatch',
    { destination: null, recipient: 'https://staging.example.com/sso/acs' },
    {
      cause: 'they differ only in the host',
      remedy: 'Correct the ACS URL (reply URL, recipient) at the identity provider, to the letter',
      values: ['"https://staging.example.com/sso/acs"', `"${acsUrl}"`],
    },
  ),
  registered(
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
    name: "response posted to another customer's address",
    ends: 'issuer_mismatch',
    cause: 'The Issuer of the Response is "https://idp.example.test/metadata"',
    remedy: 'or post to the address of the right connection',
    values: ['"https://login.globex.example/saml"'],
    happens: () => tenant('globex', {}),
    fixed: () => tenant('acme', {}),
  },
  {
    name: "response for another customer's entity ID",
    ends: 'audience_mismatch',
    cause: 'The assertion is for "urn:app:globex"',
    remedy: audience,
    values: ['"urn:app:acme"'],
    happens: () => tenant('acme', { audience: 'urn:app:globex' }),
    fixed: () => tenant('acme', {}),
  },
  {
    name: 'address of a connection that was deleted',
    ends: 'connection_unavailable',
    cause: 'There is no connection "initech" (any more)',
    remedy: 'Take the ACS URL from the metadata of an existing connection',
    happens: () => tenant('initech', {}),
    fixed: () => tenant('acme', {}),
  },
  {
    name: 'a login of one connection answered at the address of another',
    ends: 'browser_mismatch',
    cause: 'The login was begun for the connection "acme", and the response was posted to that of "globex"',
    remedy: 'Correct the ACS URL at the identity provider',
    happens: () => signIn(product({}, { acs: 'own' }), { connectionId: 'globex' }),
    fixed: () => signIn(product()),
  },
];
