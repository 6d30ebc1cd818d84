import { describe, expect, expectTypeOf, test } from 'vitest';
import type { CustomAttributeInput, MappingInput, SourceInput } from '../../src/connections/input.ts';
import { parseConnection } from '../../src/connections/schema.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';

const { certificate } = selfSigned({ keyType: 'p256' });
const idp = { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificate };
const parse = (mapping: unknown) => parseConnection({ idp: { ...idp, mapping } }).idp.mapping;

function problem(mapping: unknown): string {
  try {
    parse(mapping);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('the mapping was accepted');
}

const names = (...each: string[]) => ({ kind: 'attributes', names: each });
const uri = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri';

describe('a source may be', () => {
  test.each<[string, SourceInput, object]>([
    ['a name', ' mail ', names('mail')],
    ['candidates', ['mail', 'email'], names('mail', 'email')],
    ['lists of candidates', ['mail', ['email', 'Email']], names('mail', 'email', 'Email')],
    ['a Name', { name: 'mail' }, { kind: 'attribute', name: 'mail' }],
    ['a FriendlyName', { friendlyName: 'mail' }, { kind: 'attribute', friendlyName: 'mail' }],
    ['a NameFormat', { name: 'mail', nameFormat: uri }, { kind: 'attribute', name: 'mail', nameFormat: uri }],
    ['a NameFormat, in short', { name: 'm', nameFormat: 'uri' }, { kind: 'attribute', name: 'm', nameFormat: uri }],
    [
      'all three',
      { name: 'urn:x', friendlyName: 'mail', nameFormat: 'uri' },
      { kind: 'attribute', name: 'urn:x', friendlyName: 'mail', nameFormat: uri },
    ],
    ['a constant', { constant: 'staff' }, { kind: 'constant', value: 'staff' }],
    [
      'a joined text',
      { join: ['first', 'last'] },
      { kind: 'join', sources: [names('first'), names('last')], with: ' ' },
    ],
    [
      'a text joined by nothing',
      { join: ['uid', { constant: '@x.example' }], with: '' },
      { kind: 'join', sources: [names('uid'), { kind: 'constant', value: '@x.example' }], with: '' },
    ],
    [
      'the first of many',
      [{ friendlyName: 'a' }, 'b', { constant: 'c' }],
      {
        kind: 'firstOf',
        sources: [{ kind: 'attribute', friendlyName: 'a' }, names('b'), { kind: 'constant', value: 'c' }],
      },
    ],
    ['a split list', { split: 'groups', on: ', ' }, { kind: 'split', source: names('groups'), on: ', ' }],
    [
      'looked up',
      { map: { ' DE ': ' Germany ', constructor: 'x' }, of: ['c', 'country'] },
      { kind: 'map', source: names('c', 'country'), table: { DE: 'Germany', constructor: 'x' } },
    ],
    ['an XPath selector', { xpath: '@ID' }, { kind: 'xpath', expression: '@ID' }],
    [
      'four of them in one another',
      [{ map: { a: 'b' }, of: { split: { join: ['a', 'b'] }, on: ',' } }],
      {
        kind: 'firstOf',
        sources: [
          {
            kind: 'map',
            table: { a: 'b' },
            source: { kind: 'split', on: ',', source: { kind: 'join', sources: [names('a'), names('b')], with: ' ' } },
          },
        ],
      },
    ],
  ])('%s', (_, written, source) => {
    expect(parse({ name: written })).toEqual({ name: source, customAttributes: {} });
    expect(parse(JSON.parse(JSON.stringify({ name: written })))).toEqual({ name: source, customAttributes: {} });
  });

  test('a table has no inherited keys', () => {
    const { name } = parse({ name: { map: { a: 'b' }, of: 'c' } });
    expect(name?.kind === 'map' && 'toString' in name.table).toBe(false);
  });
});

describe('a further attribute may have a type', () => {
  test.each(['string', 'strings', 'boolean', 'number', 'date'] as const)('%s', (type) => {
    expect(parse({ customAttributes: { field: { from: ['a', 'b'], type } } }).customAttributes).toEqual({
      field: { kind: 'typed', type, source: names('a', 'b') },
    });
  });
  test('no type', () => {
    expect(parse({ customAttributes: { field: { constant: 'x' } } }).customAttributes).toEqual({
      field: { kind: 'constant', value: 'x' },
    });
  });
});

describe('refuses', () => {
  function nested(depth: number): unknown {
    let source: unknown = 'x';
    for (let i = 0; i < depth; i++) source = { split: source, on: ',' };
    return source;
  }
  test.each<[string, unknown, string]>([
    ['a misspelled key', { email: { xpth: '@ID' } }, 'idp.mapping.email.xpth: unknown key, did you mean xpath?'],
    [
      'a misspelled key',
      { email: { friendlyname: 'a' } },
      'email.friendlyname: unknown key, did you mean friendlyName?',
    ],
    [
      'an unknown key next to a known one',
      { email: { name: 'a', format: 'uri' } },
      'email.format: unknown key, expected name,',
    ],
    ['a key of another kind', { email: { name: 'a', on: ',' } }, 'idp.mapping.email.on: unknown key, expected name'],
    [
      'an unknown key',
      { email: { zzzz: 1 } },
      'idp.mapping.email: expected the name of an attribute, a list (the first',
    ],
    ['nothing', { email: {} }, 'idp.mapping.email: expected the name of an attribute, a list'],
    ['null', { email: null }, 'idp.mapping.email: expected the name of an attribute, a list'],
    ['a missing half', { email: { on: ',' } }, 'idp.mapping.email.split: is required'],
    ['a missing half', { email: { split: 'a' } }, 'idp.mapping.email.on: is required'],
    ['a missing half', { email: { of: 'a' } }, 'idp.mapping.email.map: is required'],
    ['a NameFormat without name', { email: { nameFormat: 'uri' } }, 'idp.mapping.email.name: is required'],
    ['a NameFormat', { email: { name: 'a', nameFormat: 'url' } }, 'expected a URI, or one of unspecified, uri, basic'],
    [
      'a mistake inside',
      { name: ['a', { join: ['b', { constant: 1 }] }] },
      'name[1].join[1].constant: expected string',
    ],
    ['nothing to join', { name: { join: [] } }, 'idp.mapping.name.join: must name an attribute'],
    ['one text to join', { name: { join: 'a' } }, 'idp.mapping.name.join: expected a list ([...]), received string'],
    ['an empty separator', { name: { split: 'a', on: '' } }, 'idp.mapping.name.on: must not be empty'],
    ['a long separator', { name: { join: ['a'], with: 'x'.repeat(21) } }, 'with: is longer than 20 characters'],
    ['more than 50', { name: Array(51).fill('a') }, 'idp.mapping.name: holds more than 50 sources'],
    ['a table of numbers', { name: { map: { a: 1 }, of: 'a' } }, 'idp.mapping.name.map.a: expected string'],
    [
      'a long table',
      { name: { map: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, 'x'])), of: 'a' } },
      'idp.mapping.name.map: holds more than 1000 keys',
    ],
    [
      'five in one another',
      { name: nested(5) },
      'idp.mapping.name.split.split.split.split: is nested in more than 4 lists and objects',
    ],
    ['an XPath inside', { name: [{ xpath: '//x' }] }, 'idp.mapping.name[0].xpath: XPath selector: "//" would search'],
    [
      'a type',
      { customAttributes: { a: { from: 'a', type: 'int' } } },
      'customAttributes.a.type: expected one of "string"|"strings"|',
    ],
    [
      'a type without source',
      { customAttributes: { a: { type: 'date' } } },
      'idp.mapping.customAttributes.a.from: is required',
    ],
    [
      'a misspelled type',
      { customAttributes: { a: { from: 'a', typ: 'date' } } },
      'a.typ: unknown key, did you mean type?',
    ],
    ['a type of a field', { name: { from: 'a', type: 'string' } }, 'idp.mapping.name: expected the name of'],
    [
      'a type within',
      { customAttributes: { a: ['b', { from: 'c', type: 'date' }] } },
      'idp.mapping.customAttributes.a[1]: expected the name',
    ],
    ['a constant subject', { subject: { constant: 'x' } }, 'idp.mapping.subject: would be the same for several'],
    [
      'a constant e-mail at the end',
      { email: ['mail', { constant: 'a@x.example' }] },
      'email: would be the same for several',
    ],
    [
      'a constant of constants',
      { email: { join: [{ constant: 'a' }, { constant: 'b' }] } },
      'email: would be the same',
    ],
  ])('%s', (_, mapping, message) => {
    expect(problem(mapping)).toContain(message);
  });

  test('infinite nesting, without following it', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(problem({ name: cyclic })).toContain('idp.mapping.name[0][0][0][0]: is nested in more than 4 lists');
    expect(problem({ name: nested(100_000) })).toContain('is nested in more than 4 lists');
  });

  test('more sources than the limit, at any depth', () => {
    const customAttributes = (n: number) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, { join: list(n) }]));
    const list = (n: number) => Array.from({ length: n }, () => 'a');
    expect(problem({ customAttributes: customAttributes(5) })).toContain('idp.mapping: has more than 500 sources');
    expect(Object.keys(parse({ customAttributes: customAttributes(4) }).customAttributes)).toHaveLength(100);
  });

  test('more XPath selectors than the limit, at any depth', () => {
    const selectors = (n: number) => Array.from({ length: n }, () => ({ xpath: '@ID' }));
    const mapping = (n: number) => ({
      name: selectors(5),
      customAttributes: { a: { from: { join: selectors(n) }, type: 'string' } },
    });
    expect(problem(mapping(6))).toContain('idp.mapping: has more than 10 XPath selectors');
    expect(parse(mapping(5)).name?.kind).toBe('firstOf');
  });
});

test('a constant may be a part of a subject or e-mail if another part is an attribute', () => {
  const email = { join: ['uid', { constant: '@x.example' }], with: '' };
  expect(parse({ email }).email?.kind).toBe('join');
});

test('mappings as developers type them', () => {
  expectTypeOf<{ customAttributes: { hired: { from: string[]; type: 'date' } } }>().toExtend<MappingInput>();
  expectTypeOf<{ from: string; type: 'int' }>().not.toExtend<CustomAttributeInput>();
  expectTypeOf<{ split: { map: { a: 'b' }; of: ['c'] }; on: ';' }>().toExtend<SourceInput>();
  expectTypeOf<{ nameFormat: string }>().not.toExtend<SourceInput>();
});
