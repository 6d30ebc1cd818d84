import type { CustomAttributeSource, PresetName } from '../connections/connection.ts';
import type { MappingInput } from '../connections/input.ts';
import { resolveMapping } from '../connections/presets.ts';
import { type ProfileSettings, parseProfileSettings } from '../connections/schema.ts';
import type { Assertion } from '../saml/assertion.ts';
import { withInnerSources } from '../saml/attribute-source.ts';
import { attributeReader } from '../saml/select.ts';
import { inDomains } from './email.ts';
import { mapProfile } from './map-profile.ts';
import type { Profile } from './profile.ts';

/** Options of {@link readProfile}. */
export interface ReadProfileOptions {
  /** Entity ID of the application, as in `validateResponse`. An SPNameQualifier equal to it is not part of the subject. */
  readonly spEntityId: string;
  /** Product of the identity provider, whose attribute names are tried. Default `generic`. */
  readonly preset?: PresetName | undefined;
  /** Where each field is read; a field left out uses the attribute names of the preset. XPath selectors are not supported. */
  readonly mapping?: MappingInput | undefined;
  /**
   * Verified e-mail domains of the organization. Of several e-mails the first inside them is used; one outside them is
   * `emailProblem`, and is not a subject either. Default none: then the identity provider may name any address. Public mail
   * domains are refused.
   */
  readonly domains?: readonly string[] | undefined;
  /**
   * `email`: without a stable NameID or mapped attribute, the e-mail is the subject; `null`: the subject is then `null`.
   * Default: `email` if there are `domains`.
   */
  readonly subject?: 'email' | null | undefined;
}

/**
 * Reads subject (SAML Core 2.4.1, 8.3.7), e-mail, name, role, groups and further attributes (SAML Core 2.7.3) from a
 * validated assertion, as `createSso` does: rules
 * email-source to unknown-groups of docs/provisioning-rules.md. For applications that use `validateResponse` alone.
 *
 * It decides nothing: check `subject`, `subjectProblem`, `email` and `emailProblem` before an account is looked up.
 *
 * @param assertion the result of `validateResponse`; values of any other origin are not verified
 * @param options mapping, preset and verified domains of the connection
 * @throws ConfigurationError for options that are not valid
 * @throws TypeError for an XPath selector, which needs the signed XML that an `Assertion` no longer contains (use
 * `createSso`); for a value that is not an `Assertion`
 * @throws SamlError `message_too_large` if a mapping splits a list into more than 5,000 values, or joins more than 65,536
 * characters
 *
 * @example
 * ```ts
 * import { type Assertion, readProfile } from 'saml-jit';
 *
 * export function emailOf(assertion: Assertion): string | null {
 *   const { subject, email, groups } = readProfile(assertion, {
 *     spEntityId: 'https://app.example.com/sso/metadata',
 *     preset: 'okta',
 *     mapping: { role: 'appRole', customAttributes: { department: 'department' } },
 *     domains: ['example.com'],
 *   });
 *   console.log(subject, groups.kind === 'values' ? groups.values : groups.kind);
 *   return email;
 * }
 * ```
 */
export function readProfile(assertion: Assertion, options: ReadProfileOptions): Profile {
  expectAssertion(assertion);
  const settings = parseProfileSettings(options);
  expectNoXPath(settings);
  const { domains, mapping, preset, spEntityId, subject } = settings;
  const profile = mapProfile({
    assertion,
    connection: {
      domains,
      policy: { subject, requiredAttributes: {} },
      // validateResponse accepts no other issuer than the configured identity provider.
      idp: { entityId: assertion.issuer, mapping },
    },
    mapping: resolveMapping({ mapping, preset }),
    spEntityId,
    ...attributeReader(assertion, null),
  });
  return domains.length === 0 ? profile : withEmailInside(profile, domains);
}

/** An identity provider is not authoritative for addresses of other domains: an account found by one may be another user's. */
function withEmailInside(profile: Profile, domains: readonly string[]): Profile {
  const { email, subjectSource, nameIsFallback } = profile;
  if (email === null || inDomains(email, domains)) return profile;
  return {
    ...profile,
    email: null,
    emailProblem: { kind: 'domain', received: email },
    ...(subjectSource === 'email' && { subject: null, subjectSource: null }),
    ...(nameIsFallback && { name: null, nameIsFallback: false }),
  };
}

function expectAssertion(assertion: unknown): void {
  const isAssertion =
    typeof assertion === 'object' &&
    assertion !== null &&
    'attributes' in assertion &&
    assertion.attributes instanceof Map &&
    'attributeList' in assertion &&
    Array.isArray(assertion.attributeList);
  if (!isAssertion) throw new TypeError('readProfile expects the Assertion that validateResponse resolved to');
}

function expectNoXPath({ mapping: { customAttributes, ...fields } }: ProfileSettings): void {
  const sources: readonly (readonly [string, CustomAttributeSource | undefined])[] = [
    ...Object.entries(fields),
    ...Object.entries(customAttributes).map(([key, source]) => [`customAttributes.${key}`, source] as const),
  ];
  for (const [field, source] of sources) {
    if (source === undefined) continue;
    const inner = withInnerSources(source.kind === 'typed' ? source.source : source);
    if (!inner.some(({ kind }) => kind === 'xpath')) continue;
    throw new TypeError(
      `readProfile cannot read mapping.${field} by XPath: a selector is evaluated on the signed XML, which an Assertion does ` +
        'not contain. Name the attribute, or use createSso.',
    );
  }
}
