import type { PresetName } from '../../connections/connection.ts';
import { attributeNameFormats, nameIdFormats } from '../../saml/names.ts';
import type { TestAttribute, TestUser } from './users.ts';

/** The elements that an identity provider signs. */
export type Signs = 'response' | 'assertion' | 'both' | 'none';

/** The form of assertions of one vendor's products, unless an administrator changed it. */
export interface VendorStyle {
  readonly nameIdFormat: string;
  /** Source of the NameID for formats that do not define one. */
  readonly nameId: 'id' | 'email';
  readonly signs: Signs;
  readonly nameFormat?: string | undefined;
  /** Each value of a list in an `<Attribute>` of its own. */
  readonly separate?: boolean | undefined;
  /** Fields of the user, in order, with Name and FriendlyName. */
  readonly attributes: readonly (readonly [field: UserField, name: string, friendlyName?: string])[];
}

type UserField = 'id' | 'subjectId' | 'email' | 'firstName' | 'lastName' | 'name' | 'role' | 'groups';

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const microsoft = 'http://schemas.microsoft.com';

const short: VendorStyle['attributes'] = [
  ['email', 'email'],
  ['firstName', 'firstName'],
  ['lastName', 'lastName'],
  ['role', 'role'],
  ['groups', 'groups'],
];

/** Attribute names, NameID and signatures by vendor, as sent by default or as its guides recommend. */
export const vendors: Readonly<Record<PresetName, VendorStyle>> = {
  generic: { nameIdFormat: nameIdFormats.persistent, nameId: 'id', signs: 'assertion', attributes: short },
  okta: { nameIdFormat: nameIdFormats.unspecified, nameId: 'email', signs: 'both', attributes: short },
  entra: {
    nameIdFormat: nameIdFormats.emailAddress,
    nameId: 'email',
    signs: 'assertion',
    attributes: [
      ['id', `${microsoft}/identity/claims/objectidentifier`],
      ['name', `${microsoft}/identity/claims/displayname`],
      ['groups', `${microsoft}/ws/2008/06/identity/claims/groups`],
      ['role', `${microsoft}/ws/2008/06/identity/claims/role`],
      ['firstName', `${claims}/givenname`],
      ['lastName', `${claims}/surname`],
      ['email', `${claims}/emailaddress`],
      // The user principal name, which is not a display name.
      ['email', `${claims}/name`],
    ],
  },
  google: { nameIdFormat: nameIdFormats.unspecified, nameId: 'email', signs: 'assertion', attributes: short },
  onelogin: {
    nameIdFormat: nameIdFormats.emailAddress,
    nameId: 'email',
    signs: 'assertion',
    attributes: [
      ['email', 'User.email'],
      ['firstName', 'User.FirstName'],
      ['lastName', 'User.LastName'],
      ['role', 'role'],
      ['groups', 'memberOf'],
    ],
  },
  ping: { nameIdFormat: nameIdFormats.unspecified, nameId: 'email', signs: 'response', attributes: short },
  jumpcloud: { nameIdFormat: nameIdFormats.unspecified, nameId: 'email', signs: 'assertion', attributes: short },
  adfs: {
    nameIdFormat: nameIdFormats.emailAddress,
    nameId: 'email',
    signs: 'assertion',
    attributes: [
      ['email', `${claims}/emailaddress`],
      ['firstName', `${claims}/givenname`],
      ['lastName', `${claims}/surname`],
      ['name', `${claims}/name`],
      ['groups', 'http://schemas.xmlsoap.org/claims/Group'],
      ['role', `${microsoft}/ws/2008/06/identity/claims/role`],
    ],
  },
  auth0: {
    nameIdFormat: nameIdFormats.unspecified,
    nameId: 'id',
    signs: 'assertion',
    attributes: [
      ['id', `${claims}/nameidentifier`],
      ['email', `${claims}/emailaddress`],
      ['name', `${claims}/name`],
      ['firstName', `${claims}/givenname`],
      ['lastName', `${claims}/surname`],
      ['groups', 'http://schemas.xmlsoap.org/claims/Group'],
      ['role', 'role'],
    ],
  },
  keycloak: {
    nameIdFormat: nameIdFormats.unspecified,
    nameId: 'email',
    signs: 'response',
    nameFormat: attributeNameFormats.basic,
    separate: true,
    attributes: [
      ['email', 'urn:oid:1.2.840.113549.1.9.1', 'email'],
      ['firstName', 'urn:oid:2.5.4.42', 'givenName'],
      ['lastName', 'urn:oid:2.5.4.4', 'surname'],
      ['role', 'Role'],
      ['groups', 'Role'],
    ],
  },
  shibboleth: {
    nameIdFormat: nameIdFormats.transient,
    nameId: 'id',
    signs: 'response',
    nameFormat: attributeNameFormats.uri,
    attributes: [
      ['subjectId', 'urn:oasis:names:tc:SAML:attribute:subject-id', 'subject-id'],
      ['email', 'urn:oid:0.9.2342.19200300.100.1.3', 'mail'],
      ['firstName', 'urn:oid:2.5.4.42', 'givenName'],
      ['lastName', 'urn:oid:2.5.4.4', 'sn'],
      ['name', 'urn:oid:2.16.840.1.113730.3.1.241', 'displayName'],
      ['groups', 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'isMemberOf'],
      ['role', 'urn:oid:1.3.6.1.4.1.5923.1.1.1.7', 'eduPersonEntitlement'],
    ],
  },
  simplesamlphp: {
    nameIdFormat: nameIdFormats.transient,
    nameId: 'id',
    signs: 'both',
    nameFormat: attributeNameFormats.basic,
    attributes: [
      ['email', 'mail'],
      ['firstName', 'givenName'],
      ['lastName', 'sn'],
      ['name', 'displayName'],
      ['groups', 'groups'],
      ['role', 'role'],
    ],
  },
  lemonldap: {
    nameIdFormat: nameIdFormats.emailAddress,
    nameId: 'email',
    signs: 'both',
    nameFormat: attributeNameFormats.basic,
    attributes: [
      ['email', 'mail'],
      ['name', 'cn'],
      ['groups', 'groups'],
      ['role', 'role'],
    ],
  },
};

/** The attributes of a user in a vendor's style, without those that the user does not have. */
export function attributesOf(user: TestUser, style: VendorStyle): TestAttribute[] {
  const { nameFormat } = style;
  const attributes: TestAttribute[] = [];
  for (const [field, name, friendlyName] of style.attributes) {
    const values = valuesOf(user, field);
    if (values === undefined) continue;
    const lists = style.separate ? values.map((value) => [value]) : [values];
    for (const list of lists) attributes.push({ name, nameFormat, friendlyName, values: list });
  }
  for (const [name, value] of Object.entries(user.attributes ?? {})) {
    attributes.push({ name, nameFormat, values: typeof value === 'string' ? [value] : value });
  }
  return attributes;
}

function valuesOf(user: TestUser, field: UserField): readonly string[] | undefined {
  if (field === 'groups') return user.groups;
  // A subject-id has a scope (OASIS saml-subject-id-attr 1.0, 3.3).
  if (field === 'subjectId') return [user.id.includes('@') ? user.id : `${user.id}@example.test`];
  const value = field === 'name' ? displayName(user) : user[field];
  return value === undefined ? undefined : [value];
}

/** Display name; if none is set, first and last name. */
export function displayName({ name, firstName, lastName }: TestUser): string | undefined {
  if (name !== undefined) return name;
  const parts = [firstName, lastName].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** The NameID of a user in one format; `null` if the user has none of that format. */
export function nameIdOf(user: TestUser, format: string, style: VendorStyle, transient: () => string): string | null {
  if (user.nameId !== undefined) return user.nameId;
  if (format === nameIdFormats.transient) return transient();
  if (format === nameIdFormats.persistent) return user.id;
  if (format === nameIdFormats.emailAddress) return user.email ?? null;
  if (format === nameIdFormats.unspecified) return (style.nameId === 'email' ? user.email : undefined) ?? user.id;
  return null;
}
