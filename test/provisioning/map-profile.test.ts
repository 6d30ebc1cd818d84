import { describe, expect, test } from 'vitest';
import type { AttributeMapping, CustomAttributeSource, CustomAttributeType } from '../../src/connections/connection.ts';
import { mapProfile } from '../../src/provisioning/map-profile.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { type Case, from, read } from './profile-support.ts';
import { type Attributes, assertion, connection, spEntityId } from './support.ts';

describe('rule email-source: e-mail', () => {
  test('the mapped attribute comes first', () => {
    const attributes = { work: ['a@acme.example'], email: ['b@acme.example'] };
    expect(read({ attributes, mapping: { email: from('work') } })).toMatchObject({
      email: 'a@acme.example',
      emailProblem: null,
    });
  });
  test("then the preset's candidates in order, skipping empty attributes", () => {
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

describe('rule email-address: e-mail values', () => {
  test('of several values, the first inside the verified domains', () => {
    const attributes = { email: ['a@old.example', 'nonsense', 'b@ACME.example', 'c@acme.example'] };
    expect(read({ attributes }).email).toBe('b@ACME.example');
    expect(read({ attributes, domains: [] }).email).toBe('a@old.example');
    expect(read({ attributes: { email: ['nonsense', 'd@old.example'] } }).email).toBe('d@old.example');
  });
  test('only the first hundred values are read', () => {
    const nonsense = (count: number) => Array.from({ length: count }, () => `a${' '.repeat(990)}a`);
    const email = 'a@acme.example';
    expect(read({ attributes: { email: [...nonsense(99), email] } })).toMatchObject({ email, emailProblem: null });
    expect(read({ attributes: { email: [...nonsense(100), email] } })).toMatchObject({
      email: null,
      emailProblem: { kind: 'invalid' },
    });
    expect(read({ attributes: { email: [email, ...nonsense(50_000)] } }).email).toBe(email);
  });
  test('if all are invalid, the problem is reported, although another source has an address', () => {
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

describe('rule display-name: name', () => {
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
  test('the local part is a fallback; an empty attribute is distinguished from an absent one', () => {
    expect(read({ attributes: { email } })).toMatchObject({ name: 'alice', nameIsFallback: true, nameIsEmpty: false });
    expect(read({ attributes: { email, cn: [''] } })).toMatchObject({
      name: 'alice',
      nameIsFallback: true,
      nameIsEmpty: true,
    });
    expect(read({})).toMatchObject({ name: null, nameIsFallback: false });
  });
  test('is normalized: trimmed, spaces collapsed, no control or bidirectional characters, at most 256 characters', () => {
    expect(read({ attributes: { cn: ['  Zo\u0007ë \n\t \u202E  Ö\u0000 '] } }).name).toBe('Zoë Ö');
    expect(read({ attributes: { cn: ['\u0645\u06CC\u200C\u062E'] } }).name).toBe('\u0645\u06CC\u200C\u062E');
    expect([...(read({ attributes: { cn: ['😀'.repeat(300)] } }).name ?? '')]).toHaveLength(256);
  });
});

describe('rule unknown-groups: groups', () => {
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

test('further attributes: absent ones are omitted, empty ones are empty; required ones are kept as received; JSON-safe', () => {
  const customAttributes = { team: from('team'), city: from('city'), ['__proto__']: from('team') };
  const attributes = { team: ['a', 'b'], floor: [''] };
  const profile = read({
    attributes,
    mapping: { customAttributes: { ...customAttributes, floor: from('floor') } },
    policy: { requiredAttributes: { team: 'a', tenant: 't' } },
  });
  expect(profile.customAttributes).toEqual({ team: ['a', 'b'], ['__proto__']: ['a', 'b'], floor: [] });
  expect(profile.required).toEqual({ team: ['a', 'b'], tenant: null });
  expect(profile.receivedAttributes).toEqual(['team', 'floor']);
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
});

describe('further attributes of a type', () => {
  const typed = (type: CustomAttributeType, ...names: string[]): CustomAttributeSource => ({
    kind: 'typed',
    type,
    source: from(...names),
  });
  const one = (type: CustomAttributeType, ...values: string[]) => {
    const { customAttributes, customAttributeProblems } = read({
      attributes: { a: values },
      mapping: { customAttributes: { a: typed(type, 'a') } },
    });
    return customAttributes['a'] ?? customAttributeProblems['a'];
  };
  test.each<[CustomAttributeType, string, string]>([
    ['boolean', 'TRUE', 'true'],
    ['number', '042', '42'],
    ['date', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['string', ' a ', 'a'],
  ])('%s: kept in one spelling', (type, sent, kept) => {
    expect(one(type, '', sent, 'more')).toEqual([kept]);
  });
  test('strings are kept as they are', () => expect(one('strings', ' a ', '', 'b')).toEqual([' a ', 'b']));
  test.each<[CustomAttributeType, string, string]>([
    ['boolean', 'yes', 'expected a boolean, received "yes"'],
    ['number', '12 %', 'expected a number, received "12 %"'],
    ['date', '1.3.2026', 'expected a date, received "1.3.2026"'],
  ])('%s: an invalid value counts as absent, and is reported', (type, sent, problem) => {
    const mapping = { customAttributes: { a: typed(type, 'a') } };
    expect(read({ attributes: { a: [sent] }, mapping })).toMatchObject({
      customAttributes: {},
      customAttributeProblems: { a: problem },
    });
  });
  test('are empty if received empty, and absent if absent, for any type', () => {
    for (const type of ['string', 'strings', 'boolean', 'number', 'date'] as const) {
      expect(one(type, ' ')).toEqual([]);
      expect(read({ mapping: { customAttributes: { a: typed(type, 'a') } } })).toMatchObject({
        customAttributes: {},
        customAttributeProblems: {},
      });
    }
  });
  test('have the value of the first candidate that has one', () => {
    const mapping = { customAttributes: { a: typed('number', 'x', 'y') } };
    expect(read({ attributes: { x: [''], y: ['7'] }, mapping }).customAttributes).toEqual({ a: ['7'] });
    expect(
      read({ attributes: { x: [''] }, mapping: { customAttributes: { a: from('y', 'x') } } }).customAttributes,
    ).toEqual({ a: [] });
  });
  test('have at most 1,048,576 characters together; further ones count as absent', () => {
    const attributes = { a: ['x'.repeat(1_048_575)], b: ['y'], c: ['z'] };
    const profile = read({ attributes, mapping: { customAttributes: { a: from('a'), b: from('b'), c: from('c') } } });
    expect(Object.keys(profile.customAttributes)).toEqual(['a', 'b']);
    expect(profile.customAttributeProblems).toEqual({ c: 'is too long' });
  });
});

describe('sources that combine other sources', () => {
  test('each candidate for the subject keeps its own comparison', () => {
    const mapping: Partial<AttributeMapping> = {
      subject: { kind: 'firstOf', sources: [{ kind: 'attribute', name: 'subject-id' }, from('uid')] },
    };
    expect(read({ attributes: { 'subject-id': ['AB'], uid: ['Ann'] }, mapping }).subject).toBe('ab');
    expect(read({ attributes: { 'subject-id': [''], uid: ['Ann'] }, mapping }).subject).toBe('Ann');
    expect(read({ attributes: {}, mapping }).subject).toBeNull();
  });
  test('a key with an absent part is not a subject', () => {
    const subject = { kind: 'join', sources: [from('tenant'), from('uid')], with: ':' } as const;
    expect(read({ attributes: { tenant: ['t'], uid: ['Ann'] }, mapping: { subject } }).subject).toBe('t:Ann');
    expect(read({ attributes: { tenant: ['t'] }, mapping: { subject } }).subject).toBeNull();
  });
  test('a joined e-mail', () => {
    const domain = { kind: 'constant', value: '@acme.example' } as const;
    const email = { kind: 'join', sources: [from('uid'), domain], with: '' } as const;
    expect(read({ attributes: { uid: ['ann'] }, mapping: { email } }).email).toBe('ann@acme.example');
    expect(read({ attributes: {}, mapping: { email } }).emailProblem).toEqual({ kind: 'missing' });
  });
  test('groups of which a table maps none are empty; absent groups are absent', () => {
    const groups = { kind: 'map', source: from('groups'), table: { admins: 'admin' } } as const;
    const values = (attributes: Attributes) => read({ attributes, mapping: { groups } }).groups;
    expect(values({ groups: ['admins', 'users'] })).toEqual({ kind: 'values', values: ['admin'] });
    expect(values({ groups: ['users'] })).toEqual({ kind: 'values', values: [] });
    expect(values({})).toEqual({ kind: 'absent' });
  });
});

test('an XPath expression is read as a whole', () => {
  const message = assertion({});
  const email = { kind: 'xpath', expression: '*/@mail' } as const;
  const base = connection();
  const profile = mapProfile({
    assertion: message,
    connection: base,
    mapping: { customAttributes: {}, email },
    spEntityId,
    read: (source) => (source === email ? ['', 'a@acme.example'] : null),
    nameIds: () => [],
  });
  expect(profile.email).toBe('a@acme.example');
});
