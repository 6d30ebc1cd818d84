import type { JsonValue } from '../../../saml/state-store.ts';
import { rejects, same } from '../user-store/expect.ts';
import type { StateCaseBody } from './under-test.ts';

const whole =
  'Keep the value as JSON in a column of text: JSON columns refuse zero characters and lone surrogates, and change numbers and order.';

const values: Readonly<Record<string, JsonValue>> = {
  null: null,
  'a boolean': false,
  'an empty text': '',
  'white space': ' \t\r\n ',
  numbers: [0, -1, 0.1, 1e300, 5e-324, Number.MAX_SAFE_INTEGER],
  'a zero character': 'a\0b',
  'half of a surrogate pair': ['\uD83D', '\uDE00', { '\uD83D': '\uDE00' }],
  'an emoji': '\u{1F600}\u{1F468}\u200D\u{1F469}',
  'two forms of é': ['é', 'e\u0301'],
  'a byte order mark and line separators': '\uFEFF\u2028\u2029\u200B',
  'quotes and percent signs': `'"\`\\%_$1 ?; -- {} \${x} ARGV[1]`,
  'empty lists and objects': [[], {}, [[]], { a: {} }],
  'keys of any name': { '': 1, constructor: 2, ['__proto__']: 3, 'a.b': 4, ' ': 5 },
  'lists in lists, 50 deep': nested(50),
  '200,000 characters': 'é'.repeat(200_000),
};

export const valueCases: readonly StateCaseBody[] = [
  ...Object.entries(values).map(
    ([name, value]): StateCaseBody => [
      `value: ${name}`,
      async ({ store, record, key }) => {
        await store.put(record({ value, keys: [key('a')] }), null);
        same((await store.get('session', record().id))?.value, value, whole);
        same((await store.find('session', key('a'), { limit: 1 }))[0]?.value, value, whole);
        const order = JSON.stringify((await store.get('session', record().id))?.value);
        same(order, JSON.stringify(value), whole);
      },
    ],
  ),
  [
    'value: a record that was read or written is not changed later',
    async ({ store, record, after }) => {
      const value = { roles: ['member'] };
      const expiresAt = after(60);
      const keys: string[] = [];
      await store.put(record({ value, expiresAt, keys }), null);
      const before = structuredClone(await store.get('session', record().id));
      value.roles.push('owner');
      keys.push('x');
      expiresAt.setTime(0);
      (await store.get('session', record().id))?.expiresAt.setTime(0);
      same(
        await store.get('session', record().id),
        before,
        'Copy records that are written and records that are returned.',
      );
    },
  ],
  [
    'value: an organization, or none',
    async ({ store, record, id }) => {
      for (const [index, organizationId] of [null, 'acme', 'é \u{1F600}', "o'neil", 'x'.repeat(1024)].entries()) {
        await store.put(record({ id: id(`${index}`), organizationId }), null);
        const read = await store.get('session', id(`${index}`));
        same(read?.organizationId, organizationId, 'Store the organization exactly; null is not an empty text.');
      }
    },
  ],
  [
    'id: compared exactly',
    async ({ store, record, id }) => {
      const ids = [
        'a',
        'A',
        'a.',
        '%',
        '_',
        "'",
        '\\',
        '"',
        '`',
        '{a}',
        ':',
        'a'.repeat(200),
        `${'a'.repeat(199)}b`,
      ].map(id);
      const advice = 'Compare ids exactly, in a binary collation.';
      for (const each of ids) same(await store.put(record({ id: each, value: each }), null), true, advice);
      for (const each of ids) same((await store.get('session', each))?.value, each, advice);
    },
  ],
  [
    'id: an invalid id is not found, and is not written',
    async ({ store, record }) => {
      const odd = ['', ' ', 'a b', '\0', 'é', '\uD83D', 'x'.repeat(256), 'x'.repeat(100_000)];
      for (const each of odd) {
        same(await store.get('session', each), null, 'get must resolve to null for any text: ids may come from a URL.');
        const advice = 'Throw a TypeError for an id that is not 1 to 255 visible ASCII characters.';
        await rejects(store.put(record({ id: each }), null), TypeError, advice);
      }
    },
  ],
];

function nested(depth: number): JsonValue {
  return depth === 0 ? [] : [nested(depth - 1)];
}
