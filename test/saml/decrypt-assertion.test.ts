import { describe, expect, it } from 'vitest';
import { explainResponse } from '../../src/saml/explain.ts';
import { namespaces } from '../../src/saml/names.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { type EncryptionStyle, encryptXml } from '../../src/testing/idp/encrypt.ts';
import type { RespondOptions } from '../../src/testing/idp/test-idp.ts';
import type { Signs } from '../../src/testing/idp/vendors.ts';
import { maskGenerations, oaepDigests } from '../../src/xml/encryption-algorithms.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { keyPair } from '../support/signing.ts';
import { decode, encode, expectError, expectRefused, options, rejectionOf, respond, validate } from './support.ts';

const pair = decryptionPair();
const { serviceProvider } = options;
const withKeys = (...decryptionKeys: readonly string[]): Partial<ValidateResponseOptions> => ({
  serviceProvider: { ...serviceProvider, decryptionKeys },
});
const ours = withKeys(pemOf(pair));
/** The operator allows AES-CBC where only the assertion inside is signed. */
const withCbc = { ...ours, allowAesCbc: true };
const { certificate } = pair;
const XENC = namespaces.encryption;
const XENC11 = namespaces.encryption11;
const CBC = `${XENC}aes256-cbc`;

const encrypted = (style: Partial<EncryptionStyle> = {}, overrides: Partial<RespondOptions> = {}): string =>
  respond({ encryption: { certificate, ...style }, ...overrides });
/** The Response edited afterwards: nothing outside of the encryption is signed. */
const edited = (edit: (xml: string) => string, style: Partial<EncryptionStyle> = {}): string =>
  encode(edit(decode(encrypted(style))));
/** A Response with this in place of the Assertion. */
const holding = (xml: string, style: Partial<EncryptionStyle> = {}, overrides: Partial<RespondOptions> = {}): string =>
  respond({
    ...overrides,
    mutateBeforeSigning: (response) =>
      response.replace(
        /<saml:Assertion[ >].*<\/saml:Assertion>/s,
        () => `<saml:EncryptedAssertion>${encryptXml(xml, { certificate, ...style })}</saml:EncryptedAssertion>`,
      ),
    signs: overrides.signs ?? 'none',
  });
const assertionOf = (response: string): string => {
  const found = /<saml:Assertion[ >].*<\/saml:Assertion>/s.exec(decode(response))?.[0] ?? expect.fail('no Assertion');
  return found.replace('<saml:Assertion', `<saml:Assertion xmlns:saml="${namespaces.assertion}"`);
};

const modes: readonly Signs[] = ['assertion', 'response', 'both'];
const contentAlgorithms = [128, 192, 256].flatMap((bits) => [`${XENC11}aes${bits}-gcm`, `${XENC}aes${bits}-cbc`]);

describe('an encrypted assertion', () => {
  const plain = validate(respond());
  const expectAlice = async (message: string, more: Partial<ValidateResponseOptions> = ours): Promise<void> => {
    const { id, ...assertion } = await validate(message, more);
    const { id: _, ...expected } = await plain;
    expect(id).toMatch(/^_/);
    expect({ ...assertion, session: expected.session }).toEqual(expected);
  };

  it.each(modes.flatMap((signs) => contentAlgorithms.map((uri) => [uri, signs] as const)))(
    'in %s is accepted, %s signed',
    (contentAlgorithm, signs) => {
      const needsSetting = signs === 'assertion' && contentAlgorithm.endsWith('-cbc');
      return expectAlice(encrypted({ contentAlgorithm }, { signs }), needsSetting ? withCbc : ours);
    },
  );

  it('in AES-CBC, if only the assertion inside is signed, is refused without allowAesCbc, whatever the ciphertext contains', async () => {
    const refused = async (message: string) => {
      const error = await rejectionOf(validate(message, ours));
      expectError(
        error,
        'algorithm_not_allowed',
        'the Response around it is not signed',
        'Choose AES-GCM',
        'security.allowAesCbc of the connection (allowAesCbc of validateResponse)',
      );
      return error.hint;
    };
    const genuine = encrypted({ contentAlgorithm: CBC });
    const messages = [
      genuine,
      cut(genuine, 1, -16),
      flip(genuine, 0, 10),
      holding('not XML', { contentAlgorithm: CBC }),
      encrypted({ contentAlgorithm: CBC, certificate: decryptionPair('next').certificate }),
      encode(decode(encrypted()).replace(`${XENC11}aes256-gcm`, CBC)),
    ];
    expect(new Set(await Promise.all(messages.map(refused))).size).toBe(1);
    await expectAlice(genuine, withCbc);
  });

  it.each([...oaepDigests.keys()])('is accepted with rsa-oaep-mgf1p and the digest %s', (digest) =>
    expectAlice(encrypted({ digest, label: Buffer.from('a label') })),
  );

  it.each(['sha256', 'sha384', 'sha512'])('is accepted with rsa-oaep-mgf1p and the mask generation %s', (hash) =>
    expectAlice(
      encrypted({
        digest: [...oaepDigests].find(([, name]) => name === hash)?.[0],
        keyTransport: `${XENC}rsa-oaep-mgf1p`,
        maskGeneration: `${XENC11}mgf1${hash}`,
      }),
    ),
  );

  it.each([...maskGenerations.keys()])('is accepted with rsa-oaep and the mask %s', async (maskGeneration) => {
    await expectAlice(encrypted({ maskGeneration }));
    await expectAlice(encrypted({ maskGeneration, digest: `${XENC}sha256`, label: Buffer.from('a label') }));
  });

  it('is accepted with the EncryptedKey as sibling, with or without RetrievalMethod', async () => {
    const withSibling = decode(encrypted({ encryptedKey: 'sibling' }));
    expect(withSibling).toContain('URI="#_key"');
    await expectAlice(encode(withSibling));
    await expectAlice(encode(withSibling.replace(/<ds:KeyInfo><ds:RetrievalMethod[^>]*><\/ds:KeyInfo>/, '')));
    await expectAlice(encode(withSibling.replace(/<ds:RetrievalMethod[^>]*>/, '')));
  });

  it('is decrypted by any of several keys, while one replaces another', async () => {
    const next = decryptionPair('next');
    await expectAlice(encrypted(), withKeys(pemOf(next), pemOf(pair)));
    await expectAlice(encrypted({ certificate: next.certificate }), withKeys(pemOf(next), pemOf(pair)));
  });

  it('is decrypted by the EncryptedKey for this Recipient, even if others are invalid', async () => {
    const own = encrypted({ recipient: serviceProvider.entityId });
    const theirs = encryptedKeyOf(
      encrypted({ certificate: decryptionPair('next').certificate, recipient: 'https://other' }),
    );
    const unsound = theirs.replace('rsa-oaep-mgf1p', 'rsa-1_5');
    await expectAlice(
      encode(decode(own).replace('<xenc:EncryptedKey', () => `${theirs.repeat(9)}${unsound}<xenc:EncryptedKey`)),
    );
    await expectAlice(encrypted({ recipient: 'a name that we do not know' }));
    await expectAlice(encode(decode(encrypted()).replace('<xenc:EncryptedKey', () => `${theirs}<xenc:EncryptedKey`)));
  });

  it('may use namespaces that are declared outside of it', async () => {
    const assertion = assertionOf(respond({ signs: 'assertion' }));
    const bare = assertion.replace(` xmlns:saml="${namespaces.assertion}"`, '');
    expect(bare).not.toContain('xmlns:saml');
    await expectAlice(holding(bare));
    // Canonical XML of the signed Response has no declaration of xsi: nothing outside of the ciphertext uses it.
    const types = ` xmlns:xsi="${namespaces.schemaInstance}"`;
    const typed = assertionOf(respond({ signs: 'none' }));
    expect(typed).toContain(types);
    await expectAlice(holding(typed.replace(types, ''), {}, { signs: 'response' }));
  });

  it('may be written with white space, comments and a declaration of its own', () =>
    expectAlice(holding(`<?xml version="1.0"?>\n<!-- --> ${assertionOf(respond({ signs: 'assertion' }))}\n`)));

  it('is read from the signed Response even if it is signed itself, and both must be signed if both are required', async () => {
    for (const requireSigned of ['both', 'response', 'assertion', 'either'] as const) {
      await expectAlice(encrypted({}, { signs: 'both' }), { ...ours, requireSigned });
    }
    const demand = (requireSigned: 'both' | 'response' | 'assertion') => ({ ...ours, requireSigned });
    const onlyInside = encrypted({}, { signs: 'assertion' });
    await expectAlice(onlyInside, demand('assertion'));
    await expectRefused(validate(onlyInside, demand('response')), 'signature_missing', 'The Response is not signed');
    await expectRefused(validate(onlyInside, demand('both')), 'signature_missing', 'both Response and Assertion');
    const onlyOutside = encrypted({}, { signs: 'response' });
    await expectAlice(onlyOutside, demand('response'));
    await expectRefused(validate(onlyOutside, demand('assertion')), 'signature_missing', 'Only the response is signed');
    await expectRefused(validate(onlyOutside, demand('both')), 'signature_missing', 'Only the response is signed');
  });
});

describe('the public part of an encrypted assertion', () => {
  const next = decryptionPair('next').certificate;
  const many = (count: number) => (xml: string) =>
    xml.replace(/<xenc:EncryptedKey.*?<\/xenc:EncryptedKey>/s, (key) => key.repeat(count));
  it.each<readonly [string, (xml: string) => string, string]>([
    [
      'no EncryptedData',
      (xml) => xml.replace(/<xenc:EncryptedData.*<\/xenc:EncryptedData>/s, ''),
      'contains 0 EncryptedData',
    ],
    [
      'two EncryptedData',
      (xml) => xml.replace(/<xenc:EncryptedData.*<\/xenc:EncryptedData>/s, (data) => data + data),
      'contains 2 EncryptedData',
    ],
    ['content instead of an element', (xml) => xml.replace(`"${XENC}Element"`, `"${XENC}Content"`), 'the Type of its'],
    ['no EncryptedKey', (xml) => many(0)(xml), 'no EncryptedKey belongs'],
    ['more EncryptedKeys than may be tried', many(5), '5 EncryptedKeys may be for this application'],
    [
      'no CipherValue',
      (xml) => xml.replace(/<xenc:CipherValue>[^<]*<\/xenc:CipherValue>/, ''),
      'contains 0 CipherValue',
    ],
    [
      'a reference to the ciphertext',
      (xml) =>
        xml.replace(/<xenc:CipherValue>[^<]*<\/xenc:CipherValue>/, '<xenc:CipherReference URI="https://evil.test/"/>'),
      'refers to its ciphertext',
    ],
    [
      'no EncryptionMethod',
      (xml) => xml.replace(/<xenc:EncryptionMethod[^>]*aes256-gcm"\/>/, ''),
      'contains 0 EncryptionMethod',
    ],
    ['ciphertext that is not base64', (xml) => xml.replace(/(<xenc:CipherValue>)..../, '$1....'), 'is not base64'],
    [
      'elements in the ciphertext',
      (xml) => xml.replace('<xenc:CipherValue>', '<xenc:CipherValue><a/>'),
      'is not base64',
    ],
  ])('refuses %s', async (_, edit, problem) => {
    await expectRefused(validate(edited(edit), ours), 'assertion_invalid', problem, 'XML Encryption');
  });

  it('refuses an EncryptedKey elsewhere than where RetrievalMethod points', async () => {
    const elsewhere = (uri: string) =>
      edited((xml) => xml.replace('URI="#_key"', `URI="${uri}"`), { encryptedKey: 'sibling' });
    for (const uri of ['#_other', 'https://evil.test/key', '#xpointer(id(_key))', '', '#']) {
      await expectRefused(validate(elsewhere(uri), ours), 'assertion_invalid', 'no EncryptedKey belongs');
    }
  });

  it.each([
    ['RSA 1.5', `${XENC}rsa-oaep-mgf1p`, `${XENC}rsa-1_5`],
    ['AES key wrap', `${XENC}rsa-oaep-mgf1p`, `${XENC}kw-aes256`],
    ['Triple DES', `${XENC11}aes256-gcm`, `${XENC}tripledes-cbc`],
    ['an algorithm named as a method of objects', `${XENC11}aes256-gcm`, 'constructor'],
    ['an OAEP digest', `${XENC}sha256`, 'http://www.w3.org/2001/04/xmldsig-more#md5'],
    ['a mask generation', `${XENC11}mgf1sha256`, `${XENC11}mgf1md5`],
  ])('refuses %s', async (_, from, to) => {
    const style = from.includes('mgf1sha') ? { maskGeneration: from } : from.endsWith('sha256') ? { digest: from } : {};
    const message = edited((xml) => xml.replace(`"${from}"`, () => `"${to}"`), style);
    await expectRefused(validate(message, ours), 'algorithm_not_allowed', JSON.stringify(to), 'expected');
  });

  it('refuses another issuer before it decrypts anything', async () => {
    const message = encrypted({ certificate: next }, { issuer: 'https://other.example' });
    await expectRefused(validate(message, ours), 'issuer_mismatch', 'https://other.example');
  });
});

describe('decrypted content', () => {
  const signed = (overrides: Partial<RespondOptions> = {}): string =>
    assertionOf(respond({ signs: 'assertion', ...overrides }));
  const good = signed();
  const untrusted = keyPair('p256', 'untrusted');
  const contents: readonly (readonly [string, string])[] = [
    ['text', 'nothing but text, and more than one block of it'],
    ['nothing', ''],
    ['broken XML', good.slice(0, -1)],
    ['a DOCTYPE', `<!DOCTYPE x>${good}`],
    ['an undeclared prefix', good.replace('<saml:Subject>', '<x:a/><saml:Subject>')],
    ['more elements than the limit', good.replace('</saml:Assertion>', `${'<a/>'.repeat(20_000)}</saml:Assertion>`)],
    ['no signature', assertionOf(respond({ signs: 'none' }))],
    ['a signature with an untrusted key', signed({ key: untrusted })],
    ['content altered after signing', good.replace('alice@', 'mallory@')],
    ['SHA-1', signed({ allowSha1: true, key: keyPair(), signatureAlgorithm: `${namespaces.signature}rsa-sha1` })],
    ['two assertions', `<a>${good}${good}</a>`],
    [
      'an assertion inside an assertion',
      good.replace('</saml:Assertion>', () => `<saml:Advice>${good}</saml:Advice></saml:Assertion>`),
    ],
    [
      'an encrypted assertion',
      decode(encrypted())
        .replace(/.*(<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>).*/s, '$1')
        .replace('<saml:EncryptedAssertion', `$& xmlns:saml="${namespaces.assertion}"`),
    ],
    ['an assertion of another namespace', good.replace(namespaces.assertion, 'urn:x')],
    ['a signature on something else', good.replace(/(<ds:Signature.*<\/ds:Signature>)(.*<saml:Subject>)/s, '$2$1')],
  ];
  const broken: readonly (readonly [string, (message: string) => string])[] = [
    ['a flipped bit in the content', (message) => flip(message, 1, 40)],
    ['a flipped bit in the last block', (message) => flip(message, 1, -1)],
    ['a flipped bit in the key', (message) => flip(message, 0, 10)],
    ['a content cut to nothing', (message) => cut(message, 1, 0)],
    ['a content cut to one byte', (message) => cut(message, 1, 1)],
    ['a tag cut by one byte', (message) => cut(message, 1, -1)],
    ['a content cut by a block', (message) => cut(message, 1, -16)],
    ['a key cut by a byte', (message) => cut(message, 0, -1)],
    ['AES-GCM declared as AES-CBC, or the reverse', (message) => relabel(message)],
    ['another length of key', (message) => encode(decode(message).replace(/(#aes)256/, '$1128'))],
  ];
  const all = [CBC, `${XENC11}aes256-gcm`].flatMap((contentAlgorithm) => [
    ...contents.map(
      ([name, xml]) => [`${contentAlgorithm.slice(-3)}: ${name}`, holding(xml, { contentAlgorithm })] as const,
    ),
    ...broken.map(
      ([name, damage]) =>
        [`${contentAlgorithm.slice(-3)}: ${name}`, damage(holding(good, { contentAlgorithm }))] as const,
    ),
  ]);

  it('the valid counterpart is accepted, with both kinds of encryption', async () => {
    for (const contentAlgorithm of [CBC, `${XENC11}aes256-gcm`]) {
      expect((await validate(holding(good, { contentAlgorithm }), withCbc)).subject?.nameId).toBe('alice-1');
    }
  });

  it('is the same error if anyone may have sent it: code, message, hint, details and explanation', async () => {
    const seen = new Map<string, string[]>();
    await Promise.all(
      all.map(async ([name, message]) => {
        const began = performance.now();
        const error = await validate(message, withCbc).then(
          () => expect.fail(`${name} was accepted`),
          (reason) => reason,
        );
        // Nor does the time reveal it: whole quarters of a second (timers may be a millisecond early).
        expect(performance.now() - began).toBeGreaterThan(245);
        const { verdict, rules, assertion } = await explainResponse(message, { ...options, ...withCbc });
        const { code, message: sentence, hint, details, cause } = error;
        const shown = JSON.stringify({ code, sentence, hint, details, cause, verdict, rules, assertion });
        seen.set(shown, [...(seen.get(shown) ?? []), name]);
      }),
    );
    expect([...seen.values()]).toEqual([expect.arrayContaining(all.map(([name]) => name))]);
    const [only = '{}'] = seen.keys();
    expect(JSON.parse(only)).toMatchObject({
      code: 'decryption_failed',
      sentence: 'the assertion could not be decrypted',
      details: {},
    });
    expect(only).not.toMatch(/alice|mallory|padding|UTF-8|tag/);
  });

  it('is the same for AES-CBC in a signed Response, which may contain a ciphertext for another application', async () => {
    const hints = new Set<string>();
    for (const [name, xml] of contents) {
      // A signed Response covers an Assertion that is not signed itself.
      if (name === 'no signature') continue;
      const refused = validate(holding(xml, { contentAlgorithm: CBC }, { signs: 'response' }), ours);
      hints.add(await hintOf(refused));
    }
    expect(hints.size).toBe(1);
  });

  describe('several identity providers that encrypt for the same key', () => {
    const shared = {
      serviceProvider: { ...serviceProvider, decryptionKeys: [pemOf(pair)], sharedDecryptionKeys: true },
    };
    const unsigned = assertionOf(respond({ signs: 'none' }));
    const inResponse = (xml: string, contentAlgorithm: string, trust = shared) =>
      validate(holding(xml, { contentAlgorithm }, { signs: 'response' }), trust);

    it('a signed Response suffices for AES-GCM, and for AES-CBC only if the assertion is signed', async () => {
      for (const [xml, algorithm, trust] of [
        [unsigned, `${XENC11}aes256-gcm`, shared],
        [good, CBC, shared],
        [unsigned, CBC, { serviceProvider: { ...shared.serviceProvider, sharedDecryptionKeys: false } }],
      ] as const) {
        expect((await inResponse(xml, algorithm, trust)).subject?.nameId).toBe('alice-1');
      }
      const sign = 'With AES-CBC the assertion itself must be signed';
      const ownKey = 'give this connection a decryption key of its own';
      await expectRefused(inResponse(unsigned, CBC), 'decryption_failed', sign, 'choose AES-GCM', ownKey);
    });

    it('content that another identity provider encrypted is indistinguishable from undecryptable content', async () => {
      const theirs = signed({ key: untrusted, assertionIssuer: 'https://other.example' });
      const answers = new Set<string>();
      for (const xml of [theirs, theirs.replace(/<ds:Signature.*<\/ds:Signature>/s, ''), unsigned, 'not XML']) {
        answers.add(await hintOf(inResponse(xml, CBC)));
      }
      expect(answers.size).toBe(1);
    });

    it('EncryptedID and EncryptedAttribute need AES-GCM', async () => {
      const part = (contentAlgorithm: string) =>
        respond({
          mutateBeforeSigning: (xml) =>
            xml.replace(
              /<saml:NameID.*?<\/saml:NameID>/s,
              (found) => `<saml:EncryptedID>${encryptXml(found, { certificate, contentAlgorithm })}</saml:EncryptedID>`,
            ),
        });
      expect((await validate(part(`${XENC11}aes128-gcm`), shared)).subject?.nameId).toBe('alice-1');
      await expectRefused(
        validate(part(CBC), shared),
        'algorithm_not_allowed',
        '<EncryptedID> is encrypted with AES-CBC',
        'Give this connection a decryption key of its own (decryption of the connection',
      );
    });
  });

  it('is limited together with the rest of the Response', async () => {
    const around = (count: number) =>
      edited((xml) => xml.replace('<samlp:Status>', `<samlp:Extensions>${'<a/>'.repeat(count)}</samlp:Extensions>$&`));
    expect((await validate(around(1900), ours)).subject?.nameId).toBe('alice-1');
    await expectRefused(validate(around(2000), ours), 'message_too_large', 'outside of the EncryptedAssertion');
  });

  it('is specific for AES-GCM in a signed Response, where the content cannot have been altered', async () => {
    const inResponse = (xml: string) => validate(holding(xml, {}, { signs: 'response' }), ours);
    expect((await inResponse(assertionOf(respond({ signs: 'none' })))).subject?.nameId).toBe('alice-1');
    await expectRefused(inResponse(signed({ key: untrusted })), 'untrusted_certificate', 'CN=untrusted');
    await expectRefused(inResponse(good.replace('alice@', 'mallory@')), 'signature_invalid', 'changed after');
    await expectRefused(inResponse('<a/>'), 'assertion_missing', 'contains <a> with 0 assertions');
    await expectRefused(inResponse(`<a>${good}${good}</a>`), 'assertion_multiple', 'with 2 assertions');
    await expectRefused(inResponse(signed({ assertionIssuer: 'https://other' })), 'issuer_mismatch', 'https://other');
    await expectRefused(inResponse('text'), 'decryption_failed');
  });

  it('shows the administrator which certificate was used', async () => {
    const refuse = (message: string, hint: string) => expectRefused(validate(message, ours), 'decryption_failed', hint);
    await refuse(
      encrypted({ certificate: decryptionPair('next').certificate }),
      'belongs to none of the configured keys',
    );
    const named = holding('x');
    await refuse(named, 'names the certificate of a configured key');
    const anonymous = encode(decode(named).replace(/<ds:KeyInfo><ds:X509Data>.*?<\/ds:KeyInfo>/s, ''));
    await refuse(anonymous, 'does not name the certificate');
  });
});

describe('encrypted parts of an assertion', () => {
  const part = (
    find: RegExp,
    kind: 'EncryptedID' | 'EncryptedAttribute',
    style: Partial<EncryptionStyle> = {},
    edit = (xml: string) => xml,
  ) =>
    respond({
      mutateBeforeSigning: (xml) =>
        xml.replace(
          find,
          (found) => `<saml:${kind}>${encryptXml(edit(found), { certificate, ...style })}</saml:${kind}>`,
        ),
    });
  const nameId = /<saml:NameID.*?<\/saml:NameID>/s;
  const attribute = /<saml:Attribute .*?<\/saml:Attribute>/s;

  it.each(contentAlgorithms)('are decrypted with %s', async (contentAlgorithm) => {
    const expected = await validate(respond());
    const subject = await validate(part(nameId, 'EncryptedID', { contentAlgorithm }), ours);
    expect(subject.subject).toEqual(expected.subject);
    const { attributeList } = await validate(part(attribute, 'EncryptedAttribute', { contentAlgorithm }), ours);
    expect(attributeList).toEqual(expected.attributeList);
  });

  it('are also decrypted inside of an encrypted assertion', async () => {
    const inner = part(nameId, 'EncryptedID');
    expect((await validate(holding(assertionOf(inner)), ours)).subject?.nameId).toBe('alice-1');
  });

  it('must contain the declared content, and fail in one way', async () => {
    const swapped = (kind: 'EncryptedID' | 'EncryptedAttribute', xml: string, style: Partial<EncryptionStyle> = {}) =>
      part(kind === 'EncryptedID' ? nameId : attribute, kind, style, () => xml);
    const names = `xmlns:saml="${namespaces.assertion}"`;
    const hints = new Set<string>();
    for (const contentAlgorithm of contentAlgorithms) {
      for (const message of [
        swapped('EncryptedID', `<saml:Attribute ${names} Name="x"/>`, { contentAlgorithm }),
        swapped('EncryptedID', `<saml:SubjectConfirmation ${names}/>`, { contentAlgorithm }),
        swapped('EncryptedID', '<NameID>x</NameID>', { contentAlgorithm }),
        swapped('EncryptedAttribute', `<saml:NameID ${names}>x</saml:NameID>`, { contentAlgorithm }),
        swapped('EncryptedAttribute', 'not XML', { contentAlgorithm }),
        swapped('EncryptedID', 'x', { contentAlgorithm, label: Buffer.alloc(0) }),
      ]) {
        hints.add(await hintOf(validate(message, ours)));
      }
    }
    expect(hints.size).toBe(1);
  });

  it('are limited to 32', async () => {
    const flood = (count: number) =>
      respond({
        mutateBeforeSigning: (xml) =>
          xml.replace(attribute, (found) =>
            `<saml:EncryptedAttribute>${encryptXml(found, { certificate })}</saml:EncryptedAttribute>`.repeat(count),
          ),
      });
    expect((await validate(flood(32), ours)).attributeList.length).toBeGreaterThan(32);
    await expectRefused(validate(flood(33), ours), 'assertion_invalid', '33 EncryptedAttributes, more than 32');
  });
});

/** The hint of a `decryption_failed`. */
async function hintOf(refused: Promise<unknown>): Promise<string> {
  const error = await rejectionOf(refused);
  expectError(error, 'decryption_failed', 'does not say which');
  return error.hint;
}

function encryptedKeyOf(message: string): string {
  return /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/s.exec(decode(message))?.[0] ?? expect.fail('no EncryptedKey');
}

/** Changes the ciphertext of the key (0) or of the content (1). */
function changed(message: string, index: number, change: (bytes: Buffer) => Buffer): string {
  let at = 0;
  return encode(
    decode(message).replace(/(?<=<xenc:CipherValue>)[^<]*/g, (base64) =>
      at++ === index ? change(Buffer.from(base64, 'base64')).toString('base64') : base64,
    ),
  );
}

function flip(message: string, index: number, at: number): string {
  return changed(message, index, (bytes) => {
    const position = at < 0 ? bytes.length + at : at;
    bytes[position] = (bytes[position] ?? 0) ^ 0x80;
    return bytes;
  });
}

function cut(message: string, index: number, end: number): string {
  return changed(message, index, (bytes) => bytes.subarray(0, end));
}

function relabel(message: string): string {
  const xml = decode(message);
  return encode(xml.includes(CBC) ? xml.replace(CBC, `${XENC11}aes256-gcm`) : xml.replace(`${XENC11}aes256-gcm`, CBC));
}
