import { describe, expect, it } from 'vitest';
import type { SamlErrorCode } from '../../src/errors.ts';
import { nameIdFormats, statusCodes } from '../../src/saml/names.ts';
import { readAssertion } from '../../src/saml/read-assertion.ts';
import { findAssertion, readResponse } from '../../src/saml/read-response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import type { Expectation, RuleInput } from '../../src/saml/rule.ts';
import { authnInstant, nameIdFormat, rules } from '../../src/saml/rules.ts';
import type { RespondOptions } from '../../src/testing/idp/test-idp.ts';
import { readXml } from '../../src/xml/read.ts';
import {
  acsUrl,
  at,
  decode,
  expectRefused,
  expectThrown,
  idpEntityId,
  now,
  requestId,
  respond,
  respondUnasked,
  spEntityId,
  swap,
  unasked,
  validate,
  withoutKey,
} from './support.ts';

type Overrides = Partial<RespondOptions>;
type Options = Partial<ValidateResponseOptions>;
const other = 'https://other.example.com/';

const modes = ['assertion', 'response'] as const;

/** Signed in either way, so that no rule depends on what is signed. */
async function accepts(overrides: Overrides = {}, options: Options = {}): Promise<void> {
  for (const signs of modes) {
    const assertion = await validate(respond({ signs, ...overrides }), options);
    expect(assertion.issuer).toBe(idpEntityId);
  }
}

async function refuses(overrides: Overrides, code: SamlErrorCode, hinted: readonly string[], options: Options = {}) {
  for (const signs of modes) {
    await expectRefused(validate(respond({ signs, ...overrides }), options), code, ...hinted);
  }
}

describe('responseIssuer', () => {
  it('accepts the identity provider, and its entity format', async () => {
    await accepts();
    const issuer = '<saml:Issuer>';
    await accepts(swap(issuer, `<saml:Issuer Format="${nameIdFormats.entity}">`));
    await accepts(swap(issuer, `<saml:Issuer NameQualifier="n" Format=" ${nameIdFormats.entity}&#10;">`));
  });

  it('refuses an Issuer other than the identity provider', () =>
    refuses({ issuer: other }, 'issuer_mismatch', ['Issuer of the Response', `"${other}"`, `"${idpEntityId}"`]));

  it('accepts a missing Issuer only if the Response is not signed', async () => {
    await validate(respond({ issuer: null, signs: 'assertion' }));
    for (const signs of ['response', 'both'] as const) {
      await expectRefused(
        validate(respond({ issuer: null, signs })),
        'issuer_mismatch',
        'Issuer of the Response is absent',
      );
    }
  });

  it('refuses an empty Issuer even if it could be absent', () =>
    refuses({ issuer: '' }, 'issuer_mismatch', ['Issuer of the Response is ""']));

  it.each([
    ['a trailing slash', `${idpEntityId}/`, 'the slash at the end'],
    ['http', idpEntityId.replace('https', 'http'), 'http and https'],
    ['upper case', idpEntityId.toUpperCase(), 'upper and lower case'],
  ])('points out %s', (_, issuer, slip) =>
    refuses({ issuer }, 'issuer_mismatch', [`"${issuer}"`, `(they differ only in ${slip})`]),
  );

  it('refuses two Issuers', () =>
    refuses(swap('<samlp:Status>', `<saml:Issuer>${idpEntityId}</saml:Issuer><samlp:Status>`), 'unexpected_message', [
      'a Response with several Issuers',
    ]));

  it('refuses another Format', () =>
    refuses(swap('<saml:Issuer>', `<saml:Issuer Format="${nameIdFormats.persistent}">`), 'assertion_invalid', [
      `the Issuer has the Format "${nameIdFormats.persistent}"`,
    ]));

  it('ignores white space around the Issuer', () => accepts({ issuer: `\n  ${idpEntityId}\t` }));

  it('ignores Issuer elements of other namespaces', () =>
    refuses(
      { ...swap('<saml:Issuer>', '<x:Issuer xmlns:x="urn:x">x</x:Issuer><saml:Issuer>'), issuer: other },
      'issuer_mismatch',
      [`"${other}"`],
    ));
});

describe('assertionIssuer', () => {
  it('refuses an Issuer other than the identity provider', () =>
    refuses({ assertionIssuer: other }, 'issuer_mismatch', [
      'Issuer of the Assertion',
      `"${other}"`,
      `"${idpEntityId}"`,
    ]));

  it('refuses an absent or empty Issuer', async () => {
    await refuses({ assertionIssuer: null }, 'assertion_invalid', ['<Assertion> holds no <Issuer>']);
    await refuses({ assertionIssuer: '' }, 'issuer_mismatch', ['Issuer of the Assertion is ""']);
  });

  it('refuses two Issuers, in either order', async () => {
    for (const second of [idpEntityId, other]) {
      const extra = `<saml:Issuer>${second}</saml:Issuer><saml:Subject>`;
      await refuses(swap('<saml:Subject>', extra), 'assertion_invalid', ['<Assertion> holds 2 <Issuer>']);
    }
  });

  it('refuses an Issuer that contains an element, and ignores comments and CDATA inside it', async () => {
    const [half, rest] = [idpEntityId.slice(0, 10), idpEntityId.slice(10)];
    const issuer = new RegExp(`${idpEntityId}(?=</saml:Issuer><saml:Subject>)`);
    await refuses(swap(issuer, `${half}<x xmlns="urn:x"/>${rest}`), 'assertion_invalid', ['<Issuer> holds elements']);
    await accepts(swap(issuer, `${half}<!-- c -->${rest}`));
    await accepts(swap(issuer, `<![CDATA[${half}]]>${rest}`));
    await refuses(swap(issuer, `${idpEntityId}<!-- -->.evil`), 'issuer_mismatch', [`"${idpEntityId}.evil"`]);
  });
});

describe('destination', () => {
  it('accepts the ACS URL, and a missing Destination', async () => {
    await accepts();
    await accepts({ destination: null });
  });

  it.each([
    ['another', other],
    ['an empty one', ''],
    ['a prefix', acsUrl.slice(0, -1)],
    ['a suffix', `${acsUrl}/`],
    ['another query', `${acsUrl}?a=1`],
    ['another case', acsUrl.replace('sso', 'SSO')],
    ['the entity ID', spEntityId],
    ['white space around', ` ${acsUrl}`],
  ])('refuses %s', (_, destination) =>
    refuses({ destination }, 'destination_mismatch', [`sent to "${destination}"`, `"${acsUrl}"`]),
  );

  it('ignores a Destination attribute with a namespace prefix', () =>
    refuses(
      { ...swap('Destination=', `xmlns:x="urn:x" x:Destination="${acsUrl}" Destination=`), destination: other },
      'destination_mismatch',
      [`"${other}"`],
    ));
});

describe('destination, with requireDestination', () => {
  const required = { requireDestination: true };

  it('accepts the ACS URL', () => accepts({}, required));

  it('refuses a missing Destination, and names the setting in the hint', async () => {
    const hinted = ['has no Destination', 'security.requireDestination', `"${acsUrl}"`];
    await refuses({ destination: null }, 'destination_mismatch', hinted, required);
    await accepts({ destination: null }, { requireDestination: false });
  });

  it('refuses a Destination other than the ACS URL', () =>
    refuses({ destination: other }, 'destination_mismatch', [`sent to "${other}"`], required));
});

describe('conditionsUnderstood', () => {
  const inConditions = (xml: string) => swap('</saml:Conditions>', `${xml}</saml:Conditions>`);

  it('accepts OneTimeUse and ProxyRestriction', () =>
    accepts(
      inConditions(
        '<saml:OneTimeUse/><saml:ProxyRestriction Count="0"><saml:Audience>x</saml:Audience></saml:ProxyRestriction>',
      ),
    ));

  it('refuses no Conditions', () =>
    refuses(swap(/<saml:Conditions.*<\/saml:Conditions>/s, ''), 'conditions_invalid', ['has no Conditions']));

  it.each([
    ['an abstract Condition', '<saml:Condition xmlns:d="urn:d" xsi:type="d:Delegation"/>', 'saml:Condition'],
    ['a foreign one', '<d:Delegation xmlns:d="urn:d"/>', 'd:Delegation'],
    ['OneTimeUse of another namespace', '<OneTimeUse xmlns="urn:x"/>', 'OneTimeUse'],
  ])('refuses %s', (_, xml, name) =>
    refuses(inConditions(xml), 'conditions_invalid', [`conditions that are not understood: "${name}"`]),
  );

  it('refuses two Conditions, even equal ones', () =>
    refuses(swap('<saml:AuthnStatement', '<saml:Conditions/><saml:AuthnStatement'), 'assertion_invalid', [
      '<Assertion> holds 2 <Conditions>',
    ]));
});

describe('audience', () => {
  const restriction = (...audiences: string[]): string =>
    `<saml:AudienceRestriction>${audiences.map((a) => `<saml:Audience>${a}</saml:Audience>`).join('')}</saml:AudienceRestriction>`;
  const restrictions = (...list: string[]) =>
    swap(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/s, list.join(''));

  it('takes the audiences of one restriction as alternatives', async () => {
    await accepts({ audiences: [other, spEntityId] });
    await accepts({ audiences: [spEntityId, other] });
    await refuses({ audiences: [other, 'urn:b'] }, 'audience_mismatch', [`"${other}", "urn:b"`, `"${spEntityId}"`]);
  });

  it('takes several restrictions as conditions that must all hold', async () => {
    const mine = restriction(spEntityId);
    const both = restriction(other, spEntityId);
    await accepts(restrictions(mine, both));
    await refuses(restrictions(mine, restriction(other)), 'audience_mismatch', [`"${other}"`]);
    await refuses(restrictions(restriction(other), mine), 'audience_mismatch', [`"${other}"`]);
    await refuses(restrictions(mine, restriction()), 'audience_mismatch', [`"${spEntityId}"`]);
  });

  it('refuses an assertion without an audience', async () => {
    await refuses({ audiences: null }, 'audience_mismatch', ['names no audience', `"${spEntityId}"`]);
    await refuses({ audiences: [] }, 'audience_mismatch', ['names no audience']);
    await refuses({ audiences: [''] }, 'audience_mismatch', ['The assertion is for ""']);
  });

  it.each([
    ['a prefix', spEntityId.slice(0, -1)],
    ['a suffix', `${spEntityId}.evil.example`],
    ['an embedding', `${other}?${spEntityId}`],
    ['two in one', `${spEntityId} ${other}`],
    ['a pattern', '.*'],
  ])('refuses %s', (_, audience) => refuses({ audiences: [audience] }, 'audience_mismatch', [`"${audience}"`]));

  it.each([
    ['upper case', spEntityId.toUpperCase(), '(they differ only in upper and lower case)'],
    ['a trailing slash', `${spEntityId}/`, '(they differ only in the slash at the end)'],
    ['the ACS URL', acsUrl, '(the configured value is the ACS URL)'],
  ])('refuses %s, and points it out', (_, audience, slip) =>
    refuses({ audiences: [audience] }, 'audience_mismatch', [`"${audience}"`, slip]),
  );

  it('compares the whole text, without surrounding white space', async () => {
    await accepts({ audiences: [`\n ${spEntityId} \t`] });
    await accepts(restrictions(restriction(`${spEntityId.slice(0, 9)}<!-- -->${spEntityId.slice(9)}`)));
    await refuses(restrictions(restriction(`${spEntityId}<!-- -->x`)), 'audience_mismatch', [`"${spEntityId}x"`]);
    await refuses(restrictions(restriction(`${spEntityId}<x/>`)), 'assertion_invalid', ['<Audience> holds elements']);
  });

  it('ignores an Audience outside an AudienceRestriction', () =>
    refuses(restrictions(`<saml:Audience>${spEntityId}</saml:Audience>`), 'conditions_invalid', ['"saml:Audience"']));
});

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const holderOfKey = 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key';
const inFiveMinutes = '2026-11-24T08:05:00Z';

interface ConfirmationParts {
  readonly method?: string;
  readonly recipient?: string | null;
  readonly notOnOrAfter?: string | null;
  readonly inResponseTo?: string | null;
  readonly more?: string;
}

function confirmation(parts: ConfirmationParts = {}): string {
  const {
    method = bearer,
    recipient = acsUrl,
    notOnOrAfter = inFiveMinutes,
    inResponseTo = requestId,
    more = '',
  } = parts;
  const attribute = (name: string, value: string | null) => (value === null ? '' : ` ${name}="${value}"`);
  return `<saml:SubjectConfirmation Method="${method}"><saml:SubjectConfirmationData${more}${attribute('Recipient', recipient)}${attribute('NotOnOrAfter', notOnOrAfter)}${attribute('InResponseTo', inResponseTo)}/></saml:SubjectConfirmation>`;
}

/** The confirmations instead of the one that an honest identity provider writes. */
function confirmations(...list: string[]): Overrides {
  return swap(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/s, list.join(''));
}

describe('bearerConfirmed', () => {
  it('accepts one valid confirmation next to invalid ones', async () => {
    const bad = [
      confirmation({ method: holderOfKey }),
      confirmation({ recipient: other }),
      confirmation({ recipient: null }),
      confirmation({ notOnOrAfter: '2026-11-24T07:00:00Z' }),
      confirmation({ notOnOrAfter: null }),
      confirmation({ inResponseTo: '_another' }),
      confirmation({ more: ' NotBefore="2026-11-24T08:02:00Z"' }),
      `<saml:SubjectConfirmation Method="${bearer}"/>`,
    ];
    await accepts(confirmations(...bad, confirmation(), ...bad));
  });

  it('never combines two invalid ones into a valid one', async () => {
    const mixed = [confirmation({ recipient: other }), confirmation({ inResponseTo: '_another' })];
    await refuses(confirmations(...mixed), 'in_response_to_mismatch', ['"_another"', `"${requestId}"`]);
    const late = [confirmation({ recipient: other }), confirmation({ notOnOrAfter: '2026-11-24T07:00:00Z' })];
    await refuses(confirmations(...late), 'expired', ['SubjectConfirmationData']);
    const early = [confirmation({ recipient: other }), confirmation({ more: ' NotBefore="2026-11-24T08:02:00Z"' })];
    await refuses(confirmations(...early), 'not_yet_valid', ['NotBefore of the SubjectConfirmationData']);
    const begun = ' NotBefore="2026-11-24T07:59:00Z"';
    const over = [
      confirmation({ more: begun, notOnOrAfter: '2026-11-24T07:58:00Z' }),
      confirmation({ more: ' NotBefore="2026-11-24T08:02:00Z"' }),
    ];
    await refuses(confirmations(...over), 'expired', ['SubjectConfirmationData']);
    const key = [confirmation({ method: holderOfKey }), confirmation({ recipient: other })];
    await refuses(confirmations(...key), 'recipient_mismatch', [`"${other}"`]);
  });

  it('ignores Address and what is inside SubjectConfirmationData', () =>
    accepts(
      confirmations(
        confirmation({ more: ' Address="192.0.2.1"' }).replace(
          '/></',
          '><x xmlns="urn:x"/></saml:SubjectConfirmationData></',
        ),
      ),
    ));

  it('refuses an assertion without a SubjectConfirmation', async () => {
    await refuses({ confirmationMethod: null }, 'subject_confirmation_invalid', [bearer, 'received none']);
    await refuses(swap(/<saml:Subject>.*<\/saml:Subject>/s, ''), 'subject_confirmation_invalid', ['received none']);
  });

  it.each([
    ['holder-of-key', holderOfKey],
    ['sender-vouches', 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches'],
    ['SAML 1.1 bearer', 'urn:oasis:names:tc:SAML:1.0:cm:bearer'],
    ['nothing', ''],
  ])('refuses %s', (_, confirmationMethod) =>
    refuses({ confirmationMethod }, 'subject_confirmation_invalid', [`received "${confirmationMethod}"`]),
  );

  it('accepts NotBefore, which is enforced as a time', () => accepts({ confirmationNotBefore: at(-3600) }));

  it('refuses two Subjects and two SubjectConfirmationData', async () => {
    await refuses(swap('<saml:Conditions', '<saml:Subject/><saml:Conditions'), 'assertion_invalid', [
      'holds 2 <Subject>',
    ]);
    const two = confirmation().replace(
      '</saml:SubjectConfirmation>',
      '<saml:SubjectConfirmationData/></saml:SubjectConfirmation>',
    );
    await refuses(confirmations(two), 'assertion_invalid', ['holds 2 <SubjectConfirmationData>']);
  });

  it('ignores white space around the Method', () => accepts({ confirmationMethod: ` ${bearer}\n` }));
});

describe('confirmationRecipient', () => {
  it.each([
    ['another', other, `"${other}"`],
    ['none', null, 'absent'],
    ['an empty one', '', '""'],
    ['another query', `${acsUrl}?x`, `"${acsUrl}?x"`],
    ['a prefix', acsUrl.slice(0, -1), `"${acsUrl.slice(0, -1)}"`],
    ['another case', acsUrl.toUpperCase(), `"${acsUrl.toUpperCase()}"`],
  ])('refuses %s', (_, recipient, received) =>
    refuses({ recipient }, 'recipient_mismatch', [`Recipient of the assertion is ${received}`, `"${acsUrl}"`]),
  );

  it('refuses a confirmation without data', () =>
    refuses(confirmations(`<saml:SubjectConfirmation Method="${bearer}"/>`), 'recipient_mismatch', ['is absent']));

  it('accepts the ACS URL', () => accepts());
});

const skews = [0, 60, 300];

describe('times and the clock skew', () => {
  it.each([
    [0, '1 s'],
    [60, '61 s'],
    [300, '5 min 1 s'],
  ])('tolerates a start in the future up to a skew of %d s, inclusive', async (clockSkewSeconds, ahead) => {
    const starts: readonly (readonly [string, (time: Date) => Overrides])[] = [
      ['NotBefore of the Conditions', (notBefore) => ({ notBefore })],
      [
        'NotBefore of the SubjectConfirmationData',
        (confirmationNotBefore) => ({ confirmationNotBefore, confirmationNotOnOrAfter: at(900) }),
      ],
      ['IssueInstant of the Response', (issueInstant) => ({ issueInstant })],
      ['AuthnInstant', (authnInstant) => ({ authnInstant })],
    ];
    for (const [what, set] of starts) {
      await accepts(set(at(clockSkewSeconds)), { clockSkewSeconds });
      const early = at(clockSkewSeconds + 1);
      const hinted = [
        `${what} is ${early.toISOString()}`,
        now.toISOString(),
        `${clockSkewSeconds} s of difference`,
        `The identity provider's clock is ${ahead} ahead of this server's`,
      ];
      await refuses(set(early), 'not_yet_valid', hinted, { clockSkewSeconds });
    }
  });

  it.each(skews)('tolerates an end in the past up to a skew of %d s, exclusive', async (clockSkewSeconds) => {
    const ends: readonly (readonly [SamlErrorCode, string, (time: Date) => Overrides])[] = [
      ['expired', 'NotOnOrAfter of the Conditions', (notOnOrAfter) => ({ notOnOrAfter })],
      [
        'expired',
        'NotOnOrAfter of the SubjectConfirmationData',
        (confirmationNotOnOrAfter) => ({ confirmationNotOnOrAfter }),
      ],
      [
        'session_expired',
        'The session at the identity provider (SessionNotOnOrAfter) ended',
        (sessionNotOnOrAfter) => ({ sessionNotOnOrAfter }),
      ],
    ];
    for (const [code, what, set] of ends) {
      await accepts(set(at(1 - clockSkewSeconds)), { clockSkewSeconds });
      const late = at(-clockSkewSeconds);
      await refuses(set(late), code, [what, late.toISOString(), now.toISOString()], { clockSkewSeconds });
    }
  });

  it('counts milliseconds', async () => {
    await accepts({ notOnOrAfter: '2026-11-24T07:59:00.001Z' });
    await refuses({ notOnOrAfter: '2026-11-24T07:59:00.000Z' }, 'expired', ['2026-11-24T07:59:00.000Z']);
    await accepts({ notBefore: '2026-11-24T08:01:00.000999Z' });
    await refuses({ notBefore: '2026-11-24T08:01:00.001Z' }, 'not_yet_valid', ['2026-11-24T08:01:00.001Z']);
  });

  it('tolerates 60 s by default', async () => {
    await accepts({ notBefore: at(60) });
    await refuses({ notBefore: at(61) }, 'not_yet_valid', ['and 60 s of difference are tolerated']);
  });

  it.each([
    'notBefore',
    'notOnOrAfter',
    'confirmationNotBefore',
    'confirmationNotOnOrAfter',
    'issueInstant',
    'authnInstant',
    'sessionNotOnOrAfter',
  ])('refuses a %s that is not a valid time', async (name) => {
    for (const time of ['2026-11-24T08:00:00', '2026-11-24T08:00:00+0000', '2026-02-30T00:00:00Z', 'tomorrow', '']) {
      const signs = 'assertion';
      const refused = validate(respond({ signs, [name]: time }));
      if (name === 'issueInstant') await expectRefused(refused, 'unexpected_message', 'with the IssueInstant', time);
      else await expectRefused(refused, 'assertion_invalid', `is "${time}", not a time with its zone, such as`);
    }
  });
});

describe('responseIssueInstant and assertionIssueInstant', () => {
  it('accept what was issued long ago and is still valid', () => accepts({ issueInstant: '2001-01-01T00:00:00Z' }));

  it('refuse a missing IssueInstant', async () => {
    await refuses({ issueInstant: null }, 'unexpected_message', ['with the IssueInstant (none)']);
    const assertion = swap(/(?<=<saml:Assertion [^>]*) IssueInstant="[^"]*"/, '');
    await refuses(assertion, 'assertion_invalid', ['<Assertion> has no IssueInstant']);
  });

  it('check the Assertion by its own IssueInstant', async () => {
    const later = swap(/(?<=<saml:Assertion [^>]*) IssueInstant="[^"]*"/, ' IssueInstant="2026-11-24T09:00:00Z"');
    await refuses(later, 'not_yet_valid', ['IssueInstant of the Assertion is 2026-11-24T09:00:00.000Z']);
  });
});

describe('conditionsNotBefore and conditionsNotOnOrAfter', () => {
  it('accept Conditions without times, as Core allows', () => accepts({ notBefore: null, notOnOrAfter: null }));
});

describe('confirmationNotOnOrAfter', () => {
  it('refuses a confirmation without NotOnOrAfter', () =>
    refuses({ confirmationNotOnOrAfter: null }, 'subject_confirmation_invalid', [
      'has no NotOnOrAfter',
      'Profiles 4.1.4.2',
    ]));
});

describe('lifetime', () => {
  const day = 24 * 60 * 60;

  it('ends with the earlier of Conditions and confirmation', async () => {
    const end = async (overrides: Overrides) => (await validate(respond(overrides))).notOnOrAfter;
    expect(await end({ notOnOrAfter: at(100), confirmationNotOnOrAfter: at(200) })).toEqual(at(100));
    expect(await end({ notOnOrAfter: at(200), confirmationNotOnOrAfter: at(100) })).toEqual(at(100));
    expect(await end({ notOnOrAfter: null, confirmationNotOnOrAfter: at(100) })).toEqual(at(100));
  });

  // Otherwise it could be used a second time: by the other confirmation, after the first is forgotten.
  it('ends with the latest confirmation for this address, for any request', async () => {
    const later = confirmation({ notOnOrAfter: '2026-11-24T09:00:00Z', inResponseTo: null });
    const { notOnOrAfter } = await validate(respond({ ...confirmations(later, confirmation()), notOnOrAfter: null }));
    expect(notOnOrAfter).toEqual(new Date('2026-11-24T09:00:00Z'));
  });

  it.each([60, 3600, 30 * day])('may be %d s if this is the setting, and no more', async (seconds) => {
    const options = { maxAssertionLifetimeSeconds: seconds };
    const ending = (after: number) => {
      const end = at(after).toISOString();
      return { notOnOrAfter: end, confirmationNotOnOrAfter: end };
    };
    await accepts(ending(seconds), options);
    await refuses(ending(seconds + 0.001), 'conditions_invalid', [`at most ${seconds} s`], options);
  });

  it('may be 24 hours and no more', async () => {
    await accepts({ notOnOrAfter: at(day), confirmationNotOnOrAfter: at(day + 1) });
    await accepts({ notOnOrAfter: at(day + 1), confirmationNotOnOrAfter: at(day) });
    const end = at(day + 0.001).toISOString();
    const hinted = [
      end,
      'at most 86400 s (1 day) are accepted',
      'security.maxAssertionLifetimeSeconds of the connection',
    ];
    await refuses({ notOnOrAfter: end, confirmationNotOnOrAfter: end }, 'conditions_invalid', hinted);
    const forever = '9999-12-31T23:59:59Z';
    const always = { notOnOrAfter: null, confirmationNotOnOrAfter: forever };
    await refuses(always, 'conditions_invalid', ['9999-12-31T23:59:59.000Z']);
    await accepts({ notOnOrAfter: forever });
  });
});

describe('responseInResponseTo', () => {
  it.each([
    ['another request', '_another', '"_another"'],
    ['none', null, 'absent'],
    ['an empty one, which counts as none', '', 'absent'],
    ['a list', `${requestId} _another`, `"${requestId} _another"`],
    ['another case', requestId.toUpperCase(), `"${requestId.toUpperCase()}"`],
  ])('refuses %s', (_, responseInResponseTo, received) =>
    refuses({ responseInResponseTo }, 'in_response_to_mismatch', [
      `of the Response is ${received}`,
      `expected "${requestId}"`,
    ]),
  );

  it('refuses a value if no request is pending', async () => {
    const answer = respondUnasked({ responseInResponseTo: requestId });
    const hinted = [`of the Response is "${requestId}"`, 'expected none'];
    await expectRefused(validate(answer, unasked), 'in_response_to_mismatch', ...hinted);
    await expectRefused(validate(respond(), unasked), 'in_response_to_mismatch', ...hinted);
  });

  it('accepts an absent and an empty one if no request is pending', async () => {
    for (const value of [null, '']) {
      const unsolicited = respondUnasked({ responseInResponseTo: value, confirmationInResponseTo: value });
      const { inResponseTo } = await validate(unsolicited, unasked);
      expect(inResponseTo).toBeUndefined();
    }
  });
});

describe('confirmationInResponseTo', () => {
  it.each([
    ['another request', '_another', '"_another"'],
    ['none', null, 'absent'],
    ['an empty one, which counts as none', '', 'absent'],
  ])('refuses %s', (_, confirmationInResponseTo, received) =>
    refuses({ confirmationInResponseTo }, 'in_response_to_mismatch', [
      `of the SubjectConfirmationData is ${received}`,
      `expected "${requestId}"`,
    ]),
  );

  it('refuses a value if no request is pending', () =>
    expectRefused(
      validate(respondUnasked({ confirmationInResponseTo: requestId }), unasked),
      'in_response_to_mismatch',
      `of the SubjectConfirmationData is "${requestId}"`,
      'expected none',
    ));
});

describe('authnStatementPresent', () => {
  it('refuses an assertion without an AuthnStatement', () =>
    refuses({ authnInstant: null }, 'authn_statement_missing', ['Profiles 4.1.4.2']));

  it('does not accept another kind of statement instead', () =>
    refuses(
      swap(/<saml:AuthnStatement .*<\/saml:AuthnStatement>/s, '<saml:AuthzDecisionStatement/>'),
      'authn_statement_missing',
      [],
    ));
});

const secondStatement = (attributes: string) =>
  swap(
    '</saml:AuthnStatement>',
    `</saml:AuthnStatement><saml:AuthnStatement ${attributes}><saml:AuthnContext><saml:AuthnContextClassRef>urn:c</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
  );

describe('authnInstant', () => {
  it('checks every AuthnStatement', async () => {
    await accepts(secondStatement('AuthnInstant="2026-11-24T07:00:00Z"'));
    const late = secondStatement('AuthnInstant="2026-11-24T09:00:00Z"');
    await refuses(late, 'not_yet_valid', ['AuthnInstant is 2026-11-24T09:00:00.000Z']);
  });

  it('refuses an AuthnStatement without AuthnInstant', () =>
    refuses(secondStatement('SessionIndex="_s"'), 'assertion_invalid', ['<AuthnStatement> has no AuthnInstant']));

  it('accepts an old AuthnInstant, unless the application requested a new authentication', async () => {
    await accepts({ authnInstant: at(-86_400) });
    const authenticated = (seconds: number) => () => {
      const expected = { authenticatedSince: at(-30), clockSkewSeconds: 10 };
      return authnInstant(ruleInput({ authnInstant: at(seconds) }, expected));
    };
    expect(authenticated(-40)).not.toThrow();
    expectThrown(
      authenticated(-41),
      'authn_context_mismatch',
      'ForceAuthn',
      at(-30).toISOString(),
      at(-41).toISOString(),
    );
  });
});

describe('sessionNotOnOrAfter', () => {
  it('is optional', () => accepts({ sessionNotOnOrAfter: null }));

  it('checks every AuthnStatement', async () => {
    const statementUntil = (end: string) =>
      secondStatement(`AuthnInstant="2026-11-24T07:00:00Z" SessionNotOnOrAfter="${end}"`);
    await accepts(statementUntil('2026-11-24T08:00:00Z'));
    await refuses(statementUntil('2026-11-24T07:30:00Z'), 'session_expired', ['2026-11-24T07:30:00.000Z']);
  });
});

describe('nameIdPresent', () => {
  it('refuses a missing NameID, unless requireNameId is false', async () => {
    await refuses({ nameId: null }, 'name_id_missing', ['names no subject', 'map subject and email to attributes']);
    await accepts({ nameId: null }, { requireNameId: false });
    const { subject } = await validate(respond({ nameId: null }), { requireNameId: false });
    expect(subject).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n\t'],
  ])('refuses a NameID of %s, even if requireNameId is false', async (_, nameId) => {
    await refuses({ nameId }, 'name_id_missing', ['The NameID is empty']);
    await refuses({ nameId }, 'name_id_missing', ['The NameID is empty'], { requireNameId: false });
  });
});

describe('nameIdFormat', () => {
  const { emailAddress, persistent, unspecified } = nameIdFormats;
  const check = (received: string | null, expected: string | null | undefined) => () =>
    nameIdFormat(ruleInput({ nameId: 'alice', nameIdFormat: received }, { nameIdFormat: expected }));

  it('accepts the requested format, and any format if none was requested', () => {
    expect(check(emailAddress, emailAddress)).not.toThrow();
    expect(check(null, unspecified)).not.toThrow();
    for (const expected of [null, undefined]) expect(check('urn:made:up', expected)).not.toThrow();
    const withoutNameId = ruleInput({ nameId: null }, { nameIdFormat: emailAddress });
    expect(() => nameIdFormat(withoutNameId)).not.toThrow();
  });

  it.each([persistent, unspecified, 'urn:made:up', emailAddress.toUpperCase()])('refuses %s', (received) =>
    expectThrown(
      check(received, emailAddress),
      'name_id_format_mismatch',
      `has the format "${received}"`,
      `asks for "${emailAddress}"`,
      'Change the NameID format at the identity provider',
      'or to null for any',
    ),
  );

  it('treats a missing Format as unspecified', () =>
    expectThrown(check(null, persistent), 'name_id_format_mismatch', `has the format "${unspecified}"`));
});

describe('nameIdQualifier', () => {
  it('accepts the SPNameQualifier of this application, a missing one, and any NameQualifier', async () => {
    await accepts({ spNameQualifier: spEntityId, nameQualifier: idpEntityId });
    await accepts({ spNameQualifier: '' });
    // An identity provider in front of others names the one that made the identifier.
    await accepts({ nameQualifier: other });
    const { subject } = await validate(respond({ spNameQualifier: spEntityId, nameQualifier: other }));
    expect(subject).toMatchObject({ spNameQualifier: spEntityId, nameQualifier: other });
  });

  it('refuses another application', () =>
    refuses({ spNameQualifier: other }, 'audience_mismatch', ['SPNameQualifier', `"${other}"`, `"${spEntityId}"`]));
});

describe('status', () => {
  const success = statusCodes.success;
  const failures: readonly (readonly [string, RespondOptions['status'], readonly string[]])[] = [
    ['a failure', { code: statusCodes.responder }, ['answered Responder.']],
    [
      'a failure refined',
      { code: statusCodes.responder, subcode: statusCodes.authnFailed, message: 'wrong password' },
      ['Responder / AuthnFailed', 'the message "wrong password"', 'could not authenticate'],
    ],
    ['a failure refined by success', { code: statusCodes.responder, subcode: success }, ['Responder / Success']],
    ['success in another spelling', { code: success.toLowerCase() }, ['success']],
    ['no code', { code: '' }, ['answered']],
  ];

  it.each(failures)('refuses %s, and never reads an assertion of the same Response', async (_, status, hinted) => {
    await refuses({ status, assertion: true }, 'status_not_success', hinted);
    const unsigned = respond({ status, assertion: true, signs: 'none' });
    await expectRefused(validate(unsigned), 'status_not_success', ...hinted);
  });

  it.each([
    ['no Status', /<samlp:Status>.*<\/samlp:Status>/s, '', 'without a status'],
    ['an empty Status', /<samlp:StatusCode [^>]*>/, '', 'without a status'],
    [
      'two Status',
      '<samlp:Status>',
      `<samlp:Status><samlp:StatusCode Value="${success}"/></samlp:Status><samlp:Status>`,
      'Success',
    ],
    ['a code without Value', / Value="[^"]*"/, '', 'answered'],
    [
      'two codes',
      '</samlp:Status>',
      `<samlp:StatusCode Value="${statusCodes.responder}"/></samlp:Status>`,
      'Success / Responder',
    ],
    ['a Status of another namespace', /samlp:Status(?=>)/g, 'saml:Status', 'without a status'],
  ])('refuses %s', (_, from, to, hinted) => refuses(swap(from, to), 'status_not_success', [hinted]));

  it('accepts success, with a message and white space', () =>
    accepts({ status: { code: ` ${success}\n`, message: 'welcome' }, assertion: true }));
});

/** A response to a request that asked at `authenticatedSince` to authenticate anew. */
/** For what `validateResponse` cannot be asked to expect. */
function ruleInput(overrides: Overrides, expectation: Partial<Expectation>): RuleInput {
  const root = readXml(decode(respond(overrides)));
  const expected = {
    idpEntityId,
    spEntityId,
    acsUrl,
    inResponseTo: requestId,
    requireNameId: true,
    requireDestination: false,
    maxAssertionLifetimeSeconds: 86_400,
    now,
  };
  return {
    response: readResponse(root, false),
    assertion: readAssertion(findAssertion(root), withoutKey),
    expected: { ...expected, clockSkewSeconds: 60, ...expectation },
  };
}

describe('the list of rules', () => {
  it('contains each rule once, with the section of the standard that it enforces', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { name, section, check } of rules) {
      expect(check.name).toBe(name);
      expect(section).toMatch(/^(?:SAML (?:Core|Profiles) \d+(?:\.\d+)+|saml-jit)$/);
    }
  });
});
