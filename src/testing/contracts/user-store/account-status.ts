import { setImmediate } from 'node:timers/promises';
import { UserConflict } from '../../../provisioning/user-store.ts';
import { comparable, times } from './compare.ts';
import { type CaseBody, oneAccountCase, separateAccountsCase, storeCase } from './define.ts';
import { same, settled, skipUnless } from './expect.ts';
import { later, now } from './test-names.ts';

/**
 * Waits for a fraction of a duration; if the duration is too short to measure, for that number of turns of the event
 * loop.
 */
async function elapse(duration: number, part: number, turns: number): Promise<void> {
  const end = performance.now() + duration * part;
  for (let turn = 0; duration < 2 ? turn < turns : performance.now() < end; turn++) await setImmediate();
}

export const accountStatusCases: readonly CaseBody[] = [
  storeCase('suspend: rejects logins until restore', async ({ store, seed, login, find }) => {
    const ann = await seed();
    skipUnless(store.suspend, 'the store has no suspend');
    await store.suspend(ann.id);
    same((await find('ann', null)).bySubject?.status, 'suspended', 'suspend sets the status to "suspended".');
    const refused = await login();
    same('reason' in refused && refused.reason, 'user_suspended', 'A suspended account is found with its status.');
    skipUnless(store.restore, 'the store has no restore');
    await store.restore(ann.id);
    const { bySubject } = await find('ann', null);
    same(bySubject && comparable(bySubject), comparable(ann), 'suspend and restore change nothing but the status.');
    same((await login()).outcome, 'unchanged', 'restore sets the status to "active".');
  }),
  storeCase('suspend, remove: a conflict between read and write', async ({ store, seed, update, refused }) => {
    const ann = await seed();
    skipUnless(store.suspend, 'the store has no suspend');
    await store.suspend(ann.id);
    await refused(() => update(ann, { name: 'X' }), UserConflict, 'Read the status of the row in the transaction.');
    skipUnless(store.remove, 'the store has no remove');
    await store.remove(ann.id);
    await refused(() => update(ann, { name: 'X' }), UserConflict, 'Read the status of the row in the transaction.');
  }),
  storeCase('suspend, remove: the status is kept, at any moment of an update', async (fixture) => {
    const { setStatus, seed, update, accounts, email, identity, touch } = fixture;
    skipUnless(setStatus, 'the store has no suspend and remove, and the test no setStatus');
    const ann = await seed();
    await touch(ann);
    const began = performance.now();
    await touch(ann);
    const duration = performance.now() - began;
    const moments = 6;
    const runs = (['suspended', 'removed'] as const).flatMap((status) =>
      times(2 * moments, (index) => ({ status, moment: index >> 1, consumesInvitation: index % 2 === 1 })),
    );
    for (const { status, moment, consumesInvitation } of runs) {
      const name = `${status}-${moment}-${consumesInvitation}`;
      const before = consumesInvitation ? 'invited' : 'active';
      const user = await seed({ email: email(name), identities: [identity(name)], status: before });
      const updated = settled(update(user, { name: 'X', ...(consumesInvitation && { status: 'active' }) }));
      await elapse(duration, moment / (moments - 1), moment);
      await setStatus(user.id, status);
      const { error } = await updated;
      const advice =
        'Lock the row (select ... for update) before its status is read, or write where status in (active, invited); write ' +
        'the status only where the changes have one, and never the one that was read before.';
      same(error === undefined || error instanceof UserConflict, true, advice);
      same((await accounts()).find(({ id }) => id === user.id)?.status, status, advice);
    }
  }),
  storeCase('suspend: changes the version', async ({ store, seed, find }) => {
    const ann = await seed();
    skipUnless(store.suspend, 'the store has no suspend');
    skipUnless(ann.version, 'the store keeps no version');
    await store.suspend(ann.id);
    const { bySubject } = await find('ann', null);
    same(bySubject?.version === ann.version, false, 'Each write changes the version, also a write of the application.');
  }),
  storeCase('remove: keeps the row, and its e-mail is free', async ({ store, seed, login, find, create, identity }) => {
    const ann = await seed();
    skipUnless(store.remove, 'the store has no remove');
    await store.remove(ann.id);
    const { bySubject } = await find('ann', null);
    const tombstone = 'remove sets the status to "removed", and keeps e-mail and identities: never delete the row.';
    same(bySubject && comparable(bySubject), { ...comparable(ann), status: 'removed' }, tombstone);
    const refused = await login();
    same('reason' in refused && refused.reason, 'user_removed', tombstone);
    const next = await create({ identity: identity('ann-2') });
    same(next.email, ann.email, 'The e-mail of a removed account is free: leave it out of the unique index.');
  }),
  storeCase('restore: a removed account is active again', async ({ store, seed, login }) => {
    const ann = await seed({ status: 'removed' });
    skipUnless(store.restore, 'the store has no restore');
    await store.restore(ann.id);
    const result = await login();
    same(
      'user' in result && comparable(result.user),
      { ...comparable(ann), status: 'active' },
      'restore keeps the rest.',
    );
  }),
  storeCase('restore: a conflict if the e-mail was taken', async ({ store, seed, refused, email, identity }) => {
    skipUnless(store.restore, 'the store has no restore');
    const ann = await seed({ status: 'removed' });
    await seed({ email: email('ANN'), identities: [identity('ann-2')] });
    const advice =
      'Throw UserConflict if an account that is not removed has the e-mail; the restored one stays removed.';
    await refused(async () => store.restore?.(ann.id), UserConflict, advice);
  }),
  storeCase('restore: an identity that another account has now stays with that account', async (fixture) => {
    const { store, seed, find, accounts, email, identity } = fixture;
    skipUnless(store.restore, 'the store has no restore');
    const ann = await seed({ status: 'removed' });
    const bob = await seed({ email: email('bob'), identities: [identity('ann')] });
    const { error } = await settled(store.restore(ann.id));
    const advice = 'Throw UserConflict, or restore the account without the identity that another account has now.';
    same(error === undefined || error instanceof UserConflict, true, advice);
    const holders = (await accounts()).filter(
      (user) => user.status === 'active' && comparable(user).identities.length > 0,
    );
    same([holders.map(({ id }) => id), (await find('ann', null)).bySubject?.id], [[bob.id], bob.id], advice);
  }),
  oneAccountCase('one account per e-mail: restore is a conflict if another organization took it', async (fixture) => {
    const { store, seed, refused, globex, identity } = fixture;
    skipUnless(store.restore, 'the store has no restore');
    const ann = await seed({ status: 'removed' });
    await seed({ organizationId: globex, identities: [identity('x', { connectionId: 'globex' })] });
    await refused(async () => store.restore?.(ann.id), UserConflict, 'The unique index is on the e-mail only.');
  }),
  storeCase('listStale: active users without a login since a time', async (fixture) => {
    const { store, seed, acme, globex, email, identity } = fixture;
    skipUnless(store.listStale, 'the store has no listStale');
    const earlier = new Date(now.getTime() - 1);
    const person = (name: string, lastLoginAt: Date | null, more: object = {}) =>
      seed({ email: email(name), identities: [identity(name)], name, lastLoginAt, ...more });
    await person('recent', later);
    await person('exactly', now);
    await person('stale', earlier);
    await person('never', null);
    await person('suspended', earlier, { status: 'suspended' });
    await person('removed', earlier, { status: 'removed' });
    await person('invited', null, { status: 'invited' });
    await person('elsewhere', earlier, { organizationId: globex });
    const stale = await store.listStale({ organizationId: acme, olderThan: now });
    const names = stale.map(({ name }) => name).sort();
    same(names, ['never', 'stale'], 'Active users whose lastLoginAt is null or before olderThan, to the millisecond.');
  }),
  storeCase('listStale: a login removes the user from the list', async ({ store, seed, login, acme }) => {
    await seed({ lastLoginAt: now });
    skipUnless(store.listStale, 'the store has no listStale');
    await login({}, { now: later });
    const stale = await store.listStale({ organizationId: acme, olderThan: later });
    same(stale.length, 0, 'Each login writes lastLoginAt, also a login that changes nothing.');
  }),
  separateAccountsCase('organizationsOf: where an e-mail is registered, each once', async (fixture) => {
    const { store, seed, acme, globex, email, identity } = fixture;
    skipUnless(store.organizationsOf, 'the store has no organizationsOf');
    await seed();
    await seed({ status: 'removed', identities: [identity('ann-2')] });
    await seed({ organizationId: globex, status: 'invited', identities: [] });
    await seed({ organizationId: globex, email: email('bob'), identities: [], status: 'removed' });
    const of = async (address: string) => [...((await store.organizationsOf?.(address)) ?? [])].sort();
    const advice =
      'organizationsOf compares by normalizeEmail, omits removed accounts, and returns each organization once.';
    same(await of(email('ANN')), [acme, globex].sort(), advice);
    same(await of(email('bob')), [], advice);
    same(await of(email('unknown')), [], advice);
    same(
      await of('nonsense'),
      [],
      'Text that is not an e-mail address is registered nowhere: normalizeEmail() returns null.',
    );
  }),
];
