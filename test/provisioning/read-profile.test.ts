import { describe, expect, test } from 'vitest';
import { type Assertion, type ReadProfileOptions, readProfile } from '../../src/index.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { assertion, issuer, spEntityId } from './support.ts';

const alice = assertion({
  email: ['alice@other.example', 'alice@acme.example'],
  firstName: ['Alice'],
  lastName: ['Adams'],
  groups: ['staff'],
  appRole: ['admin'],
  hired: ['2026-01-31'],
});
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return error instanceof Error ? error.message : '';
  }
  return 'no error';
};

describe('readProfile', () => {
  test('reads by preset and mapping', () => {
    const profile = readProfile(alice, {
      spEntityId,
      preset: 'okta',
      mapping: { role: 'appRole', customAttributes: { since: { from: 'hired', type: 'date' } } },
      domains: ['ACME.example'],
    });
    expect(profile).toMatchObject({
      subject: 'alice-1',
      subjectSource: 'nameId',
      email: 'alice@acme.example',
      name: 'Alice Adams',
      roleValues: ['admin'],
      groups: { kind: 'values', values: ['staff'] },
      customAttributes: { since: ['2026-01-31T00:00:00.000Z'] },
      required: {},
    });
    expect(readProfile(alice, { spEntityId })).toMatchObject({ email: 'alice@other.example', customAttributes: {} });
  });

  test('an e-mail outside the verified domains is a problem, and never the subject', () => {
    const foreign = { email: ['alice@other.example'] };
    const read = (options: Partial<ReadProfileOptions>, format: string = nameIdFormats.persistent) =>
      readProfile(assertion(foreign, 'alice-1', format), { spEntityId, ...options });
    const emailProblem = { kind: 'domain', received: 'alice@other.example' };
    const domains = ['acme.example'];
    expect(read({ domains })).toMatchObject({ email: null, emailProblem, subject: 'alice-1', name: null });
    expect(read({ domains }, nameIdFormats.transient)).toMatchObject({
      email: null,
      subject: null,
      subjectSource: null,
    });
    expect(read({ domains: ['other.example'] })).toMatchObject({ email: 'alice@other.example', emailProblem: null });
  });

  test('qualifiers are part of the subject only if they differ from issuer and application', () => {
    const qualified = (nameQualifier: string, spNameQualifier: string) =>
      readProfile(assertion({}, 'alice-1', nameIdFormats.persistent, { nameQualifier, spNameQualifier }), {
        spEntityId,
      });
    expect(qualified(issuer, spEntityId)).not.toHaveProperty('nameQualifier');
    expect(qualified('https://up.example', 'https://hub.example')).toMatchObject({
      nameQualifier: 'https://up.example',
      spNameQualifier: 'https://hub.example',
    });
  });

  test('the e-mail is the subject with verified domains, or if `subject` says so', () => {
    const transient = assertion({ email: ['alice@acme.example'] }, 't-1', nameIdFormats.transient);
    const subject = (options: Partial<ReadProfileOptions>) =>
      readProfile(transient, { spEntityId, ...options }).subject;
    expect(subject({})).toBeNull();
    expect(subject({ subject: 'email' })).toBe('alice@acme.example');
    expect(subject({ domains: ['acme.example'] })).toBe('alice@acme.example');
    expect(subject({ domains: ['acme.example'], subject: null })).toBeNull();
  });

  test('refuses XPath, at any depth, with the reason', () => {
    const xpath = { xpath: 'saml:Subject/saml:NameID' } as const;
    const read = (mapping: ReadProfileOptions['mapping']) =>
      messageOf(() => readProfile(alice, { spEntityId, mapping }));
    const reason =
      'by XPath: a selector is evaluated on the signed XML, which an Assertion does not contain. Name the attribute, or use createSso.';
    expect(read({ email: xpath })).toBe(`readProfile cannot read mapping.email ${reason}`);
    expect(read({ customAttributes: { x: { from: ['a', { split: xpath, on: ';' }], type: 'string' } } })).toBe(
      `readProfile cannot read mapping.customAttributes.x ${reason}`,
    );
    expect(read({ email: ['email', 'mail'] })).toBe('no error');
  });

  test.each<[string, object, string]>([
    ['no entity ID', {}, 'spEntityId: is required'],
    ['an unknown key', { spEntityId, domain: 'acme.example' }, 'domain: unknown key, did you mean domains?'],
    [
      'an unknown field of the mapping',
      { spEntityId, mapping: { mail: 'm' } },
      'mapping.mail: unknown key, did you mean mapping.email?',
    ],
    ['an unknown preset', { spEntityId, preset: 'azure' }, 'did you mean entra?'],
    ['a public mail domain', { spEntityId, domains: ['gmail.com'] }, 'domains[0]: gmail.com is a public mail domain'],
    [
      'a constant subject',
      { spEntityId, mapping: { subject: { constant: 'x' } } },
      'mapping.subject: would be the same for several people: a constant alone does not identify a person',
    ],
  ])('refuses %s', (_, options, message) => {
    const invalid = messageOf(() => readProfile(alice, options as ReadProfileOptions));
    expect(invalid).toMatch(/^invalid options of readProfile:/);
    expect(invalid).toContain(message);
  });

  test('refuses what is not an Assertion', () => {
    for (const value of [null, '<Response/>', {}, { ...alice, attributes: {} }])
      expect(messageOf(() => readProfile(value as unknown as Assertion, { spEntityId }))).toBe(
        'readProfile expects the Assertion that validateResponse resolved to',
      );
    expect(messageOf(() => readProfile({ ...alice }, { spEntityId }))).toBe('no error');
  });
});
