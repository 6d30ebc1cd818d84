import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameIdFormats, namespaces } from '../../src/saml/names.ts';
import { type AssertionContent, readAssertion } from '../../src/saml/read-assertion.ts';
import { readXml } from '../../src/xml/read.ts';
import { element, serialize } from '../../src/xml/write.ts';
import { expectRefused, expectThrown, now, respond, swap, validate, withoutKey } from './support.ts';

const issuer = '<a:Issuer>i</a:Issuer>';
const attributes = `ID="_1" Version="2.0" IssueInstant="${now.toISOString()}"`;

function read(content = issuer, own = attributes): AssertionContent {
  const names = `xmlns:a="${namespaces.assertion}" xmlns:xsi="${namespaces.schemaInstance}"`;
  return readAssertion(readXml(`<a:Assertion ${names} ${own}>${content}</a:Assertion>`), withoutKey);
}

const invalid = 'The assertion does not have the form that SAML Core 2.0 prescribes: ';

describe('readAssertion', () => {
  it('reads a minimal assertion', () => {
    expect(read()).toEqual({
      id: '_1',
      issuer: 'i',
      issueInstant: now,
      subject: null,
      confirmations: [],
      conditions: null,
      authnStatements: [],
      attributes: [],
      notes: [],
    });
  });

  it.each([
    ['Version', attributes.replace('Version="2.0"', ''), 'Version is absent'],
    ['Version', attributes.replace('2.0', '1.1'), 'Version is "1.1" instead of "2.0"'],
    ['ID', attributes.replace('ID="_1"', ''), 'it has no ID'],
    ['ID', attributes.replace('_1', ''), 'it has no ID'],
    ['ID', attributes.replace('_1', ' _1'), 'it has no ID of the form that XML prescribes: " _1"'],
    ['ID', attributes.replace('_1', "a'b"), `it has no ID of the form that XML prescribes: "a'b"`],
    ['ID', attributes.replace('_1', 'a b'), 'it has no ID of the form that XML prescribes: "a b"'],
    ['IssueInstant', attributes.replace(/IssueInstant=.*/, ''), '<Assertion> has no IssueInstant'],
    [
      'IssueInstant',
      attributes.replace('Z"', '+0100"'),
      'IssueInstant of <Assertion> is "2026-11-24T08:00:00.000+0100", not a time with its zone, such as 2026-11-24T08:00:00Z',
    ],
  ])('refuses a missing or wrong %s', (_, own, problem) => {
    expectThrown(() => read(issuer, own), 'assertion_invalid', `${invalid}${problem}`);
  });

  it.each([
    ['no Issuer', '', '<Assertion> holds no <Issuer>'],
    ['an Issuer of another namespace', '<Issuer>i</Issuer>', '<Assertion> holds no <Issuer>'],
    ['two Issuers', issuer + issuer, '<Assertion> holds 2 <Issuer>'],
    ['two Subjects', `${issuer}<a:Subject/><a:Subject/>`, '<Assertion> holds 2 <Subject>'],
    ['two Conditions', `${issuer}<a:Conditions/><a:Conditions/>`, '<Assertion> holds 2 <Conditions>'],
    ['two NameIDs', `${issuer}<a:Subject><a:NameID>x</a:NameID><a:NameID>x</a:NameID></a:Subject>`, 'holds 2 <NameID>'],
    [
      'an element in the NameID',
      `${issuer}<a:Subject><a:NameID>x<b/></a:NameID></a:Subject>`,
      '<NameID> holds elements',
    ],
    [
      'two AuthnContexts',
      `${issuer}<a:AuthnStatement AuthnInstant="${now.toISOString()}"><a:AuthnContext/><a:AuthnContext/></a:AuthnStatement>`,
      '<AuthnStatement> holds 2 <AuthnContext>',
    ],
    [
      'an Attribute without Name',
      `${issuer}<a:AttributeStatement><a:Attribute/></a:AttributeStatement>`,
      'an Attribute has no Name',
    ],
    [
      'an Attribute with an empty Name',
      `${issuer}<a:AttributeStatement><a:Attribute Name=""/></a:AttributeStatement>`,
      'an Attribute has no Name',
    ],
  ])('refuses %s', (_, content, problem) => {
    expectThrown(() => read(content), 'assertion_invalid', invalid, problem);
  });

  it('collapses white space of URIs and times, strips it around a NameID, and keeps it in other identifiers', () => {
    const {
      issuer: read1,
      subject,
      confirmations,
      conditions,
      authnStatements,
    } = read(`
      <a:Issuer Format="&#10;${nameIdFormats.entity} "> i\t</a:Issuer>
      <a:Subject>
        <a:NameID Format=" ${nameIdFormats.persistent} " NameQualifier=" q ">
          x  y
        </a:NameID>
        <a:SubjectConfirmation Method=" m "><a:SubjectConfirmationData Recipient=" r " NotOnOrAfter=" 2026-11-24T08:00:00Z "/></a:SubjectConfirmation>
      </a:Subject>
      <a:Conditions><a:AudienceRestriction><a:Audience> s\n</a:Audience></a:AudienceRestriction></a:Conditions>
      <a:AuthnStatement AuthnInstant="2026-11-24T08:00:00Z"><a:AuthnContext><a:AuthnContextClassRef> c </a:AuthnContextClassRef></a:AuthnContext></a:AuthnStatement>`);
    expect(read1).toBe('i');
    expect(subject).toMatchObject({ nameId: 'x  y', format: nameIdFormats.persistent, nameQualifier: ' q ' });
    // Recipient must equal the ACS exactly.
    expect(confirmations).toMatchObject([{ method: 'm', recipient: ' r ', notOnOrAfter: now }]);
    expect(conditions?.audienceRestrictions).toEqual([['s']]);
    expect(authnStatements[0]?.authnContext).toBe('c');
  });
});

describe('the subject', () => {
  const subject = (nameId: string) => read(`${issuer}<a:Subject>${nameId}</a:Subject>`).subject;

  it('is of an unspecified format unless one is named', () => {
    expect(subject('<a:NameID>x</a:NameID>')?.format).toBe(nameIdFormats.unspecified);
  });

  it.each([
    ['a comment', 'admin@example.com<!-- -->.evil.example', 'admin@example.com.evil.example'],
    ['a comment in front', '<!-- -->x', 'x'],
    ['CDATA', 'a<![CDATA[<b>&amp;]]>c', 'a<b>&amp;c'],
    ['references', 'a&#64;b&lt;&#x1F600;', 'a@b<😀'],
    ['line breaks', 'a\r\nb\rc', 'a\nb\nc'],
    ['a reference to a carriage return', 'a&#13;b', 'a\rb'],
    ['letters that look alike', 'ⓐdmin\u0130ı', 'ⓐdmin\u0130ı'],
    ['zero-width characters', 'a\u200bb\u00ad', 'a\u200bb\u00ad'],
    ['no normalization', 'e\u0301', 'e\u0301'],
  ])('is the whole text: %s', (_, text, expected) => {
    expect(subject(`<a:NameID>${text}</a:NameID>`)?.nameId).toBe(expected);
  });

  it('is any text, exactly, except XML white space around it', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((s) => s.trim() !== '' && !/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(s));
    fc.assert(
      fc.property(text, (nameId) => {
        const written = serialize(element('a:NameID', { 'xmlns:a': namespaces.assertion }, nameId));
        expect(subject(written)?.nameId).toBe(nameId.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, ''));
      }),
    );
    // Not white space of XML: it may be the only difference of two people.
    for (const nameId of ['\u00a0x', 'x\u00a0', '\u2003x\u3000', '\u200bx'])
      expect(subject(`<a:NameID> ${nameId}\n</a:NameID>`)?.nameId).toBe(nameId);
  });

  it('is not read from BaseID, or a NameID of another namespace or place', () => {
    expect(subject('<a:BaseID>x</a:BaseID>')).toBeNull();
    expect(subject('<NameID>x</NameID>')).toBeNull();
    expect(subject('<a:SubjectConfirmation><a:NameID>x</a:NameID></a:SubjectConfirmation>')).toBeNull();
  });

  it('is refused when empty or encrypted', () => {
    expectThrown(() => subject('<a:NameID/>'), 'name_id_missing', 'The NameID is empty');
    expectThrown(() => subject('<a:NameID><!-- x --></a:NameID>'), 'name_id_missing', 'The NameID is empty');
    expectThrown(() => subject('<a:EncryptedID/>'), 'decryption_key_missing', 'encrypts the NameID');
    const both = '<a:NameID>x</a:NameID><a:EncryptedID/>';
    expectThrown(() => subject(both), 'assertion_invalid', 'both a NameID and an EncryptedID');
  });
});

describe('confirmations', () => {
  it('distinguish empty from absent, except for InResponseTo', () => {
    const data = (own: string) => `<a:SubjectConfirmation><a:SubjectConfirmationData ${own}/></a:SubjectConfirmation>`;
    const content = `<a:SubjectConfirmation/>${data('')}${data('Recipient="" InResponseTo=""')}`;
    const nothing = {
      method: '',
      recipient: undefined,
      notBefore: undefined,
      notOnOrAfter: undefined,
      inResponseTo: undefined,
    };
    const { confirmations } = read(`${issuer}<a:Subject>${content}</a:Subject>`);
    expect(confirmations).toEqual([nothing, nothing, { ...nothing, recipient: '' }]);
  });
});

describe('the authentication context', () => {
  const context = (content: string) =>
    read(`${issuer}<a:AuthnStatement AuthnInstant="${now.toISOString()}">${content}</a:AuthnStatement>`)
      .authnStatements[0]?.authnContext;
  const classRef = '<a:AuthnContextClassRef>c</a:AuthnContextClassRef>';
  const declRef = '<a:AuthnContextDeclRef>d</a:AuthnContextDeclRef>';
  const decl = '<a:AuthnContextDecl><x xmlns="urn:x"/></a:AuthnContextDecl>';

  it('is the class, else the reference to a declaration, else unknown', () => {
    expect(context(`<a:AuthnContext>${classRef}${declRef}</a:AuthnContext>`)).toBe('c');
    expect(context(`<a:AuthnContext>${declRef}</a:AuthnContext>`)).toBe('d');
    expect(context(`<a:AuthnContext>${decl}</a:AuthnContext>`)).toBeUndefined();
    expect(context(`<a:AuthnContext>${classRef}${decl}</a:AuthnContext>`)).toBe('c');
  });

  it.each([
    ['no AuthnContext', '', '<AuthnStatement> holds no <AuthnContext>'],
    ['two', `<a:AuthnContext>${classRef}</a:AuthnContext>`.repeat(2), '<AuthnStatement> holds 2 <AuthnContext>'],
    ['one of another namespace', '<AuthnContext/>', '<AuthnStatement> holds no <AuthnContext>'],
    ['an empty one', '<a:AuthnContext/>', '<AuthnContext> holds no AuthnContextClassRef, AuthnContextDecl or'],
    [
      'an authority alone',
      '<a:AuthnContext><a:AuthenticatingAuthority>urn:a</a:AuthenticatingAuthority></a:AuthnContext>',
      '<AuthnContext> holds no AuthnContextClassRef, AuthnContextDecl or AuthnContextDeclRef (Core 2.7.2.2)',
    ],
    [
      'an empty class',
      '<a:AuthnContext><a:AuthnContextClassRef> \n</a:AuthnContextClassRef></a:AuthnContext>',
      '<AuthnContextClassRef> is empty (Core 2.7.2.2)',
    ],
    [
      'an empty class next to a declaration',
      `<a:AuthnContext><a:AuthnContextClassRef/>${declRef}</a:AuthnContext>`,
      '<AuthnContextClassRef> is empty (Core 2.7.2.2)',
    ],
    [
      'an empty reference to a declaration',
      '<a:AuthnContext><a:AuthnContextDeclRef/></a:AuthnContext>',
      '<AuthnContextDeclRef> is empty (Core 2.7.2.2)',
    ],
    [
      'two classes',
      `<a:AuthnContext>${classRef}${classRef}</a:AuthnContext>`,
      '<AuthnContext> holds 2 <AuthnContextClassRef>',
    ],
  ])('refuses %s', (_, content, problem) => {
    expectThrown(() => context(content), 'assertion_invalid', `${invalid}${problem}`);
  });

  it('is required in every AuthnStatement', () => {
    const statement = (content: string) =>
      `<a:AuthnStatement AuthnInstant="${now.toISOString()}">${content}</a:AuthnStatement>`;
    const good = statement(`<a:AuthnContext>${classRef}</a:AuthnContext>`);
    expect(read(issuer + good + good).authnStatements).toHaveLength(2);
    expectThrown(() => read(issuer + good + statement('')), 'assertion_invalid', 'holds no <AuthnContext>');
  });
});

describe('attributes', () => {
  const statement = (content: string) => `<a:AttributeStatement>${content}</a:AttributeStatement>`;
  const values = (content: string) => read(issuer + statement(`<a:Attribute Name="n">${content}</a:Attribute>`));
  const value = (content: string) => `<a:AttributeValue>${content}</a:AttributeValue>`;

  it.each([
    ['text', value('x'), ['x']],
    ['none', '', []],
    ['an empty one', '<a:AttributeValue/>', ['']],
    ['a null', '<a:AttributeValue xsi:nil="true"/>', ['']],
    ['white space', value(' x\n'), [' x\n']],
    ['CDATA', value('<![CDATA[<x>]]>'), ['<x>']],
    ['a comment inside', value('ad<!-- -->min'), ['admin']],
    ['several', value('x') + value('y') + value('x'), ['x', 'y', 'x']],
    ['a type', '<a:AttributeValue xsi:type="xs:boolean">true</a:AttributeValue>', ['true']],
    ['values of another namespace', '<AttributeValue>x</AttributeValue>', []],
  ])('read %s', (_, content, expected) => {
    const { attributes: list, notes } = values(content);
    expect(list).toEqual([{ name: 'n', friendlyName: undefined, nameFormat: undefined, values: expected }]);
    expect(notes).toEqual([]);
  });

  it('read NameIDs with their qualifiers, as in eduPersonTargetedID', () => {
    const plain = '<a:NameID>u</a:NameID>';
    const qualified = `\n <a:NameID Format=" ${nameIdFormats.persistent}" NameQualifier="i" SPNameQualifier="s">\n t u\n </a:NameID>\n`;
    const [attribute, ...others] = values(value('x') + value(qualified) + value(plain)).attributes;
    expect(others).toEqual([]);
    expect(attribute).toEqual({
      name: 'n',
      friendlyName: undefined,
      nameFormat: undefined,
      values: ['x', 't u', 'u'],
      nameIds: [
        { nameId: 't u', format: nameIdFormats.persistent, nameQualifier: 'i', spNameQualifier: 's' },
        { nameId: 'u', format: nameIdFormats.unspecified, nameQualifier: undefined, spNameQualifier: undefined },
      ],
    });
  });

  it.each([
    ['another element', '<x/>'],
    ['an element in text', 'x<x/>y'],
    ['text around a NameID', 'x<a:NameID>y</a:NameID>'],
    ['two NameIDs', '<a:NameID>x</a:NameID><a:NameID>y</a:NameID>'],
    ['a NameID with an element', '<a:NameID>x<y/></a:NameID>'],
    ['a NameID of another namespace', '<NameID>x</NameID>'],
    ['a NameID further in', '<x><a:NameID>y</a:NameID></x>'],
  ])('omit %s, with a note, and keep the other values', (_, content) => {
    const { attributes: list, notes } = values(value('x') + value(content) + value('y'));
    expect(list[0]?.values).toEqual(['x', 'y']);
    expect(notes).toEqual(['a value of the attribute "n" was left out: it holds elements']);
  });

  it('keep elements, names, and statements apart and in order', () => {
    const one = statement(`<a:Attribute Name="n" NameFormat="f" FriendlyName="m">${value('1')}</a:Attribute>`);
    const two = statement(
      `<a:Attribute Name="m">${value('2')}</a:Attribute><a:Attribute Name="n">${value('3')}</a:Attribute>`,
    );
    expect(read(issuer + one + two).attributes).toEqual([
      { name: 'n', friendlyName: 'm', nameFormat: 'f', values: ['1'] },
      { name: 'm', friendlyName: undefined, nameFormat: undefined, values: ['2'] },
      { name: 'n', friendlyName: undefined, nameFormat: undefined, values: ['3'] },
    ]);
  });

  it('are refused when encrypted', () => {
    const encrypted = () => read(issuer + statement('<a:EncryptedAttribute/>'));
    expectThrown(encrypted, 'decryption_key_missing', 'encrypts an attribute');
  });

  it('are merged by Name in a validated assertion, never by FriendlyName', async () => {
    const { attributes: merged, attributeList } = await validate(
      respond({
        attributes: [
          { name: 'groups', values: ['a'] },
          { name: 'x', friendlyName: 'groups', values: ['evil'] },
          { name: 'groups', nameFormat: 'urn:f', values: ['b', 'a'] },
          { name: 'Groups', values: ['c'] },
          { name: ' groups', values: ['d'] },
        ],
      }),
    );
    expect([...merged]).toEqual([
      ['groups', ['a', 'b', 'a']],
      ['x', ['evil']],
      ['Groups', ['c']],
      [' groups', ['d']],
    ]);
    expect(attributeList.map(({ name }) => name)).toEqual(['groups', 'x', 'groups', 'Groups', ' groups']);
    expect(attributeList[0]?.values).toEqual(['a']);
  });

  it('may have the names of properties of Object.prototype', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'];
    const { attributes: map } = await validate(
      respond({ attributes: names.map((name) => ({ name, values: [name] })) }),
    );
    expect([...map.keys()]).toEqual(names);
    expect(map.get('__proto__')).toEqual(['__proto__']);
    expect(map.get('valueOf')).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may be several thousand', async () => {
    const groups = Array.from({ length: 5000 }, (_, index) => `group ${index}`);
    const list = await validate(respond({ attributes: [{ name: 'groups', values: groups }] }), { crossCheck: false });
    expect(list.attributes.get('groups')).toEqual(groups);
    const single = groups.slice(0, 3000).map((group) => ({ name: 'groups', values: [group] }));
    const merged = await validate(respond({ attributes: single }), { crossCheck: false });
    expect(merged.attributes.get('groups')).toEqual(groups.slice(0, 3000));
  });

  it('are omitted from a validated assertion if they contain elements', async () => {
    const mixed = swap('>admins<', '>ad<b xmlns="urn:x">m</b>ins<');
    expect((await validate(respond(mixed))).attributes.get('groups')).toEqual(['users']);
    await expectRefused(validate(respond(swap('Name="groups"', ''))), 'assertion_invalid', 'an Attribute has no Name');
  });
});
