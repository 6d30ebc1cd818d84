import { describe, expect, test } from 'vitest';
import type { Profile } from '../../src/provisioning/profile.ts';
import type { RejectReason } from '../../src/provisioning/reject.ts';
import type { Situation } from '../../src/provisioning/situation.ts';
import type { Identity } from '../../src/provisioning/user-store.ts';
import {
  account,
  type Case,
  decideCase,
  identity,
  outcome,
  profile,
  rejection,
  roleAfter,
  type User,
  verdict,
} from './support.ts';

const inOtherOrganization = { id: 'u9', organizationId: 'globex' } as const;
const otherIssuer: Identity = { ...identity, issuer: 'https://idp.old.example' };
const otherConnection: Identity = { ...identity, connectionId: 'acme-entra' };
const otherSubject: Identity = { ...identity, subject: 'alice-0' };
const ordinary = 'you cannot sign in with this account; please ask your administrator';

describe('rejections before any look-up', () => {
  test('rule email-source: no e-mail, not known by subject: email_missing, with the received attributes', () => {
    const missing = { email: null, emailProblem: { kind: 'missing' } } as const;
    const refused = rejection({ profile: { ...missing, receivedAttributes: ['uid', 'e\u202Email'] } });
    expect(refused).toMatchObject({
      reason: 'email_missing',
      message: 'your identity provider did not send your e-mail address',
    });
    expect(refused?.hint).toContain('"uid", "e\\u{202e}mail"');
    expect(verdict({ profile: missing, bySubject: account() })).toBe('none');
    expect(verdict({ profile: { ...missing, subject: null } })).toBe('email_missing');
  });
  test('rule email-source: the hint lists at most thirty of the received attributes, each truncated', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `${i} ${'x'.repeat(5000)}`);
    const missing = { email: null, emailProblem: { kind: 'missing' } } as const;
    const hint = (receivedAttributes: string[]) =>
      rejection({ profile: { ...missing, receivedAttributes } })?.hint ?? '';
    expect(hint(many).length).toBeLessThanOrEqual(2001);
    expect(hint(many.map((_, i) => `${i}`))).toMatch(/"29" and 4970 more\.$/);
    expect(hint(['a', 'b'])).toMatch(/"a", "b"\.$/);
  });
  test('rule email-address: an invalid e-mail: email_invalid, also for known users', () => {
    const invalid = { email: null, emailProblem: { kind: 'invalid', received: 'a b@c' } } as const;
    expect(rejection({ profile: invalid })).toMatchObject({
      reason: 'email_invalid',
      message: 'your identity provider sent an e-mail address that cannot be used',
      hint: 'Expected an e-mail address, received "a b@c"; send one address, without a name or blanks.',
    });
    expect(verdict({ profile: invalid, bySubject: account() })).toBe('email_invalid');
    const lookAlike = { ...invalid, emailProblem: { kind: 'invalid', received: 'a@\uFF41cme.example' } } as const;
    expect(rejection({ profile: lookAlike })?.hint).toContain('the one spelling that IDNA 2008 defines');
  });
  test('rule stable-subject: an invalid subject: subject_invalid, also for known users', () => {
    const refused = (subjectProblem: NonNullable<Profile['subjectProblem']>) => {
      const person = { subject: null, subjectSource: null, subjectProblem };
      expect(rejection({ profile: person, bySubject: account(), byEmail: account() })).toMatchObject({
        reason: 'subject_invalid',
        message: 'your identity provider sent an identifier for you that cannot be used',
      });
      return rejection({ profile: person })?.hint;
    };
    expect(refused({ kind: 'several', received: ['a', 'b\u202E'] })).toMatch(
      /^Expected one value of the attribute that is mapped as subject, received "a", "b\\u{202e}": .* idp\.mapping\.subject /,
    );
    expect(refused({ kind: 'domain', received: 'a@b\u00FCcher.example' })).toMatch(
      /a domain in ASCII, received "a@bücher\.example": .*\(xn--\.\.\.\), or a persistent identifier\.$/,
    );
  });
  test('rule stable-subject: qualifiers of the subject are part of the identity', () => {
    const qualifiers = { nameQualifier: 'https://up.example', spNameQualifier: 'https://hub.example' };
    const qualified = { ...identity, ...qualifiers };
    expect(outcome({ profile: qualifiers })).toMatchObject({ action: 'create', write: { identity: qualified } });
    expect(verdict({ profile: qualifiers, bySubject: account({ identities: [qualified] }) })).toBe('none');
    expect(
      verdict({ bySubject: account({ identities: [{ ...identity, nameQualifier: '', spNameQualifier: '' }] }) }),
    ).toBe('none');
    expect(() => decideCase({ profile: qualifiers, bySubject: account() })).toThrow('without the identity');
    expect(() => decideCase({ bySubject: account({ identities: [qualified] }) })).toThrow('without the identity');
  });
  test('rule stable-subject: no stable key: subject_missing', () => {
    expect(rejection({ profile: { subject: null, subjectSource: null } })).toMatchObject({
      reason: 'subject_missing',
      message: 'your identity provider did not send a lasting identifier for you',
      hint: expect.stringContaining('Attributes received: "email", "full_name", "role".'),
    });
    expect(verdict({})).toBe('create');
  });
  test('rules disabled-connection and sso-not-in-plan: for every user', () => {
    expect(rejection({ connection: { enabled: false }, bySubject: account() })).toMatchObject({
      reason: 'connection_disabled',
      message: 'single sign-on is switched off for your organization',
    });
    expect(rejection({ situation: { organization: { sso: false, seats: null } }, bySubject: account() })).toMatchObject(
      {
        reason: 'sso_not_in_plan',
        message: 'single sign-on is not available for your organization',
      },
    );
  });
  test('rule required-attributes: a required attribute: absent, other or inherited is attribute_mismatch, present passes', () => {
    const policy = { requiredAttributes: { imagekit_id: 'acme-123' } };
    const refused = rejection({ policy, profile: { required: { imagekit_id: ['acme-124'] } } });
    expect(refused).toMatchObject({ reason: 'attribute_mismatch', message: ordinary });
    expect(refused?.hint).toContain('"imagekit_id" with the value "acme-123"; received "acme-124"');
    expect(verdict({ policy, profile: { required: { imagekit_id: null } } })).toBe('attribute_mismatch');
    expect(verdict({ policy, profile: { required: {} } })).toBe('attribute_mismatch');
    expect(verdict({ policy: { requiredAttributes: { toString: 'x' } } })).toBe('attribute_mismatch');
    expect(verdict({ policy, profile: { required: { imagekit_id: ['ACME-123'] } }, bySubject: account() })).toBe(
      'attribute_mismatch',
    );
    expect(verdict({ policy, profile: { required: { imagekit_id: ['x', 'acme-123'] } } })).toBe('create');
  });
});

describe('which account the login belongs to', () => {
  test('rule known-by-subject: found by subject: that is the user, whichever account has the e-mail', () => {
    const other = account({ id: 'u2', email: 'alice@acme.example', identities: [otherSubject] });
    const bySubject = account({ email: 'old@acme.example' });
    expect(decideCase({ bySubject, byEmail: other })).toMatchObject({
      action: 'none',
      user: { id: 'u1' },
      notes: ['email_conflict'],
    });
  });
  test('rule first-identity: an account without an identity is linked and updated', () => {
    expect(outcome({ byEmail: account({ identities: [], name: null }) })).toEqual({
      action: 'update',
      write: { addIdentity: identity, name: 'Alice Adams' },
      changes: [
        { field: 'name', from: null, to: 'Alice Adams' },
        { field: 'identity', from: null, to: 'alice-1' },
      ],
      notes: [],
    });
    expect(verdict({ byEmail: account({ identities: [] }), connection: { domains: [] } })).toBe('update');
  });
  test('rule first-identity: a holder of the protected role is linked only inside the verified domains', () => {
    const owner = account({ identities: [], role: 'owner' });
    const open: Case = { byEmail: owner, profile: { roleValues: ['owner'] }, connection: { domains: [] } };
    expect(rejection(open)).toMatchObject({ reason: 'link_needs_verification', message: ordinary });
    expect(verdict({ ...open, connection: {} })).toBe('update');
    expect(verdict({ ...open, policy: { protectedRole: null } })).toBe('update');
    expect(verdict({ ...open, policy: { protectedRole: 'admin' } })).toBe('update');
  });
  test('rule unverified-email: an unverified e-mail: link_needs_verification', () => {
    for (const identities of [[], [otherConnection], [otherSubject, otherConnection]]) {
      const byEmail = account({ identities, emailVerified: false });
      expect(rejection({ byEmail, policy: { rebind: true } })).toMatchObject({
        reason: 'link_needs_verification',
        message: ordinary,
      });
      expect(verdict({ byEmail: account({ identities }), policy: { rebind: true } })).toBe('update');
    }
    expect(verdict({ bySubject: account({ emailVerified: false }) })).toBe('update');
  });
  test('rule unverified-email: the hint names a remedy that applies to this situation', () => {
    const byEmail = account({ identities: [], emailVerified: false });
    const inApplication = 'Verify the address in the application (emailVerified of the account), or remove the account';
    expect(rejection({ byEmail })?.hint).toBe(
      `Account "u1" has this e-mail address unverified: an attacker may have registered it before its owner. ${inApplication}; or ` +
        'set policy.linkUnverified to "verifiedDomains", which trusts verified domains (its domain is verified for this connection).',
    );
    expect(rejection({ byEmail, connection: { domains: [] } })?.hint).toContain(
      "(its domain is not among the connection's domains: verify it and add it)",
    );
    const elsewhere = account({ identities: [otherConnection], emailVerified: false });
    const hint = rejection({ byEmail: elsewhere, policy: { linkUnverified: 'verifiedDomains' } })?.hint;
    expect(hint).toContain(inApplication);
    expect(hint).not.toContain('linkUnverified');
  });
  test('rule unverified-email: policy.linkUnverified trusts verified domains, verifies the address, and notes it', () => {
    const byEmail = account({ identities: [], emailVerified: false });
    const policy = { linkUnverified: 'verifiedDomains' } as const;
    expect(outcome({ byEmail, policy })).toEqual({
      action: 'update',
      write: { addIdentity: identity, emailVerified: true },
      changes: [
        { field: 'emailVerified', from: 'false', to: 'true' },
        { field: 'identity', from: null, to: 'alice-1' },
      ],
      notes: ['unverified_account_linked'],
    });
    expect(outcome({ byEmail: account({ identities: [] }), policy })).toMatchObject({ notes: [] });
    for (const refused of [
      { byEmail, policy, connection: { domains: [] } },
      { byEmail, policy, connection: { domains: ['other.example', 'acme.example.example'] } },
      { byEmail, policy: { linkUnverified: 'never' } },
    ] as const) {
      expect(verdict(refused)).not.toBe('update');
    }
    // An identity that is there already would keep its way in.
    for (const identities of [[otherConnection], [otherIssuer]]) {
      expect(verdict({ byEmail: account({ identities, emailVerified: false }), policy })).toBe(
        'link_needs_verification',
      );
    }
  });
  test("rule unverified-email: policy.linkUnverified lets no connection reach another organization's account", () => {
    const byEmail = account({ ...inOtherOrganization, identities: [], emailVerified: false });
    expect(verdict({ byEmail, policy: { linkUnverified: 'verifiedDomains' } })).toBe('email_in_other_organization');
  });
  test('rule changed-subject: another subject of this connection and issuer: subject_conflict unless rebind', () => {
    const byEmail = account({ identities: [otherConnection, otherSubject] });
    const refused = rejection({ byEmail });
    expect(refused).toMatchObject({ reason: 'subject_conflict', message: ordinary });
    expect(refused?.hint).toContain('known as "alice-0" at this identity provider; received "alice-1"');
    expect(outcome({ byEmail, policy: { rebind: true } })).toEqual({
      action: 'update',
      write: { addIdentity: identity, removeIdentity: otherSubject },
      changes: [{ field: 'identity', from: 'alice-0', to: 'alice-1' }],
      notes: [],
    });
  });
  test('rule changed-subject: another qualifier is another subject: refused, and a rebinding is a change', () => {
    const nameQualifier = 'https://up.example';
    const input = { byEmail: account(), profile: { nameQualifier } };
    expect(rejection(input)).toMatchObject({
      reason: 'subject_conflict',
      hint: expect.stringContaining('received "alice-1 (NameQualifier "https://up.example")"'),
    });
    expect(outcome({ ...input, policy: { rebind: true } })).toEqual({
      action: 'update',
      write: { addIdentity: { ...identity, nameQualifier }, removeIdentity: identity },
      changes: [{ field: 'identity', from: 'alice-1', to: 'alice-1 (NameQualifier "https://up.example")' }],
      notes: [],
    });
    // A rebinding is reported for every kind of subject.
    const subject = 'alice-1 (NameQualifier "https://up.example")';
    const lookAlike = account({ identities: [{ ...identity, subject }] });
    expect(verdict({ ...input, byEmail: lookAlike, policy: { rebind: true } })).toBe('update');
  });
  test('rule changed-subject precedes rule unverified-email, so that rebind works without verified domains', () => {
    const byEmail = account({ identities: [otherSubject], emailVerified: false });
    const rebound = { byEmail, policy: { rebind: true }, connection: { domains: [] } };
    expect(outcome(rebound)).toMatchObject({
      write: { addIdentity: identity, removeIdentity: otherSubject },
      notes: ['unverified_account_linked'],
    });
    expect(verdict({ ...rebound, policy: {} })).toBe('subject_conflict');
  });
  test.each([
    ['connection', otherConnection],
    ['issuer', otherIssuer],
  ])(
    'rule second-identity: an identity of another %s: linked inside the verified domains, else subject_conflict',
    (_, other) => {
      const byEmail = account({ identities: [other] });
      expect(outcome({ byEmail })).toMatchObject({ action: 'update', write: { addIdentity: identity } });
      expect(rejection({ byEmail, connection: { domains: [] } })).toMatchObject({
        reason: 'subject_conflict',
        message: ordinary,
      });
      expect(verdict({ byEmail, connection: { domains: [] }, policy: { rebind: true } })).toBe('subject_conflict');
    },
  );
  test("rule other-organization: another organization's account: rejected with an ordinary message, and its data not revealed", () => {
    const refused = rejection({ byEmail: account({ ...inOtherOrganization, identities: [], name: 'Secret' }) });
    expect(refused).toMatchObject({ reason: 'email_in_other_organization', message: ordinary });
    expect(refused?.hint).not.toMatch(/globex|u9|Secret/);
    for (const status of ['removed', 'suspended', 'invited'] as const) {
      expect(verdict({ byEmail: account({ ...inOtherOrganization, status }), policy: { recreate: true } })).toBe(
        'email_in_other_organization',
      );
    }
  });
  test('rule other-organization: that an address is in use elsewhere is revealed only if an account would have been created', () => {
    const byEmail = account({ ...inOtherOrganization, identities: [] });
    const silent: Case[] = [
      { policy: { mode: 'off' } },
      { policy: { mode: 'update-only' } },
      { situation: { organization: { sso: true, seats: null, scim: true } } },
      { situation: { organization: { sso: true, seats: 0 } } },
      { profile: { roleValues: ['root'] } },
      { profile: { roleValues: [] } },
    ];
    for (const each of silent) {
      const found = (email: User | null) => ({ ...each.situation, found: { bySubject: null, byEmail: email } });
      const asked = rejection({ ...each, situation: found(byEmail) });
      expect(asked).toEqual(rejection({ ...each, situation: found(null) }));
      expect(asked).not.toBeNull();
    }
  });
  test('rule other-organization: policy.requireDomains: without verified domains an e-mail finds no account, and changes nothing', () => {
    const closed = { connection: { domains: [] }, policy: { requireDomains: true } } as const;
    const refused = rejection(closed);
    expect(refused).toMatchObject({
      reason: 'domain_not_allowed',
      message: ordinary,
      hint: expect.stringContaining(
        'Expected an e-mail address in none, the verified domains of connection "acme-okta" (policy.requireDomains)',
      ),
    });
    for (const byEmail of [account(inOtherOrganization), account({ identities: [] }), account({ status: 'removed' })]) {
      expect(rejection({ ...closed, byEmail })).toEqual(refused);
    }
    const renamed = { ...closed, profile: { email: 'new@acme.example' }, bySubject: account() };
    const kept = outcome(renamed);
    expect(kept).toMatchObject({ action: 'none', notes: ['email_conflict'] });
    expect(outcome({ ...renamed, byEmail: account({ ...inOtherOrganization, email: 'new@acme.example' }) })).toEqual(
      kept,
    );
    // With verified domains the policy changes nothing.
    expect(verdict({ policy: { requireDomains: true } })).toBe('create');
    expect(outcome({ ...renamed, connection: {} })).toMatchObject({ write: { email: 'new@acme.example' } });
  });
  test('rule new-user: no account found: a new account is created', () => {
    expect(outcome({ profile: { customAttributes: { team: ['a', 'b'] } } })).toEqual({
      action: 'create',
      write: {
        organizationId: 'acme',
        email: 'alice@acme.example',
        emailVerified: true,
        name: 'Alice Adams',
        role: 'member',
        identity,
        customAttributes: { team: ['a', 'b'] },
      },
      changes: [
        { field: 'email', from: null, to: 'alice@acme.example' },
        { field: 'name', from: null, to: 'Alice Adams' },
        { field: 'role', from: null, to: 'member' },
        { field: 'identity', from: null, to: 'alice-1' },
        { field: 'customAttributes.team', from: null, to: 'a, b' },
      ],
      notes: [],
    });
  });
  test('rule verified-domains: outside the verified domains: domain_not_allowed, before any account is found by e-mail', () => {
    const outside = { email: 'alice@globex.example' };
    const refused = rejection({ profile: outside });
    expect(refused).toMatchObject({ reason: 'domain_not_allowed', message: ordinary });
    expect(refused?.hint).toContain('Expected an e-mail address in "acme.example"');
    for (const byEmail of [
      account({ ...inOtherOrganization, ...outside }),
      account({ ...outside, status: 'suspended' }),
    ]) {
      expect(rejection({ profile: outside, byEmail })).toEqual(refused);
    }
    expect(verdict({ profile: outside, connection: { domains: [] } })).toBe('create');
    expect(verdict({ profile: outside, bySubject: account() })).toBe('none');
  });
  test('rule removed-user: user_removed by subject and by e-mail, unless recreate', () => {
    const removed = account({ status: 'removed' });
    expect(rejection({ bySubject: removed })).toMatchObject({
      reason: 'user_removed',
      message: 'your account was removed; please ask your administrator',
    });
    expect(verdict({ byEmail: account({ status: 'removed', identities: [otherSubject] }) })).toBe('user_removed');
    expect(outcome({ bySubject: removed, byEmail: removed, policy: { recreate: true } })).toMatchObject({
      action: 'create',
    });
    expect(verdict({ byEmail: removed, policy: { recreate: true } })).toBe('create');
  });
  test('rule suspended-user: user_suspended by subject and by e-mail, with any policy', () => {
    expect(
      rejection({ bySubject: account({ status: 'suspended' }), policy: { recreate: true, mode: 'off' } }),
    ).toMatchObject({
      reason: 'user_suspended',
      message: 'your account is suspended; please ask your administrator',
    });
    expect(verdict({ byEmail: account({ status: 'suspended', identities: [] }), policy: { recreate: true } })).toBe(
      'user_suspended',
    );
  });
  test('rule invited-user: an invitation without a role: the default role, or a rejection', () => {
    const byEmail = account({ identities: [], status: 'invited', role: null });
    const silent: Case = { byEmail, profile: { roleValues: [] } };
    expect(rejection(silent)).toMatchObject({ reason: 'role_missing' });
    expect(outcome({ ...silent, policy: { defaultRole: 'member' } })).toMatchObject({ write: { role: 'member' } });
    expect(outcome({ byEmail })).toMatchObject({ action: 'update', write: { role: 'member' } });
  });
  test('rule invited-user: the first login consumes the invitation; its role is kept unless a role was sent', () => {
    const byEmail = account({ status: 'invited', identities: [], role: 'admin' });
    expect(outcome({ byEmail, profile: { roleValues: [] } })).toEqual({
      action: 'update',
      write: { addIdentity: identity, status: 'active' },
      changes: [
        { field: 'status', from: 'invited', to: 'active' },
        { field: 'identity', from: null, to: 'alice-1' },
      ],
      notes: [],
    });
    const unmapped = { roleValues: [], groups: { kind: 'values', values: ['x'] } } as const;
    expect(roleAfter({ byEmail, profile: unmapped, policy: { roleMap: { staff: 'member' } } })).toEqual(['admin']);
    expect(roleAfter({ byEmail, profile: { roleValues: ['member'] } })).toEqual(['member']);
    const onCreate = { sync: { name: 'onCreate', role: 'onCreate', email: 'onCreate' } } as const;
    expect(roleAfter({ byEmail, policy: onCreate, profile: { roleValues: ['member'] } })).toEqual(['member']);
  });
  test('a store that finds another account is a programming error', () => {
    const wrong: [Case, string][] = [
      [{ bySubject: account(inOtherOrganization) }, 'find() gave bySubject of another organization'],
      [
        { bySubject: account({ identities: [{ ...identity, subject: 'Alice-1' }] }) },
        'find() gave bySubject without the identity that was asked for',
      ],
      [{ byEmail: account({ email: 'älice@acme.example' }) }, 'find() gave byEmail with another e-mail address'],
    ];
    for (const [input, message] of wrong)
      expect(() => decideCase(input)).toThrow(new TypeError(`UserStore: ${message}`));
    expect(verdict({ byEmail: account({ email: 'ALICE@Acme.example', identities: [] }) })).toBe('update');
  });
});

describe('when accounts are created and updated', () => {
  const renamed = { name: 'Alice Baker' };
  test('rule provisioning-mode: create-only: known users are linked and not updated', () => {
    const policy = { mode: 'create-only' } as const;
    expect(verdict({ policy })).toBe('create');
    expect(outcome({ policy, profile: renamed, bySubject: account() })).toMatchObject({ action: 'none', write: {} });
    expect(
      outcome({ policy, profile: { ...renamed, roleValues: ['owner'] }, byEmail: account({ identities: [] }) }),
    ).toEqual({
      action: 'update',
      write: { addIdentity: identity },
      changes: [{ field: 'identity', from: null, to: 'alice-1' }],
      notes: [],
    });
  });
  test('rule provisioning-mode: update-only: unknown users are rejected with not_invited', () => {
    const policy = { mode: 'update-only' } as const;
    expect(rejection({ policy })).toMatchObject({ reason: 'not_invited', message: ordinary });
    expect(verdict({ policy, profile: renamed, bySubject: account() })).toBe('update');
    expect(verdict({ policy, byEmail: account({ identities: [] }) })).toBe('update');
  });
  test('rule provisioning-mode: off: users known by subject sign in unchanged, others are rejected', () => {
    const policy = { mode: 'off' } as const;
    expect(outcome({ policy, profile: renamed, bySubject: account() })).toEqual({
      action: 'none',
      write: {},
      changes: [],
      notes: [],
    });
    expect(rejection({ policy })).toMatchObject({ reason: 'provisioning_disabled', message: ordinary });
    expect(verdict({ policy, byEmail: account({ identities: [] }) })).toBe('provisioning_disabled');
  });
  test('rule seat-limit: without a free seat no account is created; known users can always sign in', () => {
    const full = { organization: { sso: true, seats: 3 }, seatsTaken: 3 };
    expect(rejection({ situation: full })).toMatchObject({
      reason: 'seat_limit_reached',
      message: 'all seats of your organization are taken; please ask your administrator',
      hint: 'All 3 seats of organization "acme" are taken; add seats or remove users.',
    });
    expect(verdict({ situation: { ...full, seatsTaken: 2 } })).toBe('create');
    expect(verdict({ situation: { ...full, seatsTaken: undefined } })).toBe('create');
    const known = { bySubject: account(), byEmail: null };
    expect(verdict({ situation: { ...full, found: known } })).toBe('none');
    expect(verdict({ situation: { ...full, found: { bySubject: null, byEmail: account({ identities: [] }) } } })).toBe(
      'update',
    );
  });
  test('rule field-sync: name and role always, or on creation only', () => {
    const input: Case = { bySubject: account(), profile: { ...renamed, roleValues: ['admin'] } };
    expect(outcome(input)).toEqual({
      action: 'update',
      write: { name: 'Alice Baker', role: 'admin' },
      changes: [
        { field: 'name', from: 'Alice Adams', to: 'Alice Baker' },
        { field: 'role', from: 'member', to: 'admin' },
      ],
      notes: [],
    });
    expect(verdict({ ...input, policy: { sync: { name: 'onCreate', role: 'onCreate', email: 'always' } } })).toBe(
      'none',
    );
  });
  test('rule field-sync: an e-mail is verified only by a login inside the verified domains, also one that is known already', () => {
    const created = (domains: string[]) => outcome({ connection: { domains } });
    expect(created(['acme.example'])).toMatchObject({ write: { emailVerified: true } });
    expect(created([])).toMatchObject({ action: 'create', write: { emailVerified: false } });
    const bySubject = account({ emailVerified: false });
    expect(outcome({ bySubject })).toMatchObject({
      action: 'update',
      changes: [{ field: 'emailVerified', from: 'false', to: 'true' }],
    });
    expect(verdict({ bySubject, connection: { domains: [] } })).toBe('none');
  });
  test('rule field-sync: e-mail always, if free and inside the verified domains; else kept and noted', () => {
    const bySubject = account({ email: 'old@acme.example' });
    const changed = { field: 'email', from: 'old@acme.example', to: 'alice@acme.example' };
    expect(outcome({ bySubject })).toMatchObject({ changes: [changed], notes: [] });
    const unproven = { field: 'emailVerified', from: 'true', to: 'false' };
    expect(outcome({ bySubject, connection: { domains: [] } })).toMatchObject({ changes: [changed, unproven] });
    const tombstone = account({ id: 'u2', status: 'removed', identities: [] });
    expect(outcome({ bySubject, byEmail: tombstone })).toMatchObject({ changes: [changed] });
    const conflict = { changes: [], notes: ['email_conflict'] };
    expect(outcome({ bySubject, byEmail: account({ id: 'u2', identities: [] }) })).toMatchObject(conflict);
    expect(outcome({ bySubject, byEmail: account({ ...inOtherOrganization, status: 'removed' }) })).toMatchObject(
      conflict,
    );
    expect(outcome({ bySubject, profile: { email: 'a@globex.example' } })).toMatchObject(conflict);
    expect(
      outcome({ bySubject, policy: { sync: { name: 'always', role: 'always', email: 'onCreate' } } }),
    ).toMatchObject({ changes: [], notes: [] });
  });
  test('rule field-sync: another spelling of the same e-mail is not a change', () => {
    expect(outcome({ bySubject: account(), profile: { email: 'ALICE@acme.example' } })).toMatchObject({
      action: 'none',
      notes: [],
    });
  });
  test('rule field-sync: a field set by hand is overwritten, unless keepManual names it', () => {
    const provenance = { name: 'manual', role: 'manual', email: 'manual' } as const;
    const input: Case = {
      bySubject: account({ email: 'old@acme.example', provenance }),
      profile: { ...renamed, roleValues: ['admin'] },
    };
    expect(outcome(input)).toMatchObject({
      write: { name: 'Alice Baker', role: 'admin', email: 'alice@acme.example' },
    });
    expect(outcome({ ...input, policy: { keepManual: ['role'] } })).toMatchObject({
      write: { name: 'Alice Baker', email: 'alice@acme.example' },
      notes: ['manual_kept'],
    });
    expect(outcome({ ...input, policy: { keepManual: ['name', 'email', 'role'] } })).toEqual({
      action: 'none',
      write: {},
      changes: [],
      notes: ['manual_kept'],
    });
    const byIdp = account({ provenance: { role: 'idp' } });
    expect(
      roleAfter({ bySubject: byIdp, profile: { roleValues: ['admin'] }, policy: { keepManual: ['role'] } }),
    ).toEqual(['admin']);
  });
  test('rule empty-attributes: an absent attribute changes nothing; an empty attribute clears only clearable fields', () => {
    const empty = { name: 'alice', nameIsFallback: true, nameIsEmpty: true };
    const bySubject = account({ customAttributes: { team: ['a'], city: ['b'] } });
    expect(
      outcome({ bySubject, profile: { ...empty, nameIsEmpty: false }, policy: { clearable: ['name'] } }),
    ).toMatchObject({ action: 'none' });
    expect(outcome({ bySubject, profile: empty })).toMatchObject({ action: 'none' });
    expect(outcome({ bySubject, profile: empty, policy: { clearable: ['name'] } })).toMatchObject({
      changes: [{ field: 'name', from: 'Alice Adams', to: null }],
    });
    expect(outcome({ bySubject, profile: { customAttributes: { team: [] } } })).toMatchObject({ action: 'none' });
    expect(outcome({ bySubject, profile: { customAttributes: { team: ['c', 'd'] } } })).toMatchObject({
      write: { customAttributes: { team: ['c', 'd'], city: ['b'] } },
      changes: [{ field: 'customAttributes.team', from: 'a', to: 'c, d' }],
    });
  });
  const scim: Case = { situation: { organization: { sso: true, seats: null, scim: true } } };
  const scimFound = (found: Partial<Situation<User>['found']>): Case => ({
    situation: { ...scim.situation, found: { bySubject: null, byEmail: null, ...found } },
  });
  test('rule scim-managed: SCIM active: a login creates no account, although policy and seats would allow it', () => {
    expect(rejection(scim)).toMatchObject({
      reason: 'not_provisioned',
      message: ordinary,
      hint: expect.stringContaining('the accounts of organization "acme" are created by SCIM'),
    });
    const tombstone = scimFound({ bySubject: account({ status: 'removed' }) });
    expect(verdict({ ...tombstone, policy: { recreate: true } })).toBe('not_provisioned');
    expect(verdict({ situation: { organization: { sso: true, seats: null, scim: false } } })).toBe('create');
  });
  test('rule scim-managed: SCIM active: known and invited users can sign in, suspended and removed users cannot', () => {
    expect(outcome(scimFound({ bySubject: account() }))).toMatchObject({ action: 'none' });
    const invited = account({ status: 'invited', identities: [] });
    expect(outcome(scimFound({ byEmail: invited }))).toMatchObject({
      action: 'update',
      write: { addIdentity: identity, status: 'active' },
      notes: [],
    });
    expect(verdict(scimFound({ bySubject: account({ status: 'suspended' }) }))).toBe('user_suspended');
    expect(verdict(scimFound({ byEmail: account({ status: 'suspended', identities: [] }) }))).toBe('user_suspended');
    expect(verdict(scimFound({ bySubject: account({ status: 'removed' }) }))).toBe('user_removed');
  });
  test('rule scim-managed: SCIM overrides a login: values of the account are kept and noted, empty fields are filled', () => {
    const sent = {
      name: 'Alice Baker',
      email: 'baker@acme.example',
      roleValues: ['admin'],
      customAttributes: { team: ['b'], city: ['Oslo'] },
    };
    const login = (user: User): object => {
      const { situation } = scimFound({ bySubject: user });
      return outcome({ situation: { ...situation, profile: profile(sent) } });
    };
    expect(login(account({ customAttributes: { team: ['a'], city: [] } }))).toEqual({
      action: 'update',
      write: { customAttributes: { team: ['a'], city: ['Oslo'] } },
      changes: [{ field: 'customAttributes.city', from: '', to: 'Oslo' }],
      notes: ['scim_kept'],
    });
    expect(login(account({ name: null, role: null, email: sent.email }))).toMatchObject({
      write: { name: 'Alice Baker', role: 'admin' },
      notes: [],
    });
    const agreeing = account({ ...sent, role: 'admin', customAttributes: sent.customAttributes });
    expect(login(agreeing)).toEqual({ action: 'none', write: {}, changes: [], notes: [] });
  });
  test('rule empty-attributes: further attributes are cleared individually, and a fallback name is not cleared', () => {
    const bySubject = account({ customAttributes: { team: ['a'], city: ['b'] } });
    const sent = { customAttributes: { team: [], city: [] } };
    expect(outcome({ bySubject, profile: sent, policy: { clearable: ['customAttributes.team'] } })).toMatchObject({
      write: { customAttributes: { city: ['b'] } },
      changes: [{ field: 'customAttributes.team', from: 'a', to: null }],
    });
    const empty = { name: 'alice', nameIsFallback: true, nameIsEmpty: true };
    const clearable = { clearable: ['name'] } as const;
    expect(outcome({ profile: empty, policy: clearable })).toMatchObject({ write: { name: 'alice' } });
    const named = account({ name: 'alice' });
    expect(outcome({ bySubject: named, profile: empty, policy: clearable })).toMatchObject({ action: 'none' });
  });
  test('rule display-name: a fallback name is used for a new account only, and never overwrites a name', () => {
    const fallback = { name: 'alice', nameIsFallback: true };
    expect(outcome({ profile: fallback })).toMatchObject({ write: { name: 'alice' } });
    expect(outcome({ profile: fallback, bySubject: account() })).toMatchObject({ action: 'none' });
  });
  test('rule unchanged-login: nothing changed: only the time of the login is written', () => {
    expect(outcome({ bySubject: account(), byEmail: account() })).toEqual({
      action: 'none',
      write: {},
      changes: [],
      notes: [],
    });
  });
});

describe('order: of several rejections the first of this list wins', () => {
  // Each case goes wrong in its own way and in those of all that follow.
  const steps: [RejectReason, Case][] = [
    ['connection_disabled', { connection: { enabled: false } }],
    ['sso_not_in_plan', { situation: { organization: { sso: false, seats: 0 } } }],
    ['attribute_mismatch', { policy: { requiredAttributes: { tenant: 't' } } }],
    ['email_invalid', { profile: { email: null, emailProblem: { kind: 'invalid', received: 'x' } } }],
    ['subject_invalid', { profile: { subject: null, subjectProblem: { kind: 'domain', received: 'x' } } }],
    ['subject_missing', { profile: { subject: null } }],
    ['domain_not_allowed', { connection: { domains: ['globex.example'] } }],
    ['subject_conflict', { byEmail: account({ identities: [otherSubject], status: 'suspended' }) }],
    ['user_suspended', { byEmail: account({ status: 'suspended', identities: [otherConnection] }) }],
    ['provisioning_disabled', { policy: { mode: 'off' } }],
    ['not_invited', { policy: { mode: 'update-only' } }],
    ['not_provisioned', { situation: { organization: { sso: true, seats: 0, scim: true } } }],
    ['seat_limit_reached', { situation: { organization: { sso: true, seats: 0 } } }],
    ['role_unknown', { profile: { roleValues: ['root'] } }],
    // Last: only an account that would be created reveals that an address is in use elsewhere.
    ['email_in_other_organization', { byEmail: account(inOtherOrganization) }],
  ];
  test.each(steps.map(([reason], index) => [reason, index] as const))('%s', (reason, index) => {
    let merged: Case = {};
    for (const [, each] of steps.slice(index).reverse()) {
      merged = {
        ...merged,
        ...each,
        connection: { ...merged.connection, ...each.connection },
        policy: { ...merged.policy, ...each.policy },
        profile: { ...merged.profile, ...each.profile },
        situation: { ...merged.situation, ...each.situation },
      };
    }
    expect(verdict(merged)).toBe(reason);
  });
  test('rules known-by-subject and suspended-user precede the domain of the e-mail', () => {
    const profile = { email: 'alice@globex.example' };
    expect(verdict({ bySubject: account({ status: 'suspended' }), profile })).toBe('user_suspended');
  });
});
