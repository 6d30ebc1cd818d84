import type { Connection } from '../connections/connection.ts';
import type { Profile } from './profile.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import type { Arrival } from './situation.ts';
import type { SubjectProblem } from './subject.ts';
import type { Account, Identity } from './user-store.ts';

/** An arrival that passed {@link checkPreconditions}, and the identity under which the person is known. */
export type Screened = { readonly identity: Identity } | Rejection;

/** The rejections that come before anybody is looked up: rows 19, 24 and 1 to 4. */
export function checkPreconditions<U extends Account<string>>({
  connection,
  organization,
  profile,
}: Arrival<U>): Screened {
  if (!connection.enabled) {
    return reject('connection_disabled', `Connection "${connection.id}" is disabled; enable it to let people sign in.`);
  }
  if (!organization.sso) {
    const hint = `Organization "${connection.organizationId}" is not entitled to single sign-on; change its plan.`;
    return reject('sso_not_in_plan', hint);
  }
  return requiredAttributes(connection, profile) ?? mapped(connection, profile);
}

function requiredAttributes({ policy }: Connection, { required }: Profile): Rejection | null {
  for (const [name, expected] of Object.entries(policy.requiredAttributes)) {
    const received = Object.hasOwn(required, name) ? (required[name] ?? null) : null;
    if (received?.includes(expected)) continue;
    const hint =
      `The connection requires attribute "${name}" with the value ${quoted([expected])}; received ` +
      `${received === null ? 'no such attribute' : quoted(received)}. Send it from the identity provider, or change ` +
      'policy.requiredAttributes.';
    return reject('attribute_mismatch', hint);
  }
  return null;
}

function mapped(connection: Connection, profile: Profile): Screened {
  if (profile.emailProblem?.kind === 'invalid') {
    const { received } = profile.emailProblem;
    const spelling = /^[\0-\x7F]*$/.test(received)
      ? ''
      : ' A domain that is not ASCII must have the one spelling that IDNA 2008 defines for it: lower case, composed characters.';
    const hint = `Expected an e-mail address, received ${quoted([received])}; send one address, without a name or blanks.${spelling}`;
    return reject('email_invalid', hint);
  }
  if (profile.subjectProblem !== null) return reject('subject_invalid', subjectHint(profile.subjectProblem));
  if (profile.subject === null) {
    if (profile.email === null) return emailMissing(profile);
    return reject(
      'subject_missing',
      'Expected a lasting NameID, or an attribute mapped as subject, of at most 1,024 characters (qualifiers too); the NameID is absent or ' +
        'transient, which is new at each login. Send a persistent one or the e-mail address as NameID, map an ' +
        "attribute as subject, or let policy.subject: 'email' take the e-mail address, which follows a reassigned address. " +
        received(profile),
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

function subjectHint(problem: SubjectProblem): string {
  switch (problem.kind) {
    case 'several':
      return (
        `Expected one value of the attribute that is mapped as subject, received ${quoted(problem.received)}: which of them ` +
        'comes first may change, and then one person would become another. Send one value from the identity provider, or ' +
        'map idp.mapping.subject to an attribute that has one.'
      );
    case 'domain':
      return (
        `Expected a subject that is an e-mail address with a domain in ASCII, received ${quoted([problem.received])}: other ` +
        'spellings of one domain look alike. Send the domain in its ASCII form (xn--...), or a persistent identifier.'
      );
  }
}

/** Row 1: fatal for everybody who is not known by subject. */
export function emailMissing(profile: Profile): Rejection {
  return reject(
    'email_missing',
    'Expected an e-mail address; no attribute that is mapped to it arrived with a value, and the NameID is none. Send an ' +
      'attribute "email" from the identity provider (in Entra ID, fill the Mail field of the person: claims/name is a login ' +
      `name and is not taken), or map idp.mapping.email to one that is sent: a text is its Name, { friendlyName } its ` +
      `FriendlyName. ${received(profile)}`,
  );
}

function received(profile: Profile): string {
  return `Attributes received: ${quoted(profile.receivedAttributes)}.`;
}
