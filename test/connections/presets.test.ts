import { describe, expect, test } from 'vitest';
import type { AttributeMapping, PresetName } from '../../src/connections/connection.ts';
import { detectPreset, presetAlias, presets, resolveMapping } from '../../src/connections/presets.ts';
import { attributeReader } from '../../src/saml/select.ts';
import type { VerifiedXml } from '../../src/xml/signature.ts';

const none: AttributeMapping = { customAttributes: {} };

/** What each field reads from these attributes, by the preset's own mapping. */
function read(
  preset: PresetName,
  attributes: Record<string, string>,
  mapping: AttributeMapping = none,
): Record<string, string> {
  const attributeList = Object.entries(attributes).map(([name, value]) => ({ name, values: [value] }));
  // Only XPath sources look at the verified XML.
  const reader = attributeReader({ attributeList }, {} as unknown as VerifiedXml);
  const { customAttributes, ...fields } = resolveMapping({ preset, mapping });
  const found = Object.entries(fields).map(([field, source]) => [field, source ? reader.read(source)?.[0] : undefined]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

describe('detectPreset', () => {
  test.each<[string, string, PresetName]>([
    ['http://www.okta.com/exk1abc', 'https://acme.okta.com/app/x/exk1abc/sso/saml', 'okta'],
    ['urn:x', 'https://acme.oktapreview.com/app/x/sso/saml', 'okta'],
    ['https://sts.windows.net/7e2b/', 'https://login.microsoftonline.com/7e2b/saml2', 'entra'],
    ['urn:x', 'https://login.microsoftonline.us/7e2b/saml2', 'entra'],
    ['https://accounts.google.com/o/saml2?idpid=C01', 'https://accounts.google.com/o/saml2/idp?idpid=C01', 'google'],
    [
      'https://app.onelogin.com/saml/metadata/1',
      'https://acme.onelogin.com/trust/saml2/http-redirect/sso/1',
      'onelogin',
    ],
    ['https://auth.pingone.eu/1', 'https://auth.pingone.eu/1/saml20/idp/sso', 'ping'],
    ['urn:x', 'https://sso.example.com/idp/SSO.saml2', 'ping'],
    ['acme', 'https://sso.jumpcloud.com/saml2/acme', 'jumpcloud'],
    ['http://fs.example.com/adfs/services/trust', 'https://fs.example.com/adfs/ls/', 'adfs'],
    ['urn:acme.eu.auth0.com', 'https://acme.eu.auth0.com/samlp/1', 'auth0'],
    ['https://kc.example.com/realms/acme', 'https://kc.example.com/realms/acme/protocol/saml', 'keycloak'],
    ['https://idp.example.edu/idp/shibboleth', 'https://idp.example.edu/idp/profile/SAML2/Redirect/SSO', 'shibboleth'],
    [
      'https://sp.example.com/saml2/idp/metadata.php',
      'https://sp.example.com/saml2/idp/SSOService.php',
      'simplesamlphp',
    ],
    ['https://sp.example.com/simplesaml/saml2/idp/metadata.php', 'https://sp.example.com/', 'simplesamlphp'],
    ['https://auth.example.com/saml/metadata', 'https://auth.example.com/saml/singleSignOn', 'lemonldap'],
    ['https://idp.example.com', 'https://idp.example.com/sso', 'generic'],
    ['https://okta.com.example.com/', 'https://not-okta.com/', 'generic'],
    ['https://idp.example.com/?x=https://login.microsoftonline.com/', 'https://idp.example.com/', 'generic'],
  ])('%s', (entityId, redirect, expected) => {
    expect(detectPreset({ entityId, sso: { redirect } })).toBe(expected);
  });

  test('also examines the POST endpoint', () => {
    expect(detectPreset({ entityId: 'urn:x', sso: { post: 'https://acme.okta.com/sso' } })).toBe('okta');
  });
});

describe('presetAlias', () => {
  test.each([
    ['azure', 'entra'],
    ['Azure AD', 'entra'],
    ['microsoft', 'entra'],
    ['G Suite', 'google'],
    ['google-workspace', 'google'],
    ['AD FS', 'adfs'],
    ['pingfederate', 'ping'],
    ['ssp', 'simplesamlphp'],
    ['custom', 'generic'],
  ])('%s is %s', (name, preset) => {
    expect(presetAlias(name)).toBe(preset);
  });

  test('returns undefined for an unknown name', () => {
    expect(presetAlias('acme')).toBeUndefined();
  });

  test('never maps the name of a preset to another preset', () => {
    for (const name of Object.keys(presets)) expect([undefined, name]).toContain(presetAlias(name));
  });
});

describe('resolveMapping', () => {
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
  const entra = {
    [`${claims}emailaddress`]: 'ann@example.com',
    [`${claims}givenname`]: 'Ann',
    [`${claims}surname`]: 'Lee',
    [`${claims}name`]: 'ann_upn@example.onmicrosoft.com',
    'http://schemas.microsoft.com/identity/claims/displayname': 'Ann Lee',
    'http://schemas.microsoft.com/identity/claims/objectidentifier': 'oid-1',
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': 'group-1',
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/role': 'admin',
  };

  test('Entra ID', () => {
    expect(read('entra', entra)).toEqual({
      subject: 'oid-1',
      email: 'ann@example.com',
      name: 'Ann Lee',
      firstName: 'Ann',
      lastName: 'Lee',
      role: 'admin',
      groups: 'group-1',
    });
  });

  test('the name claim of Entra ID is a login name, not a display name', () => {
    const { 'http://schemas.microsoft.com/identity/claims/displayname': _, ...withoutDisplayName } = entra;
    expect(read('entra', withoutDisplayName)['name']).toBeUndefined();
    expect(read('generic', withoutDisplayName)['name']).toBeUndefined();
    expect(read('adfs', { [`${claims}name`]: 'Ann Lee' })['name']).toBe('Ann Lee');
    expect(read('auth0', { [`${claims}name`]: 'Ann Lee' })['name']).toBe('Ann Lee');
  });

  test('Keycloak', () => {
    expect(
      read('keycloak', {
        'urn:oid:1.2.840.113549.1.9.1': 'a@b.c',
        'urn:oid:2.5.4.42': 'Ann',
        'urn:oid:2.5.4.4': 'Lee',
        Role: 'admin',
      }),
    ).toEqual({ email: 'a@b.c', firstName: 'Ann', lastName: 'Lee', role: 'admin' });
  });

  test('Shibboleth', () => {
    const attributes = {
      'urn:oid:0.9.2342.19200300.100.1.3': 'a@b.edu',
      'urn:oid:2.16.840.1.113730.3.1.241': 'Ann Lee',
      'urn:oid:1.3.6.1.4.1.5923.1.5.1.1': 'staff',
      'urn:oid:1.3.6.1.4.1.5923.1.1.1.6': 'ann@b.edu',
      'urn:oid:1.3.6.1.4.1.5923.1.1.1.10': 'targeted',
    };
    const rest = { email: 'a@b.edu', name: 'Ann Lee', groups: 'staff' };
    expect(read('shibboleth', attributes)).toEqual({ ...rest, subject: 'targeted' });
    const pairwise = { ...attributes, 'urn:oasis:names:tc:SAML:attribute:pairwise-id': 'p@b.edu' };
    expect(read('shibboleth', pairwise)).toEqual({ ...rest, subject: 'p@b.edu' });
  });

  test.each<[PresetName, Record<string, string>]>([
    ['okta', { email: 'e', firstName: 'f', lastName: 'l', groups: 'g' }],
    ['google', { email: 'e', firstName: 'f', lastName: 'l', groups: 'g' }],
    ['onelogin', { 'User.email': 'e', 'User.FirstName': 'f', 'User.LastName': 'l', memberOf: 'g' }],
    ['ping', { email: 'e', firstName: 'f', lastName: 'l', memberOf: 'g' }],
    ['jumpcloud', { email: 'e', firstname: 'f', lastname: 'l', memberOf: 'g' }],
    ['simplesamlphp', { mail: 'e', givenName: 'f', sn: 'l', groups: 'g' }],
    ['lemonldap', { mail: 'e', givenName: 'f', sn: 'l', groups: 'g' }],
    ['generic', { 'User.Email': 'e', first_name: 'f', last_name: 'l', memberOf: 'g' }],
    // The sample identity provider of passport-wsfed-saml2 and samlp.
    ['generic', { email: 'e', firstName: 'f', lastName: 'l', 'http://schemas.passportjs.com/groups': 'g' }],
  ])('%s', (preset, attributes) => {
    expect(read(preset, attributes)).toEqual({ email: 'e', firstName: 'f', lastName: 'l', groups: 'g' });
  });

  test('a mapping of the connection replaces the candidates of this field only', () => {
    const mapping: AttributeMapping = { customAttributes: {}, email: { kind: 'attributes', names: ['login'] } };
    expect(read('okta', { email: 'wrong', firstName: 'f' }, mapping)).toEqual({ firstName: 'f' });
    expect(read('okta', { login: 'right', email: 'wrong' }, mapping)).toEqual({ email: 'right' });
  });

  test('the candidates of the preset precede the general candidates', () => {
    const both = { 'urn:oid:1.2.840.113549.1.9.1': 'keycloak', 'urn:oid:0.9.2342.19200300.100.1.3': 'general' };
    expect(read('keycloak', both)['email']).toBe('keycloak');
    expect(read('generic', both)['email']).toBe('general');
  });

  test('no preset names a candidate twice', () => {
    for (const preset of Object.keys(presets) as PresetName[]) {
      for (const source of Object.values(resolveMapping({ preset, mapping: none }))) {
        if ('names' in source && Array.isArray(source.names))
          expect(new Set(source.names).size).toBe(source.names.length);
      }
    }
  });

  test('only Entra ID reads absent groups as none', () => {
    const differing = Object.entries(presets).filter(([, { policy }]) => policy !== undefined);
    expect(differing.map(([name, { policy }]) => [name, policy])).toEqual([['entra', { absentGroups: 'none' }]]);
  });
});
