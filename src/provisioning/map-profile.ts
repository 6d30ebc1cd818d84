import type { AttributeSource } from '../connections/connection.ts';
import type { Assertion } from '../saml/assertion.ts';
import { nameIdFormats } from '../saml/names.ts';
import { canonicalValues } from './custom-attributes.ts';
import { inDomains, normalizeEmail, parseEmail } from './email.ts';
import type { Profile, ProfileInput } from './profile.ts';
import { quoted } from './reject.ts';
import { readValues } from './sources.ts';
import { readSubject } from './subject.ts';

/** Reads the profile of a user from a validated assertion: rules email-source to unknown-groups. */
export function mapProfile(input: ProfileInput): Profile {
  const { assertion, mapping, read } = input;
  const email = readEmail(input);
  const groups = readValues(mapping.groups, read);
  return {
    ...readSubject(input, email.email),
    ...email,
    ...readName(input, email.email),
    roleValues: readValues(mapping.role, read) ?? [],
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

// Rule email-source, and rule email-address for several values.
function readEmail(input: ProfileInput): Pick<Profile, 'email' | 'emailProblem'> {
  const mapped = readValues(input.mapping.email, input.read) ?? [];
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

// Rule display-name. A full name that the connection maps itself has precedence; the preset's candidates (displayName, cn)
// come last.
function readName(input: ProfileInput, email: string | null): Pick<Profile, 'name' | 'nameIsFallback' | 'nameIsEmpty'> {
  const { connection, mapping, read } = input;
  const values = (source: AttributeSource | undefined) => readValues(source, read)?.map(tidyName).find(Boolean) ?? '';
  const firstAndLast = () => tidyName(`${values(mapping.firstName)} ${values(mapping.lastName)}`);
  const name = values(connection.idp.mapping.name) || firstAndLast() || values(mapping.name);
  if (name !== '') return { name, nameIsFallback: false, nameIsEmpty: false };
  const nameIsEmpty = [mapping.name, mapping.firstName, mapping.lastName].some(
    (source) => source && read(source) !== null,
  );
  return { name: email?.slice(0, email.indexOf('@')) ?? null, nameIsFallback: email !== null, nameIsEmpty };
}

// Removes control characters and those that reorder text; keeps joiners, which several scripts need.
function tidyName(text: string): string {
  const clean = text.replace(/(?!\s)[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '');
  return [...clean.replace(/\s+/g, ' ').trim().slice(0, 1024)].slice(0, 256).join('').trim();
}

// Entra ID replaces more than 150 groups by a link; its documentation writes the Name with a leading blank.
function hasOverage(assertion: Assertion): boolean {
  return [...assertion.attributes.keys()].some(
    (name) => name.trim() === 'http://schemas.microsoft.com/claims/groups.link',
  );
}

// A mapping can copy one attribute many times, and the store keeps every copy.
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
    const values = readValues(source.kind === 'typed' ? source.source : source, read);
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
