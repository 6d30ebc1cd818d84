import { LastRoleHolder } from '../../../provisioning/user-store.ts';
import { times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled } from './expect.ts';
import type { UserStoreFixture } from './fixture.ts';

const guard = { keepLast: 'owner' };
const inOne =
  'Count the holders of the role and write in one transaction that excludes others of the organization: lock its row, or take an ' +
  'advisory lock of it, before counting.';

const owner = (fixture: UserStoreFixture, name: string) =>
  fixture.seed({ email: fixture.email(name), identities: [fixture.identity(name)], name, role: 'owner' });
const owners = async (fixture: UserStoreFixture) =>
  (await fixture.accounts()).filter(({ role }) => role === 'owner').length;

export const ownerCases: readonly CaseBody[] = [
  storeCase('last owner: keeps the protected role', async (fixture) => {
    const { update, refused } = fixture;
    const ann = await owner(fixture, 'ann');
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
  storeCase('last owner: one of two can be demoted', async (fixture) => {
    const ann = await owner(fixture, 'ann');
    await owner(fixture, 'bob');
    const demoted = await fixture.update(ann, { role: 'member' }, guard);
    same(
      [demoted.role, await owners(fixture)],
      ['member', 1],
      'Throw LastRoleHolder only if no other account has the role.',
    );
  }),
  storeCase(
    'last owner: suspended, removed and invited owners, and those of other organizations, do not count',
    async (fixture) => {
      const { seed, email, identity, globex, update, refused } = fixture;
      const ann = await owner(fixture, 'ann');
      for (const status of ['suspended', 'removed', 'invited'] as const) {
        await seed({ status, role: 'owner', email: email(status), identities: [identity(status)] });
      }
      const elsewhere = { organizationId: globex, email: email('x'), identities: [] };
      await seed({ ...elsewhere, role: 'owner' });
      const demote = () => update(ann, { role: 'member' }, guard);
      await refused(demote, LastRoleHolder, 'Count active accounts of the same organization only.');
    },
  ),
  storeCase('last owner: of two concurrent demotions one fails', async (fixture) => {
    const people = [await owner(fixture, 'ann'), await owner(fixture, 'bob')];
    const writes = people.map((user) => settled(fixture.update(user, { role: 'member' }, guard)));
    const refused = (await Promise.all(writes)).filter(({ error }) => error instanceof LastRoleHolder);
    same([refused.length, await owners(fixture)], [1, 1], inOne);
  }),
  storeCase(
    'last owner: of 10 owners demoted by concurrent logins one keeps the role, and all sign in',
    async (fixture) => {
      const { login, email } = fixture;
      for (const index of times(10, Number)) await owner(fixture, `owner-${index}`);
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
      same([kept.length, await owners(fixture)], [1, 1], inOne);
    },
  ),
];
