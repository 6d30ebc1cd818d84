import pino from 'pino';
import { expect, it } from 'vitest';
import { SamlError, type SsoEvent } from '../../src/index.ts';
import { plain } from '../../src/sso/events.ts';
import { begin, jar, key, type Product, product, unsolicited, untrustedKey } from './setup.ts';

/** The lines that pino writes, read back. */
function logged(events: readonly SsoEvent[]): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  for (const event of events) logger.info(event);
  return lines.map((line) => JSON.parse(line));
}

const signing = {
  privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificate: key.certificate,
};

/** One event of each type, and what must not be in any of them. */
async function everyEvent(): Promise<{ events: SsoEvent[]; secrets: readonly string[] }> {
  const app = product({ signing });
  const begun = await begin(app.sso, {});
  const { fields } = await app.idp.login(begun, 'alice-1');
  const samlResponse = fields['SAMLResponse'] ?? '';
  await app.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) });
  await expect(app.sso.completeLogin({ samlResponse, cookies: jar(begun.cookie) })).rejects.toThrow();
  const forged = unsolicited(app, { key: untrustedKey });
  await expect(app.sso.completeLogin({ samlResponse: forged })).rejects.toThrow();
  await app.sso.completeLogin({ samlResponse: unsolicited(app) });
  await app.sso.beginLogin({ connectionId: 'initech' });
  const [user] = await app.users.list('acme');
  const action = { organizationId: 'acme', by: 'support' };
  await app.sso.users.suspend(user?.id ?? '', action);
  await app.sso.users.restore(user?.id ?? '', action);
  await app.sso.users.remove(user?.id ?? '', action);
  const others = [rejecting(), failing()];
  for (const each of others) await each.sso.completeLogin({ samlResponse: unsolicited(each) }).catch(() => {});
  const expiring = app.idp.metadata().replace('entityID=', 'validUntil="2026-11-25T08:00:00Z" entityID=');
  const warned = product({}, { idp: { metadata: expiring } });
  const events = [app, ...others, warned].flatMap((each) => each.events);
  const secrets = [samlResponse, forged].map((text) => text.slice(0, 60));
  return { events, secrets: [...secrets, begun.cookie.slice(30, 90), 'PRIVATE KEY', '<saml', 'a secret of'] };
}

function rejecting(): Product {
  return product({}, { domains: ['other.example'], policy: { idpInitiated: 'allow' } });
}

function failing(): Product {
  const organization = () => Promise.reject(new Error('no database'));
  return product({ organization }, { policy: { idpInitiated: 'allow' } });
}

it('a logger writes each event completely: code, hint, details and reference, and no secret', async () => {
  const { events, secrets } = await everyEvent();
  const lines = logged(events);
  const types = [
    'failed',
    'login',
    'rejected',
    'removed',
    'restarted',
    'restored',
    'suspended',
    'unavailable',
    'warning',
  ];
  expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(types);
  for (const [index, event] of events.entries()) {
    const { error, at, ...fields } = { error: undefined, ...event };
    expect(lines[index]).toMatchObject({ ...fields, at: at.toISOString() });
    for (const [name, value] of Object.entries(fields)) expect(lines[index]?.[name], name).toEqual(value);
    if (error !== undefined) expect(lines[index]?.['error']).toEqual({ name: 'SamlError', code: error.code });
  }
  const failed = lines.filter(({ type }) => type === 'failed');
  expect(failed).toMatchObject([
    { code: 'replayed', details: { assertionId: expect.any(String) } },
    { code: 'untrusted_certificate', details: { received: { subject: 'CN=untrusted.example' } } },
    { code: 'store_failed', hint: expect.stringContaining('no database'), details: { function: 'organization()' } },
  ]);
  const reference = expect.stringMatching(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  for (const line of failed) expect(line).toMatchObject({ hint: expect.stringMatching(/\w/), reference });
  const text = JSON.stringify(lines);
  expect(text).toContain('alice-1');
  for (const secret of secrets) expect(text).not.toContain(secret);
});

it('details contain no errors or dates, at any depth', () => {
  const at = new Date('2026-03-01T09:00:00Z');
  const error = new SamlError('expired', { hint: 'x', details: { expected: '', received: '', clockSkewSeconds: 60 } });
  const details = plain({
    at,
    error,
    list: [at, { error }],
    map: new Map([['a', at]]),
    big: 10n,
    invalid: new Date(Number.NaN),
    none: null,
    absent: undefined,
    number: 1,
  });
  const iso = '2026-03-01T09:00:00.000Z';
  const written = { name: 'SamlError', message: 'the assertion has expired' };
  expect(JSON.parse(JSON.stringify(details))).toEqual({
    at: iso,
    error: written,
    list: [iso, { error: written }],
    map: [['a', iso]],
    big: '10',
    invalid: 'Invalid Date',
    none: null,
    number: 1,
  });
  const endless: Record<string, unknown> = {};
  endless['self'] = endless;
  expect(JSON.stringify(plain(endless))).toContain('[object Object]');
});
