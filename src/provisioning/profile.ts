import type { AttributeMapping, AttributeSource, Connection } from '../connections/connection.ts';
import type { Assertion } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import { asciiLowerCase, emailKey, inDomains, parseEmail } from './email.ts';

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
  /** Further mapped attributes that arrived; an empty list arrived empty. */
  readonly custom: Readonly<Record<string, readonly string[]>>;
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
  /** Values of the first attribute of `source` that the assertion has; `null` if it has none of them. */
  readonly read: (source: AttributeSource) => readonly string[] | null;
}

/** Reads the profile of a person out of a validated assertion (rows 1 to 5 of the decision table). */
export function readProfile(input: ProfileInput): Profile {
  const { assertion, mapping, read } = input;
  const email = readEmail(input);
  const groups = candidates(mapping.groups, read)?.values ?? (mapping.groups && read(mapping.groups) ? [] : null);
  return {
    ...readSubject(input, email.email),
    ...email,
    ...readName(input, email.email),
    roleValues: candidates(mapping.role, read)?.values ?? [],
    groups: hasOverage(assertion)
      ? { kind: 'overage' }
      : groups
        ? { kind: 'values', values: groups }
        : { kind: 'absent' },
    custom: Object.fromEntries(
      Object.entries(mapping.custom).flatMap(([key, source]) => {
        const values = read(source);
        return values === null ? [] : [[key, filled(values)]];
      }),
    ),
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
  const received = candidates(input.mapping.email, input.read)?.values ?? nameIdEmail(input.assertion);
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
  const found = candidates(input.mapping.subject, input.read);
  const attribute = found?.values[0];
  if (attribute !== undefined) {
    const folded = caseInsensitive.test(found?.name ?? '') ? asciiLowerCase(attribute) : attribute;
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
  const values = (source: AttributeSource | undefined) =>
    candidates(source, read)?.values.map(tidyName).find(Boolean) ?? '';
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

/** The first candidate that arrived with a value: some identity providers send every attribute, many of them empty. */
function candidates(
  source: AttributeSource | undefined,
  read: ProfileInput['read'],
): { readonly name: string | null; readonly values: readonly string[] } | null {
  if (source === undefined) return null;
  for (const name of source.kind === 'attributes' ? source.names : [null]) {
    const values = filled(read(name === null ? source : { kind: 'attributes', names: [name] }) ?? []);
    if (values.length > 0) return { name, values };
  }
  return null;
}

function filled(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.trim() !== '');
}
