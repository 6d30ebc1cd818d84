import { SamlError } from '../errors.ts';
import { type IdpMetadata, parseIdpMetadata } from '../saml/idp-metadata.ts';
import { nameIdFormats } from '../saml/names.ts';
import { endpointProblem } from './addresses.ts';
import type { AttributeMapping, AttributeSource, IdentityProvider } from './connection.ts';
import type { IdentityProviderInput, MappingInput, SourceInput } from './input.ts';
import { withoutPrototype } from './policy.ts';
import { detectPreset } from './presets.ts';
import type { Problem } from './problems.ts';

type Report = (path: readonly string[], message: string, cause?: unknown) => void;

const maxSelectors = 10;

/** Completes the settings of an identity provider, or tells what is wrong with them. Each value alone was validated. */
export function resolveIdentityProvider(
  input: IdentityProviderInput,
  now: Date,
): IdentityProvider | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report: Report = (path, message, cause) => problems.push({ path: ['idp', ...path], message, cause });
  const facts = input.metadata === undefined ? fromSettings(input, report) : fromMetadata(input, now, report);
  const mapping = resolveSources(input.mapping ?? {});
  const { custom, ...fields } = mapping;
  const selectors = [...Object.values(fields), ...Object.values(custom)].filter((source) => source?.kind === 'xpath');
  // Each is evaluated over a whole assertion; a customer may write them.
  if (selectors.length > maxSelectors) report(['mapping'], `has more than ${maxSelectors} XPath selectors`);
  const nameIdFormat = resolveNameIdFormat(input.nameIdFormat ?? null, report);
  if (!facts || problems.length > 0) return { problems };
  return {
    entityId: facts.entityId,
    sso: facts.sso,
    certificates: facts.certificates,
    requireSigned: input.requireSigned ?? 'either',
    allowSha1: input.allowSha1 ?? false,
    signRequests: input.signRequests ?? facts.wantAuthnRequestsSigned,
    nameIdFormat,
    preset: input.preset ?? detectPreset(facts),
    mapping,
  };
}

type Facts = Pick<IdpMetadata, 'entityId' | 'sso' | 'certificates' | 'wantAuthnRequestsSigned'>;

function fromMetadata(input: IdentityProviderInput, now: Date, report: Report): Facts | undefined {
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

function fromSettings(input: IdentityProviderInput, report: Report): Facts | undefined {
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

function resolveSources(input: MappingInput): AttributeMapping {
  const { custom = {}, ...fields } = input;
  const resolve = (record: Readonly<Record<string, SourceInput | undefined>>): Record<string, AttributeSource> =>
    Object.fromEntries(
      Object.entries(record).flatMap(([key, source]) => (source === undefined ? [] : [[key, toSource(source)]])),
    );
  return { ...resolve({ ...fields }), custom: withoutPrototype(resolve(custom)) };
}

function toSource(input: SourceInput): AttributeSource {
  if (typeof input === 'string') return { kind: 'attributes', names: [input] };
  return 'xpath' in input ? { kind: 'xpath', expression: input.xpath } : { kind: 'attributes', names: input };
}
