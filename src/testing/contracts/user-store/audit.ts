import { SeatLimitReached, UserConflict } from '../../../provisioning/user-store.ts';
import { type CaseBody, storeCase } from './define.ts';
import { same, skipUnless } from './expect.ts';
import { later, now } from './test-names.ts';

export const auditCases: readonly CaseBody[] = [
  storeCase('audit: one record per write, with the values that were passed', async (fixture) => {
    const { login, records, assertionId, identity, acme, connection, email } = fixture;
    skipUnless(fixture.keepsAudit, 'the store keeps no audit records');
    const name = 'Zoë "Z" \u{1F600}';
    await login();
    await login({}, { now: later });
    await login({ name, email: email('bob') }, { now: later });
    const common = { connectionId: connection().id, organizationId: acme, assertionId, identity: identity('ann') };
    const advice = 'Write guard.audit in the transaction of the write, with exactly the values that it has.';
    same(
      await records(),
      [
        {
          ...common,
          at: now,
          action: 'create',
          changes: [
            { field: 'email', from: null, to: email('ann') },
            { field: 'name', from: null, to: 'Ann' },
            { field: 'role', from: null, to: 'member' },
            { field: 'identity', from: null, to: 'ann' },
          ],
          notes: [],
        },
        { ...common, at: later, action: 'login', changes: [], notes: [] },
        {
          ...common,
          at: later,
          action: 'update',
          changes: [
            { field: 'email', from: email('ann'), to: email('bob') },
            { field: 'name', from: 'Ann', to: name },
          ],
          notes: [],
        },
      ],
      advice,
    );
  }),
  storeCase('audit: notes, and characters of any kind', async ({ seed, update, record, records, keepsAudit }) => {
    skipUnless(keepsAudit, 'the store keeps no audit records');
    const odd = record('update', {
      at: later,
      changes: [
        { field: 'customAttributes.a, "b"', from: 'it\u0027s', to: '\u{1F600} \\ é' },
        { field: 'identity', from: null, to: 'x'.repeat(1024) },
      ],
      notes: ['role_lowered', 'email_conflict'],
    });
    await update(await seed(), { name: 'X' }, { audit: odd });
    same(await records(), [odd], 'Keep audit records to the last character: changes and notes as JSON, say.');
  }),
  storeCase('audit: the qualifiers of an identity', async ({ seed, update, record, records, identity, keepsAudit }) => {
    skipUnless(keepsAudit, 'the store keeps no audit records');
    const qualifiers = { nameQualifier: 'https://hub.example/idp', spNameQualifier: 'https://hub.example/sp' };
    const audit = record('update', { identity: identity('ann', qualifiers) });
    await update(await seed(), { name: 'X' }, { audit });
    const advice = 'Keep nameQualifier and spNameQualifier of the identity of an audit record, too.';
    same(await records(), [audit], advice);
  }),
  storeCase('audit: no record of a refused write', async (fixture) => {
    const { seed, create, records, refused, update, email, identity, keepsAudit } = fixture;
    skipUnless(keepsAudit, 'the store keeps no audit records');
    await seed({ status: 'suspended' });
    const bob = await seed({ email: email('bob'), identities: [identity('bob')] });
    const advice = 'Write the audit record in the same transaction, which is rolled back.';
    await refused(create, UserConflict, advice);
    await refused(() => create({ email: email('x'), identity: identity('x') }, 0), SeatLimitReached, advice);
    await refused(() => update(bob, { email: email('ann') }), UserConflict, advice);
    same(await records(), [], advice);
  }),
];
