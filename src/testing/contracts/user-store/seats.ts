import { SeatLimitReached, UserConflict } from '../../../provisioning/user-store.ts';
import { tally, times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, skipUnless } from './expect.ts';

const inOne =
  'Count the seats and insert the account in one transaction that excludes others of the organization: lock its row, or ' +
  'take an advisory lock of it, before counting.';

export const seatCases: readonly CaseBody[] = [
  storeCase(
    'seats: no account is created when all seats are taken',
    async ({ create, refused, email, identity, accounts }) => {
      const bob = { email: email('bob'), identity: identity('bob') };
      await refused(() => create(bob, 0), SeatLimitReached, 'With no seats at all, no account is created.');
      await create({}, 1);
      await refused(() => create(bob, 1), SeatLimitReached, 'Throw SeatLimitReached if all seats are taken.');
      await create(bob, 2);
      await create({ email: email('eve'), identity: identity('eve') }, null);
      same((await accounts()).length, 3, 'seats: null means no limit.');
    },
  ),
  storeCase(
    'seats: accounts of other organizations do not count',
    async ({ seed, create, globex, identity, email }) => {
      await seed({
        organizationId: globex,
        email: email('x'),
        identities: [identity('x', { connectionId: 'globex' })],
      });
      same((await create({}, 1)).status, 'active', 'Count the accounts of the organization only.');
    },
  ),
  storeCase('seats: a conflict takes precedence over the limit', async ({ seed, create, refused, email, identity }) => {
    await seed();
    const advice =
      'Throw UserConflict, even if all seats are taken: an account that was created a moment ago needs no second seat.';
    await refused(() => create({ identity: identity('x') }, 1), UserConflict, advice);
    await refused(() => create({ email: email('x') }, 1), UserConflict, advice);
  }),
  storeCase('seats: 30 concurrent first logins with 5 seats create exactly 5 accounts', async (fixture) => {
    const { login, email, accounts } = fixture;
    const person = (index: number) => ({ subject: `person-${index}`, email: email(`person-${index}`) });
    const counts = await tally(times(30, (index) => login(person(index), { seats: 5 })));
    same(counts, { created: 5, seat_limit_reached: 25 }, inOne);
    same((await accounts()).length, 5, inOne);
  }),
  storeCase('seats: 20 concurrent first logins of one person with one free seat all succeed', async (fixture) => {
    const { seed, login, accounts, email, identity } = fixture;
    await seed({ email: email('bob'), identities: [identity('bob')] });
    const counts = await tally(times(20, () => login({}, { seats: 2 })));
    same(counts, { created: 1, unchanged: 19 }, `${inOne} Check for conflicts before the limit.`);
    same((await accounts()).length, 2, inOne);
  }),
  storeCase('seats: existing users can log in at the limit', async ({ seed, login }) => {
    await seed();
    same((await login({}, { seats: 1 })).outcome, 'unchanged', 'Check seats when creating, never when updating.');
    same((await login({ name: 'Ann Baker' }, { seats: 0 })).outcome, 'updated', 'Check seats only when creating.');
  }),
  storeCase('seatsTaken: counts as create does', async ({ store, login, acme, globex, create, refused }) => {
    skipUnless(store.seatsTaken, 'the store has no seatsTaken');
    same(await store.seatsTaken(acme), 0, 'An organization without accounts uses no seat.');
    await login();
    await login({ name: 'Ann Baker' });
    same([await store.seatsTaken(acme), await store.seatsTaken(globex)], [1, 0], 'Count as create does.');
    const write = () => create({ organizationId: acme }, 1);
    await refused(write, UserConflict, 'Throw UserConflict if a living account has the identity.');
  }),
];
