import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { keys, optionsFor } from './originals.ts';

const folder = new URL('../fixtures/regressions/', import.meta.url);

function validate(file: string) {
  return validateResponse(readFileSync(new URL(file, folder)).toString('base64'), optionsFor(keys.rsa));
}

// What the fuzzer found, or would have to be right about, with our reasons in invariants/known.ts.
const accepted = [
  'ampersand-in-namespace-name.xml',
  'namespace-name-is-no-uri.xml',
  'reference-with-ten-digits.xml',
  'xml-id-repeats-unsigned-id.xml',
];
const refused = [
  ['comment-in-signed-info.xml', 'signature_invalid', 'SignedInfo contains a comment'],
  ['reference-with-twelve-digits.xml', 'malformed_xml', '"&" does not begin a reference to a character of XML 1.0'],
  ['xml-id-repeats-signed-id.xml', 'signature_wrapped', 'occurs 2 times'],
] as const;

describe('messages that the fuzzer found', () => {
  it('are all tested', () => {
    expect([...accepted, ...refused.map(([file]) => file)].sort()).toEqual(readdirSync(folder).sort());
  });

  it.each(accepted)('accepts %s, with the signed content', async (file) => {
    const { subject, attributes } = await validate(file);
    expect(subject?.nameId).toBe('alice');
    expect(attributes.get('email')).toEqual(['alice@example.test']);
  });

  it.each(refused)('refuses %s', async (file, code, hint) => {
    const error = await validate(file).then(
      () => expect.fail('it was accepted'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SamlError);
    expect(error).toMatchObject({ code, message: new SamlError(code, { hint }).message });
    expect((error as SamlError).hint).toContain(hint);
  });
});
