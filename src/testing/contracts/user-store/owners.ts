import { LastRoleHolder } from '../../../provisioning/user-store.ts';
import { times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled } from './expect.ts';
import type { World } from './world.ts';

const guard = { keepLast: 'owner' };
const inOne =
  'Count the holders and write in one transaction that excludes others of the organization: lock its row, or take an ' +
  'advisory lock of it, before counting.';

const owner = (world: World, name: string) =>
  world.seed({ email: world.email(name), identities: [world.identity(name)], name, role: 'owner' });
const owners = async (world: World) => (await world.accounts()).filter(({ role }) => role === 'owner').length;

export const ownerCases: readonly CaseBody[] = [
  storeCase('last owner: keeps the role that is to be kept', async (world) => {
    const { update, refused } = world;
    const ann = await owner(world, 'ann');
    const demote = () => update(ann, { name: 'X', role: 'member' }, guard);
    await refused(
      demote,
      LastRoleHolder,
      'With keepLast, throw LastRoleHolder where no other active account has the role.',
    );
    const renamed = await update(ann, { name: 'X' }, guard);
    same([renamed.name, renamed.role], ['X', 'owner'], 'Where the role is not written, keepLast is no obstacle.');
    const still = await update(ann, { role: 'owner' }, guard);
    same(still.role, 'owner', 'Where the role stays the same, keepLast is no obstacle.');
    const free = await update(ann, { role: 'member' });
    same(free.role, 'member', 'With keepLast: null, nobody is kept.');
  }),
  storeCase('last owner: one of two may go', async (world) => {
    const ann = await owner(world, 'ann');
    await owner(world, 'bob');
    const demoted = await world.update(ann, { role: 'member' }, guard);
    same(
      [demoted.role, await owners(world)],
      ['member', 1],
      'Throw LastRoleHolder only where nobody else has the role.',
    );
  }),
  storeCase('last owner: suspended, removed, invited ones and those elsewhere do not count', async (world) => {
    const { seed, email, identity, globex, update, refused } = world;
    const ann = await owner(world, 'ann');
    for (const status of ['suspended', 'removed', 'invited'] as const) {
      await seed({ status, role: 'owner', email: email(status), identities: [identity(status)] });
    }
    const elsewhere = { organizationId: globex, email: email('x'), identities: [] };
    await seed({ ...elsewhere, role: 'owner' });
    const demote = () => update(ann, { role: 'member' }, guard);
    await refused(demote, LastRoleHolder, 'Count active accounts of the same organization only.');
  }),
  storeCase('last owner: of two demoted at once one stays', async (world) => {
    const people = [await owner(world, 'ann'), await owner(world, 'bob')];
    const writes = people.map((user) => settled(world.update(user, { role: 'member' }, guard)));
    const refused = (await Promise.all(writes)).filter(({ error }) => error instanceof LastRoleHolder);
    same([refused.length, await owners(world)], [1, 1], inOne);
  }),
  storeCase('last owner: of 10 demoted by logins at once one stays, and all get in', async (world) => {
    const { login, email } = world;
    for (const index of times(10, Number)) await owner(world, `owner-${index}`);
    const person = (index: number) => ({
      subject: `owner-${index}`,
      email: email(`owner-${index}`),
      name: `owner-${index}`,
    });
    const results = await Promise.all(times(10, (index) => login(person(index))));
    const kept = results.filter((result) => result.outcome !== 'rejected' && result.notes.includes('last_holder_kept'));
    same(results.filter(({ outcome }) => outcome === 'rejected').length, 0, inOne);
    same([kept.length, await owners(world)], [1, 1], inOne);
  }),
];
