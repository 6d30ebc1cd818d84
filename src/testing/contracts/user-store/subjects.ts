import type { Identity } from '../../../provisioning/user-store.ts';
import { comparable } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same } from './expect.ts';

const exactly =
  'Compare subjects exactly, byte by byte: give the column a binary collation (PostgreSQL "C", MySQL utf8mb4_0900_bin ' +
  'or VARBINARY, SQLite BINARY), and do not fold, trim or cut it.';

const longest = 1024;
/** Pairs of subjects that an inexact comparison treats as equal. */
const lookAlikes: readonly (readonly [difference: string, one: string, other: string])[] = [
  ['case', 'Ann', 'ann'],
  ['an accent', 'rené', 'rene'],
  ['a trailing space', 'ann', 'ann '],
  ['their Unicode form', 're\u0301ne', 'r\u00e9ne'],
  ['ß and ss', 'strauß', 'strauss'],
  ['an emoji', 'ann\u{1F600}', 'ann\u{1F601}'],
  ['an invisible character', 'ann', 'an\u200bn'],
  ['the last of 1,024 characters', `${'x'.repeat(longest - 1)}1`, `${'x'.repeat(longest - 1)}2`],
  ['the last of 1,024 characters of three bytes', `${'€'.repeat(longest - 1)}1`, `${'€'.repeat(longest - 1)}2`],
];

const qualified =
  'nameQualifier and spNameQualifier are part of the identity, each in a column of its own (an empty text if ' +
  'absent), compared exactly, in the unique index too; never joined with the subject, nor with one another.';

const [hub, other] = ['https://hub.example/idp', 'https://hub.example/idp2'];
/** Pairs of qualifiers that distinguish two users with one subject. */
const qualifiers: readonly (readonly [difference: string, one: Partial<Identity>, other: Partial<Identity>])[] = [
  ['a NameQualifier', {}, { nameQualifier: hub }],
  ['an SPNameQualifier', {}, { spNameQualifier: hub }],
  ['the NameQualifier', { nameQualifier: hub }, { nameQualifier: other }],
  ['the SPNameQualifier', { nameQualifier: hub, spNameQualifier: hub }, { nameQualifier: hub, spNameQualifier: other }],
  ['which of the qualifiers they have', { nameQualifier: hub }, { spNameQualifier: hub }],
  ['the case of a qualifier', { nameQualifier: hub }, { nameQualifier: hub.toUpperCase() }],
  ['a trailing space of a qualifier', { nameQualifier: hub }, { nameQualifier: `${hub} ` }],
  [
    'the last of 1,024 characters of a qualifier',
    { nameQualifier: `${'x'.repeat(longest - 1)}1` },
    { nameQualifier: `${'x'.repeat(longest - 1)}2` },
  ],
];

/** Delimiters by which a store may have joined the parts of an identity. */
const delimiters = ['', ' ', '!', '#', ',', '/', ':', ';', '|', '\t', '\n', '::', '||', '","', "','"];

export const subjectCases: readonly CaseBody[] = [
  storeCase('find: null for an unknown subject and e-mail', async ({ find, email }) => {
    const none = { bySubject: null, byEmail: null };
    same(await find('ann', email('ann')), none, 'find must resolve to null if no account matches.');
    same(await find('ann', null), none, 'find must resolve to null if no account matches.');
  }),
  storeCase(
    'find: an account by its subject and by its e-mail, with all fields',
    async ({ find, email, seed, identity }) => {
      const second = identity('ann-2', { connectionId: 'entra' });
      const ann = await seed({ role: 'admin', identities: [identity('ann'), second] });
      const { bySubject, byEmail } = await find('ann', email('ann'));
      const advice = 'find must give the account with all its fields, and all its identities.';
      same(bySubject && [bySubject.id, comparable(bySubject)], [ann.id, comparable(ann)], advice);
      same(byEmail && [byEmail.id, comparable(byEmail)], [ann.id, comparable(ann)], advice);
      const other = await find('ann-2', null, second);
      same(other.bySubject?.id, ann.id, 'find must search all identities of an account.');
      same(other.byEmail, null, 'find must not search by e-mail if the e-mail is null.');
    },
  ),
  storeCase('find: both accounts, if subject and e-mail belong to different ones', async (fixture) => {
    const { find, email, seed, identity } = fixture;
    const ann = await seed();
    const bob = await seed({ email: email('bob'), identities: [identity('bob')] });
    const found = await find('ann', email('bob'));
    same([found.bySubject?.id, found.byEmail?.id], [ann.id, bob.id], 'Search by subject and by e-mail separately.');
  }),
  ...lookAlikes.map(([difference, one, other]) =>
    storeCase(`find: subjects that differ in ${difference} are two people`, async (fixture) => {
      const { find, login, accounts, email, seed, identity } = fixture;
      const first = await seed({ email: email('first'), identities: [identity(one)] });
      same((await find(one, null)).bySubject?.id, first.id, exactly);
      same((await find(other, null)).bySubject?.id ?? null, null, exactly);
      const second = await login({ subject: other, email: email('second') });
      same(second.outcome, 'created', exactly);
      same((await find(other, null)).bySubject?.email, email('second'), exactly);
      same((await accounts()).length, 2, exactly);
    }),
  ),
  storeCase('find: the same subject at another issuer or connection is another person', async (fixture) => {
    const { find, seed, login, connection, email } = fixture;
    await seed();
    const advice = 'Look identities up by connection, issuer and subject together.';
    for (const elsewhere of [{ issuer: 'https://idp.other.example' }, { connectionId: 'entra' }]) {
      same((await find('ann', null, elsewhere)).bySubject, null, advice);
    }
    const other = connection({ id: `${connection().id}-2` });
    const unrelated = await login({ email: email('unrelated') }, { connection: other });
    same(unrelated.outcome, 'created', advice);
  }),
  ...qualifiers.map(([difference, one, two]) =>
    storeCase(`find: subjects that differ in ${difference} are two people`, async (fixture) => {
      const { find, login, accounts, email, seed, identity } = fixture;
      const first = await seed({ email: email('first'), identities: [identity('ann', one)] });
      same((await find('ann', null, one)).bySubject?.id, first.id, qualified);
      same((await find('ann', null, two)).bySubject?.id ?? null, null, qualified);
      const second = await login({ email: email('second'), ...two });
      same(second.outcome, 'created', qualified);
      const { bySubject } = await find('ann', null, two);
      same(bySubject && comparable(bySubject).identities, [identity('ann', two)], qualified);
      same((await find('ann', null, one)).bySubject?.id, first.id, qualified);
      same((await login({ email: email('second'), ...two })).outcome, 'unchanged', qualified);
      same((await accounts()).length, 2, qualified);
    }),
  ),
  storeCase('find: subject and qualifiers are not joined', async ({ find, seed, email, identity }) => {
    for (const [index, delimiter] of delimiters.entries()) {
      const one = { nameQualifier: `b${delimiter}c`, spNameQualifier: 'd' };
      const [own] = [await seed({ email: email(`p${index}`), identities: [identity(`a${index}`, one)] })];
      same((await find(`a${index}`, null, one)).bySubject?.id, own.id, qualified);
      const others: readonly (readonly [string, Partial<Identity>])[] = [
        [`a${index}`, { nameQualifier: 'b', spNameQualifier: `c${delimiter}d` }],
        [`a${index}${delimiter}b`, { nameQualifier: 'c', spNameQualifier: 'd' }],
        [`a${index}${delimiter}b${delimiter}c${delimiter}d`, {}],
      ];
      for (const [subject, parts] of others) {
        same((await find(subject, null, parts)).bySubject?.id ?? null, null, qualified);
      }
    }
  }),
  storeCase('update: identities that differ in a qualifier are added, removed and replaced', async (fixture) => {
    const { seed, update, find, identity } = fixture;
    const ann = await seed();
    const [plain, qualifiedOne] = [identity('ann'), identity('ann', { nameQualifier: hub, spNameQualifier: other })];
    const added = await update(ann, { addIdentity: qualifiedOne });
    same(comparable(added).identities, comparable({ ...ann, identities: [plain, qualifiedOne] }).identities, qualified);
    const removed = await update(added, { removeIdentity: plain });
    same(comparable(removed).identities, [qualifiedOne], qualified);
    same((await find('ann', null)).bySubject, null, qualified);
    const replaced = await update(removed, { addIdentity: plain, removeIdentity: qualifiedOne });
    same(comparable(replaced).identities, [plain], qualified);
    same((await find('ann', null, qualifiedOne)).bySubject, null, qualified);
  }),
  storeCase("find: another organization's account is never found by subject", async (fixture) => {
    const { find, seed, globex, email } = fixture;
    await seed({ organizationId: globex });
    const { bySubject } = await find('ann', email('ann'));
    same(bySubject, null, 'Look for the identity among the accounts of the given organization only.');
  }),
  storeCase('find: a later write does not change an account that was read before', async ({ find, seed, update }) => {
    await seed();
    const { bySubject } = await find('ann', null);
    if (bySubject !== null) await update(bySubject, { name: 'Ann Baker' });
    same(bySubject?.name, 'Ann', 'Return copies: a later write must not change an account that was read before.');
  }),
];
