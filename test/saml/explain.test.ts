import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { explainResponse, type ResponseExplanation } from '../../src/saml/explain.ts';
import { statusCodes } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import { rules } from '../../src/saml/rules.ts';
import { at, decode, encode, options, rejectionOf, respond, tamper, validate } from './support.ts';

const explain = (samlResponse: string, changes = {}) => explainResponse(samlResponse, { ...options, ...changes });
const failed = ({ rules: explained }: ResponseExplanation) =>
  explained.filter(({ result }) => result === 'fail').map(({ rule, code }) => [rule, code]);

const steps = ['encoding', 'xml', 'message', 'status', 'oneAssertion', 'signatures', 'requireSigned', 'assertion'];

describe('explainResponse', () => {
  it('lists every rule, with the section of the standard', async () => {
    const { verdict, assertion, rules: explained } = await explain(respond());
    expect(verdict).toBe('accept');
    expect(assertion).toMatchObject({ subject: { nameId: 'alice-1' } });
    expect(explained.map(({ rule }) => rule)).toEqual([...steps, ...rules.map(({ name }) => name), 'crossCheck']);
    for (const rule of explained) {
      const section = expect.stringMatching(/^(?:SAML (?:Core|Bindings|Profiles) \d+(?:\.\d+)*|saml-jit)$/);
      expect(rule).toEqual({ rule: rule.rule, section, result: 'pass' });
    }
  });

  it('omits the cross-check if it is off', async () => {
    const { verdict, rules: explained } = await explain(respond(), { crossCheck: false });
    expect([verdict, explained.at(-1)?.rule]).toEqual(['accept', rules.at(-1)?.name]);
  });

  it('reports all independent failures', async () => {
    const bad = respond({
      signs: 'response',
      issuer: 'https://a.example/',
      assertionIssuer: 'https://b.example/',
      destination: 'https://c.example/',
      audiences: ['https://d.example/'],
      recipient: 'https://e.example/',
      issueInstant: at(600),
      notBefore: at(600),
      notOnOrAfter: at(-600),
      responseInResponseTo: '_other',
      sessionNotOnOrAfter: at(-600),
      authnInstant: at(600),
      nameId: null,
    });
    const explained = await explain(bad);
    expect(explained).toMatchObject({ verdict: 'reject', assertion: null });
    expect(failed(explained)).toEqual([
      ['responseIssuer', 'issuer_mismatch'],
      ['assertionIssuer', 'issuer_mismatch'],
      ['destination', 'destination_mismatch'],
      ['audience', 'audience_mismatch'],
      ['confirmationRecipient', 'recipient_mismatch'],
      ['responseIssueInstant', 'not_yet_valid'],
      ['assertionIssueInstant', 'not_yet_valid'],
      ['conditionsNotBefore', 'not_yet_valid'],
      ['conditionsNotOnOrAfter', 'expired'],
      ['responseInResponseTo', 'in_response_to_mismatch'],
      ['authnInstant', 'not_yet_valid'],
      ['sessionNotOnOrAfter', 'session_expired'],
      ['nameIdPresent', 'name_id_missing'],
    ]);
    expect(explained.rules.find(({ rule }) => rule === 'audience')?.hint).toContain('"https://d.example/"');
    expect(explained.rules.find(({ rule }) => rule === 'confirmationRecipient')?.hint).toContain(
      '"https://e.example/"',
    );
    // validateResponse stops at the first of them.
    expect(await rejectionOf(validate(bad))).toMatchObject({ code: 'issuer_mismatch' });
  });

  it('checks times and request of a confirmation for another address, too', async () => {
    const elsewhere = { recipient: 'https://e.example/' };
    const late = { confirmationNotOnOrAfter: at(-600), confirmationInResponseTo: '_other' };
    expect(failed(await explain(respond(elsewhere)))).toEqual([['confirmationRecipient', 'recipient_mismatch']]);
    expect(failed(await explain(respond({ ...elsewhere, ...late })))).toEqual([
      ['confirmationRecipient', 'recipient_mismatch'],
      ['confirmationNotOnOrAfter', 'expired'],
      ['confirmationInResponseTo', 'in_response_to_mismatch'],
    ]);
  });

  it('reports one failure if there is no confirmation', async () => {
    const none = respond({ confirmationMethod: null });
    expect(failed(await explain(none))).toEqual([['bearerConfirmed', 'subject_confirmation_invalid']]);
  });

  it.each([
    ['encoding', '!', 'invalid_encoding'],
    ['xml', encode('<a>'), 'malformed_xml'],
    ['message', encode('<a/>'), 'unexpected_message'],
    ['status', respond({ status: { code: statusCodes.responder } }), 'status_not_success'],
    ['oneAssertion', respond({ assertion: false, signs: 'response' }), 'assertion_missing'],
    ['signatures', tamper(respond(), '>alice-1<', '>bob<'), 'signature_invalid'],
    ['requireSigned', respond({ signs: 'none' }), 'signature_missing'],
    ['assertion', respond({ notBefore: 'soon' }), 'assertion_invalid'],
  ])('ends with %s where what follows would be meaningless', async (rule, samlResponse, code) => {
    const explained = await explain(samlResponse);
    expect(explained).toMatchObject({ verdict: 'reject', assertion: null });
    expect(failed(explained)).toEqual([[rule, code]]);
    expect(explained.rules.map((each) => each.rule)).toEqual(steps.slice(0, steps.indexOf(rule) + 1));
  });

  it('throws for invalid options, as validateResponse does', async () => {
    expect(await rejectionOf(explain(respond(), { clockSkewSeconds: 301 }))).toBeInstanceOf(TypeError);
    const identityProvider = { ...options.identityProvider, certificates: ['nonsense'] };
    const refused = { code: 'certificate_invalid', message: 'a configured certificate cannot be used' };
    expect(await rejectionOf(explain(respond(), { identityProvider }))).toMatchObject(refused);
  });
});

const snippets = [
  '<!-- -->',
  '<?p i?>',
  '<![CDATA[x]]>',
  '&#0;',
  '&x;',
  '<!DOCTYPE x [<!ENTITY x "y">]>',
  '\u0000',
  '\ud800',
  ' ',
  '<saml:Assertion ID="_x" Version="2.0"/>',
  '<saml:NameID>mallory</saml:NameID>',
  '<saml:Issuer>x</saml:Issuer>',
  '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
  ' ID="_x"',
  ' xmlns:saml="urn:x"',
  ' xmlns=""',
  ' xml:id="_x"',
  ' Destination=""',
  '</saml:Assertion>',
  'urn:oasis:names:tc:SAML:2.0:status:Success',
  'mallory',
];

/** One change of the XML: of a character, or of whole tags and texts. */
type Mutation = (xml: string) => string;

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const tokens = (xml: string): string[] => xml.split(/(<[^>]*>)/).filter((token) => token !== '');
const splice = (xml: string, where: number, remove: number, insert: string): string => {
  const index = Math.floor(where * xml.length);
  return xml.slice(0, index) + insert + xml.slice(index + remove);
};

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, fc.nat(3), fc.constantFrom(...snippets, '')).map(
    ([where, remove, insert]): Mutation =>
      (xml) =>
        splice(xml, where, remove, insert),
  ),
  fc.tuple(position, fc.string({ unit: 'binary', maxLength: 3 })).map(
    ([where, insert]): Mutation =>
      (xml) =>
        splice(xml, where, insert.length, insert),
  ),
  fc.tuple(position, fc.constantFrom(...snippets)).map(
    ([where, insert]): Mutation =>
      (xml) => {
        const list = tokens(xml);
        list.splice(Math.floor(where * list.length), 0, insert);
        return list.join('');
      },
  ),
  // A piece of the message removed, repeated or moved to another place: what signature wrapping is made of.
  fc.tuple(position, fc.integer({ min: 1, max: 40 }), position, fc.boolean(), fc.boolean()).map(
    ([from, length, to, remove, insert]): Mutation =>
      (xml) => {
        const list = tokens(xml);
        const start = Math.floor(from * list.length);
        const piece = list.slice(start, start + length);
        if (remove) list.splice(start, length);
        if (insert) list.splice(Math.floor(to * list.length), 0, ...piece);
        return list.join('');
      },
  ),
);

describe('a genuine response that was changed', () => {
  it.each(['assertion', 'response', 'both'] as const)(
    'returns the signed claims or a SamlError, never anything else (%s signed)',
    async (signs) => {
      const genuine = respond({ signs });
      const xml = decode(genuine);
      const claims = await validate(genuine);
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
          const changed = encode(mutations.reduce((text, mutate) => mutate(text), xml));
          const outcome = await validateResponse(changed, options).catch((error: unknown) => error);
          const explained = await explain(changed);
          if (outcome instanceof SamlError) {
            expect(explained).toMatchObject({ verdict: 'reject', assertion: null });
            expect(failed(explained)[0]?.[1]).toBe(outcome.code);
          } else {
            accepted++;
            expect(outcome).toEqual(claims);
            expect(explained).toMatchObject({ verdict: 'accept', assertion: claims });
          }
        }),
        { numRuns: 400 },
      );
      // Otherwise the mutations would be too coarse to prove anything.
      expect(accepted).toBeGreaterThan(0);
    },
  );

  it('is refused by a SamlError for any bytes and any base64', async () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
    );
    await fc.assert(
      fc.asyncProperty(field, async (samlResponse) => {
        expect(await rejectionOf(validate(samlResponse))).toBeInstanceOf(SamlError);
        expect(await explain(samlResponse)).toMatchObject({ verdict: 'reject', assertion: null });
      }),
    );
  });
});
