import type { AttributeMapping, ProvisioningPolicy } from '../../src/connections/connection.ts';
import { mapProfile } from '../../src/provisioning/map-profile.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import type { AssertionAttribute, AssertionSubject } from '../../src/saml/assertion.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { type Attributes, assertion, connection, reader, spEntityId } from './support.ts';

/** An assertion, and the settings by which it is read. */
export interface Case {
  readonly attributes?: Attributes;
  readonly nameId?: string | null;
  readonly format?: string;
  readonly qualifiers?: Pick<AssertionSubject, 'nameQualifier' | 'spNameQualifier'>;
  /** Instead of `attributes`, as they are. */
  readonly attributeList?: readonly AssertionAttribute[];
  /** What the preset maps. */
  readonly preset?: Partial<AttributeMapping>;
  /** What the connection maps itself; wins. */
  readonly mapping?: Partial<AttributeMapping>;
  readonly domains?: readonly string[];
  readonly policy?: Partial<ProvisioningPolicy>;
}

/** The attributes with these Names. */
export const from = (...names: string[]) => ({ kind: 'attributes', names }) as const;
const preset: Partial<AttributeMapping> = {
  email: from('email', 'mail'),
  name: from('displayName', 'cn'),
  firstName: from('firstName'),
  lastName: from('lastName'),
  role: from('role'),
  groups: from('groups'),
};

/** Reads the profile of a person of Acme, whose NameID is `alice-1`, unless changed. */
export function read({
  attributes = {},
  nameId = 'alice-1',
  format,
  mapping = {},
  domains = ['acme.example'],
  ...rest
}: Case): Profile {
  const made = assertion(attributes, nameId, format ?? nameIdFormats.persistent, rest.qualifiers);
  const message = { ...made, attributeList: rest.attributeList ?? made.attributeList };
  const base = connection({ domains }, rest.policy);
  return mapProfile({
    assertion: message,
    connection: { ...base, idp: { ...base.idp, mapping: { customAttributes: {}, ...mapping } } },
    mapping: { customAttributes: {}, ...preset, ...rest.preset, ...mapping },
    spEntityId,
    ...reader(message),
  });
}
