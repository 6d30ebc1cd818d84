import { describe, expect, it } from 'vitest';
import { messages } from '../../src/error-codes.ts';
import { messages as reasons } from '../../src/provisioning/reject.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { product } from '../sso/setup.ts';
import { addresses } from './addresses.ts';
import { acceptedSpellings, certificates, connect } from './certificates.ts';
import { clocks } from './clocks.ts';
import { configuration } from './configuration.ts';
import { logins } from './logins.ts';
import { messageCases } from './messages.ts';
import { metadata } from './metadata.ts';
import { people } from './people.ts';
import { signing } from './signing.ts';
import { at, diagnose, expectPresentable, respond, settle, signIn, signInIdpInitiated } from './support.ts';

const themes = {
  certificates,
  metadata,
  configuration,
  addresses,
  clocks,
  signing,
  messages: messageCases,
  logins,
  people,
};
const cases = Object.values(themes).flat();

describe.each(Object.entries(themes))('%s', (_, theme) => {
  it.each(theme)('$name: $code', async ({ code, cause, remedy, values = [], reproduce, fixed }) => {
    const diagnosis = await diagnose(reproduce);
    expect(diagnosis.code, diagnosis.hint).toBe(code);
    for (const text of [cause, remedy, ...values]) expect(diagnosis.hint).toContain(text);
    expectPresentable(diagnosis);
    const twin = await settle(fixed);
    expect(twin).not.toBeInstanceOf(Error);
    expect(twin).not.toMatchObject({ outcome: 'rejected' });
    expect(twin).not.toMatchObject({ type: 'warning' });
  });
});

it.each(Object.entries(acceptedSpellings))('connects without an error: %s', (_, certificate) => {
  expect(() => connect(certificate)).not.toThrow();
});

// No configuration and no accident causes these codes.
const attacks = {
  forbidden_xml: 'no identity provider writes a DOCTYPE or processing instruction',
  signature_wrapped: 'no identity provider signs one element and attaches the signature to another',
  unexpected_error: 'a bug in this package',
  verifiers_disagree: 'two verifiers disagree only about a message that was crafted for it',
};

it('explain reports several mistakes in one message at once, with the same code and hint as each alone', async () => {
  const app = product();
  const mistakes: readonly Partial<RespondOptions>[] = [
    { destination: 'https://staging.example.com/sso/acs' },
    { audiences: ['https://app.example.com/sso/metadata/'] },
    { notOnOrAfter: at(-900) },
  ];
  const samlResponse = respond(app, Object.assign({}, ...mistakes));
  const failed = (await app.sso.explain({ samlResponse })).rules.filter(({ result }) => result === 'fail');
  const alone = await Promise.all(
    mistakes.map((mistake) => diagnose(() => signInIdpInitiated(product(), { respond: mistake }))),
  );
  expect(failed.map(({ code, hint }) => ({ code, hint }))).toEqual(alone.map(({ code, hint }) => ({ code, hint })));
});

describe('a hint stays short and printable with oversized or hostile values of', () => {
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
  it('has at least 45 cases with unique names', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(45);
  });

  it('covers every error code except those that only attacks cause', () => {
    const covered = new Set(cases.map(({ code }) => code));
    const expected = Object.keys(messages).filter((code) => !Object.hasOwn(attacks, code));
    expect(expected.filter((code) => !new Set<string>(covered).has(code))).toEqual([]);
    expect(Object.keys(attacks).filter((code) => new Set<string>(covered).has(code))).toEqual([]);
  });

  it('covers every rejection reason', () => {
    const covered = new Set<string>(cases.map(({ code }) => code));
    expect(Object.keys(reasons).filter((reason) => !covered.has(reason))).toEqual([]);
  });
});
