import { UserConflict } from '../../../provisioning/user-store.ts';
import { tally, times } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled, skipUnless } from './expect.ts';
import { later, now } from './test-names.ts';

const noVersion = 'the store keeps no version, so that of two concurrent logins the later one overwrites the earlier';
const compare =
  'Compare the version in the statement that writes (update ... where version = $1), and throw UserConflict if it has ' +
  'changed.';

export const versionCases: readonly CaseBody[] = [
  storeCase('update: does not overwrite a newer state', async ({ seed, update, refused }) => {
    const ann = await seed();
    skipUnless(ann.version, noVersion);
    const newer = await update(ann, { name: 'Newer' }, { expectedVersion: ann.version });
    const stale = () => update(ann, { name: 'Stale' }, { expectedVersion: ann.version });
    await refused(stale, UserConflict, compare);
    await update(newer, { name: 'Newest' }, { expectedVersion: newer.version });
    const unguarded = await update(ann, { name: 'Unguarded' });
    same(unguarded.name, 'Unguarded', 'Without expectedVersion, write, whatever version is stored.');
  }),
  storeCase('update: of 10 that read the same state, exactly one is written', async ({ seed, update, accounts }) => {
    const ann = await seed();
    skipUnless(ann.version, noVersion);
    const writes = times(10, (index) => update(ann, { name: `Ann ${index}` }, { expectedVersion: ann.version }));
    const results = await Promise.all(writes.map(settled));
    const written = results.flatMap(({ value }) => value ?? []);
    same(written.length, 1, compare);
    const lost = results.filter(({ error }) => error instanceof UserConflict);
    same(lost.length, 9, 'Throw UserConflict, and no other error, for the writes that lost the race.');
    same((await accounts())[0]?.name, written[0]?.name, compare);
  }),
  storeCase(
    'update: each write makes a new version, except a login without changes',
    async ({ seed, update, touch }) => {
      const ann = await seed();
      skipUnless(ann.version, noVersion);
      const versions: unknown[] = [ann.version];
      for (const changes of [{ name: 'A' }, { name: 'A' }, { emailVerified: false }, { role: 'admin' }]) {
        versions.push((await update(ann, changes)).version);
      }
      same(
        new Set(versions).size,
        5,
        'Make a new version with every write, also with one that repeats the stored values.',
      );
      const touched = await touch(ann);
      same(touched.version, versions.at(-1), 'Keep the version where audit.action is "login".');
      same(touched.lastLoginAt?.getTime(), later.getTime(), 'A login without changes still writes lastLoginAt.');
    },
  ),
  storeCase('create: returns the version that find returns', async ({ create, find }) => {
    const ann = await create();
    skipUnless(ann.version, noVersion);
    same((await find('ann', null)).bySubject?.version, ann.version, 'Return the account as it is in the database.');
  }),
  storeCase(
    'login: 20 concurrent ones of one person without changes all succeed',
    async ({ seed, login, accounts }) => {
      const ann = await seed({ lastLoginAt: now });
      const counts = await tally(times(20, () => login({}, { now: later })));
      same(counts, { unchanged: 20 }, 'Logins without changes must not conflict with each other.');
      const [after] = await accounts();
      same(after?.version, ann.version, 'Keep the version where audit.action is "login".');
    },
  ),
  storeCase('login: 20 concurrent ones with the same change all succeed', async ({ seed, login, accounts }) => {
    await seed();
    const logins = times(20, () => login({ name: 'Ann Baker' }));
    const counts = await tally(logins);
    same(
      (counts['updated'] ?? 0) + (counts['unchanged'] ?? 0),
      20,
      'Throw UserConflict for a stale version, and no other error.',
    );
    same(
      (await accounts()).map(({ name }) => name),
      ['Ann Baker'],
      'The change must be written once.',
    );
  }),
];
