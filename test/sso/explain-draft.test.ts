import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSso, type ExplainInput, type FieldReason } from '../../src/index.ts';
import { entityId, login, type Product, product, roles, unsolicited } from './setup.ts';

/** The application with the same people and connections, whose store and cache fail at whatever is no mere reading. */
function readOnly({ users, idp, now }: Product, connection: object = {}) {
  const readings = ['find', 'seatsTaken', 'organizationsOf', 'listStale', 'list'];
  const refuse = (name: string) => () => Promise.reject(new Error(`${name}() was called`));
  const store = Object.fromEntries(
    Object.entries(users).map(([name, verb]) => [name, readings.includes(name) ? verb : refuse(name)]),
  ) as unknown as typeof users;
  return createSso({
    baseUrl: 'https://app.example.com/sso',
    secret: 'a secret of more than 32 characters',
    roles,
    users: store,
    replayCache: { claim: refuse('claim') },
    connections: { id: 'acme', organizationId: 'acme', idp: { metadata: idp.metadata() }, ...connection },
    now,
  });
}

async function admitted(): Promise<{ app: Product; sso: ReturnType<typeof readOnly>; samlResponse: string }> {
  const app = product({}, { policy: { idpInitiated: 'allow' } });
  await login(app);
  return { app, sso: readOnly(app), samlResponse: unsolicited(app) };
}

const fieldsOf = async (sso: ReturnType<typeof readOnly>, input: ExplainInput) => {
  const { decision } = await sso.explain(input);
  if (decision === null || decision.action === 'reject') throw new Error(decision?.reason ?? 'no decision');
  return Object.fromEntries(decision.fields.map(({ field, ...rest }) => [field, rest]));
};

describe('a dry run', () => {
  it('the read-only application of these tests fails at a write or a claim', async () => {
    const { app, samlResponse } = await admitted();
    const allowing = readOnly(app, { policy: { idpInitiated: 'allow' } });
    await expect(allowing.completeLogin({ samlResponse })).rejects.toMatchObject({
      code: 'store_failed',
      hint: expect.stringContaining('claim() was called'),
    });
  });

  it('shows for a draft policy how the role and each field would change, and writes and claims nothing', async () => {
    const { app, sso, samlResponse } = await admitted();
    const before = await app.users.list('acme');
    expect(await fieldsOf(sso, { samlResponse })).toEqual({
      email: { current: 'alice@acme.example', proposed: 'alice@acme.example', reason: 'same' },
      name: { current: 'Alice Liddell', proposed: 'Alice Liddell', reason: 'same' },
      role: { current: 'admin', proposed: 'admin', reason: 'same' },
    });
    const draft = { policy: { roleCeiling: 'member', protectedRole: null } };
    expect(await fieldsOf(sso, { samlResponse, draft })).toMatchObject({
      role: { current: 'admin', proposed: 'member', reason: 'role_lowered' },
    });
    expect(await app.users.list('acme')).toEqual(before);
    // The draft is in force for one explanation alone.
    expect(await fieldsOf(sso, { samlResponse })).toMatchObject({ role: { reason: 'same' } });
  });

  it('shows the fields that a draft mapping would read', async () => {
    const { app, sso, samlResponse } = await admitted();
    const idp = { metadata: app.idp.metadata(), mapping: { name: 'firstName', groups: 'memberOf', role: 'group' } };
    const connection = { id: 'acme', organizationId: 'acme', idp, policy: { defaultRole: 'member' } };
    expect(await fieldsOf(sso, { samlResponse, draft: { connection } })).toMatchObject({
      name: { current: 'Alice Liddell', proposed: 'Alice', reason: 'set' },
      role: { current: 'admin', proposed: 'admin', reason: 'role_unconfirmed' },
    });
    const named = await sso.explain({ samlResponse, draft: { connection: { idp } } });
    expect(named).toMatchObject({ connectionId: 'acme', decision: { user: { organizationId: 'acme' } } });
  });

  it('shows that a login would be rejected with the draft, or no longer be rejected', async () => {
    const { app, sso, samlResponse } = await admitted();
    const wrong = { policy: { requiredAttributes: { tenant: 'acme-123' } } };
    expect(await sso.explain({ samlResponse, draft: wrong })).toMatchObject({
      verdict: 'reject',
      decision: { action: 'reject', reason: 'attribute_mismatch' },
    });
    const strict = readOnly(app, { policy: { idpInitiated: 'refuse' } });
    expect((await strict.explain({ samlResponse })).verdict).toBe('reject');
    const draft = { policy: { idpInitiated: 'allow' } } as const;
    expect((await strict.explain({ samlResponse, draft })).verdict).toBe('accept');
  });

  it('gives a draft policy priority over the policy of a draft connection', async () => {
    const { app, sso, samlResponse } = await admitted();
    const connection = {
      idp: { metadata: app.idp.metadata() },
      policy: { mode: 'off', roleCeiling: 'member' },
    } as const;
    const role = async (draft: ExplainInput['draft']) => (await fieldsOf(sso, { samlResponse, draft }))['role'];
    expect(await role({ connection })).toMatchObject({ proposed: 'admin', reason: 'mode' });
    expect(await role({ connection, policy: { mode: 'create-and-update' } })).toMatchObject({
      proposed: 'member',
      reason: 'role_lowered',
    });
  });

  it('predicts that an account would be created, with its fields', async () => {
    const app = product();
    const sso = readOnly(app);
    expect(await fieldsOf(sso, { samlResponse: unsolicited(app) })).toEqual({
      email: { current: null, proposed: 'alice@acme.example', reason: 'set' },
      name: { current: null, proposed: 'Alice Liddell', reason: 'set' },
      role: { current: null, proposed: 'admin', reason: 'set' },
      identity: { current: null, proposed: 'alice-1', reason: 'linked' },
    });
  });

  it('validates a stored message at the time when it was made', async () => {
    const { app, sso, samlResponse } = await admitted();
    app.pass(400 * 86_400);
    expect((await sso.explain({ samlResponse })).verdict).toBe('reject');
    expect((await sso.explain({ samlResponse, now: 'issued' })).verdict).toBe('accept');
    const nonsense = Buffer.from('<a IssueInstant="yesterday"/>').toString('base64');
    expect((await sso.explain({ samlResponse: nonsense, now: 'issued' })).verdict).toBe('reject');
  });

  it('validates a message with the Issuer and ACS URL of a draft connection', async () => {
    const { app, sso, samlResponse } = await admitted();
    const other = product({}, {}, { entityId: 'https://other.example/metadata' });
    const draft = { connection: { idp: { metadata: other.idp.metadata() } } };
    const explained = await sso.explain({ samlResponse, draft });
    expect(explained).toMatchObject({ verdict: 'reject', decision: null, assertion: null });
    expect(explained.rules.filter(({ result }) => result === 'fail').map(({ code }) => code)).toContain(
      'issuer_mismatch',
    );
    const own = { connection: { idp: { metadata: app.idp.metadata() }, acs: 'own' } } as const;
    expect((await sso.explain({ samlResponse, draft: own })).rules.at(-1)).toMatchObject({
      code: 'destination_mismatch',
    });
    const posted = unsolicited(app, { acsUrl: 'https://app.example.com/sso/acs/acme', audience: entityId });
    expect((await sso.explain({ samlResponse: posted, connectionId: 'acme', draft: own })).verdict).toBe('accept');
  });

  it.each<[string, object, RegExp]>([
    ['a key', { polcy: {} }, /^draft: unknown key "polcy", did you mean policy\?$/],
    [
      'a key of the policy',
      { policy: { roleMpa: {} } },
      /^invalid draft:\n {2}policy\.roleMpa: unknown key, did you mean/,
    ],
    [
      'a role',
      { policy: { roleMap: { staff: 'membr' } } },
      /^invalid draft:\n {2}policy\.roleMap\.staff: "membr" is not a role of the application .*did you mean member\?$/,
    ],
    ['a connection', { connection: { idp: {} } }, /^invalid draft\.connection:\n {2}idp/],
    [
      'a mode',
      { connection: { idp: {}, policy: { mode: 'on' } } },
      /^invalid draft\.connection:\n(.*\n)* {2}policy\.mode: /,
    ],
  ])('names the path of %s that is wrong', async (_, draft, message) => {
    const { sso, samlResponse } = await admitted();
    const input: ExplainInput = { samlResponse, draft };
    await expect(sso.explain(input)).rejects.toThrow(TypeError);
    await expect(sso.explain(input)).rejects.toThrow(message);
  });

  it('refuses a draft that could not begin a login, or that is for another connection', async () => {
    const { app, sso, samlResponse } = await admitted();
    const idp = { metadata: app.idp.metadata() };
    const signing = { connection: { idp: { ...idp, signRequests: true } } };
    await expect(sso.explain({ samlResponse, draft: signing })).rejects.toThrow('give createSso a signing key');
    await expect(sso.explain({ samlResponse, connectionId: 'globex', draft: { connection: { idp } } })).rejects.toThrow(
      'draft.connection.id is "acme", and connectionId names another, "globex"',
    );
    const several = product({
      connections: [
        { id: 'a', organizationId: 'a', idp },
        { id: 'b', organizationId: 'b', idp: { ...idp, preset: 'okta' } },
      ],
    });
    await expect(several.sso.explain({ samlResponse, draft: { connection: { idp } } })).rejects.toThrow(
      /^invalid draft\.connection:\n {2}id: is required .*\n {2}organizationId: is required/,
    );
  });
});

it('docs/provisioning.md explains every reason of a field', () => {
  const page = readFileSync(new URL('../../docs/provisioning.md', import.meta.url), 'utf8');
  const section = page.split('\n## Try a change first\n')[1]?.split('\n## ')[0] ?? '';
  const explained = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => reason),
  );
  const source = readFileSync(new URL('../../src/provisioning/decision.ts', import.meta.url), 'utf8');
  const union = /export type FieldReason =([^;]*);/.exec(source)?.[1] ?? '';
  const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
  expect(reasons).toContain('manual_kept' satisfies FieldReason);
  expect(explained.sort()).toEqual(reasons.sort());
});
