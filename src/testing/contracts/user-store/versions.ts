import { UserConflict } from '../../../provisioning/user-store.ts';
import { later, now } from './cast.ts';
import { tally, times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled, skipUnless } from './expect.ts';

const noVersion = 'the store keeps no version, so that of two logins at once the later one overwrites the earlier';
const compare =
  'Compare the version in the statement that writes (update ... where version = $1), and throw UserConflict where it is ' +
  'another by now.';

export const versionCases: readonly CaseBody[] = [
  storeCase('update: a newer state is not overwritten', async ({ seed, update, refused }) => {
    const ann = await seed();
    skipUnless(ann.version, noVersion);
    const newer = await update(ann, { name: 'Newer' }, { expectedVersion: ann.version });
    const stale = () => update(ann, { name: 'Stale' }, { expectedVersion: ann.version });
    await refused(stale, UserConflict, compare);
    await update(newer, { name: 'Newest' }, { expectedVersion: newer.version });
    const unguarded = await update(ann, { name: 'Unguarded' });
    same(unguarded.name, 'Unguarded', 'Without expectedVersion, write whatever the version is.');
  }),
  storeCase('update: of 10 that saw the same state, exactly one is written', async ({ seed, update, accounts }) => {
    const ann = await seed();
    skipUnless(ann.version, noVersion);
    const writes = times(10, (index) => update(ann, { name: `Ann ${index}` }, { expectedVersion: ann.version }));
    const results = await Promise.all(writes.map(settled));
    const written = results.flatMap(({ value }) => value ?? []);
    same(written.length, 1, compare);
    const lost = results.filter(({ error }) => error instanceof UserConflict);
    same(lost.length, 9, 'Throw UserConflict, and nothing else, at those who come too late.');
    same((await accounts())[0]?.name, written[0]?.name, compare);
  }),
  storeCase('update: each write makes a new version, a login alone does not', async ({ seed, update, touch }) => {
    const ann = await seed();
    skipUnless(ann.version, noVersion);
    const versions: unknown[] = [ann.version];
    for (const changes of [{ name: 'A' }, { name: 'A' }, { emailVerified: false }, { role: 'admin' }]) {
      versions.push((await update(ann, changes)).version);
    }
    same(new Set(versions).size, 5, 'Make a new version with every write, also with one that repeats what is there.');
    const touched = await touch(ann);
    same(touched.version, versions.at(-1), 'Keep the version where audit.action is "login".');
    same(touched.lastLoginAt?.getTime(), later.getTime(), 'A login alone still writes lastLoginAt.');
  }),
  storeCase('create: the version is that which find gives', async ({ create, find }) => {
    const ann = await create();
    skipUnless(ann.version, noVersion);
    same((await find('ann', null)).bySubject?.version, ann.version, 'Return the account as it is in the database.');
  }),
  storeCase('login: 20 at once of one person that change nothing all succeed', async ({ seed, login, accounts }) => {
    const ann = await seed({ lastLoginAt: now });
    const counts = await tally(times(20, () => login({}, { now: later })));
    same(counts, { unchanged: 20 }, 'Logins that change nothing must not be in each others way.');
    const [after] = await accounts();
    same(after?.version, ann.version, 'Keep the version where audit.action is "login".');
  }),
  storeCase('login: 20 at once that bring the same change all succeed', async ({ seed, login, accounts }) => {
    await seed();
    const logins = times(20, () => login({ name: 'Ann Baker' }));
    const counts = await tally(logins);
    same(
      (counts['updated'] ?? 0) + (counts['unchanged'] ?? 0),
      20,
      'Throw UserConflict at a stale version, no other error.',
    );
    same(
      (await accounts()).map(({ name }) => name),
      ['Ann Baker'],
      'The change must be there once.',
    );
  }),
];
