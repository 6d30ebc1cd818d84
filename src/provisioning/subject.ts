import type { AttributeSource } from '../connections/connection.ts';
import { emailAttributes } from '../connections/presets.ts';
import type { AssertionSubject } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import { describeIdentity } from './account.ts';
import { asciiLowerCase, normalizeEmail } from './email.ts';
import type { Profile, ProfileInput, ProfileSubject } from './profile.ts';
import { type Candidate, candidates, readValues } from './sources.ts';

type Qualifiers = Pick<Profile, 'nameQualifier' | 'spNameQualifier'>;

// Identifiers of OASIS saml-subject-id-attr 1.0 compare case-insensitively (sections 3.3 and 3.4).
const caseInsensitive = /^(?:urn:oasis:names:tc:SAML:attribute:)?(?:subject|pairwise)-id$/;

/** Reads the stable key of the user (rule stable-subject). */
export function readSubject(input: ProfileInput, email: string | null): ProfileSubject {
  const { connection, mapping } = input;
  const { domains, idp, policy } = connection;
  const { subject: nameId } = input.assertion;
  for (const candidate of mapping.subject ? candidates(mapping.subject) : []) {
    if ((readValues(candidate.source, input.read) ?? []).length > 0) return fromAttribute(input, candidate);
  }
  // The connection names the attribute itself: falling back to another key would give one user two accounts.
  if (idp.mapping.subject !== undefined) return noSubject;
  if (nameId !== null && nameId.format !== nameIdFormats.transient) {
    const isEmail = nameId.format === nameIdFormats.emailAddress;
    const subject = isEmail ? foldEmail(nameId.nameId) : nameId.nameId;
    return toSubject('nameId', subject, nameId.nameId, qualifiersOf(input, nameId));
  }
  const byEmail = policy.subject === 'email' || (policy.subject === undefined && domains.length > 0);
  return byEmail && email !== null ? toSubject('email', normalizeEmail(email), email) : noSubject;
}

function fromAttribute(input: ProfileInput, { source, name = '' }: Candidate): ProfileSubject {
  const fold = folding(input, name);
  const several = ambiguity(input, source, fold);
  if (several !== null) return { ...noSubject, subjectProblem: { kind: 'several', received: several } };
  const [value = ''] = readValues(source, input.read) ?? [];
  const [nameId] = input.nameIds(source);
  return toSubject('attribute', fold(value), value, nameId && qualifiersOf(input, nameId));
}

/** How subjects of an attribute are normalized for comparison; `null` for one that cannot be used. */
function folding({ mapping }: ProfileInput, name: string): (value: string) => string | null {
  if (caseInsensitive.test(name)) return asciiLowerCase;
  const isMapped = mapping.email !== undefined && candidates(mapping.email).some((each) => each.name === name);
  return name !== '' && (isMapped || emailAttributes.has(name)) ? foldEmail : (value) => value;
}

/** An e-mail address in ASCII lower case, other text unchanged; `null` for a domain that is not ASCII. */
function foldEmail(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at !== -1 && /[^\0-\x7F]/.test(text.slice(at + 1))) return null;
  return normalizeEmail(text) ?? text;
}

/** The values of a source, or of a part of it, if they identify more than one user; else `null`. */
function ambiguity(
  input: ProfileInput,
  source: AttributeSource,
  fold: (value: string) => string | null = (value) => value,
): readonly string[] | null {
  const values = readValues(source, input.read) ?? [];
  if (new Set(values.map(fold)).size > 1) return values;
  const nameIds = input.nameIds(source);
  const distinct = new Set(nameIds.map((nameId) => JSON.stringify(qualifiersOf(input, nameId))));
  if (distinct.size > 1) return nameIds.map((nameId) => describeIdentity({ subject: nameId.nameId, ...nameId }));
  for (const part of partsOf(source, input)) {
    const several = ambiguity(input, part);
    if (several !== null) return several;
  }
  return null;
}

/** The inner sources of which only the first value is used. */
function partsOf(source: AttributeSource, { read }: Pick<ProfileInput, 'read'>): readonly AttributeSource[] {
  switch (source.kind) {
    case 'join':
      return source.sources;
    case 'firstOf': {
      const first = source.sources.find((each) => (readValues(each, read) ?? []).length > 0);
      return first === undefined ? [] : [first];
    }
    case 'split':
    case 'map':
      return partsOf(source.source, { read });
    default:
      return [];
  }
}

/** The qualifiers of a NameID that differ from the entity IDs of identity provider and application (SAML Core 8.3.7). */
function qualifiersOf({ connection, spEntityId }: ProfileInput, nameId: AssertionSubject): Qualifiers {
  const { nameQualifier, spNameQualifier } = nameId;
  return {
    ...(nameQualifier && nameQualifier !== connection.idp.entityId && { nameQualifier }),
    ...(spNameQualifier && spNameQualifier !== spEntityId && { spNameQualifier }),
  };
}

const noSubject: ProfileSubject = { subject: null, subjectSource: null, subjectProblem: null };
/** SAML Core 8.3.7 allows 256 characters; attributes have no limit, but database indexes do. */
const maxLength = 1024;

function toSubject(
  source: Profile['subjectSource'],
  subject: string | null,
  received: string,
  qualifiers: Qualifiers = {},
): ProfileSubject {
  if (subject === null) return { ...noSubject, subjectProblem: { kind: 'domain', received } };
  const { nameQualifier = '', spNameQualifier = '' } = qualifiers;
  const parts = [subject, nameQualifier, spNameQualifier];
  if (subject.trim() === '' || parts.some(({ length }) => length > maxLength)) return noSubject;
  return { subject, subjectSource: source, subjectProblem: null, ...qualifiers };
}
