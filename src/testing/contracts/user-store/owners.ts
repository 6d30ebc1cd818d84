import { LastRoleHolder } from '../../../provisioning/user-store.ts';
import { times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled } from './expect.ts';
import type { World } from './world.ts';

const guard = { keepLast: 'owner' };
const inOne =
  'Count the holders of the role and write in one transaction that excludes others of the organization: lock its row, or take an ' +
  'advisory lock of it, before counting.';

const owner = (world: World, name: string) =>
  world.seed({ email: world.email(name), identities: [world.identity(name)], name, role: 'owner' });
const owners = async (world: World) => (await world.accounts()).filter(({ role }) => role === 'owner').length;

export const ownerCases: readonly CaseBody[] = [
  storeCase('last owner: keeps the protected role', async (world) => {
    const { update, refused } = world;
    const ann = await owner(world, 'ann');
    const demote = () => update(ann, { name: 'X', role: 'member' }, guard);
    await refused(
      demote,
      LastRoleHolder,
      'With keepLast, throw LastRoleHolder if no other active account has the role.',
    );
    const renamed = await update(ann, { name: 'X' }, guard);
    same([renamed.name, renamed.role], ['X', 'owner'], 'If the role is not written, keepLast has no effect.');
    const still = await update(ann, { role: 'owner' }, guard);
    same(still.role, 'owner', 'If the role stays the same, keepLast has no effect.');
    const free = await update(ann, { role: 'member' });
    same(free.role, 'member', 'With keepLast: null, no account keeps the role.');
  }),
  storeCase('last owner: one of two can be demoted', async (world) => {
    const ann = await owner(world, 'ann');
    await owner(world, 'bob');
    const demoted = await world.update(ann, { role: 'member' }, guard);
    same(
      [demoted.role, await owners(world)],
      ['member', 1],
      'Throw LastRoleHolder only if no other account has the role.',
    );
  }),
  storeCase(
    'last owner: suspended, removed and invited owners, and those of other organizations, do not count',
    async (world) => {
      const { seed, email, identity, globex, update, refused } = world;
      const ann = await owner(world, 'ann');
      for (const status of ['suspended', 'removed', 'invited'] as const) {
        await seed({ status, role: 'owner', email: email(status), identities: [identity(status)] });
      }
      const elsewhere = { organizationId: globex, email: email('x'), identities: [] };
      await seed({ ...elsewhere, role: 'owner' });
      const demote = () => update(ann, { role: 'member' }, guard);
      await refused(demote, LastRoleHolder, 'Count active accounts of the same organization only.');
    },
  ),
  storeCase('last owner: of two concurrent demotions one fails', async (world) => {
    const people = [await owner(world, 'ann'), await owner(world, 'bob')];
    const writes = people.map((user) => settled(world.update(user, { role: 'member' }, guard)));
    const refused = (await Promise.all(writes)).filter(({ error }) => error instanceof LastRoleHolder);
    same([refused.length, await owners(world)], [1, 1], inOne);
  }),
  storeCase(
    'last owner: of 10 owners demoted by concurrent logins one keeps the role, and all sign in',
    async (world) => {
      const { login, email } = world;
      for (const index of times(10, Number)) await owner(world, `owner-${index}`);
      const person = (index: number) => ({
        subject: `owner-${index}`,
        email: email(`owner-${index}`),
        name: `owner-${index}`,
      });
      const results = await Promise.all(times(10, (index) => login(person(index))));
      const kept = results.filter(
        (result) => result.outcome !== 'rejected' && result.notes.includes('last_holder_kept'),
      );
      same(results.filter(({ outcome }) => outcome === 'rejected').length, 0, inOne);
      same([kept.length, await owners(world)], [1, 1], inOne);
    },
  ),
];
