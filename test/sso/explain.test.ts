import { describe, expect, it, vi } from 'vitest';
import { createTestIdp } from '../../src/testing/index.ts';
import { begin, jar, key, login, product, unsolicited, untrustedKey } from './setup.ts';

describe('explain', () => {
  it('predicts what a login would do, and writes and claims nothing', async () => {
    const claim = vi.fn(async () => true);
    const app = product({ replayCache: { claim } }, { policy: { idpInitiated: 'allow' } });
    const samlResponse = unsolicited(app);
    const explained = await app.sso.explain({ samlResponse });
    expect(explained).toMatchObject({
      verdict: 'accept',
      connectionId: 'acme',
      decision: { action: 'create' },
      profile: { email: 'alice@acme.example' },
    });
    expect(explained.rules.every(({ result }) => result === 'pass')).toBe(true);
    expect(await app.users.list('acme')).toHaveLength(0);
    expect(claim).not.toHaveBeenCalled();
    expect((await app.sso.completeLogin({ samlResponse })).outcome).toBe('created');
    app.idp.updateUser('alice-1', { role: 'member' });
    expect((await app.sso.explain({ samlResponse: unsolicited(app) })).decision).toMatchObject({
      action: 'update',
      changes: [{ field: 'role', from: 'admin', to: 'member' }],
    });
    expect((await app.users.list('acme'))[0]?.role).toBe('admin');
  });

  it('validates a stored message at another time', async () => {
    const app = product();
    const samlResponse = unsolicited(app);
    const then = app.now();
    app.pass(3600);
    const late = await app.sso.explain({ samlResponse });
    expect(late.verdict).toBe('reject');
    expect(late.rules.filter(({ result }) => result === 'fail').map(({ code }) => code)).toContain('expired');
    expect((await app.sso.explain({ samlResponse, now: then })).verdict).toBe('accept');
  });

  it('names every broken rule, not only the first', async () => {
    const app = product();
    const samlResponse = unsolicited(app, {
      audience: 'https://other.example',
      recipient: 'https://other.example/acs',
      destination: 'https://other.example/acs',
    });
    const { verdict, assertion, rules } = await app.sso.explain({ samlResponse });
    expect(verdict).toBe('reject');
    expect(assertion).toBeNull();
    expect(rules.filter(({ result }) => result === 'fail').map(({ code }) => code)).toEqual(
      expect.arrayContaining(['audience_mismatch', 'recipient_mismatch', 'destination_mismatch']),
    );
  });

  it('rejects a message whose profile cannot be read, as a login does', async () => {
    const groups = (count: number) => [Array.from({ length: count }, (_, index) => `g${index}`).join(',')];
    const explain = async (count: number) => {
      const user = {
        id: 'alice-1',
        email: 'alice@acme.example',
        firstName: 'Alice',
        lastName: 'Adams',
        groups: groups(count),
      };
      const idp = createTestIdp({ key, users: [user] });
      const mapping = { groups: { split: 'groups', on: ',' } };
      const app = product(
        {},
        { idp: { metadata: idp.metadata(), mapping }, policy: { defaultRole: 'member' } },
        { users: [user] },
      );
      return await app.sso.explain({ samlResponse: unsolicited(app) });
    };
    expect(await explain(5000)).toMatchObject({ verdict: 'accept', decision: { action: 'create' } });
    const { verdict, decision, rules } = await explain(5001);
    expect({ verdict, decision }).toEqual({ verdict: 'reject', decision: null });
    expect(rules.filter(({ result }) => result === 'fail')).toMatchObject([
      { rule: 'profile', code: 'message_too_large' },
    ]);
  });

  it('gives the reason of a rejection by policy', async () => {
    const app = product({}, { domains: ['other.example'] });
    expect(await app.sso.explain({ samlResponse: unsolicited(app) })).toMatchObject({
      verdict: 'reject',
      decision: {
        action: 'reject',
        reason: 'domain_not_allowed',
        details: { domains: ['other.example'] },
      },
    });
  });

  it('never throws for a message, and reveals nothing of an untrusted one', async () => {
    const app = product();
    for (const samlResponse of [
      '',
      'x',
      Buffer.from('<a/>').toString('base64'),
      unsolicited(app, { key: untrustedKey }),
    ]) {
      const explained = await app.sso.explain({ samlResponse });
      expect(explained).toMatchObject({ verdict: 'reject', assertion: null, profile: null, decision: null });
      expect(explained.rules.at(-1)).toMatchObject({ result: 'fail' });
    }
  });

  it('reports that the connection refuses unsolicited responses', async () => {
    const app = product({}, { policy: { idpInitiated: 'refuse' } });
    const { verdict, rules } = await app.sso.explain({ samlResponse: unsolicited(app) });
    expect(verdict).toBe('reject');
    expect(rules.at(-1)).toMatchObject({ rule: 'unsolicited', result: 'fail', code: 'unsolicited_not_allowed' });
    const restarting = product();
    expect((await restarting.sso.explain({ samlResponse: unsolicited(restarting) })).verdict).toBe('accept');
  });

  it('checks the browser if its cookies are given', async () => {
    const app = product();
    const begun = await begin(app.sso, {});
    const { fields } = await app.idp.login(begun, 'alice-1');
    const samlResponse = fields['SAMLResponse'] ?? '';
    expect((await app.sso.explain({ samlResponse, cookies: jar(begun.cookie) })).verdict).toBe('accept');
    const elsewhere = await app.sso.explain({ samlResponse, cookies: 'other=1' });
    expect(elsewhere.rules.find(({ rule }) => rule === 'browser')).toMatchObject({
      result: 'fail',
      code: 'browser_mismatch',
    });
    await login(app);
  });
});
