import { copyMarkup, localNameOf, type Markup, type Place } from '../markup.ts';
import type { Random } from '../random.ts';
import { attributeOf, edit, insertInto, replaceElement, setAttribute } from './edit.ts';
import type { Mutator } from './mutator.ts';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

/** Identifiers of algorithms, allowed ones, forbidden ones and none. */
const algorithms: readonly string[] = [
  ...['aes128-gcm', 'aes192-gcm', 'aes256-gcm', 'rsa-oaep', 'mgf1sha1', 'mgf1sha256'].map((name) => XENC11 + name),
  ...[
    'aes128-cbc',
    'aes192-cbc',
    'aes256-cbc',
    'tripledes-cbc',
    'rsa-1_5',
    'rsa-oaep-mgf1p',
    'kw-aes128',
    'sha256',
  ].map((name) => XENC + name),
  'http://www.w3.org/2000/09/xmldsig#sha1',
  ...['constructor', ''],
];

function named(places: readonly Place[], ...names: readonly string[]): Place[] {
  return places.filter(({ element }) => names.includes(localNameOf(element.name)));
}

/** Changes ciphertext, so that it is still base64 of something. */
function changeBytes(value: Markup, random: Random): void {
  const bytes = Buffer.from(value.children.filter((child) => typeof child === 'string').join(''), 'base64');
  if (bytes.length === 0) return;
  const at = random.oneIn(2) ? Math.max(0, bytes.length - 1 - random.below(33)) : random.below(bytes.length);
  const changed = random.pick([
    (): Uint8Array => bytes.fill((bytes[at] ?? 0) ^ (1 << random.below(8)), at, at + 1),
    (): Uint8Array => bytes.fill(random.below(256), at, at + 1),
    (): Uint8Array => bytes.subarray(0, random.pick([0, 1, 11, 12, 16, 28, 32, bytes.length - 1, bytes.length - 16])),
    (): Uint8Array => Buffer.concat([bytes, Buffer.alloc(random.pick([1, 12, 16]))]),
    (): Uint8Array => Buffer.concat([bytes.subarray(0, 16), bytes.subarray(32)]),
    (): Uint8Array => bytes.fill(0),
  ])();
  value.children = [Buffer.from(changed).toString('base64')];
}

/** Changes ciphertext, of content or of a key, and nothing else. */
export const ciphertextMutator: Mutator = edit('encryption: ciphertext', ({ places, random }) => {
  const value = random.maybe(named(places, 'CipherValue'));
  if (value !== undefined) changeBytes(value.element, random);
});

/** Edits of what is encrypted: ciphertext, algorithms, where the keys stand and for whom they are. */
export const encryptionMutators: readonly Mutator[] = [
  ciphertextMutator,
  edit('encryption: another algorithm', ({ places, random }) => {
    const method = random.maybe(named(places, 'EncryptionMethod', 'DigestMethod', 'MGF'));
    if (method !== undefined) setAttribute(method.element, 'Algorithm', random.pick(algorithms));
  }),
  edit('encryption: a part of another message', ({ places, random, donated }) => {
    const name = random.pick(['CipherValue', 'CipherData', 'EncryptedKey', 'EncryptedData', 'EncryptedAssertion']);
    const [mine, theirs] = [random.maybe(named(places, name)), random.maybe(named(donated(), name))];
    if (mine !== undefined && theirs !== undefined) replaceElement(mine, theirs.element);
  }),
  edit('encryption: move or copy EncryptedKey', ({ places, random }) => {
    const key = random.maybe(named(places, 'EncryptedKey'));
    const into = random.maybe(named(places, 'KeyInfo', 'EncryptedAssertion', 'EncryptedData', 'Response'));
    if (key === undefined || into === undefined) return;
    const copy = copyMarkup(key.element);
    if (random.oneIn(2)) replaceElement(key);
    for (let count = random.pick([1, 1, 2, 6]); count > 0; count--) insertInto(into.element, copyMarkup(copy), random);
  }),
  edit('encryption: Recipient, Id, Type or URI', ({ places, random }) => {
    const place = random.maybe(named(places, 'EncryptedKey', 'EncryptedData', 'RetrievalMethod'));
    if (place === undefined) return;
    const ids = places.flatMap(({ element }) => attributeOf(element, 'Id') ?? []);
    const value = random.pick([
      '',
      'https://sp.example.test',
      'https://other.example.test',
      `${XENC}Content`,
      ...ids,
      ...ids.map((id) => `#${id}`),
    ]);
    setAttribute(place.element, random.pick(['Recipient', 'Id', 'Type', 'URI']), value);
  }),
  edit('encryption: CipherReference', ({ places, random }) => {
    const data = random.maybe(named(places, 'CipherData'));
    const reference: Markup = {
      name: 'xenc:CipherReference',
      attributes: [['URI', 'http://idp.example.test/']],
      children: [],
    };
    if (data !== undefined) insertInto(data.element, reference, random);
  }),
  edit('encryption: OAEPparams', ({ places, random }) => {
    const method = random.maybe(named(places, 'EncryptionMethod'));
    const label: Markup = { name: 'xenc:OAEPparams', attributes: [], children: [random.pick(['', 'QUJD', '!'])] };
    if (method !== undefined) insertInto(method.element, label, random);
  }),
  edit('encryption: rename', ({ places, random }) => {
    const place = random.maybe(named(places, 'EncryptedAssertion', 'EncryptedData', 'EncryptedKey'));
    if (place !== undefined)
      place.element.name = random.pick([
        'saml:EncryptedID',
        'saml:EncryptedAttribute',
        'saml:Assertion',
        'xenc:EncryptedKey',
        'x',
      ]);
  }),
];
