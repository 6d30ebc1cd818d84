import { SamlError } from '../errors.ts';
import { mayBeConstant, withInnerSources } from '../saml/attribute-source.ts';
import { type IdpMetadata, parseIdpMetadata } from '../saml/idp-metadata.ts';
import { nameIdFormats } from '../saml/names.ts';
import { endpointProblem } from './addresses.ts';
import type { AttributeMapping, IdentityProvider } from './connection.ts';
import type { IdentityProviderInput } from './input.ts';
import { withoutPrototype } from './policy.ts';
import { detectPreset } from './presets.ts';
import type { Problem } from './problems.ts';

type Report = (path: readonly string[], message: string, cause?: unknown) => void;

/** The settings as validated one by one: the sources of the mapping are read already. */
export interface ParsedIdentityProvider extends Omit<IdentityProviderInput, 'mapping'> {
  readonly mapping?: { readonly [F in keyof AttributeMapping]?: AttributeMapping[F] | undefined } | undefined;
}

// Each is read at every login, an XPath selector over a whole assertion; a customer may write them.
const maxSources = 500;
const maxSelectors = 10;

/** Completes the settings of an identity provider, or tells what is wrong with them. Each value alone was validated. */
export function resolveIdentityProvider(
  input: ParsedIdentityProvider,
  now: Date,
): IdentityProvider | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report: Report = (path, message, cause) => problems.push({ path: ['idp', ...path], message, cause });
  const facts = input.metadata === undefined ? fromSettings(input, report) : fromMetadata(input, now, report);
  const mapping: AttributeMapping = { ...input.mapping, custom: withoutPrototype(input.mapping?.custom ?? {}) };
  checkMapping(mapping, report);
  const nameIdFormat = resolveNameIdFormat(input.nameIdFormat ?? null, report);
  if (!facts || problems.length > 0) return { problems };
  return {
    entityId: facts.entityId,
    sso: facts.sso,
    certificates: facts.certificates,
    requireSigned: input.requireSigned ?? 'either',
    signRequests: input.signRequests ?? facts.wantAuthnRequestsSigned,
    nameIdFormat,
    preset: input.preset ?? detectPreset(facts),
    mapping,
  };
}

type Facts = Pick<IdpMetadata, 'entityId' | 'sso' | 'certificates' | 'wantAuthnRequestsSigned'>;

function fromMetadata(input: ParsedIdentityProvider, now: Date, report: Report): Facts | undefined {
  for (const key of ['entityId', 'ssoUrl', 'sso', 'certificate', 'certificates'] as const) {
    if (input[key] !== undefined) report([key], 'is given by idp.metadata already: remove one of them');
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
  if (input.sso && ssoUrl !== undefined) report(['ssoUrl'], 'is given beside idp.sso: remove one of them');
  if (input.certificates && certificate !== undefined) {
    report(['certificate'], 'is given beside idp.certificates: remove one of them');
  }
  if (!sso.redirect && !sso.post) report(['ssoUrl'], 'is required, unless idp.sso or idp.metadata is given');
  if (certificates.length === 0) report(['certificate'], 'is required, unless idp.metadata is given');
  return entityId === undefined ? undefined : { entityId, sso, certificates, wantAuthnRequestsSigned: false };
}

function resolveNameIdFormat(format: string | null, report: Report): string | null {
  if (format === null || format.includes(':')) return format;
  const known = new Map<string, string>(Object.entries(nameIdFormats)).get(format);
  if (known === undefined)
    report(['nameIdFormat'], `expected a URI, or one of ${Object.keys(nameIdFormats).join(', ')}`);
  return known ?? null;
}

function checkMapping(mapping: AttributeMapping, report: Report): void {
  const { custom, ...fields } = mapping;
  const sources = [...Object.values(fields), ...Object.values(custom)].flatMap((source) =>
    source === undefined ? [] : withInnerSources(source.kind === 'typed' ? source.source : source),
  );
  if (sources.length > maxSources) report(['mapping'], `has more than ${maxSources} sources`);
  const selectors = sources.filter(({ kind }) => kind === 'xpath');
  if (selectors.length > maxSelectors) report(['mapping'], `has more than ${maxSelectors} XPath selectors`);
  for (const field of ['subject', 'email'] as const) {
    const source = mapping[field];
    if (source && mayBeConstant(source)) {
      report(['mapping', field], 'would be one and the same for several people: a constant alone tells nobody apart');
    }
  }
}
