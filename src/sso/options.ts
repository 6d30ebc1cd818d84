import { ConfigurationError, checkAt, invalidOption } from '../configuration-error.ts';
import { oneLine } from '../connections/issues.ts';
import { type ConnectionRegistry, connectionRegistry } from '../connections/registry.ts';
import { isLoopback } from '../lib/hosts.ts';
import { onceADay } from '../lib/once-a-day.ts';
import { parseUrl } from '../lib/parse-url.ts';
import type { Account } from '../provisioning/user-store.ts';
import { memoryReplayCache } from '../stores/memory-replay-cache.ts';
import { resolveDecryptionPairs } from '../xml/decryption-pairs.ts';
import { resolveLimits } from '../xml/limits.ts';
import { callApplication } from './call-application.ts';
import { certificateWatch } from './certificate-watch.ts';
import { eventStream, type SsoEventBody } from './events.ts';
import { expectOptions } from './expect-options.ts';
import { warnOfMetadata } from './metadata-validity.ts';
import { indexPinnedKeys } from './other-connection.ts';
import { requestCookies } from './request-cookie.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import { returnToPolicy } from './return-to.ts';
import { roleMapWarning } from './role-map-warning.ts';
import { expectOwnDecryptionKeys } from './shared-keys.ts';
import { type SigningPair, signingPair } from './signing-pair.ts';
import type { Organization, SsoOptions } from './types.ts';

export type { ResolvedSso };

/** Validates the options of `createSso` and fills in the defaults. @throws TypeError that names the option */
export function resolveSso<U extends Account<string>>(options: SsoOptions<U>): ResolvedSso<U> {
  expectOptions(options);
  const baseUrl = parseBaseUrl(options.baseUrl);
  const { clockSkewSeconds = 60, requestLifetimeSeconds = 1800, now = () => new Date(), onEvent, roles } = options;
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= 300))
    throw invalidOption(['clockSkewSeconds'], 'must be from 0 to 300');
  if (!(requestLifetimeSeconds >= 60 && requestLifetimeSeconds <= 86_400)) {
    throw invalidOption(['requestLifetimeSeconds'], 'must be from 60 to 86400');
  }
  const signing = options.signing && signingPair(options.signing);
  const decryptionKeys = checkAt(['decryption'], () => resolveDecryptionPairs(options.decryption ?? []));
  const emit = eventStream(onEvent, now);
  const entityId = options.entityId ?? `${baseUrl}/metadata`;
  const registry = connectionRegistry(options.connections, {
    defaults: { policy: options.policy },
    roles,
    onInvalid: ({ id, error }) =>
      emit({ type: 'warning', connectionId: id, warning: 'connection_invalid', hint: oneLine(error) }),
    callStore: callApplication,
  });
  expectOwnDecryptionKeys(registry.all, decryptionKeys);
  const firstToday = onceADay(now);
  if (signing === undefined) expectNoSigning(options.connections, registry, emit);
  else warnOfSigningKey(signing, emit);
  for (const connection of registry.all) warnOfMetadata({ emit, firstToday }, connection, now());
  const warnOfRoleMap = roleMapWarning(roles, emit);
  for (const connection of registry.all) warnOfRoleMap(connection);
  return {
    users: options.users,
    roles,
    policy: options.policy,
    discoverByDomain: options.discoverByDomain,
    baseUrl,
    registry,
    ...connectionSource(options.connections),
    cookies: requestCookies({
      secrets: Array.isArray(options.secret) ? options.secret : [options.secret],
      application: baseUrl,
      secure: baseUrl.startsWith('https:'),
      lifetimeSeconds: requestLifetimeSeconds,
      now,
    }),
    returnTo: returnToPolicy(options.returnTo),
    replayCache: options.replayCache ?? memoryReplayCache({ now }),
    signing,
    decryptionKeys,
    ownFingerprints: new Set([...[signing ?? [], decryptionKeys].flat().map(({ fingerprint }) => fingerprint)]),
    limits: resolveLimits(options.limits),
    crossCheck: options.crossCheck !== false,
    clockSkewSeconds,
    requestLifetimeSeconds,
    certificateWatch: certificateWatch(),
    pinnedKeys: indexPinnedKeys(registry.all),
    organization: async (id) => {
      const { organization } = options;
      if (organization === undefined) return { sso: true, seats: null };
      return await callApplication('organization()', async () => expectOrganization(id, await organization(id)));
    },
    now,
    firstToday,
    emit,
    warnOfRoleMap,
    entityIdOf: (connection) => connection?.spEntityId ?? entityId,
    acsUrlOf: (connection) =>
      connection?.acs === 'own' ? `${baseUrl}/acs/${encodeURIComponent(connection.id)}` : `${baseUrl}/acs`,
  };
}

/** Where the connections are: in a store, or in code. */
function connectionSource(
  connections: SsoOptions<Account<string>>['connections'],
): Pick<ResolvedSso<Account<string>>, 'connectionStore' | 'connectionInputs'> {
  if ('find' in connections && 'get' in connections) return { connectionStore: connections, connectionInputs: [] };
  return { connectionStore: null, connectionInputs: [connections].flat() };
}

function expectOrganization(id: string, organization: Organization | undefined): Organization {
  const { scim } = organization ?? {};
  if (scim !== undefined && typeof scim !== 'boolean') {
    throw new TypeError(`organization(${JSON.stringify(id)}): scim must be true or false; received ${typeof scim}`);
  }
  if (typeof organization?.sso === 'boolean') {
    const { seats } = organization;
    // NaN or a missing field would mean no limit.
    if (seats === null || (typeof seats === 'number' && seats >= 0)) return organization;
    throw new TypeError(
      `organization(${JSON.stringify(id)}): seats must be null or a number; received ${String(seats)}`,
    );
  }
  const received = organization ? `an object whose sso is ${typeof organization.sso}` : String(organization);
  throw new TypeError(
    `organization(${JSON.stringify(id)}) must resolve to { sso: boolean, seats: number | null }; received ${received}`,
  );
}

/**
 * Checks connections whose requests must be signed, without a signing key. For the only connection, or with `signRequests:
 * true` in code, it is a mistake of the developer. The metadata of one customer among several must not stop the application.
 *
 * @throws TypeError
 */
function expectNoSigning(
  connections: SsoOptions<Account<string>>['connections'],
  { all, only }: ConnectionRegistry,
  emit: (event: SsoEventBody) => void,
): void {
  const inputs = [connections].flat();
  for (const [index, { id, idp }] of all.entries()) {
    if (idp.signRequests !== true) continue;
    const input = inputs[index];
    const inCode = input !== undefined && 'idp' in input && input.idp.signRequests === true;
    if (only !== null || inCode)
      throw new ConfigurationError(cannotSign(id), [{ path: ['signing'], message: 'is required' }]);
    emit({ type: 'warning', connectionId: id, warning: 'signing_key_missing', hint: `${cannotSign(id)}.` });
  }
}

function warnOfSigningKey({ privateKey }: SigningPair, emit: (event: SsoEventBody) => void): void {
  if (privateKey.asymmetricKeyType !== 'ec') return;
  emit({
    type: 'warning',
    connectionId: null,
    warning: 'ec_signing_key',
    hint: 'The signing key of createSso is an EC key. Identity providers rarely verify ECDSA signatures of AuthnRequests (none of six products that were tested does): use an RSA key of 2048 bits or more.',
  });
}

/** Explains why a connection that signs requests cannot be used. */
export function cannotSign(connectionId: string): string {
  return `connection ${JSON.stringify(connectionId)} signs requests (idp.signRequests, or because the metadata of its identity provider asks for it): give createSso a signing key and certificate, or set idp.signRequests of the connection to false if the identity provider accepts unsigned requests`;
}

function parseBaseUrl(text: string): string {
  const url = parseUrl(text);
  if (url === null) throw invalidOption(['baseUrl'], 'must be an absolute URL, such as https://app.example.com/sso');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidOption(['baseUrl'], 'must be https; http is for loopback (localhost) only');
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw invalidOption(['baseUrl'], 'must not have a query, a fragment or credentials');
  }
  let path = url.pathname;
  while (path.endsWith('/')) path = path.slice(0, -1);
  return `${url.origin}${path}`;
}
