import { selfSigned } from '../../src/testing/index.ts';
import { key, product, untrustedKey } from '../sso/setup.ts';
import type { DiagnosisCase, ExpectedHint } from './support.ts';

/** A mistake in the options of createSso, or in a connection. */
function configurationCase(
  name: string,
  options: object,
  connection: object,
  { cause, remedy, values = [] }: ExpectedHint,
): DiagnosisCase {
  return {
    name,
    code: 'TypeError',
    cause,
    remedy,
    values,
    reproduce: () => product(options, connection),
    fixed: () => product(),
  };
}

const { certificate } = key;
const pem = (pair: typeof key): string => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const idp = { entityId: 'https://idp.example.test', ssoUrl: 'https://idp.example.test/sso', certificate };

export const configuration: readonly DiagnosisCase[] = [
  configurationCase(
    'a misspelled option',
    { clockSkew: 30 },
    {},
    {
      cause: 'createSso: unknown key "clockSkew"',
      remedy: 'did you mean clockSkewSeconds?',
    },
  ),
  configurationCase(
    'an option of another library',
    { callbackUrl: '/acs' },
    {},
    {
      cause: 'createSso: unknown key "callbackUrl"',
      remedy: 'expected baseUrl, entityId, secret, connections, users',
    },
  ),
  configurationCase(
    'connections: undefined',
    { connections: undefined },
    {},
    {
      cause: 'received undefined',
      remedy: 'connections must be a connection ({ idp: ... }), a list of them, or a ConnectionStore',
    },
  ),
  configurationCase(
    'connections by id instead of a list',
    { connections: { acme: { idp }, globex: { idp } } },
    {},
    {
      cause: 'connections must be a connection ({ idp: ... }), a list of them',
      remedy: 'to give each an id, write [{ id: "acme", ... }, ...]',
    },
  ),
  configurationCase(
    'a connection store without find',
    { connections: { get: async () => null } },
    {},
    {
      cause: 'connections must be',
      remedy: 'or a ConnectionStore, which has both get and find',
    },
  ),
  configurationCase(
    'no user store',
    { users: undefined },
    {},
    {
      cause: 'users must be a UserStore',
      remedy: 'e.g. memoryUserStore(); received undefined',
    },
  ),
  configurationCase(
    'secret from an environment variable that is not set',
    { secret: undefined },
    {},
    {
      cause: 'secret must have at least 32 characters; it is missing: is the environment variable set?',
      remedy: 'openssl rand -base64 32 makes one',
    },
  ),
  configurationCase(
    'baseUrl without https',
    { baseUrl: 'http://app.example.com/sso' },
    {},
    {
      cause: 'baseUrl must be https',
      remedy: 'http is for loopback (localhost) only',
    },
  ),
  configurationCase(
    'one role as text',
    { roles: 'owner' },
    {},
    {
      cause: 'roles must be a list, highest first',
      remedy: "e.g. ['owner', 'member']; received string",
    },
  ),
  configurationCase(
    'organization given as a value',
    { organization: { sso: true, seats: 5 } },
    {},
    {
      cause: 'organization must be a function',
      remedy: 'e.g. async (id) => ({ sso: true, seats: null }); received object',
    },
  ),
  configurationCase(
    'misspelled key of a connection',
    {},
    { polcy: {} },
    {
      cause: 'invalid connection "acme"',
      remedy: 'polcy: unknown key, did you mean policy?',
    },
  ),
  configurationCase(
    'domains as text',
    {},
    { domains: 'acme.example' },
    {
      cause: 'received string',
      remedy: 'domains: expected a list ([...])',
    },
  ),
  configurationCase(
    'public mail domain',
    {},
    { domains: ['gmail.com'] },
    {
      cause: 'gmail.com is a public mail domain',
      remedy: 'where anyone can get an address: remove it',
    },
  ),
  configurationCase(
    'preset by its old name',
    {},
    { idp: { ...idp, preset: 'azure' } },
    {
      cause: 'idp.preset: expected one of generic, okta, entra',
      remedy: 'did you mean entra?',
    },
  ),
  configurationCase(
    'role that the application lacks',
    {},
    { policy: { roleMap: { staff: 'members' } } },
    {
      cause: '"members" is not a role of the application (owner, admin, member)',
      remedy: 'did you mean member?',
      values: ['policy.roleMap.staff'],
    },
  ),
  configurationCase(
    'login address without https',
    {},
    { idp: { ...idp, ssoUrl: 'http://idp.example.test/sso' } },
    {
      cause: 'idp.ssoUrl',
      remedy: 'must begin with https:// (http:// on loopback only)',
    },
  ),
  configurationCase(
    'requests to be signed without a key',
    {},
    { idp: { ...idp, signRequests: true } },
    {
      cause: 'connection "acme" signs requests',
      remedy: 'give createSso a signing key and certificate',
    },
  ),
  {
    name: 'certificate that does not belong to the signing key',
    code: 'TypeError',
    cause: 'signing: the certificate (CN=untrusted.example) does not belong to the private key',
    remedy: 'pass the two that belong together',
    reproduce: () => product({ signing: { privateKey: pem(key), certificate: untrustedKey.certificate } }),
    fixed: () => product({ signing: { privateKey: pem(key), certificate } }),
  },
  {
    name: 'certificate that does not belong to the decryption key',
    code: 'TypeError',
    cause: 'decryption.certificate does not belong to the private key',
    remedy: 'identity providers would encrypt what cannot be decrypted',
    reproduce: () => product({ decryption: { privateKey: pem(key), certificate: selfSigned().certificate } }),
    fixed: () => product({ decryption: { privateKey: pem(key), certificate } }),
  },
  {
    name: "private key pasted as the application's own certificate",
    code: 'certificate_invalid',
    cause: "signing.certificate must be the application's own X.509 certificate (PEM), but a private key was given",
    remedy: 'never share it, and replace it if it was shared',
    reproduce: () => product({ signing: { privateKey: pem(key), certificate: pem(key) } }),
    fixed: () => product({ signing: { privateKey: pem(key), certificate } }),
  },
];
