import { z } from 'zod';
import { SamlError } from '../errors.ts';
import { closest } from '../lib/closest.ts';
import { maxLifetimeSeconds } from '../saml/response-options.ts';
import { maxCertificates, parseTrustedKey } from '../xml/certificates.ts';
import { endpointProblem, normalizeDomain } from './addresses.ts';
import type { AttributeMapping, Connection, PresetName } from './connection.ts';
import { decryptionSchema } from './decryption.ts';
import { checkMapping, resolveIdentityProvider } from './identity-provider.ts';
import type { ConnectionInput, PolicyInput, SourceInput } from './input.ts';
import { type CausedIssue, configurationError, fromZod } from './issues.ts';
import { resolvePolicy, roleIssues, withoutPrototype } from './policy.ts';
import { presetAlias, presets } from './presets.ts';
import { isPublicMailDomain } from './public-mail-domains.ts';
import { resolveSecurity } from './security.ts';
import { customAttributeSchema, sourceSchema } from './source.ts';
import { maxConnectionId, maxOrganizationId, table, text } from './values.ts';

const certificate = z.string().superRefine((value, context) => {
  try {
    parseTrustedKey(value);
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    context.addIssue({ code: 'custom', message: error.hint, params: { error } });
  }
});
const endpoint = text.superRefine((url, context) => {
  const message = endpointProblem(url);
  if (message) context.addIssue({ code: 'custom', message });
});
const domain = z.string().transform((value, context) => {
  const normalized = normalizeDomain(value);
  if (normalized === null) {
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(value)} is not a domain name, expected e.g. example.com`,
    });
  } else if (isPublicMailDomain(normalized)) {
    context.addIssue({
      code: 'custom',
      message: `${normalized} is a public mail domain, where anyone can get an address: remove it`,
    });
  }
  return normalized ?? '';
});
const presetNames = Object.keys(presets);
const presetName = z.custom<PresetName>().superRefine((value: unknown, context) => {
  if (typeof value === 'string' && Object.hasOwn(presets, value)) return;
  const suggestion = typeof value === 'string' ? (presetAlias(value) ?? closest(value, presetNames)) : undefined;
  context.addIssue({
    code: 'custom',
    message: `expected one of ${presetNames.join(', ')}`,
    params: { suggestion },
  });
});

const mappingSchema = z.strictObject({
  subject: sourceSchema.optional(),
  email: sourceSchema.optional(),
  name: sourceSchema.optional(),
  firstName: sourceSchema.optional(),
  lastName: sourceSchema.optional(),
  role: sourceSchema.optional(),
  groups: sourceSchema.optional(),
  customAttributes: table(customAttributeSchema, 100).optional(),
});
const ssoSchema = z.strictObject({ redirect: endpoint.optional(), post: endpoint.optional() });
const idpSchema = z.strictObject({
  metadata: z.string().optional(),
  entityId: text.optional(),
  ssoUrl: endpoint.optional(),
  sso: ssoSchema.optional(),
  certificate: certificate.optional(),
  certificates: z
    .array(certificate)
    .min(1, 'must hold a certificate')
    .max(maxCertificates, `holds more than ${maxCertificates} certificates`)
    .optional(),
  requireSigned: z.enum(['either', 'response', 'assertion', 'both']).optional(),
  binding: z.enum(['redirect', 'post']).optional(),
  signRequests: z.boolean().optional(),
  requestSignatureHash: z.enum(['sha256', 'sha384', 'sha512']).optional(),
  nameIdFormat: text.nullable().optional(),
  preset: presetName.optional(),
  mapping: mappingSchema.optional(),
});
const whenSchema = z.enum(['always', 'onCreate']).optional();
const syncSchema = z.strictObject({ name: whenSchema, role: whenSchema, email: whenSchema });
const clearable = z.union([z.literal('name'), z.templateLiteral(['customAttributes.', z.string().min(1)])], {
  error: 'expected name, or customAttributes. followed by the key of a further attribute',
});
const policySchema = z.strictObject({
  mode: z.enum(['create-and-update', 'create-only', 'update-only', 'off']).optional(),
  roleMap: table(z.string(), 10_000).optional(),
  unmappedRoles: z.enum(['ignore', 'match']).optional(),
  defaultRole: z.string().nullable().optional(),
  roleCeiling: z.string().nullable().optional(),
  protectedRole: z.string().nullable().optional(),
  absentGroups: z.enum(['unknown', 'none']).optional(),
  groupsOverage: z.enum(['unknown', 'reject']).optional(),
  sync: syncSchema.optional(),
  keepManual: z.array(z.enum(['name', 'role', 'email'])).optional(),
  clearable: z.array(clearable).optional(),
  rebind: z.boolean().optional(),
  linkUnverified: z.enum(['never', 'verifiedDomains']).optional(),
  recreate: z.boolean().optional(),
  requireDomains: z.boolean().optional(),
  requiredAttributes: table(z.string(), 100).optional(),
  subject: z.literal('email').nullable().optional(),
  idpInitiated: z.enum(['restart', 'allow', 'refuse']).optional(),
});
const securitySchema = z.strictObject({
  allowSha1: z.boolean().optional(),
  allowAesCbc: z.boolean().optional(),
  requireDestination: z.boolean().optional(),
  maxAssertionLifetimeSeconds: z.number().int().min(60).max(maxLifetimeSeconds).optional(),
});
// An id is a segment of the path `/acs/{id}`.
const idPattern = /^(?!\.{1,2}$)[\w.~:@-]+$/;
const connectionId = text
  .regex(idPattern, 'may hold letters, digits and . _ ~ : @ - only')
  .max(maxConnectionId, `is longer than ${maxConnectionId} characters`);
const connectionSchema = z.strictObject({
  id: connectionId.optional(),
  organizationId: text.max(maxOrganizationId, `is longer than ${maxOrganizationId} characters`).optional(),
  enabled: z.boolean().optional(),
  idp: idpSchema,
  domains: z.array(domain).optional(),
  policy: policySchema.optional(),
  security: securitySchema.optional(),
  decryption: decryptionSchema.optional(),
  spEntityId: text.optional(),
  acs: z.enum(['shared', 'own']).optional(),
});

// For suggestions; issues repeat no input.
const reportInput = { reportInput: true };

const objects = {
  '': connectionSchema,
  idp: idpSchema,
  'idp.sso': ssoSchema,
  'idp.mapping': mappingSchema,
  policy: policySchema,
  security: securitySchema,
  'policy.sync': syncSchema,
};
const keys = Object.fromEntries(Object.entries(objects).map(([path, { shape }]) => [path, Object.keys(shape)]));

// The interface is written by hand, to keep zod out of the public types; both must accept the same values.
// Sources are compared as declared: their schema already has the type of the interface.
type ReadonlyDeep<T> = [SourceInput] extends [T] ? T : ReadonlyKeys<T>;
type ReadonlyKeys<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
type _IsSame = Same<ReadonlyDeep<z.input<typeof connectionSchema>>, ReadonlyDeep<ConnectionInput>>;
const _isSame: _IsSame = true;

/** Defaults for {@link parseConnection}, and what the connection is validated against. */
export interface ConnectionOptions {
  readonly defaults?: ConnectionDefaults | undefined;
  /** The application's roles; the policy may name no others. Default: not checked. */
  readonly roles?: readonly string[] | undefined;
  /** Metadata whose `validUntil` is before this time is refused. Default: the current time; `null`: not checked. */
  readonly now?: Date | null | undefined;
  /**
   * Whether `createSso` has a `signing` key: without one, a connection whose AuthnRequests must be signed is refused.
   * Default: not checked.
   */
  readonly canSign?: boolean | undefined;
}

/** Values for settings that a connection omits. */
export interface ConnectionDefaults {
  /** Default `default`; `null`: each connection must name its own. */
  readonly id?: string | null | undefined;
  /** Default `default`; `null`: each connection must name its own. */
  readonly organizationId?: string | null | undefined;
  /** Takes precedence over the policy of the preset and the general defaults. */
  readonly policy?: PolicyInput | undefined;
}

/**
 * Validates and completes the settings of one connection. Certificates, metadata and XPath mappings are parsed here, so
 * that settings that cannot work are refused at configuration.
 *
 * @param input settings from code, a form or a database
 * @param options the roles of the application and defaults; `now` is the time at which metadata must be valid
 * @throws ConfigurationError with an issue for each mistake; its `cause` is the SamlError of the first certificate or
 * metadata among them
 *
 * @example
 * ```ts
 * const connection = parseConnection({
 *   id: 'acme',
 *   organizationId: 'acme',
 *   idp: { metadata: await readFile('idp-metadata.xml', 'utf8') },
 * });
 * ```
 */
export function parseConnection(input: unknown, options: ConnectionOptions = {}): Connection {
  const parsed = connectionSchema.safeParse(input, reportInput);
  if (!parsed.success) throw configurationError(nameOf(input), fromZod(parsed.error.issues, keys));
  const { data } = parsed;
  const issues: CausedIssue[] = [];
  const named = (key: 'id' | 'organizationId'): string => {
    const fallback = options.defaults?.[key];
    if (data[key] === undefined && fallback === null) {
      issues.push({ path: [key], message: 'is required where there are several connections' });
    }
    return data[key] ?? fallback ?? 'default';
  };
  const [id, organizationId] = [named('id'), named('organizationId')];
  const idp = resolveIdentityProvider(data.idp, {
    now: options.now === undefined ? new Date() : options.now,
    canSign: options.canSign,
  });
  const preset = 'issues' in idp ? undefined : presets[idp.preset].policy;
  const policy = resolvePolicy(data.policy, options.defaults?.policy, preset);
  issues.push(...roleIssues(policy, options.roles));
  if ('issues' in idp) issues.push(...idp.issues);
  if ('issues' in idp || issues.length > 0) throw configurationError(nameOf(input), issues);
  return {
    id,
    organizationId,
    enabled: data.enabled ?? true,
    idp,
    domains: [...new Set(data.domains)],
    policy,
    security: resolveSecurity(data.security),
    decryption: data.decryption,
    spEntityId: data.spEntityId,
    acs: data.acs ?? 'shared',
  };
}

/** Validates a default policy. @throws ConfigurationError with an issue for each mistake */
export function checkPolicy(policy: unknown, roles: readonly string[] | undefined): void {
  const parsed = z.strictObject({ policy: policySchema.optional() }).safeParse({ policy }, reportInput);
  const issues = parsed.success ? roleIssues(parsed.data.policy ?? {}, roles) : fromZod(parsed.error.issues, keys);
  if (issues.length > 0) throw configurationError('invalid default policy', issues);
}

const profileSchema = z.strictObject({
  spEntityId: text,
  preset: presetName.optional(),
  mapping: mappingSchema.optional(),
  domains: z.array(domain).optional(),
  subject: z.literal('email').nullable().optional(),
});
const profileKeys = { '': Object.keys(profileSchema.shape), mapping: Object.keys(mappingSchema.shape) };

/** The options of `readProfile`, validated and complete. */
export interface ProfileSettings {
  readonly spEntityId: string;
  readonly preset: PresetName;
  readonly mapping: AttributeMapping;
  readonly domains: readonly string[];
  readonly subject: 'email' | null | undefined;
}

/** Validates the options of `readProfile`. @throws ConfigurationError that lists every problem with its path */
export function parseProfileSettings(input: unknown): ProfileSettings {
  const what = 'invalid options of readProfile';
  const parsed = profileSchema.safeParse(input, reportInput);
  if (!parsed.success) throw configurationError(what, fromZod(parsed.error.issues, profileKeys));
  const { data } = parsed;
  const issues: CausedIssue[] = [];
  const mapping = { ...data.mapping, customAttributes: withoutPrototype(data.mapping?.customAttributes ?? {}) };
  checkMapping(mapping, (path, message) => issues.push({ path, message }));
  if (issues.length > 0) throw configurationError(what, issues);
  return {
    spEntityId: data.spEntityId,
    preset: data.preset ?? 'generic',
    mapping,
    domains: [...new Set(data.domains)],
    subject: data.subject,
  };
}

/** Whether this text, e.g. of a URL, may be the id of a connection. */
export function isConnectionId(id: string): boolean {
  return id.length <= maxConnectionId && idPattern.test(id);
}

function nameOf(input: unknown): string {
  const named = z.looseObject({ id: z.string() }).safeParse(input);
  return named.success ? `invalid connection ${JSON.stringify(named.data.id)}` : 'invalid connection';
}
