import type { Assertion } from './assertion.ts';
import { endOfUse } from './confirmation-rules.ts';
import type { RuleInput } from './rule.ts';

/** The assertion that an application receives. @param input has passed every rule */
export function buildAssertion(input: RuleInput): Assertion {
  const { assertion, expected } = input;
  const [statement] = assertion.authnStatements;
  const notOnOrAfter = endOfUse(input);
  if (statement === undefined || notOnOrAfter === null)
    throw new TypeError('the assertion did not pass the rules authnStatementPresent and bearerConfirmed');
  const attributes = new Map<string, string[]>();
  for (const { name, values } of assertion.attributes) {
    const merged = attributes.get(name);
    if (merged === undefined) attributes.set(name, [...values]);
    else for (const value of values) merged.push(value);
  }
  return {
    id: assertion.id,
    issuer: assertion.issuer,
    issueInstant: assertion.issueInstant,
    subject: assertion.subject,
    attributes,
    attributeList: assertion.attributes,
    session: { index: statement.sessionIndex, notOnOrAfter: statement.sessionNotOnOrAfter },
    authnContext: statement.authnContext,
    authnInstant: statement.authnInstant,
    audiences: assertion.conditions?.audienceRestrictions.flat() ?? [],
    inResponseTo: expected.inResponseTo ?? undefined,
    notOnOrAfter,
  };
}
