import { describe, expect, it } from 'vitest';
import { SamlError, type SamlErrorCode } from '../../src/errors.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { forgeries } from '../../src/testing/attack/catalogue.ts';
import {
  type ForgeryMaterial,
  forgeryMaterial,
  type SigningMode,
  signingModes,
} from '../../src/testing/attack/material.ts';
import { createTestIdp } from '../../src/testing/idp/create-test-idp.ts';
import { type KeyType, selfSigned } from '../../src/testing/idp/self-signed.ts';
import { sentences } from '../saml/support.ts';

/** The code with which each forgery is refused; or the name of the genuine user, if the forged part is not read. */
const outcomes: Readonly<Record<string, SamlErrorCode | { readonly as: string }>> = {
  'forged-assertion-first': 'assertion_multiple',
  'forged-assertion-last': 'assertion_multiple',
  'signed-assertion-inside-forged': 'assertion_multiple',
  'signature-moved': 'assertion_multiple',
  'signature-borrowed': 'signature_wrapped',
  'original-inside-signature': 'assertion_multiple',
  'forged-assertion-in-extensions': 'assertion_multiple',
  'signed-assertion-in-extensions': 'assertion_multiple',
  'original-in-object': 'assertion_multiple',
  'signed-assertion-in-foreign-element': 'assertion_multiple',
  'signed-assertion-as-advice': 'assertion_multiple',
  'signed-assertion-in-confirmation-data': 'assertion_multiple',
  'forged-assertion-in-object': 'assertion_multiple',
  'decoy-signature': 'assertion_multiple',
  'assertion-signature-on-response': 'signature_wrapped',
  'id-in-another-namespace': 'assertion_multiple',
  'assertion-of-another-namespace': { as: 'alice' },
  'misdirected-assertion-first': 'assertion_multiple',
  'misdirected-assertion-last': 'assertion_multiple',
  'empty-encrypted-assertion-sibling': 'assertion_multiple',
  'signed-response-inside-signature': 'assertion_multiple',
  'signed-response-in-object': 'assertion_multiple',
  'signed-response-after-signature': 'assertion_multiple',
  'signed-response-before-signature': 'assertion_multiple',
  'signed-response-inside-forged': 'assertion_multiple',
  'response-signature-borrowed': 'signature_wrapped',
  'response-signature-and-id-borrowed': 'signature_invalid',
  'assertion-added-to-signed-response': 'assertion_multiple',
  'assertion-in-object-of-signed-response': 'assertion_multiple',
  'assertion-in-object-of-signed-failure': 'status_not_success',
  'assertion-in-object-of-empty-response': 'assertion_missing',
  'assertion-in-key-info': 'assertion_missing',
  'assertion-bare-in-signature': 'assertion_missing',
  'assertion-in-signature-value': 'assertion_missing',
  'assertion-added-to-signed-failure': 'status_not_success',
  'response-decoy-signature': 'assertion_multiple',
  'signature-removed': 'signature_missing',
  'signature-emptied': 'signature_invalid',
  'signature-of-another-namespace': 'signature_missing',
  'content-replaced': 'signature_invalid',
  'digest-replaced': 'signature_invalid',
  'forged-signed-info-first': 'signature_invalid',
  'forged-signed-info-last': 'signature_invalid',
  'digest-in-comment': 'signature_invalid',
  'two-digest-values': 'signature_invalid',
  'two-references': 'signature_wrapped',
  'no-reference': 'signature_wrapped',
  'void-canonicalization': 'forbidden_xml',
  'signature-on-status': 'signature_wrapped',
  'entity-descriptor-in-extensions': 'signature_wrapped',
  'entity-descriptor-in-assertion': 'signature_wrapped',
  'logout-response-in-extensions': 'signature_wrapped',
  'logout-response-in-assertion': 'signature_wrapped',
  'authn-request-in-extensions': 'signature_wrapped',
  'authn-request-in-assertion': 'signature_wrapped',
  'hmac-with-the-certificate': 'algorithm_not_allowed',
  'hmac-with-the-public-key': 'algorithm_not_allowed',
  'algorithm-of-object-prototype': 'algorithm_not_allowed',
  'untrusted-key': 'untrusted_certificate',
  'untrusted-key-under-the-trusted-certificate': 'signature_invalid',
  'untrusted-key-value': 'signature_invalid',
  'comment-in-name': { as: 'mallory.attacker.test' },
  'cdata-in-name': { as: 'mallory.attacker.test' },
  'processing-instruction-in-name': 'forbidden_xml',
  'processing-instruction-for-text': 'forbidden_xml',
  'element-in-name': 'assertion_invalid',
  'look-alike-name': { as: 'ⓜallory' },
  doctype: 'forbidden_xml',
  'id-by-entity': 'forbidden_xml',
  'two-documents': 'malformed_xml',
  'two-documents-forged-first': 'malformed_xml',
  'status-not-success': 'status_not_success',
  'status-missing': 'status_not_success',
  'status-failure-with-success-inside': 'status_not_success',
  'other-audience': 'audience_mismatch',
  'no-audience': 'audience_mismatch',
  'empty-audience': 'audience_mismatch',
  'audience-that-begins-alike': 'audience_mismatch',
  'second-restriction-for-another': 'audience_mismatch',
  'other-recipient': 'recipient_mismatch',
  'no-recipient': 'recipient_mismatch',
  'other-destination': 'destination_mismatch',
  'empty-destination': 'destination_mismatch',
  expired: 'expired',
  'conditions-expired': 'expired',
  'confirmation-expired': 'expired',
  'not-yet-valid': 'not_yet_valid',
  'confirmation-without-end': 'subject_confirmation_invalid',
  'session-over': 'session_expired',
  'end-that-is-no-time': 'assertion_invalid',
  'issued-in-the-future': 'not_yet_valid',
  'no-conditions': 'conditions_invalid',
  'unknown-condition': 'conditions_invalid',
  'no-confirmation': 'subject_confirmation_invalid',
  'holder-of-key': 'subject_confirmation_invalid',
  'other-request': 'in_response_to_mismatch',
  'confirmation-for-other-request': 'in_response_to_mismatch',
  'assertion-of-unsigned-answer': 'in_response_to_mismatch',
  unsolicited: 'in_response_to_mismatch',
  'other-assertion-issuer': 'issuer_mismatch',
  'other-issuer': 'issuer_mismatch',
  'empty-name-id': 'name_id_missing',
  'name-id-for-another-application': 'audience_mismatch',
  'no-authn-statement': 'authn_statement_missing',
  'assertion-of-version-1-1': 'assertion_invalid',
  'response-of-version-1-1': 'unexpected_message',
  'message-of-another-kind': 'unexpected_message',
  'response-of-another-namespace': 'unexpected_message',
  'sha-1': 'algorithm_not_allowed',
  'doctype-in-plaintext': 'decryption_failed',
  'encrypted-inside-encrypted': 'decryption_failed',
  'response-inside-encrypted': 'decryption_failed',
  'forged-next-to-encrypted': 'assertion_multiple',
  'markup-in-status-message': 'status_not_success',
};

/** Forgeries that are seen before anything is decrypted. */
const outside = [
  'authn-request-in-extensions',
  'doctype',
  'entity-descriptor-in-extensions',
  'forged-next-to-encrypted',
  'logout-response-in-extensions',
  'signature-on-status',
  'void-canonicalization',
];

/** Of an encrypted Assertion all that can go wrong up to its signature is one and the same. */
function isInside(name: string): boolean {
  const outcome = outcomes[name];
  return (
    typeof outcome === 'string' &&
    /^(?:signature|algorithm|untrusted|forbidden|assertion_multiple)/.test(outcome) &&
    !outside.includes(name)
  );
}

/** Forgeries that are more than one message; they are tried on applications. */
const deliveries = [
  'field-twice',
  'replayed',
  'second-answer',
  'other-browser',
  'unsigned-by-redirect',
  'relay-state-absolute',
  'relay-state-without-scheme',
  'relay-state-backslash',
  'relay-state-script',
];

const now = new Date('2026-01-01T00:01:00Z');
const encryption = selfSigned({ commonName: 'sp.example.test' });
const serviceProvider = {
  entityId: 'https://sp.example.test',
  acsUrl: 'https://sp.example.test/acs',
  encryptionCertificate: encryption.certificate,
};
const decryptionKeys = [encryption.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()];

describe.each(['p256', 'rsa'] as const)('forgeries with a trusted key of type %s', (keyType: KeyType) => {
  const idp = createTestIdp({ keyType, users: [{ id: 'alice', email: 'alice@acme.example' }], now: () => now });
  const options: ValidateResponseOptions = {
    identityProvider: { entityId: idp.entityId, certificates: [idp.certificate] },
    serviceProvider: { entityId: serviceProvider.entityId, acsUrl: serviceProvider.acsUrl, decryptionKeys },
    inResponseTo: '_request',
    now,
  };

  function material(signs: SigningMode): ForgeryMaterial {
    return forgeryMaterial({ idp, serviceProvider, user: 'alice', signs, inResponseTo: '_request' });
  }

  /** Both ways: the second verifier must not be what saves us. */
  async function validate(xml: string, seal: ForgeryMaterial['seal']): Promise<readonly unknown[]> {
    const field = Buffer.from(seal(xml)).toString('base64');
    const verdicts = [true, false].map((crossCheck) =>
      validateResponse(field, { ...options, crossCheck }).catch((error: unknown) => error),
    );
    return await Promise.all(verdicts);
  }

  it.each(signingModes)(
    'the genuine messages of the user and the victim are accepted, with %s signed',
    async (signs) => {
      const { response, victimsResponse, seal } = material(signs);
      for (const [xml, nameId] of [
        [response(), 'alice'],
        [victimsResponse(), 'mallory'],
      ] as const) {
        for (const verdict of await validate(xml, seal)) expect(verdict).toMatchObject({ subject: { nameId } });
      }
    },
  );

  const tried = forgeries.flatMap((forgery) =>
    deliveries.includes(forgery.name) ? [] : (forgery.from ?? signingModes).map((signs) => ({ ...forgery, signs })),
  );

  // Those whose decryption fails wait, as they must.
  it.concurrent.each(tried)('$row: $name, $signs', async ({ name, make, signs }) => {
    const pieces = material(signs);
    const xml = make(pieces);
    if (typeof xml !== 'string') throw new Error('it is more than a message');
    const expected = signs === 'encrypted' && isInside(name) ? 'decryption_failed' : outcomes[name];
    for (const verdict of await validate(xml, pieces.seal)) {
      if (typeof expected === 'object') {
        expect(verdict).toMatchObject({ subject: { nameId: expected.as } });
        continue;
      }
      if (!(verdict instanceof SamlError)) throw new Error('it was accepted', { cause: verdict });
      expect([verdict.code, verdict.message]).toEqual([expected, expected && sentences[expected]]);
      expect(verdict.message + verdict.hint + JSON.stringify(verdict.details)).not.toContain('mallory');
    }
  });
});

it('the catalogue contains exactly the forgeries that are tested', () => {
  expect(forgeries.map(({ name }) => name).sort()).toEqual([...Object.keys(outcomes), ...deliveries].sort());
});
