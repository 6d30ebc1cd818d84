import { describe, expect, test } from 'vitest';
import type { AttributeSource } from '../../src/connections/connection.ts';
import type { Profile } from '../../src/provisioning/profile.ts';
import type { AssertionAttribute } from '../../src/saml/assertion.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { type Case, from, read } from './profile-support.ts';
import { issuer, spEntityId } from './support.ts';

describe('rule stable-subject: subject', () => {
  const email = ['Alice@acme.example'];
  test('a persistent NameID, exactly', () => {
    expect(read({ nameId: ' AbC@x.example' })).toMatchObject({ subject: ' AbC@x.example', subjectSource: 'nameId' });
  });
  test('a NameID of the format emailAddress folds ASCII case where it is an e-mail address', () => {
    const subject = (nameId: string) => read({ nameId, format: nameIdFormats.emailAddress }).subject;
    expect(subject('Alice@ACME.example')).toBe('alice@acme.example');
    expect(subject('Alice@XN--BCHER-KVA.example')).toBe('alice@xn--bcher-kva.example');
    expect(subject('\u212Aim@acme.example')).toBe('\u212Aim@acme.example');
    expect(subject('AbC')).toBe('AbC');
    expect(subject('AbC@not a domain')).toBe('AbC@not a domain');
  });
  test.each([nameIdFormats.unspecified, nameIdFormats.persistent, nameIdFormats.x509SubjectName, 'urn:made:up'])(
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
  test('any other attribute is exact, even where it looks like an e-mail', () => {
    const input = (oid: string) => ({ attributes: { oid: [oid] }, mapping: { subject: from('oid') } });
    expect(read(input('AbC'))).toMatchObject({ subject: 'AbC', subjectSource: 'attribute' });
    expect(read(input('AbC@Acme.example')).subject).toBe('AbC@Acme.example');
  });
  test.each<[string, Case]>([
    [
      'that is an e-mail attribute everywhere',
      { attributes: { mail: ['AbC@Acme.example'] }, mapping: { subject: from('mail') } },
    ],
    [
      'that the connection maps as e-mail',
      { attributes: { work: ['AbC@Acme.example'] }, mapping: { subject: from('work'), email: from('x', 'work') } },
    ],
  ])('an attribute %s folds ASCII case', (_, input) => {
    expect(read(input)).toMatchObject({ subject: 'abc@acme.example', subjectSource: 'attribute' });
  });
  test.each(['ann@\uFF41cme.example', 'ann@acm\u212F.example', 'ann@acme\u3002example', 'ann@b\u00FCcher.example'])(
    'an e-mail address as subject is refused where its domain is not ASCII: %s',
    (received) => {
      const problem = { subject: null, subjectSource: null, subjectProblem: { kind: 'domain', received } };
      expect(read({ nameId: received, format: nameIdFormats.emailAddress })).toMatchObject(problem);
      expect(read({ attributes: { mail: [received] }, mapping: { subject: from('mail') } })).toMatchObject(problem);
      expect(read({ nameId: received, format: nameIdFormats.unspecified }).subject).toBe(received);
    },
  );
  test('the e-mail as subject is the canonical key of the address', () => {
    const subject = (value: string) =>
      read({ attributes: { email: [value] }, nameId: null, policy: { subject: 'email' } }).subject;
    expect(subject('Ann@B\u00FCcher.example')).toBe('ann@xn--bcher-kva.example');
    expect(subject('ann@B\u00DCCHER.example')).toBeNull();
    expect(subject('ann@\uFF41cme.example')).toBeNull();
  });
  test('if the attribute is absent, a preset falls back to the NameID, and a mapping of the connection does not', () => {
    expect(read({ preset: { subject: from('oid') } })).toMatchObject({ subject: 'alice-1', subjectSource: 'nameId' });
    expect(read({ attributes: { email }, mapping: { subject: from('oid') } })).toMatchObject({
      subject: null,
      subjectSource: null,
    });
  });
  test('a transient or absent NameID is not a key: policy may select the e-mail', () => {
    const transient = { attributes: { email }, nameId: '_x', format: nameIdFormats.transient };
    const absent = { attributes: { email }, nameId: null };
    for (const input of [transient, absent]) {
      expect(read(input)).toMatchObject({ subject: 'alice@acme.example', subjectSource: 'email' });
      expect(read({ ...input, policy: { subject: null } }).subject).toBeNull();
      expect(read({ ...input, domains: [] }).subject).toBeNull();
      expect(read({ ...input, domains: [], policy: { subject: 'email' } }).subject).toBe('alice@acme.example');
    }
  });
  test('a blank subject, or one too long for an index, is invalid', () => {
    expect(read({ nameId: '  ' }).subject).toBeNull();
    expect(read({ nameId: 'x'.repeat(1025) }).subject).toBeNull();
    expect(read({ nameId: 'x'.repeat(1024) }).subject).toHaveLength(1024);
  });
  test('a subject with a qualifier too long for an index is invalid', () => {
    expect(read({ qualifiers: { nameQualifier: 'x'.repeat(1025) } }).subject).toBeNull();
    expect(read({ qualifiers: { nameQualifier: 'x'.repeat(1024) } }).subject).toBe('alice-1');
  });
});

describe('rule stable-subject: a subject attribute with several values is refused, not the first taken', () => {
  const oid = from('oid');
  const several = (received: readonly string[]) => ({ subject: null, subjectProblem: { kind: 'several', received } });
  test('by a mapping, and by a candidate of a preset', () => {
    const attributes = { oid: ['a', 'b'] };
    expect(read({ attributes, mapping: { subject: oid } })).toMatchObject(several(['a', 'b']));
    expect(read({ attributes, preset: { subject: oid } })).toMatchObject(several(['a', 'b']));
  });
  test('also if they are in several attributes of one Name', () => {
    const attributeList = ['a', 'b'].map((value) => ({ name: 'oid', values: [value] }));
    expect(read({ attributeList, mapping: { subject: oid } })).toMatchObject(several(['a', 'b']));
  });
  test('blank values, repetitions and equivalent spellings do not count', () => {
    expect(read({ attributes: { oid: ['a', '', 'a'] }, mapping: { subject: oid } }).subject).toBe('a');
    const mail = ['Ann@acme.example', 'ann@ACME.example'];
    expect(read({ attributes: { mail }, mapping: { subject: from('mail') } }).subject).toBe('ann@acme.example');
    expect(read({ attributes: { 'subject-id': ['A', 'a'] }, preset: { subject: from('subject-id') } }).subject).toBe(
      'a',
    );
  });
  test('a table that maps one of several values does not make it unique', () => {
    const subject = { kind: 'map', source: from('groups'), table: { x: '1' } } as const;
    expect(read({ attributes: { groups: ['w', 'x'] }, mapping: { subject } }).subject).toBe('1');
  });
  test.each<[string, AttributeSource]>([
    ['a join', { kind: 'join', sources: [from('tenant'), oid], with: ':' }],
    ['a join in a list', { kind: 'firstOf', sources: [from('none'), { kind: 'join', sources: [oid], with: ':' }] }],
    [
      'a list in a join',
      { kind: 'join', sources: [{ kind: 'firstOf', sources: [from('none'), oid] }, from('tenant')], with: ':' },
    ],
    ['a split join', { kind: 'split', source: { kind: 'join', sources: [oid, from('tenant')], with: '' }, on: ';' }],
  ])('%s refuses several values too', (_, subject) => {
    const attributes = (oids: string[]) => ({ tenant: ['t'], oid: oids });
    expect(read({ attributes: attributes(['a', 'b']), mapping: { subject } })).toMatchObject(several(['a', 'b']));
    expect(read({ attributes: attributes(['a']), mapping: { subject } }).subjectProblem).toBeNull();
  });
});

describe('rule stable-subject: qualifiers of the NameID are part of the key', () => {
  const hub = 'https://upstream.example';
  const qualifiersOf = ({ nameQualifier, spNameQualifier }: Profile) => [nameQualifier, spNameQualifier];
  test('if they differ from the issuer and the entity ID of the application', () => {
    const own = { nameQualifier: issuer, spNameQualifier: spEntityId };
    expect(qualifiersOf(read({ qualifiers: own }))).toEqual([undefined, undefined]);
    expect(qualifiersOf(read({ qualifiers: { nameQualifier: '', spNameQualifier: '' } }))).toEqual([
      undefined,
      undefined,
    ]);
    expect(qualifiersOf(read({ qualifiers: { nameQualifier: hub, spNameQualifier: hub } }))).toEqual([hub, hub]);
    // The one is not the other: an application as the authority is another one.
    const swapped = { nameQualifier: spEntityId, spNameQualifier: issuer };
    expect(qualifiersOf(read({ qualifiers: swapped }))).toEqual([spEntityId, issuer]);
  });
  test.each(Object.values(nameIdFormats).filter((format) => format !== nameIdFormats.transient))(
    'of any format: %s',
    (format) => {
      const nameId = 'alice@acme.example';
      expect(qualifiersOf(read({ nameId, format, qualifiers: { nameQualifier: hub } }))).toEqual([hub, undefined]);
    },
  );
  const targetedId = 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10';
  const attribute = (...qualifiers: readonly (string | undefined)[]): AssertionAttribute => ({
    name: targetedId,
    values: qualifiers.map(() => 'opaque'),
    nameIds: qualifiers.map((nameQualifier) => ({ nameId: 'opaque', format: nameIdFormats.persistent, nameQualifier })),
  });
  test('also of a NameID in an attribute: eduPersonTargetedID', () => {
    const preset = { subject: from(targetedId) };
    const input = (...qualifiers: readonly (string | undefined)[]) =>
      read({
        attributeList: [attribute(...qualifiers)],
        preset,
        qualifiers: { nameQualifier: 'of the NameID itself' },
      });
    expect(input(hub)).toMatchObject({ subject: 'opaque', subjectSource: 'attribute', nameQualifier: hub });
    expect(qualifiersOf(input(issuer))).toEqual([undefined, undefined]);
    expect(qualifiersOf(input(undefined, issuer))).toEqual([undefined, undefined]);
    const received = [issuer, hub].map((qualifier) => `opaque (NameQualifier "${qualifier}")`);
    expect(input(issuer, hub)).toMatchObject({ subject: null, subjectProblem: { kind: 'several', received } });
  });
  test.each<[string, AttributeSource]>([
    ['a list', { kind: 'firstOf', sources: [from('none'), { kind: 'attribute', name: targetedId }] }],
    ['a join', { kind: 'join', sources: [from('tenant'), from(targetedId)], with: ':' }],
    ['a table', { kind: 'map', source: from(targetedId), table: { opaque: 'o' } }],
    ['a split', { kind: 'split', source: from(targetedId), on: ';' }],
  ])('through %s', (_, subject) => {
    const attributeList = [attribute(hub), { name: 'tenant', values: ['t'] }];
    expect(qualifiersOf(read({ attributeList, mapping: { subject } }))).toEqual([hub, undefined]);
  });
  test('the e-mail as subject has no qualifiers', () => {
    const attributes = { email: ['alice@acme.example'] };
    const transient = { attributes, format: nameIdFormats.transient, qualifiers: { nameQualifier: hub } };
    expect(read(transient)).toMatchObject({ subjectSource: 'email' });
    expect(qualifiersOf(read(transient))).toEqual([undefined, undefined]);
  });
});
