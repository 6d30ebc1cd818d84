import { type Provenance, UserConflict } from '../../../provisioning/user-store.ts';
import { comparable, pairs } from './compare.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, settled, skipUnless, succeeds } from './expect.ts';

const fields =
  'Write the fields that are present in the changes, and leave those that are absent or undefined as they are.';

export const updateCases: readonly CaseBody[] = [
  storeCase('update: the fields that are present, and no others', async ({ seed, update, find, email }) => {
    let user = await seed({ status: 'invited', emailVerified: false, role: 'admin' });
    const expected = { ...comparable(user) };
    // Each field has a value that a write of other fields must keep.
    const steps = [
      { role: 'member' },
      { status: 'active' as const },
      { email: email('Baker'), emailVerified: true },
      { name: 'Ann Baker' },
      { emailVerified: false },
      { name: null },
      { role: 'owner' },
    ];
    for (const changes of steps) {
      user = await update(user, { ...changes, customAttributes: undefined });
      Object.assign(expected, changes);
      same(comparable(user), expected, fields);
      const { bySubject } = await find('ann', null);
      same(bySubject && comparable(bySubject), expected, 'update must have written what it returns.');
    }
    same(
      (await find('unknown', email('baker'))).byEmail?.id,
      user.id,
      'The new e-mail must be found after the update.',
    );
    same((await find('unknown', email('ann'))).byEmail, null, 'The old e-mail must not be found after the update.');
  }),
  storeCase('update: one account, and no other', async ({ seed, update, accounts, email, identity }) => {
    const bob = await seed({ email: email('bob'), identities: [identity('bob')], name: 'Bob' });
    await update(await seed(), { name: 'X', role: 'admin', addIdentity: identity('ann-2') });
    const others = (await accounts()).filter(({ id }) => id === bob.id).map(comparable);
    same(others, [comparable(bob)], 'Update by the ID of the account.');
  }),
  storeCase('update: identities are added, removed and replaced', async ({ seed, update, find, identity }) => {
    const ann = await seed();
    const [first, second, third] = [identity('ann'), identity('ann-2', { connectionId: 'entra' }), identity('ann-3')];
    const added = await update(ann, { addIdentity: second });
    const advice = 'Add addIdentity to the identities of the account, and remove removeIdentity.';
    same(comparable(added).identities, comparable({ ...ann, identities: [first, second] }).identities, advice);
    const replaced = await update(added, { addIdentity: third, removeIdentity: first });
    same(comparable(replaced).identities, comparable({ ...ann, identities: [second, third] }).identities, advice);
    same((await find('ann', null)).bySubject, null, 'A removed identity finds no account.');
    same((await find('ann-3', null)).bySubject?.id, ann.id, 'An added identity finds the account.');
  }),
  storeCase("update: another account's identity or e-mail is a conflict", async (fixture) => {
    const { seed, update, refused, email, identity } = fixture;
    await seed({ email: email('bob'), identities: [identity('bob')] });
    const ann = await seed();
    const advice = 'Throw UserConflict where a living account has the new e-mail or identity; write nothing then.';
    await refused(() => update(ann, { name: 'X', addIdentity: identity('bob') }), UserConflict, advice);
    await refused(() => update(ann, { name: 'X', email: email('BOB') }), UserConflict, advice);
  }),
  storeCase('update: of two concurrent updates with one e-mail or identity, one succeeds', async (fixture) => {
    const { seed, update, email, identity, accounts } = fixture;
    const people = [await seed(), await seed({ email: email('bob'), identities: [identity('bob')] })];
    const advice = 'Let unique indexes decide, and throw UserConflict where they are violated.';
    for (const changes of [{ email: email('new') }, { addIdentity: identity('new') }]) {
      const results = await Promise.all(people.map((user) => settled(update(user, changes))));
      const conflicts = results.filter(({ error }) => error instanceof UserConflict);
      same([conflicts.length, results.filter(({ value }) => value).length], [1, 1], advice);
    }
    const all = (await accounts()).flatMap((user) => comparable(user).identities.map(({ subject }) => subject));
    same(all.filter((subject) => subject === 'new').length, 1, advice);
  }),
  storeCase('update: its own e-mail in another spelling is no conflict', async ({ seed, update, email, find }) => {
    const ann = await seed();
    await succeeds(update(ann, { email: email('ANN') }), 'An account does not conflict with itself.');
    same((await find('unknown', email('ann'))).byEmail?.email, email('ANN'), 'Keep the e-mail as it was sent.');
  }),
  storeCase('update: the e-mail and identity of a removed account are free', async (fixture) => {
    const { seed, update, email, identity, find } = fixture;
    await seed({ email: email('bob'), identities: [identity('bob')], status: 'removed' });
    const ann = await seed();
    const advice =
      'Leave removed accounts out of the unique indexes, or move their e-mail and identities to the living account.';
    await succeeds(update(ann, { email: email('bob'), addIdentity: identity('bob') }), advice);
    const found = await find('bob', email('bob'));
    same([found.bySubject?.id, found.byEmail?.id], [ann.id, ann.id], advice);
  }),
  storeCase('update: an account that was suspended or removed after the read is a conflict', async (fixture) => {
    const { seed, update, touch, refused, email, identity } = fixture;
    for (const status of ['suspended', 'removed'] as const) {
      const account = await seed({ status, email: email(status), identities: [identity(status)] });
      const asRead = { ...account, status: 'active' as const };
      const advice = `Read the status of the row in the transaction, not of the account that is passed: it is ${status} now.`;
      await refused(() => update(asRead, { name: 'X', status: 'active' }), UserConflict, advice);
      await refused(() => touch(asRead), UserConflict, advice);
    }
  }),
  storeCase('update: a field that is written counts as set by the identity provider', async (fixture) => {
    const { seed, update, find } = fixture;
    const provenance: Readonly<Record<'email' | 'name' | 'role', Provenance>> = {
      email: 'manual',
      name: 'manual',
      role: 'manual',
    };
    const ann = await seed({ provenance });
    skipUnless(ann.provenance, 'the store keeps no provenance');
    await update(ann, { name: 'Ann Baker', emailVerified: false, customAttributes: {} });
    const read = async () => {
      const { email = 'idp', name = 'idp', role = 'idp' } = (await find('ann', null)).bySubject?.provenance ?? {};
      return { email, name, role };
    };
    const advice = "Set the provenance of each field that is written to 'idp', and keep that of the others.";
    same(await read(), { ...provenance, name: 'idp' }, advice);
    const current = (await find('ann', null)).bySubject ?? ann;
    await update(current, { role: 'admin', name: null });
    same(await read(), { ...provenance, name: 'idp', role: 'idp' }, advice);
  }),
  storeCase('update: further attributes are replaced as a whole', async ({ seed, update }) => {
    const ann = await seed({ customAttributes: { team: ['a', 'b'], floor: ['1'] } });
    skipUnless(ann.customAttributes, 'the store keeps no further attributes');
    const advice = 'Replace all further attributes where customAttributes is present, and keep them where it is not.';
    const kept = await update(ann, { name: 'X' });
    same(pairs(kept.customAttributes), pairs(ann.customAttributes), advice);
    const replaced = await update(kept, { customAttributes: { team: ['c'] } });
    same(pairs(replaced.customAttributes), [['team', ['c']]], advice);
  }),
];
