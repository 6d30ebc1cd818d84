import type { AttributeSource } from '../connections/connection.ts';
import { emailAttributes } from '../connections/presets.ts';
import type { AssertionSubject } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import { asciiLowerCase, normalizeEmail } from './email.ts';
import type { Profile, ProfileInput } from './profile.ts';
import { arrived, type Candidate, candidates } from './sources.ts';
import { describeIdentity } from './user-store.ts';

/** Why the identifier of a person that arrived cannot be used. */
export type SubjectProblem =
  /** The attribute has several values: which of them comes first may change. */
  | { readonly kind: 'several'; readonly received: readonly string[] }
  /** It is an e-mail address whose domain is not ASCII: its spelling may change. */
  | { readonly kind: 'domain'; readonly received: string };

/** Those fields of a profile that say who the person is. */
export type ProfileSubject = Pick<
  Profile,
  'subject' | 'subjectSource' | 'subjectProblem' | 'nameQualifier' | 'spNameQualifier'
>;

type Qualifiers = Pick<Profile, 'nameQualifier' | 'spNameQualifier'>;

// Identifiers of OASIS saml-subject-id-attr 1.0 compare case-insensitively (sections 3.3 and 3.4).
const caseInsensitive = /^(?:urn:oasis:names:tc:SAML:attribute:)?(?:subject|pairwise)-id$/;

/** Reads the stable key of the person (row 4 of the decision table). */
export function readSubject(input: ProfileInput, email: string | null): ProfileSubject {
  const { connection, mapping } = input;
  const { domains, idp, policy } = connection;
  const { subject: nameId } = input.assertion;
  for (const candidate of mapping.subject ? candidates(mapping.subject) : []) {
    if ((arrived(candidate.source, input.read) ?? []).length > 0) return fromAttribute(input, candidate);
  }
  // Where the connection names the attribute itself, another key would split one person into two.
  if (idp.mapping.subject !== undefined) return none;
  if (nameId !== null && nameId.format !== nameIdFormats.transient) {
    const isEmail = nameId.format === nameIdFormats.emailAddress;
    const subject = isEmail ? foldEmail(nameId.nameId) : nameId.nameId;
    return made('nameId', subject, nameId.nameId, qualifiersOf(input, nameId));
  }
  const byEmail = policy.subject === 'email' || (policy.subject === undefined && domains.length > 0);
  return byEmail && email !== null ? made('email', normalizeEmail(email), email) : none;
}

function fromAttribute(input: ProfileInput, { source, name = '' }: Candidate): ProfileSubject {
  const fold = folding(input, name);
  const several = ambiguity(input, source, fold);
  if (several !== null) return { ...none, subjectProblem: { kind: 'several', received: several } };
  const [value = ''] = arrived(source, input.read) ?? [];
  const [nameId] = input.nameIds(source);
  return made('attribute', fold(value), value, nameId && qualifiersOf(input, nameId));
}

/** How subjects of an attribute compare; the function gives `null` for one that cannot be used. */
function folding({ mapping }: ProfileInput, name: string): (value: string) => string | null {
  if (caseInsensitive.test(name)) return asciiLowerCase;
  const isMapped = mapping.email !== undefined && candidates(mapping.email).some((each) => each.name === name);
  return name !== '' && (isMapped || emailAttributes.has(name)) ? foldEmail : (value) => value;
}

/** The e-mail address in ASCII lower case, other text as it is; `null`: its domain is not ASCII. */
function foldEmail(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at !== -1 && /[^\0-\x7F]/.test(text.slice(at + 1))) return null;
  return normalizeEmail(text) ?? text;
}

/** The values of a source that do not all name one person, or of a part that it takes the first value of; else `null`. */
function ambiguity(
  input: ProfileInput,
  source: AttributeSource,
  fold: (value: string) => string | null = (value) => value,
): readonly string[] | null {
  const values = arrived(source, input.read) ?? [];
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

/** The sources whose first value alone counts in a value of this one. */
function partsOf(source: AttributeSource, { read }: Pick<ProfileInput, 'read'>): readonly AttributeSource[] {
  switch (source.kind) {
    case 'join':
      return source.sources;
    case 'firstOf': {
      const first = source.sources.find((each) => (arrived(each, read) ?? []).length > 0);
      return first === undefined ? [] : [first];
    }
    case 'split':
    case 'map':
      return partsOf(source.source, { read });
    default:
      return [];
  }
}

/** The qualifiers of a NameID that are not those of the identity provider and this application (SAML Core 8.3.7). */
function qualifiersOf({ connection, spEntityId }: ProfileInput, nameId: AssertionSubject): Qualifiers {
  const { nameQualifier, spNameQualifier } = nameId;
  return {
    ...(nameQualifier && nameQualifier !== connection.idp.entityId && { nameQualifier }),
    ...(spNameQualifier && spNameQualifier !== spEntityId && { spNameQualifier }),
  };
}

const none: ProfileSubject = { subject: null, subjectSource: null, subjectProblem: null };
/** SAML Core 8.3.7 allows 256 characters; attributes have no limit, an index of a database does. */
const maxLength = 1024;

function made(
  source: Profile['subjectSource'],
  subject: string | null,
  received: string,
  qualifiers: Qualifiers = {},
): ProfileSubject {
  if (subject === null) return { ...none, subjectProblem: { kind: 'domain', received } };
  const { nameQualifier = '', spNameQualifier = '' } = qualifiers;
  const parts = [subject, nameQualifier, spNameQualifier];
  if (subject.trim() === '' || parts.some(({ length }) => length > maxLength)) return none;
  return { subject, subjectSource: source, subjectProblem: null, ...qualifiers };
}
