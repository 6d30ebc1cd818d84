import {
  type AccountInput,
  type ConnectionInput,
  memoryUserStore,
  type PolicyInput,
  type RejectReason,
  validateResponse,
} from '../../src/index.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { createTestIdp, type RespondOptions, type TestUser } from '../../src/testing/index.ts';
import { acsUrl, entityId, key, product, type Role, roles } from '../sso/setup.ts';
import { type DiagnosisCase, type ExpectedHint, respond, signIn, signInIdpInitiated } from './support.ts';

/** The login of one user: what is different from the default. */
interface LoginSetup {
  readonly user?: Partial<TestUser>;
  readonly vendor?: 'generic' | 'entra' | 'shibboleth';
  readonly respond?: Partial<RespondOptions>;
  readonly connection?: Partial<ConnectionInput>;
  readonly policy?: PolicyInput;
  readonly organization?: { readonly sso: boolean; readonly seats: number | null; readonly scim?: boolean };
  readonly accounts?: readonly AccountInput<Role>[];
}

const alice = { id: 'alice-1', email: 'alice@acme.example', firstName: 'Alice', lastName: 'Liddell', role: 'admin' };
const account = { id: 'account-7', organizationId: 'acme', email: alice.email } as const;
const idp = 'https://idp.example.test/metadata';

function signInWith({
  user,
  vendor,
  respond: overrides = {},
  connection,
  policy,
  organization,
  accounts,
}: LoginSetup): unknown {
  const users = memoryUserStore({ roles, users: accounts, oneAccountPerEmail: true });
  const options = { users, organization: organization && (async () => organization) };
  const person = { ...alice, ...user };
  const app = product(options, { ...connection, policy }, { vendor, users: [person] });
  return policy?.idpInitiated === 'allow' ? signInIdpInitiated(app) : signIn(app, { respond: overrides });
}

function rejectionCase(
  name: string,
  code: RejectReason,
  scene: LoginSetup,
  fixed: LoginSetup,
  expected: ExpectedHint,
): DiagnosisCase {
  return { name, code, ...expected, reproduce: () => signInWith(scene), fixed: () => signInWith(fixed) };
}

/** A response without a usable NameID, passed to validateResponse alone. */
function nameIdMissingCase(name: string, overrides: Partial<RespondOptions>, expected: ExpectedHint): DiagnosisCase {
  const validate = (changes: Partial<RespondOptions>): unknown => {
    const app = product();
    return validateResponse(respond(app, changes), {
      identityProvider: { entityId: idp, certificates: [key.certificate] },
      serviceProvider: { entityId, acsUrl },
      inResponseTo: null,
      now: app.now(),
    });
  };
  return {
    name,
    code: 'name_id_missing',
    ...expected,
    reproduce: () => validate(overrides),
    fixed: () => validate({}),
  };
}

const linked = { ...account, identities: [{ connectionId: 'acme', issuer: idp, subject: 'alice-1' }] };
const former = { ...account, identities: [{ connectionId: 'acme', issuer: idp, subject: 'alice-0' }] };
const required = { requiredAttributes: { tenant: 'acme' } };

function withSeats(count: number): LoginSetup {
  const bob: AccountInput<Role> = { organizationId: 'acme', email: 'bob@acme.example' };
  return { organization: { sso: true, seats: count }, accounts: [bob] };
}

const { metadata } = createTestIdp({ key });

function withNameIdFormat(nameIdFormat: string): Partial<ConnectionInput> {
  return { idp: { metadata: metadata(), nameIdFormat } };
}

function withMapping(fields: ConnectionInput['idp']['mapping']): Partial<ConnectionInput> {
  return { idp: { metadata: metadata(), mapping: fields } };
}

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const link = 'http://schemas.microsoft.com/claims/groups.link';
const transient = { nameIdFormat: nameIdFormats.transient, nameId: '_8a7c' } as const;
const groups = ['11111111-aaaa-4bbb-8ccc-222222222222'];
const roleMap = { [groups[0] ?? '']: 'admin' };

export const people: readonly DiagnosisCase[] = [
  nameIdMissingCase(
    'no NameID',
    { nameId: null },
    {
      cause: 'The assertion names no subject',
      remedy: 'Add a NameID at the identity provider (persistent or e-mail address)',
    },
  ),
  nameIdMissingCase(
    'empty NameID',
    { nameId: '' },
    {
      cause: 'The NameID is empty',
      remedy: 'choose a user attribute for it that every user has',
    },
  ),
  {
    name: 'NameID in another format than the one asked for',
    code: 'name_id_format_mismatch',
    cause: `The NameID has the format "${nameIdFormats.persistent}"`,
    remedy: 'Change the NameID format at the identity provider, or set idp.nameIdFormat to the format that it sends',
    values: [`asks for "${nameIdFormats.emailAddress}"`],
    reproduce: () => signInWith({ connection: withNameIdFormat('emailAddress') }),
    fixed: () => signInWith({ connection: withNameIdFormat('persistent') }),
  },
  rejectionCase(
    'a transient NameID, and no verified domain',
    'subject_missing',
    { respond: transient },
    { respond: transient, connection: { domains: ['acme.example'] } },
    {
      cause: 'the NameID is absent or transient, which is new at each login',
      remedy: 'Send a persistent one or the e-mail address as NameID',
      values: ['Attributes received: "email", "firstName", "lastName", "role"'],
    },
  ),
  rejectionCase(
    'an attribute of several values as subject',
    'subject_invalid',
    { user: { attributes: { uid: ['alice', 'liddell'] } }, connection: withMapping({ subject: 'uid' }) },
    { user: { attributes: { uid: 'alice', uids: ['alice', 'liddell'] } }, connection: withMapping({ subject: 'uid' }) },
    {
      cause: 'Expected one value of the attribute that is mapped as subject, received "alice", "liddell"',
      remedy: 'Send one value from the identity provider, or map idp.mapping.subject to an attribute that has one',
    },
  ),
  rejectionCase(
    'an e-mail address in Unicode as NameID',
    'subject_invalid',
    { respond: { nameIdFormat: nameIdFormats.emailAddress, nameId: 'alice@b\u00FCcher.example' } },
    { respond: { nameIdFormat: nameIdFormats.emailAddress, nameId: 'alice@xn--bcher-kva.example' } },
    {
      cause: 'Expected a subject that is an e-mail address with a domain in ASCII, received "alice@bücher.example"',
      remedy: 'Send the domain in its ASCII form (xn--...), or a persistent identifier',
    },
  ),
  rejectionCase(
    'more groups than an assertion holds, where policy wants all',
    'groups_overage',
    {
      user: { role: undefined, attributes: { [link]: 'https://graph.example' } },
      policy: { roleMap, defaultRole: 'member', groupsOverage: 'reject' },
    },
    {
      user: { role: undefined, attributes: { [link]: 'https://graph.example' } },
      policy: { roleMap, defaultRole: 'member' },
    },
    {
      cause: 'received a link instead: there are more than the identity provider sends',
      remedy: 'Let it send only the groups that are assigned to the application, or app roles',
      values: ['set policy.groupsOverage to "unknown"'],
    },
  ),
  rejectionCase(
    'no e-mail attribute',
    'email_missing',
    { user: { email: undefined, attributes: { Mail1: 'alice@acme.example' } } },
    {
      user: { email: undefined, attributes: { Mail1: 'alice@acme.example' } },
      connection: withMapping({ email: 'Mail1' }),
    },
    {
      cause: 'no attribute that is mapped to it arrived with a value',
      remedy: 'or map idp.mapping.email to one that is sent',
      values: ['Attributes received:', '"Mail1"'],
    },
  ),
  rejectionCase(
    'Entra ID sends a login name, for the person has no mailbox',
    'email_missing',
    {
      vendor: 'entra',
      user: { email: undefined, attributes: { [`${claims}/name`]: 'alice@acme.onmicrosoft.com' } },
      respond: { nameIdFormat: nameIdFormats.persistent, nameId: 'pairwise-1' },
    },
    { vendor: 'entra' },
    {
      cause: 'claims/name is a login name and is not taken',
      remedy: 'in Entra ID, fill the Mail field of the person',
      values: [`"${claims}/name"`],
    },
  ),
  rejectionCase(
    'an e-mail address with a blank',
    'email_invalid',
    { user: { email: 'alice smith@acme.example' } },
    {},
    {
      cause: 'received "alice smith@acme.example"',
      remedy: 'send one address, without a name or blanks',
    },
  ),
  rejectionCase(
    'an e-mail address of another company',
    'domain_not_allowed',
    { user: { email: 'alice@globex.example' }, connection: { domains: ['acme.example'] } },
    { connection: { domains: ['acme.example'] } },
    {
      cause: 'Expected an e-mail address in "acme.example", the verified domains of connection "acme"',
      remedy: 'Verify its domain and add it, or correct the address',
      values: ['received "alice@globex.example"'],
    },
  ),
  rejectionCase(
    'a role that the application lacks',
    'role_unknown',
    { user: { role: 'Administrator' } },
    { user: { role: 'Administrator' }, policy: { roleMap: { Administrator: 'admin' } } },
    {
      cause: 'role values: "Administrator"',
      remedy: 'map a value that it sends, or set policy.defaultRole',
      values: ['"owner", "admin", "member" (case matters)'],
    },
  ),
  rejectionCase(
    'no role and no groups',
    'role_missing',
    { user: { role: undefined } },
    { user: { role: undefined }, policy: { defaultRole: 'member' } },
    {
      cause: 'role values: none; groups: not sent; attributes: "email", "firstName", "lastName"',
      remedy: 'Assign one at the identity provider, map a value that it sends, or set policy.defaultRole',
    },
  ),
  rejectionCase(
    'more groups than Entra ID sends',
    'role_missing',
    {
      vendor: 'entra',
      user: { role: undefined, attributes: { [link]: 'https://graph.windows.net/x' } },
      policy: { roleMap },
    },
    { vendor: 'entra', user: { role: undefined, groups }, policy: { roleMap } },
    {
      cause: 'groups: too many to be sent',
      remedy: 'let the identity provider send only those assigned to the application, or app roles',
      values: [`policy.roleMap maps "${groups[0]}"`],
    },
  ),
  rejectionCase(
    'connection switched off',
    'connection_disabled',
    { connection: { enabled: false }, policy: { idpInitiated: 'allow' } },
    {},
    {
      cause: 'Connection "acme" is disabled',
      remedy: 'enable it to let people sign in',
    },
  ),
  rejectionCase(
    'plan without single sign-on',
    'sso_not_in_plan',
    { organization: { sso: false, seats: null }, policy: { idpInitiated: 'allow' } },
    { organization: { sso: true, seats: null } },
    {
      cause: 'Organization "acme" is not entitled to single sign-on',
      remedy: 'change its plan',
    },
  ),
  rejectionCase(
    'an attribute with another value than required',
    'attribute_mismatch',
    { policy: required, user: { attributes: { tenant: 'globex' } } },
    { policy: required, user: { attributes: { tenant: 'acme' } } },
    {
      cause: 'The connection requires attribute "tenant" with the value "acme"; received "globex"',
      remedy: 'Send it from the identity provider, or change policy.requiredAttributes',
    },
  ),
  rejectionCase(
    'account removed',
    'user_removed',
    { accounts: [{ ...linked, status: 'removed' }] },
    { accounts: [linked] },
    {
      cause: 'Account "account-7" was removed',
      remedy: 'restore it, or set policy.recreate to create a new one',
    },
  ),
  rejectionCase(
    'account suspended',
    'user_suspended',
    { accounts: [{ ...linked, status: 'suspended' }] },
    { accounts: [linked] },
    {
      cause: 'Account "account-7" is suspended',
      remedy: 'restore it in the application to allow logins',
    },
  ),
  rejectionCase(
    'the person was not invited',
    'not_invited',
    { policy: { mode: 'update-only' } },
    { policy: { mode: 'update-only' }, accounts: [account] },
    {
      cause: 'No account of this organization has the address "alice@acme.example", and policy.mode is "update-only"',
      remedy: 'invite the person first',
    },
  ),
  rejectionCase(
    'SCIM has not created the person yet',
    'not_provisioned',
    { organization: { sso: true, seats: null, scim: true } },
    { organization: { sso: true, seats: null, scim: true }, accounts: [account] },
    {
      cause:
        'No account of this organization has the address "alice@acme.example", and the accounts of organization "acme" are created by SCIM',
      remedy: "Assign the person to the application's SCIM provisioning at the identity provider",
    },
  ),
  rejectionCase(
    'provisioning switched off',
    'provisioning_disabled',
    { policy: { mode: 'off' } },
    { policy: { mode: 'off' }, accounts: [linked] },
    {
      cause: 'policy.mode is "off"',
      remedy: 'Change the mode to allow others',
    },
  ),
  rejectionCase('all seats taken', 'seat_limit_reached', withSeats(1), withSeats(2), {
    cause: 'All 1 seats of organization "acme" are taken',
    remedy: 'add seats or remove users',
  }),
  rejectionCase(
    'an account with an unverified address',
    'link_needs_verification',
    { accounts: [{ ...account, emailVerified: false }] },
    { accounts: [account] },
    {
      cause:
        'Account "account-7" has this e-mail address unverified: an attacker may have registered it before its owner',
      remedy: 'Verify the address in the application (emailVerified of the account), or remove the account',
      values: ["its domain is not among the connection's domains: verify it and add it"],
    },
  ),
  rejectionCase(
    'an account with an unverified address, although the domain is verified',
    'link_needs_verification',
    { accounts: [{ ...account, emailVerified: false }], connection: { domains: ['acme.example'] } },
    {
      accounts: [{ ...account, emailVerified: false }],
      connection: { domains: ['acme.example'] },
      policy: { linkUnverified: 'verifiedDomains' },
    },
    {
      cause: 'Account "account-7" has this e-mail address unverified',
      remedy: 'or set policy.linkUnverified to "verifiedDomains"',
      values: ['its domain is verified for this connection'],
    },
  ),
  rejectionCase(
    'an address that was given to another person',
    'subject_conflict',
    { accounts: [former] },
    { accounts: [former], policy: { rebind: true } },
    {
      cause: 'is known as "alice-0" at this identity provider; received "alice-1"',
      remedy: 'If it is the same person, remove the old identity or set policy.rebind',
      values: ['if the address was given to another person, remove the account'],
    },
  ),
  rejectionCase(
    'an address in use by another organization',
    'email_in_other_organization',
    { accounts: [{ ...account, organizationId: 'globex' }] },
    {},
    {
      cause: 'The address "alice@acme.example" is in use elsewhere and cannot be registered here',
      remedy: 'use another one',
    },
  ),
];
