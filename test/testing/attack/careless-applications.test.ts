import { afterEach, describe, expect, it, vi } from 'vitest';
import { carelessNodeSaml, carelessSamlify, carelessXmlCrypto, names, run } from './applications.ts';

// Hundreds of logins each; the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });
afterEach(() => void vi.restoreAllMocks());

// What neither of the two libraries checks by itself in such a configuration.
const both = [
  'assertion-of-unsigned-answer',
  'assertion-of-version-1-1',
  'audience-that-begins-alike',
  'confirmation-expired',
  'confirmation-for-other-request',
  'doctype',
  'empty-audience',
  'empty-destination',
  'holder-of-key',
  'issued-in-the-future',
  'name-id-for-another-application',
  'no-audience',
  'no-authn-statement',
  'no-conditions',
  'no-confirmation',
  'no-recipient',
  'other-audience',
  'other-browser',
  'other-destination',
  'other-recipient',
  'other-request',
  'relay-state-absolute',
  'relay-state-backslash',
  'relay-state-script',
  'relay-state-without-scheme',
  'replayed',
  'response-of-another-namespace',
  'response-of-version-1-1',
  'second-answer',
  'second-restriction-for-another',
  'sha-1',
  'unknown-condition',
  'unsolicited',
];

// Signature wrapping that a reader of the whole document falls for, wherever it looks for an Assertion.
const anywhere = [
  'assertion-bare-in-signature',
  'assertion-in-key-info',
  'assertion-in-object-of-empty-response',
  'assertion-in-object-of-signed-failure',
  'assertion-in-signature-value',
  'authn-request-in-assertion',
  'authn-request-in-extensions',
  'entity-descriptor-in-assertion',
  'entity-descriptor-in-extensions',
  'forged-assertion-in-object',
  'logout-response-in-assertion',
  'logout-response-in-extensions',
  'message-of-another-kind',
  'processing-instruction-for-text',
  'response-of-another-namespace',
  'signature-on-status',
];

describe('attack finds the vulnerabilities of', () => {
  it('node-saml with every optional check disabled', async () => {
    const report = await run(carelessNodeSaml(), { signs: ['response', 'assertion'] });
    const more = [
      'conditions-expired',
      'empty-name-id',
      'expired',
      'not-yet-valid',
      'other-assertion-issuer',
      'other-issuer',
      'session-over',
      'status-failure-with-success-inside',
      'status-missing',
      'status-not-success',
    ];
    expect(names(report.letIn)).toEqual([...both, ...more].sort());
    expect(names(report.repeated)).toEqual(['markup-in-status-message']);
    expect(report.letIn.find(({ name }) => name === 'expired')).toEqual({
      name: 'expired',
      row: 'TIM-1',
      description: 'Everything ended an hour ago.',
      signs: 'response',
      who: 'victim',
      status: 302,
    });
  });

  it('samlify without a schema validator, and without the checks that it leaves to the application', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const report = await run(carelessSamlify(), { signs: ['response', 'assertion'] });
    const more = ['confirmation-without-end', 'element-in-name', 'misdirected-assertion-first'];
    expect(names(report.letIn)).toEqual([...both, ...more].sort());
    // It reads what is signed, and that is what the attacker's own account says.
    expect(names(report.harmless)).toContain('forged-assertion-first');
  });

  it.each([
    [
      'first',
      [
        'assertion-in-object-of-signed-response',
        'assertion-of-another-namespace',
        'forged-assertion-first',
        'forged-assertion-in-extensions',
        'misdirected-assertion-first',
        'original-in-object',
        'original-inside-signature',
        'signature-moved',
        'signed-assertion-as-advice',
        'signed-assertion-in-confirmation-data',
        'signed-assertion-in-foreign-element',
        'signed-assertion-inside-forged',
      ],
    ],
    [
      'last',
      [
        'forged-assertion-last',
        'id-by-entity',
        'misdirected-assertion-last',
        'signed-response-after-signature',
        'signed-response-before-signature',
        'signed-response-in-object',
        'signed-response-inside-forged',
        'signed-response-inside-signature',
      ],
    ],
  ] as const)('xml-crypto before reading the %s Assertion of the document', async (pick, more) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const report = await run(carelessXmlCrypto(pick), { signs: ['response', 'assertion'] });
    // That it checks nothing else goes without saying.
    const aboutXml = /^(?:XSW|SIG|REF|IDA|REU|REO|C14|KEY|PRS|TXT|NAM-3|MUL)/;
    const wrapped = report.letIn.filter(({ row }) => aboutXml.test(row));
    expect(names(wrapped)).toEqual([...anywhere, ...more].sort());
    expect(new Set(wrapped.map(({ who }) => who))).toEqual(new Set(['victim']));
  });
});
