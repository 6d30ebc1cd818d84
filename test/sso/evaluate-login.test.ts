import { describe, expect, it } from 'vitest';
import type { CompleteLoginInput, PolicyInput } from '../../src/index.ts';
import { SamlError } from '../../src/index.ts';
import { begin, jar, type Product, product, requestIdOf, unsolicited, untrustedKey } from './setup.ts';

/** As a program in JavaScript could call it. */
const complete = (app: Product, input: object) => app.sso.completeLogin(input as CompleteLoginInput);

const elsewhere = 'https://other.example/';

/** The answer to a login that began in this browser. */
async function answered(app: Product): Promise<{ samlResponse: string; cookies: string; requestId: string }> {
  const begun = await begin(app.sso, {});
  const { fields } = await app.idp.login(begun, 'alice-1');
  return {
    samlResponse: fields['SAMLResponse'] ?? '',
    cookies: jar(begun.cookie),
    requestId: requestIdOf(begun),
  };
}

describe('completing a login', () => {
  it('ignores the options of an explanation: any browser, another request, another time, a draft', async () => {
    const app = product();
    const { samlResponse, cookies, requestId } = await answered(app);
    const policy: PolicyInput = { idpInitiated: 'allow' };
    const assumed = { inResponseTo: null, now: app.now(), draft: { policy } };
    await expect(complete(app, { samlResponse, ...assumed })).rejects.toMatchObject({
      code: 'browser_mismatch',
      message: 'the login was not started in this browser, or took too long',
    });
    const named = { samlResponse, ...assumed, inResponseTo: requestId };
    await expect(complete(app, named)).rejects.toMatchObject({ code: 'browser_mismatch' });
    // The explanation takes any browser where no cookies are given.
    expect(await app.sso.explain({ samlResponse })).toMatchObject({ verdict: 'accept' });

    const late = product();
    const slow = await answered(late);
    const issued = late.now();
    late.pass(1200);
    await expect(complete(late, { ...slow, now: issued })).rejects.toMatchObject({ code: 'expired' });
    expect(await late.sso.explain({ ...slow, now: 'issued' })).toMatchObject({ verdict: 'accept' });

    const refusing = product({}, { policy: { idpInitiated: 'refuse' } });
    const drafted = { samlResponse: unsolicited(refusing), draft: { policy } };
    await expect(complete(refusing, drafted)).rejects.toMatchObject({ code: 'unsolicited_not_allowed' });

    expect(await app.sso.completeLogin({ samlResponse, cookies })).toMatchObject({ outcome: 'created' });
  });
});

describe('an explanation', () => {
  it.each<[string, (app: Product) => Promise<CompleteLoginInput> | CompleteLoginInput]>([
    ['encoding', () => ({ samlResponse: '!' })],
    ['connection', (app) => ({ samlResponse: unsolicited(app, { issuer: elsewhere }) })],
    ['connection', (app) => ({ samlResponse: unsolicited(app), connectionId: 'unknown' })],
    ['signatures', (app) => ({ samlResponse: unsolicited(app, { key: untrustedKey }) })],
    ['destination', (app) => ({ samlResponse: unsolicited(app, { destination: elsewhere, audience: elsewhere }) })],
    ['audience', (app) => ({ samlResponse: unsolicited(app, { audience: elsewhere, recipient: elsewhere }) })],
    ['browser', async (app) => ({ samlResponse: (await answered(app)).samlResponse, cookies: 'a=1' })],
    ['unsolicited', (app) => ({ samlResponse: unsolicited(app) })],
  ])('fails first where completing the login fails: %s', async (rule, makeInput) => {
    const app = product({}, { policy: { idpInitiated: 'refuse' } });
    const input = await makeInput(app);
    const thrown: unknown = await app.sso.completeLogin(input).catch((error: unknown) => error);
    if (!(thrown instanceof SamlError)) return expect.fail('it was accepted');
    const { verdict, assertion, rules } = await app.sso.explain(input);
    expect({ verdict, assertion }).toEqual({ verdict: 'reject', assertion: null });
    const [first] = rules.filter(({ result }) => result === 'fail');
    expect(first).toMatchObject({ rule, code: thrown.code, hint: thrown.hint });
  });

  it('has the same steps, in the same order, for an accepted login', async () => {
    const app = product();
    const { samlResponse, cookies } = await answered(app);
    const { rules } = await app.sso.explain({ samlResponse, cookies });
    const names = rules.map(({ rule }) => rule);
    const order = ['encoding', 'connection', 'metadata', 'status', 'signatures', 'assertion', 'browser', 'crossCheck'];
    expect(names.filter((name) => order.includes(name))).toEqual(order);
    expect(await app.sso.completeLogin({ samlResponse, cookies })).toMatchObject({ outcome: 'created' });
  });
});
