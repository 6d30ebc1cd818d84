import { describe, expect, it } from 'vitest';
import { messages } from '../../src/error-codes.ts';
import { messages as reasons } from '../../src/provisioning/reject.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { product } from '../sso/setup.ts';
import { addresses } from './addresses.ts';
import { certificates, connect, spellings } from './certificates.ts';
import { clocks } from './clocks.ts';
import { configuration } from './configuration.ts';
import { logins } from './logins.ts';
import { arriving } from './messages.ts';
import { metadata } from './metadata.ts';
import { people } from './people.ts';
import { signing } from './signing.ts';
import { arrive, at, diagnose, expectPresentable, respond, settle, signIn } from './support.ts';

const themes = { certificates, metadata, configuration, addresses, clocks, signing, arriving, logins, people };
const mishaps = Object.values(themes).flat();

describe.each(Object.entries(themes))('%s', (_, theme) => {
  it.each(theme)('$name: $ends', async ({ ends, cause, remedy, values = [], happens, fixed }) => {
    const diagnosis = await diagnose(happens);
    expect(diagnosis.ends, diagnosis.hint).toBe(ends);
    for (const text of [cause, remedy, ...values]) expect(diagnosis.hint).toContain(text);
    expectPresentable(diagnosis);
    const twin = await settle(fixed);
    expect(twin).not.toBeInstanceOf(Error);
    expect(twin).not.toMatchObject({ outcome: 'rejected' });
    expect(twin).not.toMatchObject({ type: 'warning' });
  });
});

it.each(Object.entries(spellings))('needs no diagnosis: %s', (_, certificate) => {
  expect(() => connect(certificate)).not.toThrow();
});

// Nothing that an administrator configures, and no accident, leads to these.
const attacks = {
  forbidden_xml: 'no identity provider writes a DOCTYPE or processing instruction',
  signature_wrapped: 'no identity provider signs one element and attaches the signature to another',
  unexpected_error: 'a mistake of this package itself',
  verifiers_disagree: 'two verifiers disagree only about a message that was made for that',
};

it('explain names several mishaps of one message at once, in the same words', async () => {
  const app = product();
  const mistakes: readonly Partial<RespondOptions>[] = [
    { destination: 'https://staging.example.com/sso/acs' },
    { audiences: ['https://app.example.com/sso/metadata/'] },
    { notOnOrAfter: at(-900) },
  ];
  const samlResponse = respond(app, Object.assign({}, ...mistakes));
  const failed = (await app.sso.explain({ samlResponse })).rules.filter(({ result }) => result === 'fail');
  const alone = await Promise.all(mistakes.map((mistake) => diagnose(() => arrive(product(), { respond: mistake }))));
  expect(failed.map(({ code, hint }) => ({ ends: code, hint }))).toEqual(
    alone.map(({ ends, hint }) => ({ ends, hint })),
  );
});

describe('a hint stays presentable, whatever the identity provider writes', () => {
  const long = '\u202Eall work \u2028and no play '.repeat(5000);
  const status = { code: 'urn:oasis:names:tc:SAML:2.0:status:Responder', message: long };
  const people = Array.from({ length: 300 }, (_, i) => `person${i}@acme.example`);
  it.each<[string, Partial<RespondOptions>]>([
    ['issuer', { issuer: long, assertionIssuer: long }],
    ['audiences', { audiences: Array.from({ length: 100 }, () => long) }],
    ['destination', { destination: long }],
    ['recipient', { recipient: long }],
    ['status', { user: null, status }],
    ['times', { notOnOrAfter: long }],
    ['method', { confirmationMethod: long }],
    ['InResponseTo', { confirmationInResponseTo: long }],
    ['SPNameQualifier', { spNameQualifier: long }],
    ['e-mail', { attributes: [{ name: 'email', values: [long] }] }],
    ['many e-mails', { attributes: [{ name: 'email', values: people.map((each) => `${each} ${each}`) }] }],
    [
      'attribute names',
      { attributes: people.map((name) => ({ name: `${long}${name}`, values: ['x'] })), nameId: null },
    ],
  ])('%s', async (_, overrides) => {
    expectPresentable(await diagnose(() => signIn(product(), { respond: overrides })));
  });
});

describe('the suite', () => {
  it('holds at least 45 mishaps, each with a name of its own', () => {
    expect(new Set(mishaps.map(({ name }) => name)).size).toBe(mishaps.length);
    expect(mishaps.length).toBeGreaterThanOrEqual(45);
  });

  it('meets every code but those of attacks', () => {
    const met = new Set(mishaps.map(({ ends }) => ends));
    const expected = Object.keys(messages).filter((code) => !Object.hasOwn(attacks, code));
    expect(expected.filter((code) => !new Set<string>(met).has(code))).toEqual([]);
    expect(Object.keys(attacks).filter((code) => new Set<string>(met).has(code))).toEqual([]);
  });

  it('meets every reason of rejections', () => {
    const met = new Set<string>(mishaps.map(({ ends }) => ends));
    expect(Object.keys(reasons).filter((reason) => !met.has(reason))).toEqual([]);
  });
});
