import { comparable, tally, times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same } from './expect.ts';

const unique =
  'Let unique indexes decide, on (organization, e-mail key) and on (connection, issuer, subject), and throw UserConflict ' +
  'where they are violated: the login then reads again.';

export const loginCases: readonly CaseBody[] = [
  storeCase('login: 50 concurrent first logins of one person create one account, and all succeed', async (fixture) => {
    const { login, accounts } = fixture;
    const counts = await tally(times(50, () => login()));
    same(counts, { created: 1, unchanged: 49 }, unique);
    same((await accounts()).length, 1, unique);
  }),
  storeCase('login: concurrent first logins of 20 people create 20 accounts', async ({ login, accounts, email }) => {
    const person = (index: number) => ({ subject: `person-${index}`, email: email(`person-${index}`) });
    const counts = await tally(times(20, (index) => login(person(index))));
    same(counts, { created: 20 }, 'One login must not make another fail: retry after a deadlock.');
    same((await accounts()).length, 20, unique);
  }),
  storeCase('login: concurrent first logins of two people with one e-mail create one account', async (fixture) => {
    const { login, accounts, email } = fixture;
    const counts = await tally(
      times(2, (index) => login({ subject: `person-${index}`, email: email(index ? 'ANN' : 'ann') })),
    );
    same(counts, { created: 1, subject_conflict: 1 }, unique);
    same(
      (await accounts()).map(({ identities }) => identities.length),
      [1],
      unique,
    );
  }),
  storeCase(
    'login: concurrent first logins by two connections create one account with both identities',
    async (fixture) => {
      const { login, accounts, connection, identity } = fixture;
      const other = connection({ id: `${connection().id}-2` });
      const counts = await tally([login(), login({}, { connection: other })]);
      same(counts, { created: 1, updated: 1 }, unique);
      const [ann, ...more] = await accounts();
      const both = [identity('ann'), identity('ann', { connectionId: other.id })];
      same(more.length, 0, unique);
      same(ann && comparable(ann).identities, ann && comparable({ ...ann, identities: both }).identities, unique);
    },
  ),
  storeCase('login: an invitation is consumed once, and its role is kept', async ({ seed, login, accounts }) => {
    await seed({ status: 'invited', identities: [], role: 'admin' });
    const counts = await tally(times(10, () => login({ roleValues: [] })));
    const advice = 'update with status and addIdentity must be atomic, and throw UserConflict at a stale version.';
    same((counts['updated'] ?? 0) + (counts['unchanged'] ?? 0), 10, advice);
    const people = (await accounts()).map(({ status, role, identities }) => [status, role, identities.length]);
    same(people, [['active', 'admin', 1]], advice);
  }),
  storeCase('login: creates an account, finds it again, and updates it', async ({ login, email, accounts, find }) => {
    const created = await login();
    const unchanged = await login();
    const updated = await login({ email: email('baker'), name: 'Ann Baker', roleValues: ['admin'] });
    const advice = 'find must return exactly the values that create and update wrote.';
    same([created.outcome, unchanged.outcome, updated.outcome], ['created', 'unchanged', 'updated'], advice);
    const [ann, ...more] = await accounts();
    same([ann?.email, ann?.name, ann?.role, more.length], [email('baker'), 'Ann Baker', 'admin', 0], advice);
    same(
      (await login({ email: email('baker'), name: 'Ann Baker', roleValues: ['admin'] })).outcome,
      'unchanged',
      advice,
    );
    same((await find('ann', null)).bySubject?.email, email('baker'), advice);
  }),
  storeCase('login: an e-mail that another account has is not taken over', async ({ seed, login, email, identity }) => {
    await seed({ email: email('bob'), identities: [identity('bob')] });
    await seed();
    const result = await login({ email: email('BOB') });
    const notes = result.outcome === 'rejected' ? result.reason : [result.user.email, ...result.notes];
    same(notes, [email('ann'), 'email_conflict'], 'find must give the account that has the e-mail as byEmail.');
  }),
  storeCase('login: rejects removed and suspended people', async (fixture) => {
    const { seed, login, email, identity, accounts } = fixture;
    await seed({ status: 'removed' });
    await seed({ status: 'suspended', email: email('bob'), identities: [identity('bob')] });
    const counts = await tally([
      login(),
      login({ subject: 'new', email: email('ANN') }),
      login({ subject: 'ann', email: email('new') }),
      login({ subject: 'bob', email: email('bob') }),
    ]);
    const advice = 'remove keeps the row, with its e-mail and identities, and find returns it.';
    same(counts, { user_removed: 3, user_suspended: 1 }, advice);
    same((await accounts()).length, 2, advice);
  }),
  storeCase('login: with policy.recreate a removed person gets a new account', async (fixture) => {
    const { seed, login, connection, accounts } = fixture;
    await seed({ status: 'removed' });
    const again = connection({}, { recreate: true });
    const counts = await tally(times(10, () => login({}, { connection: again })));
    same(counts, { created: 1, unchanged: 9 }, unique);
    const statuses = (await accounts()).map(({ status }) => status).sort();
    same(statuses, ['active', 'removed'], 'The tombstone stays unchanged, next to the new account.');
  }),
];
