import { describe, expect, it } from 'vitest';
import { SamlError, type SamlErrorCode } from '../../src/errors.ts';
import { namespaces } from '../../src/saml/names.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { appendTo, object } from '../../src/testing/attack/parts.ts';
import {
  assertionXml,
  genuine,
  modes,
  responseXml,
  signatureOf,
  signedAssertion,
  signing,
  validate,
} from '../support/response.ts';
import { isSecondAlone, seenBySecond } from '../support/second-alone.mjs';
import { INCLUSIVE, keyPair, MARK, signMarked } from '../support/signing.ts';

// What no catalogue of forgeries has: see forgeries.test.ts for that.
//
// The forged part says mallory and carries no valid signature; the signed part says alice and stays intact.
const forged = assertionXml({ nameId: 'mallory', id: '_evil' });
const unsignedOriginal = assertionXml();
const signed = signedAssertion();
const signature = signatureOf(signed);

const messages: Partial<Record<SamlErrorCode, string>> = {
  signature_missing: 'the SAML message is not signed',
  signature_invalid: 'the signature of the SAML message is not valid',
  signature_wrapped: 'the signature does not cover the content it is attached to',
  assertion_missing: 'the SAML response contains no assertion',
  assertion_multiple: 'the SAML response contains more than one assertion',
  status_not_success: 'the identity provider did not sign the user in',
  unexpected_message: 'the SAML message is not a SAML 2.0 Response',
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
  audience_mismatch: 'the assertion was issued for another application',
};

async function refuse(xml: string, code: SamlErrorCode, changes: Partial<ValidateResponseOptions> = {}): Promise<void> {
  // Both ways: the second verifier must not be what saves us.
  for (const crossCheck of [true, false]) {
    const error: unknown = await validate(xml, { ...changes, crossCheck }).then(
      () => expect.fail('it was accepted'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof SamlError)) throw error;
    expect([error.code, error.message]).toEqual([code, messages[code]]);
    expect(error.hint + error.message).not.toContain('mallory');
  }
}

/** Puts `content` into the Signature, after what it holds. */
const inSignature = (text: string, content: string): string => appendTo(text, 'ds:Signature', content);
const forgedAround = (content: string): string => appendTo(forged, 'saml:Assertion', content);

describe('the unmodified message is accepted', () => {
  it.each(modes)('%s signed', async (mode) => {
    expect((await validate(genuine(mode))).subject?.nameId).toBe('alice');
  });
});

describe('signature wrapping', () => {
  const attacks: readonly (readonly [string, string, SamlErrorCode])[] = [
    [
      'XSW-ENC: an EncryptedAssertion as sibling',
      responseXml(`${signed}<saml:EncryptedAssertion/>`),
      'assertion_multiple',
    ],
    ['two signed Assertions', responseXml(signed + signedAssertion({ id: '_b' })), 'assertion_multiple'],
    [
      'the signed Assertion hidden in another element',
      responseXml(`<x xmlns="urn:x">${signed}</x>`),
      'assertion_missing',
    ],
    [
      'the forged one takes the ID, too',
      responseXml(forgedAround(signature).replace('_evil', '_a')),
      'signature_invalid',
    ],
    [
      'XSW-REL: the Signature deeper in the Assertion',
      responseXml(unsignedOriginal.replace('<saml:NameID>', () => `${signature}<saml:NameID>`)),
      'signature_wrapped',
    ],
    [
      'SIG-6: on the Status',
      responseXml(unsignedOriginal).replace('</samlp:Status>', () => `${signature}</samlp:Status>`),
      'signature_wrapped',
    ],
    [
      'XSW-DECOY: a second Signature of the same value, with an Object',
      responseXml(signed.replace(signature, () => signature + inSignature(signature, object('<x/>')))),
      'signature_wrapped',
    ],
    [
      'SIG-7: the same Signature twice',
      responseXml(signed.replace(signature, () => signature + signature)),
      'signature_wrapped',
    ],
    [
      'SIG-1: Signature removed from both',
      genuine('both').replaceAll(/<ds:Signature .*?<\/ds:Signature>/gs, ''),
      'signature_missing',
    ],
  ];
  it.each(attacks)('%s', async (_, xml, code) => {
    await refuse(xml, code);
  });

  describe.each(['6a2f1c0e-8b1d-4f0a-9c52-1d0e5f3b7a11', '-1', '.1', '1', ':1'])(
    'with the ID %s, which is not an NCName',
    (id) => {
      const original = signedAssertion({ id });
      const borrowed = signatureOf(original);

      it('the unmodified message is accepted', async () => {
        for (const crossCheck of [true, false])
          expect((await validate(responseXml(original), { crossCheck })).subject?.nameId).toBe('alice');
      });

      const attacks: readonly (readonly [string, string, SamlErrorCode])[] = [
        [
          'the forged Assertion has the ID and the Signature',
          forgedAround(borrowed).replace('_evil', id),
          'signature_invalid',
        ],
        ['the forged Assertion has the Signature', forgedAround(borrowed), 'signature_wrapped'],
        [
          'the Signature refers to the same number in another notation',
          original.replace(`#${id}`, `#${id}.0`),
          'signature_wrapped',
        ],
        ['another element has the ID', `<x xmlns="urn:x" ID="${id}"/>${original}`, 'signature_wrapped'],
        ['another element has it as Id', `<x xmlns="urn:x" Id="${id}"/>${original}`, 'signature_wrapped'],
        ['another element has it as xml:id', `<x xmlns="urn:x" xml:id="${id}"/>${original}`, 'signature_wrapped'],
        [
          'a forged Assertion of the same ID stands first',
          assertionXml({ nameId: 'mallory', id }) + original,
          'assertion_multiple',
        ],
      ];
      it.each(seenBySecond(attacks))('%s', async (_, content, code) => {
        await refuse(responseXml(content), code);
      });

      it('the Response has the same ID', async () => {
        await refuse(responseXml(original, { id }), 'signature_wrapped');
      });
    },
  );

  describe('with a signed Response that holds no assertion as the carrier', () => {
    const carriers = ['Responder', 'Success'] as const;
    const places: readonly (readonly [string, (carrier: string) => string])[] = [
      ['XSW-OBJ: in an Object', (carrier) => inSignature(carrier, object(forged))],
      ['XSW-OBJ: in KeyInfo', (carrier) => carrier.replace('</ds:KeyInfo>', () => `${forged}</ds:KeyInfo>`)],
      [
        'XSW-OBJ: in SignatureValue',
        (carrier) => carrier.replace('</ds:SignatureValue>', () => `${forged}</ds:SignatureValue>`),
      ],
      ['XSW-OBJ: bare in the Signature', (carrier) => inSignature(carrier, forged)],
    ];
    for (const status of carriers) {
      const carrier = signMarked(responseXml('', { mark: MARK, status }), { ...signing, id: '_r' });
      it.each(places)(`${status}, %s`, async (_, place) => {
        await refuse(place(carrier), status === 'Success' ? 'assertion_missing' : 'status_not_success');
      });
      it(`${status}, the forged Assertion as a child`, async () => {
        const xml = carrier.replace('</samlp:Response>', () => `${forged}</samlp:Response>`);
        await refuse(xml, status === 'Success' ? 'signature_invalid' : 'status_not_success');
        await refuse(xml.replace('status:Responder', 'status:Success'), 'signature_invalid');
      });
    }
  });

  describe('REU-1: another document that the key signed', () => {
    const others: readonly (readonly [string, string])[] = [
      [
        'EntityDescriptor',
        `<md:EntityDescriptor xmlns:md="${namespaces.metadata}" ID="_m" entityID="x">${MARK}</md:EntityDescriptor>`,
      ],
      ['AuthnRequest', `<samlp:AuthnRequest xmlns:samlp="${namespaces.protocol}" ID="_m">${MARK}</samlp:AuthnRequest>`],
      [
        'LogoutResponse',
        `<samlp:LogoutResponse xmlns:samlp="${namespaces.protocol}" ID="_m">${MARK}</samlp:LogoutResponse>`,
      ],
    ];
    it.each(others)('%s, alone or around a forged Response', async (_, xml) => {
      const other = signMarked(xml, { ...signing, id: '_m' });
      await refuse(other, 'unexpected_message');
      await refuse(
        responseXml(forged, { before: `<samlp:Extensions>${other}</samlp:Extensions>` }),
        'signature_wrapped',
      );
      await refuse(responseXml(forgedAround(other)), 'signature_wrapped');
    });

    it('a signed assertion for another application', async () => {
      const xml = assertionXml({ mark: MARK }).replace('<saml:Audience>https://sp.', '<saml:Audience>https://other.');
      await refuse(responseXml(signMarked(xml, { ...signing, id: '_a' })), 'audience_mismatch');
    });
  });

  it.each(['response', 'assertion'] as const)(
    'SIG-8: every signature must verify: an invalid one of the %s is refused',
    async (broken) => {
      const both = genuine('both');
      const value =
        broken === 'response' ? /<ds:SignatureValue>...../ : /(?<=<saml:Assertion.*)<ds:SignatureValue>...../s;
      await refuse(both.replace(value, '<ds:SignatureValue>AAAAA'), 'signature_invalid');
      const untrusted = { ...signing, keyPair: keyPair('p256', 'untrusted'), keyInfo: null };
      const assertion =
        broken === 'assertion' ? signMarked(assertionXml({ mark: MARK }), { ...untrusted, id: '_a' }) : signed;
      const outer = broken === 'response' ? untrusted : signing;
      await refuse(signMarked(responseXml(assertion, { mark: MARK }), { ...outer, id: '_r' }), 'signature_invalid');
    },
  );

  it('SIG-9: a Response in the assertion namespace, and an Assertion in the protocol namespace', async () => {
    const response = responseXml(signed)
      .replace('<samlp:Response', '<saml:Response')
      .replace('</samlp:Response>', '</saml:Response>');
    await refuse(response, 'unexpected_message');
    const foreign = assertionXml({ mark: MARK }).replace(namespaces.assertion, namespaces.protocol);
    await refuse(responseXml(signMarked(foreign, { ...signing, id: '_a' })), 'assertion_missing');
    const none = assertionXml({ mark: MARK })
      .replaceAll('saml:', '')
      .replace('xmlns:saml', 'xmlns')
      .replace(namespaces.assertion, '');
    await refuse(responseXml(signMarked(none, { ...signing, id: '_a' })), 'assertion_missing');
  });

  it('a signed Response if the Assertion must be signed, and the reverse', async () => {
    await refuse(genuine('response'), 'signature_missing', { requireSigned: 'assertion' });
    await refuse(genuine('assertion'), 'signature_missing', { requireSigned: 'response' });
    for (const mode of ['response', 'assertion'] as const) {
      await refuse(genuine(mode), 'signature_missing', { requireSigned: 'both' });
      expect((await validate(genuine('both'), { requireSigned: mode })).subject?.nameId).toBe('alice');
    }
  });
});

describe('text and namespaces that parsers see differently', () => {
  it.each(modes)(
    'TXT-1, TXT-2: comments and CDATA inserted after signing do not change the result (%s signed)',
    async (mode) => {
      const original = await validate(genuine(mode));
      for (const written of [
        'al<!-- x -->ice',
        '<!---->alice',
        '<![CDATA[al]]>ice',
        'a&#108;ice',
        '<![CDATA[alice]]><!-- .evil -->',
      ]) {
        const xml = genuine(mode).replace('>alice<', `>${written}<`);
        expect(await validate(xml)).toEqual(original);
      }
    },
  );

  it('TXT-1: a text that was signed with a comment inside is read completely', async () => {
    const xml = signedAssertion({ nameId: 'admin<!-- -->.mallory' });
    expect((await validate(responseXml(xml))).subject?.nameId).toBe('admin.mallory');
  });

  it.each([
    ['C14-5, TXT-3: a processing instruction', genuine('assertion').replace('>alice<', '><?p not-an-?>alice<')],
    ['DTD-3, XSW-10: an ID by entity', `<!DOCTYPE x [<!ENTITY x "_a">]>${genuine('assertion')}`],
    ['C14-1: a relative namespace', genuine('assertion').replace('<samlp:Response', '<samlp:Response xmlns:x="x"')],
  ])('%s', async (_, xml) => {
    await refuse(xml, 'forbidden_xml');
  });

  it('namespaces declared around a signed Assertion change its inclusive canonical form, and not its exclusive one', async () => {
    const inclusive = signMarked(responseXml(assertionXml({ mark: MARK })), {
      ...signing,
      id: '_a',
      canonicalization: INCLUSIVE,
    });
    expect((await validate(inclusive)).subject?.nameId).toBe('alice');
    const more = (xml: string): string =>
      xml.replace('<samlp:Response', '<samlp:Response xmlns:x="urn:x" xmlns="urn:d"');
    expect((await validate(more(responseXml(signed)))).subject?.nameId).toBe('alice');
    await refuse(more(inclusive), 'signature_invalid');
    // The second verifier reads nothing around the signed element.
    if (isSecondAlone) return;
    await refuse(inclusive.replace('<samlp:Response', '<samlp:Response xml:lang="en"'), 'signature_wrapped');
  });

  it.skipIf(isSecondAlone)('PRS-6: an ID of another namespace in addition to the real one', async () => {
    const pollute = (id: string): string =>
      responseXml(signed).replace('<samlp:Response', `<samlp:Response samlp:ID="${id}"`);
    await refuse(pollute('_a'), 'signature_wrapped');
    expect((await validate(pollute('_other'))).subject?.nameId).toBe('alice');
  });
});
