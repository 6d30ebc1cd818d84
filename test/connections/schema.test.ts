import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ConnectionInput } from '../../src/connections/input.ts';
import { checkPolicy, parseConnection } from '../../src/connections/schema.ts';
import { SamlError } from '../../src/errors.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { configurationError } from '../support/configuration-error.ts';

const fixture = (path: string): string => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
const certificate = fixture('certificates/rsa-2048.crt');
const metadata = fixture('captures/lasso/metadata.xml');
const now = new Date('2026-11-24T03:00:00Z');
const idp = { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificate };

function problems(input: unknown, options: Parameters<typeof parseConnection>[1] = {}): TypeError {
  try {
    parseConnection(input, { now, ...options });
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
  throw new Error('the connection was accepted');
}

describe('parseConnection', () => {
  test('fills in the defaults of a minimal connection', () => {
    expect(parseConnection({ idp })).toEqual({
      id: 'default',
      organizationId: 'default',
      enabled: true,
      idp: {
        entityId: idp.entityId,
        sso: { redirect: idp.ssoUrl },
        certificates: [certificate],
        binding: 'redirect',
        requireSigned: 'either',
        signRequests: null,
        requestSignatureHash: null,
        nameIdFormat: null,
        metadataValidUntil: null,
        preset: 'generic',
        mapping: { customAttributes: {} },
      },
      domains: [],
      policy: {
        mode: 'create-and-update',
        roleMap: {},
        unmappedRoles: undefined,
        defaultRole: null,
        roleCeiling: null,
        protectedRole: undefined,
        absentGroups: 'unknown',
        groupsOverage: 'unknown',
        sync: { name: 'always', role: 'always', email: 'always' },
        keepManual: [],
        clearable: [],
        rebind: false,
        linkUnverified: 'never',
        recreate: false,
        requireDomains: false,
        requiredAttributes: {},
        subject: undefined,
        idpInitiated: 'restart',
      },
      security: {
        allowSha1: false,
        allowAesCbc: false,
        requireDestination: false,
        maxAssertionLifetimeSeconds: 86_400,
      },
      spEntityId: undefined,
      acs: 'shared',
    });
  });

  test('reads metadata in place of single settings', () => {
    const { idp: read } = parseConnection({ idp: { metadata, requireSigned: 'response' } }, { now });
    expect(read.entityId).toBe('https://lasso.example.test/idp');
    expect(read.sso.redirect).toMatch(/^http/);
    expect(read.certificates).toHaveLength(1);
    expect(read.requireSigned).toBe('response');
  });

  describe('signing of AuthnRequests', () => {
    const wanting = metadata.replace('WantAuthnRequestsSigned="false"', 'WantAuthnRequestsSigned="true"');

    test('is required if the metadata requires it and the connection does not disable it; otherwise it depends on the key', () => {
      expect(parseConnection({ idp: { metadata: wanting } }, { now }).idp.signRequests).toBe(true);
      const off = { idp: { metadata: wanting, signRequests: false } };
      expect(parseConnection(off, { now, canSign: false }).idp.signRequests).toBe(false);
      expect(parseConnection({ idp: { metadata } }, { now, canSign: false }).idp.signRequests).toBeNull();
    });

    test.each([
      [
        { metadata: wanting },
        'idp.metadata: its identity provider requires signed requests (WantAuthnRequestsSigned), and there is no signing key: give createSso a signing key and certificate',
      ],
      [
        { ...idp, signRequests: true },
        'idp.signRequests: is true, and there is no signing key: give createSso a signing key and certificate',
      ],
    ])('cannot be required without a key, where that is known', (settings, problem) => {
      expect(problems({ idp: settings }, { canSign: false }).message).toContain(problem);
      for (const canSign of [true, undefined])
        expect(parseConnection({ idp: settings }, { now, canSign }).idp.signRequests).toBe(true);
    });

    test('accepts a hash other than SHA-1', () => {
      expect(parseConnection({ idp: { ...idp, requestSignatureHash: 'sha512' } }).idp.requestSignatureHash).toBe(
        'sha512',
      );
      expect(problems({ idp: { ...idp, requestSignatureHash: 'sha1' } }).message).toContain(
        'idp.requestSignatureHash: expected one of "sha256"|"sha384"|"sha512"',
      );
    });
  });

  describe('binding of AuthnRequests', () => {
    const sso = { redirect: 'https://idp.example.com/r', post: 'https://idp.example.com/p' };
    const { ssoUrl: _, ...rest } = idp;
    const read = (settings: ConnectionInput['idp']) => parseConnection({ idp: settings }, { now }).idp.binding;

    test('is HTTP-Redirect if it is offered, otherwise HTTP-POST', () => {
      expect(read({ ...rest, sso })).toBe('redirect');
      expect(read({ ...rest, sso: { post: sso.post } })).toBe('post');
      expect(read(idp)).toBe('redirect');
    });

    test('can be chosen among those that are offered', () => {
      expect(read({ ...rest, sso, binding: 'post' })).toBe('post');
      expect(read({ metadata, binding: 'post' })).toBe('post');
      expect(problems({ idp: { ...idp, binding: 'post' } }).message).toContain(
        'idp.binding: is post, and the identity provider has a single sign-on URL for redirect only',
      );
      expect(problems({ idp: { ...rest, sso: { post: sso.post }, binding: 'redirect' } }).message).toContain(
        'idp.binding: is redirect, and the identity provider has a single sign-on URL for post only',
      );
    });
  });

  test('takes single sign-on URLs by binding, and several certificates', () => {
    const sso = { redirect: 'https://idp.example.com/r', post: 'http://localhost:8080/p' };
    const certificates = [certificate, fixture('certificates/ec-p-256.crt')];
    const { idp: read } = parseConnection({ idp: { entityId: 'urn:idp', sso, certificates } });
    expect(read).toMatchObject({ entityId: 'urn:idp', sso, certificates });
  });

  test('reads mappings: a name, candidates, XPath, and further attributes', () => {
    const mapping = {
      email: 'mail',
      groups: ['g1', 'g2'],
      role: { xpath: "*/saml:Attribute[@Name='role']/*" },
      customAttributes: { constructor: 'x' },
    };
    const read = parseConnection({ idp: { ...idp, mapping } }).idp.mapping;
    expect(read).toEqual({
      email: { kind: 'attributes', names: ['mail'] },
      groups: { kind: 'attributes', names: ['g1', 'g2'] },
      role: { kind: 'xpath', expression: "*/saml:Attribute[@Name='role']/*" },
      customAttributes: { constructor: { kind: 'attributes', names: ['x'] } },
    });
    expect('toString' in read.customAttributes).toBe(false);
  });

  test('writes domains in the form in which they are compared, each once', () => {
    const domains = ['Example.COM', 'example.com', 'münchen.example', ' sub.example.org '];
    expect(parseConnection({ idp, domains }).domains).toEqual([
      'example.com',
      'xn--mnchen-3ya.example',
      'sub.example.org',
    ]);
  });

  test('takes policy from the connection, then the application, then the preset', () => {
    const entra = { ...idp, entityId: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/' };
    const read = (policy: ConnectionInput['policy'], defaults: ConnectionInput['policy']) =>
      parseConnection({ idp: entra, policy }, { defaults: { policy: defaults } }).policy;
    expect(read({}, {}).absentGroups).toBe('none');
    expect(read({}, { absentGroups: 'unknown' }).absentGroups).toBe('unknown');
    expect(read({ absentGroups: 'none' }, { absentGroups: 'unknown' }).absentGroups).toBe('none');
    expect(read({ defaultRole: null }, { defaultRole: 'member' }).defaultRole).toBeNull();
    expect(read({ defaultRole: undefined }, { defaultRole: 'member' }).defaultRole).toBe('member');
    expect(read({ sync: { name: 'onCreate' } }, { sync: { email: 'onCreate' } }).sync).toEqual({
      name: 'onCreate',
      role: 'always',
      email: 'onCreate',
    });
  });

  test('tables of roles and attributes have no inherited keys', () => {
    const { policy } = parseConnection({ idp, policy: { roleMap: { admins: 'admin' } } });
    expect(policy.roleMap['constructor']).toBeUndefined();
    expect(policy.roleMap['admins']).toBe('admin');
    expect(policy.requiredAttributes['toString']).toBeUndefined();
  });

  test('reads the names of the fields that may be cleared', () => {
    const clearable = ['name', 'customAttributes.department', 'customAttributes.first name'] as const;
    expect(parseConnection({ idp, policy: { clearable } }).policy.clearable).toEqual(clearable);
  });

  test('accepts short names of NameID formats', () => {
    const format = (nameIdFormat: string) => parseConnection({ idp: { ...idp, nameIdFormat } }).idp.nameIdFormat;
    expect(format('persistent')).toBe('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent');
    expect(format('urn:x')).toBe('urn:x');
  });

  test('a configured preset has priority over the detected one', () => {
    const okta = { ...idp, entityId: 'http://www.okta.com/exk1' };
    expect(parseConnection({ idp: okta }).idp.preset).toBe('okta');
    expect(parseConnection({ idp: { ...okta, preset: 'adfs' } }).idp.preset).toBe('adfs');
  });

  test('ids may be required', () => {
    const defaults = { id: null, organizationId: null };
    expect(problems({ idp }, { defaults }).message).toBe(
      'invalid connection:\n  id: is required where there are several connections\n' +
        '  organizationId: is required where there are several connections',
    );
    expect(parseConnection({ id: 'a', organizationId: 'b', idp }, { defaults })).toMatchObject({
      id: 'a',
      organizationId: 'b',
    });
  });
});

describe('parseConnection refuses', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'invalid connection:\n  is required'],
    ['a text', 'x', 'expected object, received string'],
    ['no idp', { id: 'acme' }, 'invalid connection "acme":\n  idp: is required'],
    ['an empty idp', { idp: {} }, 'idp.entityId: is required, unless idp.metadata is given'],
    ['an empty idp', { idp: {} }, 'idp.ssoUrl: is required, unless idp.sso or idp.metadata is given'],
    ['an empty idp', { idp: {} }, 'idp.certificate: is required, unless idp.metadata is given'],
    ['a misspelled key', { idp, domain: [] }, 'domain: unknown key, did you mean domains?'],
    ['a misspelled key', { idp: { ...idp, cert: '' } }, 'idp.cert: unknown key, did you mean idp.certificate?'],
    ['a misspelled key', { idp, policy: { rolemap: {} } }, 'policy.rolemap: unknown key, did you mean policy.roleMap?'],
    ['a misspelled key', { idp: { ...idp, mapping: { emial: 'x' } } }, 'did you mean idp.mapping.email?'],
    ['a key in the wrong place', { entityId: 'x', idp }, 'entityId: unknown key, did you mean idp.entityId?'],
    ['an unknown key', { idp, policy: { zzzz: 1 } }, 'policy.zzzz: unknown key, expected mode, roleMap,'],
    ['an unknown key of custom policy', { idp, policy: { sync: { phone: 'always' } } }, 'expected name, role, email'],
    ['metadata and settings', { idp: { metadata, certificate } }, 'idp.certificate: is already given by idp.metadata'],
    ['two forms of URL', { idp: { ...idp, sso: { post: idp.ssoUrl } } }, 'idp.ssoUrl: is given as well as idp.sso'],
    [
      'two forms of certificate',
      { idp: { ...idp, certificates: [certificate] } },
      'idp.certificate: is given as well as idp.certificates',
    ],
    [
      'no certificate in the list',
      { idp: { ...idp, certificate: undefined, certificates: [] } },
      'idp.certificates: must hold a certificate',
    ],
    ['an sso without URL', { idp: { ...idp, ssoUrl: undefined, sso: {} } }, 'idp.ssoUrl: is required'],
    ['plain http', { idp: { ...idp, ssoUrl: 'http://idp.example.com/sso' } }, 'idp.ssoUrl: must begin with https://'],
    ['a script', { idp: { ...idp, ssoUrl: 'javascript:alert(1)' } }, 'idp.ssoUrl: must begin with https://'],
    [
      'http to what only looks local',
      { idp: { ...idp, ssoUrl: 'http://localhost.example.com/' } },
      'must begin with https://',
    ],
    ['a relative URL', { idp: { ...idp, ssoUrl: '/sso' } }, 'idp.ssoUrl: is not an absolute URL'],
    [
      'a broken URL',
      { idp: { ...idp, ssoUrl: 'https://idp.example.com/\nsso' } },
      'idp.ssoUrl: is not an absolute URL',
    ],
    [
      'a password',
      { idp: { ...idp, ssoUrl: 'https://a:b@idp.example.com/' } },
      'must not contain a user name or password',
    ],
    ['a fragment', { idp: { ...idp, ssoUrl: 'https://idp.example.com/#x' } }, 'must not contain a fragment (#)'],
    ['an empty attribute name', { idp: { ...idp, mapping: { email: '' } } }, 'idp.mapping.email: must not be empty'],
    ['no candidates', { idp: { ...idp, mapping: { email: [] } } }, 'idp.mapping.email: must name an attribute'],
    [
      'a number as mapping',
      { idp: { ...idp, mapping: { email: 1 } } },
      'idp.mapping.email: expected the name of an attribute, a list',
    ],
    [
      'XPath outside the allowed axes',
      { idp: { ...idp, mapping: { email: { xpath: '//x' } } } },
      '"//" would search at every depth',
    ],
    [
      'a format',
      { idp: { ...idp, nameIdFormat: 'email' } },
      'idp.nameIdFormat: expected a URI, or one of unspecified, emailAddress',
    ],
    ['a preset', { idp: { ...idp, preset: 'azure' } }, 'idp.preset: expected one of generic, okta, entra,'],
    ['a preset of Object.prototype', { idp: { ...idp, preset: 'constructor' } }, 'idp.preset: expected one of generic'],
    ['a public mail domain', { idp, domains: ['GMAIL.com'] }, 'domains[0]: gmail.com is a public mail domain'],
    [
      'an address',
      { idp, domains: ['example.com', '@example.com'] },
      'domains[1]: "@example.com" is not a domain name',
    ],
    ['a wildcard', { idp, domains: ['*.example.com'] }, '"*.example.com" is not a domain name'],
    ['a top-level domain', { idp, domains: ['com'] }, '"com" is not a domain name'],
    ['an IP address', { idp, domains: ['127.0.0.1'] }, '"127.0.0.1" is not a domain name'],
    ['a URL', { idp, domains: ['https://example.com'] }, 'is not a domain name'],
    ['a mode', { idp, policy: { mode: 'on' } }, 'policy.mode: expected one of "create-and-update"|"create-only"'],
    [
      'a field that is never cleared',
      { idp, policy: { clearable: ['email'] } },
      'policy.clearable[0]: expected name, or',
    ],
    [
      'a custom field without key',
      { idp, policy: { clearable: ['customAttributes.'] } },
      'policy.clearable[0]: expected name, or',
    ],
    ['an id that is no path segment', { id: '../x', idp }, 'id: may hold letters, digits and . _ ~ : @ - only'],
    ['an id that is a relative path', { id: '..', idp }, 'id: may hold letters'],
    ['a number as id', { id: 7, idp }, 'id: expected string, received number'],
  ])('%s', (_, input, reason) => {
    expect(problems(input).message).toContain(reason);
  });

  test('a certificate, with the reason and the SamlError', () => {
    const error = problems({
      idp: { ...idp, certificate: undefined, certificates: [certificate, '-----BEGIN PRIVATE KEY-----'] },
    });
    expect(error.message).toContain('idp.certificates[1]: Expected the identity provider');
    expect(error.message).toContain('a private key was given');
    expect(error.cause).toBeInstanceOf(SamlError);
    expect(error.cause).toMatchObject({ code: 'certificate_invalid' });
  });

  test('metadata, with the reason and the SamlError', () => {
    const error = problems({ idp: { metadata: '<!DOCTYPE html>' } });
    expect(error.message).toContain('idp.metadata: Expected the SAML 2.0 metadata');
    expect(error.message).toContain('an HTML page was given');
    expect(error.cause).toMatchObject({ code: 'metadata_invalid' });
  });

  test('metadata that expired', () => {
    const expiring = metadata.replace('<EntityDescriptor ', '<EntityDescriptor validUntil="2026-11-24T03:00:00Z" ');
    expect(problems({ idp: { metadata: expiring } }).message).toContain('expired at 2026-11-24T03:00:00.000Z');
    const validUntil = { idp: { metadataValidUntil: now } };
    expect(parseConnection({ idp: { metadata: expiring } }, { now: new Date(now.getTime() - 1) })).toMatchObject(
      validUntil,
    );
    expect(parseConnection({ idp: { metadata: expiring } }, { now: null })).toMatchObject(validUntil);
  });

  test('metadata whose single sign-on URL is not an https URL', () => {
    const bad = metadata.replace(/(<SingleSignOnService[^>]*Location=")[^"]*/g, '$1http://idp.example.com/x');
    expect(problems({ idp: { metadata: bad } }).message).toContain(
      'idp.metadata: its SingleSignOnService "http://idp.example.com/x" must begin with https://',
    );
  });

  test('roles that the application does not have', () => {
    const roles = ['owner', 'admin', 'member'];
    const policy = {
      roleMap: { 'The Admins': 'admni', users: 'member' },
      defaultRole: 'guest',
      roleCeiling: 'admin',
      protectedRole: null,
    };
    expect(problems({ idp, policy }, { roles }).message).toBe(
      'invalid connection:\n' +
        '  policy.roleMap["The Admins"]: "admni" is not a role of the application (owner, admin, member), did you mean admin?\n' +
        '  policy.defaultRole: "guest" is not a role of the application (owner, admin, member)',
    );
    expect(parseConnection({ idp, policy }).policy.defaultRole).toBe('guest');
  });

  test('more XPath selectors than the limit', () => {
    const customAttributes = (n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`a${i}`, { xpath: '@ID' }]));
    const mapping = (n: number) => ({ email: { xpath: '@ID' }, customAttributes: customAttributes(n) });
    expect(problems({ idp: { ...idp, mapping: mapping(10) } }).message).toContain(
      'idp.mapping: has more than 10 XPath selectors',
    );
    expect(
      Object.keys(parseConnection({ idp: { ...idp, mapping: mapping(9) } }).idp.mapping.customAttributes),
    ).toHaveLength(9);
  });

  test.each([
    ['idp.mapping.customAttributes', 100, (keys: object) => ({ idp: { ...idp, mapping: { customAttributes: keys } } })],
    ['policy.roleMap', 10_000, (keys: object) => ({ idp, policy: { roleMap: keys } })],
    ['policy.requiredAttributes', 100, (keys: object) => ({ idp, policy: { requiredAttributes: keys } })],
  ])('more keys of %s than %d', (path, max, made) => {
    const keys = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'x']));
    expect(problems(made(keys(max + 1))).message).toContain(`${path}: holds more than ${max} keys`);
    expect(parseConnection(made(keys(max))).id).toBe('default');
  });

  test('more than 20 certificates, in a list or in metadata', () => {
    const many = Array.from({ length: 21 }, () => selfSigned({ keyType: 'p256' }).certificate);
    const listed = (certificates: string[]) => ({ idp: { ...idp, certificate: undefined, certificates } });
    expect(problems(listed(many)).message).toContain('idp.certificates: holds more than 20 certificates');
    expect(parseConnection(listed(many.slice(1))).idp.certificates).toHaveLength(20);
    const role = metadata.match(/<(?:\w+:)?KeyDescriptor[\s\S]*<\/(?:\w+:)?KeyDescriptor>/)?.[0] ?? '';
    const published = (certificates: string[]) => ({
      idp: {
        metadata: metadata.replace(
          role,
          certificates
            .map(
              (each) =>
                `<KeyDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${each.replace(/-----[^-]+-----/g, '')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
            )
            .join(''),
        ),
      },
    });
    expect(problems(published(many)).message).toContain('publishes more than 20 signing certificates');
    expect(parseConnection(published(many.slice(1)), { now }).idp.certificates).toHaveLength(20);
  });

  test('several problems, and lists all of them', () => {
    const { message } = problems({
      id: 'acme',
      idp: { ...idp, ssoUrl: 'x', certificate: '' },
      domains: ['gmail.com'],
      polcy: {},
    });
    expect(message.split('\n')).toHaveLength(5);
    expect(message).toMatch(
      /idp\.ssoUrl: .*idp\.certificate: .*domains\[0\]: .*polcy: unknown key, did you mean policy\?/s,
    );
  });

  test('anything else with a TypeError', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, inner) => {
        expect(problems({ id: value, idp: { metadata: inner } })).toBeInstanceOf(TypeError);
        expect(problems(value)).toBeInstanceOf(TypeError);
      }),
    );
  });
});

describe('checkPolicy', () => {
  test('accepts no policy and a valid policy', () => {
    expect(() => checkPolicy(undefined, ['admin'])).not.toThrow();
    expect(() => checkPolicy({ defaultRole: 'admin' }, ['admin'])).not.toThrow();
    expect(() => checkPolicy({ defaultRole: 'admin' }, undefined)).not.toThrow();
  });
  test('refuses unknown keys and roles', () => {
    expect(() => checkPolicy({ defaultrole: 'admin' }, undefined)).toThrow(
      configurationError(
        'invalid default policy:\n  policy.defaultrole: unknown key, did you mean policy.defaultRole?',
      ),
    );
    expect(() => checkPolicy({ defaultRole: 'x' }, ['admin'])).toThrow(
      'policy.defaultRole: "x" is not a role of the application (admin)',
    );
  });
});

test('a connection as developers type it', () => {
  expectTypeOf<{ idp: { metadata: string } }>().toExtend<ConnectionInput>();
  expectTypeOf<{ idp: { entityId: string }; domain: string[] }>().not.toEqualTypeOf<ConnectionInput>();
});
