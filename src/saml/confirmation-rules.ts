import { SamlError } from '../errors.ts';
import { duration } from '../lib/duration.ts';
import { shown } from '../lib/quote.ts';
import { bearerConfirmation } from './names.ts';
import type { SubjectConfirmation } from './read-assertion.ts';
import type { Expectation, RuleInput } from './rule.ts';
import { earliest, latest, nearMiss, tooEarly, tooLate, wrongRequest } from './rule-failures.ts';

/** SAML Profiles 4.1.4.2: there is a bearer confirmation. */
export function bearerConfirmed({ assertion }: RuleInput): void {
  if (assertion.confirmations.some(isBearer)) return;
  const methods = assertion.confirmations.map(({ method }) => method);
  throw new SamlError('subject_confirmation_invalid', {
    hint: `The assertion needs a SubjectConfirmation with the method ${bearerConfirmation}; received ${methods.length === 0 ? 'none' : methods.slice(0, 5).map(shown).join(', ')}. Use the Web Browser SSO profile at the identity provider.`,
    details: { expected: bearerConfirmation, received: methods },
  });
}

/** SAML Profiles 4.1.4.2: Recipient is this AssertionConsumerService. */
export function confirmationRecipient(input: RuleInput): void {
  const wrong = failing(input, isAddressed, [isBearer]);
  if (wrong === undefined) return;
  const { acsUrl } = input.expected;
  throw new SamlError('recipient_mismatch', {
    hint: `The Recipient of the assertion is ${shown(wrong.recipient)}; this AssertionConsumerService is ${shown(acsUrl)}. Correct the ACS URL (reply URL, recipient) at the identity provider, to the letter${nearMiss([wrong.recipient ?? ''], acsUrl)}; or baseUrl of the application, if the other address is the right one.`,
    details: { expected: acsUrl, received: wrong.recipient },
  });
}

/**
 * SAML Core 2.4.1.2: the confirmation is valid from NotBefore on. Profiles 4.1.4.2 forbids NotBefore there; products send
 * it, so it is enforced as a time.
 */
export function confirmationNotBefore(input: RuleInput): void {
  const wrong = failing(input, hasBegun, [isBearer, isAddressed]);
  if (wrong?.notBefore === undefined) return;
  tooEarly('NotBefore of the SubjectConfirmationData', wrong.notBefore, input.expected);
}

/** SAML Profiles 4.1.4.2: NotOnOrAfter is present and has not passed. */
export function confirmationNotOnOrAfter(input: RuleInput): void {
  const wrong = failing(input, isCurrent, [isBearer, isAddressed, hasBegun]);
  if (wrong === undefined) return;
  const { notOnOrAfter: end } = wrong;
  if (end !== undefined) tooLate('NotOnOrAfter of the SubjectConfirmationData', end, input);
  throw new SamlError('subject_confirmation_invalid', {
    hint: 'SubjectConfirmationData has no NotOnOrAfter, which Profiles 4.1.4.2 requires. Correct this at the identity provider.',
  });
}

/**
 * SAML Profiles 4.1.4.2: InResponseTo of the confirmation is the ID of the pending request; absent if none is pending.
 */
export function confirmationInResponseTo(input: RuleInput): void {
  const wrong = failing(input, isAnswer, [isBearer, isAddressed, hasBegun, isCurrent]);
  if (wrong !== undefined) wrongRequest('SubjectConfirmationData', wrong.inResponseTo, input.expected.inResponseTo);
}

/** A long-lived assertion is equivalent to a password, and the replay cache must remember a used one until it ends. */
export function lifetime(input: RuleInput): void {
  const end = endOfUse(input);
  const { now, maxAssertionLifetimeSeconds: seconds } = input.expected;
  if (end === null || end.getTime() <= now.getTime() + seconds * 1000) return;
  throw new SamlError('conditions_invalid', {
    hint: `The assertion can be used until ${end.toISOString()}, ${duration(end.getTime() - now.getTime())} from now; at most ${seconds} s (${duration(seconds * 1000)}) are accepted. Shorten its lifetime at the identity provider (minutes are enough), or raise security.maxAssertionLifetimeSeconds of the connection (maxAssertionLifetimeSeconds of validateResponse).`,
    details: { expected: new Date(now.getTime() + seconds * 1000).toISOString(), received: end.toISOString() },
  });
}

/** When the assertion can no longer be used: the earlier of Conditions and the latest confirmation; `null`: it has no bearer confirmation. */
export function endOfUse(input: RuleInput): Date | null {
  // Confirmations of all addresses and requests count, because the assertion may be replayed at another one.
  const confirmations = input.assertion.confirmations.filter(isBearer);
  if (confirmations.length === 0) return null;
  const conditions = input.assertion.conditions?.notOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY;
  return new Date(Math.min(conditions, Math.max(...confirmations.map((each) => each.notOnOrAfter?.getTime() ?? 0))));
}

/** Whether a confirmation names no request: the assertion can be used in an unsolicited response. */
export function isUsableUnsolicited({ assertion }: RuleInput): boolean {
  return assertion.confirmations.some((each) => isBearer(each) && each.inResponseTo === undefined);
}

type ConfirmationTest = (confirmation: SubjectConfirmation, expected: Expectation) => boolean;

const isBearer = ({ method }: SubjectConfirmation): boolean => method === bearerConfirmation;
const isAddressed: ConfirmationTest = ({ recipient }, { acsUrl }) => recipient === acsUrl;
const hasBegun: ConfirmationTest = ({ notBefore }, expected) =>
  notBefore === undefined || notBefore.getTime() <= latest(expected);
const isCurrent: ConfirmationTest = ({ notOnOrAfter: end }, expected) =>
  end !== undefined && end.getTime() > earliest(expected);
const isAnswer: ConfirmationTest = ({ inResponseTo }, expected) =>
  inResponseTo === (expected.inResponseTo ?? undefined);

/**
 * The confirmations that pass every test so far: one confirmation must pass all tests, and the others are ignored. A test that
 * no confirmation passes is skipped: its own rule reports it, and later rules still check the confirmations.
 */
function remaining(
  { assertion, expected }: RuleInput,
  tests: readonly ConfirmationTest[],
): readonly SubjectConfirmation[] {
  return tests.reduce((left, test) => {
    const kept = left.filter((confirmation) => test(confirmation, expected));
    return kept.length > 0 ? kept : left;
  }, assertion.confirmations);
}

/** The first confirmation that fails: `undefined` if one of those that pass the tests `before` also passes `test`. */
function failing(
  input: RuleInput,
  test: ConfirmationTest,
  before: readonly ConfirmationTest[],
): SubjectConfirmation | undefined {
  const left = remaining(input, before);
  return left.some((confirmation) => test(confirmation, input.expected)) ? undefined : left[0];
}
