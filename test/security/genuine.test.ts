import { describe, expect, it } from 'vitest';
import { validateResponse } from '../../src/saml/response.ts';
import { attributes } from './genuine-attributes.ts';
import { encryptedParts } from './genuine-encrypted-parts.ts';
import { encryptions } from './genuine-encryption.ts';
import type { Genuine } from './genuine-message.ts';
import { algorithmProducts, encryptionProducts, vendorProducts } from './genuine-products.ts';
import { protocols } from './genuine-protocol.ts';
import { signatures } from './genuine-signatures.ts';
import { spellings } from './genuine-spelling.ts';
import { statements } from './genuine-statements.ts';
import { subjects } from './genuine-subject.ts';
import { values } from './genuine-values.ts';
import { defaults } from './genuine-vendors.ts';

// Each is one thing that an identity provider may do, by a standard or as its product is.
const liberties: Readonly<Record<string, readonly Genuine[]>> = {
  'products as they come': defaults,
  signatures,
  'XML spelled otherwise': spellings,
  'text in values': values,
  'the subject': subjects,
  attributes,
  'statements and conditions': statements,
  'the protocol around it': protocols,
  encryption: encryptions,
  'encrypted parts': encryptedParts,
};

// What they make when two or three of them meet.
const products: Readonly<Record<string, readonly Genuine[]>> = {
  'vendor x what is signed x encrypted': vendorProducts,
  'signature algorithm x digest x canonicalization': algorithmProducts,
  'content encryption x key transport x what is signed': encryptionProducts,
};

describe.each(Object.entries({ ...liberties, ...products }))('genuine: %s', (_group, variants) => {
  it.each(variants)('$name', async ({ field, assertion, options }) => {
    const response = field();
    for (const crossCheck of [true, false]) {
      expect(await validateResponse(response, { ...options, crossCheck })).toEqual(assertion);
    }
  });
});

describe('a variant that needs security.allowAesCbc', () => {
  const needing = Object.values({ ...liberties, ...products })
    .flat()
    .filter(({ options }) => options.allowAesCbc === true);

  it('is one of 16 with AES-CBC around the only signature', () => expect(needing).toHaveLength(16));

  it.each(needing)('is refused without it: $name', async ({ field, options }) => {
    const refused = validateResponse(field(), { ...options, allowAesCbc: undefined });
    await expect(refused).rejects.toMatchObject({
      code: 'algorithm_not_allowed',
      hint: expect.stringContaining('security.allowAesCbc of the connection'),
    });
  });
});

describe('the catalogue', () => {
  const all = Object.values({ ...liberties, ...products }).flat();

  it('contains 538 variations of one message, and 742 variants in total', () => {
    expect(Object.values(liberties).flat()).toHaveLength(538);
    expect(all).toHaveLength(742);
  });

  it('has unique names', () => {
    expect(repeated(all.map(({ name }) => name))).toEqual([]);
  });

  it('contains no message twice', () => {
    // Its preset writes what that of Google does.
    expect(repeated(all, essence).map(({ name }) => name)).toEqual(['jumpcloud, as it comes']);
  });
});

/** What occurs again, or whatever means the same. */
function repeated<T>(list: readonly T[], meaning: (item: T) => unknown = (item) => item): readonly T[] {
  const seen = new Set<unknown>();
  return list.filter((item) => seen.size === seen.add(meaning(item)).size);
}

/** A message without random parts, and its options of validation. */
function essence({ field, assertion, options }: Genuine): string {
  const base64 = field();
  const hide = (text: string): string => text.replace(/[\w+/=]/g, 'x');
  const xml = Buffer.from(base64, 'base64').toString();
  const steady = xml.replace(/(?<=(?:Signature|Digest|Cipher)Value[^>]*>)[^<]+/g, hide);
  return JSON.stringify([steady, /\s/.test(base64) ? hide(base64) : '', assertion, options]);
}
