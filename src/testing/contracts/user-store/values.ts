import { pairs } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled, skipUnless, succeeds } from './expect.ts';
import { now } from './test-names.ts';

/** No control characters except line breaks and tabs: XML allows no others. */
const names: readonly (readonly [kind: string, name: string])[] = [
  ['quotes, backslashes and placeholders', `O'Brien "Bob" \\ \`x\` /* */ $1 %s ? :name`],
  ['a piece of SQL', "Robert'); drop table users; --"],
  ['several scripts and an emoji', '\u{1F600} Zoë Ångström 王小明 مريم'],
  ['accents in both Unicode forms', 're\u0301ne r\u00e9ne'],
  ['spaces around and inside', ' two  spaces '],
  ['markup', '<b>&amp;</b>'],
  ['line break and tab', 'line\nbreak\ttab'],
  ['JSON', '{"a":[1]}'],
  ['the word null', 'null'],
  ['256 letters', 'x'.repeat(256)],
  ['256 emojis', '\u{1F600}'.repeat(256)],
];

const customAttributes = {
  team: ['a', 'b', 'a'],
  none: [],
  empty: [''],
  'comma, quote " and \\': ['a,b', '{"x"}', "it's", 'NULL', 'null'],
  unicode: ['\u{1F600}', 'é', 'e\u0301', '\u2028'],
  constructor: ['c'],
  toString: ['t'],
  '': ['no name'],
  long: ['x'.repeat(5000)],
};

/** `__proto__` as an ordinary key, which an object literal cannot express. */
const odd = Object.fromEntries([...Object.entries(customAttributes), ['__proto__', ['p']]]);

/** The last two are both 02:30 in Central European local time; the first is a day before the leap day. */
const instants = ['2028-02-28T23:59:59.999Z', '2026-10-25T00:30:00.001Z', '2026-10-25T01:30:00.001Z'];

export const valueCases: readonly CaseBody[] = [
  ...names.map(([kind, name]) =>
    storeCase(`values: a name of ${kind} is stored as sent, or refused`, async (fixture) => {
      const { create, find, login, accounts } = fixture;
      const { value, error } = await settled(create({ name }));
      if (error !== undefined) {
        same(await accounts(), [], 'If a name does not fit, the whole write is refused.');
        return;
      }
      const advice = 'Store names exactly, up to 256 of them (code points): as text in UTF-8 (utf8mb4).';
      same(value?.name, name, advice);
      same((await find('ann', null)).bySubject?.name, name, advice);
      same((await login({ name })).outcome, 'unchanged', advice);
    }),
  ),
  storeCase('values: further attributes of any name, with none, one or several values', async (fixture) => {
    const { create, find, update, login, email, identity } = fixture;
    const ann = await create({ customAttributes: odd });
    skipUnless(ann.customAttributes, 'the store keeps no further attributes');
    const advice =
      'Keep further attributes as JSON: each key with its list of values, in their order, empty lists too.';
    same(pairs(ann.customAttributes), pairs(odd), advice);
    same(pairs((await find('ann', null)).bySubject?.customAttributes), pairs(odd), advice);
    const updated = await update(ann, { customAttributes: odd });
    same(pairs(updated.customAttributes), pairs(odd), advice);
    const filled = Object.fromEntries(Object.entries(odd).filter(([, values]) => values.length > 0));
    await login({ subject: 'bob', email: email('bob'), customAttributes: filled });
    same((await login({ subject: 'bob', email: email('bob'), customAttributes: filled })).outcome, 'unchanged', advice);
    const plain = await create({ email: email('eve'), identity: identity('eve'), customAttributes: {} });
    same(pairs(plain.customAttributes), [], advice);
  }),
  storeCase('values: the time of a login, to the millisecond', async ({ create, touch, find }) => {
    const ann = await create({ lastLoginAt: now });
    skipUnless(ann.lastLoginAt, 'the store keeps no lastLoginAt');
    const advice = 'Keep lastLoginAt in UTC with milliseconds (timestamptz, datetime(3), a number), and give a Date.';
    same(ann.lastLoginAt.toISOString(), now.toISOString(), advice);
    for (const instant of instants) {
      const written = await touch(ann, new Date(instant));
      same(written.lastLoginAt?.toISOString(), instant, advice);
      same((await find('ann', null)).bySubject?.lastLoginAt?.toISOString(), instant, advice);
    }
  }),
  storeCase('values: the longest e-mail address', async ({ create, find, domain, login }) => {
    const room = 254 - '@'.length - 64 - domain.length;
    const labels = `${'x'.repeat(60)}.${'y'.repeat(60)}.`;
    const email = `${'l'.repeat(64)}@${labels}${'z'.repeat(room - labels.length - 1)}.${domain}`;
    const ann = await succeeds(create({ email }), 'An e-mail address has up to 254 octets.');
    same(ann.email, email, 'An e-mail address has up to 254 octets.');
    same((await find('unknown', email.toUpperCase())).byEmail?.id, ann.id, 'An e-mail address has up to 254 octets.');
    same((await login({ email })).outcome, 'unchanged', 'An e-mail address has up to 254 octets.');
  }),
];
