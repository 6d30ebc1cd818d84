import { SamlError } from '../errors.ts';
import { mayBeConstant, withInnerSources } from '../saml/attribute-source.ts';
import { type IdpMetadata, parseIdpMetadata } from '../saml/idp-metadata.ts';
import { nameIdFormats } from '../saml/names.ts';
import { endpointProblem } from './addresses.ts';
import type { AttributeMapping, IdentityProvider } from './connection.ts';
import type { IdentityProviderInput } from './input.ts';
import type { CausedIssue } from './issues.ts';
import { withoutPrototype } from './policy.ts';
import { detectPreset } from './presets.ts';

/** Reports a problem at a path. */
export type Report = (path: readonly string[], message: string, cause?: unknown) => void;

/** The settings after each value was validated: the sources of the mapping are parsed. */
export interface ParsedIdentityProvider extends Omit<IdentityProviderInput, 'mapping'> {
  readonly mapping?: { readonly [F in keyof AttributeMapping]?: AttributeMapping[F] | undefined } | undefined;
}

// Each source is evaluated at every login, an XPath selector over a whole assertion; customers may write them.
const maxSources = 500;
const maxSelectors = 10;

/** What the settings are validated against. */
interface ValidationInput {
  /** `null`: `validUntil` of the metadata is not checked. */
  readonly now: Date | null;
  /** `undefined`: not checked. */
  readonly canSign: boolean | undefined;
}

/** Completes the settings of an identity provider, or returns what is wrong with them. Each value alone was validated. */
export function resolveIdentityProvider(
  input: ParsedIdentityProvider,
  { now, canSign }: ValidationInput,
): IdentityProvider | { readonly issues: readonly CausedIssue[] } {
  const issues: CausedIssue[] = [];
  const report: Report = (path, message, cause) => issues.push({ path: ['idp', ...path], message, cause });
  const facts = input.metadata === undefined ? fromSettings(input, report) : fromMetadata(input, now, report);
  const mapping: AttributeMapping = {
    ...input.mapping,
    customAttributes: withoutPrototype(input.mapping?.customAttributes ?? {}),
  };
  checkMapping(mapping, report);
  const nameIdFormat = resolveNameIdFormat(input.nameIdFormat ?? null, report);
  const binding = facts && resolveBinding(input.binding, facts.sso, report);
  const signRequests = input.signRequests ?? (facts?.wantAuthnRequestsSigned === true ? true : null);
  if (signRequests === true && canSign === false) {
    const [path, cause] =
      input.signRequests === true
        ? ['signRequests', 'is true']
        : ['metadata', 'its identity provider requires signed requests (WantAuthnRequestsSigned)'];
    report([path], `${cause}, and there is no signing key: give createSso a signing key and certificate`);
  }
  if (!facts || !binding || issues.length > 0) return { issues };
  return {
    entityId: facts.entityId,
    sso: facts.sso,
    certificates: facts.certificates,
    binding,
    requireSigned: input.requireSigned ?? 'either',
    signRequests,
    requestSignatureHash: input.requestSignatureHash ?? null,
    nameIdFormat,
    metadataValidUntil: facts.validUntil,
    preset: input.preset ?? detectPreset(facts),
    mapping,
  };
}

type Facts = Pick<IdpMetadata, 'entityId' | 'sso' | 'certificates' | 'wantAuthnRequestsSigned' | 'validUntil'>;

function fromMetadata(input: ParsedIdentityProvider, now: Date | null, report: Report): Facts | undefined {
  for (const key of ['entityId', 'ssoUrl', 'sso', 'certificate', 'certificates'] as const) {
    if (input[key] !== undefined) report([key], 'is already given by idp.metadata: remove one of them');
  }
  try {
    const metadata = parseIdpMetadata(input.metadata ?? '', { now });
    for (const url of [metadata.sso.redirect, metadata.sso.post]) {
      const problem = url && endpointProblem(url);
      if (problem) report(['metadata'], `its SingleSignOnService ${JSON.stringify(url)} ${problem}`);
    }
    return metadata;
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    report(['metadata'], error.hint, error);
    return undefined;
  }
}

function fromSettings(input: ParsedIdentityProvider, report: Report): Facts | undefined {
  const { entityId, ssoUrl, certificate } = input;
  const sso = input.sso ?? { redirect: ssoUrl };
  const certificates = input.certificates ?? (certificate === undefined ? [] : [certificate]);
  if (entityId === undefined) report(['entityId'], 'is required, unless idp.metadata is given');
  if (input.sso && ssoUrl !== undefined) report(['ssoUrl'], 'is given as well as idp.sso: remove one of them');
  if (input.certificates && certificate !== undefined) {
    report(['certificate'], 'is given as well as idp.certificates: remove one of them');
  }
  if (!sso.redirect && !sso.post) report(['ssoUrl'], 'is required, unless idp.sso or idp.metadata is given');
  if (certificates.length === 0) report(['certificate'], 'is required, unless idp.metadata is given');
  if (entityId === undefined) return undefined;
  return { entityId, sso, certificates, wantAuthnRequestsSigned: false, validUntil: null };
}

function resolveBinding(
  chosen: IdentityProvider['binding'] | undefined,
  sso: IdentityProvider['sso'],
  report: Report,
): IdentityProvider['binding'] {
  const binding = chosen ?? (sso.redirect === undefined ? 'post' : 'redirect');
  if (chosen !== undefined && sso[chosen] === undefined && (sso.redirect ?? sso.post) !== undefined) {
    const other = chosen === 'post' ? 'redirect' : 'post';
    report(['binding'], `is ${chosen}, and the identity provider has a single sign-on URL for ${other} only`);
  }
  return binding;
}

function resolveNameIdFormat(format: string | null, report: Report): string | null {
  if (format === null || format.includes(':')) return format;
  const known = new Map<string, string>(Object.entries(nameIdFormats)).get(format);
  if (known === undefined)
    report(['nameIdFormat'], `expected a URI, or one of ${Object.keys(nameIdFormats).join(', ')}`);
  return known ?? null;
}

/** Checks a mapping as a whole: its size, and that subject and e-mail differ between users. */
export function checkMapping(mapping: AttributeMapping, report: Report): void {
  const { customAttributes, ...fields } = mapping;
  const sources = [...Object.values(fields), ...Object.values(customAttributes)].flatMap((source) =>
    source === undefined ? [] : withInnerSources(source.kind === 'typed' ? source.source : source),
  );
  if (sources.length > maxSources) report(['mapping'], `has more than ${maxSources} sources`);
  const selectors = sources.filter(({ kind }) => kind === 'xpath');
  if (selectors.length > maxSelectors) report(['mapping'], `has more than ${maxSelectors} XPath selectors`);
  for (const field of ['subject', 'email'] as const) {
    const source = mapping[field];
    if (source && mayBeConstant(source)) {
      report(['mapping', field], 'would be the same for several people: a constant alone does not identify a person');
    }
  }
}
