import { describe, expect, test } from 'vitest';
import type { AttributeMapping, ProvisioningPolicy } from '../../src/connections/connection.ts';
import { type Profile, readProfile } from '../../src/provisioning/profile.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { type Attributes, assertion, connection, reader } from './support.ts';

interface Case {
  readonly attributes?: Attributes;
  readonly nameId?: string | null;
  readonly format?: string;
  /** What the preset maps. */
  readonly preset?: Partial<AttributeMapping>;
  /** What the connection maps itself; wins. */
  readonly mapping?: Partial<AttributeMapping>;
  readonly domains?: readonly string[];
  readonly policy?: Partial<ProvisioningPolicy>;
}

const from = (...names: string[]) => ({ kind: 'attributes', names }) as const;
const preset: Partial<AttributeMapping> = {
  email: from('email', 'mail'),
  name: from('displayName', 'cn'),
  firstName: from('firstName'),
  lastName: from('lastName'),
  role: from('role'),
  groups: from('groups'),
};

function read({
  attributes = {},
  nameId = 'alice-1',
  format,
  mapping = {},
  domains = ['acme.example'],
  ...rest
}: Case): Profile {
  const message = assertion(attributes, nameId, format ?? nameIdFormats.persistent);
  const base = connection({ domains }, rest.policy);
  return readProfile({
    assertion: message,
    connection: { ...base, idp: { ...base.idp, mapping: { custom: {}, ...mapping } } },
    mapping: { custom: {}, ...preset, ...rest.preset, ...mapping },
    read: reader(message),
  });
}

describe('1. e-mail', () => {
  test('the mapped attribute comes first', () => {
    const attributes = { work: ['a@acme.example'], email: ['b@acme.example'] };
    expect(read({ attributes, mapping: { email: from('work') } })).toMatchObject({
      email: 'a@acme.example',
      emailProblem: null,
    });
  });
  test("then the preset's candidates in order; one that arrived empty is passed over", () => {
    expect(read({ attributes: { mail: ['b@acme.example'], email: ['a@acme.example'] } }).email).toBe('a@acme.example');
    expect(read({ attributes: { mail: ['b@acme.example'], email: ['', ' '] } }).email).toBe('b@acme.example');
  });
  test('then a NameID of format emailAddress, or an unspecified one that looks like an e-mail', () => {
    const nameId = 'Alice@acme.example';
    expect(read({ nameId, format: nameIdFormats.emailAddress }).email).toBe(nameId);
    expect(read({ nameId, format: nameIdFormats.unspecified }).email).toBe(nameId);
    expect(read({ nameId: 'alice', format: nameIdFormats.unspecified }).emailProblem).toEqual({ kind: 'missing' });
  });
  test.each([
    nameIdFormats.persistent,
    nameIdFormats.transient,
    nameIdFormats.x509SubjectName,
    nameIdFormats.emailAddress.toUpperCase(),
    'urn:made:up',
  ])('never a NameID of format %s', (format) => {
    expect(read({ nameId: 'alice@acme.example', format })).toMatchObject({
      email: null,
      emailProblem: { kind: 'missing' },
    });
  });
});

describe('2. e-mail values', () => {
  test('of several the first inside the verified domains', () => {
    const attributes = { email: ['a@old.example', 'nonsense', 'b@ACME.example', 'c@acme.example'] };
    expect(read({ attributes }).email).toBe('b@ACME.example');
    expect(read({ attributes, domains: [] }).email).toBe('a@old.example');
    expect(read({ attributes: { email: ['nonsense', 'd@old.example'] } }).email).toBe('d@old.example');
  });
  test('of a hundred: who sends more is not read to the end', () => {
    const nonsense = (count: number) => Array.from({ length: count }, () => `a${' '.repeat(990)}a`);
    const email = 'a@acme.example';
    expect(read({ attributes: { email: [...nonsense(99), email] } })).toMatchObject({ email, emailProblem: null });
    expect(read({ attributes: { email: [...nonsense(100), email] } })).toMatchObject({
      email: null,
      emailProblem: { kind: 'invalid' },
    });
    expect(read({ attributes: { email: [email, ...nonsense(50_000)] } }).email).toBe(email);
  });
  test('only invalid ones are a problem of its own, which no other source covers up', () => {
    const attributes = { email: ['not an address'], mail: ['a@acme.example'] };
    expect(read({ attributes })).toMatchObject({
      email: null,
      emailProblem: { kind: 'invalid', received: 'not an address' },
    });
    expect(read({ nameId: 'x', format: nameIdFormats.emailAddress }).emailProblem).toEqual({
      kind: 'invalid',
      received: 'x',
    });
  });
});

describe('3. name', () => {
  const email = ['alice@acme.example'];
  const all = {
    email,
    fullName: ['Full'],
    firstName: ['Alice'],
    lastName: ['Adams'],
    displayName: ['Display'],
    cn: ['Common'],
  };
  test.each<[string, Case]>([
    ['Full', { attributes: all, mapping: { name: from('fullName') } }],
    ['Alice Adams', { attributes: all }],
    ['Adams', { attributes: { email, lastName: ['Adams'], displayName: ['Display'] } }],
    ['Display', { attributes: { email, displayName: ['Display'], cn: ['Common'] } }],
    ['Common', { attributes: { email, cn: ['Common'], displayName: [''] } }],
  ])('%s', (name, input) => {
    expect(read(input)).toMatchObject({ name, nameIsFallback: false, nameIsEmpty: false });
  });
  test('the local part is a fallback; an empty attribute is told from an absent one', () => {
    expect(read({ attributes: { email } })).toMatchObject({ name: 'alice', nameIsFallback: true, nameIsEmpty: false });
    expect(read({ attributes: { email, cn: [''] } })).toMatchObject({
      name: 'alice',
      nameIsFallback: true,
      nameIsEmpty: true,
    });
    expect(read({})).toMatchObject({ name: null, nameIsFallback: false });
  });
  test('is tidied: trimmed, spaces collapsed, no control or reordering characters, at most 256 characters', () => {
    expect(read({ attributes: { cn: ['  Zo\u0007ë \n\t \u202E  Ö\u0000 '] } }).name).toBe('Zoë Ö');
    expect(read({ attributes: { cn: ['\u0645\u06CC\u200C\u062E'] } }).name).toBe('\u0645\u06CC\u200C\u062E');
    expect([...(read({ attributes: { cn: ['😀'.repeat(300)] } }).name ?? '')]).toHaveLength(256);
  });
});

describe('4. subject', () => {
  const email = ['Alice@acme.example'];
  test('a persistent NameID, exactly', () => {
    expect(read({ nameId: ' AbC@x.example' })).toMatchObject({ subject: ' AbC@x.example', subjectSource: 'nameId' });
  });
  test('a NameID that is an e-mail compares as an e-mail', () => {
    for (const format of [nameIdFormats.emailAddress, nameIdFormats.unspecified]) {
      expect(read({ nameId: 'Alice@ACME.example', format }).subject).toBe('alice@acme.example');
      expect(read({ nameId: 'AbC', format }).subject).toBe('AbC');
    }
  });
  test.each([nameIdFormats.persistent, nameIdFormats.x509SubjectName, 'urn:made:up'])(
    'a NameID of format %s is exact, even where it looks like an e-mail',
    (format) => {
      expect(read({ nameId: 'Alice@ACME.example', format }).subject).toBe('Alice@ACME.example');
    },
  );
  test.each([
    'urn:oasis:names:tc:SAML:attribute:subject-id',
    'urn:oasis:names:tc:SAML:attribute:pairwise-id',
    'subject-id',
  ])('%s is case-insensitive', (name) => {
    const input = { attributes: { [name]: ['AB=C@Scope.example'] }, preset: { subject: from('oid', name) } };
    expect(read(input)).toMatchObject({ subject: 'ab=c@scope.example', subjectSource: 'attribute' });
    expect(read({ ...input, attributes: { [name]: ['\u212A=C'] } }).subject).toBe('\u212A=c');
  });
  test('any other attribute is exact, unless it is an e-mail', () => {
    const input = (oid: string) => ({ attributes: { oid: [oid] }, mapping: { subject: from('oid') } });
    expect(read(input('AbC'))).toMatchObject({ subject: 'AbC', subjectSource: 'attribute' });
    expect(read(input('AbC@Acme.example')).subject).toBe('abc@acme.example');
  });
  test('without its attribute a preset falls back to the NameID, a mapping of the connection does not', () => {
    expect(read({ preset: { subject: from('oid') } })).toMatchObject({ subject: 'alice-1', subjectSource: 'nameId' });
    expect(read({ attributes: { email }, mapping: { subject: from('oid') } })).toMatchObject({
      subject: null,
      subjectSource: null,
    });
  });
  test('a transient or absent NameID is no key: the e-mail is, where policy says so', () => {
    const transient = { attributes: { email }, nameId: '_x', format: nameIdFormats.transient };
    const absent = { attributes: { email }, nameId: null };
    for (const input of [transient, absent]) {
      expect(read(input)).toMatchObject({ subject: 'alice@acme.example', subjectSource: 'email' });
      expect(read({ ...input, policy: { subject: null } }).subject).toBeNull();
      expect(read({ ...input, domains: [] }).subject).toBeNull();
      expect(read({ ...input, domains: [], policy: { subject: 'email' } }).subject).toBe('alice@acme.example');
    }
  });
  test('blank, or too long for an index: none', () => {
    expect(read({ nameId: '  ' }).subject).toBeNull();
    expect(read({ nameId: 'x'.repeat(1025) }).subject).toBeNull();
    expect(read({ nameId: 'x'.repeat(1024) }).subject).toHaveLength(1024);
  });
});

describe('5. groups', () => {
  const link = 'http://schemas.microsoft.com/claims/groups.link';
  test.each<[string, Attributes, Profile['groups']]>([
    ['absent', {}, { kind: 'absent' }],
    ['empty', { groups: [''] }, { kind: 'values', values: [] }],
    ['empty list', { groups: [] }, { kind: 'values', values: [] }],
    ['values', { groups: ['a', '', 'b'] }, { kind: 'values', values: ['a', 'b'] }],
    ['overage', { [link]: ['https://graph.example'] }, { kind: 'overage' }],
    ['overage, spelled as documented', { [` ${link}`]: ['https://graph.example'], groups: ['a'] }, { kind: 'overage' }],
    ['another attribute', { [`${link}s`]: ['x'] }, { kind: 'absent' }],
  ])('%s', (_, attributes, groups) => {
    expect(read({ attributes }).groups).toEqual(groups);
  });
});

test('further attributes: absent ones are left out, empty ones are empty; required ones as they arrived; JSON-safe', () => {
  const custom = { team: from('team'), city: from('city'), ['__proto__']: from('team') };
  const attributes = { team: ['a', 'b'], floor: [''] };
  const profile = read({
    attributes,
    mapping: { custom: { ...custom, floor: from('floor') } },
    policy: { requiredAttributes: { team: 'a', tenant: 't' } },
  });
  expect(profile.custom).toEqual({ team: ['a', 'b'], ['__proto__']: ['a', 'b'], floor: [] });
  expect(profile.required).toEqual({ team: ['a', 'b'], tenant: null });
  expect(profile.receivedAttributes).toEqual(['team', 'floor']);
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
});

test('an XPath expression is read as a whole', () => {
  const attributes = { '//mail': ['', 'a@acme.example'] };
  expect(read({ attributes, mapping: { email: { kind: 'xpath', expression: '//mail' } } }).email).toBe(
    'a@acme.example',
  );
});
