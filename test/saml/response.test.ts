import { createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { decodeResponse } from '../../src/saml/decode-response.ts';
import { evaluateResponse } from '../../src/saml/evaluate-response.ts';
import { explainResponse } from '../../src/saml/explain.ts';
import { nameIdFormats, namespaces, statusCodes } from '../../src/saml/names.ts';
import { resolveOptions, type ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { startTrace } from '../../src/saml/trace.ts';
import { createTestIdp } from '../../src/testing/idp/create-test-idp.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import type { RespondOptions } from '../../src/testing/idp/test-idp.ts';
import { signEnveloped } from '../../src/xml/sign.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { keyPair } from '../support/signing.ts';
import {
  acsUrl,
  alice,
  at,
  decode,
  encode,
  expectError,
  expectRefused,
  idp,
  idpEntityId,
  now,
  options,
  rejectionOf,
  requestId,
  respond,
  respondUnasked,
  spEntityId,
  swap,
  tamper,
  unasked,
  validate,
} from './support.ts';

const untrusted = keyPair('p256', 'untrusted');

describe('validateResponse', () => {
  it('returns the signed content', async () => {
    const assertion = await validate(respond({ assertionId: '_assertion', sessionIndex: '_session' }));
    expect(assertion).toEqual({
      id: '_assertion',
      issuer: idpEntityId,
      issueInstant: now,
      subject: {
        nameId: 'alice-1',
        format: nameIdFormats.persistent,
        nameQualifier: undefined,
        spNameQualifier: undefined,
      },
      attributes: new Map<string, string[]>([
        ['email', ['alice@example.com']],
        ['firstName', ['Alice']],
        ['lastName', ['Liddell']],
        ['groups', ['admins', 'users']],
      ]),
      attributeList: [
        { name: 'email', friendlyName: undefined, nameFormat: undefined, values: ['alice@example.com'] },
        { name: 'firstName', friendlyName: undefined, nameFormat: undefined, values: ['Alice'] },
        { name: 'lastName', friendlyName: undefined, nameFormat: undefined, values: ['Liddell'] },
        { name: 'groups', friendlyName: undefined, nameFormat: undefined, values: ['admins', 'users'] },
      ],
      session: { index: '_session', notOnOrAfter: at(8 * 60 * 60) },
      authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      authnInstant: now,
      audiences: [spEntityId],
      inResponseTo: requestId,
      notOnOrAfter: at(5 * 60),
    });
  });

  it('omits the values that an unsolicited response does not have', async () => {
    const bare = { sessionIndex: null, sessionNotOnOrAfter: null, attributes: null };
    const assertion = await validate(respondUnasked(bare), unasked);
    expect(assertion).toMatchObject({ inResponseTo: undefined, attributeList: [] });
    expect(assertion.session).toEqual({ index: undefined, notOnOrAfter: undefined });
    expect(assertion.attributes.size).toBe(0);
  });

  it('reads the first AuthnStatement of several', async () => {
    const second =
      '<saml:AuthnStatement AuthnInstant="2026-11-24T07:00:00Z" SessionIndex="_second"><saml:AuthnContext><saml:AuthnContextClassRef>urn:c</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>';
    const more = swap('</saml:AuthnStatement>', `</saml:AuthnStatement>${second}`);
    const { session, authnInstant } = await validate(respond({ ...more, sessionIndex: '_first' }));
    expect([session.index, authnInstant]).toEqual(['_first', now]);
  });

  it('uses the clock of the system by default', async () => {
    const fresh = respond({ now: new Date() });
    await expect(validate(fresh, { now: undefined })).resolves.toMatchObject({ issuer: idpEntityId });
    await expectRefused(
      validate(respond({ now: new Date(0) }), { now: undefined }),
      'expired',
      '1970-01-01T00:05:00.000Z',
    );
  });

  it('accepts any of several pinned certificates, and no other key', async () => {
    const { certificate } = untrusted;
    const pin = (...certificates: string[]) => ({ identityProvider: { entityId: idpEntityId, certificates } });
    await validate(respond(), pin(certificate, idp.certificate));
    await expectRefused(validate(respond(), pin(certificate)), 'untrusted_certificate', 'CN=untrusted');
    await expectRefused(validate(respond({ key: untrusted })), 'untrusted_certificate', 'CN=untrusted');
    await validate(respond({ key: untrusted }), pin(certificate));
  });
});

describe('invalid options', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    [
      'no certificate',
      { identityProvider: { entityId: idpEntityId, certificates: [] } },
      'identityProvider.certificates',
    ],
    ['no entity ID', { identityProvider: { ...options.identityProvider, entityId: '' } }, 'identityProvider.entityId'],
    ['no own entity ID', { serviceProvider: { entityId: '', acsUrl } }, 'serviceProvider.entityId'],
    ['no ACS', { serviceProvider: { entityId: spEntityId } }, 'serviceProvider.acsUrl'],
    ['no decision about InResponseTo', { inResponseTo: undefined }, 'inResponseTo'],
    ['an empty InResponseTo', { inResponseTo: '' }, 'inResponseTo'],
    ['a negative skew', { clockSkewSeconds: -1 }, 'clockSkewSeconds'],
    ['a large skew', { clockSkewSeconds: 301 }, 'clockSkewSeconds'],
    ['a skew that is no number', { clockSkewSeconds: Number.NaN }, 'clockSkewSeconds'],
    ['a short lifetime', { maxAssertionLifetimeSeconds: 59 }, 'maxAssertionLifetimeSeconds'],
    ['a lifetime of more than 30 days', { maxAssertionLifetimeSeconds: 2_592_001 }, 'from 60 to 2592000'],
    ['a lifetime that is no integer', { maxAssertionLifetimeSeconds: 3600.5 }, 'maxAssertionLifetimeSeconds'],
    ['no time', { now: new Date(Number.NaN) }, 'now must be a valid Date'],
    ['an unknown part', { requireSigned: 'none' }, 'requireSigned must be one of either, response, assertion, both'],
    ['a limit of nothing', { limits: { bytes: 0 } }, 'limits.bytes'],
  ];

  it.each(wrong)('are a TypeError: %s', async (_, changes, message) => {
    const error = await rejectionOf(validate(respond(), changes as Partial<ValidateResponseOptions>));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });

  it.each([
    [
      'an option',
      { requireSign: 'both' },
      'options: unknown key "requireSign", did you mean requireSigned?',
      ['requireSign'],
    ],
    [
      'one of the identity provider',
      { identityProvider: { ...options.identityProvider, certificate: 'x' } },
      'identityProvider: unknown key "certificate", did you mean certificates?',
      ['identityProvider', 'certificate'],
    ],
    [
      'one of the service provider',
      { serviceProvider: { ...options.serviceProvider, acsURL: acsUrl } },
      'serviceProvider: unknown key "acsURL", did you mean acsUrl?',
      ['serviceProvider', 'acsURL'],
    ],
    ['a limit', { limits: { byte: 1 } }, 'limits: unknown key "byte", did you mean bytes?', ['limits', 'byte']],
  ])('are an unknown key: %s', async (_, changes, message, path) => {
    const expected = { name: 'ConfigurationError', message, issues: [{ path }] };
    const unknown = changes as Partial<ValidateResponseOptions>;
    expect(await rejectionOf(validate(respond(), unknown))).toMatchObject(expected);
    expect(await rejectionOf(explainResponse(respond(), { ...options, ...unknown }))).toMatchObject(expected);
  });

  it('do not include any documented key', async () => {
    const every: Required<ValidateResponseOptions> = {
      identityProvider: { ...options.identityProvider },
      serviceProvider: { entityId: spEntityId, acsUrl, decryptionKeys: [], sharedDecryptionKeys: false },
      inResponseTo: options.inResponseTo,
      now,
      clockSkewSeconds: 60,
      allowSha1: false,
      allowAesCbc: false,
      requireSigned: 'either',
      crossCheck: true,
      requireNameId: true,
      requireDestination: true,
      maxAssertionLifetimeSeconds: 86_400,
      limits: { bytes: 1_000_000, depth: 64, elements: 1000, attributes: 1000, prefixes: 32 },
    };
    await expect(validate(respond(), every)).resolves.toMatchObject({ issuer: idpEntityId });
  });

  it('are reported before the message is read', async () => {
    expect(await rejectionOf(validate('not base64!', { clockSkewSeconds: 301 }))).toBeInstanceOf(TypeError);
    await expectRefused(validate('not base64!', { clockSkewSeconds: 300 }), 'invalid_encoding');
  });

  it('include a value that is not a string', async () => {
    const response: unknown = undefined;
    expect(await rejectionOf(validate(response as string))).toBeInstanceOf(TypeError);
  });
});

describe('the signature requirement', () => {
  const parts = ['response', 'assertion', 'both', 'none'] as const;
  const satisfied: Readonly<Record<string, readonly string[]>> = {
    either: ['response', 'assertion', 'both'],
    response: ['response', 'both'],
    assertion: ['assertion', 'both'],
    both: ['both'],
  };
  const table = Object.keys(satisfied).flatMap((required) => parts.map((signs) => [required, signs] as const));

  it.each(table)('%s required, %s signed', async (required, signs) => {
    const requireSigned = required as ValidateResponseOptions['requireSigned'];
    const outcome = validate(respond({ signs }), { requireSigned });
    if (satisfied[required]?.includes(signs)) {
      await expect(outcome).resolves.toMatchObject({ subject: { nameId: 'alice-1' } });
    } else if (signs === 'none') {
      const problem = required === 'response' || required === 'both' ? 'The Response' : 'Neither the Response nor';
      await expectRefused(outcome, 'signature_missing', problem, 'signed');
    } else {
      const wanted = required === 'both' ? 'both Response and Assertion' : `the ${required}`;
      await expectRefused(outcome, 'signature_missing', `Only the ${signs} is signed`, `requires ${wanted}`);
    }
  });

  it.each(parts)('refuses an altered message, %s signed', async (signs) => {
    const genuine = respond({ signs });
    const altered = tamper(genuine, '>alice-1<', '>alice-2<');
    if (signs === 'none') return expectRefused(validate(altered), 'signature_missing');
    await validate(genuine);
    await expectRefused(validate(altered), 'signature_invalid', 'was changed after');
  });
});

/** Signed twice: the Assertion by `inner`, then the Response by the pinned key. */
function signedTwice(inner: Partial<RespondOptions>, edit: (xml: string) => string = (xml) => xml): string {
  const signed = decode(respond({ id: '_response', signs: 'assertion', ...inner }));
  return encode(signEnveloped(edit(signed), { ...idp, id: '_response' }));
}

describe('a second signature', () => {
  it('is accepted if both are valid', async () => {
    const { subject } = await validate(signedTwice({}));
    expect(subject?.nameId).toBe('alice-1');
  });

  it('refuses the message if the inner one is invalid', async () => {
    const damage = (xml: string) =>
      xml.replace(/(<ds:SignatureValue>)(.)/, (_, tag, c) => tag + (c === 'A' ? 'B' : 'A'));
    await expectRefused(validate(signedTwice({ key: untrusted })), 'untrusted_certificate', 'CN=untrusted');
    await expectRefused(validate(signedTwice({}, damage)), 'signature_invalid');
    await expectRefused(validate(signedTwice({}, (xml) => xml.replace('>alice-1<', '>bob<'))), 'signature_invalid');
  });

  it('refuses the message if the outer one is invalid', async () => {
    const both = respond({ signs: 'both' });
    await validate(both);
    await expectRefused(validate(tamper(both, ` Destination="${acsUrl}"`, '')), 'signature_invalid', '<Response>');
    await expectRefused(validate(tamper(both, statusCodes.success, ` ${statusCodes.success}`)), 'signature_invalid');
    const outer = decode(respond({ id: '_response', signs: 'assertion' }));
    const strange = encode(signEnveloped(outer, { ...untrusted, id: '_response' }));
    await expectRefused(validate(strange), 'untrusted_certificate', 'CN=untrusted');
  });

  it('refuses the message if there is a third one, or one in another place', async () => {
    const twice = decode(respond({ signs: 'both' }));
    const [signature = ''] = /<ds:Signature .*?<\/ds:Signature>/s.exec(twice) ?? [];
    const adjacent = twice.replace('<samlp:Status>', () => `${signature}<samlp:Status>`);
    await expectRefused(validate(encode(adjacent)), 'signature_wrapped', 'next to another one');
    const one = decode(respond({ signs: 'assertion' }));
    for (const place of ['samlp:Status', 'saml:Subject', 'saml:AttributeStatement']) {
      const moved = one.replace(`<${place}>`, () => `<${place}>${signature}`);
      await expectRefused(validate(encode(moved)), 'signature_wrapped', `inside <${place.split(':')[1]}>`);
    }
  });
});

describe('a Response that is not signed, around an Assertion that is', () => {
  const genuine = respond({ signs: 'assertion', issuer: idpEntityId });
  const [, open = ''] = /^(<samlp:Response [^>]*>)/.exec(decode(genuine)) ?? [];
  const attribute = (name: string, value: string | null) =>
    tamper(genuine, open, open.replace(new RegExp(` ${name}="[^"]*"`), value === null ? '' : ` ${name}="${value}"`));

  it('has the attributes that are changed in these tests', () => {
    expect([...open.matchAll(/ ([A-Z]\w*)=/g)].map(([, name]) => name)).toEqual([
      'ID',
      'Version',
      'IssueInstant',
      'Destination',
      'InResponseTo',
    ]);
  });

  it.each([
    ['another ID', attribute('ID', '_other')],
    ['no ID', attribute('ID', null)],
    ['an older IssueInstant', attribute('IssueInstant', '2001-01-01T00:00:00Z')],
    ['no Destination', attribute('Destination', null)],
    ['Consent', tamper(genuine, open, open.replace('>', ' Consent="urn:x">'))],
    ['no Issuer', tamper(genuine, /<saml:Issuer>.*?<\/saml:Issuer>/, '')],
    [
      'Extensions',
      tamper(genuine, '<samlp:Status>', '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions><samlp:Status>'),
    ],
    [
      'a StatusMessage',
      tamper(genuine, '</samlp:Status>', '<samlp:StatusMessage>hello</samlp:StatusMessage></samlp:Status>'),
    ],
  ])('changes nothing by %s', async (_, samlResponse) => {
    expect(await validate(samlResponse)).toEqual(await validate(genuine));
  });

  it.each([
    ['another Version', attribute('Version', '1.1'), 'unexpected_message'],
    ['no Version', attribute('Version', null), 'unexpected_message'],
    ['a future IssueInstant', attribute('IssueInstant', '2027-01-01T00:00:00Z'), 'not_yet_valid'],
    ['a wrong IssueInstant', attribute('IssueInstant', 'now'), 'unexpected_message'],
    ['another Destination', attribute('Destination', 'https://other.example.com/'), 'destination_mismatch'],
    ['an empty Destination', attribute('Destination', ''), 'destination_mismatch'],
    ['another InResponseTo', attribute('InResponseTo', '_other'), 'in_response_to_mismatch'],
    ['no InResponseTo', attribute('InResponseTo', null), 'in_response_to_mismatch'],
    [
      'the ID of its Assertion',
      attribute('ID', /Assertion[^>]* ID="([^"]*)"/.exec(decode(genuine))?.[1] ?? ''),
      'signature_wrapped',
    ],
    ['another Issuer', tamper(genuine, idpEntityId, 'https://other.example.com/'), 'issuer_mismatch'],
    ['another status', tamper(genuine, statusCodes.success, statusCodes.responder), 'status_not_success'],
  ] as const)('refuses the message by %s', (_, samlResponse, code) => expectRefused(validate(samlResponse), code));

  it('cannot change the request that it answers, or become unsolicited', async () => {
    const other = attribute('InResponseTo', '_other');
    await expectRefused(
      validate(other, { inResponseTo: '_other' }),
      'in_response_to_mismatch',
      `"${requestId}"`,
      '"_other"',
    );
    const none = attribute('InResponseTo', null);
    await expectRefused(validate(none, unasked), 'in_response_to_mismatch', `"${requestId}"`, 'expected none');
  });
});

describe('other messages with a valid signature', () => {
  const signed = (xml: string) => encode(signEnveloped(xml, { ...idp, id: '_m', position: 'first' }));
  const names = `xmlns:samlp="${namespaces.protocol}" xmlns:saml="${namespaces.assertion}" xmlns:md="${namespaces.metadata}"`;

  it.each([
    ['a request sent back', `<samlp:AuthnRequest ${names} ID="_m"/>`, 'sent it back'],
    ['a LogoutResponse', `<samlp:LogoutResponse ${names} ID="_m" Version="2.0"/>`, 'single logout URL'],
    ['metadata', `<md:EntityDescriptor ${names} ID="_m"/>`, 'That is metadata'],
    ['an Assertion alone', `<saml:Assertion ${names} ID="_m" Version="2.0"/>`, 'received <Assertion>'],
    ['a Response of the assertion namespace', `<saml:Response ${names} ID="_m" Version="2.0"/>`, namespaces.assertion],
    ['a Response of no namespace', '<Response ID="_m" Version="2.0"/>', 'received <Response> in the namespace .'],
    [
      'a SAML 1.1 Response',
      '<p:Response xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol" ID="_m" MajorVersion="1"/>',
      'choose SAML 2.0',
    ],
  ])('refuses %s', (_, xml, hinted) => expectRefused(validate(signed(xml)), 'unexpected_message', hinted));

  it('refuses an error with an assertion in its signature', async () => {
    const failure = { status: { code: statusCodes.responder }, signs: 'response' } as const;
    const assertion = /<saml:Assertion .*<\/saml:Assertion>/s.exec(decode(respond({ signs: 'none' })))?.[0];
    const hidden = tamper(respond(failure), '</ds:KeyInfo>', `</ds:KeyInfo><ds:Object>${assertion}</ds:Object>`);
    await expectRefused(validate(hidden), 'status_not_success');
    const success = tamper(hidden, statusCodes.responder, statusCodes.success);
    await expectRefused(validate(success), 'assertion_missing', 'has its Assertion inside another element');
  });
});

describe('the number of assertions', () => {
  const genuine = decode(respond());
  const assertion = /<saml:Assertion .*<\/saml:Assertion>/s.exec(genuine)?.[0] ?? '';
  const forged = assertion
    .replace(/<ds:Signature .*<\/ds:Signature>/s, '')
    .replace(/ ID="[^"]*"/, ' ID="_forged"')
    .replace('>alice-1<', '>mallory<');
  const two = 'contains 2 assertions';

  it.each([
    ['before the genuine one', assertion, `${forged}${assertion}`],
    ['after it', assertion, `${assertion}${forged}`],
    ['in the Extensions', '<samlp:Status>', `<samlp:Extensions>${forged}</samlp:Extensions><samlp:Status>`],
    ['in the Status', '</samlp:Status>', `<samlp:StatusDetail>${forged}</samlp:StatusDetail></samlp:Status>`],
    ['inside it', '<saml:Conditions', `<saml:Advice>${forged}</saml:Advice><saml:Conditions`],
    ['in its Signature', '</ds:Signature>', `<ds:Object>${forged}</ds:Object></ds:Signature>`],
    [
      'around it',
      assertion,
      forged.replace('</saml:Assertion>', `<saml:Advice>${assertion}</saml:Advice></saml:Assertion>`),
    ],
    ['encrypted', assertion, `${assertion}<saml:EncryptedAssertion/>`],
  ])('refuses a second one %s', (_, from, to) =>
    expectRefused(validate(encode(genuine.replace(from, () => to))), 'assertion_multiple', two),
  );

  it('refuses a second assertion in a signed Response', async () => {
    for (const advice of [forged, '<saml:EncryptedAssertion/>']) {
      const more = swap('<saml:AuthnStatement', `<saml:Advice>${advice}</saml:Advice><saml:AuthnStatement`);
      for (const signs of ['assertion', 'response'] as const) {
        await expectRefused(validate(respond({ signs, ...more })), 'assertion_multiple', two);
      }
    }
  });

  it('refuses a Response without an assertion, and an assertion that is not a child of the Response', async () => {
    await expectRefused(
      validate(respond({ assertion: false, signs: 'response' })),
      'assertion_missing',
      'contains no Assertion',
    );
    const wrapped = genuine.replace(assertion, () => `<samlp:Extensions>${assertion}</samlp:Extensions>`);
    await expectRefused(validate(encode(wrapped)), 'assertion_missing', 'has its Assertion');
  });

  it('counts no element of another namespace', async () => {
    const foreign = swap(
      '<saml:AuthnStatement',
      '<saml:Advice><Assertion xmlns="urn:x"/></saml:Advice><saml:AuthnStatement',
    );
    await expect(validate(respond(foreign))).resolves.toMatchObject({ subject: { nameId: 'alice-1' } });
  });
});

describe('encryption', () => {
  const encrypted = swap(
    /<saml:Assertion .*<\/saml:Assertion>/s,
    '<saml:EncryptedAssertion><x xmlns="urn:x"/></saml:EncryptedAssertion>',
  );
  it('refuses an encrypted assertion without a key, signed or not', async () => {
    for (const signs of ['response', 'none'] as const) {
      const message = respond({ ...encrypted, signs });
      await expectRefused(validate(message), 'decryption_key_missing', 'no decryption key is configured');
    }
  });

  it('verifies the signature around the encrypted assertion first', () => {
    const altered = tamper(respond({ ...encrypted, signs: 'response' }), 'urn:x', 'urn:y');
    return expectRefused(validate(altered), 'signature_invalid');
  });

  it.each([
    ['NameID', /<saml:NameID .*<\/saml:NameID>/, '<saml:EncryptedID/>', 'encrypts the NameID'],
    ['attribute', /<saml:Attribute .*?<\/saml:Attribute>/, '<saml:EncryptedAttribute/>', 'encrypts an attribute'],
  ])('refuses an encrypted %s', (_, from, to, hinted) =>
    expectRefused(validate(respond(swap(from, to))), 'decryption_key_missing', hinted),
  );
});

describe('warnings', () => {
  const warningsOf = async (samlResponse: string, changes: Partial<ValidateResponseOptions> = {}) => {
    const context = resolveOptions({ ...options, ...changes });
    const trace = startTrace('validate');
    return evaluateResponse(decodeResponse(samlResponse, context.limits, trace), context, trace).warnings;
  };

  it('are absent for an ordinary response', async () => {
    expect(await warningsOf(respond())).toEqual([]);
  });

  it.each([
    ['expired', at(-86_400), at(-1)],
    ['not valid yet', at(1), at(86_400)],
  ])('report a certificate that is %s, and still verifies', async (_, notBefore, notAfter) => {
    const key = selfSigned({ keyType: 'p256', commonName: 'old', notBefore, notAfter });
    const changes = { identityProvider: { entityId: idpEntityId, certificates: [key.certificate] } };
    expect(await warningsOf(respond({ key }), changes)).toEqual([
      { warning: 'certificate_expired', hint: expect.stringContaining(`CN=old`) },
    ]);
  });

  it('report once a certificate that signed both Response and Assertion, and SHA-1 in both', async () => {
    const rsa = createTestIdp({
      entityId: idpEntityId,
      users: [alice],
      key: selfSigned({ notAfter: at(-1) }),
      now: () => now,
    });
    const sha1 = { allowSha1: true, signatureAlgorithm: `${namespaces.signature}rsa-sha1` };
    const login = { user: 'alice-1', acsUrl, audience: spEntityId, inResponseTo: requestId };
    const message = rsa.respond({ ...login, ...sha1, signs: 'both' });
    const changes = { identityProvider: { entityId: idpEntityId, certificates: [rsa.certificate] }, allowSha1: true };
    const warnings = (await warningsOf(message, changes)).map(({ warning }) => warning);
    expect(warnings).toEqual(['certificate_expired', 'sha1_used']);
  });

  it.each([
    ['the assertion, Response signed', { signs: 'response' }, 'assertion'],
    ['the assertion, signed inside', { signs: 'assertion' }, 'assertion'],
    ['the NameID', {}, /<saml:NameID.*?<\/saml:NameID>/s],
    ['attributes', {}, /<saml:Attribute .*?<\/saml:Attribute>/gs],
  ] as const)('report AES-CBC once, and AES-GCM never: %s', async (_, signing, encrypts) => {
    const pair = decryptionPair();
    const changes: Partial<ValidateResponseOptions> = {
      allowAesCbc: true,
      serviceProvider: { ...options.serviceProvider, decryptionKeys: [pemOf(pair)] },
    };
    const message = (contentAlgorithm: string): string => {
      const encryption = { certificate: pair.certificate, contentAlgorithm };
      if (encrypts === 'assertion') return respond({ ...signing, encryption });
      const wrap = (found: string): string => {
        const kind = found.startsWith('<saml:NameID') ? 'EncryptedID' : 'EncryptedAttribute';
        return `<saml:${kind}>${encryptXml(found, encryption)}</saml:${kind}>`;
      };
      return respond({ mutateBeforeSigning: (xml) => xml.replace(encrypts, wrap) });
    };
    expect(await warningsOf(message(`${namespaces.encryption11}aes256-gcm`), changes)).toEqual([]);
    expect(await warningsOf(message(`${namespaces.encryption}aes256-cbc`), changes)).toEqual([
      { warning: 'aes_cbc_used', hint: expect.stringContaining('Choose AES-GCM') },
    ]);
  });

  it('are absent for a bare public key, which does not expire', async () => {
    const pem = createPublicKey(idp.certificate).export({ type: 'spki', format: 'pem' }).toString();
    const changes = { identityProvider: { entityId: idpEntityId, certificates: [pem] } };
    expect(await warningsOf(respond(), changes)).toEqual([]);
  });

  it('report SHA-1, which is refused by default', async () => {
    const rsa = createTestIdp({ entityId: idpEntityId, users: [alice], key: keyPair(), now: () => now });
    const sha1 = { allowSha1: true, signatureAlgorithm: `${namespaces.signature}rsa-sha1` };
    const message = rsa.respond({ user: 'alice-1', acsUrl, audience: spEntityId, inResponseTo: requestId, ...sha1 });
    const changes = { identityProvider: { entityId: idpEntityId, certificates: [rsa.certificate] } };
    await expectRefused(validate(message, changes), 'algorithm_not_allowed', 'allowSha1');
    expect(await warningsOf(message, { ...changes, allowSha1: true })).toEqual([
      { warning: 'sha1_used', hint: expect.stringContaining('switch to SHA-256') },
    ]);
  });

  it('report all omitted values in one warning, in printable text', async () => {
    const statement = '<saml:AttributeValue><x xmlns="urn:x"/></saml:AttributeValue>'.repeat(7);
    const attribute = `<saml:Attribute Name="a&#x9b;31m&#x202e;">${statement}</saml:Attribute>`;
    const [warning, ...more] = await warningsOf(
      respond(swap('<saml:AttributeStatement>', `<saml:AttributeStatement>${attribute}`)),
    );
    expect(more).toEqual([]);
    expect(warning?.warning).toBe('attribute_value_omitted');
    expect(warning?.hint).toContain('a value of the attribute "a\\u{9b}31m\\u{202e}" was left out');
    expect(warning?.hint).toMatch(/; and 2 more$/);
  });
});

describe('a refusal', () => {
  const evil = 'evil-4f1c';
  const status = (message: string) => ({ status: { code: statusCodes.responder, message }, signs: 'none' }) as const;
  const hostile: readonly (readonly [string, string])[] = [
    ['encoding', `${evil}!`],
    ['XML', encode(`<${evil}`)],
    ['a name', encode(`<${evil} xmlns="urn:${evil}"/>`)],
    ['a version', respond(swap('Version="2.0"', `Version="${evil}"`))],
    ['a status', respond({ status: { code: `urn:${evil}`, subcode: evil, message: evil } })],
    ['the issuer', respond({ issuer: evil })],
    ['the issuer of the assertion', respond({ assertionIssuer: evil })],
    ['the destination', respond({ destination: evil })],
    ['an audience', respond({ audiences: [evil] })],
    ['the recipient', respond({ recipient: evil })],
    ['a method', respond({ confirmationMethod: evil })],
    ['InResponseTo', respond({ responseInResponseTo: evil })],
    ['InResponseTo of the confirmation', respond({ confirmationInResponseTo: evil })],
    ['a time', respond({ notBefore: evil })],
    ['a condition', respond(swap('</saml:Conditions>', `<x:${evil} xmlns:x="urn:x"/></saml:Conditions>`))],
    ['an ID', tamper(respond({ assertionId: '_a' }), 'ID="_a"', `ID="${evil}"`)],
    ['a certificate', respond({ key: keyPair('p256', evil) })],
    ['an algorithm', tamper(respond(), /Algorithm="[^"]*ecdsa[^"]*"/, `Algorithm="${evil}"`)],
  ];

  it.each(hostile)('shows an end user no value of the message: %s', async (_, samlResponse) => {
    const error = await rejectionOf(validate(samlResponse));
    if (!(error instanceof SamlError)) return expect.fail(inspect(error));
    expect(error.message).not.toContain(evil);
    expect(Object.keys(error).sort()).toEqual(['code', 'name']);
    expect({ ...error }).toEqual({ name: 'SamlError', code: error.code });
    expect(Object.assign({}, error)).not.toHaveProperty('hint');
    expect(structuredClone({ ...error })).toEqual({ name: 'SamlError', code: error.code });
    expect(JSON.stringify({ error })).not.toContain(evil);
    expect(`${error}`).not.toContain(evil);
    expect(inspect(error, { showHidden: false }).split('[cause]')[0]).not.toContain(evil);
    expect(error.stack).not.toContain(evil);
  });

  it('shows the cause to the operator', async () => {
    const results = await Promise.all(
      hostile.map(async ([name, message]) => [name, await rejectionOf(validate(message))] as const),
    );
    const silent = results.filter(([, error]) => error instanceof SamlError && !error.hint.includes(evil));
    // What cannot be decoded is not repeated.
    expect(silent.map(([name]) => name)).toEqual(['encoding']);
  });

  const control = '\u009b31m\u202e\u2028\u0085';
  const escaped = '\\u{9b}31m\\u{202e}\\u{2028}\\u{85}';

  it.each([
    ['the StatusMessage', respond(status(control))],
    ['a status code', respond({ status: { code: control, message: control }, signs: 'none' })],
    ['the issuer', respond({ issuer: control })],
    ['the destination', respond({ destination: control })],
    ['an audience', respond({ audiences: [control] })],
    ['the recipient', respond({ recipient: control })],
    ['InResponseTo', respond({ responseInResponseTo: control })],
    ['the Format of an Issuer', respond(swap('<saml:Issuer>', `<saml:Issuer Format="${control}">`))],
    ['the IssueInstant', respond({ issueInstant: control })],
    ['a time', respond({ notBefore: control })],
  ])('escapes control and bidirectional characters of %s in the hint', async (_, samlResponse) => {
    const error = await rejectionOf(validate(samlResponse));
    if (!(error instanceof SamlError)) return expect.fail(inspect(error));
    expect(error.hint).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(error.hint.replaceAll('\\\\', '\\')).toContain(escaped);
  });

  it('truncates long values', async () => {
    const long = 'x'.repeat(100_000);
    for (const overrides of [{ issuer: long }, { audiences: Array(500).fill(long.slice(0, 900)) }, status(long)]) {
      const error = await rejectionOf(validate(respond(overrides)));
      if (!(error instanceof SamlError)) return expect.fail(inspect(error));
      expect(error.hint.length).toBeLessThan(2100);
    }
  });

  it.each([
    ['blanks', `x${' '.repeat(200_000)}x`],
    ['slashes', `x${'/'.repeat(200_000)}x`],
    ['digits', '0'.repeat(200_000)],
  ])('ends with long values, which would take minutes in quadratic time: %s', async (_, text) => {
    const inside = (signs: 'assertion' | 'response') => ({ signs, issuer: text, nameId: text, nameIdFormat: text });
    const own = swap('<saml:AttributeStatement>', `<saml:AttributeStatement><saml:Attribute Name="${text}"/>`);
    const messages = [
      respond(inside('assertion')),
      respond(inside('response')),
      respond({ assertionIssuer: text, ...own }),
      respond({ audiences: [text], spNameQualifier: text }),
      respond({ destination: text }),
      respond({ recipient: text, confirmationMethod: text }),
      respond({ responseInResponseTo: text }),
      respond({ notBefore: text }),
      respond(status(text)),
      respond({ status: { code: text }, signs: 'none' }),
    ];
    for (const message of messages) {
      expect(await rejectionOf(validate(message, { crossCheck: false }))).toBeInstanceOf(SamlError);
    }
  });

  it('does not serialize its cause', () => {
    const cause = new Error('a secret of the store');
    const error = new SamlError('store_failed', { hint: 'x', cause, details: { function: 'secret' } });
    expect(error.cause).toBe(cause);
    expect(JSON.stringify([error, { ...error }])).not.toContain('secret');
    expectError(
      new SamlError('session_expired', { hint: 'h', details: { expected: 'e', received: 'r' } }),
      'session_expired',
      'h',
    );
  });
});
