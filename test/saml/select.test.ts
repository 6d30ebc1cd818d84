import { describe, expect, test } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import type { AssertionAttribute } from '../../src/saml/assertion.ts';
import type { AttributeSource } from '../../src/saml/attribute-source.ts';
import { attributeReader, compileSelector, selectValues } from '../../src/saml/select.ts';
import { readXml } from '../../src/xml/read.ts';
import type { VerifiedXml } from '../../src/xml/signature.ts';

// Verification is not the matter here; the selectors read nothing but `root`.
const verified = (xml: string): VerifiedXml => ({ canonical: xml, root: readXml(xml) }) as unknown as VerifiedXml;

const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const attribute = (name: string, ...values: string[]): string =>
  `<saml:Attribute Name="${name}">${values.map((v) => `<saml:AttributeValue>${v}</saml:AttributeValue>`).join('')}</saml:Attribute>`;
const assertion = `<saml:Assertion ${saml} ID="_1"><saml:Issuer>idp</saml:Issuer><saml:AttributeStatement>${[
  attribute('groups', 'cn=admins,ou=app', 'cn=users,ou=app', 'cn=staff,ou=other'),
  attribute('profile', '<p:Person xmlns:p="urn:p" level="3"><p:Mail>ann@example.com</p:Mail></p:Person>'),
  attribute('empty', ''),
  attribute('line', 'a\u0085b\u2028c&#13;d'),
].join('')}</saml:AttributeStatement></saml:Assertion>`;
const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_0"><saml:Issuer ${saml}>other</saml:Issuer>${assertion}</samlp:Response>`;

describe('selectValues', () => {
  test.each([
    ["saml:AttributeStatement/saml:Attribute[@Name='groups']/saml:AttributeValue[1]", ['cn=admins,ou=app']],
    ["/saml:Assertion/saml:AttributeStatement/saml:Attribute[@Name = 'empty']/saml:AttributeValue", ['']],
    ["*/*[@Name='groups']/*[contains(., 'ou=app') and not(starts-with(., 'cn=users'))]", ['cn=admins,ou=app']],
    ["*/*[@Name='groups']/*[position() >= 2]/text()", ['cn=users,ou=app', 'cn=staff,ou=other']],
    ["*/*[@Name='groups']/*[last()]", ['cn=staff,ou=other']],
    ["*/*[(@Name='x' or saml:AttributeValue[3])]/attribute::Name", ['groups']],
    ["*/*[@Name='groups']/*[contains(normalize-space(.), 'staff')]", ['cn=staff,ou=other']],
    ["*/*/*/*/*[local-name(.) = 'Mail' and last() = 1]", ['ann@example.com']],
    ["*/*/*/*/*[local-name() = 'Mail']", ['ann@example.com']],
    ["*/*/*/*[*='ann@example.com']/@level", ['3']],
    ['*/*[@Name="line"]/*', ['a\u0085b\u2028c\rd']],
    ['child::saml:Issuer', ['idp']],
    ['@ID', ['_1']],
    ['saml:Subject/saml:NameID', null],
    ['samlp:Status', null],
  ])('%s', (expression, expected) => {
    expect(selectValues(compileSelector(expression), verified(assertion))).toEqual(expected);
  });

  test('reads only the Assertion inside a signed Response', () => {
    expect(selectValues(compileSelector('/saml:Assertion/saml:Issuer'), verified(response))).toEqual(['idp']);
    expect(selectValues(compileSelector('saml:Issuer'), verified(response))).toEqual(['idp']);
    expect(selectValues(compileSelector('/samlp:Response/saml:Issuer'), verified(response))).toBeNull();
  });

  test('needs an assertion', () => {
    expect(() => selectValues(compileSelector('@ID'), verified('<x/>'))).toThrow(TypeError);
  });

  const wide = (n: number): string =>
    `<saml:Assertion ${saml}><saml:AttributeStatement>${attribute('g').repeat(n)}</saml:AttributeStatement></saml:Assertion>`;

  test('reads 1,000 elements and refuses more', () => {
    expect(selectValues(compileSelector('*/*/@Name'), verified(wide(998)))).toHaveLength(998);
    const error = refusal(() => selectValues(compileSelector('*/*/@Name'), verified(wide(999))));
    expect(error).toBeInstanceOf(SamlError);
    expect(error).toMatchObject({ code: 'message_too_large', hint: expect.stringContaining('at most 1000 elements') });
    expect(error.message).toBe('the SAML message exceeds a size limit');
  });

  test('reads 4,000 attributes and refuses more', () => {
    const attributed = (n: number): string =>
      wide(100).replaceAll('Name="g"', Array.from({ length: n }, (_, i) => `a${i}=""`).join(' '));
    expect(selectValues(compileSelector('*/*/@a0'), verified(attributed(40)))).toHaveLength(100);
    expect(refusal(() => selectValues(compileSelector('*/*/@a0'), verified(attributed(41))))).toMatchObject({
      code: 'message_too_large',
      details: { limit: 'attributes', expected: 4000 },
    });
  });

  test.each([
    ['text', (text: string) => `<saml:Assertion ${saml}><a/>${text}</saml:Assertion>`],
    ['attribute values', (text: string) => `<saml:Assertion ${saml} a="${text}"/>`],
  ])('reads 65,536 characters of %s and refuses more', (_, made) => {
    const text = 'x'.repeat(65_536);
    expect(selectValues(compileSelector('text()'), verified(made(text)))?.[0] ?? text).toBe(text);
    const error = refusal(() => selectValues(compileSelector('text()'), verified(made(`${text}x`))));
    expect(error).toMatchObject({
      code: 'message_too_large',
      hint: expect.stringContaining('65536 characters of text; this one has more characters'),
      details: { limit: 'characters', expected: 65_536 },
    });
    expect(error.message).toBe('the SAML message exceeds a size limit');
  });

  test.each([
    ["*/*[@Name='g'][last()]/@Name", 1],
    ['*/*/@*', 998],
    [`*/*[${Array(22).fill('x').join(' or ')}]`, 0],
  ])('takes reasonable time on the widest assertion: %s', (expression, expected) => {
    expect(selectValues(compileSelector(expression), verified(wide(998))) ?? []).toHaveLength(expected);
  });

  test.each([
    [`*[not(contains(., "b${'1'.repeat(400)}"))]`, 1],
    ['*[normalize-space() = "1"]', 0],
    [`*[${Array(7).fill('not(starts-with(., "2"))').join(' and ')}]`, 1],
    ['*[. = "1"]', 0],
  ])('takes reasonable time on the longest text: %s', (expression, expected) => {
    const xml = `<saml:Assertion ${saml}><a>${'1'.repeat(65_000)}x</a></saml:Assertion>`;
    expect(selectValues(compileSelector(expression), verified(xml)) ?? []).toHaveLength(expected);
  });
});

describe('compileSelector refuses', () => {
  test.each([
    ['//saml:NameID', '"//" would search at every depth'],
    ['saml:Subject//saml:NameID', '"//" would search at every depth'],
    ['*[.//saml:NameID]', '"//" would search at every depth'],
    ['saml:Subject/..', '".." would leave the node'],
    ['*[../@ID]', '".." would leave the node'],
    ['ancestor::*', 'the axis ancestor:: is not allowed'],
    ['*/following-sibling::*', 'the axis following-sibling:: is not allowed'],
    ['*[preceding::*]', 'the axis preceding:: is not allowed'],
    ['descendant-or-self::node()', 'the axis descendant-or-self:: is not allowed'],
    ['self::*', 'the axis self:: is not allowed'],
    ['namespace::*', 'the axis namespace:: is not allowed'],
    ["id('_1')", 'id() is not allowed here, only text()'],
    ["*[id('_1')]", 'the function id() is not allowed'],
    ["*[lang('en')]", 'the function lang() is not allowed'],
    ['*[$x]', 'unexpected "$"'],
    ['* | @ID', 'unexpected "|"'],
    ['*[1 + 1]', 'unexpected "+"'],
    ['*[/saml:Assertion]', 'a path begins at the root only at the very start'],
    ['*[@a = @b]', 'the right side of a comparison must be a quoted text or a number'],
    ['*[. = normalize-space(@b)]', 'the right side of a comparison must be a quoted text or a number'],
    ['*[. = 1]', 'only position() and last() compare with a number'],
    ['*[. > "1"]', 'only position() and last() compare with a number'],
    ['*[normalize-space(.) <= 1]', 'only position() and last() compare with a number'],
    ['*[(position()) = 1]', 'only position() and last() compare with a number'],
    ['*[position = 1]', 'only position() and last() compare with a number'],
    ['*[contains(a, b)]', 'the second argument of contains() must be a quoted text'],
    ['*[starts-with(., .)]', 'the second argument of starts-with() must be a quoted text'],
    ['*[contains(.)]', 'expected ","'],
    ["*[contains(., 'a', 'b')]", 'expected ")"'],
    ['*[last(a)]', 'expected ")"'],
    ['*[not()]', 'unexpected ")"'],
    ["*[local-name('a')]", `unexpected "'a'"`],
    ...['count(*)', 'string(.)', 'string-length(.)', 'concat(., .)', 'translate(., "a", "b")', 'sum(*)'].map((call) => [
      `*[${call}]`,
      `the function ${call.slice(0, call.indexOf('('))}() is not allowed`,
    ]),
    ['ds:Signature', 'unknown prefix "ds", expected saml, samlp, xs, xsi'],
    ['constructor:x', 'unknown prefix "constructor"'],
    ['node()', 'node() is not allowed here, only text()'],
    ['comment()', 'comment() is not allowed here'],
    ['', 'the expression is incomplete'],
    ['saml:Subject/', 'the expression is incomplete'],
    ['/', 'the expression is incomplete'],
    ['*[', 'the expression is incomplete'],
    ['*[@a', 'expected "]"'],
    ['*]', 'unexpected "]"'],
    ["*[@a='x]", `unexpected "'"`],
    ['*[contains(., "a"]', 'expected ")"'],
    [`*${'[*'.repeat(9)}${']'.repeat(9)}`, 'more than 8 levels of brackets'],
    [`*[${'('.repeat(400)}`, 'more than 8 levels of brackets'],
    [`*[${Array(24).fill('x').join(' or ')}]`, 'more than 24 steps and functions'],
    [`*[${Array(24).fill('last()').join(' or ')}]`, 'more than 24 steps and functions'],
    ['a/'.repeat(251), 'at most 500 characters'],
  ])('%s', (expression, reason) => {
    const error = refusal(() => compileSelector(expression));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(reason);
  });

  test('the message contains the position of the problem', () => {
    expect(refusal(() => compileSelector('*[id(1)]')).message).toBe(
      'XPath selector: the function id() is not allowed, at character 3 of "*[id(1)]"',
    );
  });
});

describe('attributeReader', () => {
  const uri = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri';
  const list: readonly AssertionAttribute[] = [
    { name: 'Role', values: ['a'] },
    { name: 'urn:oid:0.9.2342.19200300.100.1.3', friendlyName: 'mail', values: ['ann@example.com'] },
    { name: 'Role', values: ['b', 'c'] },
    { name: 'none', values: [] },
    { name: 'x', friendlyName: 'Role', values: ['not by friendly name'] },
    { name: ' blank ', values: ['trimmed'] },
    { name: 'Role', friendlyName: 'mail', nameFormat: uri, values: ['d'] },
  ];
  const { read } = attributeReader({ attributeList: list }, verified(assertion));
  const named = (...names: string[]) => read({ kind: 'attributes', names });

  test('merges attributes of one Name in document order', () => expect(named('Role')).toEqual(['a', 'b', 'c', 'd']));
  test('finds nothing by FriendlyName, unless it is requested', () => {
    expect(named('mail')).toBeNull();
    expect(read({ kind: 'attributes', names: ['mail'], friendlyNames: true })).toEqual(['ann@example.com', 'd']);
  });
  test('tries all candidates by Name before any by FriendlyName', () => {
    const candidates = (...names: string[]) => read({ kind: 'attributes', names, friendlyNames: true });
    expect(candidates('mail', 'blank')).toEqual(['trimmed']);
    expect(candidates('mail', 'none')).toEqual(['ann@example.com', 'd']);
    expect(candidates('none', 'absent')).toEqual([]);
    expect(candidates('absent')).toBeNull();
  });
  test('takes the first candidate that has a value, in the order of the candidates', () => {
    expect(named('absent', 'none', 'blank', 'Role')).toEqual(['trimmed']);
  });
  test('distinguishes received without values from not received', () => {
    expect(named('absent', 'none')).toEqual([]);
    expect(named('absent')).toBeNull();
  });
  test('compares Names exactly, without white space around them', () => {
    expect(named('role')).toBeNull();
    expect(named('blank')).toEqual(['trimmed']);
  });
  test('does not read inherited properties of Object.prototype', () =>
    expect(named('__proto__', 'constructor', 'toString')).toBeNull());
  test('evaluates XPath on the verified assertion', () => {
    expect(read({ kind: 'xpath', expression: "*/*[@Name='groups']/*[1]" })).toEqual(['cn=admins,ou=app']);
    expect(read({ kind: 'xpath', expression: "*/*[@Name='absent']/*" })).toBeNull();
  });

  describe('reads by the identifier of an attribute', () => {
    const attribute = (by: Omit<AttributeSource & { kind: 'attribute' }, 'kind'>) => read({ kind: 'attribute', ...by });
    const unspecified = 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified';
    test.each([
      ['its Name, which is not compared with a FriendlyName', { name: 'mail' }, null],
      ['its FriendlyName, which is not compared with a Name', { friendlyName: 'Role' }, ['not by friendly name']],
      ['its FriendlyName, whatever the Name', { friendlyName: 'mail' }, ['ann@example.com', 'd']],
      ['Name and NameFormat', { name: 'Role', nameFormat: uri }, ['d']],
      ['a NameFormat that was left out: unspecified', { name: 'Role', nameFormat: unspecified }, ['a', 'b', 'c']],
      ['Name and FriendlyName', { name: 'x', friendlyName: 'Role' }, ['not by friendly name']],
      ['Name and another FriendlyName', { name: 'x', friendlyName: 'mail' }, null],
      ['a Name without white space around it', { name: 'blank' }, ['trimmed']],
      ['an empty attribute', { name: 'none' }, []],
    ])('%s', (_, by, expected) => {
      expect(attribute(by)).toEqual(expected);
    });
  });

  test('returns the NameID elements that a source consists of', () => {
    const nameId = { nameId: 'opaque', format: 'f', nameQualifier: 'q' };
    const { nameIds } = attributeReader(
      {
        attributeList: [
          { name: 'text', values: ['x'] },
          { name: 'id', friendlyName: 'friendly', values: ['opaque'], nameIds: [nameId] },
          { name: 'empty', values: [''], nameIds: [{ ...nameId, nameId: '' }] },
        ],
      },
      verified(assertion),
    );
    const from = (...names: string[]): AttributeSource => ({ kind: 'attributes', names });
    const constant: AttributeSource = { kind: 'constant', value: 'c' };
    const given: AttributeSource[] = [
      from('absent', 'empty', 'id'),
      { kind: 'attribute', friendlyName: 'friendly' },
      { kind: 'attributes', names: ['friendly'], friendlyNames: true },
      { kind: 'firstOf', sources: [from('absent'), from('empty'), from('id'), from('text')] },
      { kind: 'join', sources: [from('text'), from('id')], with: '' },
      { kind: 'split', source: from('id'), on: ';' },
      { kind: 'map', source: from('id'), table: {} },
    ];
    for (const source of given) expect(nameIds(source), JSON.stringify(source)).toEqual([nameId]);
    const none: AttributeSource[] = [
      from('text'),
      from('absent'),
      from('text', 'id'),
      { kind: 'firstOf', sources: [from('text'), from('id')] },
      { kind: 'firstOf', sources: [from('absent')] },
      constant,
      { kind: 'xpath', expression: '*/*' },
    ];
    for (const source of none) expect(nameIds(source), JSON.stringify(source)).toEqual([]);
  });

  describe('sources that combine other sources', () => {
    const { read: made } = attributeReader(
      {
        attributeList: [
          { name: 'first', values: ['', ' Ann ', 'Anna'] },
          { name: 'last', values: ['Lee'] },
          { name: 'empty', values: [''] },
          { name: 'list', values: ['a; b;;c ', 'd'] },
          { name: 'country', values: ['DE', ' FR ', 'XX', 'constructor', '__proto__'] },
        ],
      },
      verified(assertion),
    );
    const from = (...names: string[]): AttributeSource => ({ kind: 'attributes', names });
    const constant = (value: string): AttributeSource => ({ kind: 'constant', value });
    const joined = (...sources: AttributeSource[]) => made({ kind: 'join', sources, with: ' ' });
    const firstOf = (...sources: AttributeSource[]) => made({ kind: 'firstOf', sources });
    const map = (source: AttributeSource) =>
      made({ kind: 'map', source, table: { DE: 'Germany', FR: 'France', '': 'nowhere' } });

    test('a constant is the same for every user', () => expect(made(constant('x'))).toEqual(['x']));

    test('join uses the first value of each source', () => {
      expect(joined(from('first'), from('last'))).toEqual(['Ann Lee']);
      expect(made({ kind: 'join', sources: [from('last'), constant('@x.example')], with: '' })).toEqual([
        'Lee@x.example',
      ]);
    });
    test('join returns null if a part is absent: the other parts may be the same for several users', () => {
      expect(joined(from('first'), from('absent'))).toBeNull();
      expect(joined(from('absent'), constant('x'))).toBeNull();
      expect(joined(from('first'), from('empty'))).toEqual([]);
      expect(joined(from('empty'), from('absent'))).toBeNull();
    });
    test('firstOf returns the first source that has a value', () => {
      expect(firstOf(from('absent'), { kind: 'attribute', name: 'last' }, from('first'))).toEqual(['Lee']);
      expect(firstOf(from('empty'), from('absent'), constant('none'))).toEqual(['none']);
      expect(firstOf(from('absent'), from('empty'))).toEqual(['']);
      expect(firstOf(from('absent'), from('absent'))).toBeNull();
    });
    test('split divides each value, without blank parts', () => {
      expect(made({ kind: 'split', source: from('list'), on: ';' })).toEqual(['a', 'b', 'c', 'd']);
      expect(made({ kind: 'split', source: from('empty'), on: ';' })).toEqual([]);
      expect(made({ kind: 'split', source: from('absent'), on: ';' })).toBeNull();
    });
    test('map looks up each value, and omits values that are not in the table', () => {
      expect(map(from('country'))).toEqual(['Germany', 'France']);
      expect(map(constant('XX'))).toEqual([]);
      expect(map(from('absent'))).toBeNull();
    });
    test('map ignores inherited properties of the table', () => {
      for (const value of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
        expect(map(constant(value))).toEqual([]);
      }
    });
    test('sources can be nested', () => {
      const groups: AttributeSource = { kind: 'split', source: from('list'), on: ';' };
      const table = { a: 'first', d: 'last' };
      expect(made({ kind: 'map', source: groups, table })).toEqual(['first', 'last']);
    });

    const wide = (value: string) =>
      attributeReader({ attributeList: [{ name: 'a', values: [value] }] }, verified('<x/>'));
    test('splits into 5,000 values and refuses more, blank ones too', () => {
      const split = (value: string) => wide(value).read({ kind: 'split', source: from('a'), on: ',' });
      expect(split(Array(5000).fill('x').join(','))).toHaveLength(5000);
      for (const value of [Array(5001).fill('x').join(','), `${','.repeat(5000)}admin`]) {
        const error = refusal(() => split(value));
        expect(error).toBeInstanceOf(SamlError);
        expect(error).toMatchObject({
          code: 'message_too_large',
          hint: expect.stringContaining('at most 5000 values in a list that the mapping splits on ","; received more'),
          details: { limit: 'values', expected: 5000 },
        });
        expect(error.message).toBe('the SAML message exceeds a size limit');
      }
    });
    test('joins 65,536 characters and refuses more', () => {
      const join = (value: string) => wide(value).read({ kind: 'join', sources: [from('a'), from('a')], with: '' });
      expect(join('x'.repeat(32_768))?.[0]).toHaveLength(65_536);
      const error = refusal(() => join('x'.repeat(32_769)));
      expect(error).toMatchObject({
        code: 'message_too_large',
        hint: expect.stringContaining('at most 65536 characters in a text that the mapping joins'),
      });
      expect(error.message).toBe('the SAML message exceeds a size limit');
    });
  });
});

function refusal(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was refused');
}
