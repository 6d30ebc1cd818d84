import type { AttributeMapping, AttributeSource, Connection } from '../connections/connection.ts';
import type { Assertion } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import type { AttributeReader } from '../saml/select.ts';
import { canonicalValues } from './custom-attributes.ts';
import { inDomains, normalizeEmail, parseEmail } from './email.ts';
import { quoted } from './reject.ts';
import { arrived } from './sources.ts';
import { readSubject, type SubjectProblem } from './subject.ts';

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
  /** Something that should be the subject arrived, and cannot be used; why. */
  readonly subjectProblem: SubjectProblem | null;
  /** NameQualifier of the subject where it is another one than the issuer; left out: none, or that. */
  readonly nameQualifier?: string | undefined;
  /** SPNameQualifier of the subject where it is another one than the application's entity ID; left out: none, or that. */
  readonly spNameQualifier?: string | undefined;
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
  readonly customAttributes: Readonly<Record<string, readonly string[]>>;
  /** Further mapped attributes that count as absent, because what arrived is not of their type or too long; why. */
  readonly customAttributeProblems: Readonly<Record<string, string>>;
  /** What arrived for each of `policy.requiredAttributes`; `null`: nothing. */
  readonly required: Readonly<Record<string, readonly string[] | null>>;
  /** Names of all attributes of the assertion, for hints. */
  readonly receivedAttributes: readonly string[];
}

/** Input of {@link readProfile}: with the attributes of the assertion, as `attributeReader` reads them. */
export interface ProfileInput extends AttributeReader {
  /** Validated. */
  readonly assertion: Assertion;
  readonly connection: Pick<Connection, 'domains' | 'policy' | 'idp'>;
  /** `connection.idp.mapping`, completed with the candidates of the preset. */
  readonly mapping: AttributeMapping;
  /** Entity ID of the application for this connection. */
  readonly spEntityId: string;
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
    ...readCustomAttributeFields(input),
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
  return subject?.format === nameIdFormats.unspecified && normalizeEmail(subject.nameId) !== null
    ? [subject.nameId]
    : [];
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

function readCustomAttributeFields({
  mapping,
  read,
}: ProfileInput): Pick<Profile, 'customAttributes' | 'customAttributeProblems'> {
  const customAttributes: [string, readonly string[]][] = [];
  const problems: [string, string][] = [];
  let characters = 0;
  for (const [key, source] of Object.entries(mapping.customAttributes)) {
    const type = source.kind === 'typed' ? source.type : 'strings';
    const values = arrived(source.kind === 'typed' ? source.source : source, read);
    if (values === null) continue;
    const canonical = values.length === 0 ? values : canonicalValues(type, values);
    const size = canonical?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    if (canonical === null) problems.push([key, `expected a ${type}, received ${quoted(values.slice(0, 1))}`]);
    else if (characters + size > maxCustomCharacters) problems.push([key, 'is too long']);
    else {
      customAttributes.push([key, canonical]);
      characters += size;
    }
  }
  return {
    customAttributes: Object.fromEntries(customAttributes),
    customAttributeProblems: Object.fromEntries(problems),
  };
}
