import type {
  AttributeMapping,
  AttributeSource,
  IdentityProvider,
  PresetName,
  ProvisioningPolicy,
} from './connection.ts';

type Field = Exclude<keyof AttributeMapping, 'customAttributes'>;
type Candidates = Readonly<Partial<Record<Field, readonly string[]>>>;

/** What is known about one kind of identity provider. */
export interface Preset {
  /** Attribute Names that it uses by default, best first. */
  readonly candidates: Candidates;
  /** Policy that differs from the general default because of what the product sends; it relaxes nothing. */
  readonly policy?: Partial<ProvisioningPolicy> | undefined;
}

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const microsoft = 'http://schemas.microsoft.com/';

// Tried after those of the preset: WS-Federation claims, then OIDs, then short names as administrators type them.
// Excluded: `.../claims/name`, a login name at Entra ID, and names that are reassigned, such as eduPersonPrincipalName.
const general: Readonly<Record<Field, readonly string[]>> = {
  subject: ['urn:oasis:names:tc:SAML:attribute:subject-id', 'urn:oasis:names:tc:SAML:attribute:pairwise-id'],
  email: [
    `${claims}emailaddress`,
    'urn:oid:0.9.2342.19200300.100.1.3',
    'urn:oid:1.2.840.113549.1.9.1',
    ...['email', 'mail', 'emailAddress', 'email_address', 'emailaddress', 'Email', 'User.Email', 'User.email'],
  ],
  name: [
    `${microsoft}identity/claims/displayname`,
    'urn:oid:2.16.840.1.113730.3.1.241',
    ...['name', 'fullName', 'full_name', 'fullname', 'displayName', 'display_name', 'displayname'],
    ...['urn:oid:2.5.4.3', 'cn'],
  ],
  firstName: [
    `${claims}givenname`,
    'urn:oid:2.5.4.42',
    ...['firstName', 'first_name', 'firstname', 'givenName', 'given_name', 'givenname', 'FirstName', 'User.FirstName'],
  ],
  lastName: [
    `${claims}surname`,
    'urn:oid:2.5.4.4',
    ...['lastName', 'last_name', 'lastname', 'sn', 'surname', 'familyName', 'family_name', 'LastName', 'User.LastName'],
  ],
  role: [`${microsoft}ws/2008/06/identity/claims/role`, 'role', 'Role', 'roles', 'Roles', 'userRole', 'user_role'],
  groups: [
    `${microsoft}ws/2008/06/identity/claims/groups`,
    'http://schemas.xmlsoap.org/claims/Group',
    'http://schemas.passportjs.com/groups',
    'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    ...['groups', 'group', 'Groups', 'Group', 'memberOf', 'isMemberOf'],
  ],
};

const windowsClaims: Candidates = { name: [`${claims}name`], groups: ['http://schemas.xmlsoap.org/claims/Group'] };

/** Attributes whose values are e-mail addresses by definition or by custom. */
export const emailAttributes: ReadonlySet<string> = new Set(general.email);

/** Presets by name: what each product sends by default. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  generic: { candidates: {} },
  okta: { candidates: { email: ['email'], firstName: ['firstName'], lastName: ['lastName'], groups: ['groups'] } },
  entra: {
    candidates: {
      subject: [`${microsoft}identity/claims/objectidentifier`],
      name: [`${microsoft}identity/claims/displayname`],
    },
    // Entra ID omits the groups claim of a user without groups.
    policy: { absentGroups: 'none' },
  },
  google: { candidates: { email: ['email'], firstName: ['firstName'], lastName: ['lastName'], groups: ['groups'] } },
  onelogin: {
    candidates: {
      email: ['User.email', 'User.Email'],
      firstName: ['User.FirstName'],
      lastName: ['User.LastName'],
      groups: ['memberOf'],
    },
  },
  ping: { candidates: { email: ['email'], firstName: ['firstName'], lastName: ['lastName'], groups: ['memberOf'] } },
  jumpcloud: {
    candidates: { email: ['email'], firstName: ['firstname'], lastName: ['lastname'], groups: ['memberOf'] },
  },
  adfs: { candidates: windowsClaims },
  auth0: { candidates: windowsClaims },
  keycloak: { candidates: { email: ['urn:oid:1.2.840.113549.1.9.1', 'email'], role: ['Role'] } },
  shibboleth: {
    candidates: {
      // eduPersonTargetedID and eduPersonUniqueId: persistent where the newer identifiers are not released.
      subject: [...general.subject, 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.13'],
    },
  },
  simplesamlphp: { candidates: { email: ['mail'], name: ['displayName', 'cn'], groups: ['groups'] } },
  lemonldap: { candidates: { email: ['mail'], name: ['cn'], groups: ['groups'] } },
};

// Matched against entity IDs and SSO URLs: hosted products by host, others by the paths of their default installation.
const patterns: readonly (readonly [PresetName, RegExp])[] = [
  ['okta', /^https?:\/\/(?:[^/]+\.)?(?:okta|oktapreview|okta-emea|okta-gov)\.com\//i],
  [
    'entra',
    /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us)|login\.(?:partner\.microsoftonline|chinacloudapi)\.cn)\//i,
  ],
  ['google', /^https:\/\/accounts\.google\.com\//i],
  ['onelogin', /^https:\/\/[^/]+\.onelogin\.com\//i],
  ['ping', /^https:\/\/(?:[^/]+\.)?(?:pingone|pingidentity)\.(?:com|eu|ca|asia|com\.au)\/|\/idp\/SSO\.saml2$/i],
  ['jumpcloud', /^https:\/\/sso\.(?:eu\.)?jumpcloud\.com\//i],
  ['auth0', /^urn:[^/]+\.auth0\.com$|^https:\/\/[^/]+\.auth0\.com\//i],
  ['adfs', /\/adfs\/(?:ls\b|services\/trust$)/i],
  ['keycloak', /\/realms\/[^/]+(?:\/protocol\/saml)?$/],
  ['shibboleth', /\/idp\/(?:shibboleth$|profile\/SAML2\/)/],
  ['simplesamlphp', /\/saml2\/idp\/(?:metadata|SSOService)\.php|\/simplesaml\/|\/module\.php\/saml\/idp\//],
  ['lemonldap', /\/saml\/singleSignOn\b/],
];

/** Detects the product from the entity ID and the SSO URLs; `generic` if unknown. */
export function detectPreset(idp: Pick<IdentityProvider, 'entityId' | 'sso'>): PresetName {
  const urls = [idp.entityId, idp.sso.redirect ?? '', idp.sso.post ?? ''];
  return patterns.find(([, pattern]) => urls.some((url) => pattern.test(url)))?.[0] ?? 'generic';
}

const aliases: readonly (readonly [PresetName, RegExp])[] = [
  ['entra', /azure|aad|microsoft|office|o365/i],
  ['google', /^g ?suite|workspace/i],
  ['adfs', /^ad[ _-]?fs|federation services/i],
  ['ping', /^ping/i],
  ['shibboleth', /^shib|incommon|edugain/i],
  ['simplesamlphp', /^ssp$|simplesaml/i],
  ['lemonldap', /^ll?ng$|lemon/i],
  ['generic', /^(?:custom|other|saml2?|default)$/i],
];

/** The preset of a product by another of its names; `undefined` if unknown. */
export function presetAlias(name: string): PresetName | undefined {
  return aliases.find(([, pattern]) => pattern.test(name))?.[0];
}

/**
 * The complete mapping of an identity provider: what its connection maps, else the candidates of its preset followed by
 * the general ones, all of them by Name and then by FriendlyName. A subject is matched by Name only.
 */
export function resolveMapping(idp: Pick<IdentityProvider, 'mapping' | 'preset'>): AttributeMapping {
  const { candidates } = presets[idp.preset];
  const source = (field: Field): AttributeSource =>
    idp.mapping[field] ?? {
      kind: 'attributes',
      names: [...new Set([...(candidates[field] ?? []), ...general[field]])],
      ...(field !== 'subject' && { friendlyNames: true }),
    };
  return {
    subject: source('subject'),
    email: source('email'),
    name: source('name'),
    firstName: source('firstName'),
    lastName: source('lastName'),
    role: source('role'),
    groups: source('groups'),
    customAttributes: idp.mapping.customAttributes,
  };
}
