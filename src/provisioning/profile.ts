import type { AttributeMapping, AttributeSource, Connection } from '../connections/connection.ts';
import type { Assertion } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import { canonicalValues, filled } from './custom.ts';
import { asciiLowerCase, emailKey, inDomains, parseEmail } from './email.ts';
import { quoted } from './reject.ts';

/** The groups of a person, as far as the assertion tells: absent, empty and too many to list are three things. */
export type Groups =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'absent' }
  /** The identity provider says that there are more groups than it sends. */
  | { readonly kind: 'overage' };

/** Why a profile has no e-mail address. */
export type EmailProblem = { readonly kind: 'missing' } | { readonly kind: 'invalid'; readonly received: string };

/** A person as one assertion describes them, read by the connection's mapping. JSON-safe. */
export interface Profile {
  /** Stable key, in the form that is stored and compared exactly; `null`: the assertion has none. */
  readonly subject: string | null;
  readonly subjectSource: 'nameId' | 'attribute' | 'email' | null;
  /** As sent; `null` with {@link Profile.emailProblem}. */
  readonly email: string | null;
  readonly emailProblem: EmailProblem | null;
  /** Full name, at most 256 characters. */
  readonly name: string | null;
  /** `name` is only the part of the e-mail address before the `@`. */
  readonly nameIsFallback: boolean;
  /** A name attribute arrived, and is empty. */
  readonly nameIsEmpty: boolean;
  /** Values of the role attribute; empty if none arrived. */
  readonly roleValues: readonly string[];
  readonly groups: Groups;
  /** Further mapped attributes that arrived, in the spelling of their type; an empty list arrived empty. */
  readonly custom: Readonly<Record<string, readonly string[]>>;
  /** Further mapped attributes that count as absent, because what arrived is not of their type or too long; why. */
  readonly customProblems: Readonly<Record<string, string>>;
  /** What arrived for each of `policy.requiredAttributes`; `null`: nothing. */
  readonly required: Readonly<Record<string, readonly string[] | null>>;
  /** Names of all attributes of the assertion, for hints. */
  readonly receivedAttributes: readonly string[];
}

/** Input of {@link readProfile}. */
export interface ProfileInput {
  /** Validated. */
  readonly assertion: Assertion;
  readonly connection: Pick<Connection, 'domains' | 'policy' | 'idp'>;
  /** `connection.idp.mapping`, completed with the candidates of the preset. */
  readonly mapping: AttributeMapping;
  /** The values that a source gives; without any, or with blank ones only, it arrived empty. `null`: it did not arrive. */
  readonly read: (source: AttributeSource) => readonly string[] | null;
}

/** Reads the profile of a person out of a validated assertion (rows 1 to 5 of the decision table). */
export function readProfile(input: ProfileInput): Profile {
  const { assertion, mapping, read } = input;
  const email = readEmail(input);
  const groups = arrived(mapping.groups, read);
  return {
    ...readSubject(input, email.email),
    ...email,
    ...readName(input, email.email),
    roleValues: arrived(mapping.role, read) ?? [],
    groups: hasOverage(assertion)
      ? { kind: 'overage' }
      : groups
        ? { kind: 'values', values: groups }
        : { kind: 'absent' },
    ...readCustomFields(input),
    required: Object.fromEntries(
      Object.keys(input.connection.policy.requiredAttributes).map((name) => [
        name,
        read({ kind: 'attributes', names: [name] }),
      ]),
    ),
    receivedAttributes: [...assertion.attributes.keys()],
  };
}

const maxEmails = 100;

// Row 1, and row 2 for several values.
function readEmail(input: ProfileInput): Pick<Profile, 'email' | 'emailProblem'> {
  const mapped = arrived(input.mapping.email, input.read) ?? [];
  const received = mapped.length > 0 ? mapped : nameIdEmail(input.assertion);
  const emails = received.slice(0, maxEmails).flatMap((value) => parseEmail(value)?.text ?? []);
  const email = emails.find((each) => inDomains(each, input.connection.domains)) ?? emails[0];
  if (email !== undefined) return { email, emailProblem: null };
  const [first] = received;
  return {
    email: null,
    emailProblem: first === undefined ? { kind: 'missing' } : { kind: 'invalid', received: first },
  };
}

function nameIdEmail({ subject }: Assertion): readonly string[] {
  if (subject?.format === nameIdFormats.emailAddress) return [subject.nameId];
  return subject?.format === nameIdFormats.unspecified && emailKey(subject.nameId) !== null ? [subject.nameId] : [];
}

// Identifiers of OASIS saml-subject-id-attr 1.0 compare case-insensitively (sections 3.3 and 3.4).
const caseInsensitive = /^(?:urn:oasis:names:tc:SAML:attribute:)?(?:subject|pairwise)-id$/;

// Row 4.
function readSubject(input: ProfileInput, email: string | null): Pick<Profile, 'subject' | 'subjectSource'> {
  const { subject: nameId } = input.assertion;
  const { domains, idp, policy } = input.connection;
  for (const { source, name } of input.mapping.subject ? candidates(input.mapping.subject) : []) {
    const attribute = arrived(source, input.read)?.[0];
    if (attribute === undefined) continue;
    const folded = caseInsensitive.test(name ?? '') ? asciiLowerCase(attribute) : attribute;
    return subjectFrom('attribute', emailKey(folded) ?? folded);
  }
  // Where the connection names the attribute itself, another key would split one person into two.
  if (idp.mapping.subject !== undefined) return { subject: null, subjectSource: null };
  if (nameId !== null && nameId.format !== nameIdFormats.transient) {
    const spelling = nameId.format === nameIdFormats.emailAddress || nameId.format === nameIdFormats.unspecified;
    return subjectFrom('nameId', (spelling ? emailKey(nameId.nameId) : null) ?? nameId.nameId);
  }
  const byEmail = policy.subject === 'email' || (policy.subject === undefined && domains.length > 0);
  return subjectFrom('email', byEmail && email !== null ? emailKey(email) : null);
}

// SAML Core 8.3.7 allows 256 characters; attributes have no limit, an index of a database does.
function subjectFrom(
  source: Profile['subjectSource'],
  subject: string | null,
): Pick<Profile, 'subject' | 'subjectSource'> {
  const usable = subject !== null && subject.trim() !== '' && subject.length <= 1024;
  return usable ? { subject, subjectSource: source } : { subject: null, subjectSource: null };
}

// Row 3. A full name that the connection maps itself comes first; the preset's candidates (displayName, cn) come last.
function readName(input: ProfileInput, email: string | null): Pick<Profile, 'name' | 'nameIsFallback' | 'nameIsEmpty'> {
  const { connection, mapping, read } = input;
  const values = (source: AttributeSource | undefined) => arrived(source, read)?.map(tidyName).find(Boolean) ?? '';
  const firstAndLast = () => tidyName(`${values(mapping.firstName)} ${values(mapping.lastName)}`);
  const name = values(connection.idp.mapping.name) || firstAndLast() || values(mapping.name);
  if (name !== '') return { name, nameIsFallback: false, nameIsEmpty: false };
  const nameIsEmpty = [mapping.name, mapping.firstName, mapping.lastName].some(
    (source) => source && read(source) !== null,
  );
  return { name: email?.slice(0, email.indexOf('@')) ?? null, nameIsFallback: email !== null, nameIsEmpty };
}

// Control characters and those that reorder text; joiners stay, several scripts need them.
function tidyName(text: string): string {
  const clean = text.replace(/(?!\s)[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '');
  return [...clean.replace(/\s+/g, ' ').trim().slice(0, 1024)].slice(0, 256).join('').trim();
}

// Entra ID replaces more than 150 groups by a link; its documentation spells the Name with a leading blank.
function hasOverage(assertion: Assertion): boolean {
  return [...assertion.attributes.keys()].some(
    (name) => name.trim() === 'http://schemas.microsoft.com/claims/groups.link',
  );
}

// A mapping can make much of one attribute, and the store keeps it all.
const maxCustomCharacters = 1_048_576;

function readCustomFields({ mapping, read }: ProfileInput): Pick<Profile, 'custom' | 'customProblems'> {
  const custom: [string, readonly string[]][] = [];
  const problems: [string, string][] = [];
  let characters = 0;
  for (const [key, source] of Object.entries(mapping.custom)) {
    const type = source.kind === 'typed' ? source.type : 'strings';
    const values = arrived(source.kind === 'typed' ? source.source : source, read);
    if (values === null) continue;
    const canonical = values.length === 0 ? values : canonicalValues(type, values);
    const size = canonical?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    if (canonical === null) problems.push([key, `expected a ${type}, received ${quoted(values.slice(0, 1))}`]);
    else if (characters + size > maxCustomCharacters) problems.push([key, 'is too long']);
    else {
      custom.push([key, canonical]);
      characters += size;
    }
  }
  return { custom: Object.fromEntries(custom), customProblems: Object.fromEntries(problems) };
}

/** The values that arrived, without blank ones. */
function arrived(source: AttributeSource | undefined, read: ProfileInput['read']): readonly string[] | null {
  const values = source === undefined ? null : read(source);
  return values && filled(values);
}

/** The sources that make up a source, best first, with the name of the attribute that each reads. */
function candidates(source: AttributeSource): readonly { readonly source: AttributeSource; readonly name?: string }[] {
  switch (source.kind) {
    case 'attributes':
      return source.names.map((name) => ({ source: { kind: 'attributes', names: [name] }, name }));
    case 'firstOf':
      return source.sources.flatMap(candidates);
    case 'attribute':
      return [{ source, name: source.name ?? source.friendlyName ?? '' }];
    default:
      return [{ source }];
  }
}
