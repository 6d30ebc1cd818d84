import type { Connection } from '../connections/connection.ts';
import type { Account, Identity } from './account.ts';
import type { Profile, SubjectProblem } from './profile.ts';
import { firstItems, quoted, type Rejection, reject } from './reject.ts';
import type { LoginContext } from './situation.ts';

/** The result of {@link checkPreconditions}: the identity to look up, or a rejection. */
export type PreconditionResult = { readonly identity: Identity } | Rejection;

/** The rejections that precede the look-up: rules disabled-connection, sso-not-in-plan and required-attributes, then mapping. */
export function checkPreconditions<U extends Account<string>>({
  connection,
  organization,
  profile,
}: LoginContext<U>): PreconditionResult {
  if (!connection.enabled) {
    const hint = `Connection "${connection.id}" is disabled; enable it to let people sign in.`;
    return reject('connection_disabled', hint, { connectionId: connection.id });
  }
  if (!organization.sso) {
    const hint = `Organization "${connection.organizationId}" is not entitled to single sign-on; change its plan.`;
    return reject('sso_not_in_plan', hint, { organizationId: connection.organizationId });
  }
  return checkRequiredAttributes(connection, profile) ?? checkProfile(connection, profile);
}

function checkRequiredAttributes({ policy }: Connection, { required }: Profile): Rejection | null {
  for (const [name, expected] of Object.entries(policy.requiredAttributes)) {
    const received = Object.hasOwn(required, name) ? (required[name] ?? null) : null;
    if (received?.includes(expected)) continue;
    const hint =
      `The connection requires attribute "${name}" with the value ${quoted([expected])}; received ` +
      `${received === null ? 'no such attribute' : quoted(received)}. Send it from the identity provider, or change ` +
      'policy.requiredAttributes.';
    const details = { attribute: name, expected, received: received && firstItems(received) };
    return reject('attribute_mismatch', hint, details);
  }
  return null;
}

function checkProfile(connection: Connection, profile: Profile): PreconditionResult {
  if (profile.emailProblem?.kind === 'invalid') {
    const { received } = profile.emailProblem;
    const spelling = /^[\0-\x7F]*$/.test(received)
      ? ''
      : ' A domain that is not ASCII must have the one spelling that IDNA 2008 defines for it: lower case, composed characters.';
    const hint = `Expected an e-mail address, received ${quoted([received])}; send one address, without a name or blanks.${spelling}`;
    return reject('email_invalid', hint, { received });
  }
  if (profile.subjectProblem !== null) return rejectSubject(profile.subjectProblem);
  if (profile.subject === null) {
    if (profile.email === null) return rejectMissingEmail(profile);
    return reject(
      'subject_missing',
      'Expected a lasting NameID, or an attribute mapped as subject, of at most 1,024 characters (qualifiers too); the NameID is absent or ' +
        'transient, which is new at each login. Send a persistent one or the e-mail address as NameID, map an ' +
        "attribute as subject, or let policy.subject: 'email' take the e-mail address, which follows a reassigned address. " +
        received(profile),
      { receivedAttributes: firstItems(profile.receivedAttributes) },
    );
  }
  const { subject, nameQualifier, spNameQualifier } = profile;
  return {
    identity: {
      connectionId: connection.id,
      issuer: connection.idp.entityId,
      subject,
      ...(nameQualifier && { nameQualifier }),
      ...(spNameQualifier && { spNameQualifier }),
    },
  };
}

function rejectSubject(problem: SubjectProblem): Rejection {
  switch (problem.kind) {
    case 'several':
      return reject(
        'subject_invalid',
        `Expected one value of the attribute that is mapped as subject, received ${quoted(problem.received)}: their order ` +
          'may change, and then one person would become another. Send one value from the identity provider, or ' +
          'map idp.mapping.subject to an attribute that has one.',
        { problem: 'several_values', received: firstItems(problem.received) },
      );
    case 'domain':
      return reject(
        'subject_invalid',
        `Expected a subject that is an e-mail address with a domain in ASCII, received ${quoted([problem.received])}: other ` +
          'spellings of one domain look alike. Send the domain in its ASCII form (xn--...), or a persistent identifier.',
        { problem: 'domain_not_ascii', received: [problem.received] },
      );
  }
}

/** Rule email-source: a user who is not known by subject needs an e-mail. */
export function rejectMissingEmail(profile: Profile): Rejection {
  return reject(
    'email_missing',
    'Expected an e-mail address; no attribute that is mapped to it arrived with a value, and the NameID is not one. Send an ' +
      'attribute "email" from the identity provider (in Entra ID, fill the Mail field of the person: claims/name is a login ' +
      `name and is not taken), or map idp.mapping.email to one that is sent: a string is its Name, { friendlyName } its ` +
      `FriendlyName. ${received(profile)}`,
    { receivedAttributes: firstItems(profile.receivedAttributes) },
  );
}

function received(profile: Profile): string {
  return `Attributes received: ${quoted(profile.receivedAttributes)}.`;
}
