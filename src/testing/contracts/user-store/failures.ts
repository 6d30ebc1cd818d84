import { SeatLimitReached, UserConflict } from '../../../provisioning/user-store.ts';
import { tally } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled, skipUnless } from './expect.ts';

const cannot = 'the store under test has no failNextWrite';
const rollBack = 'Make the write one transaction: account, identities and audit record, or none of them.';

export const failureCases: readonly CaseBody[] = [
  storeCase('failure: a create that fails midway writes nothing, and the person can log in again', async (fixture) => {
    const { login, refused, failNextWrite, records, keepsAudit, find, email } = fixture;
    skipUnless(failNextWrite, cannot);
    await failNextWrite();
    await refused(() => login(), Error, rollBack);
    same(await find('ann', email('ann')), { bySubject: null, byEmail: null }, rollBack);
    same((await login()).outcome, 'created', `${rollBack} Release the database connection, too.`);
    if (keepsAudit) same((await records()).length, 1, rollBack);
  }),
  storeCase('failure: an update that fails midway does not change the account', async (fixture) => {
    const { seed, login, refused, failNextWrite, email, connection } = fixture;
    skipUnless(failNextWrite, cannot);
    await seed({ status: 'invited', role: 'admin' });
    const other = connection({ id: `${connection().id}-2` });
    const changes = {
      email: email('ann'),
      name: 'Ann Baker',
      roleValues: ['member'],
      customAttributes: { team: ['a'] },
    };
    await failNextWrite();
    await refused(() => login(changes, { connection: other }), Error, rollBack);
    const again = await login(changes, { connection: other });
    const fields = again.outcome === 'rejected' ? again.reason : again.changes.map(({ field }) => field);
    same(fields, ['name', 'role', 'status', 'identity', 'customAttributes.team'], rollBack);
  }),
  storeCase('failure: a failed login does not change lastLoginAt', async (fixture) => {
    const { seed, login, refused, failNextWrite } = fixture;
    skipUnless(failNextWrite, cannot);
    await seed();
    await failNextWrite();
    await refused(() => login(), Error, rollBack);
    same((await login()).outcome, 'unchanged', rollBack);
  }),
  storeCase('failure: is not reported as a conflict, which would be retried', async ({ create, failNextWrite }) => {
    skipUnless(failNextWrite, cannot);
    await failNextWrite();
    const { error } = await settled(create());
    const misnamed = error === undefined || error instanceof UserConflict || error instanceof SeatLimitReached;
    same(
      misnamed,
      false,
      'Pass errors of the database on; UserConflict and SeatLimitReached have a meaning of their own.',
    );
  }),
  storeCase('failure: one of several concurrent logins fails, and the others succeed', async (fixture) => {
    const { login, failNextWrite, email, accounts } = fixture;
    skipUnless(failNextWrite, cannot);
    await failNextWrite();
    const people = ['ann', 'bob', 'eve', 'kim'];
    const all = () => people.map((name) => login({ subject: name, email: email(name) }));
    const { created = 0 } = await tally(all());
    same((await accounts()).length, created, rollBack);
    const advice = `${rollBack} Release the database connection, too.`;
    same(created < people.length, true, 'The hook failNextWrite must let one of these writes fail.');
    same(await tally(all()), { created: people.length - created, unchanged: created }, advice);
  }),
];
