import { UserConflict } from '../../../provisioning/user-store.ts';
import { tally } from './compare.ts';
import { type CaseBody, oneAccountCase, separateAccountsCase, storeCase } from './define.ts';
import { same } from './expect.ts';

const byKey =
  'Compare e-mails by normalizeEmail() of saml-jit: keep its value in a column of its own, with a binary collation, and put the ' +
  'unique index on that.';

/** Spellings of `Jörg.Ann@bücher.{domain}`. */
const spellings = ['jörg.ann@bücher.', 'JöRG.ANN@BüCHER.', 'Jörg.Ann@xn--bcher-kva.', 'jörg.ann@XN--BCHER-KVA.'];

/** Addresses whose domains IDNA would map to the domain of Ann. */
const mapped = (domain: string): readonly string[] => [
  `ann@\uFF41${domain.slice(1)}`,
  `ann@${domain.replaceAll('e', '\u212F')}`,
  `ann@${domain.replaceAll('.', '\u3002')}`,
  `ann@${domain.slice(0, 2)}\u00AD${domain.slice(2)}`,
];

/** Local parts that an inexact comparison treats as equal. */
const lookAlikes: readonly (readonly [difference: string, one: string, other: string])[] = [
  ['an accent', 'rené', 'rene'],
  ['ß and ss', 'strauß', 'strauss'],
  ['İ and i', 'İnci', 'inci'],
  ['the case of a letter that is not ASCII', 'Éva', 'éva'],
  ['the Kelvin sign and k', '\u212Aate', 'kate'],
  ['a plus-address', 'ann+news', 'ann'],
  ['a dot', 'ann.a', 'anna'],
  ['their Unicode form', 'jose\u0301', 'jos\u00e9'],
];

export const emailCases: readonly CaseBody[] = [
  storeCase('find: an e-mail in any spelling of ASCII letters and domain', async ({ seed, find, domain }) => {
    const ann = await seed({ email: `Jörg.Ann@bücher.${domain}` });
    for (const spelling of spellings) {
      same((await find('unknown', spelling + domain)).byEmail?.id, ann.id, byKey);
    }
  }),
  storeCase('create: an e-mail in another spelling is taken', async ({ seed, create, refused, domain, identity }) => {
    await seed({ email: `Jörg.Ann@bücher.${domain}` });
    for (const [index, spelling] of spellings.entries()) {
      const write = () => create({ email: spelling + domain, identity: identity(`other-${index}`) });
      await refused(write, UserConflict, byKey);
    }
  }),
  ...lookAlikes.map(([difference, one, other]) =>
    storeCase(`find, create: e-mails that differ in ${difference} are distinct`, async (fixture) => {
      const { seed, find, create, email, identity } = fixture;
      await seed({ email: email(one) });
      same((await find('unknown', email(other))).byEmail, null, byKey);
      const second = await create({ email: email(other), identity: identity('second') });
      same((await find('unknown', email(other))).byEmail?.id, second.id, byKey);
    }),
  ),
  storeCase('find: text that is not an e-mail address finds no account', async ({ seed, find }) => {
    await seed();
    for (const text of ['', '%', 'ann', "' or '1'='1"]) {
      same(
        (await find('unknown', text)).byEmail,
        null,
        'normalizeEmail() returns null for such a text: find no account in that case.',
      );
    }
  }),
  storeCase(
    'find, organizationsOf: an address that looks like another finds no account',
    async ({ seed, find, store, domain }) => {
      await seed();
      const advice =
        'normalizeEmail() returns null for an address whose domain only looks like another one: do not map it yourself.';
      for (const address of mapped(domain)) {
        same((await find('unknown', address)).byEmail, null, advice);
        same((await store.organizationsOf?.(address)) ?? [], [], advice);
      }
    },
  ),
  separateAccountsCase('find, create: each organization has its own accounts', async (fixture) => {
    const { seed, find, login, email, globex, accounts } = fixture;
    await seed({ organizationId: globex, identities: [] });
    const advice = 'Unless the application has one account per e-mail, look for it in the given organization only.';
    same((await find('ann', email('ann'))).byEmail, null, advice);
    same((await login()).outcome, 'created', 'The unique index is on organization and e-mail together.');
    same([(await accounts()).length, (await accounts(globex)).length], [1, 1], advice);
  }),
  separateAccountsCase(
    'find: the account of the organization, although another has the same e-mail',
    async (fixture) => {
      const { seed, find, email, globex, identity } = fixture;
      await seed({ organizationId: globex, identities: [identity('x', { connectionId: 'globex' })] });
      const ann = await seed();
      const advice = 'Prefer the account of the given organization.';
      same((await find('unknown', email('ann'))).byEmail?.id, ann.id, advice);
      same((await find('x', email('ann'), { organizationId: globex })).byEmail?.organizationId, globex, advice);
    },
  ),
  oneAccountCase("one account per e-mail: another organization's account is found and not changed", async (fixture) => {
    const { seed, login, find, email, globex, create, refused, identity } = fixture;
    const elsewhere = await seed({ organizationId: globex, identities: [identity('x', { connectionId: 'globex' })] });
    const advice = 'With one account per e-mail, byEmail is the living account that any organization has.';
    same((await find('ann', email('ANN'))).byEmail?.id, elsewhere.id, advice);
    const result = await login();
    same('reason' in result && result.reason, 'email_in_other_organization', advice);
    await refused(create, UserConflict, 'The unique index is on the e-mail alone.');
    same((await fixture.accounts(globex)).length, 1, advice);
  }),
  oneAccountCase(
    'one account per e-mail: an update cannot take the e-mail of another organization',
    async (fixture) => {
      const { seed, update, refused, email, identity, globex } = fixture;
      await seed({ organizationId: globex, identities: [] });
      const bob = await seed({ email: email('bob'), identities: [identity('bob')] });
      await refused(
        () => update(bob, { email: email('Ann') }),
        UserConflict,
        'The unique index is on the e-mail alone.',
      );
    },
  ),
  oneAccountCase('one account per e-mail: of two concurrent organizations one succeeds', async (fixture) => {
    const { login, connection, globex, accounts } = fixture;
    const other = connection({ id: `${connection().id}-globex`, organizationId: globex });
    const counts = await tally([login(), login({}, { connection: other })]);
    same(counts, { created: 1, email_in_other_organization: 1 }, 'The unique index is on the e-mail alone.');
    same((await accounts()).length + (await accounts(globex)).length, 1, 'The unique index is on the e-mail alone.');
  }),
  oneAccountCase('one account per e-mail: removed in one organization, it is free in another', async (fixture) => {
    const { seed, login, globex, identity, find, email } = fixture;
    const identities = [identity('x', { connectionId: 'globex' })];
    await seed({ organizationId: globex, identities, status: 'removed' });
    const advice = 'find returns only living accounts of another organization; the unique index excludes removed ones.';
    same((await find('ann', email('ann'))).byEmail, null, advice);
    same((await login()).outcome, 'created', advice);
  }),
];
