import type { AssertionAttribute } from '../../src/saml/assertion.ts';
import { attributeNameFormats, namespaces } from '../../src/saml/names.ts';
import { attribute, type Genuine, genuine, idpId, plain, type Spec, statement } from './genuine-message.ts';

const stated = (name: string, written: string, attributes: readonly AssertionAttribute[], spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts: { ...spec.parts, attributes: written }, claims: { attributes } });
const one = (name: string, written: string, ...attributes: readonly AssertionAttribute[]): Genuine =>
  stated(name, statement(written), attributes);
const { basic } = attributeNameFormats;
const typed = (text: string): string => `<saml:AttributeValue xsi:type="xs:string">${text}</saml:AttributeValue>`;
const groups = Array.from({ length: 5000 }, (_, i) => `group-${i}`);
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const ePTID = `<saml:NameID Format="${persistent}" NameQualifier="${idpId}">opaque</saml:NameID>`;
const opaque = { values: ['opaque'], nameIds: [{ nameId: 'opaque', format: persistent, nameQualifier: idpId }] };
const mail = { name: 'mail', values: ['alice@example.test'] };

/** Attributes, as many ways as there are to state them. */
export const attributes: readonly Genuine[] = [
  one('eduPersonTargetedID between comments', attribute('Name="eptid"', `<!-- a -->${ePTID}<!-- b -->`), {
    name: 'eptid',
    ...opaque,
  }),
  one('line breaks in an XML attribute become blanks', attribute('Name="a\nb\tc"', 'x'), {
    name: 'a b c',
    values: ['x'],
  }),
  one('line breaks in an XML attribute by reference stay', attribute('Name="a&#10;b&#9;c"', 'x'), {
    name: 'a\nb\tc',
    values: ['x'],
  }),
  stated('no AttributeStatement: Google without mapping', '', []),
  ...Object.entries(attributeNameFormats).map(([kind, nameFormat]) =>
    one(`NameFormat ${kind}`, attribute(`Name="mail" NameFormat="${nameFormat}"`, 'a'), {
      name: 'mail',
      nameFormat,
      values: ['a'],
    }),
  ),
  one('NameFormat of its own', attribute('Name="mail" NameFormat="urn:example:format"', 'a'), {
    name: 'mail',
    nameFormat: 'urn:example:format',
    values: ['a'],
  }),
  one('FriendlyName: Shibboleth', attribute('Name="urn:oid:0.9.2342.19200300.100.1.3" FriendlyName="mail"', 'a'), {
    name: 'urn:oid:0.9.2342.19200300.100.1.3',
    friendlyName: 'mail',
    values: ['a'],
  }),
  one('empty FriendlyName', attribute('Name="mail" FriendlyName=""', 'a'), {
    name: 'mail',
    friendlyName: '',
    values: ['a'],
  }),
  one(
    'Name is a claim URI: ADFS, Entra',
    attribute('Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"', 'a'),
    { name: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', values: ['a'] },
  ),
  one('Name with blanks', attribute('Name=" E-mail address "', 'a'), { name: ' E-mail address ', values: ['a'] }),
  one(
    'Names that differ by case',
    attribute('Name="Mail"', 'a') + attribute('Name="mail"', 'b'),
    { name: 'Mail', values: ['a'] },
    { name: 'mail', values: ['b'] },
  ),
  one(
    'OriginalIssuer of ADFS',
    attribute(
      'xmlns:a="http://schemas.xmlsoap.org/ws/2009/09/identity/claims" Name="mail" a:OriginalIssuer="urn:x"',
      'a',
    ),
    { name: 'mail', values: ['a'] },
  ),
  one(
    'x500:Encoding: Shibboleth',
    attribute('xmlns:x500="urn:oasis:names:tc:SAML:2.0:profiles:attribute:X500" Name="mail" x500:Encoding="LDAP"', 'a'),
    { name: 'mail', values: ['a'] },
  ),
  one('no values', '<saml:Attribute Name="mail"/>', { name: 'mail', values: [] }),
  one('several values', attribute('Name="groups"', 'a', 'b', 'c'), { name: 'groups', values: ['a', 'b', 'c'] }),
  one('a value twice', attribute('Name="groups"', 'a', 'a'), { name: 'groups', values: ['a', 'a'] }),
  one('an empty value among others', attribute('Name="groups"', 'a', '', 'b'), {
    name: 'groups',
    values: ['a', '', 'b'],
  }),
  one(
    'one Attribute per value: Keycloak',
    attribute('Name="Role"', 'a') + attribute('Name="mail"', 'm') + attribute('Name="Role"', 'b'),
    { name: 'Role', values: ['a'] },
    { name: 'mail', values: ['m'] },
    { name: 'Role', values: ['b'] },
  ),
  stated(
    'several AttributeStatements',
    statement(attribute('Name="mail"', 'a')) + statement(attribute('Name="role"', 'b')),
    [
      { name: 'mail', values: ['a'] },
      { name: 'role', values: ['b'] },
    ],
  ),
  stated(
    'one attribute in two AttributeStatements',
    statement(attribute('Name="role"', 'a')) + statement(attribute('Name="role"', 'b')),
    [
      { name: 'role', values: ['a'] },
      { name: 'role', values: ['b'] },
    ],
  ),
  one('eduPersonTargetedID: NameID in a value', attribute('Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"', ePTID), {
    name: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10',
    ...opaque,
  }),
  one('eduPersonTargetedID, pretty-printed', attribute('Name="eptid"', `\n  ${ePTID}\n`), {
    name: 'eptid',
    ...opaque,
  }),
  one(
    'elements in a value are left out',
    attribute('Name="address"', '<x:Street xmlns:x="urn:example">1</x:Street>') + attribute('Name="mail"', 'a'),
    { name: 'address', values: [] },
    { name: 'mail', values: ['a'] },
  ),
  one('elements in one of several values', attribute('Name="x"', 'a', '<x:Y xmlns:x="urn:example"/>', 'b'), {
    name: 'x',
    values: ['a', 'b'],
  }),
  stated('5,000 groups in one Attribute', statement(attribute('Name="groups"', ...groups)), [
    { name: 'groups', values: groups },
  ]),
  stated(
    '5,000 groups in an Attribute each',
    statement(...groups.map((group) => attribute('Name="groups"', group))),
    groups.map((group) => ({ name: 'groups', values: [group] })),
  ),
  stated(
    '5,000 groups in an Attribute each, with NameFormat and xsi:type',
    statement(...groups.map((group) => attribute(`Name="g" NameFormat="${basic}"`, typed(group)))),
    groups.map((group) => ({ name: 'g', nameFormat: basic, values: [group] })),
    {
      parts: {
        declarations: `${plain.declarations} xmlns:xs="${namespaces.schema}" xmlns:xsi="${namespaces.schemaInstance}"`,
      },
    },
  ),
  stated('a message of 900 KB', statement(attribute('Name="photo"', 'x'.repeat(900_000))), [
    { name: 'photo', values: ['x'.repeat(900_000)] },
  ]),
  stated(
    'a message of 900 KB, Response signed',
    statement(attribute('Name="photo"', 'x'.repeat(900_000))),
    [{ name: 'photo', values: ['x'.repeat(900_000)] }],
    { mode: 'response' },
  ),
  genuine('AttributeStatement before AuthnStatement: ADFS, Entra', {
    parts: { authn: plain.attributes, attributes: plain.authn },
    claims: { attributes: [mail] },
  }),
];
