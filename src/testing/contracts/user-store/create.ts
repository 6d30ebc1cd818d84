import { UserConflict } from '../../../provisioning/user-store.ts';
import { comparable } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, succeeds } from './expect.ts';

export const createCases: readonly CaseBody[] = [
  storeCase('create: an active account with all values that were passed', async ({ create, find, identity, email }) => {
    const { identity: own, ...given } = {
      identity: identity('ann'),
      email: email('Ann'),
      emailVerified: false,
      name: null,
      role: 'admin',
    };
    const user = await create({ ...given, identity: own });
    const expected = { organizationId: user.organizationId, ...given, status: 'active', identities: [own] };
    same(
      comparable(user),
      expected,
      'create must return what it wrote: the values that were passed, with the e-mail in the spelling that was received.',
    );
    const { bySubject, byEmail } = await find('ann', email('ann'));
    const advice = 'find must return all values that create wrote.';
    same(bySubject && comparable(bySubject), expected, advice);
    same(byEmail?.id, user.id, advice);
  }),
  storeCase('create: an identity in use is a conflict', async ({ seed, create, refused, email }) => {
    await seed();
    const write = () => create({ email: email('other') });
    await refused(write, UserConflict, 'Throw UserConflict where a living account has the identity.');
  }),
  storeCase('create: with a qualifier, an identity in use is a conflict', async (fixture) => {
    const { seed, create, refused, email, identity } = fixture;
    const own = identity('ann', { nameQualifier: 'https://hub.example/idp' });
    await seed({ identities: [own] });
    const write = () => create({ email: email('other'), identity: own });
    await refused(write, UserConflict, 'Throw UserConflict where a living account has the identity.');
  }),
  storeCase('create: an e-mail in use is a conflict', async ({ seed, create, refused, identity }) => {
    await seed();
    const write = () => create({ identity: identity('other') });
    await refused(write, UserConflict, 'Throw UserConflict where a living account of the organization has the e-mail.');
  }),
  storeCase(
    'create: the e-mail or identity of an invited or suspended account is a conflict',
    async ({ seed, create, refused, email, identity }) => {
      for (const status of ['invited', 'suspended'] as const) {
        await seed({ status, email: email(status), identities: [identity(status)] });
        const advice = 'Only removed accounts release their e-mail and identities.';
        await refused(() => create({ email: email(status) }), UserConflict, advice);
        await refused(() => create({ identity: identity(status) }), UserConflict, advice);
      }
    },
  ),
  storeCase('create: the e-mail and identity of a removed account are free', async ({ seed, create, find, email }) => {
    const gone = await seed({ status: 'removed' });
    const advice =
      'Leave removed accounts out of the unique indexes, or move their e-mail and identities to the new account.';
    const user = await succeeds(create(), advice);
    same(user.id === gone.id, false, 'create makes a new account; it never restores a removed one.');
    const found = await find('ann', email('ann'));
    same([found.bySubject?.id, found.byEmail?.id], [user.id, user.id], advice);
  }),
  storeCase('find: removed accounts if no living one matches', async ({ seed, find, email, identity }) => {
    const gone = await seed({ status: 'removed' });
    const advice =
      'A tombstone is found by its e-mail and its identities, so that a login does not create the account again.';
    const { bySubject, byEmail } = await find('ann', email('ANN'));
    same([bySubject?.id, bySubject?.status, byEmail?.id], [gone.id, 'removed', gone.id], advice);
    const ann = await seed({ identities: [identity('ann-2')] });
    const found = await find('ann', email('ann'));
    same(
      [found.bySubject?.id, found.byEmail?.id],
      [gone.id, ann.id],
      'A living account takes precedence over a removed one.',
    );
  }),
];
