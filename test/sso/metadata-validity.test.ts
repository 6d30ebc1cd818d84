import { describe, expect, it } from 'vitest';
import type { ConnectionInput, SamlError } from '../../src/index.ts';
import { onceADay } from '../../src/lib/once-a-day.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { begin, jar, key, type Product, product, start, unsolicited } from './setup.ts';

const day = 86_400_000;
const idp = createTestIdp({ key });
const at = (days: number): string => new Date(start.getTime() + days * day).toISOString();
const metadata = (validUntil: string): string =>
  idp.metadata().replace('entityID=', `validUntil="${validUntil}" entityID=`);
const expiring = (days: number): Product =>
  product({}, { idp: { metadata: metadata(at(days)) }, policy: { idpInitiated: 'allow' } });
const warningsOf = ({ events }: Product) => events.filter(({ type }) => type === 'warning');

async function refusal(promise: Promise<unknown>): Promise<SamlError> {
  return await promise.then(
    () => Promise.reject(new Error('it was accepted')),
    (error: SamlError) => error,
  );
}

describe('validUntil of the metadata', () => {
  it.each([
    ['a long time ahead', 30, []],
    ['a week and a second ahead', 7 + 1 / 86_400, []],
    ['a week ahead', 7, ['metadata_expiring']],
    ['now', 0, ['metadata_expired']],
    ['almost a week ago', -7 + 1 / 86_400, ['metadata_expired']],
  ])('%s: logins work, with warnings %j', async (_, days, warnings) => {
    const app = expiring(days);
    expect((await app.sso.beginLogin({})).kind).toBe('redirect');
    expect(await app.sso.completeLogin({ samlResponse: unsolicited(app) })).toMatchObject({ outcome: 'created' });
    expect(warningsOf(app)).toMatchObject(warnings.map((warning) => ({ warning, connectionId: 'acme' })));
  });

  it('a week ago: a login can neither begin nor complete, and nothing is claimed', async () => {
    const app = expiring(-7);
    const refused = {
      code: 'connection_unavailable',
      message: 'single sign-on is not available for this connection',
      details: { reason: 'metadata_expired', expected: at(0), received: at(-7) },
    };
    const begun = await refusal(app.sso.beginLogin({}));
    expect(begun).toMatchObject(refused);
    expect(begun.hint).toContain(
      `expired at ${at(-7)} (validUntil), and the 7 days after that are over. Download it again`,
    );
    const samlResponse = unsolicited(app);
    expect(await refusal(app.sso.completeLogin({ samlResponse }))).toMatchObject(refused);
    expect(app.events).toMatchObject([
      { type: 'warning', warning: 'metadata_expired', hint: expect.stringContaining('Logins are refused from') },
      { type: 'failed', code: 'connection_unavailable', connectionId: 'acme', organizationId: 'acme' },
      { type: 'failed', code: 'connection_unavailable', connectionId: 'acme', organizationId: 'acme' },
    ]);
    const { verdict, rules } = await app.sso.explain({ samlResponse });
    expect(verdict).toBe('reject');
    expect(rules.at(-1)).toMatchObject({ rule: 'metadata', result: 'fail', code: 'connection_unavailable' });
  });

  it('is checked while the application runs: a login that began before it is refused after it', async () => {
    const app = product({}, { idp: { metadata: metadata(at(1)) } });
    app.pass(8 * 86_400 - 60);
    const begun = await begin(app.sso, {});
    const { fields } = await app.idp.login(begun, 'alice-1');
    app.pass(60);
    const input = { samlResponse: fields['SAMLResponse'] ?? '', cookies: jar(begun.cookie) };
    expect(await refusal(app.sso.completeLogin(input))).toMatchObject({ code: 'connection_unavailable' });
  });

  it('does not affect other connections, in a list or in a store', async () => {
    const expired: ConnectionInput = {
      id: 'old',
      organizationId: 'old',
      idp: { metadata: metadata('2020-01-01T00:00:00Z') },
    };
    const other = createTestIdp({ key, entityId: 'urn:other' });
    const fine: ConnectionInput = { id: 'fine', organizationId: 'fine', idp: { metadata: other.metadata() } };
    const rows = [expired, fine];
    const stored = rows.map((settings) => ({ settings }));
    const store = {
      get: async (id: string) => stored.find(({ settings }) => settings.id === id) ?? null,
      find: async () => stored,
    };
    for (const connections of [rows, store]) {
      const { sso } = product({ connections });
      expect((await sso.beginLogin({ connectionId: 'fine' })).kind).toBe('redirect');
      expect((await sso.beginLogin({ organizationId: 'fine' })).kind).toBe('redirect');
      expect(await refusal(sso.beginLogin({ connectionId: 'old' }))).toMatchObject({ code: 'connection_unavailable' });
    }
  });

  it('in the past does not make createSso fail: it warns', () => {
    const app = expiring(-1000);
    expect(app.events).toMatchObject([{ type: 'warning', warning: 'metadata_expired', connectionId: 'acme' }]);
  });

  it('causes one warning a day, and one for each state', async () => {
    const app = expiring(1);
    for (const seconds of [0, 3600, 86_400, 3600, 86_400]) {
      app.pass(seconds);
      await app.sso.beginLogin({});
    }
    expect(warningsOf(app)).toMatchObject([
      { warning: 'metadata_expiring', at: start },
      { warning: 'metadata_expired', at: new Date(start.getTime() + 90_000_000) },
      { warning: 'metadata_expired', at: new Date(start.getTime() + 180_000_000) },
    ]);
  });
});

describe('onceADay', () => {
  it('is true for each key once a day, and again if too many keys are remembered', () => {
    let time = start.getTime();
    const first = onceADay(() => new Date(time));
    expect(['a', 'a', 'b', 'a'].map(first)).toEqual([true, false, true, false]);
    time += day;
    expect(first('a')).toBe(true);
    for (let i = 0; i < 10_000; i++) first(`key ${i}`);
    expect([first('late'), first('late'), first('a')]).toEqual([true, true, false]);
  });
});
