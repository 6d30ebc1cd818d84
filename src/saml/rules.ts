import { SamlError } from '../errors.ts';
import { duration } from '../lib/duration.ts';
import { shown } from '../lib/quote.ts';
import {
  bearerConfirmed,
  confirmationInResponseTo,
  confirmationNotBefore,
  confirmationNotOnOrAfter,
  confirmationRecipient,
  lifetime,
} from './confirmation-rules.ts';
import type { Rule, RuleInput } from './rule.ts';
import {
  earliest,
  latest,
  nearMiss,
  notInFuture,
  tooEarly,
  tooLate,
  wrongIssuer,
  wrongRequest,
} from './rule-failures.ts';

/** SAML Profiles 4.1.4.2: the Issuer of the Response, if present, is the identity provider. */
export function responseIssuer({ response, expected }: Pick<RuleInput, 'response' | 'expected'>): void {
  // Nothing of an unsigned response is trusted, so its Issuer is not required.
  if (response.issuer === null && !response.signed) return;
  if (response.issuer !== expected.idpEntityId) wrongIssuer('Response', response.issuer, expected.idpEntityId);
}

/** SAML Core 3.2.2: the Destination, if present, is this ACS URL; with `requireDestination` it must be present. */
function destination({ response, expected }: RuleInput): void {
  if (response.destination === expected.acsUrl) return;
  if (response.destination === undefined) {
    if (!expected.requireDestination) return;
    throw new SamlError('destination_mismatch', {
      hint: `The Response has no Destination, which this connection requires (security.requireDestination; requireDestination of validateResponse). Let the identity provider set it to ${shown(expected.acsUrl)}, or remove the setting: the Recipient of the assertion is always checked.`,
      details: { expected: expected.acsUrl, received: undefined },
    });
  }
  throw new SamlError('destination_mismatch', {
    hint: `The Response was sent to ${shown(response.destination)}; this AssertionConsumerService is ${shown(expected.acsUrl)}. Correct the ACS URL (reply URL, single sign-on URL, destination) at the identity provider, to the letter${nearMiss([response.destination], expected.acsUrl)}; or baseUrl of the application, if the other address is the right one.`,
    details: { expected: expected.acsUrl, received: response.destination },
  });
}

/**
 * SAML Core 3.2.2 and Profiles 4.1.4.2, 4.1.5: InResponseTo is the ID of the pending request; absent if none is
 * pending.
 */
function responseInResponseTo({ response, expected }: RuleInput): void {
  if (response.inResponseTo !== (expected.inResponseTo ?? undefined)) {
    wrongRequest('Response', response.inResponseTo, expected.inResponseTo);
  }
}

/** SAML Core 3.2.2: not issued in the future. */
function responseIssueInstant({ response, expected }: RuleInput): void {
  notInFuture('IssueInstant of the Response', response.issueInstant, expected);
}

/** SAML Profiles 4.1.4.2: the issuer of the assertion is the identity provider. */
function assertionIssuer({ assertion, expected }: RuleInput): void {
  if (assertion.issuer !== expected.idpEntityId) wrongIssuer('Assertion', assertion.issuer, expected.idpEntityId);
}

/** SAML Core 2.3.3: not issued in the future. */
function assertionIssueInstant({ assertion, expected }: RuleInput): void {
  notInFuture('IssueInstant of the Assertion', assertion.issueInstant, expected);
}

/** SAML Profiles 4.1.4.2: the assertion is restricted to this application; every restriction must admit it (Core 2.5.1.4). */
function audience({ assertion, expected }: RuleInput): void {
  const restrictions = assertion.conditions?.audienceRestrictions ?? [];
  if (restrictions.length > 0 && restrictions.every((audiences) => audiences.includes(expected.spEntityId))) return;
  const received = restrictions.flat();
  throw new SamlError('audience_mismatch', {
    hint: `${received.length === 0 ? 'The assertion names no audience' : `The assertion is for ${received.slice(0, 5).map(shown).join(', ')}`}; the entity ID of this application is ${shown(expected.spEntityId)}. Set the audience (SP entity ID, identifier) at the identity provider to exactly that${received.includes(expected.acsUrl) ? ' (the configured value is the ACS URL)' : nearMiss(received, expected.spEntityId)}.`,
    details: { expected: expected.spEntityId, received },
  });
}

/** SAML Core 2.5.1: conditions are present and understood. */
function conditionsUnderstood({ assertion }: RuleInput): void {
  const { conditions } = assertion;
  if (conditions !== null && conditions.unknown.length === 0) return;
  throw new SamlError('conditions_invalid', {
    hint:
      conditions === null
        ? 'The assertion has no Conditions, so it would be valid for every application and without end. The identity provider must send an AudienceRestriction and a period of validity.'
        : `The assertion has conditions that are not understood: ${conditions.unknown.slice(0, 5).map(shown).join(', ')}; Core 2.5.1.1 forbids accepting it. Remove them at the identity provider.`,
    details: { received: conditions?.unknown },
  });
}

/** SAML Core 2.5.1.2: valid from NotBefore on. */
function conditionsNotBefore({ assertion, expected }: RuleInput): void {
  const notBefore = assertion.conditions?.notBefore;
  if (notBefore === undefined || notBefore.getTime() <= latest(expected)) return;
  tooEarly('NotBefore of the Conditions', notBefore, expected);
}

/** SAML Core 2.5.1.2: valid before NotOnOrAfter. */
function conditionsNotOnOrAfter(input: RuleInput): void {
  const end = input.assertion.conditions?.notOnOrAfter;
  if (end !== undefined && end.getTime() <= earliest(input.expected))
    tooLate('NotOnOrAfter of the Conditions', end, input);
}

/** SAML Core 2.4.1 and Profiles 4.1.4.2: the subject is named. */
function nameIdPresent({ assertion, expected }: RuleInput): void {
  if (assertion.subject !== null || !expected.requireNameId) return;
  throw new SamlError('name_id_missing', {
    hint: 'The assertion names no subject. Add a NameID at the identity provider (persistent or e-mail address), or map subject and email to attributes in the connection.',
  });
}

/**
 * SAML Core 3.4.1.1: the NameID has the requested format. Otherwise a user who may choose a name in another format could
 * alter the request, which need not be signed, and sign in as another user.
 */
export function nameIdFormat({ assertion, expected }: RuleInput): void {
  const received = assertion.subject?.format;
  if (received === undefined || !expected.nameIdFormat || received === expected.nameIdFormat) return;
  throw new SamlError('name_id_format_mismatch', {
    hint: `The NameID has the format ${shown(received)}; this connection asks for ${shown(expected.nameIdFormat)} (idp.nameIdFormat). Change the NameID format at the identity provider, or set idp.nameIdFormat to the format that it sends, or to null for any.`,
    details: { expected: expected.nameIdFormat, received },
  });
}

/** SAML Core 8.3.7: a NameID with an SPNameQualifier was issued for this service provider. */
function nameIdQualifier({ assertion, expected }: RuleInput): void {
  const received = assertion.subject?.spNameQualifier;
  if (!received || received === expected.spEntityId) return;
  throw new SamlError('audience_mismatch', {
    hint: `The SPNameQualifier of the NameID is ${shown(received)}; the entity ID of this application is ${shown(expected.spEntityId)}. The NameID names the person for another application: correct SPNameQualifier at the identity provider, or leave it out.`,
    details: { expected: expected.spEntityId, received: [received] },
  });
}

/** SAML Profiles 4.1.4.2: the user authenticated. */
function authnStatementPresent({ assertion }: RuleInput): void {
  if (assertion.authnStatements.length > 0) return;
  throw new SamlError('authn_statement_missing', {
    hint: 'The assertion has no AuthnStatement, which Profiles 4.1.4.2 requires. Use the Web Browser SSO profile at the identity provider, not an attribute query.',
  });
}

/** SAML Core 2.7.2: the user authenticated in the past, and with ForceAuthn after the request (Core 3.4.1). */
export function authnInstant({ assertion, expected }: RuleInput): void {
  for (const { authnInstant: instant } of assertion.authnStatements) {
    notInFuture('AuthnInstant', instant, expected);
    const since = expected.authenticatedSince;
    if (since !== undefined && instant.getTime() < since.getTime() - expected.clockSkewSeconds * 1000) {
      throw new SamlError('authn_context_mismatch', {
        hint: `The application requested a new authentication (ForceAuthn) at ${since.toISOString()}; the user last authenticated at ${instant.toISOString()}. Configure the identity provider to honour ForceAuthn.`,
        details: { expected: since.toISOString(), received: instant.toISOString() },
      });
    }
  }
}

/** SAML Core 2.7.2: the session at the identity provider has not ended. */
function sessionNotOnOrAfter({ assertion, expected }: RuleInput): void {
  for (const { sessionNotOnOrAfter: end } of assertion.authnStatements) {
    if (end === undefined || end.getTime() > earliest(expected)) continue;
    throw new SamlError('session_expired', {
      hint: `The session at the identity provider (SessionNotOnOrAfter) ended at ${end.toISOString()}; it is ${expected.now.toISOString()} here, ${duration(expected.now.getTime() - end.getTime())} later. Sign in there again; if that does not help, compare the clocks.`,
      details: { expected: expected.now.toISOString(), received: end.toISOString() },
    });
  }
}

/** The rules in the order in which they are checked: origin, recipient, time, subject. */
export const rules: readonly Rule[] = [
  { name: 'responseIssuer', section: 'SAML Profiles 4.1.4.2', check: responseIssuer },
  { name: 'assertionIssuer', section: 'SAML Profiles 4.1.4.2', check: assertionIssuer },
  { name: 'destination', section: 'SAML Core 3.2.2', check: destination },
  { name: 'conditionsUnderstood', section: 'SAML Core 2.5.1', check: conditionsUnderstood },
  { name: 'audience', section: 'SAML Profiles 4.1.4.2', check: audience },
  { name: 'bearerConfirmed', section: 'SAML Profiles 4.1.4.2', check: bearerConfirmed },
  { name: 'confirmationRecipient', section: 'SAML Profiles 4.1.4.2', check: confirmationRecipient },
  { name: 'responseIssueInstant', section: 'SAML Core 3.2.2', check: responseIssueInstant },
  { name: 'assertionIssueInstant', section: 'SAML Core 2.3.3', check: assertionIssueInstant },
  { name: 'conditionsNotBefore', section: 'SAML Core 2.5.1.2', check: conditionsNotBefore },
  { name: 'conditionsNotOnOrAfter', section: 'SAML Core 2.5.1.2', check: conditionsNotOnOrAfter },
  { name: 'confirmationNotBefore', section: 'SAML Core 2.4.1.2', check: confirmationNotBefore },
  { name: 'confirmationNotOnOrAfter', section: 'SAML Profiles 4.1.4.2', check: confirmationNotOnOrAfter },
  { name: 'lifetime', section: 'saml-jit', check: lifetime },
  { name: 'responseInResponseTo', section: 'SAML Core 3.2.2', check: responseInResponseTo },
  { name: 'confirmationInResponseTo', section: 'SAML Profiles 4.1.4.2', check: confirmationInResponseTo },
  { name: 'authnStatementPresent', section: 'SAML Profiles 4.1.4.2', check: authnStatementPresent },
  { name: 'authnInstant', section: 'SAML Core 2.7.2', check: authnInstant },
  { name: 'sessionNotOnOrAfter', section: 'SAML Core 2.7.2', check: sessionNotOnOrAfter },
  { name: 'nameIdPresent', section: 'SAML Profiles 4.1.4.2', check: nameIdPresent },
  { name: 'nameIdFormat', section: 'SAML Core 3.4.1.1', check: nameIdFormat },
  { name: 'nameIdQualifier', section: 'SAML Core 8.3.7', check: nameIdQualifier },
];
