import { UserConflict } from '../../../provisioning/user-store.ts';
import { portrait } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, succeeds } from './expect.ts';

export const createCases: readonly CaseBody[] = [
  storeCase('create: an active account with everything that was given', async ({ create, find, identity, email }) => {
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
      portrait(user),
      expected,
      'create must return what it wrote: as given, the e-mail in the spelling it came in.',
    );
    const { bySubject, byEmail } = await find('ann', email('ann'));
    const advice = 'find must read back all that create wrote.';
    same(bySubject && portrait(bySubject), expected, advice);
    same(byEmail?.id, user.id, advice);
  }),
  storeCase('create: an identity in use is a conflict', async ({ seed, create, refused, email }) => {
    await seed();
    const write = () => create({ email: email('other') });
    await refused(write, UserConflict, 'Throw UserConflict where a living account has the identity.');
  }),
  storeCase('create: with a qualifier, an identity in use is a conflict', async (world) => {
    const { seed, create, refused, email, identity } = world;
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
    'create: also those of invited and suspended people',
    async ({ seed, create, refused, email, identity }) => {
      for (const status of ['invited', 'suspended'] as const) {
        await seed({ status, email: email(status), identities: [identity(status)] });
        const advice = 'Only removed accounts give their e-mail and identities free.';
        await refused(() => create({ email: email(status) }), UserConflict, advice);
        await refused(() => create({ identity: identity(status) }), UserConflict, advice);
      }
    },
  ),
  storeCase('create: a removed account gives its e-mail and identity free', async ({ seed, create, find, email }) => {
    const gone = await seed({ status: 'removed' });
    const advice = 'Leave removed accounts out of the unique indexes, or move what a new account takes over from them.';
    const user = await succeeds(create(), advice);
    same(user.id === gone.id, false, 'create makes a new account; it never revives a removed one.');
    const found = await find('ann', email('ann'));
    same([found.bySubject?.id, found.byEmail?.id], [user.id, user.id], advice);
  }),
  storeCase('find: removed accounts where no living one matches', async ({ seed, find, email, identity }) => {
    const gone = await seed({ status: 'removed' });
    const advice = 'A tombstone is found by its e-mail and its identities, so that nobody comes back by logging in.';
    const { bySubject, byEmail } = await find('ann', email('ANN'));
    same([bySubject?.id, bySubject?.status, byEmail?.id], [gone.id, 'removed', gone.id], advice);
    const ann = await seed({ identities: [identity('ann-2')] });
    const found = await find('ann', email('ann'));
    same([found.bySubject?.id, found.byEmail?.id], [gone.id, ann.id], 'A living account comes before a removed one.');
  }),
];
